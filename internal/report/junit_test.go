package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/report/terminal"
)

// xmlNode is any element.
type xmlNode struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []xmlNode  `xml:",any"`
	Text     string     `xml:",chardata"`
}

func (n xmlNode) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

type junitRule struct {
	Children           []string
	Required, Optional map[string]string // patterns of attributes
	Text               bool
}

func readJUnitRules(t *testing.T) map[string]junitRule {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "junit.json"))
	if err != nil {
		t.Fatal(err)
	}
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil {
		t.Fatal(err)
	}
	delete(parts, "source")
	rules := map[string]junitRule{}
	for name, part := range parts {
		var rule junitRule
		if err := json.Unmarshal(part, &rule); err != nil {
			t.Fatal(err)
		}
		rules[name] = rule
	}
	return rules
}

// checkJUnit holds an element and all below it to the rules.
func checkJUnit(t *testing.T, rules map[string]junitRule, n xmlNode) {
	t.Helper()
	name := n.XMLName.Local
	rule, ok := rules[name]
	if !ok {
		t.Errorf("no element may be called %s", name)
		return
	}
	for _, a := range n.Attrs {
		pattern, required := rule.Required[a.Name.Local]
		if !required {
			if pattern, ok = rule.Optional[a.Name.Local]; !ok {
				t.Errorf("%s may have no attribute %s", name, a.Name.Local)
			}
		}
		if pattern != "" && !regexp.MustCompile("(?s)^"+pattern+"$").MatchString(a.Value) {
			t.Errorf("%s: %s is %q", name, a.Name.Local, a.Value)
		}
	}
	for required := range rule.Required {
		if !slices.ContainsFunc(n.Attrs, func(a xml.Attr) bool { return a.Name.Local == required }) {
			t.Errorf("%s needs %s", name, required)
		}
	}
	if !rule.Text && strings.TrimSpace(n.Text) != "" {
		t.Errorf("%s has text %q", name, n.Text)
	}
	rest := n.Children
	for _, want := range rule.Children {
		names := strings.Split(strings.TrimRight(want, "*?"), "|")
		count := 0
		for len(rest) > 0 && slices.Contains(names, rest[0].XMLName.Local) && (count == 0 || strings.HasSuffix(want, "*")) {
			count, rest = count+1, rest[1:]
		}
		if count == 0 && !strings.HasSuffix(want, "*") && !strings.HasSuffix(want, "?") {
			t.Errorf("%s needs a %s", name, want)
		}
	}
	if len(rest) > 0 {
		t.Errorf("%s: %s is out of place", name, rest[0].XMLName.Local)
	}
	for _, child := range n.Children {
		checkJUnit(t, rules, child)
	}
}

func readJUnit(t *testing.T, raw []byte) xmlNode {
	t.Helper()
	var root xmlNode
	d := xml.NewDecoder(bytes.NewReader(raw))
	d.Strict = true
	if err := d.Decode(&root); err != nil {
		t.Fatalf("not well-formed: %v", err)
	}
	return root
}

func TestTestResultsFollowBothSchemas(t *testing.T) {
	rules := readJUnitRules(t)
	for name, result := range map[string]*Result{"live": sampleResult(t), "code": codeResult(t)} {
		t.Run(name, func(t *testing.T) {
			root := readJUnit(t, write(t, "junit", result, terminal.Terminal{}))
			checkJUnit(t, rules, root)
			for i, suite := range root.Children {
				var tests, failures, skipped int
				for _, c := range suite.Children {
					if c.XMLName.Local != "testcase" {
						continue
					}
					tests++
					for _, verdict := range c.Children {
						switch verdict.XMLName.Local {
						case "failure":
							failures++
						case "skipped":
							skipped++
						}
					}
				}
				got := []string{suite.attr("id"), suite.attr("tests"), suite.attr("failures"), suite.attr("skipped")}
				if diff := cmp.Diff([]string{strconv.Itoa(i), strconv.Itoa(tests), strconv.Itoa(failures), strconv.Itoa(skipped)}, got); diff != "" {
					t.Errorf("%s: %s", suite.attr("name"), diff)
				}
			}
		})
	}
}

func TestOnlyAPassLooksLikeOne(t *testing.T) {
	root := readJUnit(t, write(t, "junit", codeResult(t), terminal.Terminal{}))
	got := map[string][]string{}
	for _, suite := range root.Children {
		for _, c := range suite.Children {
			if c.XMLName.Local != "testcase" {
				continue
			}
			said := "passed"
			if len(c.Children) > 0 {
				message := c.Children[0].attr("message")
				said = c.Children[0].XMLName.Local + ": " + message[:min(len(message), 15)]
			}
			got[suite.attr("name")] = append(got[suite.attr("name")], said)
		}
	}
	want := map[string][]string{
		"aws_s3_bucket_public_access": {"failure: the policy allo", "failure: the ACL is publ"},
		"aws_s3_bucket_versioning": {
			"failure: versioning is o", "failure: a \"quoted\" | `t", "failure: versioning is s", "failure: versioning is s", "passed",
			"skipped: UNKNOWN: known ", "skipped: suppressed: scr", "skipped: suppressed: a \"",
		},
		"aws_account_contacts": {"skipped: MANUAL: Ask who"},
		"coverage":             {"skipped: broken: envs/pr"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	failure := root.Children[0].Children[1].Children[0].Text
	for _, part := range []string{"where: infra/modules/bucket/main.tf:12", `called by: module.storage (infra/envs/prod/main.tf:3), module.logs["a"] (infra/modules/storage/main.tf:40)`, "fix: Block public access."} {
		if !strings.Contains(failure, part) {
			t.Errorf("a failure says %q:\n%s", part, failure)
		}
	}
}
