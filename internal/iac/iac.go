// Package iac is what infrastructure code says, whatever language it is written in: units that are deployed together, and the
// resources that each would make, as trees of values that know where they were written and what is not known before apply.
// The packages below it read one language each (terraform, cloudformation, manifest). Package iac itself reads no file and knows
// no language, no provider and no table.
package iac

// Kinds of units.
const (
	Terraform      = "terraform"       // a root module
	TerraformPlan  = "terraform-plan"  // the JSON of a plan
	TerraformState = "terraform-state" // a state file
	CloudFormation = "cloudformation"  // a template, with its nested ones
	Kubernetes     = "kubernetes"      // the manifests of a folder
	Helm           = "helm"            // a chart
	Kustomize      = "kustomize"       // a kustomization
)

// Unit is what is deployed together: its resources refer to each other, and to nothing else that can be seen.
type Unit struct {
	Kind string
	// Path is the folder or file, with slashes, below the folder that is scanned; "." is that folder itself.
	Path      string
	Resources []*Resource
	Problems  []Problem
	// Files are those that were read for it, each once.
	Files []string
}

// OfObjects tells whether a unit's resources are objects of Kubernetes, however they are written.
func (u *Unit) OfObjects() bool { return u.Kind == Kubernetes || u.Kind == Helm || u.Kind == Kustomize }

// Resource is one resource instance that the code makes or, with Data, looks up.
type Resource struct {
	Type string // aws_s3_bucket, AWS::S3::Bucket, apps/v1/Deployment
	// Address names it within its unit: module.logs.aws_s3_bucket.this["a"], LogBucket, Outer/LogBucket, Deployment/shop/cart
	Address string
	Data    bool
	// Body is an object. Nested blocks of Terraform are lists of objects, however many there are.
	Body *Value
	// Range is the whole block, and Name the part of it to point at when the whole is too much: its header, its key.
	Range, Name Range
	// Calls is how the code comes to it, outermost first: module calls, nested stacks, dependencies of charts.
	Calls []Call
	// Provider is the configuration that makes it, where the language has such a thing.
	Provider Provider
	// MayExist is why it is not known whether it exists (a count that is known after apply, a condition); empty if it does.
	MayExist string
	// DependsOn are the addresses that it names as such, beside those that its values refer to.
	DependsOn []string
}

// Call is a module call, a nested stack or the dependency of a chart.
type Call struct {
	Name   string // module.logs, module.logs["a"], NestedStack
	Source string // ./modules/logs, terraform-aws-modules/s3-bucket/aws
	Range  Range
}

// Provider is a provider's configuration: its local name and alias, and what it is configured with.
type Provider struct {
	Name, Alias string
	// Body is an object; nil if the code has no such block.
	Body *Value
}

// Range is a place in a file. Lines and columns count from 1; the end is that of the last character. 0 means: not known.
type Range struct {
	File               string // below the folder that is scanned, with slashes
	Line, Column       int
	EndLine, EndColumn int
	StartByte, EndByte int // of the file; for edits
}

// IsZero tells that nothing is known of the place.
func (r Range) IsZero() bool { return r.File == "" }

// Problem is what could not be read or taken into account, and where.
type Problem struct {
	Kind  string // one of the Problem constants
	What  string // for the reader: what, and what to do
	Range Range
}

// Kinds of problems.
const (
	Broken        = "broken"           // a file, or a part of one, that cannot be parsed; the rest was read
	MissingModule = "missing module"   // a module that is not on disk
	MissingValue  = "missing variable" // a variable or parameter without a value
	Skipped       = "skipped"          // something left out on purpose, and why
	LimitReached  = "limit"            // size, nesting, steps, expansion
	NotEvaluated  = "not evaluated"    // an expression that gives an error, or that cannot be evaluated
	Suppression   = "suppression"      // a comment or entry that asks not to act on findings, and does not hold
	Unused        = "unused"           // one that holds, but for no finding: only a note
)
