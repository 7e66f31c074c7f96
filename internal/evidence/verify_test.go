package evidence

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/plan"
)

// replaced puts a text in the place of another, which must be there.
func replaced(t *testing.T, all map[string][]byte, name, old, now string) {
	t.Helper()
	if !bytes.Contains(all[name], []byte(old)) {
		t.Fatalf("%s does not have %q:\n%.3000s", name, old, all[name])
	}
	all[name] = bytes.Replace(all[name], []byte(old), []byte(now), 1)
}

const (
	versioning = "content/checks/aws_s3_bucket_versioning.json"
	buckets    = "content/tables/aws_s3_bucket.json"
)

// TestEveryChangeIsNamed: whatever is changed in a bundle is named, and where it decides on verdicts, these are.
func TestEveryChangeIsNamed(t *testing.T) {
	bundle, _ := fewWritten(t)
	names := files(t, bundle)
	documents, findings := fileOf(t, names, "/aws_s3_bucket.ndjson"), fileOf(t, names, "/findings.ndjson")
	coverage := fileOf(t, names, "/coverage.json")
	for name, test := range map[string]struct {
		change func(all map[string][]byte)
		says   []string
		same   bool // all verdicts
	}{
		"one byte of a document": {
			func(all map[string][]byte) { replaced(t, all, documents, "tidewater-backups", "tidewater-backupt") }, []string{"changed    " + documents}, false,
		},
		"a document, so that a verdict changes": {
			func(all map[string][]byte) {
				replaced(t, all, documents, `"versioning":{"Status":"Enabled"`, `"versioning":{"Status":"Suspended"`)
			}, []string{"changed    " + documents, "differs    aws_s3_bucket_versioning of arn:aws:s3:::", "PASS → FAIL (versioning is suspended)"}, false,
		},
		"white space": {
			func(all map[string][]byte) {
				all[documents] = append(bytes.TrimSuffix(all[documents], []byte("\n")), " \n"...)
			}, []string{"changed    " + documents}, true,
		},
		"the SQL of a check": {
			func(all map[string][]byte) { replaced(t, all, versioning, "= 'Enabled'", "= 'Nothing'") },
			[]string{"changed    " + versioning, "differs    aws_s3_bucket_versioning of arn:aws:s3:::", "PASS → FAIL"},
			false,
		},
		"the words of a check": {func(all map[string][]byte) { replaced(t, all, versioning, "S3 buckets", "Buckets") }, []string{"changed    " + versioning}, true},
		"a verdict": {
			func(all map[string][]byte) { replaced(t, all, findings, `"status":"FAIL"`, `"status":"PASS"`) },
			[]string{"changed    " + findings, "PASS", "→ FAIL"},
			false,
		},
		"a verdict that is gone": {
			func(all map[string][]byte) { _, all[findings], _ = bytes.Cut(all[findings], []byte("\n")) },
			[]string{"changed    " + findings, "additional ", "follows, and is not in the bundle"},
			false,
		},
		"a verdict that is new": {
			func(all map[string][]byte) {
				line, _, _ := bytes.Cut(all[findings], []byte("\n"))
				all[findings] = append(all[findings], append(line, '\n')...)
			},
			[]string{"changed    " + findings, "missing    ", "is in the bundle, and does not follow"},
			false,
		},
		"coverage": {
			func(all map[string][]byte) {
				replaced(t, all, coverage, `"group":"list","status":"ok"`, `"group":"list","status":"denied","cause":"denied: made up"`)
			}, []string{"changed    " + coverage, "UNKNOWN (denied: made up)"}, false,
		},
		"a file that is gone":      {func(all map[string][]byte) { delete(all, documents) }, []string{"missing    " + documents, "missing    aws_s3_bucket_"}, false},
		"a check that is gone":     {func(all map[string][]byte) { delete(all, versioning) }, []string{"missing    " + versioning, "missing    aws_s3_bucket_versioning of"}, false},
		"a file that is new":       {func(all map[string][]byte) { all["notes.txt"] = []byte("x") }, []string{"unlisted   notes.txt"}, true},
		"a check that is new":      {func(all map[string][]byte) { all["content/checks/x.json"] = []byte("{}") }, []string{"unlisted   content/checks/x.json"}, true},
		"a name that climbs out":   {func(all map[string][]byte) { all["../../evil"] = []byte("x") }, []string{"unlisted   ../../evil"}, true},
		"the manifest":             {func(all map[string][]byte) { all[manifestName] = append(all[manifestName], ' ') }, []string{"signature  NOT VALID: manifest.sig does not fit"}, true},
		"a parameter":              {func(all map[string][]byte) { replaced(t, all, manifestName, `"days": 7`, `"days": 1`) }, []string{"NOT VALID", "differs    aws_rds_instance_backups"}, false},
		"the signature":            {func(all map[string][]byte) { all[signatureName][3] ^= 1 }, []string{"signature  NOT VALID"}, true},
		"a signature that is gone": {func(all map[string][]byte) { delete(all, signatureName) }, []string{"signature  NOT VALID: manifest.sig is missing"}, true},
		"the key":                  {func(all map[string][]byte) { all[publicKeyName] = []byte("none") }, []string{"NOT VALID: public-key.pem is no Ed25519 public key"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := verified(t, changed(t, test.change), VerifyOptions{Known: known(t)})
			told := text(t, r)
			if r.OK() || !strings.Contains(told, "result     FAILED") {
				t.Errorf("it is taken for what was signed:\n%s", told)
			}
			for _, words := range test.says {
				if !strings.Contains(told, words) {
					t.Errorf("it does not say %q:\n%s", words, told)
				}
			}
			one := oneScan(t, r)
			if same := one.Differing+one.Missing+one.Additional == 0; test.same && !same {
				t.Errorf("the verdicts follow all the same, but it says:\n%s", told)
			}
		})
	}
}

