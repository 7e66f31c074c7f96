package normalize

import (
	"errors"
	"fmt"

	"github.com/stancehq/stance/internal/normalize/jsonscan"
)

// tagKeys and tagValues are the names under which vendors list a tag's key and value.
var (
	tagKeys   = map[string]bool{"Key": true, "key": true, "TagKey": true, "tagKey": true}
	tagValues = map[string]bool{"Value": true, "value": true, "TagValue": true, "tagValue": true}
)

// Tags gives tags as one JSON object from key to text. They come as an object, or as a list of objects that have a key and
// a value under one of the usual names; a tag without a value has the value "". Of equal keys the last one counts.
func Tags(text []byte) ([]byte, error) {
	doc, err := JSON(text)
	if err != nil {
		return nil, err
	}
	var tags tagSet
	switch jsonscan.Kind(doc, 0) {
	case jsonscan.Object:
		_, err = jsonscan.Members(doc, 0, func(key []byte, value int) (int, error) {
			end, err := jsonscan.Skip(doc, value)
			if err != nil {
				return end, err
			}
			return end, tags.add(string(key), doc[value:end])
		})
	case jsonscan.List:
		_, err = jsonscan.Items(doc, 0, func(item int) (int, error) { return tags.addItem(doc, item) })
	default:
		err = errors.New("tags are neither a list nor an object")
	}
	if err != nil {
		return nil, err
	}
	return tags.appendJSON(nil), nil
}

type tagSet struct {
	keys   []string
	values map[string]string
}

func (t *tagSet) add(key string, value []byte) error {
	text, ok := scalarText(value)
	if !ok && jsonscan.Kind(value, 0) != jsonscan.Null {
		return errors.New("a tag's value is not text")
	}
	if t.values == nil {
		t.values = map[string]string{}
	}
	if _, have := t.values[key]; !have {
		t.keys = append(t.keys, key)
	}
	t.values[key] = text
	return nil
}

func (t *tagSet) addItem(doc []byte, item int) (int, error) {
	var key, value []byte
	end, err := jsonscan.Members(doc, item, func(name []byte, i int) (int, error) {
		end, err := jsonscan.Skip(doc, i)
		switch {
		case err != nil:
		case tagKeys[string(name)]:
			key = doc[i:end]
		case tagValues[string(name)]:
			value = doc[i:end]
		}
		return end, err
	})
	if err != nil {
		return end, fmt.Errorf("a tag is not a key and a value: %w", err)
	}
	text, ok := scalarText(key)
	if !ok {
		return end, errors.New("a tag has no key")
	}
	if value == nil {
		value = []byte("null")
	}
	return end, t.add(text, value)
}

func (t *tagSet) appendJSON(dst []byte) []byte {
	dst = append(dst, '{')
	for i, key := range t.keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(jsonscan.AppendQuoted(dst, key), ':')
		dst = jsonscan.AppendQuoted(dst, t.values[key])
	}
	return append(dst, '}')
}
