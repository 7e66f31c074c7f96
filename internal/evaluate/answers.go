package evaluate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/plan"
)

// answers is a statement, while it is written, that asks one check or several of each row of a table. What they compute are steps: columns of
// nested SELECTs, each of which may read those further in, so that nothing is computed twice. A step that several checks have in
// common is made once: to plan it may take longer than to run it.
type answers struct {
	levels [][]string        // columns, from the innermost SELECT outwards
	names  map[string]string // of steps, by level and SQL
}

// step gives the name of a column that has the SQL's value in all SELECTs further out.
func (a *answers) step(level int, sql string) string {
	key := fmt.Sprint(level, " ", sql)
	name, ok := a.names[key]
	if !ok {
		if a.names == nil {
			a.names = map[string]string{}
		}
		for len(a.levels) <= level {
			a.levels = append(a.levels, nil)
		}
		name = fmt.Sprintf("_step%d", len(a.names))
		a.names[key] = name
		a.levels[level] = append(a.levels[level], sql+" AS "+name)
	}
	return name
}

// from is what stands after FROM where steps are read: rows with the columns, which are a list that ends with a comma, and all steps.
func (a *answers) from(columns, table string) string {
	sql := ""
	for _, steps := range a.levels {
		if len(steps) == 0 {
			continue
		}
		if sql == "" {
			sql = "(SELECT " + columns + strings.Join(steps, ", ") + " FROM " + table + ")"
			continue
		}
		sql = "(SELECT *, " + strings.Join(steps, ", ") + " FROM " + sql + ")"
	}
	if sql == "" {
		return "(SELECT " + strings.TrimSuffix(columns, ", ") + " FROM " + table + ")"
	}
	return sql
}

// judgement is SQL over the steps: what one check says of a row where applies holds.
type judgement struct {
	no                            int
	applies, status, cause, found string
}

// levels of steps.
const (
	levelGap = iota
	levelWhen
	levelMore
	levelAsk
	levelPass
)

// known is a clause that is computed where all that it reads is known, and its other condition holds. Either may be empty.
func known(gap, condition, clause string) string {
	switch {
	case gap != "" && condition != "":
		return fmt.Sprintf("CASE WHEN %s AND %s IS NULL THEN %s END", condition, gap, clause)
	case gap != "":
		return fmt.Sprintf("CASE WHEN %s IS NULL THEN %s END", gap, clause)
	case condition != "":
		return fmt.Sprintf("CASE WHEN %s THEN %s END", condition, clause)
	}
	return clause
}

// asked adds the steps of a job's clauses, and names them. gap is a column, and more SQL, that tells why what when and pass read is not
// known: empty if nothing is amiss.
func (j *job) asked(a *answers, gap, more string) (when, doubt, ask, pass string) {
	when = a.step(levelWhen, known(gap, "", try(always(j.clauses.when))))
	if j.manual() != "" {
		return when, "", "", "NULL::BOOLEAN"
	}
	if more != "" {
		doubt = a.step(levelMore, known("", when, more))
	}
	if j.clauses.ask == "" {
		return when, doubt, "", a.step(levelPass, known(doubt, when, try(j.clauses.pass)))
	}
	ask = a.step(levelAsk, known(doubt, when, try(toText(j.clauses.ask))))
	return when, doubt, ask, a.step(levelPass, known("", ask+" = ''", try(j.clauses.pass)))
}

// manual is what only a person can tell; empty if the check has clauses that do.
func (j *job) manual() string { return strings.TrimSpace(j.check.Spec.Manual) }

// columnsOf lists those of a table that clauses of jobs may name, and some that are read in any case, each with a comma. A plan
// is made sooner where wide tables do not bring all they have. What looks like a name and is none does no harm.
func columnsOf(t *plan.Table, jobs []*job, others ...string) string {
	var texts strings.Builder
	for _, j := range jobs {
		texts.WriteString(strings.ToLower(j.clauses.when + "\n" + j.clauses.ask + "\n" + j.clauses.pass + "\n" + j.clauses.found + "\n"))
	}
	text := texts.String()
	if strings.Contains(text, "columns") { // COLUMNS('…') picks by a pattern
		return "*, "
	}
	var list strings.Builder
	for _, c := range t.Columns {
		if slices.Contains(others, c.Name) || strings.Contains(text, strings.ToLower(c.Name)) {
			list.WriteString(quoteName(c.Name) + ", ")
		}
	}
	return list.String()
}
