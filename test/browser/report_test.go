package browser

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/report/terminal"
)

const evil = `</script><img src=x onerror="document.title='owned'">'"&🪣`

// finding gives the i-th of a made-up cloud: of ten findings seven pass, two fail and one is unknown.
func finding(i int) evaluate.Finding {
	severities := report.Severities()
	f := evaluate.Finding{
		Check: fmt.Sprintf("aws_check_%02d", i%40), Title: fmt.Sprintf("Things of kind %02d are as they should be", i%40),
		Severity: severities[i%40%5], Status: evaluate.Pass, Found: "as it should be", Provider: "aws",
		Account: fmt.Sprintf("11112222%04d", i%3), Region: []string{"eu-west-1", "us-east-1"}[i%2], ResourceType: "aws_thing",
		Resource: fmt.Sprintf("arn:aws:thing:::thing-%06d", i), ResourceName: fmt.Sprintf("thing-%06d", i),
		Tags: map[string]string{"team": fmt.Sprintf("team-%d", i%7)},
	}
	switch i / 40 % 10 {
	case 0, 1:
		f.Status, f.Found = evaluate.Fail, fmt.Sprintf("%d of 5 are wrong", 1+i%5)
	case 2:
		f.Status, f.Found, f.Cause = evaluate.Unknown, "", "denied: thing:GetThing (AccessDenied)"
	}
	if i == 0 {
		f.ResourceName = evil
	}
	return f
}

func write(t *testing.T, n int) string {
	t.Helper()
	return writeResult(t, made(t, n))
}

// made is a scan with n findings.
func made(t *testing.T, n int) *report.Result {
	t.Helper()
	result := &report.Result{
		Scan: report.Scan{
			ID: "test", Provider: "aws", Started: time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC), Finished: time.Date(2026, 1, 15, 12, 0, 9, 0, time.UTC),
			Version: "0.0.0", Checks: 40, Resources: int64(n), Accounts: []report.Account{{ID: "111122220000", Name: "production <b>", Regions: []string{"eu-west-1"}}},
		},
		Coverage: []collect.Cell{
			{Account: "111122220000", Region: "eu-west-1", Table: "aws_thing", Group: "list", Call: "thing:ListThings", Status: collect.OK, Rows: 9},
			{Account: "111122220000", Region: "eu-west-1", Table: "aws_thing", Group: "detail", Call: "thing:GetThing", Status: collect.Denied, Cause: "denied: thing:GetThing"},
		},
		Findings: func(yield func(evaluate.Finding, error) bool) {
			for i := range n {
				if !yield(finding(i), nil) {
					return
				}
			}
		},
		Checks: map[string]*content.Check{},
	}
	for i := range 40 {
		result.Checks[finding(i).Check] = &content.Check{
			ID: finding(i).Check, Service: []string{"s3", "ec2"}[i%2], Why: "Because it matters.",
			Fix:        content.Fix{Text: "Put it right.", CLI: "aws thing repair --name {name} --region {region}", Terraform: "resource \"aws_thing\" \"this\" {}\n"},
			References: []string{"https://example.com/thing", "javascript:alert(1)"},
		}
	}
	var err error
	if result.Summary, err = report.Summarize(result.Findings); err != nil {
		t.Fatal(err)
	}
	return result
}

