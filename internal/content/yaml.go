package content

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Limits on what is read, far above what a person writes, so that a hostile file costs a message and nothing more.
const (
	maxFile  = 1 << 20 // bytes
	maxDepth = 50      // maps and lists within each other
	maxNodes = 200_000 // of one document, each alias counted as often as it is used
	maxParts = 1000    // documents of one file
)

// readFile reads a file of content, or reports why it cannot be used.
func readFile(fsys fs.FS, name, shown string, problems *Problems) ([]byte, bool) {
	at := Pos{File: shown}
	file, err := fsys.Open(name)
	if err != nil {
		problems.Add(at, "", "cannot be read: %v", rootCause(err))
		return nil, false
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	switch {
	case err != nil:
		problems.Add(at, "", "cannot be read: %v", rootCause(err))
		return nil, false
	case len(data) > maxFile:
		problems.Add(at, "", "is larger than %d KiB", maxFile>>10)
		return nil, false
	}
	if line, column, ok := firstBadByte(data); !ok {
		problems.Add(Pos{shown, line, column}, "save the file as UTF-8", "is not text: invalid byte or control character")
		return nil, false
	}
	return data, true
}

// rootCause leaves out the path, which the place has already said.
func rootCause(err error) error {
	if pathError := (*fs.PathError)(nil); errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}

func firstBadByte(data []byte) (line, column int, ok bool) {
	line, column = 1, 1
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		control := (r < ' ' && r != '\n' && r != '\r' && r != '\t') || r == 0x7f || (r >= 0x80 && r < 0xa0 && r != 0x85)
		if (r == utf8.RuneError && size == 1) || control || r == 0xfffe || r == 0xffff {
			return line, column, false
		}
		if r == '\n' {
			line, column = line+1, 0
		}
		i, column = i+size, column+1
	}
	return 0, 0, true
}

// document is one YAML document of a file.
type document struct {
	file  string
	above int // lines of the file before it
	node  *yaml.Node
}

func (d document) pos(n *yaml.Node) Pos { return Pos{d.file, n.Line + d.above, max(n.Column, 1)} }

// documents parses a YAML stream. The stream is split at its --- lines first, because the parser gives up at the first
// mistake, and the mistakes of the other documents are wanted too.
func documents(data []byte, shown string, problems *Problems) []document {
	var docs []document
	above := 0
	for i, part := range splitDocuments(data) {
		if i > maxParts {
			problems.Add(Pos{shown, above + 1, 1}, "", "the file has more than %d documents", maxParts)
			break
		}
		d := document{file: shown, above: above}
		above += bytes.Count(part, []byte("\n"))
		var node yaml.Node
		err := yaml.Load(part, &node, yaml.WithPlugin(limits{}))
		switch {
		case err == nil && node.Kind == yaml.DocumentNode && len(node.Content) == 1:
			d.node = node.Content[0]
			docs = append(docs, d)
		case err == nil || isBlank(part):
		default:
			message := syntaxMessage(err)
			hint := ""
			if strings.Contains(message, "mapping values are not allowed") {
				hint = "text with a colon and a space in it must stand in quotes"
			}
			problems.Add(syntaxPos(err, d), hint, "%s", message)
		}
	}
	return docs
}

// splitDocuments cuts before each line that begins a document. The mark is blanked, so that columns stay true.
func splitDocuments(data []byte) [][]byte {
	var parts [][]byte
	data, start := bytes.Clone(data), 0
	for i := 0; i < len(data); {
		end := len(data)
		if n := bytes.IndexByte(data[i:], '\n'); n >= 0 {
			end = i + n + 1
		}
		if line := data[i:end]; bytes.HasPrefix(line, []byte("---")) && (len(line) == 3 || strings.IndexByte(" \t\r\n", line[3]) >= 0) {
			parts = append(parts, data[start:i])
			start = i
			copy(line, "   ")
		}
		i = end
	}
	return append(parts, data[start:])
}

// isBlank tells a document that holds nothing but comments.
func isBlank(part []byte) bool {
	for line := range bytes.Lines(part) {
		line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\ufeff")))
		if len(line) > 0 && line[0] != '#' {
			return false
		}
	}
	return true
}

// limits keeps the parser from deep recursion. Aliases are not expanded by it: walker counts them.
type limits struct{}

func (limits) CheckDepth(depth int, _ *yaml.DepthContext) error {
	if depth > maxDepth {
		return fmt.Errorf("more than %d maps and lists within each other", maxDepth)
	}
	return nil
}

func (limits) CheckAlias(int, int) error { return nil }

func syntaxPos(err error, d document) Pos {
	pos := Pos{d.file, d.above + 1, 1}
	if e := (*yaml.LoadError)(nil); errors.As(err, &e) && e.Mark.Line > 0 {
		pos.Line, pos.Column = e.Mark.Line+d.above, max(e.Mark.Column, 1)
	}
	return pos
}

func syntaxMessage(err error) string {
	if e := (*yaml.LoadError)(nil); errors.As(err, &e) {
		message := "not valid YAML: " + e.Message
		if e.ContextMsg != "" {
			message += " " + e.ContextMsg
		}
		return message
	}
	return "not valid YAML: " + err.Error()
}