// TestWhatCannotBeReadIsNamed: with its file and line, and no verdict is taken for proved.
func TestWhatCannotBeReadIsNamed(t *testing.T) {
	bundle, _ := fewWritten(t)
	names := files(t, bundle)
	documents, findings := fileOf(t, names, "/aws_s3_bucket.ndjson"), fileOf(t, names, "/findings.ndjson")
	second := func(name, line string) func(all map[string][]byte) {
		return func(all map[string][]byte) {
			lines := bytes.SplitN(all[name], []byte("\n"), 3)
			all[name] = bytes.Join([][]byte{lines[0], []byte(line), lines[2]}, []byte("\n"))
		}
	}
	for name, test := range map[string]struct {
		change func(all map[string][]byte)
		says   string
	}{
		"a document that is no JSON":       {second(documents, `{"account": `), documents + ", line 2: unexpected end of JSON input"},
		"a document that is no object":     {second(documents, `{"account": "1", "doc": []}`), documents + ", line 2: doc is no object"},
		"a document of no account":         {second(documents, `{"doc": {}}`), documents + ", line 2: it names no account"},
		"a document that is nested deeply": {second(documents, `{"account": "1", "doc": {"a": `+strings.Repeat("[", 20000)+strings.Repeat("]", 20000)+`}}`), documents + ", line 2: "},
		"a verdict that is no JSON":        {second(findings, `x`), findings + ", line 2: invalid character"},
		"coverage that is no list":         {func(all map[string][]byte) { all[fileOf(t, names, "/coverage.json")] = []byte("{}") }, "/coverage.json, byte 1: a list is wanted"},
		"a check that is no JSON":          {func(all map[string][]byte) { all[versioning] = []byte("{\n\"id\": \"x\",\n}") }, versioning + ", line 3: invalid character"},
		"a check in another's place": {func(all map[string][]byte) {
			replaced(t, all, versioning, `"id": "aws_s3_bucket_versioning"`, `"id": "other"`)
		}, versioning + `: it is of "other"`},
		"a check of a table that is none": {func(all map[string][]byte) {
			replaced(t, all, versioning, `"resource": "aws_s3_bucket"`, `"resource": "nothing"`)
		}, versioning + `: it cannot be asked: resource: table "nothing" does not exist`},
		"a check that reads a file": {func(all map[string][]byte) {
			replaced(t, all, versioning, `"coalesce(versioning_status, '') = 'Enabled'"`, `"(select content from read_text('/etc/passwd')) is null"`)
		}, versioning + ": it cannot be asked: pass: "},
		"a check that is several statements": {func(all map[string][]byte) {
			replaced(t, all, versioning, `= 'Enabled'"`, `= 'Enabled'); DROP TABLE aws_s3_bucket; SELECT (1"`)
		}, versioning + ": it cannot be asked: pass: "},
		"a check that asks the clock": {func(all map[string][]byte) {
			replaced(t, all, versioning, `= 'Enabled'"`, `= 'Enabled' and now() is not null"`)
		}, `function "now" may not be used`},
		"functions that are gone": {func(all map[string][]byte) { delete(all, functionsName) }, functionsName + " is missing"},
		"a function that is none": {func(all map[string][]byte) {
			all[functionsName] = append(all[functionsName], "-- function: evil\nCOPY (SELECT 1) TO '/tmp/evil';\n"...)
		}, "must be CREATE MACRO evil"},
		"a function that is several": {func(all map[string][]byte) {
			all[functionsName] = append(all[functionsName], "-- function: evil\nCREATE MACRO evil() AS 1; DROP TABLE aws_s3_bucket;\n"...)
		}, "must be one statement"},
		"a function that reads a file": {func(all map[string][]byte) {
			all[functionsName] = append(all[functionsName], "-- function: evil\nCREATE MACRO evil() AS TABLE SELECT * FROM read_text('/etc/passwd');\n"...)
		}, "evil"},
		"a table whose query reads a file": {func(all map[string][]byte) {
			all[buckets] = selecting(t, all[buckets], "SELECT * FROM read_text('/etc/passwd')")
		}, buckets + ": select: function \"read_text\" may not be used in FROM"},
		"a table whose query is several": {func(all map[string][]byte) {
			all[buckets] = selecting(t, all[buckets], "SELECT 1; DROP TABLE coverage")
		}, buckets + ": select: only one SELECT is allowed"},
		"a table whose query is of another": {func(all map[string][]byte) {
			all[buckets] = selecting(t, all[buckets], "SELECT * FROM duckdb_settings()")
		}, buckets + ": select: function"},
		"a type that is more than that": {func(all map[string][]byte) {
			replaced(t, all, buckets, `"type": "VARCHAR"`, `"type": "VARCHAR); DROP TABLE coverage; SELECT (1"`)
		}, buckets + ": column provider: "},
	} {
		t.Run(name, func(t *testing.T) {
			r := verified(t, changed(t, test.change), VerifyOptions{})
			told := text(t, r)
			if r.OK() || !strings.Contains(told, "result     FAILED") || len(r.Problems) == 0 {
				t.Errorf("it is taken for what was signed:\n%s", told)
			}
			if !strings.Contains(told, test.says) {
				t.Errorf("it does not say %q:\n%s", test.says, told)
			}
		})
	}
	if _, err := os.Stat("/tmp/evil"); err == nil {
		t.Error("a file was written")
	}
}

