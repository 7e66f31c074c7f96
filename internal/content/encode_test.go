package content

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatIsEncodedIsDecoded(t *testing.T) {
	type inner struct{ Names []string }
	type outer struct {
		Text  string
		Many  []inner
		By    map[string]inner
		Other *outer
		Yes   bool
	}
	want := outer{Text: "a", Many: []inner{{}, {[]string{"b", ""}}}, By: map[string]inner{"c": {[]string{"d"}}}, Other: &outer{Yes: true}}
	data, err := Encode(&want)
	if err != nil {
		t.Fatal(err)
	}
	var got outer
	if err := Decode(data, &got); err != nil || cmp.Diff(want, got) != "" {
		t.Errorf("%v, %s", err, cmp.Diff(want, got))
	}
	for n := range data {
		if err := Decode(data[:n], &outer{}); err == nil {
			t.Errorf("%d of %d bytes are taken for all", n, len(data))
		}
	}
	if err := Decode(data, &inner{}); err == nil || err.Error() != "it was made for another version of this program" {
		t.Errorf("another type: %v", err)
	}
}
