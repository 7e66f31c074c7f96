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
}
