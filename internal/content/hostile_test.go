package content

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.yaml.in/yaml/v4"
)

// bomb gives a YAML map whose aliases, followed, are 10^depth values.
func bomb(depth int) string {
	var b strings.Builder
	b.WriteString("id: &a0 lol\n")
	for i := 1; i <= depth; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 10), ","))
	}
	return b.String()
}

// freeBomb places the bomb where any value may stand, so that it is followed.
func freeBomb(depth int) string {
	return "table: aws_x\ntitle: t\nabout: a\nrows: []\ncolumns: {a: {type: INTEGER, about: a}}\nsample:\n  " +
		strings.ReplaceAll(strings.TrimSpace(bomb(depth)), "\n", "\n  ")
}

func TestHostileFilesCostAMessage(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"a billion laughs", freeBomb(9), "too large once its aliases are followed"},
		{"a billion laughs in keys", bomb(9), "unknown key"},
		{"an alias in itself", "table: aws_x\nsample: &a {b: [*a]}", "alias *a contains itself"},
		{"a document in itself", "&a\ntable: *a", "alias *a contains itself"},
		{"nested lists", "sample: " + strings.Repeat("[", 100_000), "more than 50 maps and lists within each other"},
		{"nested maps", strings.Repeat("{a: ", 100_000), "more than 50 maps and lists within each other"},
		{"nested blocks", strings.Repeat("- ", 100_000) + "x", "more than 50 maps and lists within each other"},
		{"100 MB", strings.Repeat("# a comment of some length\n", 100<<20/27), "is larger than 1024 KiB"},
		{"many documents", strings.Repeat("---\na: 1\n", 50_000), "more than 1000 documents"},
		{"many keys", strings.Repeat("a: 1\n", 100_000), "stands here a second time"},
		{"many unknown keys", manyKeys(50_000), "unknown key"},
		{"a long key", strings.Repeat("k", 500_000) + ": 1", "unknown key"},
		{"control characters", "title: a\x00b", "1:9: is not text"},
		{"another encoding", "\xff\xfet\x00i\x00", "1:1: is not text"},
		{"a directive", "%YAML 9\n---\ntable: x", "not valid YAML"},
		{"text after the end", "table: aws_x\n...\nscope: account\n", "content/aws/tables/s3.yaml"},
		{"anchors", "table: " + strings.Repeat("&a ", 1000) + "x", "not valid YAML"},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := goodFiles()
			files[tableFile] = test.text
			start := time.Now()
			_, problems := Load(folderOf(files))
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
			if got := problems.Error(); !strings.Contains(got, test.want) {
				t.Errorf("want %s, got %.500s", test.want, got)
			}
		})
	}
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "tabel%d: 1\n", i)
	}
	return b.String()
}

func TestAliasesOfReasonableSizeAreFollowed(t *testing.T) {
	files := goodFiles()
	files[checkFile] = strings.Replace(files[checkFile], "- pass: {versioning: {Status: Enabled}}",
		"- pass: &on {versioning: {Status: &word Enabled}}\n  - {fail: *on, found: *word}", 1)
	l, problems := Load(folderOf(files))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	tests := l.Checks[0].Tests
	if len(tests) != 2 || tests[1].Found != "Enabled" || tests[1].Rows["aws_s3_bucket"][0]["versioning"] == nil {
		t.Errorf("%+v", tests)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	for name, text := range goodFiles() {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, "aws", "tables", "gone.yaml")); err != nil {
		t.Fatal(err)
	}
	_, problems := Load(Dir(dir))
	if got := problems.Error(); !strings.HasSuffix(got, "/aws/tables/gone.yaml: cannot be read: no such file or directory") {
		t.Error(got)
	}
}

