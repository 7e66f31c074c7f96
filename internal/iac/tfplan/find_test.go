package tfplan

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/iac"
)

func TestFindTellsPlansAndStatesFromOtherFiles(t *testing.T) {
	limits := iac.DefaultLimits()
	limits.FileBytes = 8192
	large := `{"format_version":"1.2","planned_values":"` + strings.Repeat("x", 9000) + `"}`
	for _, c := range []struct{ name, text, want string }{
		{"plan.json", planOfCode, "1"},
		{"a/b/sorted.json", `{"applyable":true, "configuration":{}, "format_version":"1.2", "resource_changes":[]}`, "1"},
		{"bom.json", "\ufeff" + planOfCode, "1"},
		{"terraform.tfstate", stateText, "2"},
		{"pulled.json", stateText, "2"},
		{"shown.json", `{"format_version":"1.0","terraform_version":"1.11.4","values":{}}`, "3"},
		{"cut.json", `{"format_version":"1.2","planned_values":{},"resource_ch`, "1"},
		{"cut.tfstate", `{"version":4,"terr`, "2"},
		{"empty.tfstate", "", ""},
		{"package.json", `{"name":"x","version":"4"}`, ""},
		{"composer.json", `{"version":4,"resources":[]}`, ""},
		{"schemas.json", `{"format_version":"1.0","provider_schemas":{}}`, ""},
		{"list.json", `[]`, ""},
		{"main.tf.json", planOfCode, ""},
		{"plan.txt", planOfCode, ""},
		{".terraform/terraform.tfstate", stateText, ""},
		{"old.tfstate", `{"version":3,"terraform_version":"0.11.0","modules":[]}`, "skipped: it is a state of version 3, and only version 4 is read: any later Terraform writes it so"},
		{"tfplan", "PK\x03\x04" + strings.Repeat("\x00", 26) + "tfplan", "skipped: it is a binary plan: scan what `terraform show -json tfplan` or `tofu show -json` writes of it"},
		{"plan.out", "PK\x03\x04" + strings.Repeat("\x00", 26) + "other/", ""},
		{"encrypted.tfstate", `{"serial":1,"meta":{},"encrypted_data":"x"}`, "skipped: it is encrypted: scan what `tofu show -json` writes of it"},
		{"utf16.json", "\xff\xfe{\x00\"\x00f\x00o\x00r\x00m\x00a\x00t\x00_\x00v\x00e\x00r\x00s\x00i\x00o\x00n\x00\"\x00", "broken: it is UTF-16 text: write it as UTF-8"},
		{"large.json", large, "limit: it has more than 8192 bytes, so it was not read; --max-file-size allows more"},
		{"other.json", `{"a":"` + strings.Repeat("x", 9000) + `"}`, ""},
	} {
		found, problems := Find(context.Background(), files(c.name, c.text), limits)
		got := ""
		for _, f := range found {
			got += fmt.Sprint(int(f.Form))
			if f.Path != c.name {
				t.Errorf("%s: found %s", c.name, f.Path)
			}
		}
		for _, p := range problems {
			got += p.Kind + ": " + p.What
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestLimitsBoundWhatIsRead(t *testing.T) {
	for _, c := range []struct {
		about, text, want string
		limits            func(*iac.Limits)
	}{
		{"nesting", `{"format_version":"1.2","resource_changes":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`, "broken: it is not well-formed JSON: nested too deeply", func(*iac.Limits) {}},
		{"less nesting", planOfCode, "limit: values are nested more than 5 deep", func(l *iac.Limits) { l.Nesting = 5 }},
		{"resources", planOfCode, "limit: it has more than 2 resources; the rest is left out", func(l *iac.Limits) { l.Resources = 2 }},
		{"texts", planOfCode, "limit: a text has more than 5 bytes", func(l *iac.Limits) { l.TextBytes = 5 }},
		{"bytes", planOfCode, "limit: it has more than 50 bytes, so it was not read; --max-file-size allows more", func(l *iac.Limits) { l.FileBytes = 50 }},
	} {
		limits := iac.DefaultLimits()
		c.limits(&limits)
		r, err := Read(context.Background(), files("p.json", c.text), "p.json", Options{Limits: limits})
		if err != nil {
			t.Fatal(err)
		}
		if got := problems(r.Unit); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s", c.about, got)
		}
	}
}

func TestTooManyValuesAreLeftOut(t *testing.T) {
	d, problem := open(files("p.json", planText), "p.json", iac.DefaultLimits())
	if problem != nil {
		t.Fatal(problem)
	}
	d.values = mostValues - 1
	unit := &iac.Unit{}
	newPlan(d).read(context.Background(), unit)
	if len(unit.Resources) != 1 || unit.Resources[0].Body.Open == "" {
		t.Errorf("%d resources, the first whole: %q", len(unit.Resources), unit.Resources[0].Body.Open)
	}
}
