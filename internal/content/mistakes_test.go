package content

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	tableFile    = "aws/tables/s3.yaml"
	checkFile    = "aws/checks/s3/aws_s3_x.yaml"
	providerFile = "aws/provider.yaml"
)

// mistakes spoil one file of goodFiles: a text in it is replaced. Those of the syntax alone must be refused by the file's
// JSON Schema too.
var mistakes = []struct {
	name, file, old, new string
	want                 string // below content/<file>:
	schema               bool
}{
	{"unknown key", checkFile, "severity:", "sevrity:", `3:1: unknown key "sevrity" (did you mean "severity"?)|1:1: key "severity" is missing`, true},
	{"unknown key with few siblings", tableFile, "path: Name,", "from: Name,", `10:10: unknown key "from" (known are path, sql, only, type, about and sensitive)|10:3: column "name" has neither path nor sql`, true},
	{"key twice", checkFile, "severity: low", "severity: low\nseverity: high", `4:1: key "severity" stands here a second time: it is already in line 3`, false},
	{"missing key", checkFile, "title: Title\n", "", `1:1: key "title" is missing`, true},
	{"empty key", checkFile, "title: Title", "title:", `2:7: "title" has no value: text is wanted`, true},
	{"blank text", checkFile, "title: Title", "title: '  '", `2:8: "title" is empty`, true},
	{"list for text", checkFile, "title: Title", "title: [a]", `2:8: "title" is a list, but text is wanted`, true},
	{"text for list", checkFile, "tests:", "references: x\ntests:", `6:13: "references" is one value, but a list is wanted`, true},
	{"text for map", tableFile, "{call: s3:ListBuckets, items: Buckets}", "s3:ListBuckets", `6:7: "list" is one value, but a map is wanted`, true},
	{"boolean for text", checkFile, "title: Title", "title: true", `2:8: "title" is "true", but text is wanted (put it in quotes)`, true},
	{"text for boolean", tableFile, "scope: account", "scope: account\noff: on", `5:6: "off" is "on", but true or false is wanted (write true or false)`, true},
	{"text for number", tableFile, "with: {Bucket: Name}}", "with: {Bucket: Name}, batch: many, key: Name}", `8:75: "batch" is "many", but a whole number of at least 1 is wanted`, true},
	{"tag of another language", checkFile, "title: Title", "title: !!binary aGk=", `2:8: tag !!binary cannot stand at "title"`, false},
	{"word out of the list", checkFile, "severity: low", "severity: hihg", `3:11: "severity" is "hihg", but critical, high, medium, low or info is wanted (did you mean "high"?)`, true},
	{"scope", tableFile, "scope: account", "scope: regional", `4:8: "scope" is "regional", but account or region is wanted (did you mean "region"?)`, true},
	{"no scope", tableFile, "scope: account\n", "", `1:1: key "scope" is missing (write account or region)`, false},
	{"id not as the file", checkFile, "id: aws_s3_x", "id: aws_s3_y", `1:5: the id is "aws_s3_y", but the file is called aws_s3_x.yaml (rename the file to aws_s3_y.yaml)`, false},
	{"id without provider", checkFile, "id: aws_s3_x", "id: s3_x", `1:5: "s3_x" does not begin with aws_, the provider that it lies with|1:5: the id is "s3_x", but the file is called aws_s3_x.yaml (rename the file to s3_x.yaml)`, false},
	{"id in capitals", checkFile, "id: aws_s3_x", "id: aws_S3_x", `1:5: "id" is "aws_S3_x", but a lower-case name such as aws_s3_bucket is wanted`, true},
	{"no such table", checkFile, "resource: aws_s3_bucket", "resource: aws_s3_buckets", `4:1: there is no table "aws_s3_buckets" (did you mean "aws_s3_bucket"?)`, false},
	{"absent without words", tableFile, "with: {Bucket: Name}}", "with: {Bucket: Name}, absent: [NoSuchThing, 'Denied: ']}", `8:90: absent: "Denied: " is no error code (write CODE, or "CODE: words of the message")`, false},
	{"absent that is no code", tableFile, "with: {Bucket: Name}}", "with: {Bucket: Name}, absent: [not enabled]}", `8:77: absent: "not enabled" is no error code (write CODE, or "CODE: words of the message")`, false},
	{"two conditions on one path", tableFile, "with: {Bucket: Name}}", "with: {Bucket: Name}, when: {Name: {not: a, contains: b}}}", `8:90: key "contains" cannot stand beside "not"`, true},
	{"no such objective", checkFile, "tests:", "objectives: [data-recovry]\ntests:", `6:14: there is no objective "data-recovry" (did you mean "data-recovery"?)`, false},
	{"objective twice", checkFile, "tests:", "objectives: [data-recovery, data-recovery]\ntests:", `6:29: objective "data-recovery" stands here a second time`, false},
	{"bad address", checkFile, "tests:", "references: [docs.example.com]\ntests:", `6:14: an item of "references" is "docs.example.com", but an address such as https://docs.example.com/page is wanted`, true},
	{"pass and query", checkFile, "tests:", "query: select 1\ntests:", `6:1: key "query" cannot stand beside "pass"`, true},
	{"when and query", checkFile, "pass: status = 'Enabled'\ntests:\n  - pass: {versioning: {Status: Enabled}}\n", "query: select 1\nwhen: true\n", `6:1: key "when" cannot stand beside "query"`, true},
	{"neither pass nor query", checkFile, "pass: status = 'Enabled'\n", "", `1:1: one of the keys pass, query or manual is missing`, true},
	{"scope without query", checkFile, "tests:", "scope: region\ntests:", `6:1: key "scope" needs the key "query"`, true},
	{"default of another type", checkFile, "tests:", "params: {days: {type: integer, default: many, about: a}}\ntests:", `6:32: the default of "days" is "many", but a whole number is wanted`, false},
	{"parameter that all have", checkFile, "tests:", "params: {trusted: {type: integer, default: 1, about: a}}\ntests:", `6:10: all checks of aws have the parameter "trusted" (leave it out)`, false},
	{"two verdicts", checkFile, "- pass: {versioning: {Status: Enabled}}", "- {pass: {Name: a}, fail: {Name: b}}", `7:23: key "fail" cannot stand beside "pass"`, true},
	{"no verdict", checkFile, "- pass: {versioning: {Status: Enabled}}", "- {found: x}", `7:5: one of the keys pass, fail, unknown, none or manual is missing`, true},
	{"misspelled tag", checkFile, "{Status: Enabled}", "!deneid x", `7:24: "versioning": unknown tag !deneid (did you mean "!denied"?)`, false},
	{"tag at no group", checkFile, "{versioning: {Status: Enabled}}", "{versionings: !denied x}", `7:11: !denied stands for a column group, and aws_s3_bucket has no group "versionings" (did you mean "versioning"?)`, false},
	{"tag within a group", checkFile, "{Status: Enabled}", "{Status: !denied x}", `7:11: !denied cannot stand for a part of a group: only for a whole column group`, false},
	{"bad span", checkFile, "{Status: Enabled}", "{At: !ago 3 months}", `7:29: "At": "3 months" is not a span of time (write it like 90d, 12h or -30d)`, false},
	{"reserved key", checkFile, "{versioning:", "{_regoin: x, versioning:", `7:11: unknown key "_regoin" in a document of aws_s3_bucket (did you mean "_region"?)`, false},
	{"fixture is no document", checkFile, "{versioning: {Status: Enabled}}", "[a]", `7:11: "pass" is a list, but a document of aws_s3_bucket is wanted`, false},
	{"fixture of no parameter", checkFile, "- pass: {versioning: {Status: Enabled}}", "- {pass: {Name: a}, params: {trustd: [a]}}", `7:32: the check has no parameter "trustd" (did you mean "trusted"?)`, false},
	{"number that is none", checkFile, "{Status: Enabled}", "{Account: 012345678901}", `7:34: "Account" is "012345678901", which is not a plain decimal number (put it in quotes if it is text)`, false},
	{"key that is no text", checkFile, "title: Title", "[a]: Title", `2:1: a key must be text|1:1: key "title" is missing`, true},
	{"merge key", checkFile, "title: Title", "<<: {title: Title}", `2:1: merge keys are not read (write the keys out, or use an alias for a whole value)|1:1: key "title" is missing`, true},
	{"colon in text", checkFile, "title: Title", "title: Title: more", `2:13: not valid YAML: mapping values are not allowed in this context (text with a colon and a space in it must stand in quotes)`, false},
	{"comma in text", tableFile, "about: Status", "about: on, off", `11:48: unknown key "off" (text with a comma in it must stand in quotes here)`, true},
	{"two checks in a file", checkFile, "tests:", "---\ntests:", `7:1: only a file of tables holds more than one document (part it into files)`, true},
	{"no columns", tableFile, "columns:\n  name: {path: Name, about: Name}\n  status: {path: versioning.Status, about: Status}", "columns: {}", `9:10: "columns" is empty`, true},
	{"path and SQL", tableFile, "path: Name,", "path: Name, sql: x,", `10:22: key "sql" cannot stand beside "path"`, true},
	{"column of the engine", tableFile, "  name:", "  raw: {path: Raw, about: a}\n  name:", `10:3: column "raw" is filled by the engine: leave it out`, false},
	{"id is no column", tableFile, "id: name", "id: naem", `5:1: "id" names the column "naem", which the table does not have (did you mean "name"?)`, false},
	{"bad call", tableFile, "call: s3:ListBuckets", "call: ListBuckets", `6:14: "call" is "ListBuckets", but a call such as s3:GetBucketVersioning is wanted`, true},
	{"call for no table", tableFile, "items: Buckets}", "items: Buckets, for: aws_s3_bukket}", `6:46: there is no table "aws_s3_bukket" (did you mean "aws_s3_bucket"?)`, false},
	{"call for itself", tableFile, "items: Buckets}", "items: Buckets, for: aws_s3_bucket}", `6:46: aws_s3_bucket is its own parent`, false},
	{"batch without key", tableFile, "with: {Bucket: Name}}", "with: {Bucket: Name}, batch: 9}", `8:68: key "batch" needs the key "key"`, true},
	{"constant without value", tableFile, "{Bucket: Name}", "{Bucket: a b}", `8:61: "Bucket" is "a b", but a column or path is wanted (write {value: …} for a constant)`, false},
	{"unclosed brace", tableFile, "{Bucket: Name}", "{Bucket: 'a{Name'}", `8:61: "Bucket": an opening brace is not closed`, false},
	{"owned group", tableFile, "  versioning: {call", "  parent: {call", `8:3: a column group cannot be called "parent": documents use the name for something else`, false},
	{"list and derive", tableFile, "scope: account", "scope: account\nderive: select 1", `5:1: key "derive" cannot stand beside "list"`, true},
	{"table without provider", tableFile, "table: aws_s3_bucket", "table: s3_bucket", `1:8: "s3_bucket" does not begin with aws_, the provider that it lies with|`, false},
	{"other provider", providerFile, "id: aws", "id: azure", `1:5: the id is "azure", but the folder is called aws`, false},
	{"class of error", providerFile, "title: AWS", "title: AWS\nerrors: [{class: deny, codes: [a]}]", `3:18: "class" is "deny", but denied, throttled, unsupported, expired, gone, retryable or broken is wanted`, true},
	{"rule for every error", providerFile, "title: AWS", "title: AWS\nerrors: [{class: denied}]", `3:10: the rule would hold for every error (say codes, status or message)`, false},
	{"rate", providerFile, "title: AWS", "title: AWS\nlimits: [{service: s3, rate: fast}]", `3:30: "rate" is "fast", but a number is wanted`, true},
}

