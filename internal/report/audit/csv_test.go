package audit

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
)

// readCSV gives the lines as maps by the names of the columns.
func readCSV(t *testing.T, raw []byte) []map[string]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]string
	for _, row := range rows[1:] {
		cells := map[string]string{}
		for i, name := range rows[0] {
			cells[name] = row[i]
		}
		all = append(all, cells)
	}
	return all
}

func TestCSVHasALinePerRequirementAndAccount(t *testing.T) {
	d := sample()
	rows := readCSV(t, written(t, CSV{}, d))
	requirements := 0
	for _, r := range d.Report.Requirements {
		if !r.Group {
			requirements++
		}
	}
	if len(rows) != 2*requirements {
		t.Fatalf("%d lines for %d requirements in 2 accounts", len(rows), requirements)
	}
	at := func(requirement, account string) map[string]string {
		for _, row := range rows {
			if row["requirement"] == requirement && row["account_id"] == account {
				return row
			}
		}
		t.Fatalf("no line of %s in %s", requirement, account)
		return nil
	}
	if row := at("1.1", production); row["status"] != "not_met" || row["fail"] != "2" || row["section"] != "1 Identities" || row["account_name"] != "production" || row["levels"] != "basic; strict" {
		t.Errorf("%v", row)
	}
	if row := at("1.1", sandbox); row["status"] != "met" || row["checks"] != "aws_iam_user_mfa_for_console" {
		t.Errorf("%v", row)
	}
	if row := at("2.1.1", production); row["section"] != "2 Data and detection > 2.1 Storage" || row["accepted"] != "1" {
		t.Errorf("%v", row)
	}
	if row := at("1.1(a)", sandbox); row["section"] != "1 Identities > 1.1 Every console user has MFA" || row["status"] != "manual" || row["measured"] != "met" || row["left"] == "" {
		t.Errorf("%v", row)
	}
	if row := at("1.3", sandbox); row["attested_answer"] != "met" || row["attested_by"] != "ann@acme.example" || row["attested_until"] != "2027-09-30" || row["look"] == "" {
		t.Errorf("%v", row)
	}
	if row := at("1.4", production); row["attested_answer"] != "" {
		t.Errorf("an attestation that ended stands for nothing: %v", row)
	}
}

func TestCSVIsSafeForSpreadsheetsAndScreens(t *testing.T) {
	d := sample()
	long := strings.Repeat("x", 1<<20)
	for i := range d.Report.Requirements {
		r := &d.Report.Requirements[i]
		for k := range r.Scopes {
			r.Scopes[k].Why = "\t=1+1" + long
		}
	}
	for _, row := range readCSV(t, written(t, CSV{}, d)) {
		for name, value := range row {
			if value != "" && strings.ContainsRune("=+-@\t\r\n", rune(value[0])) {
				t.Errorf("%s: a spreadsheet runs %.40q", name, value)
			}
			if strings.ContainsAny(value, "\n\r\t\x1b\u202e") {
				t.Errorf("%s: %.200q controls a screen", name, value)
			}
			if len(value) > 32_767 {
				t.Errorf("%s: %d characters do not fit a cell", name, len(value))
			}
		}
	}
}
