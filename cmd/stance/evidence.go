package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	embedded "github.com/stancehq/stance/content"

	"github.com/stancehq/stance/internal/evidence"
	"github.com/stancehq/stance/internal/history"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/report"
)

// writeEvidence writes a bundle of the verdicts of some checks, of all where there are none, and says on the standard error what is in it.
// About says what the checks were chosen by.
func (a *app) writeEvidence(ctx context.Context, file string, h *history.History, l *library, catalog *plan.Catalog, checks []string, about string) error {
	made, err := evidence.Write(ctx, file, evidence.Options{
		History: h, Library: l.Library, Catalog: catalog, Settings: l.settings, Checks: checks, About: about,
		Version: version, Content: packHash(),
	})
	if err != nil || a.quiet {
		return err
	}
	fmt.Fprintf(a.err, "%s: %s of %s, with the %s that they rest on, signed with the key\n  %s\n", file, report.Count(made.Verdicts, "verdict"),
		report.Count(int64(made.Checks), "check"), report.Count(made.Documents, "document"), made.Fingerprint)
	return nil
}

// packHash names the content that is in the binary: its SHA-256, in hexadecimal digits.
func packHash() string {
	sum := sha256.Sum256(embedded.Pack)
	return hex.EncodeToString(sum[:])
}
