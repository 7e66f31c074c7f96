package evaluate

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/database"
)

// Bounds of what is asked in one statement. Where rows are few, planning is all that a check takes, and much of it is the same for all checks of
// a table. Several statements let all cores have some.
const (
	fewRows    = 2048 // a vector
	mostAtOnce = 12
)

// together puts jobs that can be asked in one statement side by side: those about the rows of one small table.
func together(jobs []*job) [][]*job {
	var all [][]*job
	open := map[string]int{} // by table
	for _, j := range jobs {
		if j.defect != "" || j.idle() {
			continue
		}
		if !j.joins() {
			all = append(all, []*job{j})
			continue
		}
		at, ok := open[j.table.Name]
		if !ok || len(all[at]) == mostAtOnce {
			at = len(all)
			open[j.table.Name], all = at, append(all, nil)
		}
		all[at] = append(all[at], j)
	}
	// The longest first: what comes last is waited for.
	slices.SortStableFunc(all, func(a, b []*job) int { return len(b) - len(a) })
	return all
}

// joins tells whether a job can be asked beside others: it looks at the rows of a small table, one by one, and at nothing else.
func (j *job) joins() bool {
	if j.take != nil || j.facts == nil || !j.facts.tables[j.table.Name].few {
		return false
	}
	return !j.spread || j.check.Spec.Query == "" && j.facts.whole(j.needs) && j.facts.isOneEach(j.table.Name) && !j.restsElsewhere()
}

// askAll asks jobs, together if they are several. What fails together is asked one by one, so that one check disturbs no other.
func askAll(ctx context.Context, conn *sql.Conn, jobs []*job, timeout time.Duration) error {
	if len(jobs) > 1 {
		start := time.Now()
		err := within(ctx, timeout, func(limited context.Context) error {
			_, err := conn.ExecContext(limited, togetherSQL(jobs))
			return err
		})
		database.Trim()
		for _, j := range jobs {
			j.took = time.Since(start) / time.Duration(len(jobs))
		}
		if err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
	}
	for _, j := range jobs {
		start := time.Now()
		err := j.run(ctx, conn, timeout)
		database.Trim()
		j.took = time.Since(start)
		if ctx.Err() != nil {
			return fmt.Errorf("run check %s: %w", j.check.Spec.ID, ctx.Err())
		}
		if err != nil {
			j.defect = err.Error()
		}
	}
	return nil
}

// togetherSQL asks checks of the rows of one table.
func togetherSQL(jobs []*job) string {
	first := jobs[0]
	var a answers
	var told []judgement
	if first.spread {
		for _, j := range jobs {
			one, pass := j.derivedAnswer(&a)
			one.status = fmt.Sprintf("CASE WHEN %[1]s IS NOT NULL THEN %[1]s WHEN %[2]s IS NULL THEN 'DEFECT' WHEN %[2]s THEN 'PASS' ELSE 'FAIL' END", one.status, pass)
			told = append(told, one)
		}
		from := a.from(columnsOf(first.table, jobs, rowColumns...), first.source.from)
		return "INSERT INTO stance_loose SELECT _told.no, NULL, _told.status, _told.cause, CASE WHEN _told.status IN ('PASS', 'FAIL') THEN _told.found END, " +
			"coalesce(account_id, ''), region, id, name, tags FROM (SELECT id, name, tags, account_id, coalesce(region, 'global') AS region, " + unnested(told) + " FROM " + from + ")"
	}
	reached := make([]*job, len(jobs))
	for i, j := range jobs {
		reached[i] = j.reachable()
		told = append(told, reached[i].rowAnswer(&a))
	}
	from := a.from(columnsOf(first.table, reached, "unknown")+first.source.row+" AS _row, ", first.source.from)
	return "INSERT INTO stance_verdict SELECT _told.no, _row, _told.status, _told.cause, _told.found FROM (SELECT _row, " + unnested(told) + " FROM " + from + ")"
}

// unnested makes a line of each answer that a check gives of a row.
func unnested(told []judgement) string {
	lines := make([]string, len(told))
	for i, a := range told {
		lines[i] = fmt.Sprintf("CASE WHEN %s THEN {no: %d, status: %s, cause: %s, found: %s} END", a.applies, a.no, a.status, a.cause, a.found)
	}
	return "unnest(list_filter([" + strings.Join(lines, ",\n") + "], lambda _line: _line IS NOT NULL)) AS _told"
}
