package normalize

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// negativeSerial is a certificate that OpenSSL makes and Go refuses.
const negativeSerial = `-----BEGIN CERTIFICATE-----
MIIBZzCCAQ6gAwIBAgIB+zAKBggqhkjOPQQDAjATMREwDwYDVQQDDAhuZWdhdGl2
ZTAeFw0yNjExMjIxMTE2MDFaFw0zNjExMTkxMTE2MDFaMBMxETAPBgNVBAMMCG5l
Z2F0aXZlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEhslSw376VgsBReOpB3aB
vUur2uDweD0dMXJiqw/aBE7syQLoy3r9Dy7VxybYrb+vftIX9ZnJLDuOiTQZLP9h
vqNTMFEwHQYDVR0OBBYEFIRon87SUDNi0d5Zm4BrKxbFLdogMB8GA1UdIwQYMBaA
FIRon87SUDNi0d5Zm4BrKxbFLdogMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0E
AwIDRwAwRAIgPpXYcXZBbFyb8HFwNHb9fy1zHM98Y2F2sKpj2jD63QACIBIoH6PD
i5VIFW5h2uhIO5tHdabPf4tXVzhoB5wsXSyp
-----END CERTIFICATE-----
`

func TestCertificatesSayWhatTheyHold(t *testing.T) {
	key := ellipticKey(t, elliptic.P256())
	der := signed(t, &x509.Certificate{
		SerialNumber: big.NewInt(0xbeef),
		Subject:      pkix.Name{CommonName: "web", Organization: []string{"b", "a, \"c\""}},
		NotBefore:    time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2026, 4, 1, 12, 30, 0, 0, time.UTC),
		DNSNames: []string{"web.example.com", "*.example.com"}, IPAddresses: []net.IP{net.ParseIP("10.0.0.1"), net.ParseIP("fd00::1")},
		IsCA: true, BasicConstraintsValid: true,
	}, nil, key)
	want := `[{"subject":"CN=web,O=b+O=a\\, \\\"c\\\"","common_name":"web","organizations":["b","a, \"c\""],` +
		`"dns_names":["web.example.com","*.example.com"],"ip_addresses":["10.0.0.1","fd00::1"],"key_type":"ECDSA","key_bits":256,` +
		`"signature":"ECDSA-SHA256","issuer":"CN=web,O=b+O=a\\, \\\"c\\\"","serial":"beef","not_before":"2026-01-01T00:00:00Z",` +
		`"not_after":"2026-04-01T12:30:00Z","is_ca":true,"self_signed":true}]`
	text := pemOf(blockCertificate, der)
	for name, in := range map[string]string{
		"PEM":                       text,
		"PEM with line ends of DOS": strings.ReplaceAll(text, "\n", "\r\n"),
		"PEM in base64":             base64.StdEncoding.EncodeToString([]byte(text)),
		"PEM in base64, in lines":   inLines(base64.StdEncoding.EncodeToString([]byte(text))),
		"DER in base64":             base64.StdEncoding.EncodeToString(der),
		"with words around it":      "0 s:CN=web\n" + text + "the end",
		"words around it in base64": base64.StdEncoding.EncodeToString([]byte("0 s:CN=web\n" + text + "the end")),
	} {
		if got, err := Certificates(in); err != nil || got != want {
			t.Errorf("%s: %s, %v\nwant %s", name, got, err, want)
		}
	}
}

