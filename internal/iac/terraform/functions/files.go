package functions

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

func files(scope Scope) map[string]function.Function {
	name := parameter("path", cty.String)
	reader := func(use func(raw []byte) (cty.Value, error)) function.Function {
		return define(func(args []cty.Value) (cty.Value, error) {
			return scope.reading(args, cty.String, func(file string) (cty.Value, error) {
				raw, cause := scope.read(file)
				if cause != "" {
					return derived(cty.String, cause), nil
				}
				return use(raw)
			})
		}, name)
	}
	hashed := func(d digest) function.Function {
		return reader(func(raw []byte) (cty.Value, error) { return cty.StringVal(d(raw)), nil })
	}
	return map[string]function.Function{
		"file":             reader(fileText),
		"filebase64":       hashed(base64.StdEncoding.EncodeToString),
		"filebase64sha256": hashed(sha256Base64),
		"filebase64sha512": hashed(sha512Base64),
		"filemd5":          hashed(md5Hex),
		"filesha1":         hashed(sha1Hex),
		"filesha256":       hashed(sha256Hex),
		"filesha512":       hashed(sha512Hex),
		"fileexists":       define(scope.exists, name),
		"fileset":          define(scope.set, name, parameter("pattern", cty.String)),
		"abspath":          define(scope.absolute, name),
		"pathexpand":       define(expand, name),
	}
}

func fileText(raw []byte) (cty.Value, error) {
	if !utf8.Valid(raw) {
		return cty.NilVal, errors.New("the contents of the file are not valid UTF-8; filebase64() reads such files")
	}
	return cty.StringVal(string(raw)), nil
}

// reading calls use with the path below the root that the first argument names; the result is unknown if it names none.
func (s Scope) reading(args []cty.Value, t cty.Type, use func(file string) (cty.Value, error)) (cty.Value, error) {
	bare, from := unmark(args)
	text, is := pathText(args[0])
	for _, arg := range bare[1:] {
		is = is && arg.IsKnown()
	}
	if !is {
		return derive(unknownOf(t), from), nil
	}
	file, cause := s.locate(text)
	if cause != "" {
		return derived(t, cause, from...), nil
	}
	result, err := use(file)
	if err != nil {
		return cty.NilVal, err
	}
	return derive(result, from), nil
}

// pathText is a path as text. The working directory before it is left out: relative paths start there.
func pathText(v cty.Value) (string, bool) {
	bare, _ := v.Unmark()
	if bare.IsKnown() {
		return bare.AsString(), true
	}
	if symbol, is := marks.IsSymbol(v); is && symbol == marks.WorkingDirectory {
		return ".", true
	}
	text := marks.TextOf(v)
	if text == nil || len(text.Parts) != 2 || text.Parts[0].Sym == nil || *text.Parts[0].Sym != marks.WorkingDirectory {
		return "", false
	}
	rest, below := strings.CutPrefix(text.Parts[1].Text, "/")
	return path.Join(".", rest), below && text.Parts[1].Sym == nil
}

// locate gives the path below the root, or why there is none.
func (s Scope) locate(text string) (file, cause string) {
	if s.Root == nil {
		return "", fmt.Sprintf("file %s cannot be read here", short(text))
	}
	joined := path.Join(s.Dir, text)
	if path.IsAbs(text) || strings.HasPrefix(text, "~") || !fs.ValidPath(joined) || strings.ContainsAny(text, "\\\x00") {
		return "", fmt.Sprintf("file %s is outside the repository", short(text))
	}
	return joined, ""
}

// read gives a file's content, or why there is none.
func (s Scope) read(file string) (raw []byte, cause string) {
	missing := fmt.Sprintf("file %s is not in the repository", short(file))
	f, err := s.Root.Open(file)
	if err != nil {
		return nil, missing
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, missing
	}
	limit := min(s.Limits.FileBytes, int64(s.Limits.TextBytes))
	raw, err = io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Sprintf("file %s cannot be read: %v", short(file), err)
	}
	if int64(len(raw)) > limit {
		return nil, fmt.Sprintf("file %s has more than %d bytes", short(file), limit)
	}
	return raw, ""
}

// exists is true or unknown: a file that is not there may be built before the code runs.
func (s Scope) exists(args []cty.Value) (cty.Value, error) {
	return s.reading(args, cty.Bool, func(file string) (cty.Value, error) {
		info, err := fs.Stat(s.Root, file)
		switch {
		case err != nil:
			return derived(cty.Bool, fmt.Sprintf("file %s is not in the repository", short(file))), nil //nolint:nilerr // that is the answer
		case info.IsDir():
			return cty.NilVal, function.NewArgErrorf(0, "%s is a directory, not a file", short(file))
		}
		return cty.True, nil
	})
}

// absolute is text that begins with the working directory, which is not known.
func (s Scope) absolute(args []cty.Value) (cty.Value, error) {
	text, is := pathText(args[0])
	if !is {
		return keepUnknown(args[0]), nil
	}
	if path.IsAbs(text) {
		return cty.StringVal(path.Clean(text)), nil
	}
	here := marks.WorkingDirectory
	clean := path.Clean(text)
	if clean == "." {
		return marks.Symbol(cty.String, here.Address, here.Attr), nil
	}
	if clean == ".." || strings.HasPrefix(clean, "../") {
		// What is above the working directory is still below the root, maybe: files are found by it, text is not.
		clean = "./" + clean
	}
	v := unknownOf(cty.String).WithMarks(cty.NewValueMarks(here, marks.Derived{}))
	return v.Mark(marks.NewText([]marks.Part{{Sym: &here}, {Text: "/" + clean}})), nil
}

// expand needs the home folder for ~ only.
func expand(args []cty.Value) (cty.Value, error) {
	bare, own := args[0].Unmark()
	if bare.IsKnown() && strings.HasPrefix(bare.AsString(), "~") {
		return derived(cty.String, "the home folder is not known", own), nil
	}
	return args[0], nil
}
