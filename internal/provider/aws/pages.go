package aws

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/stancehq/stance/internal/normalize/jsonscan"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/aws/wire"
)

// pageInput is a request's input with the page's tokens and size.
func pageInput(op *wire.Operation, request provider.Request) (map[string]any, error) {
	pager := op.Model.Pager
	if pager == nil {
		if request.Page != "" {
			return nil, fmt.Errorf("%s has no pages", op.Call())
		}
		return request.Input, nil
	}
	input := make(map[string]any, len(request.Input)+2)
	maps.Copy(input, request.Input)
	if request.Page != "" {
		tokens, err := decodePage(request.Page)
		if err != nil {
			return nil, err
		}
		maps.Copy(input, tokens)
	}
	if _, set := input[pager.LimitKey]; pager.LimitKey == "" || set || namesItems(op, input) {
		return input, nil
	}
	limit := pager.LimitMax
	if request.Limit > 0 && (limit == 0 || request.Limit < limit) {
		limit = request.Limit
	}
	if limit > 0 {
		input[pager.LimitKey] = limit
	}
	return input, nil
}

// namesItems says that the input names what it wants: EC2 then refuses a page size.
func namesItems(op *wire.Operation, input map[string]any) bool {
	if op.Service.Name != "ec2" {
		return false
	}
	for name := range input {
		if strings.HasSuffix(name, "Ids") || strings.HasSuffix(name, "Names") {
			return true
		}
	}
	return false
}

// nextPage gives what Answer.Next says after a page: the input tokens of the next one, or nothing after the last.
func nextPage(op *wire.Operation, page string, doc []byte) (string, error) {
	pager := op.Model.Pager
	if pager == nil {
		return "", nil
	}
	if pager.MoreResults != "" {
		more := at(doc, pager.MoreResults)
		if string(more) != "true" && string(more) != `"true"` {
			return "", nil
		}
	}
	tokens := map[string]json.RawMessage{}
	for i, path := range pager.OutputTokens {
		token := at(doc, path)
		if i >= len(pager.InputTokens) || len(token) == 0 || string(token) == `""` || string(token) == "null" {
			continue
		}
		tokens[pager.InputTokens[i]] = token
	}
	if len(tokens) == 0 {
		if pager.MoreResults != "" {
			return "", fmt.Errorf("%s says that there are more pages, but not how to ask for them", op.Call())
		}
		return "", nil
	}
	next, err := json.Marshal(tokens)
	if err != nil {
		return "", fmt.Errorf("keep page token: %w", err)
	}
	if string(next) == page {
		return "", fmt.Errorf("%s gave the same page token twice", op.Call())
	}
	return string(next), nil
}

func decodePage(page string) (map[string]any, error) {
	d := json.NewDecoder(strings.NewReader(page))
	d.UseNumber()
	var tokens map[string]any
	if err := d.Decode(&tokens); err != nil {
		return nil, fmt.Errorf("page %q is not one that was given out: %w", page, err)
	}
	return tokens, nil
}

// at finds the value at a dotted path in JSON text that package wire wrote. It skips over what it passes, because decoding a
// large page a second time for one short token would cost more than reading it did.
func at(doc []byte, path string) []byte {
	for path != "" {
		var name string
		name, path, _ = strings.Cut(path, ".")
		if doc = field(doc, name); doc == nil {
			return nil
		}
	}
	return doc
}

// errFound ends a walk.
var errFound = errors.New("found")

// field gives the value of the first member of that name in the text of an object, or nil.
func field(object []byte, name string) []byte {
	var found []byte
	_, _ = jsonscan.Members(object, 0, func(key []byte, start int) (int, error) {
		end := jsonscan.SkipValid(object, start)
		if string(key) == name {
			found = object[start:end]
			return end, errFound
		}
		return end, nil
	})
	return found
}
