package report

import (
	"io"
	"testing"

	"github.com/stancehq/stance/internal/report/terminal"
)

// BenchmarkFormats writes 100,000 findings in every format.
func BenchmarkFormats(b *testing.B) {
	result := sampleResult(b)
	result.Findings = manyFindings(100_000)
	summarized(b, result)
	for _, f := range Formats() {
		b.Run(f.Name, func(b *testing.B) {
			for b.Loop() {
				if err := f.Writer.Write(io.Discard, result, terminal.Terminal{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
