package evaluate

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/plan"
)

// store is where verdicts lie. Those about a row of a table are narrow: a million checks of ten thousand rows repeat neither
// names nor tags, which lie once per row in stance_row; titles and the like lie once per check in stance_check. Verdicts of
// spread checks and about scopes are whole, in stance_loose.
type store struct{ db *sql.DB }

const schemaSQL = `
DROP VIEW IF EXISTS findings;
DROP VIEW IF EXISTS finding_counts;
CREATE OR REPLACE TABLE stance_check (no INTEGER, id VARCHAR, title VARCHAR, severity VARCHAR, provider VARCHAR,
  resource_type VARCHAR, by_row BOOLEAN, objectives VARCHAR[], requirements VARCHAR[], params VARCHAR);
CREATE OR REPLACE TABLE stance_row (resource_type VARCHAR, row BIGINT, account_id VARCHAR, region VARCHAR, resource VARCHAR,
  resource_name VARCHAR, tags MAP(VARCHAR, VARCHAR));
CREATE OR REPLACE TABLE stance_gap (fixture INTEGER, tbl VARCHAR, grp VARCHAR, account_id VARCHAR, region VARCHAR, cause VARCHAR);
CREATE OR REPLACE TABLE stance_verdict (no INTEGER, row BIGINT, status VARCHAR, cause VARCHAR, found VARCHAR);
CREATE OR REPLACE TABLE stance_loose (no INTEGER, fixture INTEGER, status VARCHAR, cause VARCHAR, found VARCHAR,
  account_id VARCHAR, region VARCHAR, resource VARCHAR, resource_name VARCHAR, tags MAP(VARCHAR, VARCHAR));`

// finishSQL makes the views. The first placeholder is a condition on the verdicts that are findings.
const finishSQL = `
CREATE OR REPLACE VIEW stance_finding AS
  SELECT v.no, v.status, v.cause, v.found, c.provider, r.account_id, r.region, r.resource, r.resource_name, r.tags
  FROM stance_verdict v JOIN stance_check c ON c.no = v.no JOIN stance_row r ON r.resource_type = c.resource_type AND r.row = v.row WHERE %[1]s
  UNION ALL SELECT v.no, v.status, v.cause, v.found, c.provider, v.account_id, v.region, v.resource, v.resource_name, v.tags
  FROM stance_loose v JOIN stance_check c ON c.no = v.no WHERE %[1]s;
CREATE OR REPLACE VIEW findings AS SELECT c.id AS check_id, c.title, c.severity, f.status, f.cause, f.found, f.provider, f.account_id,
    f.region, c.resource_type, f.resource, f.resource_name, f.tags, c.objectives, c.requirements
  FROM stance_finding f JOIN stance_check c ON c.no = f.no;
CREATE OR REPLACE TABLE stance_count AS SELECT no, account_id, region, status, count(*) AS count FROM (
    SELECT v.no, r.account_id, r.region, v.status
    FROM stance_verdict v JOIN stance_check c ON c.no = v.no JOIN stance_row r ON r.resource_type = c.resource_type AND r.row = v.row
    UNION ALL SELECT no, account_id, region, status FROM stance_loose)
  GROUP BY ALL ORDER BY ALL;
CREATE OR REPLACE VIEW finding_counts AS SELECT c.id AS check_id, c.provider, v.account_id, v.region, v.status, v.count
  FROM stance_count v JOIN stance_check c ON c.no = v.no;
DROP TABLE stance_gap;`

func (s store) reset(ctx context.Context) error {
	_, err := s.db.ExecContext(ctx, schemaSQL)
	return err
}

func (s store) addChecks(ctx context.Context, jobs []*job, o Options) error {
	return s.fill(ctx, "stance_check", len(jobs), func(i int) []driver.Value {
		j := jobs[i]
		spec := j.check.Spec
		return []driver.Value{
			int32(j.no), spec.ID, spec.Title, spec.Severity, spec.Provider, spec.Resource, !j.spread,
			notNil(spec.Objectives), notNil(o.Requirements[spec.ID]), paramsText(o.Settings.Asked(spec)),
		}
	})
}

