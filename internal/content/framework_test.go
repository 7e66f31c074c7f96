package content

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLoadReadsFrameworks(t *testing.T) {
	l := loadGood(t)
	f := l.Framework("acme-1.0")
	keys := &Requirement{
		ID: "1.1", Parent: "1", Title: "Keys are in use", Levels: []string{"low", "high"}, Assessment: "automated", Answer: AnswerFull,
		Checks: []string{"aws_iam_user_key_used"}, Requires: []Require{
			{"aws_iam_user_key_used", "days", BoundMost, int64(90)},
			{"aws_iam_user_key_used", "days", BoundLeast, int64(1)},
			{"aws_iam_user_key_used", "names", BoundIncludes, []string{"a"}},
		},
	}
	if diff := cmp.Diff(keys, f.Requirement("1.1")); diff != "" {
		t.Error(diff)
	}
	for framework, id := range map[string]string{"acme-1.0": "2(a)", "acme-2.0": "3"} { // have the answer of another
		got := *l.Framework(framework).Requirement(id)
		if diff := cmp.Diff([]any{keys.Answer, keys.Checks, keys.Requires}, []any{got.Answer, got.Checks, got.Requires}); diff != "" {
			t.Errorf("%s/%s: %s", framework, id, diff)
		}
	}
	if got := l.Framework("acme-2.0").Requirement("1.1"); got.Answer != AnswerFull || l.Framework("acme-2.0").Missing == "" {
		t.Errorf("got %+v", got)
	}
	var answering []string
	for _, c := range f.Answering(f.Requirement("1.2"), l.Checks) {
		answering = append(answering, c.ID)
	}
	if want := []string{"aws_s3_bucket_versioning"}; !cmp.Equal(want, answering) {
		t.Errorf("got %v", answering)
	}
	if want := []string{"acme-1.0/1.1", "acme-1.0/2(a)", "acme-2.0/1.1", "acme-2.0/3"}; !cmp.Equal(want, l.Named["aws_iam_user_key_used"]) {
		t.Errorf("named by %v", l.Named)
	}
}

func TestAFrameworkInAPackIsTheSame(t *testing.T) {
	l := loadGood(t)
	data, err := WritePack(l, Prepared{})
	if err != nil {
		t.Fatal(err)
	}
	pack, err := OpenPack(data)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := pack.Frameworks()
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range packed {
		if diff := cmp.Diff(l.Frameworks[i].Requirements, f.Requirements); diff != "" {
			t.Error(diff)
		}
	}
	whole, err := pack.Library()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(l.Named, whole.Named); diff != "" || whole.Frameworks != nil {
		t.Error(diff)
	}
}

