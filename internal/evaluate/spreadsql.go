package evaluate

import (
	"fmt"
	"sort"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
)

// need is what a spread check reads of one base table: that its rows are all there, and some of its groups.
type need struct {
	table  *plan.Table
	groups []string // "list" among them, always
	// concern says whom a row of which something is not known concerns; empty: all.
	concern content.Concern
}

// needsOf follows a check's references, through derived tables, to the base tables. Tables of constant rows need no call.
func needsOf(check *plan.Check, tables map[string]*plan.Table) ([]need, error) {
	refs := map[string][]plan.Ref{}
	var follow func(list []plan.Ref, depth int) error
	follow = func(list []plan.Ref, depth int) error {
		for _, ref := range list {
			t := tables[ref.Table]
			switch {
			case t == nil:
				return fmt.Errorf("reads %s, which is no table here", ref.Table)
			case isDerived(t):
				if depth > len(tables) {
					return fmt.Errorf("table %s derives from itself", ref.Table)
				}
				if err := follow(t.Reads, depth+1); err != nil {
					return err
				}
			default:
				refs[ref.Table] = append(refs[ref.Table], ref)
			}
		}
		return nil
	}
	for _, list := range [][]plan.Ref{check.When, check.Pass, check.Found, check.Query} {
		if err := follow(list, 0); err != nil {
			return nil, err
		}
	}
	var needs []need
	for name, list := range refs {
		t := tables[name]
		if t.Spec != nil && t.Spec.List == nil {
			continue
		}
		groups := minus(groupsOf(t, list), []string{plan.GroupList})
		needs = append(needs, need{table: t, groups: append(groups, plan.GroupList), concern: check.Concerns[name]})
	}
	sort.Slice(needs, func(i, k int) bool { return needs[i].table.Name < needs[k].table.Name })
	return needs, nil
}

// spreadSQL asks a query check, or a check on a derived table, and gives lines of stance_loose. Here one missing input cannot be told from an absent one, so
// that any gap in what it reads makes its whole scope UNKNOWN: on the scope's verdicts, and on the scope itself where it has
// none, or where rows of the resource may be missing.
func (j *job) spreadSQL() string {
	verdicts := j.queryRows()
	if j.check.Spec.Query == "" {
		verdicts = j.derivedRows()
	}
	if j.facts.whole(j.needs) {
		distinct := "DISTINCT "
		if j.check.Spec.Query == "" && j.facts.isOneEach(j.table.Name) {
			distinct = "" // a verdict of each row
		}
		return fmt.Sprintf(`SELECT %s%d, NULL, _verdict, _note, CASE WHEN _verdict IN ('PASS', 'FAIL') AND (%s) THEN _found END, coalesce(account_id, ''), region, id, name, tags
FROM (SELECT *, %s AS _verdict FROM (%s))`, distinct, j.no, j.foundWhen("_pass"), judgedSQL, verdicts)
	}
	scope, near := scopes[j.check.Spec.Scope], j.near()
	return fmt.Sprintf(`%s_r AS MATERIALIZED (%s),
%s_gap AS MATERIALIZED (%s),
_s AS MATERIALIZED (%s)
SELECT DISTINCT %d, NULL, _verdict, _cause, CASE WHEN _verdict IN ('PASS', 'FAIL') AND (%s) THEN _found END, coalesce(account_id, ''), region, id, name, tags FROM (
SELECT *, CASE WHEN _why IS NOT NULL THEN 'UNKNOWN' ELSE %s END AS _verdict, coalesce(_why, _note) AS _cause
FROM (SELECT _r.*, coalesce(%s%s) AS _why FROM _r %s%s)
UNION ALL BY NAME SELECT account_id, region, cause AS _cause, 'UNKNOWN' AS _verdict FROM _s
WHERE missing OR NOT EXISTS (SELECT 1 FROM _r WHERE %s)%s)`,
		j.source.withSQL(), verdicts, near.with, j.gapRows(near.rows), scope.gaps, j.no, j.foundWhen("_pass"), judgedSQL, scope.cause, near.cause, scope.join, near.join, scope.same, near.lost)
}

// judgedSQL is the verdict where nothing is missing.
const judgedSQL = "CASE WHEN _status IS NOT NULL THEN _status WHEN _pass IS NULL THEN 'DEFECT' WHEN _pass THEN 'PASS' ELSE 'FAIL' END"

