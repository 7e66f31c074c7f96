package scan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/lake"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/report/terminal"
)

func refusal(call, by string) *provider.Error {
	return &provider.Error{Class: provider.Denied, Call: call, Code: "AccessDenied", Message: "no", Permissions: []string{call}, By: by}
}

const scp = "service control policy"

// closing is a cloud of several services, of which a policy denies all but one in some regions.
func closing(regions []string, closed func(account, region string) bool) *cloud {
	c := things(regions...)
	c.Before = func(q provider.Request) error {
		if closed(q.Scope.Account, q.Scope.Region) && q.Service != "who" {
			return refusal(q.Service+":"+q.Op, scp)
		}
		return nil
	}
	return c
}

func TestRegionsThatNobodyCouldTell(t *testing.T) {
	c := things("north", "south")
	c.accounts[0].RegionsErr = refusal("ec2:DescribeRegions", "")
	r := scanned(t, c)
	const cause = "denied: ec2:DescribeRegions (AccessDenied: no): there may be regions besides those visited"
	r.wantCells(t, map[string]string{"fake_thing/elsewhere/list": "denied " + cause, "fake_region/elsewhere/list": "denied " + cause})
	r.wantFindings(
		t,
		"fake_store_policy north s PASS", // it is listed for the whole account
		"fake_thing_kind north a-north PASS", "fake_thing_kind north b-north PASS", "fake_thing_kind south a-south PASS", "fake_thing_kind south b-south PASS",
		"fake_thing_kind elsewhere  UNKNOWN "+cause,
		"fake_thing_size north a-north PASS", "fake_thing_size north b-north PASS", "fake_thing_size south a-south PASS", "fake_thing_size south b-south PASS",
		"fake_thing_size elsewhere  UNKNOWN "+cause,
		"fake_thing_each north north PASS", "fake_thing_each south south PASS", "fake_thing_each elsewhere  UNKNOWN "+cause,
		"fake_thing_any global "+me+" UNKNOWN "+cause, "fake_thing_any global  UNKNOWN "+cause,
	)
	wantNotes(t, r, report.Note{
		Text: "not every region may have been visited: which are enabled could not be told (denied: ec2:DescribeRegions), which makes 5 findings UNKNOWN",
		Do:   "allow that call, or name the regions that you use with --region",
	})
	if !r.Incomplete {
		t.Error("the scan says that it is complete")
	}
}

func TestAScanThatMayHaveMissedRegionsKeepsWhatEarlierOnesSawThere(t *testing.T) {
	o := optionsFor(t, things("north", "far"), "fake_thing_kind")
	outcome, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	read(t, outcome)
	c := things("north")
	c.accounts[0].RegionsErr = refusal("ec2:DescribeRegions", "")
	o.Provider = c
	if outcome, err = Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	read(t, outcome)
	l, err := lake.Open(t.Context(), o.Lake)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	manifests, err := l.Scans(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range manifests {
		if m.ID == outcome.Result.Scan.ID && fmt.Sprint(m.Regions) != "map["+me+":[north]]" {
			t.Errorf("the lake takes it for a scan of %v", m.Regions)
		}
		if m.ID != outcome.Result.Scan.ID && m.Regions != nil {
			t.Errorf("the lake takes the first for a scan of %v", m.Regions)
		}
	}
}

func TestRegionsThatAPolicyCloses(t *testing.T) {
	c := closing([]string{"north", "south", "west"}, func(_, region string) bool { return region == "south" || region == "west" })
	r := scannedWith(t, c, []string{"fake_cup", "fake_plate"})
	cause := "denied: a service control policy closes this region (things:List, which a service control policy forbids (AccessDenied: no))"
	want := map[string]string{}
	for _, region := range []string{"south", "west"} {
		for _, service := range []string{"things", "cups", "plates"} {
			want["fake_"+service[:len(service)-1]+"/"+region+"/list"] = "denied 1 " + strings.Replace(cause, "things:List", service+":List", 1)
		}
		want["fake_thing/"+region+"/detail"] = "denied " + cause
	}
	r.wantCells(t, want)
	r.wantFindings(
		t,
		"fake_store_policy north s PASS",
		"fake_thing_kind north a-north PASS", "fake_thing_kind north b-north PASS", "fake_thing_kind south  UNKNOWN "+cause, "fake_thing_kind west  UNKNOWN "+cause,
		"fake_thing_size north a-north PASS", "fake_thing_size north b-north PASS", "fake_thing_size south  UNKNOWN "+cause, "fake_thing_size west  UNKNOWN "+cause,
		"fake_thing_each north north PASS", "fake_thing_each south south UNKNOWN "+cause, "fake_thing_each west west UNKNOWN "+cause,
		"fake_thing_any global "+me+" UNKNOWN "+cause,
	)
	wantNotes(t, r, report.Note{
		Text: "2 of 3 regions are closed by a service control policy, which alone makes 7 findings UNKNOWN",
		Do:   "if you keep nothing there: --exclude-region south,west",
	})
	if line := report.NewCoverage(r.Result.Coverage).Line(); !strings.Contains(line, "8 denied (service control policy)") {
		t.Errorf("the coverage says %q", line)
	}
	if gaps := report.NewCoverage(r.Result.Coverage).Gaps; len(gaps) != 1 {
		t.Errorf("the coverage has %d gaps: %+v", len(gaps), gaps)
	}
	var screen strings.Builder
	if err := (report.Table{}).Write(&screen, &r.Result, terminal.Terminal{Width: 80}); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"2 of 3 regions are closed by a service control policy, which alone makes", "--exclude-region south,west\n"} {
		if strings.Count(screen.String(), line) != 1 {
			t.Errorf("the summary does not say %q once:\n%s", line, screen.String())
		}
	}
}

func TestARegionIsNotToBeLeftOutWhereSomeAccountMayUseIt(t *testing.T) {
	const other = "444455556666"
	c := closing([]string{"north", "south", "west"}, func(account, region string) bool { return region == "south" || region == "west" && account == other })
	c.accounts = append(c.accounts, provider.Account{ID: other, Partition: "fake", Regions: []string{"north", "south", "west"}})
	r := scannedWith(t, c, []string{"fake_cup", "fake_plate"}, "fake_thing_kind")
	wantNotes(t, r, report.Note{
		Text: "2 of 3 regions are closed by a service control policy in some accounts, which alone makes 3 findings UNKNOWN",
		Do:   "if you keep nothing there: --exclude-region south",
	})
}

func wantNotes(t *testing.T, r *result, want ...report.Note) {
	t.Helper()
	if fmt.Sprintf("%+v", r.Result.Scan.Notes) != fmt.Sprintf("%+v", want) {
		t.Errorf("notes:\n got %+v\nwant %+v", r.Result.Scan.Notes, want)
	}
}