func TestCertificatesAreTheParsedOnesInOrder(t *testing.T) {
	key := ellipticKey(t, elliptic.P256())
	named := func(name string) []byte {
		return signed(t, &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}}, nil, key)
	}
	a, b := pemOf(blockCertificate, named("a")), pemOf(blockCertificate, named("b"))
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, in, want string }{
		{"several blocks", b + a, "b a"},
		{"the same one twice", a + a, "a a"},
		{"a private key between", a + pemOf("PRIVATE KEY", private) + b, "a b"},
		{"a broken block between", a + pemOf(blockCertificate, []byte("x")) + b, "a b"},
		{"a block without an end", a + "-----BEGIN CERTIFICATE-----\nTUlJ\n" + b, "a b"},
		{"a negative serial number, which nobody takes", a + negativeSerial + b, "a b"},
		{"bytes behind a certificate", a + pemOf(blockCertificate, append(named("b"), 0)), "a"},
		{"a block with headers, which is no plain one", "-----BEGIN CERTIFICATE-----\nX: y\n\n" + strings.TrimPrefix(a, "-----BEGIN CERTIFICATE-----\n") + b, "b"},
		{"certificates one behind the other in DER", base64.StdEncoding.EncodeToString(append(named("a"), named("b")...)), "a b"},
		{"a private key alone", pemOf("PRIVATE KEY", private), ""},
		{"a private key that says that it is a certificate", pemOf(blockCertificate, private), ""},
		{"a negative serial number alone", negativeSerial, ""},
		{"base64 of base64, which nobody reads", twice(a), ""},
		{"half a certificate", base64.StdEncoding.EncodeToString(named("a")[:100]), ""},
		{"base64 of something else", "LS0t", ""},
		{"words", "not a certificate", ""},
		{"nothing", "", ""},
		{"spaces", " \n", ""},
	} {
		got, err := Certificates(c.in)
		if names := namesIn(t, got); names != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s: %q, %v; want %q", c.name, names, err, c.want)
		}
		if strings.Contains(got, base64.StdEncoding.EncodeToString(private[40:70])) {
			t.Errorf("%s: gives the private key", c.name)
		}
	}
}

func TestCertificatesTellOfKeysAndSignatures(t *testing.T) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		key       crypto.Signer
		signature x509.SignatureAlgorithm
		want      string
	}{
		{long, x509.SHA256WithRSA, "RSA 2048 SHA256-RSA"},
		{long, x509.SHA1WithRSA, "RSA 2048 SHA1-RSA"},
		{long, x509.SHA384WithRSAPSS, "RSA 2048 SHA384-RSAPSS"},
		{ellipticKey(t, elliptic.P224()), x509.ECDSAWithSHA1, "ECDSA 224 ECDSA-SHA1"},
		{ellipticKey(t, elliptic.P521()), x509.ECDSAWithSHA512, "ECDSA 521 ECDSA-SHA512"},
		{ed, x509.PureEd25519, "Ed25519 256 Ed25519"},
	} {
		der := signed(t, &x509.Certificate{SerialNumber: big.NewInt(1), SignatureAlgorithm: c.signature}, nil, c.key)
		one := parsed(t, pemOf(blockCertificate, der))[0]
		if got := strings.Join([]string{one["key_type"].(string), string(one["key_bits"].(json.Number)), one["signature"].(string)}, " "); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
		if one["common_name"] != nil || one["subject"] != "" {
			t.Errorf("no name is %v, %v", one["common_name"], one["subject"])
		}
	}
}

