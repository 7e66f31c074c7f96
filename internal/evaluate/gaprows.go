package evaluate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/plan"
)

// gapRows gives what is missing in whole scopes of all that the check reads: cells of the ledger, and rows of which something is not
// known, from SQL like doubtRows. missing says that rows of the resource itself may be.
func (j *job) gapRows(rows string) string {
	missing := "grp = 'list'"
	if !isDerived(j.table) {
		missing += " AND tbl = " + quoteText(j.table.Name)
	}
	cells := []string{"false"}
	for _, n := range j.needs {
		amiss := j.facts.amiss(n.table.Name, n.groups)
		if n.concern.Row != "" { // its rows tell themselves what was not fetched of them
			amiss = slices.DeleteFunc(slices.Clone(amiss), func(group string) bool { return group != plan.GroupList })
		}
		if len(amiss) > 0 {
			quoted := make([]string, len(amiss))
			for i, g := range amiss {
				quoted[i] = quoteText(g)
			}
			cells = append(cells, fmt.Sprintf("(tbl = %s AND grp IN (%s))", quoteText(n.table.Name), strings.Join(quoted, ", ")))
		}
	}
	if rows != "" {
		rows = "\nUNION ALL SELECT account_id, region, cause, false FROM " + rows
	}
	return fmt.Sprintf(`SELECT account_id, region, cause, bool_or(missing) AS missing FROM (
SELECT account_id, region, cause, %s AS missing FROM stance_gap WHERE (%s)%s)
WHERE cause IS NOT NULL GROUP BY ALL`, missing, strings.Join(cells, " OR "), rows)
}

// doubtRows gives the rows of which something that the check reads is not known: the cause, and the keys of what it concerns, NULL if
// that may be all of the scope. It is empty where there are none.
func (j *job) doubtRows() string {
	var rows []string
	for _, n := range j.needs {
		doubtful := j.facts.doubtful(n.table.Name, n.groups)
		switch table := quoteName(n.table.Name); {
		case len(doubtful) == 0:
		case n.concern.Row == "":
			rows = append(rows, fmt.Sprintf("SELECT DISTINCT NULL AS tbl, account_id, coalesce(region, 'global') AS region, %s AS cause, NULL::VARCHAR[] AS keys FROM %s WHERE unknown IS NOT NULL",
				unknownOf(doubtful), table))
		default: // a list with a key that is not known says nothing
			rows = append(rows, fmt.Sprintf(`SELECT %s AS tbl, account_id, coalesce(region, 'global') AS region, _cause AS cause, CASE WHEN list_count(_keys) = len(_keys) THEN _keys END AS keys
FROM (SELECT account_id, region, %s AS _cause, (
%s
) AS _keys FROM %s WHERE unknown IS NOT NULL) WHERE _cause IS NOT NULL`, quoteText(n.table.Name), unknownOf(doubtful), n.concern.Row, table))
		}
	}
	return strings.Join(rows, "\nUNION ALL ")
}

// ofRows gives the keys of the resource's rows that such rows may have in common with them, NULL where that may be any.
func (j *job) ofRows() string {
	rows := []string{"SELECT NULL::VARCHAR AS tbl, NULL::VARCHAR AS account_id, NULL::VARCHAR AS id, NULL::VARCHAR AS key WHERE false"}
	for _, n := range j.needs {
		if n.concern.Of != "" && len(j.facts.doubtful(n.table.Name, n.groups)) > 0 {
			rows = append(rows, fmt.Sprintf("SELECT %s, account_id, id, unnest(CASE WHEN list_count(_keys) = len(_keys) THEN _keys ELSE [NULL] END) FROM (SELECT account_id, id, (\n%s\n) AS _keys FROM %s)",
				quoteText(n.table.Name), n.concern.Of, j.source.from))
		}
	}
	return strings.Join(rows, "\nUNION ALL ")
}

// nearSQL puts gaps of rows on those verdicts that they can change: with stands among the steps, rows are the gaps of all, cause and
// join attach the others to a verdict, lost gives UNKNOWN to what they concern and the check said nothing about.
type nearSQL struct{ with, rows, join, cause, lost string }

func (j *job) near() nearSQL {
	doubt := j.doubtRows()
	if doubt == "" {
		return nearSQL{}
	}
	near := nearSQL{
		rows:  "_doubt WHERE keys IS NULL",
		cause: ", _near.cause",
		join:  "\nLEFT JOIN _near ON _near.account_id = _r.account_id AND _near.id = _r.id",
		with: fmt.Sprintf(`_doubt AS MATERIALIZED (%s),
_of AS MATERIALIZED (%s),
_near AS MATERIALIZED (SELECT account_id, id, min(cause) AS cause FROM (
  SELECT account_id, id, cause FROM (SELECT tbl, account_id, unnest(keys) AS key, cause FROM _doubt) JOIN _of USING (tbl, account_id, key)
  UNION ALL SELECT account_id, id, cause FROM _doubt JOIN _of USING (tbl, account_id) WHERE keys IS NOT NULL AND key IS NULL) GROUP BY ALL),
`, doubt, j.ofRows()),
		lost: fmt.Sprintf(`
UNION ALL BY NAME SELECT account_id, coalesce(region, 'global') AS region, id, name, tags, cause AS _cause, 'UNKNOWN' AS _verdict
FROM _near JOIN %s AS _t USING (account_id, id) WHERE NOT EXISTS (SELECT 1 FROM _r WHERE _r.account_id = _near.account_id AND _r.id = _near.id)`, j.source.from),
	}
	if isDerived(j.table) { // nobody knows which rows it would have made
		near.lost += `
UNION ALL BY NAME SELECT account_id, region, min(cause) AS _cause, 'UNKNOWN' AS _verdict FROM _doubt
WHERE keys IS NOT NULL AND NOT EXISTS (SELECT 1 FROM _of WHERE _of.tbl = _doubt.tbl AND _of.account_id = _doubt.account_id AND (_of.key IS NULL OR list_contains(_doubt.keys, _of.key))) GROUP BY ALL`
	}
	return near
}
