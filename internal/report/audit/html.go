package audit

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"time"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/report/terminal"
)

// HTML writes one self-contained page for the screen and for paper. All of it is there without a script: the program in it only filters,
// opens and closes. It needs no network, and its policy forbids that.
type HTML struct {
	// Most is how many findings are listed; 0 means 20,000. What fails comes first; the rest is counted.
	Most int64
}

// pageBounds keep a page within what a browser opens without a pause.
var pageBounds = bounds{all: 20_000, check: 20_000, passes: 20}

//go:embed html
var assets embed.FS

// Write implements Writer.
func (h HTML) Write(out io.Writer, d *Document, _ terminal.Terminal) error {
	style, err := assets.ReadFile("html/page.css")
	if err != nil {
		return fmt.Errorf("read the page's style: %w", err)
	}
	script, err := assets.ReadFile("html/page.js")
	if err != nil {
		return fmt.Errorf("read the page's program: %w", err)
	}
	tmpl, err := template.New("page").Funcs(pageWords).ParseFS(assets, "html/*.html")
	if err != nil {
		return fmt.Errorf("parse the page's templates: %w", err)
	}
	limits := pageBounds
	if h.Most > 0 {
		limits.all = h.Most
	}
	p, err := newPage(d, limits)
	if err != nil {
		return err
	}
	p.Policy = "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src " + sourceHash(style) + "; script-src " + sourceHash(script)
	w := bufio.NewWriterSize(out, 256<<10)
	if err := tmpl.ExecuteTemplate(w, "head", p); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	_, _ = w.WriteString("<style>" + string(style) + "</style>\n")
	if err := tmpl.ExecuteTemplate(w, "body", p); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	_, _ = w.WriteString("<script>" + string(script) + "</script>\n</body>\n</html>\n")
	return w.Flush()
}

// sourceHash names an inline source in a content security policy.
func sourceHash(source []byte) string {
	sum := sha256.Sum256(source)
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// pageWords are what the templates say things with. Texts from outside go through name, text or sql, all of which the template escapes.
var pageWords = template.FuncMap{
	"name": safeName, "text": safeText, "sql": safeSQL, "anchor": anchor,
	"words": StatusWords, "meaning": statusMeaning, "statuses": compliance.Statuses,
	"number": func(n any) string { return number(integer(n)) },
	"count":  func(n any, noun string) string { return report.Count(integer(n), noun) },
	"day":    func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") },
	"few":    func(most int, names []string) string { return safeText(few(names, most)) },
	"stands": standingWords, "stands_all": standings, "of": of, "doubt": doubt, "answer": answerWords, "sentence": sentence, "glyph": glyph, "ticked": ticked, "counted": standingCounts,
	"formula": func() string { return compliance.Formula },
	"order":   func(s compliance.Status) int { return order(compliance.Statuses(), s) },
	"inc":     func(i int) int { return i + 1 },
}

// glyph is a status in a narrow cell, beside the word that a screen reader says.
func glyph(s compliance.Status) string {
	return map[compliance.Status]string{
		compliance.NotMet: "✕", compliance.Unknown: "?", compliance.Accepted: "!", compliance.Manual: "○", compliance.Met: "✓", compliance.NotHere: "–",
	}[s]
}

func integer(n any) int64 {
	switch n := n.(type) {
	case int:
		return int64(n)
	case int64:
		return n
	}
	return 0
}
