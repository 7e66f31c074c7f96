package lake_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestADamagedFileIsNamedWithWhatToDo(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage func(whole []byte) []byte
	}{
		{"empty", func([]byte) []byte { return nil }},
		{"something else", func([]byte) []byte { return []byte("<html>this is not the file that you are looking for</html>") }},
		{"cut short", func(whole []byte) []byte { return whole[:len(whole)/2] }},
		{"overwritten at its end", func(whole []byte) []byte { return append(whole[:len(whole)-20], make([]byte, 20)...) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			l := openLake(t, dir)
			scan(t, l, "s1", 1, map[string][]string{"A": {"a1"}})
			const key = "tables/aws_s3_bucket/scan_id=s1/part-0.parquet"
			path := filepath.Join(dir, filepath.FromSlash(key))
			whole, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, c.damage(whole), 0o600); err != nil {
				t.Fatal(err)
			}
			err = read(t.Context(), t, l)
			if err == nil {
				t.Fatal("it was read")
			}
			for _, words := range []string{key, "damaged", "manifests/s1.json"} {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("it does not say %q: %v", words, err)
				}
			}
			for _, words := range []string{"SELECT", "LINE 1", "read_parquet"} {
				if strings.Contains(err.Error(), words) {
					t.Errorf("it holds our SQL: %v", err)
				}
			}
		})
	}
}
