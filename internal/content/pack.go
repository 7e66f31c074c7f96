package content

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// A pack is content that was proved when the program was built. It begins with a head that lists what there is, and then
// has one compressed frame per service for each of three things: bodies, tests, and what was prepared. Frames are read when
// they are first asked for, so that listing thousands of checks costs a few milliseconds.
//
//	"stance\x00\x01"  layout of the types (8 bytes)  length of the head (4 bytes)  head  frames …

const packMagic = "stance\x00\x01"

// packHead is the frame that is always read.
type packHead struct {
	Index    Index
	Sections []packSection
	Shared   packFrame
	// Frameworks are read only where they are asked for: a scan without them need not.
	Frameworks packFrame
}

// packSection is the content of one service of a provider.
type packSection struct {
	Provider, Service     string
	Body, Tests, Prepared packFrame
}

// packFrame is where a frame lies behind the head.
type packFrame struct{ Offset, Length int }

// packShared is what belongs to no service.
type packShared struct {
	Providers  []*Provider
	Functions  []*Function
	Objectives []*Objective
	Named      map[string][]string
}

// packFrameworks is the frame of frameworks.
type packFrameworks struct{ Frameworks []*Framework }

// packBody is the tables and checks of a service, without tests.
type packBody struct {
	Tables []*Table
	Checks []*Check
}

// packTests are the tests of a service's checks, in the order of the checks.
type packTests struct{ Tests [][]*Fixture }

// Prepared is what other packages worked out about tables and checks when the pack was made. It is opaque here.
type Prepared struct {
	Tables, Checks map[string][]byte // by name, by id
}

func packLayout() uint64 {
	return layoutOf(packHead{}, packShared{}, packFrameworks{}, packBody{}, packTests{}, Prepared{}, Problem{}, Ago{}, Absent{})
}

// Pack is packed content. It may be used from several goroutines.
type Pack struct {
	frames   []byte
	head     packHead
	sections []*section
	tables   map[string]*section
	checks   map[string]*section
	shared   func() (*packShared, error)
	works    func() (*packFrameworks, error)
	testing  sync.Mutex
}

// section reads its frames once.
type section struct {
	packSection
	body     func() (*packBody, error)
	prepared func() (*Prepared, error)
}

// OpenPack reads a pack's head. The bytes must not change afterwards.
func OpenPack(data []byte) (*Pack, error) {
	const fixed = len(packMagic) + 8 + 4
	if len(data) < fixed || string(data[:len(packMagic)]) != packMagic {
		return nil, errors.New("open the packed content: it is not a pack")
	}
	if binary.LittleEndian.Uint64(data[len(packMagic):]) != packLayout() {
		return nil, errors.New("open the packed content: it was made for another version of this program")
	}
	length := uint64(binary.LittleEndian.Uint32(data[len(packMagic)+8:]))
	if length > uint64(len(data)-fixed) {
		return nil, fmt.Errorf("open the packed content: %w", errPackEnd)
	}
	p := &Pack{frames: data[fixed+int(length):], tables: map[string]*section{}, checks: map[string]*section{}}
	head, err := inflate(data[fixed : fixed+int(length)])
	if err == nil {
		err = unpack(head, &p.head)
	}
	if err != nil {
		return nil, fmt.Errorf("open the packed content: %w", err)
	}
	p.arrange()
	return p, nil
}

func (p *Pack) arrange() {
	p.shared = once[packShared](p, "what all providers share", p.head.Shared)
	p.works = once[packFrameworks](p, "the frameworks", p.head.Frameworks)
	byName := map[string]*section{}
	for _, s := range p.head.Sections {
		name := s.Provider + "/" + s.Service
		made := &section{packSection: s, body: once[packBody](p, name, s.Body), prepared: once[Prepared](p, name, s.Prepared)}
		p.sections = append(p.sections, made)
		byName[name] = made
	}
	for _, t := range p.head.Index.Tables {
		p.tables[t.Name] = byName[t.Provider+"/"+t.Service]
	}
	for _, c := range p.head.Index.Checks {
		p.checks[c.ID] = byName[c.Provider+"/"+c.Service]
	}
}

// once reads a frame at most once.
func once[T any](p *Pack, what string, f packFrame) func() (*T, error) {
	return sync.OnceValues(func() (*T, error) { return readFrame[T](p, what, f) })
}

