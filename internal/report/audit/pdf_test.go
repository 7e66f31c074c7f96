package audit

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	reader "github.com/ledongthuc/pdf"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/terminal"
)

// readPDF reads a document back with another program than the one that wrote it.
func readPDF(t *testing.T, data []byte) (*reader.Reader, []string) {
	t.Helper()
	r, err := reader.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var pages []string
	for n := range r.NumPage() {
		text, err := r.Page(n + 1).GetPlainText(nil)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, text)
	}
	return r, pages
}

func TestPDFSaysWhatItSaidBefore(t *testing.T) {
	_, pages := readPDF(t, written(t, PDF{}, sample()))
	var b strings.Builder
	for n, page := range pages {
		fmt.Fprintf(&b, "=== page %d\n%s\n", n+1, strings.TrimLeft(page, "\n"))
	}
	golden(t, "sample.pdf.txt", []byte(b.String()))
}

func TestPDFHasAllRequirementsAndChecks(t *testing.T) {
	d := sample()
	r, pages := readPDF(t, written(t, PDF{}, d))
	text := strings.Join(pages, "\n")
	for _, one := range d.Report.Requirements {
		if !strings.Contains(text, one.ID) {
			t.Errorf("%s is missing", one.ID)
		}
	}
	for _, c := range d.checks() {
		if !strings.Contains(text, c.ID) || !strings.Contains(text, c.Title) {
			t.Errorf("%s is missing", c.ID)
		}
	}
	for _, want := range []string{"What was not looked at", d.Result.Scan.ID, production, sandbox, "SEC-12", "mutes.yaml:7", "ann@acme.example", "stance verify bundle.zip"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if title := r.Trailer().Key("Info").Key("Title").Text(); title != d.title() {
		t.Errorf("the title is %q", title)
	}
}

func TestPDFHasAnOutlineBySectionAndCheck(t *testing.T) {
	r, _ := readPDF(t, written(t, PDF{}, sample()))
	var all []string
	var walk func(o reader.Outline, depth int)
	walk = func(o reader.Outline, depth int) {
		for _, c := range o.Child {
			all = append(all, strings.Repeat("  ", depth)+c.Title)
			walk(c, depth+1)
		}
	}
	walk(r.Outline(), 0)
	outline := "\n" + strings.Join(all, "\n") + "\n"
	for _, want := range []string{
		"\nSummary\n", "\nWhat was not looked at\n", "\nRequirements\n  1  Identities\n    1.1  Every console user has MFA\n",
		"\n    2.1  Storage\n      2.1.1  Buckets keep versions\n", "\n    164.308(a)(1)(ii)(A)  Threats are watched for\n",
		"\n  Something fails\n    IAM users with a password have MFA | always, *truly*\n",
	} {
		if !strings.Contains(outline, want) {
			t.Errorf("the outline has no %q:%s", want, outline)
		}
	}
}

func TestPDFEmbedsItsFontsAndAllLinksLeadSomewhere(t *testing.T) {
	r, _ := readPDF(t, written(t, PDF{}, sample()))
	fonts := r.Page(1).Resources().Key("Font")
	for _, name := range fonts.Keys() {
		font := fonts.Key(name)
		if font.Key("DescendantFonts").Index(0).Key("FontDescriptor").Key("FontFile2").Kind() != reader.Stream || font.Key("ToUnicode").Kind() != reader.Stream {
			t.Errorf("%s is not embedded", font.Key("BaseFont").Name())
		}
	}
	if len(fonts.Keys()) < 3 {
		t.Errorf("the document has the fonts %v", fonts.Keys())
	}
	names, targets := r.Trailer().Key("Root").Key("Names").Key("Dests").Key("Names"), map[string]bool{}
	for i := 0; i < names.Len(); i += 2 {
		targets[names.Index(i).RawString()] = true
	}
	links := 0
	for n := 1; n <= r.NumPage(); n++ {
		annotations := r.Page(n).V.Key("Annots")
		for i := range annotations.Len() {
			dest, address := annotations.Index(i).Key("Dest"), annotations.Index(i).Key("A").Key("URI")
			if !dest.IsNull() && !targets[dest.RawString()] || dest.IsNull() && !strings.HasPrefix(address.RawString(), "https://") {
				t.Errorf("a link on page %d leads to %v %v", n, dest, address)
			}
			links++
		}
	}
	if links < 50 {
		t.Errorf("there are %d links", links)
	}
}

func TestPDFIsTheSameTwice(t *testing.T) {
	if !bytes.Equal(written(t, PDF{}, sample()), written(t, PDF{}, sample())) {
		t.Error("two files of one document differ")
	}
}

func TestPDFTakesNamesOfAnyLength(t *testing.T) {
	huge := strings.Repeat("=cmd|日本\x1b[31m\u202e ", 1<<20/20)
	d := sample()
	d.Report.Framework.Publisher, d.Report.Framework.Missing, d.Report.Notes = huge, huge, []string{huge}
	d.Result.Scan.Accounts[0].Name, d.Report.Scopes[0].Name, d.Report.Scopes[0].Account = huge, huge, huge
	found := sampleFindings()
	for i := range found {
		found[i].Resource, found[i].ResourceName, found[i].Found, found[i].Region = huge, huge, huge, huge
	}
	d.Result.Findings = listed(found)
	resum(d)
	_, pages := readPDF(t, written(t, PDF{}, d))
	if len(pages) > 120 {
		t.Errorf("there are %d pages", len(pages))
	}
	for _, r := range strings.Join(pages, "") {
		if r < ' ' && r != '\n' || r == 0x202e || r > 0x2fff {
			t.Fatalf("the text has %U", r)
		}
	}
}

// manyKinds are so many findings of all kinds that are not held.
func manyKinds(n int) *Document {
	d, some := sample(), sampleFindings()
	each := func(yield func(evaluate.Finding, error) bool) {
		for i := range n {
			f := some[i*len(some)/n]
			f.ResourceName = fmt.Sprintf("resource-%06d-with-a-name-of-usual-length", i)
			f.Resource = "arn:aws:x:eu-west-1:111122223333:thing/" + f.ResourceName
			if !yield(f, nil) {
				return
			}
		}
	}
	var all []evaluate.Finding
	for i := range n {
		all = append(all, some[i*len(some)/n])
	}
	d.Report = assess(d, all, sampleAttestations())
	d.Result.Findings = each
	resum(d)
	return d
}

func TestPDFOfManyFindingsIsBounded(t *testing.T) {
	d := manyKinds(100_000)
	var before, after runtime.MemStats
	var out bytes.Buffer
	runtime.GC()
	runtime.ReadMemStats(&before)
	if err := (PDF{}).Write(&out, d, terminal.Terminal{}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	_, pages := readPDF(t, out.Bytes())
	if len(pages) > 200 || out.Len() > 3<<20 {
		t.Errorf("%d pages of %d bytes", len(pages), out.Len())
	}
	if spent := after.TotalAlloc - before.TotalAlloc; spent > 200<<20 {
		t.Errorf("%d MiB were allocated", spent>>20)
	}
	text := strings.Join(pages, "\n")
	if listed := strings.Count(text, "arn:aws:x:"); listed > int(paperBounds.all) || listed < int(paperBounds.all)/2 {
		t.Errorf("%d findings are listed", listed)
	}
	if !strings.Contains(text, "of 100,000 findings are listed") || !strings.Contains(text, "Not listed: ") {
		t.Error("what is not listed is not said")
	}
}

func BenchmarkPDF(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			d := manyKinds(n)
			b.ReportAllocs()
			for b.Loop() {
				if err := (PDF{}).Write(io.Discard, d, terminal.Terminal{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
