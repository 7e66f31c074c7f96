package collect

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stancehq/stance/internal/collect/collecttest"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
)

type doc = map[string]any

// callOf writes a call as short as YAML does: "svc:Op", where the rows are, and the input as "Member=path",
// "Member={template}" or "Member:=constant".
func callOf(name, call, items string, with ...string) *content.Call {
	service, op, _ := strings.Cut(call, ":")
	c := &content.Call{Name: name, Service: service, Op: op, Items: items}
	for _, w := range with {
		member, value, _ := strings.Cut(w, "=")
		in := content.Input{Member: strings.TrimSuffix(member, ":")}
		switch {
		case strings.HasSuffix(member, ":"):
			in.Value, in.HasValue = value, true
		case strings.Contains(value, "{"):
			in.Template = value
		default:
			in.Path = value
		}
		c.With = append(c.With, in)
	}
	return c
}

func tableOf(name, scope string, list *content.Call, get ...*content.Call) *content.Table {
	list.Name = plan.GroupList
	return &content.Table{Name: name, Provider: "fake", Service: list.Service, Scope: scope, List: list, Get: get}
}

// planOf plans all groups of the tables, or those that are named as "table.group" if any are.
func planOf(tables ...*content.Table) *plan.Plan {
	p := &plan.Plan{}
	for _, t := range tables {
		tp := plan.TablePlan{Table: &plan.Table{Spec: t, Name: t.Name}, Wanted: true}
		for _, g := range t.Get {
			tp.Groups = append(tp.Groups, g.Name)
		}
		p.Tables = append(p.Tables, tp)
	}
	return p
}

func accounts(regions ...string) []provider.Account {
	return []provider.Account{{ID: "111122223333", Partition: "aws", Regions: regions}}
}

var scanTime = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

func options(t testing.TB, cloud provider.Provider, p *plan.Plan, regions ...string) Options {
	return Options{
		Provider: cloud, Accounts: accounts(regions...), Plan: p, Dir: t.TempDir(), Rate: 1e6, MaxRate: 1e6, Seed: 1,
		Now: func() time.Time { return scanTime },
	}
}

// collectAll runs a scan to its end, and proves of every one that its progress counted the cells that its coverage counts.
func collectAll(t testing.TB, opt Options) *Result {
	t.Helper()
	if opt.Progress == nil {
		opt.Progress = &Progress{}
	}
	res, err := Run(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Spool.Close() })
	if s := opt.Progress.Snapshot(); !res.Interrupted && (s.CellsDone != counted(res.Cells) || s.CellsTotal != s.CellsDone) {
		t.Errorf("progress says %d of %d cells, the coverage has %d", s.CellsDone, s.CellsTotal, counted(res.Cells))
	}
	return res
}

// rowsOf are all rows of a table as sorted text: region, document with sorted keys, unknown.
func rowsOf(t testing.TB, s *Spool, table string) []string {
	t.Helper()
	var out []string
	for line, err := range s.Rows(table) {
		if err != nil {
			t.Fatal(err)
		}
		var r Row
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		var d any
		if err := json.Unmarshal(r.Doc, &d); err != nil {
			t.Fatalf("%s: %v", r.Doc, err)
		}
		b, _ := json.Marshal(d)
		text := r.Region + " " + string(b)
		if len(r.Unknown) > 0 {
			u, _ := json.Marshal(r.Unknown)
			text += " unknown " + string(u)
		}
		out = append(out, text)
	}
	slices.Sort(out)
	return out
}

// everything is all rows of all tables of a plan.
func everything(t testing.TB, s *Spool, p *plan.Plan) []string {
	var out []string
	for _, tp := range p.Tables {
		for _, r := range rowsOf(t, s, tp.Table.Name) {
			out = append(out, tp.Table.Name+" "+r)
		}
	}
	return out
}

// cellsOf are the ledger's lines of a table: region/group status calls cause.
func cellsOf(cells []Cell, table string) []string {
	var out []string
	for _, c := range cells {
		if c.Table == table {
			s := fmt.Sprintf("%s/%s %s rows=%d calls=%d", c.Region, c.Group, c.Status, c.Rows, c.Calls)
			if c.Failures > 0 {
				s += fmt.Sprintf(" failures=%d", c.Failures)
			}
			if c.Cause != "" {
				s += " " + c.Cause
			}
			out = append(out, s)
		}
	}
	return out
}

// serve answers always the same.
func serve(v any) *collecttest.Op {
	return &collecttest.Op{Serve: func(provider.Request) (any, error) { return v, nil }}
}

// serveBy answers by a member of the input.
func serveBy(member string, f func(key string) (any, error)) *collecttest.Op {
	return &collecttest.Op{Serve: func(q provider.Request) (any, error) { return f(fmt.Sprint(q.Input[member])) }}
}

func denied(call string) error {
	return &provider.Error{Class: provider.Denied, Call: call, Code: "AccessDenied", Permissions: []string{call}}
}

func withList(op *collecttest.Op, members ...string) *collecttest.Op {
	op.Input = &content.Shape{Kind: content.KindStruct}
	for _, m := range members {
		op.Input.Members = append(op.Input.Members, content.Member{
			Name: m, Shape: &content.Shape{Kind: content.KindList, Elem: &content.Shape{Kind: content.KindString}},
		})
	}
	return op
}

// collecttestProvider makes list pages by itself, so that a big cloud is never in memory.
type collecttestProvider struct {
	*collecttest.Cloud
	list func(page string) *provider.Answer
}

func (p collecttestProvider) Call(ctx context.Context, q provider.Request) (*provider.Answer, error) {
	if q.Op != "List" {
		return p.Cloud.Call(ctx, q)
	}
	return p.list(q.Page), ctx.Err()
}

func pagerOf(keys ...string) *content.Pager {
	return &content.Pager{OutputTokens: []string{"NextToken"}, ResultKeys: keys}
}
