package content

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// Folder is a folder of content: provider folders, functions/ and objectives.yaml.
type Folder struct {
	FS fs.FS
	// Path is written before file names in messages: where the folder lies, as the user knows it.
	Path string
}

// Dir is a folder on disk.
func Dir(name string) Folder {
	return Folder{FS: os.DirFS(name), Path: filepath.ToSlash(filepath.Clean(name))}
}

func (f Folder) shown(name string) string {
	if f.Path == "" || f.Path == "." {
		return name
	}
	return path.Join(f.Path, name)
}

// Load reads a folder that stands on its own. The library holds what could be read even where there are problems, so that
// callers may look for more; it must not be used for a scan then.
func Load(folder Folder) (*Library, Problems) { return LoadOver(&Library{}, folder) }

// LoadOver reads a folder whose tables and checks may also refer to those of a base. It gives the folder's own content
// alone: see Overlay.
func LoadOver(base *Library, folder Folder) (*Library, Problems) {
	var problems Problems
	l := &loader{folder: folder, defaults: map[string]TableDefaults{}}
	for _, p := range base.Providers {
		l.defaults[p.ID] = p.Tables
	}
	providers, files := l.list(&problems)
	parsed := l.parse(providers)
	for i := range parsed { // what these say holds for the tables
		for _, p := range parsed[i].part.Providers {
			l.defaults[p.ID] = p.Tables
		}
	}
	parsed = append(parsed, l.parse(files)...)
	own := &Library{}
	var checks []parsedCheck
	var lists []*frameworkList
	for i := range parsed {
		problems = append(problems, parsed[i].problems...)
		own.Providers = append(own.Providers, parsed[i].part.Providers...)
		own.Tables = append(own.Tables, parsed[i].part.Tables...)
		own.Functions = append(own.Functions, parsed[i].part.Functions...)
		own.Objectives = append(own.Objectives, parsed[i].part.Objectives...)
		own.Frameworks = append(own.Frameworks, parsed[i].part.Frameworks...)
		lists = append(lists, parsed[i].lists...)
		checks = append(checks, parsed[i].checks...)
	}
	for _, c := range checks {
		own.Checks = append(own.Checks, c.check)
	}
	refuseTwins(own, &problems)
	refs := newReferences(base, own)
	inheritScopes(own, refs)
	for _, t := range own.Tables {
		refs.checkTable(t, &problems)
	}
	for _, c := range checks {
		refs.checkCheck(c.check, &problems)
		buildFixtures(c.check, c.value, refs, &problems)
	}
	refs.checkProviders(own, &problems)
	own.sort()
	checkFrameworks(base, own, lists, refs, &problems)
	own.Named = naming(own.Frameworks)
	return own, problems.Sorted()
}

// kinds of files.
type fileKind int

const (
	fileProvider fileKind = iota
	fileTables
	fileCheck
	fileFunctions
	fileObjectives
	fileFramework
	fileFrameworkList
)

type file struct {
	kind              fileKind
	name              string // in the folder
	provider, service string
}

// parsedCheck keeps a check's YAML until its table is known, on which the shape of its fixtures depends.
type parsedCheck struct {
	check *Check
	value *value
}

type parsedFile struct {
	part     Library
	checks   []parsedCheck
	lists    []*frameworkList
	problems Problems
}

type loader struct {
	folder   Folder
	defaults map[string]TableDefaults // by provider
}

// rootFolders lie beside the providers and are not providers.
var rootFolders = []string{"functions", "frameworks", "schema"}

// list finds the files of content, and reports those that look as if they were meant to be some.
func (l *loader) list(problems *Problems) (providers, files []file) {
	for _, entry := range l.dir(".", problems) {
		name := entry.Name()
		switch {
		case hidden(name):
		case name == "objectives.yaml":
			files = append(files, file{kind: fileObjectives, name: name})
		case name == "functions":
			for _, f := range l.dir(name, problems) {
				if strings.HasSuffix(f.Name(), ".sql") && !hidden(f.Name()) {
					files = append(files, file{kind: fileFunctions, name: path.Join(name, f.Name())})
				}
			}
		case name == "frameworks" && entry.IsDir():
			files = append(files, l.frameworks(name, problems)...)
		case !entry.IsDir():
			l.misnamed(name, []string{"objectives.yaml"}, problems)
		case !contains(rootFolders, name):
			files = append(files, l.provider(name, problems)...)
		}
	}
	if len(files) == 0 && len(*problems) == 0 {
		problems.Add(Pos{File: l.folder.shown(".")}, "expected is a folder such as aws with tables and checks in it", "no content found")
	}
	isProvider := func(f file) bool { return f.kind == fileProvider }
	for _, f := range files {
		if isProvider(f) {
			providers = append(providers, f)
		}
	}
	return providers, slices.DeleteFunc(files, isProvider)
}

