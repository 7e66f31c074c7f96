package evidence

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/history"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/providertest"
	"github.com/stancehq/stance/internal/scan"
	"github.com/stancehq/stance/test/recorded"
)

// shared is where what all tests read lies.
var shared string

// TestMain gives all tests a home of their own, so that the key is not the user's.
func TestMain(m *testing.M) {
	code := 1
	var err error
	if shared, err = os.MkdirTemp("", "stance-evidence-"); err == nil {
		if err = os.Setenv("XDG_CONFIG_HOME", filepath.Join(shared, "config")); err == nil {
			code = m.Run()
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.RemoveAll(shared)
	os.Exit(code)
}

// cloud is the recorded one.
var cloud = sync.OnceValues(func() (*recorded.Cloud, error) { return recorded.Open(context.Background()) })

func open(t *testing.T) *recorded.Cloud {
	t.Helper()
	c, err := cloud()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// scanned is a scan of the recorded cloud into a lake.
type scanned struct {
	checks   []string // nil: all
	settings string   // as in stance.yaml
	deny     []string // calls that are refused
	odd      map[string]string
	at       time.Time
}

func (s scanned) into(t *testing.T, lake string) {
	t.Helper()
	c := open(t)
	deny := map[string]bool{}
	for _, call := range s.deny {
		deny[call] = true
	}
	p, stop, err := c.SignIn(t.Context(), providertest.Disturbance{Deny: deny})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if s.at.IsZero() {
		s.at = recorded.At
	}
	outcome, err := scan.Run(t.Context(), scan.Options{
		Provider: oddly{p, s.odd}, Library: c.Library, Catalog: c.Catalog, Settings: settings(t, s.settings), Checks: s.chosen(t), Once: true,
		Lake: lake, Spools: t.TempDir(), Version: "test", Now: func() time.Time { return s.at },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := outcome.Close(); err != nil {
		t.Fatal(err)
	}
}

func (s scanned) chosen(t *testing.T) []*plan.Check {
	t.Helper()
	c := open(t)
	if s.checks == nil {
		return c.Checks
	}
	var checks []*plan.Check
	for _, id := range s.checks {
		if c.Catalog.Checks[id] == nil {
			t.Fatalf("there is no check %s", id)
		}
		checks = append(checks, c.Catalog.Checks[id])
	}
	return checks
}

func settings(t *testing.T, text string) *content.Settings {
	t.Helper()
	c := open(t)
	if text == "" {
		return content.DefaultSettings(c.Library)
	}
	file := filepath.Join(t.TempDir(), "stance.yaml")
	write(t, file, []byte(text))
	settings, problems := content.LoadSettings(file, c.Library)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return settings
}

// oddly answers some calls, by name and a word of their input, with other documents than the cloud's.
type oddly struct {
	provider.Provider
	answers map[string]string
}

func (o oddly) Call(ctx context.Context, request provider.Request) (*provider.Answer, error) {
	answer, err := o.Provider.Call(ctx, request)
	for about, document := range o.answers {
		call, word, _ := strings.Cut(about, " ")
		if call == request.Service+":"+request.Op && strings.Contains(fmt.Sprint(request.Input), word) {
			return &provider.Answer{Document: []byte(document)}, nil
		}
	}
	return answer, err
}

// fewChecks are enough for most tests: about rows, derived rows and by a query, with parameters, and of what is read of secrets.
var fewChecks = []string{
	"aws_s3_bucket_versioning", "aws_s3_bucket_not_public", "aws_iam_policy_inline_not_admin", "aws_rds_instance_backups",
	"aws_lambda_function_no_secrets_in_environment", "aws_vpc_security_group_internet_ports_allowed",
}

var few struct {
	once   sync.Once
	lake   string
	bundle string
}

// fewWritten is a bundle of fewChecks, which must not be changed, and the lake that it is from.
func fewWritten(t *testing.T) (bundle, lake string) {
	t.Helper()
	few.once.Do(func() {
		lake := filepath.Join(shared, "few")
		scanned{checks: fewChecks}.into(t, lake)
		few.lake, few.bundle = lake, filepath.Join(shared, "few.zip")
		written(t, few.bundle, few.lake, Options{})
	})
	if few.bundle == "" {
		t.Fatal("there is no bundle")
	}
	return few.bundle, few.lake
}

// options completes those of Write.
func options(t *testing.T, lake string, o Options) Options {
	t.Helper()
	h, err := history.Open(t.Context(), history.Options{Lake: lake})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	c := open(t)
	o.History, o.Library, o.Version = h, c.Library, "test"
	if o.Catalog == nil {
		o.Catalog = c.Catalog
	}
	if o.Now == nil {
		o.Now = func() time.Time { return recorded.At.Add(time.Hour) }
	}
	return o
}

func written(t *testing.T, bundle, lake string, o Options) Written {
	t.Helper()
	made, err := Write(t.Context(), bundle, options(t, lake, o))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func verified(t *testing.T, bundle string, o VerifyOptions) *Report {
	t.Helper()
	r, err := Verify(t.Context(), bundle, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// known is the program's own content, with which verifying takes a quarter of the time.
func known(t *testing.T) *Current {
	t.Helper()
	c := open(t)
	return &Current{Library: c.Library, Catalog: c.Catalog}
}

func text(t *testing.T, r *Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := r.Text(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// files are those of a bundle, by name.
func files(t *testing.T, bundle string) map[string][]byte {
	t.Helper()
	z, err := zip.OpenReader(bundle)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	all := map[string][]byte{}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if all[f.Name], err = io.ReadAll(in); err != nil {
			t.Fatal(err)
		}
		in.Close()
	}
	return all
}

// zipped writes files as a zip.
func zipped(t *testing.T, all map[string][]byte) string {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	names := []string{}
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write(all[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	bundle := filepath.Join(t.TempDir(), "changed.zip")
	write(t, bundle, out.Bytes())
	return bundle
}

// changed is the small bundle with some of its files changed, and not signed again.
func changed(t *testing.T, change func(all map[string][]byte)) string {
	t.Helper()
	bundle, _ := fewWritten(t)
	all := files(t, bundle)
	change(all)
	return zipped(t, all)
}

// signed is the small bundle with some of its files changed, and signed anew, as somebody does who has a key.
func signed(t *testing.T, key ed25519.PrivateKey, change func(all map[string][]byte)) string {
	t.Helper()
	return changed(t, func(all map[string][]byte) {
		change(all)
		var m manifest
		if err := json.Unmarshal(all[manifestName], &m); err != nil {
			t.Fatal(err)
		}
		m.Files = nil
		for name, text := range all {
			if name != manifestName && name != signatureName && name != publicKeyName {
				m.Files = append(m.Files, fileManifest{name, sum(text), int64(len(text))})
			}
		}
		text, err := m.write()
		if err != nil {
			t.Fatal(err)
		}
		public, err := publicPEM(key.Public().(ed25519.PublicKey))
		if err != nil {
			t.Fatal(err)
		}
		all[manifestName], all[signatureName], all[publicKeyName] = text, ed25519.Sign(key, text), public
	})
}

func write(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// fileOf is the name of the one file of a bundle that ends in some way.
func fileOf(t *testing.T, all map[string][]byte, end string) string {
	t.Helper()
	for name := range all {
		if strings.HasSuffix(name, end) {
			return name
		}
	}
	t.Fatalf("no file ends in %s", end)
	return ""
}
