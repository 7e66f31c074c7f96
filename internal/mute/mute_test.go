package mute

import (
	"testing"
	"time"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
)

var today = time.Date(2026, 6, 1, 23, 59, 0, 0, time.UTC)

func TestARuleFitsWhereAllItSaysHolds(t *testing.T) {
	bucket := evaluate.Finding{
		Check: "aws_s3_bucket_versioning", Status: evaluate.Fail, Account: "1", Region: "eu-west-1", Resource: "arn:aws:s3:::logs-a", ResourceName: "logs-a",
		Tags: map[string]string{"env": "dev1"},
	}
	list := evaluate.Finding{Check: "aws_s3_bucket_versioning", Status: evaluate.Unknown, Account: "1"}
	passed := bucket
	passed.Status = evaluate.Pass
	check := map[string]bool{"aws_s3_bucket_versioning": true}
	for name, c := range map[string]struct {
		rule    content.Mute
		finding evaluate.Finding
		want    bool
	}{
		"the check":                            {content.Mute{Checks: check}, bucket, true},
		"another check":                        {content.Mute{Checks: map[string]bool{"x": true}}, bucket, false},
		"all checks":                           {content.Mute{Account: []string{"1"}}, bucket, true},
		"a resource by its id":                 {content.Mute{Resource: []string{"arn:aws:s3:::logs-*"}}, bucket, true},
		"a resource by its name":               {content.Mute{Resource: []string{"other", "logs-?"}}, bucket, true},
		"another resource":                     {content.Mute{Resource: []string{"logs"}}, bucket, false},
		"another account":                      {content.Mute{Account: []string{"2"}}, bucket, false},
		"a region":                             {content.Mute{Region: []string{"eu-*"}}, bucket, true},
		"no region is global":                  {content.Mute{Region: []string{"global"}}, list, true},
		"a tag":                                {content.Mute{Tags: map[string]string{"env": "dev*"}}, bucket, true},
		"a tag that it has not":                {content.Mute{Tags: map[string]string{"team": "*"}}, bucket, false},
		"a resource is not the account's list": {content.Mute{Resource: []string{"*s3*"}}, list, false},
		"what passes needs no rule":            {content.Mute{Checks: check}, passed, false},
		"its last day":                         {content.Mute{Checks: check, Until: "2026-06-01"}, bucket, true},
		"the day after its last":               {content.Mute{Checks: check, Until: "2026-05-31"}, bucket, false},
		"a framework's rule holds in its reports alone": {content.Mute{Checks: check, Frameworks: []string{"f"}}, bucket, false},
	} {
		rules := New([]content.Mute{c.rule}, today)
		if got := rules.For(c.finding, "") != nil; got != c.want {
			t.Errorf("%s: %v", name, got)
		}
		if len(c.rule.Frameworks) > 0 && rules.For(c.finding, "f") == nil {
			t.Errorf("%s: it does not hold there", name)
		}
	}
}

func TestTheFirstRuleThatFitsIsShown(t *testing.T) {
	rules := New([]content.Mute{
		{Reason: "ended", Until: "2026-05-01"},
		{Reason: "accepted", Accept: true, Owner: "ana", Ticket: "S-1", Until: "2026-12-31", Pos: content.Pos{File: "mutes.yaml", Line: 7}},
		{Reason: "later"},
	}, today)
	want := evaluate.Suppressed{Reason: "accepted", Until: "2026-12-31", By: "mutes.yaml:7", Accepted: true, Owner: "ana", Ticket: "S-1"}
	if got := rules.For(evaluate.Finding{Status: evaluate.Fail}, ""); *got != want {
		t.Errorf("got %+v", *got)
	}
	if len(rules.Ended()) != 1 {
		t.Errorf("ended: %v", rules.Ended())
	}
}

func TestApplyKeepsVerdictsAndWhatCodeSuppresses(t *testing.T) {
	own := &evaluate.Suppressed{Reason: "in code"}
	in := []evaluate.Finding{{Check: "a", Status: evaluate.Fail}, {Check: "b", Status: evaluate.Fail, Suppressed: own}, {Check: "c", Status: evaluate.Pass}}
	rules := New([]content.Mute{{Reason: "r"}}, today)
	var out []evaluate.Finding
	for f, err := range rules.Apply(func(yield func(evaluate.Finding, error) bool) {
		for _, f := range in {
			if !yield(f, nil) {
				return
			}
		}
	}, "") {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	}
	if len(out) != 3 || out[0].Status != evaluate.Fail || out[0].Suppressed.Reason != "r" || out[1].Suppressed != own || out[2].Suppressed != nil {
		t.Errorf("got %+v", out)
	}
}
