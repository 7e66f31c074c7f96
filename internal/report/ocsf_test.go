package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/terminal"
)

// ocsfRules is what the official schema says of the class and objects that are used; testdata names the source.
type ocsfRules struct {
	Class   map[string]ocsfRule
	Objects map[string]ocsfRule
}

type ocsfRule struct {
	AtLeastOne []string `json:"at_least_one"`
	Attributes map[string]struct {
		Type        string
		Array       bool
		Requirement string
		Enum        map[string]string
	}
}

func readOCSFRules(t *testing.T) ocsfRules {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "ocsf-1.5.0.json"))
	if err != nil {
		t.Fatal(err)
	}
	var rules ocsfRules
	if err := json.Unmarshal(raw, &rules); err != nil {
		t.Fatal(err)
	}
	return rules
}

// validate lists what is wrong with an object: unknown or missing attributes, types, values that are not in the enum, and
// captions that differ from their id.
func (rules ocsfRules) validate(path string, rule ocsfRule, object map[string]any) []string {
	var wrong []string
	bad := func(format string, args ...any) { wrong = append(wrong, path+": "+fmt.Sprintf(format, args...)) }
	for name, attribute := range rule.Attributes {
		if _, ok := object[name]; !ok && attribute.Requirement == "required" {
			bad("%s is required", name)
		}
	}
	if len(rule.AtLeastOne) > 0 && !slices.ContainsFunc(rule.AtLeastOne, func(name string) bool { return object[name] != nil }) {
		bad("needs one of %v", rule.AtLeastOne)
	}
	for name, value := range object {
		attribute, ok := rule.Attributes[name]
		if !ok {
			bad("%s is not in the schema", name)
			continue
		}
		values := []any{value}
		if attribute.Array {
			if values, ok = value.([]any); !ok || len(values) == 0 {
				bad("%s must be a list that is not empty", name)
			}
		}
		for _, v := range values {
			at := path + "." + name
			if known, ok := rules.Objects[attribute.Type]; ok {
				inner, isObject := v.(map[string]any)
				if !isObject {
					bad("%s must be an object", name)
					continue
				}
				wrong = append(wrong, rules.validate(at, known, inner)...)
				continue
			}
			switch attribute.Type {
			case "integer_t", "long_t", "timestamp_t":
				n, isNumber := v.(float64)
				if !isNumber || n != math.Trunc(n) {
					bad("%s must be an integer, not %v", name, v)
					continue
				}
				if attribute.Type == "timestamp_t" && (n < 1e12 || n > 1e13) {
					bad("%s must be milliseconds since 1970, not %v", name, v)
				}
				caption, inEnum := attribute.Enum[fmt.Sprint(int64(n))]
				if len(attribute.Enum) > 0 && !inEnum {
					bad("%s has no value %v", name, n)
				}
				sibling, hasSibling := object[captionName(name)]
				if inEnum && hasSibling && n != 99 && captionName(name) != name && sibling != caption {
					bad("%s is %v, so %s must be %q, not %q", name, n, captionName(name), caption, sibling)
				}
			case "json_t":
				if _, isText := v.(string); isText {
					bad("%s must be JSON, not text that holds it", name)
				}
			case "string_t", "resource_uid_t", "url_t":
				if _, isText := v.(string); !isText {
					bad("%s must be a string, not %v", name, v)
				}
			default:
				bad("%s has type %s, which this test does not know", name, attribute.Type)
			}
		}
	}
	return wrong
}

// captionName is the attribute that says the same as an id in words.
func captionName(name string) string {
	switch name {
	case "class_uid", "category_uid", "type_uid":
		return strings.TrimSuffix(name, "_uid") + "_name"
	case "activity_id":
		return "activity_name"
	}
	return strings.TrimSuffix(name, "_id")
}