func writeResult(t *testing.T, result *report.Result) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := (report.HTML{}).Write(f, result, terminal.Terminal{}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func (b *Browser) shown() int {
	b.tb.Helper()
	var n int
	b.Eval(`Number(document.getElementById("count").dataset.shown)`, &n)
	return n
}

func noProblems(t *testing.T, b *Browser) {
	t.Helper()
	for _, problem := range b.Problems() {
		t.Errorf("the page complained: %s", problem)
	}
}

func TestReportIsFilteredSearchedAndGrouped(t *testing.T) {
	b := Start(t, 1280, 900)
	b.Open(write(t, 4000), "")
	b.Until(`document.documentElement.dataset.ready`)
	if got := b.shown(); got != 1200 {
		t.Errorf("at first failed and unknown are shown: %d, want 1200", got)
	}
	count := func(selector string) (n int) {
		b.Eval(fmt.Sprintf("document.querySelectorAll(%q).length", selector), &n)
		return n
	}
	if got := count(".group"); got != 40 {
		t.Errorf("%d groups, want one per check", got)
	}

	click := func(selector string) { b.Eval(fmt.Sprintf("document.querySelector(%q).click()", selector), nil) }
	click(`#statuses [data-value="UNKNOWN"]`)
	click(`#severities [data-value="critical"]`)
	if got := b.shown(); got != 160 {
		t.Errorf("failed and critical: %d, want 160", got)
	}
	click(`#statuses [data-value="PASS"]`)
	if got := b.shown(); got != 720 {
		t.Errorf("failed or passed, and critical: %d, want 720", got)
	}
	b.Eval(`const s = document.getElementById("service"); s.value = "s3"; s.dispatchEvent(new Event("change"))`, nil)
	if got := b.shown(); got != 360 {
		t.Errorf("of them s3: %d, want 360", got)
	}
	click("#clear")
	if got := b.shown(); got != 1200 {
		t.Errorf("cleared: %d, want 1200", got)
	}

	// The keyboard alone: slash goes to the search.
	b.Press("/")
	b.Type("THING-0000 team-3")
	b.Until(`document.getElementById("count").dataset.shown === "14"`)
	var address string
	b.Eval("location.hash", &address)
	if address != "#q=THING-0000+team-3" {
		t.Errorf("the address keeps the search: %s", address)
	}
	b.Eval(`const g = document.getElementById("group"); g.value = "resource"; g.dispatchEvent(new Event("change"))`, nil)
	if got := count(".group"); got != 14 {
		t.Errorf("%d groups, want one per resource", got)
	}
	noProblems(t, b)
}

func TestReportExplainsAFinding(t *testing.T) {
	b := Start(t, 1280, 900)
	b.Open(write(t, 400), "#group=none&sort=name&q=thing-000040")
	b.Until(`document.documentElement.dataset.ready`)
	b.Eval(`document.querySelector(".finding-head").focus()`, nil)
	b.Press("Enter")
	var text string
	b.Eval(`document.querySelector(".finding-body").innerText`, &text)
	for _, want := range []string{"1 of 5 are wrong", "arn:aws:thing:::thing-000040", "team: team-5", "Because it matters.", "Put it right.", "aws thing repair --name thing-000040 --region eu-west-1", "example.com/thing"} {
		if !strings.Contains(text, want) {
			t.Errorf("the finding does not say %q:\n%s", want, text)
		}
	}
	var links []string
	b.Eval(`[...document.querySelectorAll(".finding-body a")].map((a) => a.href)`, &links)
	if len(links) != 1 || links[0] != "https://example.com/thing" {
		t.Errorf("only web addresses are links: %v", links)
	}
	var copied string
	b.Eval(`document.execCommand = () => { window.copied = document.activeElement.value; return true; };
		navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); };
		document.querySelector(".finding-body .copy").click(); new Promise((done) => setTimeout(() => done(window.copied), 0))`, &copied)
	if copied != "aws thing repair --name thing-000040 --region eu-west-1" {
		t.Errorf("copied %q", copied)
	}
	noProblems(t, b)
}

func TestReportShowsHostileNamesAsText(t *testing.T) {
	b := Start(t, 1280, 900)
	b.Open(write(t, 40), "#group=none&q=onerror")
	b.Until(`document.documentElement.dataset.ready`)
	b.Eval(`document.querySelector(".finding-head").click()`, nil)
	var text, title string
	b.Eval(`document.getElementById("results").innerText`, &text)
	b.Eval(`document.title`, &title)
	if !strings.Contains(text, evil) {
		t.Errorf("the name is not shown as it is:\n%s", text)
	}
	// A name that a shell would not take for one word stays out of the command.
	if !strings.Contains(text, "aws thing repair --name {name} --region eu-west-1") {
		t.Errorf("the command must not hold the name:\n%s", text)
	}
	if title != "AWS security posture · Stance" {
		t.Errorf("a resource's name ran as a program: %s", title)
	}
	noProblems(t, b)
}

func TestReportShowsWhatWasNotSeen(t *testing.T) {
	b := Start(t, 1280, 900)
	b.Open(write(t, 40), "")
	b.Until(`document.documentElement.dataset.ready`)
	b.Eval(`document.getElementById("tab-findings").focus()`, nil)
	b.Press("ArrowRight")
	var text string
	b.Eval(`document.getElementById("view-coverage").innerText`, &text)
	for _, want := range []string{"50 %: 1 of 2 cells not seen: 1 denied (thing:GetThing)", "eu-west-1", "aws_thing", "1 cell"} {
		if !strings.Contains(text, want) {
			t.Errorf("the coverage does not say %q:\n%s", want, text)
		}
	}
	b.Press("ArrowRight")
	b.Eval(`document.getElementById("view-scan").innerText`, &text)
	if !strings.Contains(text, "production <b>") {
		t.Errorf("the scan does not name its account:\n%s", text)
	}
	noProblems(t, b)
}

func TestReportNeverCutsACause(t *testing.T) {
	result := made(t, 40)
	const cause = "denied: backup:GetBackupVaultNotifications (AccessDeniedException: User: arn:aws:sts::111122220000:assumed-role/auditor/a-session-with-a-long-name " +
		"is not authorized to perform: backup:GetBackupVaultNotifications on resource: arn:aws:backup:eu-west-1:111122220000:backup-vault:a-vault)"
	for i := range 90 {
		for _, table := range []string{"aws_backup_vault", "aws_backup_vault_notification_with_a_very_long_name"} {
			result.Coverage = append(result.Coverage, collect.Cell{
				Account: "111122220000", Region: fmt.Sprintf("ap-southeast-%d", i), Table: table, Group: "notifications", Call: "backup:GetBackupVaultNotifications",
				Status: collect.Denied, Cause: cause, Failures: 3,
			})
		}
	}
	path := writeResult(t, result)
	b := Start(t, 1280, 900)
	for _, width := range []int{1280, 1024, 800, 390} {
		b.Resize(width, 900)
		b.Open(path, "#view=coverage")
		b.Until(`document.documentElement.dataset.ready`)
		keep(t, fmt.Sprintf("coverage-%d.png", width), b.Screenshot(true))
		var cut []string
		b.Eval(`[...document.querySelectorAll(".gaps td, .scroll:has(.gaps), html")]
			.filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.className || e.tagName)`, &cut)
		if len(cut) > 0 {
			t.Errorf("at %d columns these are cut off: %v", width, cut)
		}
		var text string
		var lines int
		b.Eval(`document.querySelector(".gap-cause:is(td)").innerText`, &text)
		b.Eval(`document.querySelectorAll(".gaps tbody tr").length`, &lines)
		if text != strings.TrimPrefix(cause, "denied: ") {
			t.Errorf("the cause is not whole: %q", text)
		}
		if lines != 2 {
			t.Errorf("%d lines, want one for each cause and its places", lines)
		}
		b.Eval(`document.querySelector(".gap-where:is(td)").innerText`, &text)
		if !strings.Contains(text, "ap-southeast-0, ap-southeast-1, ap-southeast-10 and 87 more") || strings.Contains(text, "111122220000") {
			t.Errorf("where: %q", text)
		}
	}
	noProblems(t, b)
}

func TestReportOfSomeFindingsSaysSo(t *testing.T) {
	result := made(t, 400)
	if err := result.Narrow("status fail", func(f evaluate.Finding) bool { return f.Status == evaluate.Fail }); err != nil {
		t.Fatal(err)
	}
	b := Start(t, 1280, 900)
	b.Open(writeResult(t, result), "")
	b.Until(`document.documentElement.dataset.ready`)
	var text string
	b.Eval(`document.querySelector(".title").innerText`, &text)
	if !strings.Contains(text, "This page lists 80 of 400 findings: status fail.") || b.shown() != 80 {
		t.Errorf("shows %d and says: %s", b.shown(), text)
	}
	noProblems(t, b)
}

func TestReportOfFiftyThousandFindingsAnswersAtOnce(t *testing.T) {
	b := Start(t, 1280, 900)
	path := write(t, 50_000)
	started := time.Now()
	b.Open(path, "#status=FAIL,UNKNOWN,MANUAL,PASS&group=resource")
	b.Until(`document.documentElement.dataset.ready`)
	loaded := time.Since(started)
	if got := b.shown(); got != 50_000 {
		t.Fatalf("shows %d findings", got)
	}
	var elements int
	b.Eval(`document.querySelectorAll("*").length`, &elements)
	if elements > 3000 {
		t.Errorf("%d elements: only what is looked at belongs into the page", elements)
	}
	var search, regroup float64
	timed := func(id, event, value string) string {
		return fmt.Sprintf(`(() => { const start = performance.now(); const e = document.getElementById(%q); e.value = %q; e.dispatchEvent(new Event(%q)); return performance.now() - start; })()`, id, value, event)
	}
	b.Eval(timed("group", "change", "check"), &regroup)
	b.Eval(`document.getElementById("q").value = "thing-04999"; document.getElementById("q").dispatchEvent(new Event("input"))`, nil)
	b.Until(`document.getElementById("count").dataset.shown === "10"`)
	b.Eval(timed("sort", "change", "name"), &search)
	t.Logf("loaded in %v, regrouped in %.0f ms, searched again in %.0f ms", loaded.Round(time.Millisecond), regroup, search)
	// Generous, for machines that do much at once; typical is a tenth of it.
	if loaded > 20*time.Second || regroup > 5000 || search > 5000 {
		t.Error("a reader would think that the page hangs")
	}
	noProblems(t, b)
}

func TestReportIsDrawn(t *testing.T) {
	b := Start(t, 1280, 900)
	path := write(t, 400)
	pictures := map[string]func(){
		"light":  func() { b.Dark(false); b.Resize(1280, 900) },
		"dark":   func() { b.Dark(true); b.Resize(1280, 900) },
		"narrow": func() { b.Dark(false); b.Resize(390, 844) },
	}
	brightness := map[string]float64{}
	for name, prepare := range pictures {
		prepare()
		b.Open(path, "")
		b.Until(`document.documentElement.dataset.ready`)
		raw := b.Screenshot(false)
		keep(t, "report-"+name+".png", raw)
		picture, err := png.Decode(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		colors, mean := look(picture)
		brightness[name] = mean
		if colors < 100 {
			t.Errorf("%s: %d colors: the picture is blank", name, colors)
		}
		var overflow bool
		b.Eval(`document.documentElement.scrollWidth > innerWidth`, &overflow)
		if overflow {
			t.Errorf("%s: the page is wider than its window", name)
		}
	}
	if brightness["light"] < 200 || brightness["dark"] > 70 {
		t.Errorf("mean brightness: %v", brightness)
	}
	noProblems(t, b)
}

func TestReportIsPrinted(t *testing.T) {
	b := Start(t, 1280, 900)
	b.Open(write(t, 400), "")
	b.Until(`document.documentElement.dataset.ready`)
	b.Eval(`dispatchEvent(new Event("beforeprint"))`, nil)
	var text string
	b.Eval(`document.getElementById("paper").textContent`, &text)
	for _, want := range []string{"Findings: failed, unknown", "Things of kind 00", "Put it right.", "thing-000040", "denied: thing:GetThing"} {
		if !strings.Contains(text, want) {
			t.Errorf("the printed page does not say %q", want)
		}
	}
	pdf := b.PDF()
	keep(t, "report.pdf", pdf)
	if !bytes.HasPrefix(pdf, []byte("%PDF")) || len(pdf) < 20_000 {
		t.Errorf("%d bytes of PDF", len(pdf))
	}
	noProblems(t, b)
}

// look counts the colors of a picture and gives its mean brightness, from 0 to 255.
func look(picture image.Image) (colors int, mean float64) {
	seen := map[[3]uint32]bool{}
	bounds, sum := picture.Bounds(), 0.0
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			r, g, b, _ := picture.At(x, y).RGBA()
			seen[[3]uint32{r, g, b}] = true
			sum += float64(r+g+b) / 3 / 257
		}
	}
	return len(seen), sum / float64(bounds.Dx()*bounds.Dy())
}

// keep saves a picture for a person's eye into the folder that STANCE_PICTURES names.
func keep(t *testing.T, name string, raw []byte) {
	t.Helper()
	folder := os.Getenv("STANCE_PICTURES")
	if folder == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(folder, name), raw, 0o644); err != nil {
		t.Error(err)
	}
}
