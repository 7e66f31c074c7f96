// Package content holds what Stance knows as data: tables, checks, functions, objectives and the words of each provider.
// It loads the YAML strictly, reports every mistake with file, line and column, and indexes the result. It runs no SQL and
// calls no cloud: whether a call, a path or a column exists is proved to the right of it, in package plan.
package content

// Library is all content of a run: what is embedded in the binary, overlaid by the user's own folders.
type Library struct {
	Providers  []*Provider
	Tables     []*Table     // by name
	Checks     []*Check     // by id
	Functions  []*Function  // by name
	Objectives []*Objective // by id
	// Frameworks are by id. A pack's library has none: see Pack.Frameworks.
	Frameworks []*Framework
	// Named are the requirements that name a check, as framework/requirement, by the check's id.
	Named map[string][]string
}

// Pos is a place in a YAML file. Line and Column count from 1; 0 means that only the file is known.
type Pos struct {
	File         string
	Line, Column int
}

// Origin remembers where an object and each of its keys were written, so that a mistake found later can be shown in place.
// Keys are dotted from the object: "pass", "columns.name.path", "get.policy.call". It is nil for embedded content.
type Origin struct {
	Pos  Pos
	Keys map[string]Pos
}

// At gives the place of a key, or of the nearest key above it, or of the object itself.
func (o *Origin) At(key string) Pos {
	if o == nil {
		return Pos{}
	}
	for key != "" {
		if p, ok := o.Keys[key]; ok {
			return p
		}
		i := len(key) - 1
		for i >= 0 && key[i] != '.' {
			i--
		}
		if i < 0 {
			break
		}
		key = key[:i]
	}
	return o.Pos
}

// Scopes of a list call.
const (
	ScopeAccount = "account" // once per account
	ScopeRegion  = "region"  // once per account and region
)

// Table says which read calls fill which columns of one resource type.
type Table struct {
	Name     string // aws_s3_bucket
	Provider string // aws: the folder it lies in
	Service  string // s3: the name of its file
	Title    string
	About    string
	// Scope is the fan-out of the list call: ScopeAccount or ScopeRegion.
	Scope string
	// ID names the column that identifies a row within an account and region.
	ID string
	// NameColumn names the column that a person calls the row by; "name" unless said, ID where there is no such column.
	NameColumn string
	// Region is a path in the list item that says where the row lives, for account-wide lists of regional things.
	Region string
	// Slow, Large and Off describe the cost: Off tables are collected only when a check or a user names them.
	Off bool

	List *Call   // nil for derived and data tables
	Also []*Call // further list calls that give rows of the same shape
	Get  []*Call // column groups, each with its own Name; fetched only if something reads them

	// Live says that no infrastructure code makes its rows: nodes, events.
	Live bool

	// Derive is one SELECT over other tables; its columns are the table's, and must be declared in Columns by name.
	Derive string
	// Concerns says for tables below a derived one which of its rows a row of theirs can change. Where something of such a row is
	// not known, only these become unknown; for tables left out, all of them do.
	Concerns map[string]Concern
	// Rows are the constant rows of a data table.
	Rows []map[string]any

	Columns []*Column // in the order written
	Sample  Document  // what fixtures take for a field that they do not say
	// Unassumed says that a fixture which does not name the table finds it empty, although it has a sample.
	Unassumed bool
	Examples  []Example

	Terraform, CloudFormation any // decoded YAML, which ParseMappings reads; nil if code does not tell of the table

	Origin *Origin
}

// Concern says which rows of a resource a row of another table can change: those that have a key in common with it. Both sides are
// SQL that gives text or a list of texts. Where either gives NULL, or a list with one, they may have one in common.
type Concern struct {
	Row string // over the row
	Of  string // over rows of the resource
}

