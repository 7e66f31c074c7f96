package kubernetes

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/clienttest"
)

const tooOld = "The provided continue parameter is too old"

func TestAListThatIsContinuedTooLateGivesNoRowTwice(t *testing.T) {
	names := []string{"a", "b", "c", "d", "e", "f", "g"}
	shuffled := []string{"c", "a", "b", "g", "d", "f", "e"}
	tests := []struct {
		name   string
		served []string
		refuse func(refusals int, token string) string
		want   []string
	}{
		{"the refusal says how to go on", names, func(n int, token string) string {
			if n == 0 && token == "4 of list" {
				return fmt.Sprintf(`{"kind":"Status","code":410,"reason":"Expired","message":%q,"metadata":{"continue":"4 in its present state"}}`, tooOld)
			}
			return ""
		}, names},
		{"it says so for every page", names, func(_ int, token string) string {
			if at, ok := strings.CutSuffix(token, " of list"); ok {
				return fmt.Sprintf(`{"kind":"Status","code":410,"reason":"Expired","message":%q,"metadata":{"continue":"%s in its present state"}}`, tooOld, at)
			}
			return ""
		}, names},
		{"it does not", names, func(n int, token string) string {
			if n == 0 && token == "4 of list" {
				return refusal(410, "Expired", tooOld)
			}
			return ""
		}, names},
		{"it does not, three times", names, func(n int, token string) string {
			if n < 3 && token == "6 of list" {
				return refusal(410, "Gone", tooOld)
			}
			return ""
		}, names},
		// Where the order tells nothing, a row twice is better than none.
		{"of a server that keeps no order", shuffled, func(n int, token string) string {
			if n == 0 && token == "4 of list" {
				return refusal(410, "Expired", tooOld)
			}
			return ""
		}, append(slices.Clone(shuffled[:4]), shuffled...)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t)
			p := signedIn(t, f)
			refusals := 0
			f.handle(deployments, listing(test.served, func(token string) string {
				body := test.refuse(refusals, token)
				if body != "" {
					refusals++
				}
				return body
			}))
			r := request("apps:v1/deployments")
			r.Limit = 1
			if got := items(t, p, r); !slices.Equal(got, test.want) {
				t.Errorf("got %v", got)
			}
			if refusals == 0 {
				t.Error("nothing was refused")
			}
		})
	}
}

func TestAServerThatNeverLetsGoOn(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	n := 0
	f.handle(deployments, func(w http.ResponseWriter, _ *http.Request) {
		n++
		write(w, 410, fmt.Sprintf(`{"kind":"Status","reason":"Expired","metadata":{"continue":"%d"}}`, n))
	})
	r := request("apps:v1/deployments")
	r.Page = `{"c":"x"}`
	if e := refused(t, p, r); e.Class != provider.Retryable || n != maxRestarts+1 {
		t.Errorf("got %s after %d requests", e, n)
	}
}

func TestAListThatIsAlwaysTooLateEnds(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	f.handle(deployments, listing([]string{"a", "b", "c"}, func(token string) string {
		if token == "" {
			return ""
		}
		return refusal(410, "Expired", tooOld)
	}))
	r := request("apps:v1/deployments")
	r.Limit = 1
	for range 20 {
		answer, err := p.Call(t.Context(), r)
		if err != nil {
			if e := clienttest.Problem(t, err); e.Class != provider.Retryable || e.Code != "Expired" {
				t.Errorf("got %s", e)
			}
			return
		}
		r.Page = answer.Next
	}
	t.Error("it goes on for ever")
}

// A refusal of the first page is nothing that begins again.
func TestGoneAtOnce(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	f.answer(deployments, 410, refusal(410, "Expired", "x"))
	if e := refused(t, p, request("apps:v1/deployments")); e.Class != provider.Retryable || len(f.requests(deployments)) != 1 {
		t.Errorf("got %s after %d requests", e, len(f.requests(deployments)))
	}
}

func TestPagesOfLargeObjectsBecomeSmaller(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	large := strings.Repeat("x", 1<<10)
	p.most = 80 << 10
	f.handle(deployments, func(w http.ResponseWriter, r *http.Request) {
		var limit, from int
		_, _ = fmt.Sscanf(r.URL.Query().Get("limit"), "%d", &limit)
		_, _ = fmt.Sscanf(r.URL.Query().Get("continue"), "%d", &from)
		const all = 100
		to, next := min(from+limit, all), ""
		if to < all {
			next = fmt.Sprint(to)
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"kind":"DeploymentList","metadata":{"continue":%q},"items":[`, next)
		for i := from; i < to; i++ {
			if i > from {
				fmt.Fprint(w, ",")
			}
			fmt.Fprintf(w, `{"metadata":{"name":"n%03d"},"spec":%q}`, i, large)
		}
		fmt.Fprint(w, "]}")
	})
	if got := items(t, p, request("apps:v1/deployments")); len(got) != 100 {
		t.Errorf("%d items", len(got))
	}
	asked := f.requests(deployments)
	if len(asked) != 3 || asked[1].URL.Query().Get("limit") != "62" || asked[2].URL.Query().Get("limit") != "62" {
		t.Errorf("asked %d times, last %s", len(asked), asked[len(asked)-1].URL)
	}
}

func TestAPageThatNamesItself(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	f.answer(deployments, 200, `{"kind":"DeploymentList","metadata":{"continue":"again"},"items":[]}`)
	r := request("apps:v1/deployments")
	answer, err := p.Call(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	r.Page = answer.Next
	if e := refused(t, p, r); e.Class != provider.Broken {
		t.Errorf("got %s", e)
	}
}
