package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	embedded "github.com/stancehq/stance/content"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/inventory"
	"github.com/stancehq/stance/internal/lake"
	"github.com/stancehq/stance/internal/report"
)

const (
	reportFindings   = 100_000
	reportAccounts   = 20
	reportFrameworks = 25
)

// reports writes reports on frameworks from a lake of many findings, by the program as it is released.
func reports(ctx context.Context) ([]figure, error) {
	dir, err := os.MkdirTemp("", "stance-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "stance")
	if err := build(ctx, program); err != nil {
		return nil, err
	}
	folder := filepath.Join(dir, "lake")
	frameworks, err := manyFindings(ctx, folder)
	if err != nil {
		return nil, err
	}
	figures := []figure{{"findings, accounts, frameworks", count(reportFindings) + ", " + count(reportAccounts) + ", " + count(len(frameworks)), ""}}
	for _, r := range []struct {
		name, format, wall, memory string
		frameworks                 []string
	}{
		{"csv of all frameworks", "csv", "< 15 s", "< 500 MiB", frameworks},
		{"html of all frameworks", "html", "", "", frameworks},
		{"html of one", "html", "", "", frameworks[:1]},
		{"pdf of one", "pdf", "< 10 s", "< 300 MiB", frameworks[:1]},
		{"oscal of one", "oscal", "", "", frameworks[:1]},
	} {
		target := r.format + "=" + filepath.Join(dir, "out", "{framework}."+r.format)
		arguments := append([]string{"report"}, r.frameworks...)
		command := exec.CommandContext(ctx, program, append(arguments, "--lake", folder, "--scan", "latest", "-q", "-o", target)...) //nolint:gosec // our own program
		command.Stderr = os.Stderr
		if err := os.MkdirAll(filepath.Join(dir, "out"), 0o755); err != nil {
			return nil, err
		}
		began := time.Now()
		if err := command.Run(); err != nil {
			return nil, fmt.Errorf("%s: %w", r.name, err)
		}
		figures = append(figures, figure{r.name + ": wall", seconds(time.Since(began)), r.wall})
		if usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
			figures = append(figures, figure{r.name + ": peak RSS", fmt.Sprintf("%d MiB", usage.Maxrss>>10), r.memory})
		}
	}
	return figures, nil
}

// manyFindings makes a lake of one scan with findings of every check of AWS, and names the frameworks that speak of it.
func manyFindings(ctx context.Context, folder string) (frameworks []string, err error) {
	pack, err := content.OpenPack(embedded.Pack)
	if err != nil {
		return nil, err
	}
	library, err := pack.Library()
	if err != nil {
		return nil, err
	}
	all, err := pack.Frameworks()
	if err != nil {
		return nil, err
	}
	for _, f := range all {
		if f.SpeaksOf("aws") && len(frameworks) < reportFrameworks {
			frameworks = append(frameworks, f.ID)
		}
	}
	l, err := lake.Open(ctx, folder)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	started := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	w, err := l.Begin(lake.Manifest{ID: "20260101T000000Z-aws-bench", Provider: "aws", Version: "bench", Started: started})
	if err != nil {
		return nil, err
	}
	db, err := database.Open(ctx, database.Options{OutputDirs: []string{w.Staging()}})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	store, err := inventory.New(ctx, db, started)
	if err != nil {
		return nil, err
	}
	var checks []inventory.Check
	var ids []string
	settings := content.DefaultSettings(library)
	for _, c := range library.Checks {
		if c.Provider == "aws" {
			checks, ids = append(checks, inventory.Check{Check: c, Params: settings.Asked(c)}), append(ids, c.ID)
		}
	}
	header := report.Scan{ID: "20260101T000000Z-aws-bench", Provider: "aws", Started: started, Finished: started.Add(time.Minute), Checks: len(ids), Resources: reportFindings}
	var accounts []string
	var cells []collect.Cell
	for i := range reportAccounts {
		account := fmt.Sprintf("%012d", 100_000_000_000+i)
		accounts = append(accounts, account)
		header.Accounts = append(header.Accounts, report.Account{ID: account, Regions: []string{"eu-west-1"}})
		cells = append(cells, collect.Cell{Provider: "aws", Account: account, Region: "eu-west-1", Table: "aws_s3_bucket", Group: "list", Status: collect.OK, Rows: 1, Calls: 1})
	}
	summary, err := json.Marshal(header)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(store.AddChecks(ctx, checks), store.AddCoverage(ctx, cells), store.AddScan(ctx, inventory.Scan{ID: header.ID, Provider: "aws", Started: started, Status: "complete"})); err != nil {
		return nil, err
	}
	if _, err := db.ExecContext(ctx, fmt.Sprintf(`CREATE TABLE findings AS SELECT c.id AS check_id, c.title, c.severity,
		CASE WHEN i %% 10 < 7 THEN 'PASS' WHEN i %% 10 < 9 THEN 'FAIL' WHEN i %% 50 = 9 THEN 'MANUAL' ELSE 'UNKNOWN' END AS status,
		CASE WHEN i %% 10 = 9 THEN 'denied: s3:GetBucketPolicy (AccessDenied: not authorized)' END AS cause, 'seen ' || i AS found, 'aws' AS provider,
		(100000000000 + i %% %d)::VARCHAR AS account_id, 'eu-west-1' AS region, c.resource_type, 'arn:aws:s3:::bucket-' || i AS resource, 'bucket-' || i AS resource_name,
		MAP {'team': 'shop'} AS tags, c.objectives, []::VARCHAR[] AS requirements
		FROM range(%d) r(i) JOIN (SELECT *, row_number() OVER (ORDER BY id) - 1 AS no FROM checks) c ON c.no = (i // %d) %% %d`,
		reportAccounts, reportFindings, reportAccounts, len(ids))); err != nil {
		return nil, err
	}
	for _, table := range []string{"findings", "coverage", "scans", "checks", "objectives"} {
		if err := w.WriteTable(ctx, db, table, nil, lake.ReachAccount, lake.Groups{}); err != nil {
			return nil, err
		}
	}
	return frameworks, w.Commit(ctx, func(m *lake.Manifest) {
		m.Finished, m.Accounts, m.Checks, m.Scan = header.Finished, accounts, ids, summary
	})
}
