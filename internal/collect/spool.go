package collect

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// Spool is the folder that a scan's raw rows are in: one file of rows for each table and a journal that says which of them
// count. The files of rows are zstd frames one after another, of lines that are Row as JSON: zstdcat reads them too, but
// sees also what was written before an interruption and then again. Those of tables that can hold secrets are encrypted, and
// readable only by the process that wrote them.
//
// A spool may be read while the scan that writes it goes on: what is committed is seen.
type Spool struct {
	dir     string
	mu      sync.Mutex
	files   map[string]*segment
	commits map[unitKey]*commit
	journal *journal
	lock    *os.File
	seal    *Seal           // nil: none that is sealed can be read
	secret  map[string]bool // the tables to seal
	enc     *zstd.Encoder
	dec     *zstd.Decoder
	// open is os.OpenFile but in tests, which let the disk be full.
	open func(name string, flag int, perm fs.FileMode) (file, error)
}

// file is what the spool needs of *os.File.
type file interface {
	ReadAt(p []byte, off int64) (int, error)
	WriteAt(p []byte, off int64) (int, error)
	Truncate(size int64) error
	Stat() (fs.FileInfo, error)
	Sync() error
	Close() error
}

// segment is the file of one table's rows.
type segment struct {
	mu   sync.Mutex
	file file
	size int64
}

// frame is a piece of a segment that can be read by itself.
type frame struct {
	Offset int64  `json:"o"`
	Size   int    `json:"n"`
	Sum    uint32 `json:"c"` // CRC-32C of the compressed bytes
	Rows   int    `json:"r"`
	Sealed string `json:"s,omitempty"` // the key's id if it is encrypted: see Seal
}

type unitKey struct{ table, account, region string }

// commit is the journal's line about a unit: its cells are final, its rows are in these frames.
type commit struct {
	Table   string `json:"table"`
	Account string `json:"account"`
	Region  string `json:"region"`
	// Gen counts how often the unit was collected; Parents are the generations of the parents whose rows it hangs on. A
	// unit whose parent was collected again does not count any more.
	Gen      int64            `json:"gen"`
	Parents  map[string]int64 `json:"parents,omitempty"`
	Frames   []frame          `json:"frames,omitempty"`
	Cells    []Cell           `json:"cells"`
	Failures failures         `json:"failures,omitempty"` // of the list: its children inherit them
	// Transient and Denied say what a resumed scan could find otherwise.
	Transient bool `json:"transient,omitempty"`
	Denied    bool `json:"denied,omitempty"`
	Disabled  bool `json:"disabled,omitempty"`
	// lost are the rows of an earlier process that cannot be read any more: the unit does not count.
	lost bool
}

func (c *commit) key() unitKey { return unitKey{c.Table, c.Account, c.Region} }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func newSpool(dir string, seal *Seal) (*Spool, error) {
	s := &Spool{dir: dir, seal: seal, files: map[string]*segment{}, commits: map[unitKey]*commit{}}
	s.open = func(name string, flag int, perm fs.FileMode) (file, error) { return os.OpenFile(name, flag, perm) }
	var err error
	// a small window: frames are at most some hundred KiB, and many are written at the same time
	s.enc, err = zstd.NewWriter(nil, zstd.WithWindowSize(256<<10), zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, err
	}
	s.dec, err = zstd.NewReader(nil, zstd.WithDecoderLowmem(true))
	return s, err
}

