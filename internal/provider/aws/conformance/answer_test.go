package conformance

import (
	"fmt"
	"net/http"
	"testing"
)

// Every answer that moto's serializer makes is understood as botocore's parser understands it.
func TestAnswersAreReadAsBotocoreReadsThem(t *testing.T) {
	prepared, found, count := services{}, map[string]string{}, 0
	for _, g := range goldens(t) {
		op := prepared.operation(t, g.Service, g.Op)
		if g.AnswerError != "" {
			found[op.Call()] = "moto or botocore: " + g.AnswerError
			continue
		}
		count++
		resp := &http.Response{StatusCode: g.Answer.Status, Header: http.Header{}}
		for name, value := range g.Answer.Headers {
			resp.Header.Set(name, value)
		}
		doc, err := op.Decode(t.Context(), resp, g.Answer.Body)
		if err != nil {
			found[op.Call()] = fmt.Sprintf("%v: %.200s", err, g.Answer.Body)
			continue
		}
		got := decode(doc)
		if got == nil {
			found[op.Call()] = fmt.Sprintf("not JSON: %.200s", doc)
			continue
		}
		if diff := firstDifference("", got, canonical(any(g.Answer.Parsed))); diff != "" {
			found[op.Call()] = diff
		}
	}
	t.Logf("%d answers", count)
	differences(t, "testdata/answers.txt", found)
}
