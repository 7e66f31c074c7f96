package terraform

import (
	"context"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stancehq/stance/internal/iac"
)

// FuzzRead gives anything as a module, in both syntaxes and as values. Limits are low, so that what is slow is a defect.
func FuzzRead(f *testing.F) {
	f.Add([]byte(world), []byte(`{"resource": {"a": {"b": {"x": "${aws_s3_bucket.b.id}", "dynamic": {"y": {"for_each": [1], "content": {}}}}}}}`), []byte("v = 1\n"))
	f.Add([]byte("module \"m\" {\n  source = \"./\"\n}\nlocals {\n  a = [for k, v in local.a : \"${k}\" if v]...\n}\n"), []byte(`{"locals": [{"x": "%{for a in local.y}${a}%{endfor}"}]}`), []byte("{}"))
	f.Add([]byte("data \"aws_iam_policy_document\" \"d\" {\n  dynamic \"statement\" {\n    for_each = data.a.b\n    content {\n      sid = statement.key\n    }\n  }\n}\nresource \"x\" \"y\" {\n  count = \"${1}\"\n  p = data.aws_iam_policy_document.d.json\n}\n"), []byte("[]"), []byte(""))
	for _, c := range hostile {
		if len(c.text) < 10_000 {
			f.Add([]byte(c.text), []byte("{}"), []byte(""))
		}
	}
	limits := iac.Limits{Steps: 50_000, Instances: 100, Resources: 1000, Modules: 50, Nesting: 50, TextBytes: 1 << 16, FileBytes: 1 << 20}
	f.Fuzz(func(t *testing.T, native, properties, values []byte) {
		tree := fstest.MapFS{"main.tf": {Data: native}, "x.tf.json": {Data: properties}, "terraform.tfvars": {Data: values}, "t.tpl": {Data: native}, "m/main.tf": {Data: native}}
		begin := time.Now()
		unit, err := Read(context.Background(), tree, ".", Options{Limits: limits})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range unit.Resources {
			if r.Body == nil || r.Address == "" || r.Range.File == "" {
				t.Errorf("an incomplete resource: %+v", r)
			}
		}
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}
