//go:build unix

package manifest

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/stancehq/stance/internal/iac"
)

func TestLinksAndPipesNeitherLeaveTheFolderNorHang(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		filepath.Join(outside, "secret.yaml"): deployment, filepath.Join(dir, "shared.tpl"): `{{ define "name" }}linked{{ end }}`,
		filepath.Join(dir, "c", "Chart.yaml"): chartYAML, filepath.Join(dir, "c", "templates", "a.yaml"): "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ include \"name\" . }}}\n",
		filepath.Join(dir, "k", "kustomization.yaml"): "resources: [pipe.yaml, out.yaml]\n",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, link := range [][2]string{{filepath.Join(outside, "secret.yaml"), "out.yaml"}, {outside, "folder"}, {filepath.Join(outside, "secret.yaml"), "k/out.yaml"}, {"../../shared.tpl", "c/templates/_a.tpl"}, {".", "self"}} {
		if err := os.Symlink(link[0], filepath.Join(dir, link[1])); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"pipe.yaml", "k/pipe.yaml", "c/templates/pipe.yaml"} {
		if err := unix.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	found, err := Find(t.Context(), root.FS(), iac.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	units, err := Read(t.Context(), root.FS(), found, options())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, u := range units {
		got = append(got, addresses(u)...)
	}
	if !slices.Equal(got, []string{"ConfigMap/default/linked"}) {
		t.Errorf("objects %v", got)
	}
}
