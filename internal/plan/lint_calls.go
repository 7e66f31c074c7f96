package plan

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// httpCode is how the absence of a code is written: by the answer's status.
var httpCode = regexp.MustCompile(`^HTTP[1-5][0-9][0-9]$`)

// denial is what vendors call an error that says that a permission lacks.
var denial = regexp.MustCompile(`(?i)denied|unauthori[sz]ed|not_?authori[sz]ed|forbidden|^HTTP40[13]$`)

// tokens are the names that services give to what asks for the next page.
var tokens = regexp.MustCompile(`(?i)^(next_?(page)?_?(token|marker|key)|marker|next|pagination_?token|continuation_?token|next_?link)$`)

// call proves one call: its input, conditions and how its answers are understood. Row is the table whose rows it is made
// for; nil where it is made once per scope.
func (t *tableLinter) call(call *content.Call, key string, row *content.Table) {
	op, err := t.api.Operation(call.Service, call.Op)
	if err != nil {
		return // reported where the table is prepared
	}
	t.inputs(op, call, key, row)
	for _, when := range call.When {
		t.name(inputName{name: when.Path}, key+".when", row)
	}
	if call.Region != "" {
		if at := t.name(inputName{name: call.Region}, key+".region", row); at != nil && !convertible(at.shape, textShape) {
			t.fail(key+".region", "", "region: %s is %s, but must be text", call.Region, kindWords[at.shape.Kind])
		}
	}
	t.absent(op, call, key)
	t.older(call, key)
	t.pager(op, key)
	t.batch(op, call, key, row)
	if call.First != nil {
		t.first(call.First, key+".first", row)
	}
}

// parent proves that a table is listed where the parent is for whose rows it is.
func (t *tableLinter) parent(call *content.Call, key string) {
	parent := t.library.Table(call.For)
	if parent != nil && parent.Scope != t.spec.Scope {
		t.fail(key+".for", "leave scope: out", "%s has the scope %s, so what is listed for its rows cannot have the scope %s", parent.Name, parent.Scope, t.spec.Scope)
	}
}

// absent proves that the codes which mean "not configured" are among those that the call can answer.
func (t *tableLinter) absent(op *content.Operation, call *content.Call, key string) {
	for i, entry := range call.Absent {
		at := fmt.Sprintf("%s.absent.%d", key, i)
		code, words := content.SplitAbsent(entry)
		switch {
		case words == "" && denial.MatchString(code):
			t.problem(SeverityError, at, "write the words by which it is told from a denial: \""+code+": words of the message\"",
				"absent: %s says that a permission lacks, which must not pass for \"not configured\"", code)
		case code == content.NotReturned && call.Batch == 0:
			t.problem(SeverityError, at, "", "absent: %s speaks of a call for many rows (batch), which this is not", code)
		case code == content.NotReturned || httpCode.MatchString(code) || slices.Contains(op.Errors, code):
		case len(op.Errors) == 0:
			t.problem(SeverityNote, at, "", "absent: the vendor's description lists no errors of %s:%s, so that %s cannot be proved", op.Service, op.Name, code)
		default:
			hint := content.DidYouMean(code, op.Errors)
			if hint == "" {
				hint = "it lists " + strings.Join(op.Errors, ", ")
			}
			t.problem(SeverityWarning, at, hint, "absent: the vendor's description does not list %s among the errors of %s:%s", code, op.Service, op.Name)
		}
	}
}

// pager proves that an answer that goes on is followed.
func (t *tableLinter) pager(op *content.Operation, key string) {
	pager := op.Pager
	if pager == nil {
		for _, out := range op.Output.Members {
			if tokens.MatchString(out.Name) && slices.ContainsFunc(op.Input.Members, func(in content.Member) bool { return tokens.MatchString(in.Name) }) {
				t.problem(SeverityWarning, key, "", "%s:%s answers with %s, but no pager is known, so that only its first page is read", op.Service, op.Name, out.Name)
			}
		}
		return
	}
	for _, token := range pager.InputTokens {
		if _, _, err := step(op.Input, strings.Split(token, ".")); err != nil {
			t.fail(key, hintOf(err), "the pager of %s:%s sends %s, which its input does not have", op.Service, op.Name, token)
		}
	}
	paths := append(slices.Clone(pager.OutputTokens), pager.ResultKeys...)
	if pager.MoreResults != "" {
		paths = append(paths, pager.MoreResults)
	}
	for _, path := range paths {
		if _, _, err := step(op.Output, strings.Split(path, ".")); err != nil {
			t.fail(key, hintOf(err), "the pager of %s:%s reads %s, which its answer does not have", op.Service, op.Name, path)
		}
	}
}

// batch proves that answers of a call for many rows can be told apart.
func (t *tableLinter) batch(op *content.Operation, call *content.Call, key string, row *content.Table) {
	if call.Batch == 0 {
		return
	}
	var perRow []string
	for _, in := range call.With {
		m := op.Input.Member(in.Member)
		if m != nil && m.Shape.Kind == content.KindList && !in.HasValue {
			perRow = append(perRow, in.Member)
		}
	}
	if len(perRow) != 1 {
		t.fail(key+".batch", "", "batch: exactly one member of with: must be a list that takes a value of each row; there are %d", len(perRow))
	}
	if len(call.Each) > 0 {
		t.fail(key+".each", "make it one call for each row, without batch:", "each: cannot stand beside batch:, since the answers to one row could not be told apart")
	}
	if call.Key == "" { // content does not load so; a library that was put together might be
		t.fail(key+".batch", "", "batch: needs key:, the path in an answer's item that equals the value of its row")
	}
	d := t.documentsOf(row)
	if d == nil || d.groups[call.Name] == nil || call.Key == "" {
		return
	}
	if _, _, err := step(d.groups[call.Name], strings.Split(call.Key, ".")); err != nil {
		t.fail(key+".key", hintOf(err), "key: %s", err)
	}
}

// first proves the call that must come before another.
func (t *tableLinter) first(first *content.First, key string, row *content.Table) {
	op, err := t.api.Operation(first.Service, first.Op)
	if err != nil {
		t.fail(key+".call", hintOf(err), "first: %s", err)
		return
	}
	t.inputs(op, &content.Call{Service: first.Service, Op: first.Op, With: first.With}, key, row)
	if first.UntilPath == "" {
		return
	}
	if _, _, err := step(op.Output, strings.Split(first.UntilPath, ".")); err != nil {
		t.fail(key+".until", hintOf(err), "until: %s", err)
	}
}
