package replay

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/stancehq/stance/internal/collect/collecttest"
	"github.com/stancehq/stance/internal/provider"
)

// Named tells a recorder which call made an exchange.
func TestCallsAreRecordedByName(t *testing.T) {
	recorder := &Recorder{Next: vendor(func(r *http.Request) (int, string) { return 200, r.URL.Path })}
	p := Named(&asking{ask: func(r *http.Request) { send(t, recorder, r) }, t: t})
	for _, op := range []string{"ListThings", "GetThing"} {
		if _, err := p.Call(t.Context(), provider.Request{Service: "s", Op: op}); err != nil {
			t.Fatal(err)
		}
	}
	var calls []string
	for _, e := range recorder.Recording().Exchanges {
		calls = append(calls, e.Call+" "+e.Path)
	}
	if fmt.Sprint(calls) != "[s:ListThings /ListThings s:GetThing /GetThing]" {
		t.Errorf("recorded %v", calls)
	}
}

// asking is a provider that makes a request for each call.
type asking struct {
	collecttest.Cloud
	ask func(*http.Request)
	t   *testing.T
}

func (a *asking) Call(ctx context.Context, q provider.Request) (*provider.Answer, error) {
	a.ask(request(a.t, "GET", "https://h/"+q.Op, "").WithContext(ctx))
	return &provider.Answer{Document: []byte("{}")}, nil
}