// scopeSQL says how gaps spread: gaps gives one line per scope, join and cause attach it to a verdict, same says that a
// verdict of _r lies in a scope of _s.
type scopeSQL struct{ gaps, join, cause, same string }

var scopes = map[string]scopeSQL{"": accountSQL, "account": accountSQL, "region": regionSQL, "organization": organizationSQL}

var accountSQL = scopeSQL{
	gaps:  "SELECT account_id, 'global' AS region, min(cause) AS cause, bool_or(missing) AS missing FROM _gap GROUP BY ALL",
	join:  "LEFT JOIN _s ON _s.account_id = _r.account_id",
	cause: "_s.cause",
	same:  "_r.account_id = _s.account_id",
}

// regionSQL: a gap in what is global touches all regions of its account, and a verdict about what is global rests on all of them.
var regionSQL = scopeSQL{
	gaps: "SELECT account_id, region, min(cause) AS cause, bool_or(missing) AS missing FROM _gap GROUP BY ALL",
	join: `LEFT JOIN _s ON _s.account_id = _r.account_id AND _s.region = _r.region
LEFT JOIN (SELECT account_id, min(cause) AS cause FROM _gap WHERE region = 'global' GROUP BY ALL) _e ON _e.account_id = _r.account_id
LEFT JOIN (SELECT account_id, min(cause) AS cause FROM _gap GROUP BY ALL) _a ON _a.account_id = _r.account_id AND _r.region = 'global'`,
	cause: "_s.cause, _e.cause, _a.cause",
	same:  "_r.account_id = _s.account_id AND (_r.region = _s.region OR _s.region = 'global')",
}

// organizationSQL: one gap, the first, speaks for all.
var organizationSQL = scopeSQL{
	gaps: `SELECT account_id, 'global' AS region, cause, bool_or(missing) OVER () AS missing FROM _gap
QUALIFY row_number() OVER (ORDER BY cause, account_id) = 1`,
	join:  "LEFT JOIN _s ON true",
	cause: "_s.cause",
	same:  "true",
}

// verdictSQL is the start of what queryRows and derivedRows give. _status overrides what _pass says, and _note is its cause;
// a gap overrides both.
const verdictSQL = "id, name, tags, account_id, coalesce(region, 'global') AS region, _pass, _found, _status, _note"

// queryRows runs the query and finds the row of the resource that each id means. An id that several accounts or regions have
// must come with its account_id, and region: a verdict on the wrong one of them would be a guess.
func (j *job) queryRows() string {
	account := fmt.Sprintf("WHEN account_id IS NULL THEN 'defect: the query gives neither account_id nor the id of a row of %s'", j.table.Name)
	if j.check.Spec.Scope == "organization" {
		account = ""
	}
	query := "SELECT * FROM (\n" + strings.TrimRight(j.clauses.query, "; \t\r\n") + "\n)"
	several := fmt.Sprintf(`WHEN count(_hit) OVER (PARTITION BY _no) > 1
    THEN 'defect: several rows of %s have the id ' || id || ': the query must return account_id, and region, as well'`, j.table.Name)
	nearest, number := "QUALIFY NOT (bool_or(_same) OVER (PARTITION BY _v._no)) OR _same", "row_number() OVER () AS _no, "
	if j.facts.isSingle(j.table.Name) {
		several, nearest, number = "", "", ""
	}
	return fmt.Sprintf(`SELECT %[1]s
FROM (SELECT *, CASE %[2]s
    %[3]s
    WHEN cause IS NOT NULL THEN cause
    WHEN _pass IS NULL THEN 'defect: pass is neither true nor false although all that the query reads is known' END AS _note,
    CASE WHEN _note IS NOT NULL THEN 'UNKNOWN' END AS _status
  FROM (SELECT _v.* EXCLUDE (pass, found, account_id, region, name), _v.pass AS _pass, _v.found AS _found, coalesce(_v.account_id, _t.account_id) AS account_id,
      coalesce(_v.region, _t.region) AS region, coalesce(_t.name, _v.name) AS name, _t.tags, _t.id AS _hit,
      _t.region IS NOT DISTINCT FROM _v.region AS _same
    FROM (SELECT %[7]sid, pass, found, account_id, region, name, cause FROM (
        SELECT NULL::VARCHAR AS id, NULL::BOOLEAN AS pass, NULL::VARCHAR AS found, NULL::VARCHAR AS account_id,
          NULL::VARCHAR AS region, NULL::VARCHAR AS name, NULL::VARCHAR AS cause WHERE false
        UNION ALL BY NAME %[4]s)) _v
    LEFT JOIN (%[5]s) _t ON _t.id = _v.id AND _t._of IS NOT DISTINCT FROM _v.account_id
    %[6]s))`,
		verdictSQL, several, account, query, j.byIDAndAccount(), nearest, number)
}

