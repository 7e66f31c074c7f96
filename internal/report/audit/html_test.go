package audit

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"html"
	"io"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/report/terminal"
)

func TestPageIsWrittenAsBefore(t *testing.T) {
	page := written(t, HTML{}, sample())
	// Style and program are files of their own; here only what is made of the document counts.
	page = regexp.MustCompile(`(?s)<style>.*?</style>`).ReplaceAll(page, []byte("<style></style>"))
	page = regexp.MustCompile(`(?s)<script>.*?</script>`).ReplaceAll(page, []byte("<script></script>"))
	page = regexp.MustCompile(`sha256-.*?&#39;`).ReplaceAll(page, []byte("sha256&#39;"))
	golden(t, "sample.html", page)
}

func TestPageIsOneFileThatLoadsNothing(t *testing.T) {
	page := string(written(t, HTML{}, sample()))
	if n := strings.Count(page, "<script"); n != 1 || strings.Count(page, "</script>") != 1 {
		t.Errorf("%d script elements, want 1: a resource's name must neither begin nor end one", n)
	}
	for _, pattern := range []string{
		`(?i)<script[^>]+src=`, `(?i)<link[^>]+href="(?:https?:|/)`, `(?i)@import`, `(?i)url\(\s*['"]?https?:`, `(?i)<[^>]* on[a-z]+=`, `(?i)<[^>]* style="`,
		`<img`, `innerHTML`, `\beval\(`, `href="javascript:`,
	} {
		if found := regexp.MustCompile(pattern).FindString(page); found != "" {
			t.Errorf("the page has %q", found)
		}
	}
	if strings.ContainsAny(page, "\x1b\u202e") {
		t.Error("characters that command a terminal or turn text around must be shown, not sent")
	}
	policy := html.UnescapeString(regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)[1])
	for _, element := range []string{"style", "script"} {
		inside := regexp.MustCompile(`(?s)<` + element + `>(.*?)</` + element + `>`).FindStringSubmatch(page)[1]
		sum := sha256.Sum256([]byte(inside))
		if want := element + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, want) {
			t.Errorf("the policy %q does not allow the %s that is there", policy, element)
		}
	}
	if !strings.HasPrefix(policy, "default-src 'none'") {
		t.Errorf("the policy %q does not forbid the network", policy)
	}
}

func TestEveryLinkInThePageLeadsToOnePlace(t *testing.T) {
	loose := sample()
	for _, r := range loose.Report.Requirements {
		if r.ID == "1.3" || r.ID == "=2.9" {
			r.Parent = "" // as in frameworks in which some requirements stand below no heading
		}
	}
	for name, d := range map[string]*Document{"sample": sample(), "requirements without headings": loose} {
		t.Run(name, func(t *testing.T) { linksLead(t, string(written(t, HTML{}, d))) })
	}
}

func linksLead(t *testing.T, page string) {
	t.Helper()
	places := map[string]int{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		places[html.UnescapeString(m[1])]++
	}
	for place, n := range places {
		if n != 1 {
			t.Errorf("%d places are called %s", n, place)
		}
	}
	links := regexp.MustCompile(` href="#([^"]*)"`).FindAllStringSubmatch(page, -1)
	for _, m := range links {
		if places[html.UnescapeString(m[1])] != 1 {
			t.Errorf("a link leads to #%s, which is nowhere", m[1])
		}
	}
	if len(links) < 40 {
		t.Errorf("only %d links", len(links))
	}
}

func TestAnchorsAreSafeAndDistinct(t *testing.T) {
	seen := map[string]string{}
	for _, id := range []string{"164.308(a)(1)(ii)(A)", "164.308~28a~29", "164.308 a", "164.308_a", "164.308(a)", "A&A-01", `"><b>`, "ä", "a#b", "%41", "A", "a/b"} {
		got := anchor("r", id)
		if !regexp.MustCompile(`^r-[A-Za-z0-9._~-]+$`).MatchString(got) {
			t.Errorf("%q gives %q", id, got)
		}
		if other, there := seen[got]; there {
			t.Errorf("%q and %q share %q", id, other, got)
		}
		seen[got] = id
	}
}