// Call is one read operation and how its answer becomes rows or columns.
type Call struct {
	Name    string // the column group: "list" for list calls, else the key under get:
	Service string // s3: the vendor's own name of the service, as in its API description
	Op      string // GetBucketVersioning

	// Items is the dotted path of the rows in the answer; lists on the way are flattened. Empty: the answer is the row.
	// An object at the path is one row. A map is one row {key, value} per entry. A scalar item is a row {value}.
	Items string
	// As says that Items is a document in another format: "csv" (base64 or text, first line is the header), "json" (text).
	As string
	// With is the input, by the vendor's member name. Required members that are not said are an error.
	With []Input
	// Each repeats the call, once per combination of the values, as further input members: {Scope: [REGIONAL, CLOUDFRONT]}.
	Each []EachInput
	// For names the parent table: the call is made once per parent row, and With speaks of the parent's row.
	For string
	// When is an optional condition on the row (or, with For, the parent): a path that must equal one of the values.
	When []Condition
	// Region is a path in the row that says where to call; default is the row's region.
	Region string
	// Absent are errors that mean "not configured": NULL that is known. Each is a code (or HTTP404 and the like), or, where the
	// vendor uses one code for several things, "CODE: words" that the error's message must contain too. See SplitAbsent.
	Absent []string
	// First is a call that must have been made before, repeated until its answer is as said.
	First *First
	// Older are operations of the same service that answer the same in older versions of the vendor's API, the newest first:
	// where Op is not served, the first of them that is takes its place.
	Older []string
	// OptIn names what a user must allow (--allow NAME) before the call is made, because it needs more than the right to look.
	OptIn string
	// Batch is how many rows one call describes; the With member that is a list takes one value per row.
	Batch int
	// Key is the path in an answer's item that equals the value given for a row in a batch.
	Key string
}

// Input is one member of a call's input. Exactly one of Path, Value, Template is set.
type Input struct {
	Member string
	// Path is a column of the row (or parent) that has a path of its own, or a path in its raw document,
	// or one of account_id, region, partition.
	Path string
	// Template is text with such names in braces: arn:{partition}:dynamodb:{region}:{account_id}:table/{TableName}
	Template string
	Value    any // a constant: bool, int64, float64, string, []any, map[string]any
	HasValue bool
}

// EachInput is one member that takes each of several constant values.
type EachInput struct {
	Member string
	Values []any
}

// Condition holds if the value at Path is one of Values; with no Values, if it is present and not empty.
type Condition struct {
	Path     string
	Values   []string
	Not      bool
	Contains string `json:",omitempty"` // instead of Values: a text that the value contains, whatever the case of letters
}

// First is a preparing call: GenerateCredentialReport before GetCredentialReport.
type First struct {
	Service, Op string
	With        []Input
	UntilPath   string // dotted path in the answer
	UntilValues []string
}

// Column is one typed column. Exactly one of Path and SQL is set, but in derived and data tables, where neither is.
type Column struct {
	Name string
	// Path is dotted: a group's name first for what that group answered ("versioning.Status"), else a field of the list
	// item; "parent." and "input." reach the parent's row and the call's own input. A list on the way maps over its items.
	Path string
	// SQL is an expression over other columns of the row and account_id, region, partition, collected_at.
	SQL string
	// Only are the members, dotted, that are taken of the structures at Path, through lists; empty: all.
	Only []string
	// Type is a semantic type (iam_policy, tags, cidr, timestamp, json) or, in data and derived tables, a SQL type.
	// Empty: the type that the vendor's description gives the path, or that SQL has.
	Type      string
	About     string
	Sensitive bool
}

// Example is a query that shows what the table is good for.
type Example struct{ Title, SQL string }

// Check is a question asked of every row of a table, or one query.
type Check struct {
	ID       string
	Provider string
	Service  string // the folder it lies in: s3
	Title    string
	Severity string // critical high medium low info
	Resource string // the table that findings are about
	// When, Pass and Found are SQL over the row. When is optional. Found says what was seen.
	When, Pass, Found string
	// Query replaces them: it returns id, pass, found and optionally account_id, region, name, and cause: why a verdict is UNKNOWN
	// whatever pass says.
	Query string
	// Scope says how far one call that failed spreads UNKNOWN over a Query: account (default), region, organization.
	Scope string
	// Concerns are those of a Query: see Table.Concerns.
	Concerns map[string]Concern
	// Manual says what a person must look at, for what no API tells. The check is MANUAL for each row that When selects.
	Manual string
	// Ask is SQL text: what a person must look at for a row that no API tells about, although it tells about others. Where it is
	// not NULL the verdict is MANUAL, and Pass is not asked.
	Ask string
	// Live is why only a live scan can tell, although code could fill all that the check reads: "it needs the whole cluster".
	Live       string
	Params     []*Param
	Objectives []string
	Why        string
	Fix        Fix
	References []string
	Tests      []*Fixture
	Origin     *Origin
}

// Param is a threshold or list that users may set. SQL reads it as $name.
type Param struct {
	Name    string
	Type    string // integer, number, boolean, string, strings
	Default any
	About   string
}

// Fix says how to make the finding go away. In CLI and Terraform, {column} stands for the row's value.
type Fix struct {
	Text, CLI, Terraform, Caution, Apply string
	// Code changes infrastructure code; nil if that is not said.
	Code *CodeFix
}