// byIDAndAccount gives each row of the resource twice: of its account, and of none, for those who do not name one. So a join needs equalities
// alone; a condition with OR in it would compare all with all.
func (j *job) byIDAndAccount() string {
	return fmt.Sprintf("SELECT %[1]s, account_id AS _of FROM %[2]s WHERE account_id IS NOT NULL UNION ALL SELECT %[1]s, NULL FROM %[2]s",
		"id, name, tags, account_id, region", j.source.from)
}

// derivedRows asks the clauses of each row of a derived table.
func (j *job) derivedRows() string {
	var a answers
	told, pass := j.derivedAnswer(&a)
	rows := fmt.Sprintf("SELECT %s FROM (SELECT *, %s AS _pass, %s AS _found, %s AS _status, %s AS _note FROM %s WHERE %s)", verdictSQL,
		pass, told.found, told.status, told.cause, a.from(j.columns(rowColumns...), j.source.from), told.applies)
	if j.facts.isSingle(j.table.Name) {
		return rows
	}
	return fmt.Sprintf(oneOfEachSQL, rows)
}

// rowColumns are what tells which row a verdict is about.
var rowColumns = []string{"id", "name", "tags", "account_id", "region"}

// derivedAnswer is what a check says of a row of a derived table: a status only where pass does not tell. A row that does not say its account
// belongs to no scope, so that nothing could tell whether something is missing for it.
func (j *job) derivedAnswer(a *answers) (told judgement, pass string) {
	when, _, ask, pass := j.asked(a, "", "")
	told = judgement{no: j.no, applies: when + " IS NOT FALSE", status: noCause, cause: noCause, found: noCause}
	if j.check.Spec.Scope != "organization" {
		told.status = "CASE WHEN account_id IS NULL THEN 'UNKNOWN' END"
		told.cause = fmt.Sprintf("CASE WHEN account_id IS NULL THEN 'defect: %s does not give the account_id of this row' END", j.table.Name)
	}
	if manual := j.manual(); manual != "" {
		told.status = fmt.Sprintf("coalesce(%s, CASE WHEN %s THEN '%s' END)", told.status, when, Manual)
		told.cause = fmt.Sprintf("coalesce(%s, CASE WHEN %s THEN %s END)", told.cause, when, quoteText(manual))
		return told, pass
	}
	if ask != "" {
		told.status = fmt.Sprintf("coalesce(%s, CASE WHEN %s <> '' THEN '%s' END)", told.status, ask, Manual)
		told.cause = fmt.Sprintf("coalesce(%s, nullif(%s, ''))", told.cause, ask)
	}
	if j.clauses.found != "" {
		told.found = "CASE WHEN " + j.foundWhen(pass) + " THEN " + try(j.clauses.found) + " END"
	}
	return told, pass
}

// oneOfEachSQL makes one verdict of the rows of a derived table that are about one thing, as the pods of a deployment are that differ while
// it is rolled out. The worst one counts: what fails, then what cannot be said.
const oneOfEachSQL = `SELECT id, min(name) AS name, any_value(tags) AS tags, account_id, region,
  CASE WHEN bool_or(_fails) THEN false WHEN NOT bool_or(_broken) THEN true END AS _pass,
  coalesce(string_agg(DISTINCT _found, '; ' ORDER BY _found) FILTER (WHERE _fails), min(_found)) AS _found,
  CASE WHEN NOT bool_or(_fails OR _broken) THEN max(_status) END AS _status,
  CASE WHEN NOT bool_or(_fails OR _broken) THEN max_by(_note, _status) END AS _note
FROM (SELECT *, _status IS NULL AND coalesce(NOT _pass, false) AS _fails, _status IS NULL AND _pass IS NULL AS _broken,
    CASE WHEN id IS NULL THEN row_number() OVER () END AS _nameless FROM (%s))
GROUP BY id, account_id, region, _nameless`