// goodTree is testdata/good as files that may be spoiled.
func goodTree(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir("testdata/good", func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		files[strings.TrimPrefix(filepath.ToSlash(name), "testdata/good/")] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestMistakesInFrameworks(t *testing.T) {
	const file, second, list = "frameworks/acme-1.0.yaml", "frameworks/acme-2.0.yaml", "frameworks/lists/acme-1.0.yaml"
	for name, c := range map[string]struct{ file, old, new, want string }{
		"dead check":               {file, "checks: [aws_iam_user_key_used]", "checks: [aws_iam_user_key_usd]", file + `:18:14: there is no check "aws_iam_user_key_usd" (did you mean "aws_iam_user_key_used"?)`},
		"dead objective":           {file, "[data-recovery]", "[data-recovry]", file + `:20:109: there is no objective "data-recovry" (did you mean "data-recovery"?)`},
		"dead framework":           {second, "as: acme-1.0\n", "as: acme-1.1\n", second + `:11:1: there is no framework "acme-1.1" (did you mean "acme-1.0"?)`},
		"dead requirement":         {second, "acme-1.0/2(a)", "acme-1.0/2(b)", second + `:14:6: 3: acme-1.0 has no requirement "2(b)" that it could have the answer of`},
		"the answer of a heading":  {second, "acme-1.0/2(a)", "acme-1.0/1", `that it could have the answer of`},
		"an answer without end":    {second, "as: acme-1.0/2(a)", "as: acme-2.0/3", second + `:14:6: 3: its answer is that of another, and so on without end`},
		"check of another cloud":   {file, "providers: [aws]", "providers: [aws, asw]", file + `:8:18: there is no provider "asw" (did you mean "aws"?)`},
		"full and something left":  {file, "answer: full", "answer: full\n    left: More.", `1.1: where something is left to look at, the answer is partial`},
		"partial and nothing left": {file, ", left: Whether somebody tried.", "", `1.2: left is missing: what do the checks not look at?`},
		"manual with checks":       {file, "answer: full", "answer: manual", `1.1: checks answer it, so it is not manual`},
		"manual without a look":    {file, ", look: The list of courses.", "", `2: look is missing: what must a person look at?`},
		"no answer":                {file, "answer: manual, look: The list of courses.", "assessment: manual", `2: it says neither how far checks answer it nor that it has the answer of another: answer or as is missing`},
		"nothing answers":          {file, "objectives: [data-recovery], ", "", `1.2: checks and objectives are missing: nothing answers it`},
		"twice":                    {file, `id: "1.2"`, `id: "1.1"`, `requirement "1.1" stands here a second time`},
		"parent that comes later":  {file, `parent: "1", title: Data`, `parent: "2", title: Data`, `the parent "2" does not stand before "1.2"`},
		"level that is none":       {file, "levels: [high]", "levels: [hihg]", `the framework has no level "hihg" (did you mean "high"?)`},
		"no such parameter":        {file, "{days: {", "{dys: {", `aws_iam_user_key_used has no parameter "dys" (did you mean "days"?)`},
		"bound of another type":    {file, "at_most: 90", "at_most: many", `the bound of "days" is "many", but a whole number is wanted`},
		"order of a list":          {file, "includes: [a]", "at_most: [a]", `at_most is for numbers, but "names" is a list of texts`},
		"bound of a check beside":  {file, "requires: {aws_iam_user_key_used: {days: {at_most: 90, at_least: 1}, names: {includes: [a]}}}", "requires: {aws_vpc_open_rules: {days: {at_most: 1}}}", `aws_vpc_open_rules does not answer the requirement`},
		"requirement lacks":        {file, `  - {id: "2(a)", parent: "2", title: Keys again, as: acme-1.0/1.1}` + "\n", "", `the framework lacks the requirement "2(a)", which the list of its identifiers has`},
		"requirement that is not":  {list, `, "2(a)"`, "", file + `:22:6: "2(a)" is not in the list of the framework's identifiers`},
		"heading that is none":     {list, `headings: ["1"]`, `headings: ["1", "2"]`, `"2" is a heading by the list`},
		"list of no framework":     {list, "framework: acme-1.0", "framework: acme-1.1", `there is no framework "acme-1.1" (did you mean "acme-1.0"?)`},
		"file of another name":     {file, "id: acme-1.0", "id: acme-1.0.0", `the id is "acme-1.0.0", but the file is called acme-1.0.yaml`},
		"slash in an id":           {file, `id: "1.2"`, `id: "1/2"`, `but an identifier such as AC-2(1), without blanks at its ends is wanted`},
	} {
		t.Run(name, func(t *testing.T) {
			files := goodTree(t)
			if !strings.Contains(files[c.file], c.old) {
				t.Fatalf("%s does not hold %q", c.file, c.old)
			}
			files[c.file] = strings.Replace(files[c.file], c.old, c.new, 1)
			tree := fstest.MapFS{}
			for name, text := range files {
				tree[name] = &fstest.MapFile{Data: []byte(text)}
			}
			_, problems := Load(Folder{FS: tree})
			if got := problems.Error(); !strings.Contains(got, c.want) {
				t.Errorf("want %s\ngot  %s", c.want, got)
			}
		})
	}
}

func TestFrameworksOfAUserMayReferToOurs(t *testing.T) {
	base := loadGood(t)
	text := strings.NewReplacer("acme-2.0", "mine-1", "own_ids: true\n", "").Replace(goodTree(t)["frameworks/acme-2.0.yaml"])
	own, problems := LoadOver(base, Folder{FS: fstest.MapFS{"frameworks/mine-1.yaml": {Data: []byte(text)}}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	whole := Overlay(base, own)
	if got := whole.Framework("mine-1").Requirement("3").Answer; got != AnswerFull {
		t.Errorf("got %q", got)
	}
	if want := []string{"acme-1.0/1.1", "acme-1.0/2(a)", "acme-2.0/1.1", "acme-2.0/3", "mine-1/1.1", "mine-1/3"}; !cmp.Equal(want, whole.Named["aws_iam_user_key_used"]) {
		t.Errorf("named by %v", whole.Named)
	}
	if len(base.Named["aws_iam_user_key_used"]) != 4 {
		t.Error("the base was changed")
	}
}

func TestMutesSayWhatNobodyNeedActOn(t *testing.T) {
	mutes, problems := loadMutes(t, `
mutes:
  - check: [aws_iam_*, aws_vpc_open_rules]
    resource: "arn:aws:iam::*:user/ci-*"
    account: ["111122223333"]
    region: global
    tag: {env: dev*}
    framework: acme-1.0
    accept: true
    reason: the risk
      is small
    owner: ana
    ticket: SEC-1
    until: 2027-01-01
`)
	if problems != "" {
		t.Fatal(problems)
	}
	want := Mute{
		Checks: map[string]bool{"aws_iam_user_key_used": true, "aws_vpc_open_rules": true}, Resource: []string{"arn:aws:iam::*:user/ci-*"},
		Account: []string{"111122223333"}, Region: []string{"global"}, Tags: map[string]string{"env": "dev*"}, Frameworks: []string{"acme-1.0"},
		Accept: true, Reason: "the risk is small", Owner: "ana", Ticket: "SEC-1", Until: "2027-01-01",
	}
	mutes[0].Pos = Pos{}
	if diff := cmp.Diff(want, mutes[0]); diff != "" {
		t.Error(diff)
	}
	if mutes, problems := loadMutes(t, "# nothing yet\n"); problems != "" || mutes != nil {
		t.Errorf("a file of comments: %v %s", mutes, problems)
	}
}

func TestMistakesInMutes(t *testing.T) {
	for text, want := range map[string]string{
		"mutes: [{check: aws_iam_usr, reason: r}]":                                          `mutes.yaml:1:17: there is no check "aws_iam_usr"`,
		"mutes: [{check: aws_iam_*, reson: r}]":                                             `mutes.yaml:1:28: unknown key "reson" (did you mean "reason"?)`,
		"mutes: [{check: aws_iam_*}]":                                                       `mutes.yaml:1:9: key "reason" is missing`,
		"mutes: [{check: all, reason: r}]":                                                  `mutes.yaml:1:10: this would mute everything (add a resource, an account, a region or a tag)`,
		"mutes: [{check: all, account: '*', reason: r}]":                                    `mutes.yaml:1:31: "*" says nothing (leave account out where any is meant)`,
		"mutes: [{check: aws_iam_*, until: 2027-02-30, reason: r}]":                         `mutes.yaml:1:35: there is no day 2027-02-30`,
		"mutes: [{check: aws_iam_*, framework: acme-1.1, reason: r}]":                       `mutes.yaml:1:39: there is no framework "acme-1.1" (did you mean "acme-1.0"?)`,
		"mutes: [{check: aws_iam_*, accept: true, until: 2027-02-01, reason: r}]":           `mutes.yaml:1:28: key "accept" needs the key "owner"`,
		"mutes: [{check: aws_iam_*, accept: true, owner: ana, reason: r}]":                  `mutes.yaml:1:28: key "accept" needs the key "until"`,
		"mutes: []\n---\nmutes: []":                                                         `the file is one document`,
		"mutes: [{check: aws_iam_*, reason: ok}, {check: aws_iam_user_key_usd, reason: r}]": `there is no check "aws_iam_user_key_usd"`,
	} {
		if _, got := loadMutes(t, text); !strings.Contains(got, want) {
			t.Errorf("%s:\n got %s\nwant %s", text, got, want)
		}
	}
	if _, problems := LoadMutes(filepath.Join(t.TempDir(), "none.yaml"), loadGood(t)); !strings.Contains(problems.Error(), "cannot be read") {
		t.Errorf("a file that is not there: %v", problems)
	}
}

func loadMutes(t *testing.T, text string) ([]Mute, string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "mutes.yaml")
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	mutes, problems := LoadMutes(name, loadGood(t))
	return mutes, strings.ReplaceAll(problems.Error(), filepath.ToSlash(name), "mutes.yaml")
}

func TestAttestations(t *testing.T) {
	const good = "attestations:\n  - {framework: acme-1.0, requirement: [\"2\", \"1.2\"], account: a, answer: met, author: ana, date: 2026-01-01, until: 2026-12-31, note: seen}\n"
	all, problems := ReadAttestations([]byte(good), "attestations.yaml", loadGood(t))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	a := all[0]
	if !a.About("a") || a.About("b") || !a.Holds(day("2026-12-31")) || a.Holds(day("2027-01-01")) || a.Holds(day("2025-12-31")) {
		t.Errorf("got %+v", a)
	}
	for _, c := range []struct{ old, new, want string }{
		{"acme-1.0", "acme-1.1", `attestations.yaml:2:17: there is no framework "acme-1.1" (did you mean "acme-1.0"?)`},
		{`"1.2"`, `"1.3"`, `attestations.yaml:2:46: acme-1.0 has no requirement "1.3" (did you mean "1.1"?)`},
		{`"1.2"`, `"1"`, `attestations.yaml:2:46: "1" is a heading (name the requirements below it)`},
		{"until: 2026-12-31", "until: 2025-12-31", `it ends on 2025-12-31, before it was given on 2026-01-01`},
		{"answer: met", "answer: yes", `but met, not_met or not_applicable is wanted`},
		{", author: ana", "", `key "author" is missing`},
		{", until: 2026-12-31", "", `key "until" is missing`},
		{"date: 2026-01-01", "date: 2026-13-01", `there is no day 2026-13-01`},
		{"seen", "a\x00b", `is not text`},
	} {
		_, problems := ReadAttestations([]byte(strings.Replace(good, c.old, c.new, 1)), "attestations.yaml", loadGood(t))
		if got := problems.Error(); !strings.Contains(got, c.want) {
			t.Errorf("%s:\n got %s\nwant %s", c.new, got, c.want)
		}
	}
}

func day(text string) time.Time {
	at, err := time.Parse(DateFormat, text)
	if err != nil {
		panic(err)
	}
	return at.Add(23 * time.Hour)
}

func TestAScanForAFrameworkAsksForItsNumbers(t *testing.T) {
	s, l, problems := loadSettings(t, "params: {}")
	if problems != "" {
		t.Fatal(problems)
	}
	check := l.Check("aws_iam_user_key_used")
	strict := &Framework{Requirements: []*Requirement{{ID: "1", Requires: []Require{{check.ID, "days", BoundMost, int64(30)}, {check.ID, "strict", BoundEquals, true}}}}}
	adopted := s.Adopt(l, []*Framework{l.Framework("acme-1.0"), strict})
	want := []Adopted{{check.ID, "days", int64(30)}, {check.ID, "names", []string{"a"}}, {check.ID, "strict", true}}
	if diff := cmp.Diff(want, adopted); diff != "" {
		t.Error(diff)
	}
	if days, _ := s.Value(check, "days"); days != int64(30) {
		t.Errorf("days is %v", days)
	}
	s, l, _ = loadSettings(t, "params: {aws_iam_user_key_used: {days: 7}}")
	s.Adopt(l, []*Framework{strict})
	if days, _ := s.Value(check, "days"); days != int64(7) {
		t.Errorf("what the user set became %v", days)
	}
}