func readFrame[T any](p *Pack, what string, f packFrame) (*T, error) {
	v := new(T)
	if f.Length == 0 {
		return v, nil
	}
	if f.Offset < 0 || f.Length < 0 || f.Offset > len(p.frames) || f.Length > len(p.frames)-f.Offset {
		return nil, fmt.Errorf("read the packed content of %s: %w", what, errPackEnd)
	}
	data, err := inflate(p.frames[f.Offset : f.Offset+f.Length])
	if err == nil {
		err = unpack(data, v)
	}
	if err != nil {
		return nil, fmt.Errorf("read the packed content of %s: %w", what, err)
	}
	return v, nil
}

// inflater is made when the first frame is read: a program that reads none must not pay for it.
var inflater = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(runtime.GOMAXPROCS(0)), zstd.WithDecoderMaxMemory(256<<20))
})

func inflate(frame []byte) ([]byte, error) {
	decoder, err := inflater()
	if err != nil {
		return nil, err
	}
	return decoder.DecodeAll(frame, nil)
}

// Index lists the content. It must not be changed.
func (p *Pack) Index() *Index { return &p.head.Index }

// Table gives one table, or nil if there is none of the name.
func (p *Pack) Table(name string) (*Table, error) {
	s := p.tables[name]
	if s == nil {
		return nil, nil
	}
	body, err := s.body()
	if err != nil {
		return nil, err
	}
	return find(body.Tables, name, func(t *Table) string { return t.Name }), nil
}

// Check gives one check without its tests, or nil if there is none of the id.
func (p *Pack) Check(id string) (*Check, error) {
	s := p.checks[id]
	if s == nil {
		return nil, nil
	}
	body, err := s.body()
	if err != nil {
		return nil, err
	}
	return find(body.Checks, id, func(c *Check) string { return c.ID }), nil
}

// Library gives everything but the tests of checks: see LoadTests. Each call gives a library of its own over the same
// tables and checks.
func (p *Pack) Library() (*Library, error) {
	bodies, err := inParallel(p.sections, func(s *section) (*packBody, error) { return s.body() })
	if err != nil {
		return nil, err
	}
	shared, err := p.shared()
	if err != nil {
		return nil, err
	}
	l := &Library{
		Providers: slices.Clone(shared.Providers), Functions: slices.Clone(shared.Functions),
		Objectives: slices.Clone(shared.Objectives), Named: shared.Named,
	}
	for _, body := range bodies {
		l.Tables = append(l.Tables, body.Tables...)
		l.Checks = append(l.Checks, body.Checks...)
	}
	l.sort()
	return l, nil
}

// Frameworks gives the compliance frameworks by id, which Library leaves out.
func (p *Pack) Frameworks() ([]*Framework, error) {
	works, err := p.works()
	if err != nil {
		return nil, err
	}
	return slices.Clone(works.Frameworks), nil
}

// LoadTests puts the tests into the pack's checks. Nobody may read them meanwhile.
func (p *Pack) LoadTests() error {
	p.testing.Lock()
	defer p.testing.Unlock()
	_, err := inParallel(p.sections, func(s *section) (*packTests, error) {
		body, err := s.body()
		if err != nil {
			return nil, err
		}
		tests, err := readFrame[packTests](p, "tests of "+s.Service, s.Tests)
		if err != nil {
			return nil, err
		}
		for i, c := range body.Checks {
			if i < len(tests.Tests) {
				c.Tests = tests.Tests[i]
			}
		}
		return tests, nil
	})
	return err
}

// PreparedTable gives what was prepared about a table; nil for a table that is not the pack's own, such as one that a user
// put in the place of ours.
func (p *Pack) PreparedTable(t *Table) ([]byte, error) {
	own, err := p.Table(t.Name)
	if err != nil || own != t {
		return nil, err
	}
	prepared, err := p.tables[t.Name].prepared()
	if err != nil {
		return nil, err
	}
	return prepared.Tables[t.Name], nil
}

// PreparedCheck gives what was prepared about a check; nil for a check that is not the pack's own. It rests on the pack's
// tables and functions: who overlays those must prepare the checks that read them again.
func (p *Pack) PreparedCheck(c *Check) ([]byte, error) {
	own, err := p.Check(c.ID)
	if err != nil || own != c {
		return nil, err
	}
	prepared, err := p.checks[c.ID].prepared()
	if err != nil {
		return nil, err
	}
	return prepared.Checks[c.ID], nil
}

// inParallel does a thing for each item on all cores, and gives the results in the items' order.
func inParallel[T, R any](items []T, do func(T) (R, error)) ([]R, error) {
	results, errs := make([]R, len(items)), make([]error, len(items))
	next := make(chan int, len(items))
	for i := range items {
		next <- i
	}
	close(next)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(items)) {
		workers.Go(func() {
			for i := range next {
				results[i], errs[i] = do(items[i])
			}
		})
	}
	workers.Wait()
	return results, errors.Join(errs...)
}
