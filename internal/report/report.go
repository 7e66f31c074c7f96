// Package report writes what a scan found: for people (a summary in the terminal, an HTML page, Markdown) and for programs
// (JSON, JSON lines, CSV, OCSF, SARIF, GitLab code quality, JUnit). It decides nothing about verdicts and reads no cloud; findings stream through it, so that
// a result of a million findings takes no more memory than one of ten, but for HTML, which holds what one page can show.
package report

import (
	"cmp"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/terminal"
)

// Findings yields every finding of a result. It can be walked any number of times, and gives the same findings in the same
// order each time. After an error nothing more is yielded.
type Findings = iter.Seq2[evaluate.Finding, error]

// Result is a finished or interrupted scan.
type Result struct {
	Scan     Scan
	Coverage []collect.Cell
	Findings Findings
	// Checks explains the findings, by check id. A finding whose check is missing is reported without explanation.
	Checks map[string]*content.Check
	// Summary is what Summarize says of all findings of the scan, also where only some are shown.
	Summary Summary
	// Narrowed is set where Findings are not all: see Narrow.
	Narrowed *Narrowed
	// Lake and Files say where the rest is, for the summary: the lake's folder or URL, and the reports written before.
	Lake  string
	Files []string
	// Hints says how to write the commands that the summary proposes.
	Hints Hints
}

// Hints are how the program is called, and the flags without which a command that goes on from a result would speak of another one.
type Hints struct {
	Off     bool   // propose nothing
	Program string // what the shell finds it by; empty: stance
	Reading string // flags of commands that read what scans found, each with a blank before it: " --lake ./here"
	Content string // those of commands about tables and checks: " --content ./ours"
}

func (h Hints) command(words string) string { return cmp.Or(h.Program, "stance") + " " + words }

// Scan is what was scanned, and how.
type Scan struct {
	ID          string    `json:"id"`
	Provider    string    `json:"provider"`
	Started     time.Time `json:"started"`
	Finished    time.Time `json:"finished"`
	Version     string    `json:"stance_version"`
	Command     string    `json:"command,omitempty"`
	Accounts    []Account `json:"accounts"`
	Checks      int       `json:"checks"` // asked
	Tables      int       `json:"tables"` // collected or derived
	Resources   int64     `json:"resources"`
	Calls       int64     `json:"calls"`
	Retries     int64     `json:"retries"`
	Throttles   int64     `json:"throttles"`
	Bytes       int64     `json:"bytes"` // received
	Interrupted bool      `json:"interrupted"`
	Notes       []Note    `json:"notes,omitempty"`
	// Scans is how many scans this is put together from, as the latest state of a lake is: 0 for one alone. Started is then of
	// the first of them, Finished and ID of the last.
	Scans int `json:"scans,omitempty"`
	// Folder is where the code lies that was scanned, below the root of its repository and with slashes; empty or "." is the root.
	// The files of findings are below it.
	Folder string `json:"folder,omitempty"`
	// Code is set in scans of infrastructure code.
	Code *Code `json:"code,omitempty"`
}

// Note is something that makes much unknown at once, and what can be done about it.
type Note struct {
	Text string `json:"text"`
	Do   string `json:"do,omitempty"`
}

// Account is one account (subscription, project, cluster) of a scan. Error is set if it refused: nothing in it was seen.
type Account struct {
	ID        string   `json:"id"`
	Name      string   `json:"name,omitempty"`
	Partition string   `json:"partition,omitempty"`
	Regions   []string `json:"regions"`
	Error     string   `json:"error,omitempty"`
}

// took is how long the scan ran; 0 where several scans make one state, for the time between them is nobody's work.
func (s Scan) took() time.Duration {
	if s.Scans > 1 {
		return 0
	}
	return max(0, s.Finished.Sub(s.Started)).Round(100 * time.Millisecond)
}

// together says that several scans make this state; empty of one scan.
func (s Scan) together() string {
	if s.Scans <= 1 {
		return ""
	}
	return "the latest state, of " + count(int64(s.Scans), "scan")
}

// Regions counts the distinct regions of all accounts.
func (s Scan) Regions() int {
	seen := map[string]bool{}
	for _, a := range s.Accounts {
		for _, r := range a.Regions {
			seen[r] = true
		}
	}
	return len(seen)
}

// Describe says what was scanned, in a line: "AWS, 2 accounts, 17 regions, 4,000 resources, 687 checks". Accounts are those of each
// provider that it is about; where they are of several, each has its own.
func Describe(s Scan, accounts map[string]int) string {
	var parts []string
	for _, provider := range slices.Sorted(maps.Keys(accounts)) {
		parts = append(parts, providerTitle(provider), count(int64(accounts[provider]), accountWord(provider)))
	}
	if n := s.Regions(); n > 0 {
		parts = append(parts, count(int64(n), "region"))
	}
	return strings.Join(append(parts, count(s.Resources, "resource"), count(int64(s.Checks), "check")), ", ")
}

// size says how large the scan was: accounts, regions, resources, checks. What a provider does not have is left out.
func (s Scan) size() []string {
	var parts []string
	if n := len(s.Accounts); n > 0 {
		parts = append(parts, count(int64(n), accountWord(s.Provider)))
	}
	if n := s.Regions(); n > 0 {
		parts = append(parts, count(int64(n), "region"))
	}
	return append(parts, count(s.Resources, "resource"), count(int64(s.Checks), "check"))
}

// Writer writes a result in one format. Look describes the output; formats for programs do not care.
type Writer interface {
	Write(out io.Writer, result *Result, look terminal.Terminal) error
}

// Severities lists all severities, the worst first.
func Severities() []string { return []string{"critical", "high", "medium", "low", "info"} }

// Statuses lists all statuses in the order in which they are shown.
func Statuses() []evaluate.Status {
	return []evaluate.Status{evaluate.Fail, evaluate.Unknown, evaluate.Manual, evaluate.Pass}
}

// rank orders severities; a word that is none of them comes last.
func rank(severity string) int {
	for i, s := range Severities() {
		if s == severity {
			return i
		}
	}
	return len(Severities())
}

// accountWord is what a provider calls the unit that owns resources.
func accountWord(provider string) string {
	words := map[string]string{
		"kubernetes": "cluster", "azure": "subscription", "gcp": "project", "m365": "tenant", "googleworkspace": "customer", "oraclecloud": "tenancy",
		"code": "unit",
	}
	if word, ok := words[provider]; ok {
		return word
	}
	return "account"
}

// providerTitles are names that people write differently from ids.
func providerTitle(id string) string {
	titles := map[string]string{
		"aws": "AWS", "azure": "Azure", "gcp": "Google Cloud", "kubernetes": "Kubernetes", "m365": "Microsoft 365",
		"googleworkspace": "Google Workspace", "oraclecloud": "Oracle Cloud", "alibabacloud": "Alibaba Cloud",
		"github": "GitHub", "okta": "Okta", "openstack": "OpenStack", "cloudflare": "Cloudflare", "code": "Code",
	}
	if title, ok := titles[id]; ok {
		return title
	}
	return id
}
