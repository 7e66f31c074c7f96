package evaluate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/plan"
)

// RestsOn is the column in which a row of a derived table may name other accounts, whose calls its verdict rests on too: a
// trail of one account can write to a log group of another.
const RestsOn = "rests_on"

// restsElsewhere tells whether rows of the check's derived table name accounts besides their own.
func (j *job) restsElsewhere() bool {
	return j.check.Spec.Query == "" && isDerived(j.table) &&
		slices.ContainsFunc(j.table.Columns, func(c plan.Column) bool { return c.Name == RestsOn })
}

// restingSQL is spreadSQL with the gaps of the accounts that a row names put on its verdict. An account of which the scan has
// neither a row nor a gap in anything that the check reads is not part of it, and so one large gap.
func (j *job) restingSQL() string {
	doubt := j.doubtRows()
	if doubt != "" {
		doubt = "(" + doubt + ")"
	}
	inner := *j
	inner.source.with = "" // it stands before this statement
	seen := make([]string, len(j.needs))
	for i, n := range j.needs {
		seen[i] = "SELECT account_id FROM " + quoteName(n.table.Name)
	}
	return fmt.Sprintf(`%s_far AS MATERIALIZED (SELECT account_id, min(cause) AS cause FROM (
  SELECT account_id, cause FROM (%s) UNION ALL SELECT account_id, NULL FROM (%s)) GROUP BY account_id),
_resting AS MATERIALIZED (SELECT id, account_id,
    min(CASE WHEN _known IS NULL THEN 'skipped: account ' || _other || ' is not part of this scan' ELSE cause END) AS cause
  FROM (SELECT id, account_id, unnest(%s) AS _other FROM %s)
  LEFT JOIN (SELECT account_id AS _known, cause FROM _far) ON _known = _other GROUP BY ALL HAVING cause IS NOT NULL)
SELECT _no, _fixture, CASE WHEN _resting.cause IS NULL THEN _status ELSE 'UNKNOWN' END, coalesce(_v._cause, _resting.cause),
  CASE WHEN _resting.cause IS NULL THEN _found END, _account, _region, _resource, _name, _tags
FROM (%s) _v(_no, _fixture, _status, _cause, _found, _account, _region, _resource, _name, _tags)
LEFT JOIN _resting ON _resting.id = _resource AND _resting.account_id = _account`,
		j.source.withSQL(), j.gapRows(doubt), strings.Join(seen, " UNION ALL "), RestsOn, j.source.from, inner.spreadSQL())
}
