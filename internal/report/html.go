package report

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/stancehq/stance/internal/report/terminal"
)

// HTML writes one self-contained page: it needs no network and no server, and its policy forbids both. The findings are
// embedded as compact JSON, and drawn as the reader asks for them.
type HTML struct {
	// Most is how many findings are embedded; 0 means DefaultMost. Of more than that, passes are left out first, then the
	// least severe, and the page says so.
	Most int
}

// DefaultMost is what a browser on a laptop searches without a pause.
const DefaultMost = 100_000

//go:embed html
var assets embed.FS

// scripts are one program in several files, in the order in which they are joined.
var scripts = []string{"dom.js", "data.js", "details.js", "findings.js", "coverage.js", "print.js", "main.js"}

type page struct {
	Policy   string
	Title    string
	Provider string
	Scan     Scan
	Facts    []string
	Finished string
	Refused  []Account
	Counts   Counts
	Rows     []pageSeverity
	Coverage Coverage
	Shown    string // which findings the page is about, if not all
	Omitted  string
	Took     string
	// Suppressed says how many findings are, and why; empty if none is.
	Suppressed string
	StatusBar  []pageStatus
}

type pageSeverity struct {
	ID, Title, Fail, Unknown string
	Permille                 int64 // of the longest bar
}

type pageStatus struct {
	ID, Title, Number string
	At, Permille      int64 // where its part of the bar begins, and how long it is
}

// Write implements Writer.
func (h HTML) Write(out io.Writer, result *Result, _ terminal.Terminal) error {
	style, script, err := readAssets()
	if err != nil {
		return err
	}
	tmpl, err := template.ParseFS(assets, "html/page.html")
	if err != nil {
		return fmt.Errorf("parse the page's template: %w", err)
	}
	most := h.Most
	if most <= 0 {
		most = DefaultMost
	}
	share := newShare(result.Shown(), int64(most))
	p := newPage(result, share)
	p.Policy = "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src " + sourceHash(style) + "; script-src " + sourceHash(script)

	w := bufio.NewWriterSize(out, 256<<10)
	if err := tmpl.ExecuteTemplate(w, "head", p); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	_, _ = w.WriteString("<style>" + style + "</style>\n")
	if err := tmpl.ExecuteTemplate(w, "body", p); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	_, _ = w.WriteString(`<script type="application/json" id="data">`)
	if err := writePageData(w, result, share); err != nil {
		return err
	}
	_, _ = w.WriteString("</script>\n<script>" + script + "</script>\n</body>\n</html>\n")
	return w.Flush()
}

func readAssets() (style, script string, err error) {
	css, err := assets.ReadFile("html/page.css")
	if err != nil {
		return "", "", fmt.Errorf("read the page's style: %w", err)
	}
	var js strings.Builder
	js.WriteString("\"use strict\";\n(() => {\n")
	for _, name := range scripts {
		b, err := assets.ReadFile("html/" + name)
		if err != nil {
			return "", "", fmt.Errorf("read the page's program: %w", err)
		}
		js.Write(b)
	}
	js.WriteString("})();\n")
	return string(css), js.String(), nil
}

// sourceHash names an inline source in a content security policy.
func sourceHash(source string) string {
	sum := sha256.Sum256([]byte(source))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func newPage(result *Result, share share) page {
	scan, summary := result.Scan, result.Summary
	p := page{
		Title: providerTitle(scan.Provider) + " security posture", Provider: providerTitle(scan.Provider), Scan: scan,
		Finished: scan.Finished.UTC().Format("2 January 2006, 15:04 UTC"),
		Counts:   summary.Counts, Coverage: NewCoverage(result.Coverage),
		Shown: result.Scope(),
	}
	if took := scan.took(); took > 0 {
		p.Took = elapsed(took)
	}
	p.Facts = scan.size()
	if state := scan.together(); state != "" {
		p.Facts = append(p.Facts, state)
	}
	for _, a := range scan.Accounts {
		if a.Error != "" {
			p.Refused = append(p.Refused, a)
		}
	}
	var most int64 = 1
	for _, c := range summary.Severities {
		most = max(most, c.Fail)
	}
	for _, s := range Severities() {
		c := summary.Severities[s]
		row := pageSeverity{ID: s, Title: strings.ToUpper(s[:1]) + s[1:], Fail: number(c.Fail), Permille: 1000 * c.Fail / most}
		if c.Unknown > 0 {
			row.Unknown = "+ " + number(c.Unknown) + " unknown"
		}
		p.Rows = append(p.Rows, row)
	}
	titles := []string{"failed", "unknown", "to look at", "passed"}
	var before int64
	for i, s := range Statuses() {
		n, all := summary.Of(s), max(1, summary.Total())
		at := 1000 * before / all
		before += n
		p.StatusBar = append(p.StatusBar, pageStatus{
			ID: string(s), Title: titles[i], Number: number(n), At: at, Permille: 1000*before/all - at,
		})
	}
	if summary.Suppressed > 0 {
		p.Suppressed = count(summary.Suppressed, "suppressed finding") + ": " + reasonsLine(summary.Reasons)
	}
	if share.omitted > 0 {
		p.Omitted = number(share.omitted)
	}
	return p
}