// frameworks finds frameworks, and below lists the identifiers that prove them.
func (l *loader) frameworks(dir string, problems *Problems) (files []file) {
	const lists = "lists"
	for _, entry := range l.dir(dir, problems) {
		switch name := path.Join(dir, entry.Name()); {
		case hidden(entry.Name()):
		case entry.IsDir() && entry.Name() == lists:
			for _, f := range l.yamlFiles(name, problems) {
				files = append(files, file{kind: fileFrameworkList, name: path.Join(name, f)})
			}
		case entry.IsDir():
			problems.Add(Pos{File: l.folder.shown(name)}, "", "is a folder, which is not looked into")
		case strings.HasSuffix(name, ".yaml"):
			files = append(files, file{kind: fileFramework, name: name})
		case strings.HasSuffix(name, ".yml"):
			problems.Add(Pos{File: l.folder.shown(name)}, "rename it to end in .yaml", "is not read")
		}
	}
	return files
}

func (l *loader) provider(provider string, problems *Problems) []file {
	var files []file
	for _, entry := range l.dir(provider, problems) {
		name := path.Join(provider, entry.Name())
		switch {
		case hidden(entry.Name()):
		case entry.Name() == "provider.yaml":
			files = append(files, file{kind: fileProvider, name: name, provider: provider})
		case entry.Name() == "tables" && entry.IsDir():
			for _, f := range l.yamlFiles(name, problems) {
				service := strings.TrimSuffix(f, ".yaml")
				files = append(files, file{fileTables, path.Join(name, f), provider, service})
			}
		case entry.Name() == "samples" && entry.IsDir(): // pieces of code, which scans of them prove
		case entry.Name() == "checks" && entry.IsDir():
			for _, service := range l.dir(name, problems) {
				below := path.Join(name, service.Name())
				if !service.IsDir() {
					if !hidden(service.Name()) && isYAML(service.Name()) {
						problems.Add(Pos{File: l.folder.shown(below)}, "move it to "+path.Join(name, "<service>", service.Name()), "a check lies in its service's folder")
					}
					continue
				}
				for _, f := range l.yamlFiles(below, problems) {
					files = append(files, file{fileCheck, path.Join(below, f), provider, service.Name()})
				}
			}
		default:
			l.misnamed(name, []string{path.Join(provider, "provider.yaml"), path.Join(provider, "tables"), path.Join(provider, "checks")}, problems)
		}
	}
	return files
}

func hidden(name string) bool { return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") }

func isYAML(name string) bool {
	return strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

// misnamed reports a name that is nearly one that is read.
func (l *loader) misnamed(name string, known []string, problems *Problems) {
	if near := Nearest(name, known); near != "" {
		problems.Add(Pos{File: l.folder.shown(name)}, DidYouMean(path.Base(name), []string{path.Base(near)}), "is not read")
	}
}

func (l *loader) dir(name string, problems *Problems) []fs.DirEntry {
	entries, err := fs.ReadDir(l.folder.FS, name)
	if err != nil {
		problems.Add(Pos{File: l.folder.shown(name)}, "", "cannot be read: %v", rootCause(err))
	}
	return entries
}

func (l *loader) yamlFiles(dir string, problems *Problems) []string {
	var names []string
	for _, entry := range l.dir(dir, problems) {
		switch name := entry.Name(); {
		case hidden(name):
		case entry.IsDir():
			problems.Add(Pos{File: l.folder.shown(path.Join(dir, name))}, "", "is a folder, which is not looked into")
		case strings.HasSuffix(name, ".yaml"):
			names = append(names, name)
		case strings.HasSuffix(name, ".yml"):
			problems.Add(Pos{File: l.folder.shown(path.Join(dir, name))}, "rename it to end in .yaml", "is not read")
		}
	}
	return names
}

// parse reads the files side by side, and gives the results in the files' order.
func (l *loader) parse(files []file) []parsedFile {
	parsed := make([]parsedFile, len(files))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), max(1, len(files))) {
		workers.Go(func() {
			for i := range next {
				l.parseFile(files[i], &parsed[i])
			}
		})
	}
	for i := range files {
		next <- i
	}
	close(next)
	workers.Wait()
	return parsed
}

