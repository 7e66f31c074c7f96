package discover

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stancehq/stance/internal/iac"
)

const (
	code  = "variable \"p\" {}\nresource \"aws_db_instance\" \"d\" {\n  password = \"hunter2\"\n}\n"
	plan  = `{"format_version":"1.2","resource_changes":[{"address":"aws_db_instance.d","mode":"managed","type":"aws_db_instance","name":"d","change":{"actions":["create"],"after":{"password":"hunter2"}}}]}`
	other = `{"format_version":"1.2","resource_changes":[{"address":"aws_db_instance.e","mode":"managed","type":"aws_db_instance","name":"e","change":{"actions":["create"],"after":{"password":"hunter2"}}}]}`
	state = `{"version":4,"terraform_version":"1","resources":[{"mode":"managed","type":"aws_db_instance","name":"d","instances":[{"attributes":{"password":"hunter2"}}]}]}`
)

func tree(pairs ...string) fstest.MapFS {
	all := fstest.MapFS{}
	for i := 0; i+1 < len(pairs); i += 2 {
		all[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return all
}

func TestNothingOfTerraformIsReadTwice(t *testing.T) {
	for _, c := range []struct {
		about    string
		tree     fstest.MapFS
		o        Options
		units    string
		problems string
	}{
		{"code", tree("a/main.tf", code), Options{}, "terraform a", ""},
		{"a plan stands for its code", tree("a/main.tf", code, "a/plan.json", plan), Options{}, "terraform-plan a/plan.json", ""},
		{"below its code", tree("a/main.tf", code, "a/out/plan.json", plan), Options{}, "terraform-plan a/out/plan.json", ""},
		{"several plans of one code", tree("main.tf", code, "dev.json", plan, "prod.json", plan), Options{}, "terraform-plan dev.json, terraform-plan prod.json", ""},
		{"a plan of other code", tree("a/main.tf", code, "a/plan.json", other), Options{}, "terraform a", "it is a plan of other code than is in a now"},
		{"a plan without code", tree("a/main.tf", code, "b/plan.json", other), Options{}, "terraform a, terraform-plan b/plan.json", ""},
		{"a broken plan", tree("a/main.tf", code, "a/plan.json", plan[:100]), Options{}, "terraform a", "it is not well-formed JSON"},
		{"a state", tree("a/main.tf", code, "a/terraform.tfstate", state), Options{}, "terraform a", "it is a state"},
		{"a state that is asked for", tree("a/main.tf", code, "b/terraform.tfstate", state), Options{States: true}, "terraform a, terraform-state b/terraform.tfstate", ""},
		{"only a state", tree("main.tf", code, "terraform.tfstate", state), Options{File: "terraform.tfstate"}, "terraform-state terraform.tfstate", ""},
		{"only a plan", tree("main.tf", code, "a.json", plan, "b.json", plan), Options{File: "b.json"}, "terraform-plan b.json", ""},
		{"only a plan of other code", tree("main.tf", code, "a.json", other), Options{File: "a.json"}, "terraform-plan a.json", "the code beside it is other"},
	} {
		read, err := Read(context.Background(), c.tree, c.o)
		if err != nil {
			t.Fatal(err)
		}
		var units, problems []string
		for _, u := range read.Units {
			units = append(units, u.Kind+" "+u.Path)
			for _, r := range u.Resources {
				if v := r.Body.Get("password"); v == nil || !v.Sensitive {
					t.Errorf("%s: the password of %s is not marked: %+v", c.about, r.Address, v)
				}
				if place := r.Name.File; u.Kind == iac.TerraformPlan && strings.Contains(c.about, "stands for") && place != "a/main.tf" {
					t.Errorf("%s: %s is at %s", c.about, r.Address, place)
				}
			}
		}
		for _, p := range read.Problems {
			problems = append(problems, p.What)
		}
		if got := strings.Join(units, ", "); got != c.units {
			t.Errorf("%s: %s, want %s", c.about, got, c.units)
		}
		if got := strings.Join(problems, "; "); !strings.Contains(got, c.problems) || c.problems == "" && got != "" {
			t.Errorf("%s: problems %q, want %q", c.about, got, c.problems)
		}
	}
}