func TestMistakesAreReportedInPlaceWithAHint(t *testing.T) {
	for _, test := range mistakes {
		t.Run(test.name, func(t *testing.T) {
			files := goodFiles()
			if !strings.Contains(files[test.file], test.old) {
				t.Fatalf("the file does not hold %q", test.old)
			}
			files[test.file] = strings.Replace(files[test.file], test.old, test.new, 1)
			_, problems := Load(folderOf(files))
			got := problems.Error()
			for _, want := range strings.Split(test.want, "|") {
				if want != "" && !strings.Contains(got, "content/"+test.file+":"+want) {
					t.Errorf("want %s\ngot  %s", want, got)
				}
			}
			if !strings.Contains(test.want, "|") && len(problems) != 1 {
				t.Errorf("one mistake, but:\n%s", got)
			}
			if _, refused := schemaRefuses(t, test.file, files[test.file]); refused != test.schema {
				t.Errorf("refused by the schema: %v, want %v", refused, test.schema)
			}
		})
	}
}

func TestGoodFilesAreGood(t *testing.T) {
	_, problems := Load(folderOf(goodFiles()))
	if err := problems.Err(); err != nil {
		t.Error(err)
	}
}

func TestAllMistakesOfARunAreReportedInOrder(t *testing.T) {
	files := goodFiles()
	files[checkFile] = strings.Replace(files[checkFile], "severity: low", "severity: hi\nwhy: [x]", 1)
	files[tableFile] = strings.Replace(files[tableFile], "scope: account", "scope: x", 1) + "---\na: [\n---\nnothing: here\n"
	files["aws/checks/s3/aws_s3_z.yaml"] = "x"
	_, problems := Load(folderOf(files))
	var places []string
	for _, m := range problems {
		places = append(places, strings.TrimPrefix(m.Pos.String(), "content/aws/"))
	}
	want := []string{
		"checks/s3/aws_s3_x.yaml:3:11", "checks/s3/aws_s3_x.yaml:4:6", "checks/s3/aws_s3_z.yaml:1:1", "tables/s3.yaml:4:8",
		"tables/s3.yaml:14:1", "tables/s3.yaml:15:1", "tables/s3.yaml:15:1", "tables/s3.yaml:15:1", "tables/s3.yaml:15:1",
		"tables/s3.yaml:15:1", "tables/s3.yaml:15:1",
	}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Errorf("%s\n%s", diff, problems.Error())
	}
}