// selecting is a table with another query.
func selecting(t *testing.T, file []byte, query string) []byte {
	t.Helper()
	var f tableFile
	if err := json.Unmarshal(file, &f); err != nil {
		t.Fatal(err)
	}
	f.Select = lines(query)
	text, err := indented(f)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func newKey(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// TestWhoSignedItMustBeSaid: a bundle that somebody changed and signed anew is as its key signed it. Only who names the key finds out.
func TestWhoSignedItMustBeSaid(t *testing.T) {
	bundle, _ := fewWritten(t)
	first := verified(t, bundle, VerifyOptions{Known: known(t)})
	told := text(t, first)
	if !first.OK() || first.Signature.Expected || !strings.Contains(told, "not who signed it") {
		t.Errorf("without a key: %s", told)
	}
	fingerprint := first.Signature.Fingerprint
	if r := verified(t, bundle, VerifyOptions{Known: known(t), Fingerprint: fingerprint}); !r.OK() || !r.Signature.Expected || strings.Contains(text(t, r), "not who signed it") {
		t.Errorf("with its key: %s", text(t, r))
	}
	key := newKey(t)
	other := signed(t, key, func(all map[string][]byte) { // so that all follows
		replaced(t, all, versioning, "S3 buckets", "Buckets")
	})
	if r := verified(t, other, VerifyOptions{Known: known(t)}); !r.OK() {
		t.Errorf("signed anew: %s", text(t, r))
	}
	if r, err := Verify(t.Context(), other, VerifyOptions{Fingerprint: fingerprint}); err == nil || !strings.Contains(err.Error(), "is signed with the key "+Fingerprint(key.Public().(ed25519.PublicKey))+", not with "+fingerprint) {
		t.Errorf("signed by another: %+v, %v", r, err)
	}
	unsigned := changed(t, func(all map[string][]byte) { delete(all, signatureName) })
	if _, err := Verify(t.Context(), unsigned, VerifyOptions{Fingerprint: fingerprint}); err == nil || !strings.Contains(err.Error(), "is not signed with the key") {
		t.Errorf("not signed: %v", err)
	}
	unsigned = changed(t, func(all map[string][]byte) { delete(all, publicKeyName) })
	if _, err := Verify(t.Context(), unsigned, VerifyOptions{Fingerprint: fingerprint}); err == nil || !strings.Contains(err.Error(), "is not signed with the key") {
		t.Errorf("without a key: %v", err)
	}
}

func TestWhatIsNoBundle(t *testing.T) {
	bundle, _ := fewWritten(t)
	whole, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	file := func(text []byte) string {
		name := filepath.Join(t.TempDir(), "x.zip")
		write(t, name, text)
		return name
	}
	for name, test := range map[string]struct {
		file string
		none bool // no bundle at all
		says string
	}{
		"no file":           {filepath.Join(t.TempDir(), "x.zip"), true, "no such file"},
		"a folder":          {t.TempDir(), true, "it is a folder"},
		"an empty file":     {file(nil), true, "it is no zip"},
		"text":              {file([]byte("evidence")), true, "it is no zip"},
		"half of it":        {file(whole[:len(whole)/2]), false, "not all of it is there"},
		"all but the end":   {file(whole[:len(whole)-1]), false, "not all of it is there"},
		"another zip":       {zipped(t, map[string][]byte{"a.txt": []byte("x")}), true, "it has no manifest.json"},
		"another manifest":  {zipped(t, map[string][]byte{manifestName: []byte(`{"format": 1}`)}), true, "manifest.json is of something else"},
		"a later format":    {changed(t, func(all map[string][]byte) { replaced(t, all, manifestName, `"format": 1`, `"format": 7`) }), false, "it has format 7, and this version of stance reads format 1"},
		"a broken manifest": {zipped(t, map[string][]byte{manifestName: []byte("{\n\"kind\": \"stance evidence\",\n\"format\": 1,,\n}")}), false, "manifest.json, line 3: invalid character"},
		"a wrong manifest":  {zipped(t, map[string][]byte{manifestName: []byte(`{"kind": "stance evidence", "format": 1, "scans": {}}`)}), false, "manifest.json, line 1: "},
		"a bomb":            {file(bomb(t)), false, "it would unpack to more than"},
	} {
		_, err := Verify(t.Context(), test.file, VerifyOptions{})
		var none *NotBundle
		if err == nil || errors.As(err, &none) != test.none || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, no bundle: %v", name, err, errors.As(err, &none))
		}
	}
}

// bomb is a small zip with a large file: it says so, and no more of it can be read than it says.
func bomb(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	f, err := w.Create(manifestName)
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 400 {
		if _, err := f.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestANameThatStandsForTwoFiles: a reader could be shown one and the proof the other.
func TestANameThatStandsForTwoFiles(t *testing.T) {
	bundle, _ := fewWritten(t)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, text := range files(t, bundle) {
		for range map[bool]int{true: 2, false: 1}[name == versioning || name == publicKeyName] {
			f, err := w.Create(name)
			if err == nil {
				_, err = f.Write(text)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	twice := filepath.Join(t.TempDir(), "twice.zip")
	write(t, twice, out.Bytes())
	if r := verified(t, twice, VerifyOptions{Known: known(t)}); r.OK() || strings.Join(r.Files.Changed, " ") != versioning+" "+publicKeyName {
		t.Error(text(t, r))
	}
}

// TestDamageOfTheZipIsNamed: a byte that is flipped in the file itself.
func TestDamageOfTheZipIsNamed(t *testing.T) {
	bundle, _ := fewWritten(t)
	whole, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.OpenReader(bundle)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, f := range z.File {
		if !strings.HasSuffix(f.Name, "/aws_s3_bucket.ndjson") {
			continue
		}
		at, err := f.DataOffset()
		if err != nil {
			t.Fatal(err)
		}
		whole[at+int64(f.CompressedSize64/2)] ^= 0x10
		broken := filepath.Join(t.TempDir(), "broken.zip")
		write(t, broken, whole)
		r := verified(t, broken, VerifyOptions{Known: known(t)})
		if r.OK() || len(r.Files.Changed) != 1 || r.Files.Changed[0] != f.Name {
			t.Error(text(t, r))
		}
	}
}

// TestCurrentContent asks other checks of the same documents: those of today.
func TestCurrentContent(t *testing.T) {
	bundle, _ := fewWritten(t)
	now := known(t)
	if r := verified(t, bundle, VerifyOptions{Current: now}); !r.OK() || !strings.Contains(text(t, r), "ok: this version's checks say the same") {
		t.Errorf("nothing changed: %s", text(t, r))
	}
	later := *now
	later.Catalog = &plan.Catalog{Tables: map[string]*plan.Table{}, Checks: map[string]*plan.Check{}}
	for id, check := range now.Catalog.Checks {
		later.Catalog.Checks[id] = check
	}
	for name, table := range now.Catalog.Tables {
		later.Catalog.Tables[name] = table
	}
	check, spec := *now.Catalog.Checks["aws_s3_bucket_versioning"], *now.Catalog.Checks["aws_s3_bucket_versioning"].Spec
	spec.Pass = "coalesce(versioning_status, 'Enabled') = 'Enabled'"
	check.Spec = &spec
	later.Catalog.Checks[check.ID] = &check
	delete(later.Catalog.Checks, "aws_rds_instance_backups")
	r := verified(t, bundle, VerifyOptions{Current: &later})
	told := text(t, r)
	if r.OK() || !r.Signature.Valid || !strings.Contains(told, "FAIL (versioning is off) → PASS") || !strings.Contains(told, "missing    aws_rds_instance_backups") || strings.Contains(told, "not_public") {
		t.Error(told)
	}
	// A group of columns that the evidence knows nothing of is unknown, not empty.
	all := files(t, bundle)
	var f tableFile
	if err := json.Unmarshal(all[buckets], &f); err != nil {
		t.Fatal(err)
	}
	for i, g := range f.Groups {
		if g.Name == "versioning" {
			f.Groups[i].Name = "other"
		}
	}
	old := changed(t, func(all map[string][]byte) {
		var err error
		if all[buckets], err = indented(f); err != nil {
			t.Fatal(err)
		}
	})
	if told := text(t, verified(t, old, VerifyOptions{Current: now})); !strings.Contains(told, "UNKNOWN (skipped: s3:GetBucketVersioning was not asked for when the evidence was collected)") {
		t.Error(told)
	}
}

// TestStory: one verdict with all that decides on it.
func TestStory(t *testing.T) {
	bundle, _ := fewWritten(t)
	tell := func(check, resource string) string {
		t.Helper()
		return text(t, verified(t, bundle, VerifyOptions{Known: known(t), Check: check, Resource: resource}))
	}
	for _, resource := range []string{"tidewater-backups", "arn:aws:s3:::tidewater-backups"} {
		told := tell("aws_s3_bucket_versioning", resource)
		for _, words := range []string{
			"coalesce(versioning_status, '') = 'Enabled'", `"Status": "Enabled"`, "aws_s3_bucket.ndjson: 1 of 33 are about it",
			"verdict    arn:aws:s3:::tidewater-backups (123456789012/global): PASS, and so it is when it is asked again", "ok: the verdict follows",
		} {
			if !strings.Contains(told, words) {
				t.Errorf("it does not say %q:\n%s", words, told)
			}
		}
	}
	if told := tell("aws_rds_instance_backups", "orders"); !strings.Contains(told, "parameter  days = 7") {
		t.Errorf("a check with parameters:\n%s", told)
	}
	for words, o := range map[string]VerifyOptions{
		"has no verdict of a check aws_s3_bucket_versionin":                                {Check: "aws_s3_bucket_versionin", Resource: "x"},
		`has no verdict of aws_s3_bucket_versioning about "arn:aws:s3:::tidewater-backup"`: {Check: "aws_s3_bucket_versioning", Resource: "arn:aws:s3:::tidewater-backup"},
		`did you mean "arn:aws:s3:::tidewater-backups"`:                                    {Check: "aws_s3_bucket_versioning", Resource: "arn:aws:s3:::tidewater-backup"},
	} {
		o.Known = known(t)
		if _, err := Verify(t.Context(), bundle, o); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("it does not say %q: %v", words, err)
		}
	}
}

// TestTheTerminalIsNotCommanded by what somebody wrote into a bundle.
func TestTheTerminalIsNotCommanded(t *testing.T) {
	bundle := changed(t, func(all map[string][]byte) {
		all["\x1b[2J"] = []byte("x")
		replaced(t, all, versioning, "S3 buckets", `\u001b[31mBuckets`)
	})
	told := text(t, verified(t, bundle, VerifyOptions{Known: known(t), Check: "aws_s3_bucket_versioning", Resource: "tidewater-backups"}))
	if strings.Contains(told, "\x1b") || !strings.Contains(told, `\x1b[2J`) {
		t.Errorf("%q", told)
	}
}
