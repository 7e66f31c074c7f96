package api

import (
	"testing"

	apidata "github.com/stancehq/stance/content/aws/api"
	"github.com/stancehq/stance/internal/descriptions"
)

// The archive is part of the binary that everybody downloads.
func TestArchiveStaysSmall(t *testing.T) {
	if n := len(apidata.Services); n > 2_500_000 {
		t.Errorf("the archive has %d bytes, want at most 2.5 MB", n)
	}
}

// fresh opens the archive anew, as the first use in a process does.
func fresh(b *testing.B) *archive {
	b.Helper()
	a, err := readArchive()
	if err != nil {
		b.Fatal(err)
	}
	return a
}

func BenchmarkLoad(b *testing.B) {
	for _, service := range []string{"ec2", "iam", "s3"} {
		b.Run(service, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := fresh(b).services[service](); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLoadAll(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		a := fresh(b)
		for _, load := range a.services {
			if _, err := load(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkNames(b *testing.B) {
	for b.Loop() {
		if len(fresh(b).names) == 0 {
			b.Fatal("no services")
		}
	}
}

func BenchmarkFacts(b *testing.B) {
	for b.Loop() {
		if _, err := descriptions.Decode[Facts](fresh(b).Archive, "facts.json"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAPIOperation(b *testing.B) {
	if _, err := Load("ec2"); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := API().Operation("ec2", "DescribeInstances"); err != nil {
			b.Fatal(err)
		}
	}
}
