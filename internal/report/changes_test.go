package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/terminal"
)

func sampleChanges() []Change {
	policy := func(kind string, before, after evaluate.Status, owner string) Change {
		return Change{Kind: kind, Before: before, Finding: evaluate.Finding{
			Check: "aws_iam_policy_inline_narrow", Title: "Inline policies are narrow", Severity: "high", Status: after, Found: "allows s3:*", Provider: "aws",
			Account: "111122223333", Region: "global", ResourceType: "aws_iam_inline_policy", Resource: "arn:aws:iam::111122223333:" + owner, ResourceName: "x",
		}}
	}
	return []Change{
		policy("new", "", evaluate.Fail, "role/ann/x"), policy("new", "", evaluate.Fail, "user/bob/x"),
		policy("resolved", evaluate.Fail, "", "role/gone/x"), policy("changed", evaluate.Unknown, evaluate.Fail, "role/known/x"),
	}
}

func TestChangesNameTheirResourcesAsFindingsDo(t *testing.T) {
	var out bytes.Buffer
	if err := Changes(&out, "json", sampleChanges(), terminal.Terminal{}); err != nil {
		t.Fatal(err)
	}
	var changes []map[string]any
	if err := json.Unmarshal(out.Bytes(), &changes); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"change": "new", "check": "aws_iam_policy_inline_narrow", "title": "Inline policies are narrow", "severity": "high", "before": nil, "after": "FAIL",
		"found": "allows s3:*", "provider": "aws", "account": "111122223333", "region": "global", "resource_type": "aws_iam_inline_policy",
		"resource": "arn:aws:iam::111122223333:role/ann/x", "resource_name": "x",
	}
	if diff := cmp.Diff(want, changes[0]); diff != "" {
		t.Error(diff)
	}
	var finding map[string]any
	raw, err := json.Marshal(sampleFindings()[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &finding); err != nil {
		t.Fatal(err)
	}
	for key := range want {
		if _, known := finding[key]; !known && key != "change" && key != "before" && key != "after" {
			t.Errorf("findings have no %s", key)
		}
	}
	if changes[2]["after"] != nil || changes[2]["before"] != "FAIL" {
		t.Errorf("resolved: %v", changes[2])
	}
}

func TestChangesAreReadable(t *testing.T) {
	for name, look := range map[string]terminal.Terminal{
		"wide": {TTY: true, Unicode: true, Width: 160}, "narrow": {TTY: true, Unicode: true, Width: 80}, "file": {Unicode: true},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := Changes(&out, "table", sampleChanges(), look); err != nil {
				t.Fatal(err)
			}
			golden(t, fmt.Sprintf("changes-%s.txt", name), out.Bytes())
			lines := strings.Split(out.String(), "\n")
			for i, line := range lines {
				if strings.Contains(line, "arn:") && strings.Contains(strings.Join(lines[i+1:], "\n"), line) {
					t.Errorf("two resources look the same: %s", line)
				}
			}
		})
	}
	var out bytes.Buffer
	if err := Changes(&out, "table", nil, terminal.Terminal{TTY: true}); err != nil || out.Len() != 0 {
		t.Errorf("no changes print %q, error %v", out.String(), err)
	}
}