// TestEveryNodeOfAnotherKind writes each other kind of value in the place of every value of files that use the words: whatever
// stands where, it is reported.
func TestEveryNodeOfAnotherKind(t *testing.T) {
	kinds := []yaml.Node{
		{Kind: yaml.ScalarNode, Value: "x"},
		{Kind: yaml.ScalarNode, Tag: "!!null"},
		{Kind: yaml.SequenceNode},
		{Kind: yaml.MappingNode},
		{Kind: yaml.SequenceNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!null"}}},
	}
	places := map[string]string{
		"aws/tables/s3.yaml": tableFile, "aws/tables/ec2.yaml": tableFile, "aws/tables/iam.yaml": tableFile, "aws/provider.yaml": providerFile,
		"aws/checks/s3/aws_s3_bucket_versioning.yaml": checkFile, "aws/checks/ec2/aws_vpc_open_rules.yaml": checkFile, "objectives.yaml": "objectives.yaml",
		"frameworks/acme-1.0.yaml": "frameworks/acme-1.0.yaml", "frameworks/acme-2.0.yaml": "frameworks/acme-2.0.yaml", "frameworks/lists/acme-1.0.yaml": "frameworks/lists/acme-1.0.yaml",
	}
	for from, place := range places {
		data, err := os.ReadFile(filepath.Join("testdata/good", from))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range splitDocuments(data) {
			var doc yaml.Node
			if err := yaml.Unmarshal(part, &doc); err != nil || len(doc.Content) == 0 {
				continue
			}
			for _, node := range below(doc.Content[0]) {
				was := *node
				for _, *node = range kinds {
					text, err := yaml.Marshal(&doc)
					if err != nil {
						t.Fatal(err)
					}
					files := goodFiles()
					files[place] = string(text)
					Load(folderOf(files)) // a panic of a reader ends the test
				}
				*node = was
			}
		}
	}
}

func below(n *yaml.Node) []*yaml.Node {
	nodes := []*yaml.Node{n}
	for _, child := range n.Content {
		nodes = append(nodes, below(child)...)
	}
	return nodes
}

// FuzzLoad holds the loader to its promise: whatever stands in a file, it gives a library or problems, in bounded time, and
// each problem has a place within the folder.
func FuzzLoad(f *testing.F) {
	for _, root := range []string{"testdata/good"} {
		_ = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				if data, err := os.ReadFile(name); err == nil {
					f.Add(data)
				}
			}
			return nil
		})
	}
	for _, m := range mistakes {
		f.Add([]byte(strings.Replace(goodFiles()[m.file], m.old, m.new, 1)))
	}
	f.Add([]byte("mutes: [{check: all, account: a, tag: {k: v}, accept: true, owner: o, until: 2027-01-01, reason: r}]"))
	f.Add([]byte("attestations: [{framework: f, requirement: [a, b], answer: met, author: a, date: 2026-01-01, until: 2027-01-01, note: n}]"))
	f.Add([]byte(freeBomb(4)))
	f.Add([]byte("&a\ntable: *a"))
	f.Add([]byte("a: !ago -1d\n---\n? [a]\n: b\n...\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		good := goodFiles()
		fsys := fstest.MapFS{"functions/f.sql": {Data: data}, "objectives.yaml": {Data: data}}
		for name, text := range good {
			fsys[name] = &fstest.MapFile{Data: []byte(text)}
		}
		placed := func(problems Problems) {
			for _, m := range problems {
				if m.Pos.File == "" || m.Message == "" || m.Pos.Line < 0 || strings.ContainsRune(m.Message, '\n') {
					t.Fatalf("%+v", m)
				}
			}
		}
		for _, name := range []string{tableFile, checkFile, providerFile, "frameworks/acme-1.0.yaml", "frameworks/lists/acme-1.0.yaml"} {
			own := fsys[name]
			fsys[name] = &fstest.MapFile{Data: data}
			l, problems := Load(Folder{FS: fsys})
			placed(problems)
			if len(problems) == 0 {
				if _, err := pack(&packBody{Tables: l.Tables, Checks: l.Checks}); err != nil {
					t.Fatal(err)
				}
			}
			delete(fsys, name)
			if own != nil {
				fsys[name] = own
			}
		}
		l, _ := Load(folderOf(good))
		_, problems := ReadAttestations(data, "attestations.yaml", l)
		placed(problems)
		var ofMutes Problems
		for _, v := range readOne(data, "mutes.yaml", mutesForm(), &ofMutes).at("mutes").all() {
			if v != nil {
				buildMute(v, l, &ofMutes)
			}
		}
		placed(ofMutes)
	})
}
