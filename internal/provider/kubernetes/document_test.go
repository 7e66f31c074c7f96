package kubernetes

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/provider/kubernetes/api"
)

// Whatever a server answers, what is made of it is JSON, and holds nothing that was to be left out.
func FuzzWhatIsWrittenIsJSON(f *testing.F) {
	for _, body := range []string{
		`{"kind":"PodList","items":[{"metadata":{"name":"a","managedFields":[1],"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"x"}}}, {}]}`,
		`{"kind":"Table","columnDefinitions":[{"name":"a"},{}],"rows":[{"cells":[1,[2,{"b":"]"}]],"object":{"metadata":{"name":"\u00e9\\"}}},{}]}`,
		"{ \"kind\" : \"List\" , \"items\" : [ { } , { \"metadata\" : null , \"a\" : -1.5e3 } ] , \"metadata\" : { \"continue\" : \"x\" } }",
		`{"kind":"List","kind":"XList","items":[[]]}`, `[]`, `{"kind":"List","metadata":"}{"}`, `{"kind":"List","items":[{"\"":{"metadata":1}}]}`,
	} {
		for form := range uint8(3) {
			f.Add([]byte(body), form)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, form uint8) {
		d := document{form: []api.Form{api.List, api.Metadata, api.Table}[form%3], as: identity{"v1", "Pod"}}
		if _, err := d.writeList(body); err != nil {
			return
		}
		var got struct {
			Items []map[string]any
		}
		if err := json.Unmarshal(d.out.Bytes(), &got); err != nil {
			t.Fatalf("%v\nfrom %s\nmade %s", err, body, d.out.Bytes())
		}
		for _, item := range got.Items {
			metadata, _ := item["metadata"].(map[string]any)
			annotations, _ := metadata["annotations"].(map[string]any)
			if metadata["managedFields"] != nil || annotations[lastApplied] != nil {
				t.Errorf("kept %v", metadata)
			}
		}
	})
}

// Whoever may make an object could else hide all others of its kind.
func TestAnObjectThatIsTooDeepForOthersIsPassedOn(t *testing.T) {
	deep := strings.Repeat(`{"a":[`, 2000) + strings.Repeat(`]}`, 2000)
	body := `{"kind":"List","items":[{"metadata":{"name":"a"},"spec":` + deep + `},{"metadata":{"name":"b"}}]}`
	d := document{as: identity{"v1", "Pod"}}
	if _, err := d.writeList([]byte(body)); err != nil || d.last != "b" {
		t.Fatalf("%v, and the last is %q", err, d.last)
	}
	if got := d.out.String(); !json.Valid(d.out.Bytes()) || !strings.Contains(got, deep) {
		t.Errorf("made %.200s", got)
	}
}

// BenchmarkPage measures a page of 500 whole objects of 8 KB.
func BenchmarkPage(b *testing.B) {
	item := `{"metadata":{"name":"n","namespace":"x","managedFields":[{"fieldsV1":{` + strings.Repeat(`"f:a":{},`, 200) + `"z":1}}]},"spec":{` +
		strings.Repeat(`"containers":[{"name":"c","env":[{"name":"A","value":"B"}]}],`, 100) + `"z":1}}`
	body := []byte(`{"kind":"PodList","metadata":{},"items":[` + strings.TrimSuffix(strings.Repeat(item+",", 500), ",") + `]}`)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		d := document{as: identity{"v1", "Pod"}}
		if _, err := d.writeList(bytes.Clone(body)); err != nil {
			b.Fatal(err)
		}
	}
}
