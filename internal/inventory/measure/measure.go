// Package measure makes an inventory of synthetic resources and tells how fast that was and what memory it took.
package measure

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"os"
	"strconv"
	"time"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/inventory"
	"github.com/stancehq/stance/internal/plan"
)

// Options of Load.
type Options struct {
	Rows    int
	TempDir string // where the database spills; empty: the system's
	Memory  int64  // DuckDB's share, in bytes; 0: the default
}

// Result is what Load found.
type Result struct {
	Rows    int64
	Bytes   int64 // of raw documents
	Took    time.Duration
	PeakRSS int64 // of the whole process, in bytes; 0 where the system does not tell
}

// RowsPerSecond is the rate of load and transform together.
func (m Result) RowsPerSecond() float64 { return float64(m.Rows) / m.Took.Seconds() }

// Load loads that many synthetic resources, two thirds of them like EC2 instances (2 KB) and one third like S3 buckets with
// policies, and tells how long it took, from lines of the spool to typed rows, one of each resource.
func Load(ctx context.Context, o Options) (m Result, err error) {
	specs := []*content.Table{instances(), buckets()}
	preparer, err := plan.NewPreparer(ctx, api{}, &content.Library{Tables: specs})
	if err != nil {
		return m, err
	}
	tables, problems := preparer.Tables(ctx, specs)
	if err := preparer.Close(); err != nil {
		return m, err
	}
	if len(problems) > 0 {
		return m, problems[0]
	}
	db, err := database.Open(ctx, database.Options{TempDir: o.TempDir, Memory: o.Memory})
	if err != nil {
		return m, err
	}
	defer func() {
		if fault := db.Close(); err == nil {
			err = fault
		}
	}()
	store, err := inventory.New(ctx, db, time.Now())
	if err != nil {
		return m, err
	}
	start := time.Now()
	for i, t := range tables {
		n := o.Rows / 3
		if i == 0 {
			n = o.Rows - n
		}
		if err := store.CreateTable(ctx, t); err != nil {
			return m, err
		}
		report, err := store.Load(ctx, t, synthetic(t.Name, n, &m.Bytes))
		if err != nil {
			return m, err
		}
		if report.Malformed > 0 || report.Unexpected != nil {
			return m, fmt.Errorf("load %s: %+v", t.Name, report)
		}
		settled, err := store.Settle(ctx, t)
		if err != nil {
			return m, err
		}
		if settled.Folded > 0 || settled.Gaps != nil {
			return m, fmt.Errorf("settle %s: %+v", t.Name, settled)
		}
		m.Rows += report.Rows
	}
	m.Took = time.Since(start)
	m.PeakRSS = peakRSS()
	return m, nil
}

// synthetic gives rows of the spool; they differ in names and numbers.
func synthetic(table string, n int, size *int64) iter.Seq2[[]byte, error] {
	line := []byte(instanceRow)
	if table == buckets().Name {
		line = []byte(bucketRow)
	}
	return func(yield func([]byte, error) bool) {
		for i := range n {
			row := bytes.ReplaceAll(line, []byte("00000000"), fmt.Appendf(nil, "%08x", i))
			*size += int64(len(row))
			if !yield(row, nil) {
				return
			}
		}
	}
}

// peakRSS reads what Linux says of this process.
func peakRSS() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(status) {
		fields := bytes.Fields(line)
		if len(fields) >= 2 && string(fields[0]) == "VmHWM:" {
			kib, _ := strconv.ParseInt(string(fields[1]), 10, 64)
			return kib << 10
		}
	}
	return 0
}