func TestNamesThatStandTwice(t *testing.T) {
	files := goodFiles()
	files["aws/tables/s4.yaml"] = files[tableFile]
	files["aws/checks/ec2/aws_s3_x.yaml"] = files[checkFile]
	_, problems := Load(folderOf(files))
	want := `content/aws/checks/s3/aws_s3_x.yaml:1:1: check "aws_s3_x" is already in content/aws/checks/ec2/aws_s3_x.yaml:1:1
content/aws/tables/s4.yaml:1:1: table "aws_s3_bucket" is already in content/aws/tables/s3.yaml:1:1`
	if diff := cmp.Diff(want, problems.Error()); diff != "" {
		t.Error(diff)
	}
}

func TestFilesThatNobodyWouldRead(t *testing.T) {
	for name, want := range map[string]string{
		"aws/check/s3/x.yaml":        `content/aws/check: is not read (did you mean "checks"?)`,
		"aws/tables/ec2.yml":         `content/aws/tables/ec2.yml: is not read (rename it to end in .yaml)`,
		"aws/checks/s3/a.yml":        `content/aws/checks/s3/a.yml: is not read (rename it to end in .yaml)`,
		"aws/checks/aws_a.yaml":      `content/aws/checks/aws_a.yaml: a check lies in its service's folder (move it to aws/checks/<service>/aws_a.yaml)`,
		"aws/checks/s3/deep/a.yaml":  `content/aws/checks/s3/deep: is a folder, which is not looked into`,
		"objective.yaml":             `content/objective.yaml: is not read (did you mean "objectives.yaml"?)`,
		"aws/provider.yml":           `content/aws/provider.yml: is not read (did you mean "provider.yaml"?)`,
		"aws/checks/s3/.hidden.yaml": "",
		"aws/README.md":              "",
		"aws/api/anything.yaml":      "",
		"LICENSE":                    "",
	} {
		files := goodFiles()
		files[name] = "x"
		if _, problems := Load(folderOf(files)); problems.Error() != want {
			t.Errorf("%s: %s", name, problems.Error())
		}
	}
	if _, problems := Load(folderOf(map[string]string{"README": "x"})); !strings.Contains(problems.Error(), "content: no content found") {
		t.Error(problems)
	}
	if _, problems := Load(Dir("testdata/missing")); !strings.Contains(problems.Error(), "testdata/missing: cannot be read: no such file") {
		t.Error(problems)
	}
}

