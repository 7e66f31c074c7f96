// Package evaluate asks the checks of the typed tables and gives findings. It upholds the rule of UNKNOWN: a verdict rests
// on what was collected, or says what was missing.
package evaluate

// Status of a finding.
type Status string

// Statuses. Unknown always has a cause.
const (
	Pass    Status = "PASS"
	Fail    Status = "FAIL"
	Unknown Status = "UNKNOWN"
	Manual  Status = "MANUAL"
)

// Finding is one verdict about one resource, or about one scope where a list call failed.
type Finding struct {
	Check    string `json:"check"`
	Title    string `json:"title"`
	Severity string `json:"severity"`
	Status   Status `json:"status"`
	// Cause says why the status is UNKNOWN ("denied: s3:GetBucketVersioning (AccessDenied: …)") or what to look at for MANUAL.
	Cause string `json:"cause,omitempty"`
	// Found is what was seen, in a few words; set for FAIL, and for PASS where the check proves it by a fixture.
	Found        string            `json:"found,omitempty"`
	Provider     string            `json:"provider"`
	Account      string            `json:"account"`
	Region       string            `json:"region"`
	ResourceType string            `json:"resource_type"`
	Resource     string            `json:"resource,omitempty"` // id; empty for a scope
	ResourceName string            `json:"resource_name,omitempty"`
	Tags         map[string]string `json:"tags,omitempty"`
	Objectives   []string          `json:"objectives"`
	Requirements []string          `json:"requirements"`
	// Params are the values of the check's parameters that it was asked with; nil if it has none.
	Params map[string]any `json:"params,omitempty"`
	// Location is where infrastructure code says what the finding is about; nil in live scans that know no code.
	Location *Location `json:"location,omitempty"`
	// Suppressed is set where a comment or a file of the user's says not to act on it. The verdict stands.
	Suppressed *Suppressed `json:"suppressed,omitempty"`
}

// Location is a place in infrastructure code. Lines and columns count from 1; 0 means: not known.
type Location struct {
	// File is below the folder that was scanned, with slashes; the lines are those of the attribute that decided, or of the
	// resource's head where none did.
	File      string `json:"file"`
	Line      int    `json:"line,omitempty"`
	Column    int    `json:"column,omitempty"`
	EndLine   int    `json:"end_line,omitempty"`
	EndColumn int    `json:"end_column,omitempty"`
	// Address names the resource within what is deployed together: module.logs.aws_s3_bucket.this["a"].
	Address string `json:"address"`
	// Resource is the type in the code's own words: aws_s3_bucket, AWS::S3::Bucket, apps/v1/Deployment.
	Resource string `json:"resource"`
	// Unit is the folder or file of what is deployed together: a root module, a template, a chart.
	Unit string `json:"unit"`
	// Calls is how the code comes to the resource, outermost first: module calls, nested stacks.
	Calls []CallSite `json:"calls,omitempty"`
	// Fix is a change of the code with which the check passes; nil if none is known.
	Fix *Patch `json:"fix,omitempty"`
}

// CallSite is where a module, nested stack or chart is called.
type CallSite struct {
	Name   string `json:"name"`
	Source string `json:"source,omitempty"`
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
}

// Patch is a change of one file: each edit replaces the bytes [Start, End) of the file as it was.
type Patch struct {
	File  string `json:"file"`
	About string `json:"about"`
	Edits []Edit `json:"edits"`
	// Diff is the same as a unified diff.
	Diff string `json:"diff"`
}

// Edit replaces bytes of a file, and says where they are for readers that count lines.
type Edit struct {
	Start     int    `json:"start"`
	End       int    `json:"end"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"end_line"`
	EndColumn int    `json:"end_column"`
	Text      string `json:"text"`
}

// Suppressed says why nobody need act on a finding, and who said so.
type Suppressed struct {
	Reason string `json:"reason"`
	Until  string `json:"until,omitempty"` // 2027-01-01: the last day
	By     string `json:"by"`              // "main.tf:12", ".stance.yaml:7"
	// Accepted says that somebody accepted the risk; otherwise the finding is only set aside.
	Accepted bool   `json:"accepted,omitempty"`
	Owner    string `json:"owner,omitempty"`
	Ticket   string `json:"ticket,omitempty"`
}
