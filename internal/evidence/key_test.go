package evidence

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestTheKeyIsMadeOnce(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	keys := make([]ed25519.PrivateKey, 8)
	errs := make([]error, len(keys))
	var all sync.WaitGroup
	for i := range keys {
		all.Go(func() { keys[i], errs[i] = signingKey("") })
	}
	all.Wait()
	for i := range keys {
		if errs[i] != nil || !keys[i].Equal(keys[0]) {
			t.Errorf("one who came at the same time has another key: %v", errs[i])
		}
	}
	file, err := DefaultKey()
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) != 1 {
		t.Errorf("beside it lie %v, %v", left, err)
	}
}

func TestAKeyThatCannotBeTrusted(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	if _, err := signingKey(""); err != nil {
		t.Fatal(err)
	}
	file, err := DefaultKey()
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := signingKey(""); err == nil || !strings.Contains(err.Error(), "can be read by others (mode 0644): if nobody has, chmod 600 "+file) {
		t.Errorf("one that others can read: %v", err)
	}
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, text := range [][]byte{nil, whole[:40], []byte("x"), pem.EncodeToMemory(&pem.Block{Type: privateBlock, Bytes: []byte("x")})} {
		write(t, file, text)
		if _, err := signingKey(""); err == nil || !strings.Contains(err.Error(), "the key "+file+" is damaged") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := signingKey(filepath.Join(t.TempDir(), "own.key")); err == nil || !strings.Contains(err.Error(), "make one with openssl genpkey -algorithm ed25519") {
		t.Errorf("one that is not there: %v", err)
	}
}

// TestAKeyOfOpenSSL: one that is made as the message says signs, and its public half, as openssl writes it, says who signed.
func TestAKeyOfOpenSSL(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Fatal(err)
	}
	private, public := filepath.Join(t.TempDir(), "own.key"), filepath.Join(t.TempDir(), "own.pub")
	for _, args := range [][]string{
		{"genpkey", "-algorithm", "ed25519", "-out", private}, {"pkey", "-in", private, "-pubout", "-out", public}, {"genrsa", "-out", private + ".rsa"},
	} {
		if out, err := exec.CommandContext(t.Context(), "openssl", args...).CombinedOutput(); err != nil {
			t.Fatalf("%s %v", out, err)
		}
	}
	_, lake := fewWritten(t)
	bundle := filepath.Join(t.TempDir(), "own.zip")
	made := written(t, bundle, lake, Options{Key: private, Checks: fewChecks[:1]})
	for _, file := range []string{private, public} {
		key, err := ReadPublicKey(file)
		if err != nil {
			t.Fatal(err)
		}
		if r := verified(t, bundle, VerifyOptions{Known: known(t), Fingerprint: Fingerprint(key)}); !r.OK() || made.Fingerprint != Fingerprint(key) {
			t.Errorf("%s: %s", file, text(t, r))
		}
	}
	if _, err := signingKey(private + ".rsa"); err == nil || !strings.Contains(err.Error(), "Ed25519 is wanted") {
		t.Errorf("of another kind: %v", err)
	}
}

func TestFingerprintsAsPeopleWriteThem(t *testing.T) {
	key := newKey(t)
	plain := Fingerprint(key.Public().(ed25519.PublicKey))
	colons := strings.ToUpper(plain[:2] + ":" + plain[2:4] + ":" + plain[4:])
	for _, text := range []string{plain, "sha256:" + plain, "SHA256:" + strings.ToUpper(plain), colons, " " + plain + "\n"} {
		if got, err := ParseFingerprint(text); err != nil || got != plain {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "x", plain[:16], plain + "00", plain[:63]} {
		if _, err := ParseFingerprint(text); err == nil || !strings.Contains(err.Error(), "is no fingerprint") {
			t.Errorf("%q: %v", text, err)
		}
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil || sum(der) != plain {
		t.Errorf("it is not what sha256sum says: %v", err)
	}
}