func (l *loader) parseFile(f file, p *parsedFile) {
	shown := l.folder.shown(f.name)
	data, ok := readFile(l.folder.FS, f.name, shown, &p.problems)
	if !ok {
		return
	}
	if f.kind == fileFunctions {
		p.part.Functions = parseFunctions(string(data), shown, &p.problems)
		return
	}
	docs := documents(data, shown, &p.problems)
	if len(docs) == 0 && len(p.problems) == 0 {
		p.problems.Add(Pos{File: shown}, "", "the file is empty")
	}
	for i, doc := range docs {
		if f.kind != fileTables && i > 0 {
			p.problems.Add(doc.pos(doc.node), "part it into files", "only a file of tables holds more than one document")
			break
		}
		l.parseDocument(f, doc, p)
	}
}

func (l *loader) parseDocument(f file, doc document, p *parsedFile) {
	switch f.kind {
	case fileTables:
		if v := read(doc, tableForm(), &p.problems); v != nil {
			t := buildTable(v, f.provider, f.service, l.defaults[f.provider], &p.problems)
			wantPrefix(v, "table", f.provider, &p.problems)
			p.part.Tables = append(p.part.Tables, t)
		}
	case fileCheck:
		if v := read(doc, checkForm(), &p.problems); v != nil {
			wantPrefix(v, "id", f.provider, &p.problems)
			wantName(v, "id", f, p)
			p.checks = append(p.checks, parsedCheck{buildCheck(v, f.provider, f.service, &p.problems), v})
		}
	case fileProvider:
		if v := read(doc, providerForm(), &p.problems); v != nil {
			if id := v.at("id"); id != nil && id.text != f.provider {
				p.problems.Add(id.pos, "", "the id is %q, but the folder is called %s", id.text, f.provider)
			}
			provider := buildProvider(v, &p.problems)
			provider.ID = f.provider
			p.part.Providers = append(p.part.Providers, provider)
		}
	case fileFramework:
		if v := read(doc, frameworkForm(), &p.problems); v != nil {
			wantName(v, "id", f, p)
			p.part.Frameworks = append(p.part.Frameworks, buildFramework(v))
		}
	case fileFrameworkList:
		if v := read(doc, frameworkListForm(), &p.problems); v != nil {
			wantName(v, "framework", f, p)
			p.lists = append(p.lists, buildFrameworkList(v))
		}
	case fileObjectives:
		if v := read(doc, objectivesForm(), &p.problems); v != nil {
			p.part.Objectives = append(p.part.Objectives, buildObjectives(v)...)
		}
	}
}

// wantName reports an id that is not the file's name.
func wantName(v *value, key string, f file, p *parsedFile) {
	want := strings.TrimSuffix(path.Base(f.name), ".yaml")
	if id := v.at(key); id != nil && id.text != want {
		p.problems.Add(id.pos, "rename the file to "+id.text+".yaml", "the id is %q, but the file is called %s.yaml", id.text, want)
	}
}

// wantPrefix reports a name that does not begin with its provider's.
func wantPrefix(v *value, key, provider string, problems *Problems) {
	if name := v.at(key); name != nil && !strings.HasPrefix(name.text, provider+"_") {
		problems.Add(name.pos, "", "%q does not begin with %s_, the provider that it lies with", name.text, provider)
	}
}

// sort orders the library by name, so that nothing downstream depends on folders.
func (l *Library) sort() {
	slices.SortStableFunc(l.Providers, func(a, b *Provider) int { return strings.Compare(a.ID, b.ID) })
	slices.SortStableFunc(l.Tables, func(a, b *Table) int { return strings.Compare(a.Name, b.Name) })
	slices.SortStableFunc(l.Checks, func(a, b *Check) int { return strings.Compare(a.ID, b.ID) })
	slices.SortStableFunc(l.Functions, func(a, b *Function) int { return strings.Compare(a.Name, b.Name) })
	slices.SortStableFunc(l.Frameworks, func(a, b *Framework) int { return strings.Compare(a.ID, b.ID) })
	slices.SortStableFunc(l.Objectives, func(a, b *Objective) int { return strings.Compare(a.ID, b.ID) })
}