// Verdicts that a fixture may want.
const (
	WantPass    = "pass"
	WantFail    = "fail"
	WantUnknown = "unknown"
	WantNone    = "none"
	WantManual  = "manual"
)

// Fixture is raw API documents and the verdict that they must get.
type Fixture struct {
	Want   string
	Found  string         // the exact text, if said
	Cause  string         // a part of the cause, if said
	Params map[string]any // settings for this fixture
	// Rows are the documents by table. A check without Query has one document, of its own table.
	Rows map[string][]Document
	// Refused are tables whose list call failed.
	Refused map[string]Problem
	Pos     Pos
}

// Document is a raw document: a list item's fields, and by the name of each column group what its call answered.
// The value of a group may be a Problem. Times may be relative: Ago. A group that is not said answered "absent".
type Document map[string]any

// Problem stands in a fixture for a call that gave no answer: !denied, !throttled, !unsupported, !broken.
type Problem struct{ Class, Detail string }

// Absent stands in a fixture for a field or group that is not there although the table's sample has it: !absent.
type Absent struct{}

// Over lays a document over a table's sample: its top-level keys replace the sample's, and Absent takes one away.
func (d Document) Over(sample Document) Document {
	whole := make(Document, len(sample)+len(d))
	for _, layer := range []Document{sample, d} {
		for key, value := range layer {
			if _, gone := value.(Absent); gone {
				delete(whole, key)
				continue
			}
			whole[key] = value
		}
	}
	return whole
}

// Ago is a time before the scan's, written !ago 90d, 12h; negative for times to come.
type Ago struct{ Seconds int64 }

// Function is a SQL macro shared by checks, from content/functions/*.sql.
type Function struct {
	Name  string
	SQL   string // the CREATE MACRO statement
	About string // the comment above it
	Tests []FunctionTest
	Pos   Pos
}

// FunctionTest is an expression and what it must give, written as "-- test: expression => literal" beside the macro.
type FunctionTest struct {
	Expression, Want string
	Pos              Pos
}

// Objective is a control objective: what a check is for, in words that no framework owns.
type Objective struct {
	ID, Title string
	Domain    string // the field of security that it belongs to: identity, network
	About     string // what must be true
	Why       string // what can happen otherwise
	Origin    *Origin
}

// Provider is provider.yaml: what the engine must know of a vendor that is not code.
type Provider struct {
	ID, Title string
	// Errors maps each class (denied, throttled, unsupported, expired, gone, retryable) to patterns of error codes.
	Errors []ErrorRule
	Params []*Param // parameters that all checks of the provider share, such as trusted_account_ids
	Limits []Limit
	// Tables is what each table that is collected has unless it says otherwise, or has defaults: false.
	Tables TableDefaults
	Code   Code
	Origin *Origin
}

// Code is what the engine must know of the vendor to read infrastructure code that makes its resources.
type Code struct {
	// Objects says that the documents of its tables are the objects that people write in manifests.
	Objects bool
	// Partition is what the partition column of rows is.
	Partition string
	// Region are the paths that may say where a resource will be, as sources of a Mapping; the first that is known counts.
	Region []string
	// Account are the paths that may say the number of the account that a resource will be in: a number, or an ARN that has one.
	Account []string
	// SignIn are the paths that say who the provider signs in as: where they are the same, so is the account.
	SignIn []string
	// Known are attributes of data sources that are the same in every account and region, by type and attribute.
	Known map[string]string
	// Symbols are what references to other things than resources stand for: text with account_id, region and partition in
	// braces, by the data source's type and attribute (data.aws_region.name) or the pseudo parameter's name (AWS::Region).
	Symbols map[string]string
}

// TableDefaults are what a vendor's resources have in common: where they lie, what they are called.
type TableDefaults struct {
	Scope, ID, NameColumn, Region string
	Unassumed                     bool
	Columns                       []*Column
}

// ErrorRule classifies answers. Every condition that is set must hold; the first rule that holds decides.
type ErrorRule struct {
	Class   string
	Codes   []string // exact, or with * at either end; compared without regard to case
	Status  []int    // HTTP status
	Message string   // a part of the message
	Service string   // only for this service
	Wide    bool     // it holds for the whole service in that account and region
}

// Limit seeds the token bucket of a service or operation, in calls per second and account and region.
type Limit struct {
	Service, Op string
	Rate        float64
	Burst       int
}
