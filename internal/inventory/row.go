package inventory

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/normalize/jsonscan"
)

// Beginnings of causes that are found here, and not by the call.
const (
	unexpectedType = "unexpected type: "
	brokenDocument = "broken: the document cannot be read"
)

// rowReader reads lines of the spool. Each of DuckDB's threads has one; what a row points to is valid until the next.
type rowReader struct {
	source     *source
	projection *projection
	doc        []byte
	report     Report
}

func newRowReader(s *source) *rowReader {
	return &rowReader{source: s, projection: s.projector.begin()}
}

// read gives a row for a line. A line that is broken gives a row of which all is unknown, so that its resource is never
// silence; it is false where not even the account can be read.
func (r *rowReader) read(line []byte) (*row, bool) {
	line = jsonscan.Repair(line)
	out, unknown, err := r.parse(line)
	if err != nil {
		r.report.Malformed++
		cause := brokenDocument + " (" + err.Error() + ")"
		if r.report.Cause == "" {
			r.report.Cause = cause
		}
		if len(out.account) == 0 {
			r.report.Lost++
			return nil, false
		}
		unknown = map[string]string{}
		for _, group := range r.source.projector.groups {
			unknown[group] = cause
		}
		r.doc, out.raw = append(r.doc[:0], '{'), nil
	}
	r.report.Rows++
	r.report.scope(out.account, out.region, out.scope)
	out.doc = r.finish(unknown)
	return out, true
}

// parse reads the members of a collect.Row and projects its document.
func (r *rowReader) parse(line []byte) (*row, map[string]string, error) {
	out := &row{}
	var unknown map[string]string
	start := jsonscan.Space(line, 0)
	hasDoc := false
	end, err := jsonscan.Members(line, start, func(key []byte, i int) (int, error) {
		if string(key) == "doc" && !hasDoc {
			if r.source.restored && jsonscan.Kind(line, i) == jsonscan.Null { // it could not be read, which unknown says
				hasDoc = true
				return jsonscan.Skip(line, i)
			}
			if jsonscan.Kind(line, i) != jsonscan.Object {
				return i, errors.New("it is not an object")
			}
			end, err := r.projection.read(line, i)
			out.raw, hasDoc = line[i:end], true
			return end, err
		}
		end, err := jsonscan.Skip(line, i)
		if err != nil {
			return end, err
		}
		switch token := line[i:end]; string(key) {
		case "account":
			out.account = text(token)
		case "partition":
			out.partition = text(token)
		case "region":
			out.region = text(token)
		case "scope":
			out.scope = text(token)
		case "at":
			// A time that cannot be read is NULL.
			out.at, _ = time.Parse(time.RFC3339Nano, string(text(token)))
		case "unknown":
			unknown, err = texts(line, i)
		}
		return end, err
	})
	switch {
	case err != nil:
		return out, nil, err
	case jsonscan.Space(line, end) < len(line):
		return out, nil, errors.New("more text after it")
	case !hasDoc:
		return out, nil, errors.New("there is none")
	}
	if out.raw == nil { // nothing of the last document must stay
		if _, err := r.projection.read([]byte("{}"), 0); err != nil {
			return out, nil, err
		}
	}
	known := len(unknown)
	r.doc, unknown = r.projection.append(r.doc[:0], unknown)
	if len(unknown) > known {
		for group, cause := range unknown {
			if strings.HasPrefix(cause, unexpectedType) {
				r.report.unexpected(group, Unexpected{Rows: 1, Cause: cause})
			}
		}
	}
	switch {
	case r.source.restored:
		out.raw = line
	case r.source.mask != nil:
		if out.raw, err = r.source.mask.Apply(out.raw); err != nil {
			return out, nil, err
		}
	}
	return out, unknown, nil
}

// finish ends the projected document with what is not known.
func (r *rowReader) finish(unknown map[string]string) []byte {
	r.doc = append(r.doc, `"_unknown":`...)
	if len(unknown) == 0 {
		r.doc = append(r.doc, "null}"...)
		return r.doc
	}
	groups := make([]string, 0, len(unknown))
	for group := range unknown {
		groups = append(groups, group)
	}
	slices.Sort(groups)
	for i, group := range groups {
		separator := byte(',')
		if i == 0 {
			separator = '{'
		}
		r.doc = append(jsonscan.AppendQuoted(append(r.doc, separator), group), ':')
		r.doc = jsonscan.AppendQuoted(r.doc, unknown[group])
	}
	r.doc = append(r.doc, "}}"...)
	return r.doc
}

// text gives the content of a string token, nil for any other. It may point into the token.
func text(token []byte) []byte {
	if jsonscan.Kind(token, 0) != jsonscan.String {
		return nil
	}
	if bytes.IndexByte(token, '\\') < 0 {
		return token[1 : len(token)-1]
	}
	return []byte(jsonscan.Unquote(token))
}

// texts reads an object of texts.
func texts(line []byte, i int) (map[string]string, error) {
	if jsonscan.Kind(line, i) == jsonscan.Null {
		return nil, nil
	}
	found := map[string]string{}
	_, err := jsonscan.Members(line, i, func(key []byte, value int) (int, error) {
		end, err := jsonscan.Skip(line, value)
		if err == nil {
			found[string(key)] = string(text(line[value:end]))
		}
		return end, err
	})
	return found, err
}
