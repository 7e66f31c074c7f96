package providertest

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider"
)

// SplitPages wraps a provider so that answers come in pages of other sizes than the vendor chose: each page is cut, where
// the API description says that its lists are, into parts of a random number of items, none among them. What a caller puts
// together again is the same. The seed decides where, so that a repeated call is cut alike.
//
// A part is had by making the whole call again: nothing is remembered between calls.
func SplitPages(p provider.Provider, seed uint64) provider.Provider {
	return splitter{Provider: p, seed: seed}
}

type splitter struct {
	provider.Provider
	seed uint64
}

// part is the token of a page that is a part of one.
type part struct {
	Page string `json:"splitPage"`
	From int    `json:"from"`
}

// maxPart is the most items in a part: few, because recorded lists are short.
const maxPart = 4

func (s splitter) Call(ctx context.Context, request provider.Request) (*provider.Answer, error) {
	op, err := s.API().Operation(request.Service, request.Op)
	if err != nil || op.Pager == nil || len(op.Pager.ResultKeys) == 0 {
		return s.Provider.Call(ctx, request)
	}
	var asked part
	if json.Unmarshal([]byte(request.Page), &asked) != nil || !strings.HasPrefix(request.Page, `{"splitPage"`) {
		asked = part{Page: request.Page}
	}
	inner := request
	inner.Page = asked.Page
	answer, err := s.Provider.Call(ctx, inner)
	if err != nil {
		return nil, err
	}
	page := *answer
	luck := s.luck(request, asked)
	if asked.From == 0 && request.Page != asked.Page { // the page before was the empty beginning of this one
		luck = max(luck, 1)
	}
	total, document, err := cutLists(answer.Document, op.Pager, asked.From, luck)
	if err != nil {
		return nil, fmt.Errorf("cut the answer of %s:%s: %w", request.Service, request.Op, err)
	}
	page.Document = document
	if end := asked.From + luck; end < total {
		next, err := json.Marshal(part{asked.Page, end})
		if err != nil {
			return nil, err
		}
		page.Next = string(next)
	}
	return &page, nil
}

// luck is how many items a part has. The first part may have none; the others must, or there would be no end to them.
func (s splitter) luck(request provider.Request, asked part) int {
	hash := fnv.New64a()
	input, _ := json.Marshal(request.Input) // values that were made from JSON
	fmt.Fprint(hash, request.Scope, request.Service, request.Op, string(input), asked.Page, asked.From)
	size := rand.New(rand.NewPCG(s.seed, hash.Sum64())).IntN(maxPart + 1)
	if asked.From > 0 {
		size = max(size, 1)
	}
	return size
}

// cutLists leaves of all lists at the result keys, one after another, the items from..from+size. It says how many there are.
func cutLists(document []byte, pager *content.Pager, from, size int) (int, []byte, error) {
	var root map[string]json.RawMessage
	if err := json.Unmarshal(document, &root); err != nil {
		return 0, nil, err
	}
	total := 0
	for _, key := range pager.ResultKeys {
		err := change(root, strings.Split(key, "."), func(raw json.RawMessage) (json.RawMessage, error) {
			var items []json.RawMessage
			if len(raw) == 0 || raw[0] != '[' {
				return raw, nil
			}
			if err := json.Unmarshal(raw, &items); err != nil {
				return nil, err
			}
			low, high := min(max(from-total, 0), len(items)), min(max(from+size-total, 0), len(items))
			total += len(items)
			return json.Marshal(items[low:high])
		})
		if err != nil {
			return 0, nil, err
		}
	}
	if total == 0 || from == 0 && size >= total {
		return 0, document, nil
	}
	cut, err := json.Marshal(root)
	return total, cut, err
}

// change replaces the value at a path, if it is there.
func change(object map[string]json.RawMessage, path []string, to func(json.RawMessage) (json.RawMessage, error)) error {
	raw, ok := object[path[0]]
	if !ok {
		return nil
	}
	if len(path) == 1 {
		changed, err := to(raw)
		object[path[0]] = changed
		return err
	}
	var inner map[string]json.RawMessage
	if err := json.Unmarshal(raw, &inner); err != nil || inner == nil {
		return err
	}
	if err := change(inner, path[1:], to); err != nil {
		return err
	}
	changed, err := json.Marshal(inner)
	object[path[0]] = changed
	return err
}
