package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

type policyText struct {
	Statement []struct {
		Sid      string
		Action   []string
		Resource string
	}
}

// policyTexts reads documents that stand one after the other.
func policyTexts(t *testing.T, text string) (all []policyText) {
	t.Helper()
	for d := json.NewDecoder(strings.NewReader(text)); d.More(); {
		var p policyText
		if err := d.Decode(&p); err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		all = append(all, p)
	}
	return all
}

func (p policyText) actions() (all []string) {
	for _, s := range p.Statement {
		all = append(all, s.Action...)
	}
	return all
}

func TestAnOrganizationNeedsAPolicyForTheCallerAndOneForTheRole(t *testing.T) {
	for _, c := range []struct {
		name       string
		args       []string
		role       string
		list, free []string
	}{
		{"all accounts", []string{"--organization"}, "arn:aws:iam::*:role/OrganizationAccountAccessRole", []string{"organizations:ListAccounts"}, []string{"organizations:ListAccountsForParent"}},
		{
			"a unit, by a role",
			[]string{"--ou", "ou-1", "--organization-role", "StanceReader"},
			"arn:aws:iam::*:role/StanceReader",
			[]string{"organizations:ListAccountsForParent", "organizations:ListOrganizationalUnitsForParent"},
			[]string{"organizations:ListAccounts"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := stance(t, append([]string{"permissions", "aws", "--check", "aws_s3_bucket_versioning"}, c.args...)...)
			r.wants(t, exitDone, "-o DIR")
			documents := policyTexts(t, r.out)
			if len(documents) != 2 {
				t.Fatalf("%d documents:\n%s", len(documents), r.out)
			}
			caller, member := documents[0], documents[1]
			last := caller.Statement[len(caller.Statement)-1]
			if !slices.Equal(last.Action, []string{"sts:AssumeRole"}) || last.Resource != c.role {
				t.Errorf("the caller enters accounts by %+v, want %s", last, c.role)
			}
			for _, action := range c.list {
				if !slices.Contains(caller.actions(), action) {
					t.Errorf("the caller lacks %s", action)
				}
			}
			for _, action := range append(c.free, "s3:ListAllMyBuckets") {
				if slices.Contains(caller.actions(), action) {
					t.Errorf("the caller is allowed %s, which that policy is not for", action)
				}
			}
			if a := member.actions(); !slices.Contains(a, "s3:ListAllMyBuckets") || !slices.Contains(a, "s3:GetBucketVersioning") || slices.Contains(a, "sts:AssumeRole") {
				t.Errorf("the role in an account is allowed %v", a)
			}
		})
	}
}

func TestThePlanOfAnOrganizationHasItsCalls(t *testing.T) {
	r := stance(t, "plan", "aws", "--organization", "--check", "aws_s3_bucket_versioning")
	r.wants(t, exitDone)
	for _, call := range []string{"organizations:ListAccounts", "sts:AssumeRole", "s3:ListBuckets"} {
		if !strings.Contains(r.out, call) {
			t.Errorf("%s is not in the plan:\n%s", call, r.out)
		}
	}
}

func TestEachPolicyGetsAFileOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		name  string
		args  []string
		files []string
	}{
		{"many into a folder", []string{"-o", filepath.Join(dir, "new folder")}, []string{"new folder/stance-1.json", "new folder/stance-2.json"}},
		{"many beside a named file", []string{"-o", filepath.Join(dir, "p.json")}, []string{"p-1.json", "p-2.json"}},
		{"one as the named file", []string{"--service", "s3", "-o", filepath.Join(dir, "one.json")}, []string{"one.json"}},
		{"one into a folder that is there", []string{"--service", "s3", "-o", dir}, []string{"stance.json"}},
		{"an organization's", []string{"--service", "s3", "--organization", "-o", filepath.Join(dir, "org")}, []string{"org/stance.json", "org/stance-organization.json"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := stance(t, append([]string{"permissions", "aws"}, c.args...)...)
			r.wants(t, exitDone)
			for _, name := range c.files {
				path := filepath.Join(dir, name)
				text, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if n := len(policyTexts(t, string(text))); n != 1 {
					t.Errorf("%s holds %d documents", name, n)
				}
				if !strings.Contains(r.out, "--policy-document "+quote("file://"+path)) {
					t.Errorf("what to type with %s is not said:\n%s", name, r.out)
				}
			}
		})
	}
	quiet := stance(t, "permissions", "aws", "-q", "-o", filepath.Join(dir, "quiet"))
	quiet.wants(t, exitDone)
	if quiet.out != "" {
		t.Errorf("--quiet explains:\n%s", quiet.out)
	}
}

func TestSeveralPoliciesOnTheScreenSayHowToGetThemApart(t *testing.T) {
	r := stance(t, "permissions", "aws")
	r.wants(t, exitDone, "IAM takes one", "-o DIR")
	if n := len(policyTexts(t, r.out)); n < 2 {
		t.Errorf("%d documents", n)
	}
}

// TestGettingStartedShowsWhatIsPrinted: the page is there to be copied from.
func TestGettingStartedShowsWhatIsPrinted(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "getting-started.md"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	r := stance(t, "permissions", "aws", "-o", "policies")
	r.wants(t, exitDone)
	for line := range strings.SplitSeq(strings.TrimSpace(r.out), "\n") {
		if !strings.HasPrefix(line, "#") && !strings.Contains(string(page), "    "+line+"\n") {
			t.Errorf("the page lacks: %s", line)
		}
	}
}
