package content

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestSettingsSayWhatNobodyNeedActOn(t *testing.T) {
	s, _, problems := loadSettings(t, `
suppress:
  - check: aws_s3_bucket_versioning
    address: module.logs.**
    reason: the logs are copied
      elsewhere every night
    until: 2027-01-01
    owner: platform
    ticket: 123
  - check: [aws_iam_*, aws_vpc_open_rules]
    path: [legacy/, "modules/**/*.tf"]
    unit: [envs/dev, .]
    tag: {env: dev*, Team: "0"}
    reason: goes away
  - {check: all, unit: sandbox, reason: nobody keeps anything there}
`)
	if problems != "" {
		t.Fatal(problems)
	}
	want := []Suppression{
		{
			Checks: map[string]bool{"aws_s3_bucket_versioning": true}, Address: []string{"module.logs.**"},
			Reason: "the logs are copied elsewhere every night", Until: "2027-01-01", Owner: "platform", Ticket: "123",
		},
		{
			Checks: map[string]bool{"aws_iam_user_key_used": true, "aws_vpc_open_rules": true}, Path: []string{"legacy/", "modules/**/*.tf"},
			Unit: []string{"envs/dev", "."}, Tags: map[string]string{"env": "dev*", "Team": "0"}, Reason: "goes away",
		},
		{Unit: []string{"sandbox"}, Reason: "nobody keeps anything there"},
	}
	if diff := cmp.Diff(want, s.Suppressions(), cmpopts.IgnoreFields(Suppression{}, "Pos")); diff != "" {
		t.Error(diff)
	}
	if at := s.Suppressions()[1].Pos; at.Line != 10 {
		t.Errorf("the second stands at %v", at)
	}
}

func TestMistakesInSuppressions(t *testing.T) {
	for text, want := range map[string]string{
		"suppress: [{check: aws_iam_user_key_used}]":                     `stance.yaml:1:12: key "reason" is missing`,
		"suppress: [{check: aws_iam_user_key_used, reason: ''}]":         `stance.yaml:1:51: "reason" is empty`,
		"suppress: [{reason: r, path: x}]":                               `stance.yaml:1:12: key "check" is missing`,
		"suppress:\n- check: [aws_iam_user_key_usd]\n  reason: r":        `stance.yaml:2:11: there is no check "aws_iam_user_key_usd" (did you mean "aws_iam_user_key_used"?)`,
		"suppress: [{check: aws_ec3_*, reason: r}]":                      `stance.yaml:1:20: no check is called "aws_ec3_*"`,
		"suppress: [{check: '[a', reason: r}]":                           `stance.yaml:1:20: "[a" is not a pattern of names: write * for any letters`,
		"suppress: [{check: '*', path: x, reason: r}]":                   `stance.yaml:1:20: "*" is too wide for a check: write all if all are meant`,
		"suppress: [{check: all, reason: r}]":                            `stance.yaml:1:13: this would suppress everything (add an address, a path, a unit or a tag)`,
		"suppress: [{check: aws_iam_*, until: 2027-02-30, reason: r}]":   `stance.yaml:1:38: there is no day 2027-02-30`,
		"suppress: [{check: aws_iam_*, until: soon, reason: r}]":         `stance.yaml:1:38: "until" is "soon", but a day such as 2027-01-01 is wanted`,
		"suppress: [{check: aws_iam_*, path: /a, reason: r}]":            `stance.yaml:1:37: "path": write it as seen from the folder that is scanned, without / before it`,
		"suppress: [{check: aws_iam_*, path: ['a', '../b'], reason: r}]": `stance.yaml:1:43: "path": write it as seen from the folder that is scanned, as in "b"`,
		"suppress: [{check: aws_iam_*, unit: 'a\\b', reason: r}]":        `stance.yaml:1:37: "unit": write / between folders`,
		"suppress: [{check: aws_iam_*, path: a**/b, reason: r}]":         `stance.yaml:1:37: "path": ** stands for whole segments, but "a**" is only part of one`,
		"suppress: [{check: aws_iam_*, address: module.a**, reason: r}]": `stance.yaml:1:40: "address": ** stands for whole segments, but "a**" is only part of one`,
		"suppress: [{check: aws_iam_*, tag: {}, reason: r}]":             `stance.yaml:1:36: "tag" is empty`,
		"suppress: [{check: aws_iam_*, uni: x, reason: r}]":              `stance.yaml:1:31: unknown key "uni" (did you mean "unit"?)`,
		"suppress: {check: x}":                                           `stance.yaml:1:11: "suppress" is a map, but a list is wanted`,
		"suppress: [aws_iam_user_key_used]":                              `stance.yaml:1:12: an item of "suppress" is one value, but a map is wanted`,
	} {
		if _, _, problems := loadSettings(t, text); problems != want {
			t.Errorf("%s:\n got %s\nwant %s", text, problems, want)
		}
	}
	var none *Settings
	if none.Suppressions() != nil {
		t.Error("who sets nothing suppresses something")
	}
}