func TestTextIsTextWhereTextIsWanted(t *testing.T) {
	for _, text := range []string{"012", "2012-10-17", "2012", "1.50", "on", "0x1F"} {
		files := goodFiles()
		files[checkFile] = strings.Replace(files[checkFile], "title: Title", "title: "+text, 1)
		l, problems := Load(folderOf(files))
		if len(problems) > 0 || l.Checks[0].Title != text {
			t.Errorf("%s: %q %v", text, l.Checks[0].Title, problems)
		}
		if why, refused := schemaRefuses(t, checkFile, files[checkFile]); refused {
			t.Errorf("%s: the schema: %v", text, why)
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"severity", "service", "resource", "pass", "aws_s3_bucket", "aws_s3_object"}
	for word, want := range map[string]string{
		"sevrity": "severity", "sevreity": "severity", "Severity": "severity", "servise": "service", "recourse": "resource",
		"psas": "pass", "zebra": "", "": "", "aws_s3_bucketz": "aws_s3_bucket", "aws_s3_objekt": "aws_s3_object",
		strings.Repeat("x", 1000): "",
	} {
		if got := Nearest(word, known); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}

func TestProblemsAsAnError(t *testing.T) {
	var none Problems
	if none.Err() != nil {
		t.Error("no problems are an error")
	}
	some := Problems{{Pos: Pos{File: "b"}, Message: "x"}, {Pos: Pos{"a", 2, 1}, Message: "y", Hint: "z"}, {Pos: Pos{File: "b"}, Message: "x"}}.Sorted()
	if got := fmt.Sprint(some.Err()); got != "a:2:1: y (z)\nb: x" {
		t.Error(got)
	}
}
