// Package evidence writes what verdicts rest on into one file that an auditor can take away, and proves from such a file alone that
// the verdicts follow: it rebuilds the tables from the raw documents, asks the checks as the bundle has them, and compares.
//
// A bundle is a plain zip:
//
//	README.txt                          what this is, and how to verify it with and without Stance
//	content/checks/<id>.json            each check as it was asked: its SQL, its parameters
//	content/tables/<table>.json         how documents become the rows that checks read
//	content/functions.sql               the SQL functions that both use
//	scans/<id>/coverage.json            what was seen, and what not
//	scans/<id>/documents/<table>.ndjson the raw documents, a line for each row, secrets masked
//	scans/<id>/findings.ndjson          the verdicts
//	manifest.json                       what all this is, with the SHA-256 of every other file
//	manifest.sig                        the Ed25519 signature of manifest.json
//	public-key.pem                      the key that it can be verified with
//
// Each scan of a selection has its own folder: verdicts rest on the rows that their own scan saw, and not on later ones.
//
// The signature is by a key of the user's. Sigstore would bind it to an identity, but sigstore-go brings some eighty modules, and
// a log on the network that would have to be reached to sign and be told of it: evidence must be possible where there is none.
package evidence

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// formatVersion is that of the bundles that this version writes and reads.
const formatVersion = 1

// kind tells a bundle's manifest from any other JSON.
const kind = "stance evidence"

// Names in a bundle.
const (
	readmeName    = "README.txt"
	manifestName  = "manifest.json"
	signatureName = "manifest.sig"
	publicKeyName = "public-key.pem"
	functionsName = "content/functions.sql"
)

func checkName(id string) string         { return "content/checks/" + id + ".json" }
func tableName(table string) string      { return "content/tables/" + table + ".json" }
func coverageName(scan string) string    { return "scans/" + scan + "/coverage.json" }
func findingsName(scan string) string    { return "scans/" + scan + "/findings.ndjson" }
func documentsFolder(scan string) string { return "scans/" + scan + "/documents/" }

func documentsName(scan, table string) string { return documentsFolder(scan) + table + ".ndjson" }

// manifest says what a bundle is.
type manifest struct {
	Kind    string    `json:"kind"`
	Format  int       `json:"format"`
	Created time.Time `json:"created"`
	// Version of Stance, and Content: the SHA-256 of the packed content of the program that wrote the bundle.
	Version string `json:"stance_version"`
	Content string `json:"content_version"`
	// About is what the checks were chosen by, such as a framework; empty: all that the scans asked.
	About string `json:"about,omitempty"`
	// Key is the fingerprint of the key that the manifest is signed with.
	Key   string         `json:"key"`
	Scans []scanManifest `json:"scans"`
	Files []fileManifest `json:"files"`
}

// scanManifest is one scan. Parameters are the values that its checks were asked with, by check.
type scanManifest struct {
	ID         string                                `json:"id"`
	Started    time.Time                             `json:"started"`
	Header     json.RawMessage                       `json:"scan"` // as reports have it: provider, accounts, times
	Checks     []string                              `json:"checks"`
	Parameters map[string]map[string]json.RawMessage `json:"parameters"`
}

// fileManifest is a file of the bundle but the manifest itself, its signature and the key.
type fileManifest struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// write gives the manifest as JSON, with one file on each line: so it can be checked with sed and sha256sum.
func (m *manifest) write() ([]byte, error) {
	own := *m
	own.Files = []fileManifest{}
	text, err := indented(own)
	if err != nil {
		return nil, err
	}
	lines := make([]string, len(m.Files))
	for i, f := range m.Files {
		name, err := json.Marshal(f.Name)
		if err != nil {
			return nil, err
		}
		lines[i] = fmt.Sprintf("\n    {\"name\": %s, \"sha256\": \"%s\", \"size\": %d}", name, f.SHA256, f.Size)
	}
	const empty = `"files": []`
	head, ok := strings.CutSuffix(strings.TrimSpace(string(text)), empty+"\n}")
	if !ok {
		return nil, fmt.Errorf("write the manifest: its list of files is not at its end")
	}
	return []byte(head + `"files": [` + strings.Join(lines, ",") + "\n  ]\n}\n"), nil
}