func TestEveryFindingIsAValidComplianceFinding(t *testing.T) {
	rules := readOCSFRules(t)
	lines := bytes.Split(bytes.TrimSpace(write(t, "ocsf", sampleResult(t), terminal.Terminal{})), []byte("\n"))
	findings := sampleFindings()
	if len(lines) != len(findings) {
		t.Fatalf("%d events for %d findings", len(lines), len(findings))
	}
	want := map[evaluate.Status]struct{ compliance, status string }{
		evaluate.Fail: {"Fail", "New"}, evaluate.Unknown: {"Unknown", "New"}, evaluate.Manual: {"Manual", "New"}, evaluate.Pass: {"Pass", "Resolved"},
	}
	seen := map[string]bool{}
	for i, line := range lines {
		var event map[string]any
		if err := json.Unmarshal(line, &event); err != nil {
			t.Fatalf("event %d: %v", i, err)
		}
		for _, wrong := range rules.validate("event", rules.Class["compliance_finding"], event) {
			t.Errorf("%s: %s", findings[i].ResourceName, wrong)
		}
		expected := want[findings[i].Status]
		if got := event["compliance"].(map[string]any)["status"]; got != expected.compliance || event["status"] != expected.status {
			t.Errorf("%s became %v and %v", findings[i].Status, got, event["status"])
		}
		if event["type_uid"].(float64) != event["class_uid"].(float64)*100+event["activity_id"].(float64) {
			t.Errorf("type_uid %v", event["type_uid"])
		}
		uid := event["finding_info"].(map[string]any)["uid"].(string)
		if seen[uid] {
			t.Errorf("two findings have the uid %s", uid)
		}
		seen[uid] = true
	}
}

func TestValidatorFindsWhatIsWrong(t *testing.T) {
	rules := readOCSFRules(t)
	class := rules.Class["compliance_finding"]
	valid := func() map[string]any {
		line, _, _ := bytes.Cut(write(t, "ocsf", sampleResult(t), terminal.Terminal{}), []byte("\n"))
		var event map[string]any
		if err := json.Unmarshal(line, &event); err != nil {
			t.Fatal(err)
		}
		return event
	}
	spoil := map[string]func(map[string]any){
		"finding_info is required":    func(e map[string]any) { delete(e, "finding_info") },
		"severity_id has no value 42": func(e map[string]any) { e["severity_id"] = 42.0 },
		"time must be milliseconds":   func(e map[string]any) { e["time"] = 1768478400.0 },
		"surprise is not in":          func(e map[string]any) { e["surprise"] = 1.0 },
		"severity must be":            func(e map[string]any) { e["severity"] = "Low" },
		"desc is required":            func(e map[string]any) { delete(e["remediation"].(map[string]any), "desc") },
		"needs one of": func(e map[string]any) {
			delete(e["metadata"].(map[string]any)["product"].(map[string]any), "name")
			delete(e["metadata"].(map[string]any)["product"].(map[string]any), "uid")
		},
		"resources must be a list": func(e map[string]any) { e["resources"] = map[string]any{} },
	}
	for want, change := range spoil {
		event := valid()
		change(event)
		if wrong := strings.Join(rules.validate("event", class, event), "\n"); !strings.Contains(wrong, want) {
			t.Errorf("want a complaint %q, got %q", want, wrong)
		}
	}
}

func TestKeyOfAFindingStays(t *testing.T) {
	f := sampleFindings()[0]
	const want = "a28f09ff2aa5a771c5fb12fce1c606a4"
	if Key(f) != want {
		t.Errorf("the key changed to %s: whoever follows findings by it loses them", Key(f))
	}
	same := f
	same.Status, same.Found, same.Tags, same.Title, same.ResourceName = evaluate.Pass, "", nil, "new words", "renamed"
	if Key(same) != Key(f) {
		t.Error("the key depends on more than the check and the resource")
	}
	other := f
	other.Region = "us-east-1"
	if Key(other) == Key(f) {
		t.Error("two regions share a key")
	}
}
