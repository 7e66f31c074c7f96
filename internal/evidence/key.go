package evidence

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const (
	privateBlock = "PRIVATE KEY" // PKCS#8
	publicBlock  = "PUBLIC KEY"  // PKIX
)

// DefaultKey is the file of the key that signs where no other is named.
func DefaultKey() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find the folder of the key that signs evidence: %w", err)
	}
	return filepath.Join(dir, "stance", "evidence.key"), nil
}

// signingKey reads the key that signs. The default one is made on first use; another must be there.
func signingKey(file string) (ed25519.PrivateKey, error) {
	if file != "" {
		key, err := readPrivate(file)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no key %s: make one with openssl genpkey -algorithm ed25519 -out %[1]s", file)
		}
		return key, err
	}
	file, err := DefaultKey()
	if err != nil {
		return nil, err
	}
	key, err := readPrivate(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := makeKey(file); err != nil && !errors.Is(err, fs.ErrExist) { // another process may have been first
		return nil, fmt.Errorf("make the key that signs evidence: %w", err)
	}
	return readPrivate(file)
}

// makeKey writes a new key, which appears whole, and never in the place of another.
func makeKey(file string) error {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	dir := filepath.Dir(file)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	part, err := os.CreateTemp(dir, "evidence-*.part") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(part.Name()) //nolint:errcheck // it is a second name of the key, or was left behind by an error that is told
	_, err = part.Write(pem.EncodeToMemory(&pem.Block{Type: privateBlock, Bytes: der}))
	if err = errors.Join(err, part.Sync(), part.Close()); err != nil {
		return err
	}
	return os.Link(part.Name(), file)
}

// readPrivate reads a key that signs. It refuses one that others may have read: nobody could say any more who signed.
func readPrivate(file string) (ed25519.PrivateKey, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("read the key that signs evidence: %w", err)
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o077 != 0 {
		return nil, fmt.Errorf("the key %s can be read by others (mode %04o): if nobody has, chmod 600 %[1]s; else move it away, and a new one is made", file, mode)
	}
	block, err := readBlock(file)
	if err != nil {
		return nil, err
	}
	if block.Type == privateBlock {
		if key, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			if key, ok := key.(ed25519.PrivateKey); ok {
				return key, nil
			}
			return nil, fmt.Errorf("the key %s is %T, but Ed25519 is wanted", file, key)
		}
	}
	return nil, fmt.Errorf("the key %s is damaged: it is no Ed25519 key in PKCS#8; move it away, and a new one is made", file)
}

func readBlock(file string) (*pem.Block, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("the key %s is damaged: it is no PEM file", file)
	}
	return block, nil
}

// ReadPublicKey reads the file of a key that evidence is to be signed with: a public key, or a private one.
func ReadPublicKey(file string) (ed25519.PublicKey, error) {
	block, err := readBlock(file)
	if err != nil {
		return nil, err
	}
	if block.Type == privateBlock {
		if key, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			if key, ok := key.(ed25519.PrivateKey); ok {
				return key.Public().(ed25519.PublicKey), nil
			}
		}
	}
	key, err := parsePublic(block)
	if err != nil {
		return nil, fmt.Errorf("the key %s %w", file, err)
	}
	return key, nil
}

func parsePublic(block *pem.Block) (ed25519.PublicKey, error) {
	if block != nil && block.Type == publicBlock {
		if key, err := x509.ParsePKIXPublicKey(block.Bytes); err == nil {
			if key, ok := key.(ed25519.PublicKey); ok {
				return key, nil
			}
		}
	}
	return nil, errors.New("is no Ed25519 public key in PEM")
}

func publicPEM(key ed25519.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: publicBlock, Bytes: der}), nil
}

// Fingerprint names a key: the SHA-256 of its PKIX form, as openssl pkey -pubin -outform DER writes it.
func Fingerprint(key ed25519.PublicKey) string {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil { // not of Ed25519
		return ""
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// ParseFingerprint reads a fingerprint as people write it: with colons, blanks, capitals or sha256: before it. A part of one is refused,
// since keys that share it can be made.
func ParseFingerprint(text string) (string, error) {
	plain := strings.ToLower(strings.TrimSpace(text))
	plain = strings.TrimPrefix(plain, "sha256:")
	plain = strings.NewReplacer(":", "", " ", "").Replace(plain)
	if sum, err := hex.DecodeString(plain); err != nil || len(sum) != sha256.Size {
		return "", fmt.Errorf("%q is no fingerprint: the 64 hexadecimal digits that `stance verify` prints are wanted", text)
	}
	return plain, nil
}
