package plan

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// checkLinter proves what a check says beside its SQL.
type checkLinter struct {
	*linter
	spec *content.Check
}

func (l *linter) check(spec *content.Check) {
	c := &checkLinter{linter: l, spec: spec}
	c.texts()
	c.references()
	c.params()
	c.placeholders()
	c.tests()
	for _, test := range spec.Tests {
		c.documentsOfTest(test)
	}
}

func (c *checkLinter) problem(severity, key, hint, format string, args ...any) {
	c.at(severity, c.spec.Origin.At(key), hint, format, args...)
}

func (c *checkLinter) at(severity string, pos content.Pos, hint, format string, args ...any) {
	c.report(Problem{
		Severity: severity, Pos: pos, Subject: "check " + c.spec.ID, Message: fmt.Sprintf(format, args...), Hint: hint,
	})
}

// texts asks for what a person needs who reads a finding.
func (c *checkLinter) texts() {
	for _, text := range []struct{ key, value, why string }{
		{"why", c.spec.Why, "a finding must say what can happen"},
		{"fix", c.spec.Fix.Text, "a finding must say what to do"},
	} {
		if strings.TrimSpace(text.value) == "" {
			c.problem(SeverityWarning, text.key, text.why, "%s: is missing", text.key)
		}
	}
	if c.spec.Query == "" && c.spec.Manual == "" && c.spec.Found == "" {
		c.problem(SeverityWarning, "found", "a finding must say what was seen", "found: is missing")
	}
	if len(c.spec.Objectives) == 0 {
		c.problem(SeverityWarning, "objectives", "", "objectives: is missing")
	}
}

func (c *checkLinter) references() {
	if len(c.spec.References) == 0 {
		c.problem(SeverityWarning, "references", "name the vendor's page about the setting", "references: is missing")
	}
	for i, url := range c.spec.References {
		key := fmt.Sprintf("references.%d", i)
		if !strings.HasPrefix(url, "https://") {
			c.problem(SeverityError, key, "", "reference %s does not begin with https://", url)
		}
		if slices.Index(c.spec.References, url) < i {
			c.problem(SeverityError, key, "", "reference %s is there twice", url)
		}
	}
}

// params refuses parameters that nothing reads. That those which are read exist is proved where the check is prepared.
func (c *checkLinter) params() {
	read := content.SQLParams(strings.Join([]string{c.spec.When, c.spec.Pass, c.spec.Found, c.spec.Query}, "\n"))
	for _, p := range c.spec.Params {
		if !slices.Contains(read, p.Name) {
			c.problem(SeverityWarning, "params."+p.Name, "", "parameter %s is never read", p.Name)
		}
	}
}

// placeholder is a column in a command, such as {name}. Terraform's and JSON's braces hold more than a name.
var placeholder = regexp.MustCompile(`(?:^|[^${])\{([a-z_][a-z0-9_]*)\}`)

// placeholders proves that the columns which commands name exist.
func (c *checkLinter) placeholders() {
	t := c.prepared.catalog.Tables[c.spec.Resource]
	if t == nil {
		return
	}
	names := make([]string, len(t.Columns))
	for i, column := range t.Columns {
		names[i] = column.Name
	}
	for _, text := range []struct{ key, value string }{{"fix.cli", c.spec.Fix.CLI}, {"fix.terraform", c.spec.Fix.Terraform}} {
		for _, found := range placeholder.FindAllStringSubmatch(text.value, -1) {
			if !slices.Contains(names, found[1]) {
				c.problem(SeverityError, text.key, content.DidYouMean(found[1], names), "%s names {%s}, but %s has no such column", text.key, found[1], t.Name)
			}
		}
	}
}

// tests asks for a fixture of each verdict that the check can give.
func (c *checkLinter) tests() {
	has := map[string]bool{}
	for _, test := range c.spec.Tests {
		has[test.Want] = true
		if (test.Want == content.WantManual) != (c.spec.Manual != "") && c.spec.Ask == "" && test.Want != content.WantUnknown && test.Want != content.WantNone {
			c.at(SeverityError, test.Pos, "", "tests: this check never gives the verdict %s", test.Want)
		}
	}
	if c.spec.Manual != "" {
		if !has[content.WantManual] {
			c.problem(SeverityError, "tests", "", "tests: there is no fixture that wants manual")
		}
		if !has[content.WantNone] && !has[content.WantUnknown] {
			c.problem(SeverityError, "tests", "", "tests: there is no fixture that wants none or unknown")
		}
		return
	}
	wanted := []string{content.WantPass, content.WantFail, content.WantUnknown}
	if c.spec.Ask != "" {
		wanted = append(wanted, content.WantManual)
	}
	for _, want := range wanted {
		if !has[want] {
			c.problem(SeverityError, "tests", "", "tests: there is no fixture that wants %s", want)
		}
	}
}