// OpenSpool opens the spool of an earlier scan, finished or not, to be read. What can hold secrets is there only with the seal
// that the scan was given.
func OpenSpool(dir string, seal *Seal) (*Spool, error) {
	s, err := newSpool(dir, seal)
	if err != nil {
		return nil, err
	}
	if _, _, err := s.load(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close ends writing. Rows cannot be read any more.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, seg := range s.files {
		errs = append(errs, seg.file.Close())
	}
	s.files = nil
	if s.journal != nil {
		errs = append(errs, s.journal.close())
		s.journal = nil
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
		s.lock = nil
	}
	return errors.Join(errs...)
}

func (s *Spool) path(table string) string {
	return filepath.Join(s.dir, url.PathEscape(table)+".ndjson.zst")
}

func (s *Spool) segment(table string, flag int) (*segment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.files == nil {
		return nil, fs.ErrClosed
	}
	if seg := s.files[table]; seg != nil {
		return seg, nil
	}
	f, err := s.open(s.path(table), flag, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	seg := &segment{file: f, size: info.Size()}
	s.files[table] = seg
	return seg, nil
}

// append writes lines as one frame. They count when a commit names the frame.
func (s *Spool) append(table string, lines []byte, rows int) (frame, error) {
	seg, err := s.segment(table, os.O_CREATE|os.O_RDWR)
	if err != nil {
		return frame{}, s.failed(err)
	}
	data, sealed := s.enc.EncodeAll(lines, nil), ""
	if s.secret[table] {
		data, sealed = s.seal.close(data), s.seal.id
	}
	seg.mu.Lock()
	f := frame{Offset: seg.size, Size: len(data), Sum: crc32.Checksum(data, castagnoli), Rows: rows, Sealed: sealed}
	seg.size += int64(len(data))
	seg.mu.Unlock()
	if _, err := seg.file.WriteAt(data, f.Offset); err != nil {
		return frame{}, s.failed(err)
	}
	return f, nil
}

func (s *Spool) failed(err error) error {
	var of *fs.PathError
	if errors.As(err, &of) && strings.HasPrefix(of.Path, s.dir) {
		err = of.Err // the folder is named already
	}
	return fmt.Errorf("write what was collected to %s: %w", s.dir, err)
}

// commit makes units final: their rows are on disk before the journal says so.
func (s *Spool) commit(units []*commit) error {
	synced := map[string]bool{}
	for _, c := range units {
		if len(c.Frames) == 0 || synced[c.Table] {
			continue
		}
		synced[c.Table] = true
		seg, err := s.segment(c.Table, os.O_RDWR)
		if err == nil {
			err = seg.file.Sync()
		}
		if err != nil {
			return s.failed(err)
		}
	}
	if len(synced) > 0 {
		syncDir(s.dir)
	}
	if err := s.journal.write(units); err != nil {
		return s.failed(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range units {
		s.commits[c.key()] = c
	}
	return nil
}

// current is the commit of a unit if there is one that counts.
func (s *Spool) current(key unitKey) *commit {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.valid(key)
}

func (s *Spool) valid(key unitKey) *commit {
	c := s.commits[key]
	if c == nil || c.lost {
		return nil
	}
	for parent, gen := range c.Parents {
		p := s.valid(unitKey{parent, key.account, key.region})
		if p == nil || p.Gen != gen {
			return nil
		}
	}
	return c
}

func (s *Spool) gen(key unitKey) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.commits[key]; c != nil {
		return c.Gen
	}
	return 0
}

// Rows streams the rows of a table, each a Row as JSON without a line break; the bytes are the caller's until the next.
// A file that lost or changed bytes is an error that names it, never fewer rows.
func (s *Spool) Rows(table string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, c := range s.of(table) {
			for _, f := range c.Frames {
				lines, err := s.read(table, f)
				if err != nil {
					yield(nil, err)
					return
				}
				for len(lines) > 0 {
					end := bytes.IndexByte(lines, '\n')
					if !yield(lines[:end:end], nil) {
						return
					}
					lines = lines[end+1:]
				}
			}
		}
	}
}

// Count is how many rows of a table Rows gives.
func (s *Spool) Count(table string) int64 {
	var n int64
	for _, c := range s.of(table) {
		for _, f := range c.Frames {
			n += int64(f.Rows)
		}
	}
	return n
}

// Tables are the names of the tables that have rows, sorted.
func (s *Spool) Tables() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for key := range s.commits {
		if c := s.valid(key); c != nil && len(c.Frames) > 0 {
			names = append(names, key.table)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Cells is the ledger of all that is committed.
func (s *Spool) Cells() []Cell {
	s.mu.Lock()
	defer s.mu.Unlock()
	var cells []Cell
	for key := range s.commits {
		if c := s.valid(key); c != nil {
			cells = append(cells, c.Cells...)
		}
	}
	slices.SortStableFunc(cells, func(a, b Cell) int {
		return strings.Compare(a.Account+"\x00"+a.Region+"\x00"+a.Table, b.Account+"\x00"+b.Region+"\x00"+b.Table)
	})
	return cells
}

func (s *Spool) of(table string) []*commit {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*commit
	for key := range s.commits {
		if key.table == table {
			if c := s.valid(key); c != nil {
				list = append(list, c)
			}
		}
	}
	slices.SortFunc(list, func(a, b *commit) int {
		return strings.Compare(a.Account+"\x00"+a.Region, b.Account+"\x00"+b.Region)
	})
	return list
}

// read gives the lines of a frame, each with its line break.
func (s *Spool) read(table string, f frame) ([]byte, error) {
	bad := func(err error) error {
		return fmt.Errorf("read spool file %s, bytes %d to %d: %w", s.path(table), f.Offset, f.Offset+int64(f.Size), err)
	}
	seg, err := s.segment(table, os.O_RDONLY)
	if err != nil {
		return nil, bad(err)
	}
	data := make([]byte, f.Size)
	if n, err := seg.file.ReadAt(data, f.Offset); err != nil {
		return nil, bad(fmt.Errorf("only %d bytes are left: %w", n, err))
	}
	if crc32.Checksum(data, castagnoli) != f.Sum {
		return nil, bad(errors.New("the checksum is wrong: the file was changed"))
	}
	if f.Sealed != "" {
		if data, err = s.seal.open(data); err != nil {
			return nil, bad(err)
		}
	}
	lines, err := s.dec.DecodeAll(data, nil)
	if err != nil {
		return nil, bad(err)
	}
	if n := bytes.Count(lines, []byte{'\n'}); n != f.Rows || len(lines) > 0 && lines[len(lines)-1] != '\n' {
		return nil, bad(fmt.Errorf("%d rows where %d were written", n, f.Rows))
	}
	return lines, nil
}
