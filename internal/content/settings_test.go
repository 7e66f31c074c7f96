package content

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func loadSettings(t *testing.T, text string) (*Settings, *Library, string) {
	t.Helper()
	l := loadGood(t)
	name := filepath.Join(t.TempDir(), "stance.yaml")
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	s, problems := LoadSettings(name, l)
	return s, l, strings.ReplaceAll(problems.Error(), filepath.ToSlash(name), "stance.yaml")
}

func TestSettingsOverrideDefaults(t *testing.T) {
	s, l, problems := loadSettings(t, `
params:
  aws_iam_user_key_used: {days: 30, names: [a], share: 2}
  trusted_account_ids: ["111122223333"]
`)
	if problems != "" {
		t.Fatal(problems)
	}
	want := map[string]any{
		"days": int64(30), "share": 2.0, "strict": false, "owner": "012", "names": []string{"a"}, "trusted_account_ids": []string{"111122223333"},
	}
	if diff := cmp.Diff(want, s.Values(l.Check("aws_iam_user_key_used"))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]any{"trusted_account_ids": []string{"111122223333"}}, s.Values(l.Check("aws_s3_bucket_versioning"))); diff != "" {
		t.Error(diff)
	}
	if days, ok := DefaultSettings(l).Value(l.Check("aws_iam_user_key_used"), "days"); !ok || days != int64(45) {
		t.Errorf("default %v", days)
	}
	if _, ok := s.Value(l.Check("aws_iam_user_key_used"), "nothing"); ok {
		t.Error("a parameter that is not there has a value")
	}
	var none *Settings
	if days, _ := none.Value(l.Check("aws_iam_user_key_used"), "days"); days != int64(45) {
		t.Errorf("without settings %v", days)
	}
}

func TestSettingsMayGiveACheckItsOwnSharedParameter(t *testing.T) {
	s, l, problems := loadSettings(t, "params: {aws_s3_bucket_versioning: {trusted_account_ids: [a]}}")
	if problems != "" {
		t.Fatal(problems)
	}
	if got, _ := s.Value(l.Check("aws_s3_bucket_versioning"), "trusted_account_ids"); !cmp.Equal(got, []string{"a"}) {
		t.Errorf("got %v", got)
	}
	if got, _ := s.Value(l.Check("aws_vpc_open_rules"), "trusted_account_ids"); !cmp.Equal(got, []string{}) {
		t.Errorf("another check got %v", got)
	}
}

func TestMistakesInSettings(t *testing.T) {
	for text, want := range map[string]string{
		"param: {}":                                        `stance.yaml:1:1: unknown key "param" (did you mean "params"?)`,
		"params: {aws_iam_user_keys_used: {}}":             `stance.yaml:1:10: there is no check and no shared parameter "aws_iam_user_keys_used" (did you mean "aws_iam_user_key_used"?)`,
		"params: {trusted_accounts_ids: []}":               `stance.yaml:1:10: there is no check and no shared parameter "trusted_accounts_ids" (did you mean "trusted_account_ids"?)`,
		"params: {aws_iam_user_key_used: 3}":               `stance.yaml:1:10: "aws_iam_user_key_used" is 3, but a map of the check's parameters is wanted`,
		"params: {trusted_account_ids: [1]}":               `stance.yaml:1:10: parameter "trusted_account_ids" holds 1, but each item must be text: put it in quotes`,
		"params: {trusted_account_ids: {a: b}}":            `stance.yaml:1:10: parameter "trusted_account_ids" is a map, but a list of texts is wanted`,
		"params: {trusted_account_ids: x}":                 `stance.yaml:1:10: parameter "trusted_account_ids" is "x", but a list of texts is wanted`,
		"params:\n  aws_iam_user_key_used:\n    dais: 3":   `stance.yaml:3:5: aws_iam_user_key_used has no parameter "dais" (did you mean "days"?)`,
		"params: {aws_iam_user_key_used: {days: 1.5}}":     `stance.yaml:1:34: parameter "days" is 1.5, but a whole number is wanted`,
		"params: {aws_iam_user_key_used: {strict: \"1\"}}": `stance.yaml:1:34: parameter "strict" is "1", but true or false is wanted`,
		"a: 1\n---\nb: 2":                                  `stance.yaml:1:1: unknown key "a" (known are params and suppress)` + "\n" + `stance.yaml:3:1: the file is one document`,
	} {
		if _, _, problems := loadSettings(t, text); problems != want {
			t.Errorf("%s:\n got %s\nwant %s", text, problems, want)
		}
	}
	if _, problems := LoadSettings("nowhere/stance.yaml", &Library{}); problems.Error() != "nowhere/stance.yaml: cannot be read: no such file or directory" {
		t.Error(problems)
	}
	if _, _, problems := loadSettings(t, "# nothing set\n"); problems != "" {
		t.Error(problems)
	}
}
