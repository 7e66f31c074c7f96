package evaluate

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
)

// rowSQL asks a check of each row of a base table, and gives lines of stance_verdict.
func (j *job) rowSQL() string {
	j = j.reachable()
	var a answers
	told := j.rowAnswer(&a)
	columns := j.columns("unknown") + j.source.row + " AS _row, "
	return fmt.Sprintf("SELECT %d, _row, %s, %s, %s FROM %s WHERE %s", j.no, told.status, told.cause, told.found, a.from(columns, j.source.from), told.applies)
}

// rowAnswer is what a check says of a row of a base table. Each clause is reached only if all that it reads is known: SQL's own NULL
// logic would let coalesce turn "denied" into "off". TRY makes an error a defect of one row, not of all: the status DEFECT stands until
// explainDefects has found the words for it.
func (j *job) rowAnswer(a *answers) judgement {
	gap := ""
	if cause := j.unknown(j.check.When); cause != noCause {
		gap = a.step(levelGap, cause)
	}
	more := ""
	if cause := j.unknown(j.check.Pass); cause != noCause {
		more = cause
	}
	when, doubt, ask, pass := j.asked(a, gap, more)
	told := judgement{no: j.no, applies: when + " IS NOT FALSE", found: noCause}
	causes, cases := []string{}, ""
	for _, unknown := range []string{gap, doubt} {
		if unknown != "" {
			causes = append(causes, unknown)
			cases += " WHEN " + unknown + " IS NOT NULL THEN 'UNKNOWN'"
		}
	}
	cases += " WHEN " + when + " IS NULL THEN 'DEFECT'"
	switch manual := j.manual(); {
	case manual != "":
		causes = append(causes, "CASE WHEN "+when+" THEN "+quoteText(manual)+" END")
		cases += fmt.Sprintf(" ELSE '%s'", Manual)
	case ask != "":
		causes = append(causes, "nullif("+ask+", '')")
		cases += fmt.Sprintf(" WHEN %s <> '' THEN '%s'", ask, Manual)
		fallthrough
	default:
		cases += " WHEN " + pass + " IS NULL THEN 'DEFECT' WHEN " + pass + " THEN 'PASS' ELSE 'FAIL'"
		told.found = j.foundSQL(pass)
	}
	told.status = "CASE" + cases + " END"
	told.cause = noCause
	if len(causes) > 0 {
		told.cause = "coalesce(" + strings.Join(causes, ", ") + ")"
	}
	return told
}

// reachable is the job without the clauses that are reached in no row, since none knows all that they read: to plan them may take
// longer than all else.
func (j *job) reachable() *job {
	only := *j
	switch {
	case j.facts.neverKnown(j.table.Name, j.groups(j.check.When)):
		only.clauses = clauses{when: "NULL::BOOLEAN", pass: "NULL::BOOLEAN"}
	case j.facts.neverKnown(j.table.Name, j.groups(j.check.Pass)):
		only.clauses = clauses{when: j.clauses.when, pass: "NULL::BOOLEAN"}
	}
	return &only
}

// foundSQL says what was seen where pass is false. Of a row that passes it might say the contrary of the truth ("there is no
// contact"): there it counts only if a fixture proves it. Where found reads more than the verdict rests on and that is not known,
// the verdict stands, and found says what is missing instead of guessing.
func (j *job) foundSQL(pass string) string {
	if j.clauses.found == "" {
		return noCause
	}
	text := try(j.clauses.found)
	if more := minus(j.groups(j.check.Found), j.groups(append(j.check.When[:len(j.check.When):len(j.check.When)], j.check.Pass...))); len(more) > 0 {
		text = fmt.Sprintf("coalesce('not all of it could be seen: ' || %s, %s)", unknownOf(more), text)
	}
	return "CASE WHEN " + j.foundWhen(pass) + " THEN " + text + " END"
}

// foundWhen says which verdicts have a text.
func (j *job) foundWhen(pass string) string {
	spec := j.check.Spec
	if j.check.FoundOnPass || slices.ContainsFunc(spec.Tests, func(f *content.Fixture) bool { return f.Want == content.WantPass && f.Found != "" }) {
		return pass + " IS NOT NULL"
	}
	return "NOT " + pass
}

// groups are the column groups that references to the job's own table rest on, sorted, and so that "list" comes last: the
// cause that names the more special call is shown first.
func (j *job) groups(refs []plan.Ref) []string { return groupsOf(j.table, refs) }

func groupsOf(t *plan.Table, refs []plan.Ref) []string {
	seen := map[string]bool{}
	for _, ref := range refs {
		if ref.Table != t.Name {
			continue
		}
		for _, c := range t.Columns {
			if c.Name == ref.Column {
				for _, g := range c.Groups {
					seen[g] = true
				}
			}
		}
	}
	groups := make([]string, 0, len(seen))
	for g := range seen {
		groups = append(groups, g)
	}
	sort.Slice(groups, func(i, k int) bool {
		if a, b := groups[i] == plan.GroupList, groups[k] == plan.GroupList; a != b {
			return b
		}
		return groups[i] < groups[k]
	})
	return groups
}

// unknown is SQL that gives the cause why something that refs name is not known, or NULL.
func (j *job) unknown(refs []plan.Ref) string {
	return unknownOf(j.facts.doubtful(j.table.Name, j.groups(refs)))
}

// noCause is SQL for a text that is not there.
const noCause = "NULL::VARCHAR"

func unknownOf(groups []string) string {
	if len(groups) == 0 {
		return noCause
	}
	parts := make([]string, len(groups))
	for i, g := range groups {
		parts[i] = "unknown[" + quoteText(g) + "]"
	}
	return "coalesce(" + strings.Join(parts, ", ") + ")"
}

func minus(a, b []string) []string {
	var rest []string
	for _, x := range a {
		found := false
		for _, y := range b {
			found = found || x == y
		}
		if !found {
			rest = append(rest, x)
		}
	}
	return rest
}

// toText makes of what is asked a text that is empty where nothing is: NULL is left to mean that it failed.
func toText(ask string) string { return "coalesce((\n" + ask + "\n), '')" }

// try wraps a clause. The line breaks keep a comment at its end from swallowing what follows.
func try(clause string) string { return "TRY((\n" + clause + "\n))" }

func always(when string) string {
	if strings.TrimSpace(when) == "" {
		return "true"
	}
	return when
}

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
func quoteText(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// columns lists those of the job's table that its clauses may name: see columnsOf.
func (j *job) columns(others ...string) string { return columnsOf(j.table, []*job{j}, others...) }