func TestOnlyCertificatesOfTheirOwnAreSelfSigned(t *testing.T) {
	root, key := ellipticKey(t, elliptic.P256()), ellipticKey(t, elliptic.P256())
	name := pkix.Name{CommonName: "ca"}
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: name, IsCA: true, BasicConstraintsValid: true, SubjectKeyId: []byte{1}}
	for _, c := range []struct {
		name string
		cert *x509.Certificate
		by   *x509.Certificate
		want bool
	}{
		{"a root", ca, ca, true},
		{"signed by another", &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "web"}}, ca, false},
		{"another key under the same name", &x509.Certificate{SerialNumber: big.NewInt(2), Subject: name, SubjectKeyId: []byte{2}, AuthorityKeyId: []byte{1}}, ca, false},
	} {
		der, err := x509.CreateCertificate(rand.Reader, c.cert, c.by, key.Public(), root)
		if err != nil {
			t.Fatal(err)
		}
		if got := parsed(t, pemOf(blockCertificate, der))[0]["self_signed"]; got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// The API server takes the last of several common names, and all organizations.
func TestCertificateRequest(t *testing.T) {
	key := ellipticKey(t, elliptic.P256())
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject: pkix.Name{ExtraNames: []pkix.AttributeTypeAndValue{
			{Type: []int{2, 5, 4, 3}, Value: "system:node:a"},
			{Type: []int{2, 5, 4, 10}, Value: "system:nodes"},
			{Type: []int{2, 5, 4, 3}, Value: "eve"},
			{Type: []int{2, 5, 4, 10}, Value: "b"},
		}},
		DNSNames: []string{"node"}, IPAddresses: []net.IP{net.ParseIP("10.0.0.1")},
	}, key)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"subject":"CN=eve,O=system:nodes+O=b","common_name":"eve","organizations":["system:nodes","b"],"dns_names":["node"],` +
		`"ip_addresses":["10.0.0.1"],"key_type":"ECDSA","key_bits":256,"signature":"ECDSA-SHA256"}`
	text := pemOf(blockRequest, der)
	for name, in := range map[string]string{
		"PEM": text, "PEM in base64": base64.StdEncoding.EncodeToString([]byte(text)), "DER in base64": base64.StdEncoding.EncodeToString(der),
		"the old name": pemOf(blockOldRequest, der), "behind a key": pemOf("EC PRIVATE KEY", []byte("x")) + text,
	} {
		if got, err := CertificateRequest(in); err != nil || got != want {
			t.Errorf("%s: %s, %v\nwant %s", name, got, err, want)
		}
	}
	certificate := signed(t, &x509.Certificate{SerialNumber: big.NewInt(1)}, nil, key)
	for _, in := range []string{
		"", "eHg=", "x", pemOf(blockRequest, nil), pemOf(blockRequest, append(der, 0)), pemOf(blockCertificate, certificate),
		base64.StdEncoding.EncodeToString(certificate), strings.Repeat("A", maxCertificateBytes+1),
	} {
		if got, err := CertificateRequest(in); err == nil {
			t.Errorf("%.40q: %s", in, got)
		}
	}
	if got, err := Certificates(text); err == nil {
		t.Errorf("a request is a certificate: %s", got)
	}
}

func TestCertificatesRefuseBombs(t *testing.T) {
	der := signed(t, &x509.Certificate{SerialNumber: big.NewInt(1)}, nil, ellipticKey(t, elliptic.P256()))
	one := pemOf(blockCertificate, der)
	if got, err := Certificates(strings.Repeat(one, maxCertificates)); err != nil || len(got) < maxCertificates*100 {
		t.Errorf("%d bytes of %d certificates, %v", len(got), maxCertificates, err)
	}
	for name, in := range map[string]string{
		"many blocks":        strings.Repeat(one, maxCertificates+1),
		"many in one block":  pemOf(blockCertificate, bytes.Repeat(der, maxCertificates+1)),
		"many bytes":         one + strings.Repeat(" ", maxCertificateBytes),
		"beginnings":         strings.Repeat("-----BEGIN CERTIFICATE-----\n", maxCertificateBytes/30),
		"beginnings in line": strings.Repeat("-----BEGIN ", maxCertificateBytes/12),
		"ends":               "-----BEGIN CERTIFICATE-----\n" + strings.Repeat("-----END ", maxCertificateBytes/12),
		"empty blocks":       strings.Repeat("-----BEGIN X-----\n-----END X-----\n", maxCertificateBytes/40),
		"deep":               base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0x30, 0x80}, 500_000)),
	} {
		began := time.Now()
		if got, err := Certificates(in); err == nil {
			t.Errorf("%s: %.60s", name, got)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
	}
}

func FuzzCertificates(f *testing.F) {
	f.Add(negativeSerial)
	f.Add("LS0t")
	f.Fuzz(func(t *testing.T, text string) {
		for _, read := range []func(string) (string, error){Certificates, CertificateRequest} {
			if got, err := read(text); err == nil && !json.Valid([]byte(got)) {
				t.Errorf("%q gives %s", text, got)
			}
		}
	})
}

func ellipticKey(t *testing.T, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// signed makes a certificate, signed by another one's name with the same key; without another, by itself.
func signed(t *testing.T, c, by *x509.Certificate, key crypto.Signer) []byte {
	t.Helper()
	if by == nil {
		by = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, by, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func inLines(text string) string {
	var lines strings.Builder
	for len(text) > 76 {
		lines.WriteString(text[:76] + "\n")
		text = text[76:]
	}
	return lines.String() + text + "\n"
}

func twice(text string) string {
	return base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(text))))
}

func parsed(t *testing.T, text string) (all []map[string]any) {
	t.Helper()
	got, err := Certificates(text)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(got))
	decoder.UseNumber()
	if err := decoder.Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

func namesIn(t *testing.T, list string) string {
	t.Helper()
	if list == "" {
		return ""
	}
	var all []struct {
		CommonName string `json:"common_name"`
	}
	if err := json.Unmarshal([]byte(list), &all); err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].CommonName
	}
	return strings.Join(names, " ")
}
