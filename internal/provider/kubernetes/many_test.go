package kubernetes

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/plan"
)

const leases = "/apis/coordination.k8s.io/v1/leases"

// crowd is a kind of which there are very many objects. No more than a page of them exists at a time, in the order of their keys.
type crowd struct {
	objects int
	pad     string                                     // in each
	refuse  func(page int, state string) (body string) // 410 in place of a page; nil: never
	pages   int                                        // given out
	refused int
	weigh   bool   // now and then
	peak    uint64 // of what lives in the heap of this process, which is client and server
}

const crowdPage = 500

// live is how many bytes of the heap are in use.
func live() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func (c *crowd) serve(w http.ResponseWriter, r *http.Request) {
	if c.weigh && c.pages%10 == 5 {
		c.peak = max(c.peak, live())
	}
	page, state := 0, "then"
	_, _ = fmt.Sscanf(r.URL.Query().Get("continue"), "%d %s", &page, &state)
	if c.refuse != nil {
		if body := c.refuse(page, state); body != "" {
			c.refused++
			write(w, 410, body)
			return
		}
	}
	c.pages++
	var body bytes.Buffer
	next := ""
	if to := (page + 1) * crowdPage; to < c.objects {
		next = fmt.Sprintf("%d %s", page+1, state)
	}
	fmt.Fprintf(&body, `{"kind":"LeaseList","metadata":{"continue":%q},"items":[`, next)
	for i := page * crowdPage; i < min((page+1)*crowdPage, c.objects); i++ {
		if i > page*crowdPage {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"metadata":{"name":"lease-%06d","namespace":"n","uid":"%d","annotations":{"pad":"%s"},"managedFields":[{"manager":"x"}]},"spec":{"leaseTransitions":%d}}`, i, i, c.pad, i)
	}
	body.WriteString("]}")
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body.Bytes())
}

// fake serves it alone.
func (c *crowd) fake(t *testing.T) *fake {
	t.Helper()
	f := newFake(t)
	f.answer("/apis", 200, aggregated(groupJSON("coordination.k8s.io", versionJSON("v1", "Current", resourceJSON("leases", "Lease", "Namespaced")))))
	f.handle(leases, c.serve)
	return f
}

// collected is what is collected of a crowd with little memory: the numbers of its objects, as they come.
func (c *crowd) collected(t *testing.T, memory int64) (cell collect.Cell, numbers []int) {
	t.Helper()
	p := signedIn(t, c.fake(t))
	accounts, err := p.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cloud, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	planned, err := plan.New(plan.Selection{Provider: p.ID(), Inventory: []string{"kubernetes_lease"}}, cloud.Catalog)
	if err != nil {
		t.Fatal(err)
	}
	result, err := collect.Run(t.Context(), collect.Options{
		Provider: p, Accounts: accounts, Plan: planned, Dir: t.TempDir(), Memory: memory, Rate: 1e6, MaxRate: 1e6,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer result.Spool.Close()
	for line, err := range result.Spool.Rows("kubernetes_lease") {
		if err != nil {
			t.Fatal(err)
		}
		var row collect.Row
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		n := len(numbers)
		if _, after, found := bytes.Cut(row.Doc, []byte(`"leaseTransitions":`)); found {
			_, _ = fmt.Sscanf(string(after), "%d", &n)
		}
		want := fmt.Sprintf(`"metadata":{"name":"lease-%06d","namespace":"n","uid":"%d","annotations":{"pad":"%s"}},"spec":{"leaseTransitions":%d}}`, n, n, c.pad, n)
		if row.Region != "n" || !bytes.HasSuffix(row.Doc, []byte(want)) {
			t.Fatalf("row %d is %s", len(numbers)+1, line)
		}
		numbers = append(numbers, n)
	}
	for _, c := range result.Cells {
		if c.Table == "kubernetes_lease" && c.Group == plan.GroupList {
			cell = c
		}
	}
	return cell, numbers
}

// each fails unless there is one of each number.
func each(t *testing.T, numbers []int, objects int) {
	t.Helper()
	seen := make([]int, objects)
	for _, n := range numbers {
		seen[n]++
	}
	for n, times := range seen {
		if times != 1 {
			t.Fatalf("%d rows, and object %d is there %d times", len(numbers), n, times)
		}
	}
}

// 100,000 objects are 200 calls, and pass through in a part of the memory that they would take.
func TestAKindWithAHundredThousandObjects(t *testing.T) {
	const memory, bound = 8 << 20, 16 << 20
	c := &crowd{objects: 100_000, weigh: true, pad: strings.Repeat("abcdefghij", 60)}
	if _, err := shipped(); err != nil { // what tests share is not what a list takes
		t.Fatal(err)
	}
	before := live()
	cell, numbers := c.collected(t, memory)
	each(t, numbers, c.objects)
	if cell.Status != collect.OK || cell.Rows != 100_000 || cell.Calls != 200 || c.pages != 200 || cell.Bytes < 4*bound {
		t.Errorf("%d pages: %+v", c.pages, cell)
	}
	if took := int64(c.peak) - int64(before); took > bound {
		t.Errorf("the heap grew by %d MiB, with %d MiB to be used", took>>20, memory>>20)
	} else {
		t.Logf("%d MiB passed, the heap grew by %d MiB at most", cell.Bytes>>20, took>>20)
	}
}

// A list of many pages outlives what the server remembers of its beginning. In the lake each object is once.
func TestAHundredThousandObjectsThatAreContinuedTooLate(t *testing.T) {
	for name, want := range map[string]struct {
		goesOn bool // the refusal says how
		pages  int
	}{
		"the refusal says how to go on": {true, 200},
		"it does not":                   {false, 300},
	} {
		t.Run(name, func(t *testing.T) {
			c := &crowd{objects: 100_000}
			c.refuse = func(page int, state string) string {
				switch {
				case page != 100 || state != "then" || c.refused > 0:
					return ""
				case want.goesOn:
					return fmt.Sprintf(`{"kind":"Status","code":410,"reason":"Expired","message":%q,"metadata":{"continue":"100 now"}}`, tooOld)
				}
				return refusal(410, "Expired", tooOld)
			}
			s := newScanner(t)
			s.Inventory = []string{"kubernetes_lease"}
			cell := s.scan(t, c.fake(t)).lists["kubernetes_lease"]
			if cell.Status != collect.OK || cell.Rows != 100_000 || c.pages != want.pages || c.refused != 1 {
				t.Errorf("%d pages, %d refused: %+v", c.pages, c.refused, cell)
			}
			rows := s.query(t, "select count(*), count(distinct name), min(name), max(name), count(*) filter (unknown is not null) from kubernetes_lease")
			if diff := cmp.Diff([][]any{{int64(100_000), int64(100_000), "lease-000000", "lease-099999", int64(0)}}, rows); diff != "" {
				t.Error(diff)
			}
		})
	}
}
