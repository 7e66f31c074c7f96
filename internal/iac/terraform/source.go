package terraform

import (
	"fmt"
	"io"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/stancehq/stance/internal/iac"
)

// Source is a tree of code each file of which is parsed once, however many root modules and calls use it. It may be used by
// several goroutines at a time.
type Source struct {
	root   fs.FS
	limits iac.Limits
	slots  chan struct{} // one for each file that is parsed at the same time

	mu      sync.Mutex
	modules map[string]*loading
}

type loading struct {
	once   sync.Once
	module *module
}

// Open gives the tree below root. Nothing is read yet.
func Open(root fs.FS, limits iac.Limits) *Source {
	return &Source{
		root: root, limits: withDefaults(limits), slots: make(chan struct{}, max(runtime.GOMAXPROCS(0), 1)),
		modules: map[string]*loading{},
	}
}

// Has tells whether there is a module in a folder.
func (s *Source) Has(dir string) bool { return s.module(path.Clean(dir)) != nil }

// module is the module in a folder; nil if there is no file of the language, or no such folder.
func (s *Source) module(dir string) *module {
	s.mu.Lock()
	entry := s.modules[dir]
	if entry == nil {
		entry = &loading{}
		s.modules[dir] = entry
	}
	s.mu.Unlock()
	entry.once.Do(func() { entry.module = s.load(dir) })
	return entry.module
}

// prefetch loads modules and those that they call, side by side; evaluation would come to them one after the other.
func (s *Source) prefetch(dirs []string, called func(*module) []string) {
	seen := map[string]bool{}
	for len(dirs) > 0 {
		var wait sync.WaitGroup
		loaded := make([]*module, len(dirs))
		for i, dir := range dirs {
			wait.Go(func() { loaded[i] = s.module(dir) })
		}
		wait.Wait()
		dirs = nil
		for _, m := range loaded {
			if m == nil {
				continue
			}
			for _, dir := range called(m) {
				if !seen[dir] {
					seen[dir] = true
					dirs = append(dirs, dir)
				}
			}
		}
	}
}

// parsed is what one file says.
type parsed struct {
	name     string
	blocks   []*hclsyntax.Block
	problems []iac.Problem
}

func (s *Source) load(dir string) *module {
	entries, err := fs.ReadDir(s.root, dir)
	if err != nil {
		return nil
	}
	names := moduleFiles(entries)
	if len(names) == 0 {
		return nil
	}
	files := make([]parsed, len(names))
	var wait sync.WaitGroup
	for i, name := range names {
		wait.Go(func() {
			s.slots <- struct{}{}
			defer func() { <-s.slots }()
			files[i] = s.parse(path.Join(dir, name))
		})
	}
	wait.Wait()
	return decodeModule(dir, files)
}

// moduleFiles are the files of the language in a folder: those that extend others last, each group by name. A .tofu file replaces
// the .tf file of the same base name, as OpenTofu has it.
func moduleFiles(entries []fs.DirEntry) []string {
	var plain, overrides []string
	tofu := map[string]bool{}
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), ".tofu") || strings.HasSuffix(entry.Name(), ".tofu.json") {
			tofu[entry.Name()] = true
		}
	}
	for _, entry := range entries {
		name := entry.Name()
		base := baseName(name)
		if entry.IsDir() || base == "" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "#") {
			continue
		}
		if strings.HasSuffix(name, ".tf") && tofu[base+".tofu"] || strings.HasSuffix(name, ".tf.json") && tofu[base+".tofu.json"] {
			continue
		}
		if isOverride(base) {
			overrides = append(overrides, name)
		} else {
			plain = append(plain, name)
		}
	}
	slices.Sort(plain)
	slices.Sort(overrides)
	return append(plain, overrides...)
}

// baseName is a file's name without the extension, if that is one of the language's.
func baseName(name string) string {
	for _, extension := range []string{".tf", ".tofu", ".tf.json", ".tofu.json"} {
		if base, is := strings.CutSuffix(name, extension); is {
			return base
		}
	}
	return ""
}

func isOverride(base string) bool { return base == "override" || strings.HasSuffix(base, "_override") }

// parse reads and parses one file; whatever is wrong with it is one of its problems.
func (s *Source) parse(name string) (out parsed) {
	out.name = name
	defer func() {
		// The parser is told nothing that should make it panic. If it does, the rest of the code is still worth reading.
		if broken := recover(); broken != nil {
			out.blocks = nil
			out.problems = append(out.problems, iac.Problem{Kind: iac.Broken, What: fmt.Sprintf("it cannot be parsed: %v", broken), Range: iac.Range{File: name}})
		}
	}()
	text, problem := readFile(s.root, name, s.limits)
	if problem != nil {
		out.problems = []iac.Problem{*problem}
		return out
	}
	if strings.HasSuffix(name, ".json") {
		out.blocks, out.problems = parseJSON(name, text, s.limits)
	} else {
		out.blocks, out.problems = parseNative(name, text, s.limits)
	}
	return out
}

// readFile reads a whole file of at most the allowed size.
func readFile(root fs.FS, name string, limits iac.Limits) ([]byte, *iac.Problem) {
	at := iac.Range{File: name}
	file, err := root.Open(name)
	if err != nil {
		return nil, &iac.Problem{Kind: iac.Broken, What: "it cannot be read: " + err.Error(), Range: at}
	}
	defer func() { _ = file.Close() }() // it was only read
	if info, err := file.Stat(); err == nil && !info.Mode().IsRegular() {
		return nil, &iac.Problem{Kind: iac.Skipped, What: "it is not a file", Range: at}
	}
	text, err := io.ReadAll(io.LimitReader(file, limits.FileBytes+1))
	if err != nil {
		return nil, &iac.Problem{Kind: iac.Broken, What: "it cannot be read: " + err.Error(), Range: at}
	}
	if int64(len(text)) > limits.FileBytes {
		return nil, &iac.Problem{Kind: iac.LimitReached, What: fmt.Sprintf("it has more than %d bytes, so it was not read", limits.FileBytes), Range: at}
	}
	return text, nil
}
