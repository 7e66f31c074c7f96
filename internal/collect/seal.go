package collect

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/stancehq/stance/internal/plan"
)

// Seal encrypts the rows of tables that can hold secrets, so that none of them is on the disk in clear. Its key is never
// written: rows are readable as long as the process lives that made it, and a scan that is resumed later asks for those
// tables again.
type Seal struct {
	id   string // tells keys apart, and nothing of them
	aead cipher.AEAD
}

// NewSeal makes a seal with a key of its own.
func NewSeal() (*Seal, error) {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	sum := sha256.Sum256(key)
	return &Seal{id: hex.EncodeToString(sum[:8]), aead: aead}, nil
}

func (s *Seal) close(data []byte) []byte { return s.aead.Seal(nil, nil, data, nil) }

func (s *Seal) open(data []byte) ([]byte, error) {
	if s == nil {
		return nil, errSealed
	}
	return s.aead.Open(nil, nil, data, nil)
}

var errSealed = errors.New("it can hold secrets, and was readable only while its scan ran")

// fits says whether the rows of a unit can be read: they are in clear, or were written with this key.
func (s *Seal) fits(c *commit) bool {
	for _, f := range c.Frames {
		if f.Sealed != "" && (s == nil || f.Sealed != s.id) {
			return false
		}
	}
	return true
}

// secretive are the tables of a plan that can hold secrets: something of them is masked later.
func secretive(p *plan.Plan) map[string]bool {
	tables := map[string]bool{}
	for _, t := range p.Tables {
		if len(t.Table.Mask) > 0 {
			tables[t.Table.Name] = true
		}
	}
	return tables
}