func TestPageSaysWhatAnAuditorMustKnow(t *testing.T) {
	d := sample()
	d.Result.Scan.Accounts[1].Error = "denied: sts:AssumeRole"
	d.Result.Scan.Interrupted = true
	d.Report = assess(d, sampleFindings(), sampleAttestations())
	page := readable(written(t, HTML{}, d))
	for _, want := range []string{
		"Acme Cloud Baseline 2.0", "Acme Standards Body", "Not in this report: Annex B", "Those in this report are ours", "our own words",
		"1 of 2 accounts could not be entered", "The scan was interrupted", "20261122T190000Z-aws-7f3a00", "0123456789abcdef with", compliance.Formula,
		"What was not looked at", "80 %: 1 of 5 cells not seen", "444455556666 R&D", "denied: sts:AssumeRole", "Not asked in 444455556666",
		"What changed", "20261022T060000Z-aws-aaaaaa", "was met", "It was asked with days = 90, but at most 45 is wanted.",
		"Attested met", "ann@acme.example", "Ten samples were looked at", "Ended: it no longer counts", "bob@acme.example",
		"Built anew from the repository on every deployment", "owner Web team; ticket SEC-12; until 2027-06-30; said in mutes.yaml:7", "it is: fail",
		"coalesce(versioning_status, '') = 'Enabled'", "length = 14", "days = 90", "the default is 45", "Ask who approves changes of the policies.",
		"Caution: Once enabled, versioning can only be suspended.", "stance verify bundle.zip", "statements of people",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// readable is a page's text as a reader sees it, on one line.
func readable(page []byte) string {
	text := regexp.MustCompile(`(?s)<(style|script)>.*?</(style|script)>|<[^>]*>`).ReplaceAllString(string(page), " ")
	text = strings.Join(strings.Fields(html.UnescapeString(text)), " ")
	return strings.NewReplacer(" ,", ",", " .", ".", " ;", ";").Replace(text)
}

func TestPassesAreListedInPart(t *testing.T) {
	page := readable(written(t, HTML{}, sample()))
	if n := strings.Count(page, "logs to bucket logs"); n != 20 {
		t.Errorf("%d passes are listed, want 20", n)
	}
	for _, want := range []string{"Not listed: 10 that pass.", "37 of 47 findings are listed"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// crowded is the sample with so many findings, and with texts that are very long.
func crowded(n int, long string) *Document {
	d := sample()
	some := sampleFindings()
	repeated := func(some []evaluate.Finding) report.Findings {
		return func(yield func(evaluate.Finding, error) bool) {
			for i := range n {
				if !yield(some[i%len(some)], nil) {
					return
				}
			}
		}
	}
	var all []evaluate.Finding
	for f := range repeated(some) {
		all = append(all, f)
	}
	d.Report = assess(d, all, sampleAttestations())
	for i := range some {
		some[i].ResourceName += long
		some[i].Found += long
	}
	d.Result.Findings = repeated(some)
	return d
}

func TestAHundredThousandFindingsAreBoundedWithFailuresFirst(t *testing.T) {
	long := strings.Repeat("an endless name \u202e", 60_000) // a megabyte
	d := crowded(100_000, long)
	found, err := d.pick(pageBounds)
	if err != nil {
		t.Fatal(err)
	}
	var listed int
	held := 0
	for check, p := range found {
		for s, rows := range p.rows {
			listed += len(rows)
			for _, f := range rows {
				held += len(f.ResourceName) + len(f.Found) + len(f.Cause)
			}
			if s == standPass && len(rows) > 20 {
				t.Errorf("%d passes of %s are listed", len(rows), check)
			}
			if s != standPass && p.left(s) > 0 {
				t.Errorf("%d of %s %s are left out, although there is room", p.left(s), check, s)
			}
		}
	}
	if listed > 20_000 || listed < 10_000 || held > listed*4*(maxText+maxName+10) {
		t.Errorf("%d findings with %d bytes are held", listed, held)
	}
	var size counter
	if err := (HTML{}).Write(&size, d, terminal.Terminal{}); err != nil || size > 60_000_000 {
		t.Errorf("the page has %d bytes, error %v", size, err)
	}
}

type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func TestWhereThereIsNoRoomEveryCheckShowsSomeOfEachKind(t *testing.T) {
	d := crowded(47_000, "")
	found, err := d.pick(bounds{all: 300, check: 300, passes: 20})
	if err != nil {
		t.Fatal(err)
	}
	listed := 0
	for check, p := range found {
		for s, total := range p.total {
			n := len(p.rows[s])
			listed += n
			if n < fewest && int64(n) < total {
				t.Errorf("%d of %d of %s that are %s are listed", n, total, check, s)
			}
		}
	}
	if listed > 300 || listed < 280 {
		t.Errorf("%d findings are listed, of 300", listed)
	}
	if fails, passes := len(found["aws_iam_user_mfa_for_console"].rows[standFail]), len(found["aws_iam_user_mfa_for_console"].rows[standPass]); fails < 200 || passes != fewest {
		t.Errorf("what is left goes to failures: %d failures, %d passes", fails, passes)
	}
}

func TestBrokenFindingsAreAnError(t *testing.T) {
	broken := errors.New("the lake is gone")
	for name, w := range map[string]Writer{"html": HTML{}, "md": Markdown{}} {
		d := sample()
		d.Result.Findings = func(yield func(evaluate.Finding, error) bool) {
			if yield(sampleFindings()[0], nil) {
				yield(evaluate.Finding{}, broken)
			}
		}
		if err := w.Write(io.Discard, d, terminal.Terminal{}); !errors.Is(err, broken) {
			t.Errorf("%s: got error %v, want one that says %q", name, err, broken)
		}
	}
}

// tokens are the colors that a style sheet names, in light and in dark.
func tokens(t *testing.T, path string) (light, dark map[string]string) {
	t.Helper()
	css, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	read := func(block string) map[string]string {
		all := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): ([^;]+);`).FindAllStringSubmatch(block, -1) {
			all[m[1]] = m[2]
		}
		return all
	}
	blocks := regexp.MustCompile(`(?s):root[^{]*\{([^}]*)\}`).FindAllStringSubmatch(string(css), 2)
	return read(blocks[0][1]), read(blocks[1][1])
}

func TestPageLooksLikeThatOfAScan(t *testing.T) {
	ourLight, ourDark := tokens(t, "html/page.css")
	light, dark := tokens(t, "../html/page.css")
	for _, look := range []struct{ ours, theirs map[string]string }{{ourLight, light}, {ourDark, dark}} {
		for name, value := range look.ours {
			if look.theirs[name] != value {
				t.Errorf("--%s is %s, and %s on the page of a scan", name, value, look.theirs[name])
			}
		}
	}
}

func TestColorsCanBeRead(t *testing.T) {
	light, dark := tokens(t, "html/page.css")
	pairs := [][2]string{
		{"ink", "paper"},
		{"ink", "panel"},
		{"soft", "paper"},
		{"soft", "panel"},
		{"soft", "faint"},
		{"accent", "paper"},
		{"accent", "panel"},
		{"ink", "medium-soft"},
		{"high", "high-soft"},
		{"unknown", "unknown-soft"},
		{"medium", "medium-soft"},
		{"low", "low-soft"},
		{"pass", "pass-soft"},
		{"info", "info-soft"},
		{"critical", "critical-soft"},
		{"fail", "panel"},
		{"unknown", "panel"},
		{"medium", "panel"},
		{"manual", "panel"},
		{"pass", "panel"},
		{"panel", "ink"},
	}
	for name, look := range map[string]map[string]string{"light": light, "dark": dark} {
		for _, p := range pairs {
			if got := contrast(t, look[p[0]], look[p[1]]); got < 4.5 {
				t.Errorf("%s: --%s on --%s has contrast %.2f, want 4.5", name, p[0], p[1], got)
			}
		}
	}
}

// contrast is that of WCAG 2.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	luminance := func(color string) float64 {
		n, err := strconv.ParseUint(strings.TrimPrefix(color, "#"), 16, 32)
		if err != nil || len(color) != 7 && len(color) != 4 {
			t.Fatalf("color %q: %v", color, err)
		}
		sum := 0.0
		for i, weight := range []float64{0.0722, 0.7152, 0.2126} {
			c := float64(n>>(8*i)&0xff) / 255
			if c <= 0.04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+0.055)/1.055, 2.4)
			}
			sum += weight * c
		}
		return sum + 0.05
	}
	x, y := luminance(a), luminance(b)
	return max(x, y) / min(x, y)
}
