package inventory

import (
	"context"
	"iter"
	"runtime"
	"sync"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/normalize"
	"github.com/stancehq/stance/internal/plan"
)

// Bounds of what one call of DuckDB is given. A vector takes 2,048 rows, of any length: without a bound in bytes, long
// documents would pile up beyond the database's memory limit.
const (
	batchBytes = 1 << 20
	batchAhead = 2 // batches read before they are asked for
)

// source hands a table's rows to DuckDB. One goroutine reads them into batches; DuckDB's threads take batches, project
// their documents and fill chunks.
type source struct {
	projector *projector
	mask      *normalize.Mask // of raw; nil if nothing is masked
	restored  bool            // raw is the whole line, which is masked already: see Restore
	batches   chan *batch
	broken    chan struct{} // closed if reading failed
	fault     error

	mu     sync.Mutex
	report Report
}

// batch holds some lines, one after the other.
type batch struct {
	text []byte
	ends []int
}

func newSource(t *plan.Table, p *projector) *source {
	s := &source{projector: p, batches: make(chan *batch, batchAhead), broken: make(chan struct{})}
	if len(t.Mask) > 0 {
		s.mask = normalize.NewMask(t.Mask)
	}
	return s
}

// fill reads all rows into batches. It ends early when ctx does.
func (s *source) fill(ctx context.Context, rows iter.Seq2[[]byte, error]) error {
	defer close(s.batches)
	most := duckdb.GetDataChunkCapacity()
	b := &batch{}
	send := func() bool {
		select {
		case s.batches <- b:
			b = &batch{}
			return true
		case <-ctx.Done():
			return false
		}
	}
	for row, err := range rows {
		if err != nil {
			return s.fail(err)
		}
		if len(b.ends) > 0 && (len(b.text)+len(row) > batchBytes || len(b.ends) == most) && !send() {
			return s.fail(context.Cause(ctx))
		}
		b.text = append(b.text, row...)
		b.ends = append(b.ends, len(b.text))
	}
	if len(b.ends) > 0 && !send() {
		return s.fail(context.Cause(ctx))
	}
	return nil
}

// fail makes the statement fail, so that nothing of the table stays.
func (s *source) fail(err error) error {
	s.fault = err
	close(s.broken)
	return err
}

// failed says whether reading failed.
func (s *source) failed() bool {
	select {
	case <-s.broken:
		return true
	default:
		return false
	}
}

// ColumnInfos implements duckdb.ParallelChunkTableSource.
func (s *source) ColumnInfos() []duckdb.ColumnInfo {
	text, _ := duckdb.NewTypeInfo(duckdb.TYPE_VARCHAR)
	at, _ := duckdb.NewTypeInfo(duckdb.TYPE_TIMESTAMP_TZ)
	return []duckdb.ColumnInfo{
		{Name: "account_id", T: text},
		{Name: "partition", T: text},
		{Name: "region", T: text},
		{Name: "collected_at", T: at},
		{Name: "doc", T: text},
		{Name: "raw", T: text},
	}
}

// Cardinality implements duckdb.ParallelChunkTableSource: it is not known.
func (s *source) Cardinality() *duckdb.CardinalityInfo { return nil }

// Init implements duckdb.ParallelChunkTableSource. The database uses no more threads than it has.
func (s *source) Init() duckdb.ParallelTableSourceInfo {
	return duckdb.ParallelTableSourceInfo{MaxThreads: runtime.GOMAXPROCS(0)}
}

// NewLocalState implements duckdb.ParallelChunkTableSource.
func (s *source) NewLocalState() any { return newRowReader(s) }

// FillChunk implements duckdb.ParallelChunkTableSource.
func (s *source) FillChunk(state any, chunk duckdb.DataChunk) error {
	reader := state.(*rowReader)
	b, ok := <-s.batches
	if !ok {
		if s.failed() {
			return s.fault
		}
		return chunk.SetSize(0)
	}
	database.Trim() // of what became of the last chunk
	reader.report = Report{}
	filled, start := 0, 0
	for _, end := range b.ends {
		row, ok := reader.read(b.text[start:end])
		start = end
		if !ok {
			continue
		}
		if err := row.fill(chunk, filled); err != nil {
			return err
		}
		filled++
	}
	s.add(reader.report)
	if filled == 0 {
		// An empty chunk would end the table: go on with the next batch.
		return s.FillChunk(state, chunk)
	}
	return chunk.SetSize(filled)
}

// add sums up what the threads report.
func (s *source) add(r Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.report.Rows += r.Rows
	s.report.Malformed += r.Malformed
	s.report.Lost += r.Lost
	if s.report.Cause == "" {
		s.report.Cause = r.Cause
	}
	for group, u := range r.Unexpected {
		s.report.unexpected(group, u)
	}
	for scope := range r.Scopes {
		s.report.scope([]byte(scope.Account), []byte(scope.Region), []byte(scope.Asked))
	}
}

// scope notes where a row was listed. It costs no memory but the first time.
func (r *Report) scope(account, region, asked []byte) {
	if asked == nil {
		asked = region
	}
	if r.Scopes[Scope{string(account), string(region), string(asked)}] {
		return
	}
	if r.Scopes == nil {
		r.Scopes = map[Scope]bool{}
	}
	r.Scopes[Scope{string(account), string(region), string(asked)}] = true
}

func (r *Report) unexpected(group string, u Unexpected) {
	if r.Unexpected == nil {
		r.Unexpected = map[string]Unexpected{}
	}
	sum := r.Unexpected[group]
	sum.Rows += u.Rows
	if sum.Cause == "" {
		sum.Cause = u.Cause
	}
	r.Unexpected[group] = sum
}

// row is one row as DuckDB takes it.
type row struct {
	account, partition, region []byte
	scope                      []byte // nil: the region
	at                         time.Time
	doc, raw                   []byte
}

func (r *row) fill(chunk duckdb.DataChunk, i int) error {
	for column, text := range [][]byte{0: r.account, 1: r.partition, 2: r.region, 4: r.doc, 5: r.raw} {
		if column == 3 {
			continue
		}
		if text == nil {
			if err := chunk.SetValue(column, i, nil); err != nil {
				return err
			}
			continue
		}
		if err := duckdb.SetChunkValue(chunk, column, i, text); err != nil {
			return err
		}
	}
	if r.at.IsZero() {
		return chunk.SetValue(3, i, nil)
	}
	return duckdb.SetChunkValue(chunk, 3, i, r.at)
}
