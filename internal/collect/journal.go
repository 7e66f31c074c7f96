package collect

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// Names of the spool's own files, and the version of their form.
const (
	journalName = "journal.ndjson"
	lockName    = "lock"
	spoolForm   = 1
)

// journal is a file of lines, each a checksum, a space and JSON. It is only ever appended to. A last line that was not
// written whole is dropped: what it would have committed was not.
type journal struct {
	file file
	size int64
}

// entry of the journal: the header, once, or a commit.
type journalLine struct {
	Header *header `json:"header,omitempty"`
	Unit   *commit `json:"unit,omitempty"`
}

func journalBytes(line journalLine) ([]byte, error) {
	b, err := json.Marshal(line)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%08x %s\n", crc32.Checksum(b, castagnoli), b), nil
}

func (j *journal) write(units []*commit) error {
	lines := make([]journalLine, len(units))
	for i, c := range units {
		lines[i].Unit = c
	}
	return j.add(lines...)
}

func (j *journal) add(lines ...journalLine) error {
	var data []byte
	for _, line := range lines {
		b, err := journalBytes(line)
		if err != nil {
			return err
		}
		data = append(data, b...)
	}
	_, err := j.file.WriteAt(data, j.size)
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		return errors.Join(err, j.file.Truncate(j.size)) // half a line would be dropped anyway
	}
	j.size += int64(len(data))
	return nil
}

func (j *journal) close() error { return j.file.Close() }

// errCorrupt is a journal that cannot be trusted.
var errCorrupt = errors.New("the journal is damaged")

// readJournal reads all whole lines and says how many bytes they are.
func readJournal(r io.Reader, each func(journalLine) error) (int64, error) {
	br := bufio.NewReaderSize(r, 1<<20)
	var size int64
	for n := 1; ; n++ {
		b, err := br.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return size, nil // without a line break at its end it is torn
		}
		if err != nil {
			return size, err
		}
		line, ok := parseJournalLine(b)
		if !ok {
			if _, err := br.Peek(1); errors.Is(err, io.EOF) {
				return size, nil
			}
			return size, fmt.Errorf("%w in line %d", errCorrupt, n)
		}
		if err := each(line); err != nil {
			return size, err
		}
		size += int64(len(b))
	}
}

func parseJournalLine(b []byte) (line journalLine, ok bool) {
	sum, doc, found := bytes.Cut(bytes.TrimSuffix(b, []byte{'\n'}), []byte{' '})
	if !found {
		return line, false
	}
	want, err := strconv.ParseUint(string(sum), 16, 32)
	if err != nil || crc32.Checksum(doc, castagnoli) != uint32(want) {
		return line, false
	}
	return line, json.Unmarshal(doc, &line) == nil
}

// ErrNoScan says that a folder holds no scan.
var ErrNoScan = errors.New("no scan is kept here")

// load reads the journal of an earlier scan, and says how many of its bytes are whole lines.
func (s *Spool) load() (*header, int64, error) {
	name := filepath.Join(s.dir, journalName)
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, fmt.Errorf("read %s: %w", s.dir, ErrNoScan)
	}
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	var head *header
	size, err := readJournal(f, func(line journalLine) error {
		switch {
		case line.Header != nil && head == nil:
			head = line.Header
		case line.Unit != nil && head != nil:
			line.Unit.lost = !s.seal.fits(line.Unit)
			s.commits[line.Unit.key()] = line.Unit
		default:
			return fmt.Errorf("%w: a line is out of place", errCorrupt)
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, 0, fmt.Errorf("read %s: %w", name, err)
	case head == nil:
		return nil, 0, fmt.Errorf("read %s: %w", name, ErrNoScan)
	case head.Form != spoolForm:
		return nil, 0, fmt.Errorf("read %s: it was written by another version of the program (form %d, not %d)", name, head.Form, spoolForm)
	}
	return head, size, s.checkSizes()
}

// checkSizes finds files that lost rows at once, before anything is asked again.
func (s *Spool) checkSizes() error {
	need := map[string]int64{}
	for _, c := range s.commits {
		for _, f := range c.Frames {
			need[c.Table] = max(need[c.Table], f.Offset+int64(f.Size))
		}
	}
	for table, size := range need {
		info, err := os.Stat(s.path(table))
		if err != nil {
			return fmt.Errorf("read spool: %w", err)
		}
		if info.Size() < size {
			return fmt.Errorf("read spool file %s: it is truncated: %d bytes where the journal tells of %d", s.path(table), info.Size(), size)
		}
	}
	return nil
}

// createSpool makes the folder of a new scan, or with resume opens that of an earlier one of the same plan. Nobody else
// can write to it until it is closed.
func createSpool(dir string, head *header, resume bool, seal *Seal, open func(string, int, fs.FileMode) (file, error)) (*Spool, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the spool: %w", err)
	}
	s, err := newSpool(dir, seal)
	if err != nil {
		return nil, err
	}
	if open != nil {
		s.open = open
	}
	if err := s.create(head, resume); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Spool) create(head *header, resume bool) error {
	if err := os.Chmod(s.dir, 0o700); err != nil {
		return fmt.Errorf("make the spool: %w", err)
	}
	lock, err := lockFile(filepath.Join(s.dir, lockName))
	if err != nil {
		return fmt.Errorf("lock %s: %w", s.dir, err)
	}
	s.lock = lock
	old, size, err := s.load()
	switch {
	case errors.Is(err, ErrNoScan):
		size = 0
	case err != nil:
		return err
	case !resume:
		return fmt.Errorf("%s holds a scan already: resume it, or choose another folder", s.dir)
	default:
		if why := old.differs(head); why != "" {
			return fmt.Errorf("cannot resume the scan in %s: %s; repeat it as it was started, or start a new one", s.dir, why)
		}
	}
	f, err := s.open(filepath.Join(s.dir, journalName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return s.failed(err)
	}
	s.journal = &journal{file: f, size: size}
	if err := f.Truncate(size); err != nil {
		return s.failed(err)
	}
	if size == 0 {
		if err := s.journal.add(journalLine{Header: head}); err != nil {
			return s.failed(err)
		}
		syncDir(s.dir)
	}
	return nil
}

// syncDir makes new files' names durable where the system can.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync() // not every file system can; the files themselves were synced
		_ = d.Close()
	}
}
