package functions

import (
	"crypto/md5"  // #nosec G501 -- a function of the language
	"crypto/sha1" // #nosec G505 -- a function of the language
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"

	"github.com/google/uuid"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

type digest func(raw []byte) string

func md5Hex(raw []byte) string { h := md5.Sum(raw); return hex.EncodeToString(h[:]) }

func sha1Hex(raw []byte) string { h := sha1.Sum(raw); return hex.EncodeToString(h[:]) }

func sha256Hex(raw []byte) string { h := sha256.Sum256(raw); return hex.EncodeToString(h[:]) }

func sha512Hex(raw []byte) string { h := sha512.Sum512(raw); return hex.EncodeToString(h[:]) }

func sha256Base64(raw []byte) string {
	h := sha256.Sum256(raw)
	return base64.StdEncoding.EncodeToString(h[:])
}

func sha512Base64(raw []byte) string {
	h := sha512.Sum512(raw)
	return base64.StdEncoding.EncodeToString(h[:])
}

func hashes() map[string]function.Function {
	of := func(d digest) function.Function {
		return plain(cty.String, onText(func(t string) string { return d([]byte(t)) }), parameter("str", cty.String))
	}
	return map[string]function.Function{
		"md5":          of(md5Hex),
		"sha1":         of(sha1Hex),
		"sha256":       of(sha256Hex),
		"sha512":       of(sha512Hex),
		"base64sha256": of(sha256Base64),
		"base64sha512": of(sha512Base64),
		"uuidv5":       plain(cty.String, uuid5, parameter("namespace", cty.String), parameter("name", cty.String)),
	}
}

// uuid5 names a namespace of RFC 4122 or gives it as a UUID.
func uuid5(args []cty.Value) (cty.Value, error) {
	var space uuid.UUID
	switch name := args[0].AsString(); name {
	case "dns":
		space = uuid.NameSpaceDNS
	case "url":
		space = uuid.NameSpaceURL
	case "oid":
		space = uuid.NameSpaceOID
	case "x500":
		space = uuid.NameSpaceX500
	default:
		parsed, err := uuid.Parse(name)
		if err != nil {
			return cty.NilVal, function.NewArgErrorf(0, "uuidv5() doesn't support namespace %q: %w", short(name), err)
		}
		space = parsed
	}
	return cty.StringVal(uuid.NewSHA1(space, []byte(args[1].AsString())).String()), nil
}
