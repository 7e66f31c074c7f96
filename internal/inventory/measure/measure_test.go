package measure

import "testing"

// BenchmarkLoad streams 100,000 synthetic resources through load and transform.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		m, err := Load(b.Context(), Options{Rows: 100_000, TempDir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(m.RowsPerSecond(), "rows/s")
		b.ReportMetric(float64(m.Bytes)/1e6/m.Took.Seconds(), "MB/s")
		b.ReportMetric(float64(m.PeakRSS)/(1<<20), "peak-MiB")
	}
}

func TestEveryRowIsLoaded(t *testing.T) {
	m, err := Load(t.Context(), Options{Rows: 5000, TempDir: t.TempDir()})
	if err != nil || m.Rows != 5000 || m.Bytes < 5_000_000 {
		t.Errorf("%+v, %v", m, err)
	}
}
