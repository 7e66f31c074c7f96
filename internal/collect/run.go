package collect

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
)

// Options of Run. Provider, Accounts, Plan and Dir must be set; the zero value of the others is a sensible default.
type Options struct {
	Provider provider.Provider
	Accounts []provider.Account
	Plan     *plan.Plan
	Dir      string // of the spool: made if it is not there

	// Resume goes on with the scan in Dir, which must be of the same plan, accounts and regions. What failed in a way that
	// may pass is tried again, and what was denied, but with KeepDenied. Without an earlier scan it starts a new one.
	Resume     bool
	KeepDenied bool
	// Seal is for what can hold secrets. With none the scan makes its own, and resuming it asks again for what was sealed.
	Seal *Seal

	// Allow are the opt-ins that the user gave: calls that name another are not made.
	Allow []string

	Workers     int             // calls at the same time; 48
	Memory      int64           // bytes of answers and rows in memory; 128 MiB. The least is one page for each level of tables
	RetryBudget time.Duration   // for one call with all its repetitions; 2 min
	Limits      []content.Limit // the vendor's quotas; one without service is for all services that have none
	Rate        float64         // calls per second and bucket where no quota is known, to start with; 50
	MaxRate     float64         // of any bucket; 250

	Progress *Progress        // counts, to be shown
	Now      func() time.Time // the time that rows are marked with
	Seed     uint64           // of the order and the waits; 0: another each time
	Logger   *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.Workers <= 0 {
		o.Workers = 48
	}
	if o.Memory <= 0 {
		o.Memory = 128 << 20
	}
	if o.RetryBudget <= 0 {
		o.RetryBudget = 2 * time.Minute
	}
	if o.Rate <= 0 {
		o.Rate = defaultRate
	}
	if o.MaxRate <= 0 {
		o.MaxRate = defaultMax
	}
	if o.Progress == nil {
		o.Progress = &Progress{}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Result is what a scan collected.
type Result struct {
	Cells       []Cell // of all accounts and scopes, those not reached too
	Totals      Totals
	Interrupted bool // the context ended before all was collected: resume
	Resumed     int  // cells taken from the earlier scan
	// Spool has the rows. It is open to be read, and the folder locked, until it is closed.
	Spool *Spool
}

// Totals are the sums over all cells.
type Totals struct {
	Rows, Calls, Retries, Throttles, Bytes int64
	ByStatus                               map[Status]int
}

// run is a scan under way.
type run struct {
	opt      Options
	log      *slog.Logger
	ctx      context.Context
	cancel   context.CancelCauseFunc
	scheme   *scheme
	accounts []*account
	spool    *Spool
	queue    *queue
	cache    *cache
	progress *Progress
	result   *Result

	refusals     refusals
	preparations preparations
	calling      atomic.Int64 // tasks that wait for the provider
	buffered     atomic.Int64

	randMu sync.Mutex
	rand   *rand.Rand

	places   placeList
	commits  *committer
	done     chan struct{} // closed when all families are finished
	finished sync.Once

	openFile func(string, int, fs.FileMode) (file, error) // see Spool.open
}

// Run collects what a plan says. If the context ends, it stops within about a second and says so in the result, without
// an error. An error means that the plan cannot be collected or the spool not written; with the latter there is a result
// too, of what was finished.
//
// An item that the vendor lists twice, on two pages or in two lists of a table, is two rows here; the inventory makes one of
// them.
func Run(ctx context.Context, opt Options) (*Result, error) {
	return (&run{opt: opt.withDefaults()}).collect(ctx)
}

func (r *run) collect(ctx context.Context) (*Result, error) {
	r.log, r.progress = r.opt.Logger, r.opt.Progress
	var err error
	if r.scheme, err = compile(r.opt.Plan, r.opt.Provider.API()); err != nil {
		return nil, err
	}
	if err := distinctAccounts(r.opt.Accounts); err != nil {
		return nil, err
	}
	head, err := newHeader(r.opt.Provider, r.opt.Accounts, r.scheme)
	if err != nil {
		return nil, err
	}
	seal := r.opt.Seal
	if seal == nil {
		if seal, err = NewSeal(); err != nil {
			return nil, err
		}
	}
	if r.spool, err = createSpool(r.opt.Dir, head, r.opt.Resume, seal, r.openFile); err != nil {
		return nil, err
	}
	r.spool.secret = secretive(r.opt.Plan)
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	defer r.cancel(nil)
	r.result = &Result{Spool: r.spool}
	r.rand = newRand(r.opt.Seed)
	r.cache = newCache(r.opt.Memory / 4)
	r.queue = newQueue(r.opt.Workers, r.opt.Memory-r.opt.Memory/4, r.opt.Rate, r.opt.MaxRate, r.opt.Limits)
	r.refusals.seen = map[serviceKey]*availability{}
	r.preparations.seen = map[string]*preparation{}
	r.done = make(chan struct{})
	r.places.list = r.plan()
	r.commits = newCommitter(r)
	r.queue.stalled = func() {
		select {
		case <-r.done:
		default:
			r.fail(errors.New("collect: nothing is left to do and not all is done: this is a defect of the program"))
		}
	}
	r.queue.add(&task{run: r.openNext})
	select {
	case <-r.done:
	case <-r.ctx.Done():
	}
	r.stop()
	r.commits.close()
	return r.conclude()
}

func distinctAccounts(accounts []provider.Account) error {
	seen := map[string]bool{}
	for _, a := range accounts {
		if seen[a.ID] {
			return fmt.Errorf("account %s is to be scanned twice in one scan", a.ID)
		}
		seen[a.ID] = true
	}
	return nil
}

// grace is how long calls under way may take to notice that the scan is stopped.
const grace = time.Second

// stop ends all work; calls that do not notice are left behind, and what they answer is dropped.
func (r *run) stop() {
	r.queue.stop()
	patience := time.NewTimer(grace)
	defer patience.Stop()
	select {
	case <-r.queue.idle:
		return
	case <-patience.C:
	}
	for { // all but those in the provider are about to end
		r.queue.mu.Lock()
		working := r.queue.running - int(r.calling.Load())
		r.queue.mu.Unlock()
		if working <= 0 {
			return
		}
		select {
		case <-r.queue.idle:
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// fail ends the scan with an error that is not the vendor's.
func (r *run) fail(err error) { r.cancel(fatalError{err}) }

type fatalError struct{ error }

func (e fatalError) Unwrap() error { return e.error }

// plan lists all families in all scopes, in random order: so no service or account gets all calls at once.
func (r *run) plan() []place {
	var places []place
	for _, pa := range r.opt.Accounts {
		a := &account{Account: pa, counts: r.progress.addAccount(pa.ID, pa.Err != nil)}
		r.accounts = append(r.accounts, a)
		for _, tables := range r.scheme.families {
			for _, region := range a.regions(tables[0]) {
				places = append(places, place{tables, a, region})
				for _, t := range tables {
					r.progress.planned(a, t.cellCount())
				}
			}
		}
	}
	r.rand.Shuffle(len(places), func(i, j int) { places[i], places[j] = places[j], places[i] })
	return places
}

func (a *account) regions(t *table) []string {
	if t.regional && (len(a.Regions) > 0 || a.Err == nil) {
		return a.Regions
	}
	// An account that refused the sign-in did not tell its regions: one cell says for all of them that nothing is known.
	return []string{GlobalRegion}
}

// window is how many families are open at most: more than the workers, lest one slow service holds them all.
const window = 1000

// placeList is the families that are not open yet.
type placeList struct {
	mu      sync.Mutex
	list    []place
	open    int
	opening bool
}

// openNext opens families up to the window, and ends the scan when all are closed.
func (r *run) openNext() {
	l := &r.places
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.opening {
		return
	}
	l.opening = true
	for len(l.list) > 0 && l.open < window && r.ctx.Err() == nil {
		next := l.list[0]
		l.list = l.list[1:]
		l.open++
		l.mu.Unlock()
		r.open(next)
		l.mu.Lock()
	}
	l.opening = false
	if len(l.list) == 0 && l.open == 0 {
		r.finished.Do(func() { close(r.done) })
	}
}

// closed notes that a family is finished.
func (r *run) closed() {
	r.places.mu.Lock()
	r.places.open--
	r.places.mu.Unlock()
	r.openNext()
}

func (r *run) conclude() (*Result, error) {
	res := r.result
	res.Totals.ByStatus = map[Status]int{}
	complete := true
	for _, a := range r.accounts {
		for _, t := range r.scheme.tables {
			for _, region := range a.regions(t) {
				if c := r.spool.current(unitKey{t.name, a.ID, region}); c != nil {
					res.Cells = append(res.Cells, c.Cells...)
					continue
				}
				complete = false
				res.Cells = append(res.Cells, t.plannedCells(r.opt.Provider.ID(), a.ID, region)...)
			}
		}
		beyond := r.elsewhere(a)
		r.progress.planned(a, int64(len(beyond)))
		r.progress.finished(a, beyond)
		res.Cells = append(res.Cells, beyond...)
	}
	closeRegions(res.Cells)
	for _, c := range res.Cells {
		res.Totals.ByStatus[c.Status]++
		res.Totals.Calls += c.Calls
		res.Totals.Retries += c.Retries
		res.Totals.Throttles += c.Throttles
		res.Totals.Bytes += c.Bytes
		if c.Group == plan.GroupList {
			res.Totals.Rows += c.Rows
		}
	}
	var fatal fatalError
	if errors.As(context.Cause(r.ctx), &fatal) {
		return res, fmt.Errorf("collect: %w", fatal.error)
	}
	select {
	case <-r.done:
	default:
		complete = false // a cell that was to be tried again still has its old commit
	}
	res.Interrupted = !complete
	return res, nil
}