// addRows notes once per row what all findings about it show.
func (s store) addRows(ctx context.Context, table *plan.Table) error {
	_, err := s.db.ExecContext(ctx, fmt.Sprintf("INSERT INTO stance_row SELECT %s, rowid, coalesce(account_id, ''), coalesce(region, 'global'), id, name, tags FROM %s",
		quoteText(table.Name), quoteName(table.Name)))
	return err
}

func (s store) addGaps(ctx context.Context, gaps []gap) error {
	return s.fill(ctx, "stance_gap", len(gaps), func(i int) []driver.Value {
		g := gaps[i]
		return []driver.Value{g.fixture, g.table, g.group, g.account, g.region, strings.ToValidUTF8(g.cause, "\uFFFD")}
	})
}

// paramsText is parameters as JSON, nil if there are none.
func paramsText(params map[string]any) driver.Value {
	if params == nil {
		return nil
	}
	text, err := json.Marshal(params)
	if err != nil { // numbers, texts and lists of them have no such error
		return nil
	}
	return string(text)
}

func notNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// fill appends n lines to a table.
func (s store) fill(ctx context.Context, table string, n int, line func(i int) []driver.Value) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(raw any) error {
		appender, err := duckdb.NewAppenderFromConn(raw.(driver.Conn), "", table)
		if err != nil {
			return err
		}
		for i := range n {
			if err := appender.AppendRow(line(i)...); err != nil {
				_ = appender.Close()
				return err
			}
			if i%2048 == 2047 {
				if err := appender.Flush(); err != nil {
					_ = appender.Close()
					return err
				}
			}
		}
		return appender.Close()
	})
}

// addListGaps makes one UNKNOWN per row check and scope where rows could not be listed.
func (s store) addListGaps(ctx context.Context) error {
	_, err := s.db.ExecContext(ctx, `INSERT INTO stance_loose
SELECT c.no, g.fixture, 'UNKNOWN', min(g.cause), NULL, g.account_id, g.region, NULL, NULL, NULL
FROM stance_gap g JOIN stance_check c ON c.resource_type = g.tbl AND g.grp = 'list' AND c.by_row GROUP BY ALL`)
	return err
}

// addBrokenChecks makes one UNKNOWN per account for each check whose SQL could not run.
func (s store) addBrokenChecks(ctx context.Context, jobs []*job, cells []collect.Cell) error {
	for _, j := range jobs {
		if j.defect == "" {
			continue
		}
		accounts := accountsOf(cells, j.check.Spec.Provider)
		if len(accounts) == 0 {
			accounts = []string{""}
		}
		for _, account := range accounts {
			_, err := s.db.ExecContext(ctx, "INSERT INTO stance_loose VALUES (?, NULL, 'UNKNOWN', ?, NULL, ?, 'global', NULL, NULL, NULL)",
				j.no, "defect: "+firstLine(j.defect), account)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// firstLine keeps the first line of an error that says something, without DuckDB's picture of the statement.
func firstLine(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return text
}

func (s store) finish(ctx context.Context, keep bool) error {
	condition := "v.status <> 'PASS'"
	if keep {
		condition = "true"
	}
	_, err := s.db.ExecContext(ctx, fmt.Sprintf(finishSQL, condition))
	return err
}

func (s store) summarize(ctx context.Context, jobs []*job) (Summary, error) {
	summary := Summary{Counts: map[Status]int64{}, Checks: make([]CheckSummary, len(jobs))}
	for i, j := range jobs {
		summary.Checks[i] = CheckSummary{ID: j.check.Spec.ID, Severity: j.check.Spec.Severity, Counts: map[Status]int64{}, Defect: j.defect, Took: j.took}
	}
	rows, err := s.db.QueryContext(ctx, "SELECT no, status, sum(count)::BIGINT FROM stance_count GROUP BY ALL")
	if err != nil {
		return Summary{}, err
	}
	defer rows.Close()
	for rows.Next() {
		var no int
		var status Status
		var n int64
		if err := rows.Scan(&no, &status, &n); err != nil {
			return Summary{}, err
		}
		summary.Counts[status] += n
		summary.Checks[no].Counts[status] += n
	}
	return summary, rows.Err()
}
