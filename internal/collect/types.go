// Package collect makes the calls of a plan: one bounded queue, a token bucket per account, region and service, retries on
// a time budget. Answers go to a spool on disk as they arrive, and every cell that is finished is written to a journal, so
// that a killed scan resumes with what is missing. It knows no provider and no table: both are handed to it.
package collect

import (
	"encoding/json"
	"time"
)

// Row is one line of the spool: a raw document with where it was found. Doc holds the list item's fields, and by its name
// each column group's answer; "parent" holds the parent's own list item and "input" the call's input where a column or
// group of the table reads them.
type Row struct {
	Account   string `json:"account"`
	Partition string `json:"partition,omitempty"`
	Region    string `json:"region"` // "global" for what has none
	// Scope is the region that the list was asked for in, so that of its cell: GlobalRegion for an account-wide table. Empty
	// where it is that of the row.
	Scope string          `json:"scope,omitempty"`
	At    time.Time       `json:"at"` // when the list item was received
	Doc   json.RawMessage `json:"doc"`
	// Unknown says which column groups are not known and why; empty where all that was asked for is known.
	Unknown map[string]string `json:"unknown,omitempty"`
}

// GlobalRegion is the region of rows that have none.
const GlobalRegion = "global"

// Status of a cell.
type Status string

// Statuses of a cell. All but OK leave something unknown.
const (
	OK          Status = "ok"
	Partial     Status = "partial" // some rows or pages are missing
	Denied      Status = "denied"
	Throttled   Status = "throttled"
	Unsupported Status = "unsupported"
	Disabled    Status = "disabled" // the whole account refused, or was switched off by the user
	Failed      Status = "failed"
	Skipped     Status = "skipped" // not asked for
	Planned     Status = "planned" // not reached: the scan was interrupted
)

// Cell is one line of the coverage ledger: what became of one column group of one table in one scope.
type Cell struct {
	Provider string `json:"provider"`
	Account  string `json:"account_id"`
	Region   string `json:"region"` // "global" for account-wide tables
	Table    string `json:"table"`
	Group    string `json:"group"` // "list" or a group's name
	Status   Status `json:"status"`
	// Cause is the first error's text as provider.Error writes it; empty if the status is ok.
	Cause     string `json:"cause,omitempty"`
	Call      string `json:"call"` // s3:GetBucketVersioning
	Rows      int64  `json:"rows"`
	Failures  int64  `json:"failures,omitempty"` // rows (or parents) for which the group is not known
	Calls     int64  `json:"calls"`
	Retries   int64  `json:"retries,omitempty"`
	Throttles int64  `json:"throttles,omitempty"`
	Bytes     int64  `json:"bytes"`
	Millis    int64  `json:"ms"` // spent in calls, summed
}

// Counts tells whether the cell is one of those that a scan speaks of: it was asked for, and its service exists there. The
// others hide nothing, and neither progress nor coverage counts them.
func (c Cell) Counts() bool {
	return c.Status != Skipped && (c.Status != Unsupported || !NoService(c.Cause))
}
