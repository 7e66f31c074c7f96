package functions

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"io"
	"net/url"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/ianaindex"

	"github.com/stancehq/stance/internal/iac"
)

func codes(limits iac.Limits) map[string]function.Function {
	s := cty.String
	text := parameter("str", s)
	return map[string]function.Function{
		"base64decode":     plain(s, base64Decode, text),
		"base64encode":     plain(s, onText(func(t string) string { return base64.StdEncoding.EncodeToString([]byte(t)) }), text),
		"base64gzip":       plain(s, base64Gzip, text),
		"base64gunzip":     plain(s, base64Gunzip(limits.TextBytes), text),
		"textdecodebase64": plain(s, textDecode, parameter("source", s), parameter("encoding", s)),
		"textencodebase64": plain(s, textEncode, parameter("string", s), parameter("encoding", s)),
		"urlencode":        plain(s, onText(url.QueryEscape), text),
		"urldecode":        plain(s, urlDecode, text),
	}
}

// decode64 does not show the text that it cannot decode: it may be a secret.
func decode64(v cty.Value) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(v.AsString())
	if err != nil {
		return nil, function.NewArgErrorf(0, "failed to decode base64 data: %w", err)
	}
	return raw, nil
}

var errNotText = errors.New("the result is not valid UTF-8")

func utf8Text(raw []byte) (cty.Value, error) {
	if !utf8.Valid(raw) {
		return cty.NilVal, errNotText
	}
	return cty.StringVal(string(raw)), nil
}

func base64Decode(args []cty.Value) (cty.Value, error) {
	raw, err := decode64(args[0])
	if err != nil {
		return cty.NilVal, err
	}
	return utf8Text(raw)
}

func base64Gzip(args []cty.Value) (cty.Value, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(args[0].AsString())); err != nil {
		return cty.NilVal, err
	}
	if err := w.Flush(); err != nil {
		return cty.NilVal, err
	}
	if err := w.Close(); err != nil {
		return cty.NilVal, err
	}
	return cty.StringVal(base64.StdEncoding.EncodeToString(out.Bytes())), nil
}

func base64Gunzip(limit int) implementation {
	return func(args []cty.Value) (cty.Value, error) {
		raw, err := decode64(args[0])
		if err != nil {
			return cty.NilVal, err
		}
		r, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			return cty.NilVal, function.NewArgErrorf(0, "failed to decompress: %w", err)
		}
		text, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
		if err != nil {
			return cty.NilVal, function.NewArgErrorf(0, "failed to decompress: %w", err)
		}
		if len(text) > limit {
			return derived(cty.String, tooLong("base64gunzip", limit)), nil
		}
		return utf8Text(text)
	}
}

func encodingOf(v cty.Value) (encoding.Encoding, error) {
	e, err := ianaindex.IANA.Encoding(v.AsString())
	if err != nil || e == nil {
		return nil, function.NewArgErrorf(1, "%q is not a supported IANA encoding name or alias", short(v.AsString()))
	}
	return e, nil
}

func textEncode(args []cty.Value) (cty.Value, error) {
	e, err := encodingOf(args[1])
	if err != nil {
		return cty.NilVal, err
	}
	raw, err := e.NewEncoder().Bytes([]byte(args[0].AsString()))
	if err != nil {
		return cty.NilVal, function.NewArgErrorf(0, "the given string contains characters that cannot be represented in %s", args[1].AsString())
	}
	return cty.StringVal(base64.StdEncoding.EncodeToString(raw)), nil
}

func textDecode(args []cty.Value) (cty.Value, error) {
	e, err := encodingOf(args[1])
	if err != nil {
		return cty.NilVal, err
	}
	raw, err := decode64(args[0])
	if err != nil {
		return cty.NilVal, err
	}
	text, err := e.NewDecoder().Bytes(raw)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return cty.NilVal, function.NewArgErrorf(0, "the given string contains bytes that are not of %s", args[1].AsString())
	}
	return cty.StringVal(string(text)), nil
}

func urlDecode(args []cty.Value) (cty.Value, error) {
	text, err := url.QueryUnescape(args[0].AsString())
	if err != nil {
		return cty.NilVal, function.NewArgErrorf(0, "failed to decode: %w", err)
	}
	return utf8Text([]byte(text))
}
