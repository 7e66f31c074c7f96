package normalize

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"time"
)

// What is looked at of one text. Bundles of all authorities that browsers trust hold 150 certificates in 250 KiB.
const (
	maxCertificates     = 1000
	maxCertificateBytes = 2 << 20
)

// Kinds of PEM blocks.
const (
	blockCertificate = "CERTIFICATE"
	blockRequest     = "CERTIFICATE REQUEST"
	blockOldRequest  = "NEW CERTIFICATE REQUEST"
)

var pemStart = []byte("-----BEGIN ")

var errNoCertificate = errors.New("no certificate")

// holder is whom a certificate, or a request for one, names, and with which key.
type holder struct {
	Subject       string   `json:"subject"`
	CommonName    *string  `json:"common_name"` // null if there is none
	Organizations []string `json:"organizations"`
	DNSNames      []string `json:"dns_names"`
	IPAddresses   []string `json:"ip_addresses"`
	KeyType       *string  `json:"key_type"`  // RSA, ECDSA, Ed25519 or DSA; null for others
	KeyBits       *int     `json:"key_bits"`  // null if the key is of no kind that is known
	Signature     *string  `json:"signature"` // such as SHA256-RSA; null for others
}

type certificate struct {
	holder
	Issuer     string `json:"issuer"`
	Serial     string `json:"serial"` // hexadecimal
	NotBefore  string `json:"not_before"`
	NotAfter   string `json:"not_after"`
	IsCA       bool   `json:"is_ca"`
	SelfSigned bool   `json:"self_signed"`
}

// Certificates gives the X.509 certificates in text, in its order, as a JSON list. The text is PEM, or base64 of PEM or of
// DER. It is read as programs read trust: blocks of other kinds and what stands between blocks are passed over, and so are
// certificates that cannot be parsed, because nobody trusts them either. Nothing of a private key is ever given. A text
// without any certificate is refused, and so is one of more than 1000 of them or 2 MiB.
//
// A certificate is called self-signed by its names and key ids: its signature is not computed.
func Certificates(text string) (string, error) {
	blocks, err := derBlocks(text, blockCertificate)
	if err != nil {
		return "", err
	}
	var all []certificate
	for _, der := range blocks {
		parsed, err := x509.ParseCertificates(der)
		if err != nil {
			continue
		}
		if len(all)+len(parsed) > maxCertificates {
			return "", errors.New("too many certificates")
		}
		for _, c := range parsed {
			all = append(all, certificateOf(c))
		}
	}
	if len(all) == 0 {
		return "", errNoCertificate
	}
	return jsonText(all)
}

// CertificateRequest gives a request for a certificate (PKCS #10) as a JSON object: whom it names, as the API server of
// Kubernetes reads it. The text is PEM, or base64 of PEM or of DER; the first request in it counts.
func CertificateRequest(text string) (string, error) {
	blocks, err := derBlocks(text, blockRequest, blockOldRequest)
	if err != nil {
		return "", err
	}
	r, err := x509.ParseCertificateRequest(blocks[0])
	if err != nil {
		return "", fmt.Errorf("not a request for a certificate: %w", err)
	}
	h := holderOf(r.Subject, r.DNSNames, r.PublicKey, r.PublicKeyAlgorithm, r.SignatureAlgorithm)
	for _, ip := range r.IPAddresses {
		h.IPAddresses = append(h.IPAddresses, ip.String())
	}
	return jsonText(h)
}

// derBlocks are the PEM blocks of some kinds, or the text itself if it is DER in base64; at least one.
func derBlocks(text string, kinds ...string) ([][]byte, error) {
	if len(text) > maxCertificateBytes {
		return nil, errors.New("too large for certificates")
	}
	body := []byte(text)
	if !bytes.Contains(body, pemStart) {
		decoded, err := base64.StdEncoding.DecodeString(string(bytes.Join(bytes.Fields(body), nil)))
		if err != nil {
			return nil, fmt.Errorf("neither PEM nor base64: %w", err)
		}
		if !bytes.Contains(decoded, pemStart) {
			return [][]byte{decoded}, nil
		}
		body = decoded
	}
	var blocks [][]byte
	for {
		var block *pem.Block
		if block, body = pem.Decode(body); block == nil {
			break
		}
		if slices.Contains(kinds, block.Type) && len(block.Headers) == 0 {
			blocks = append(blocks, block.Bytes)
		}
	}
	if len(blocks) == 0 {
		return nil, errNoCertificate
	}
	return blocks, nil
}

func certificateOf(c *x509.Certificate) certificate {
	out := certificate{
		holder:     holderOf(c.Subject, c.DNSNames, c.PublicKey, c.PublicKeyAlgorithm, c.SignatureAlgorithm),
		Issuer:     c.Issuer.String(),
		Serial:     c.SerialNumber.Text(16),
		NotBefore:  c.NotBefore.UTC().Format(time.RFC3339),
		NotAfter:   c.NotAfter.UTC().Format(time.RFC3339),
		IsCA:       c.IsCA,
		SelfSigned: bytes.Equal(c.RawSubject, c.RawIssuer) && (len(c.AuthorityKeyId) == 0 || bytes.Equal(c.AuthorityKeyId, c.SubjectKeyId)),
	}
	for _, ip := range c.IPAddresses {
		out.IPAddresses = append(out.IPAddresses, ip.String())
	}
	return out
}

func holderOf(subject pkix.Name, dnsNames []string, key any, keys x509.PublicKeyAlgorithm, signature x509.SignatureAlgorithm) holder {
	h := holder{
		Subject:       subject.String(),
		Organizations: append([]string{}, subject.Organization...),
		DNSNames:      append([]string{}, dnsNames...),
		IPAddresses:   []string{},
	}
	if subject.CommonName != "" {
		h.CommonName = &subject.CommonName
	}
	if keys != x509.UnknownPublicKeyAlgorithm {
		name := keys.String()
		h.KeyType = &name
	}
	if bits := keyBits(key); bits > 0 {
		h.KeyBits = &bits
	}
	if signature != x509.UnknownSignatureAlgorithm {
		name := signature.String()
		h.Signature = &name
	}
	return h
}

// keyBits is the size that a kind of key is told by; 0 if it is not known.
func keyBits(key any) int {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return k.N.BitLen()
	case *ecdsa.PublicKey:
		return k.Params().BitSize
	case ed25519.PublicKey:
		return 8 * len(k)
	}
	return 0
}

func jsonText(value any) (string, error) {
	text, err := json.Marshal(value)
	return string(text), err
}
