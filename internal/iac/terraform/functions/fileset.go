package functions

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// maxEntries is how many files and folders fileset looks at.
const maxEntries = 50_000

var errFull = errors.New("too many entries")

// set gives the regular files below a folder that match a pattern, as paths from that folder.
func (s Scope) set(args []cty.Value) (cty.Value, error) {
	t := cty.Set(cty.String)
	return s.reading(args, t, func(dir string) (cty.Value, error) {
		pattern, _ := args[1].Unmark()
		text := pattern.AsString()
		if path.IsAbs(text) || strings.HasPrefix(path.Clean(text), "..") {
			return derived(t, fmt.Sprintf("files %s are outside the folder", short(text))), nil
		}
		patterns, err := alternatives(text)
		if err != nil {
			return cty.NilVal, function.NewArgError(1, err)
		}
		if info, err := fs.Stat(s.Root, dir); err != nil || !info.IsDir() {
			return derived(t, fmt.Sprintf("folder %s is not in the repository", short(dir))), nil //nolint:nilerr // that is the answer
		}
		found, err := s.matching(dir, patterns)
		switch {
		case errors.Is(err, errFull):
			return derived(t, fmt.Sprintf("folder %s has more than %d entries", short(dir), maxEntries)), nil
		case err != nil:
			return cty.NilVal, function.NewArgError(1, err)
		case len(found) == 0:
			return cty.SetValEmpty(cty.String), nil
		}
		return cty.SetVal(found), nil
	})
}

func (s Scope) matching(dir string, patterns [][]string) ([]cty.Value, error) {
	var found []cty.Value
	seen := 0
	err := fs.WalkDir(s.Root, dir, func(name string, entry fs.DirEntry, err error) error {
		if seen++; seen > maxEntries {
			return errFull
		}
		if err != nil {
			return fs.SkipDir // a folder that cannot be read has no files for us
		}
		if entry.IsDir() {
			return nil
		}
		relative := name
		if dir != "." {
			relative = strings.TrimPrefix(name, dir+"/")
		}
		is, err := matchesAny(patterns, strings.Split(relative, "/"))
		if err != nil || !is {
			return err
		}
		if !entry.Type().IsRegular() {
			if info, err := fs.Stat(s.Root, name); err != nil || !info.Mode().IsRegular() {
				return nil //nolint:nilerr // a link to nowhere is no file
			}
		}
		found = append(found, cty.StringVal(relative))
		return nil
	})
	return found, err
}

func matchesAny(patterns [][]string, segments []string) (bool, error) {
	for _, p := range patterns {
		is, err := matches(p, segments)
		if err != nil || is {
			return is, err
		}
	}
	return false, nil
}

// matches compares segment by segment; ** is any number of them. Row by row, so that many ** cost no more than their number.
func matches(pattern, segments []string) (bool, error) {
	reach := make([]bool, len(segments)+1)
	reach[0] = true
	for _, p := range pattern {
		next := make([]bool, len(segments)+1)
		for i := range next {
			switch {
			case p == "**":
				next[i] = reach[i] || i > 0 && next[i-1]
			case i > 0 && reach[i-1]:
				is, err := path.Match(p, segments[i-1])
				if err != nil {
					return false, fmt.Errorf("failed to glob pattern: %w", err)
				}
				next[i] = is
			}
		}
		reach = next
	}
	return reach[len(segments)], nil
}

// alternatives writes a pattern without braces, as often as it takes, each cut at the slashes.
func alternatives(pattern string) ([][]string, error) {
	const most = 256
	open := []string{pattern}
	var done [][]string
	for len(open) > 0 {
		p := open[0]
		open = open[1:]
		head, options, tail, found := braces(p)
		if !found {
			segments := strings.Split(strings.ReplaceAll(path.Clean(p), "[!", "[^"), "/")
			done = append(done, segments)
			if len(done) > most {
				return nil, fmt.Errorf("more than %d alternatives in one pattern", most)
			}
			continue
		}
		if len(open)+len(options) > most {
			return nil, fmt.Errorf("more than %d alternatives in one pattern", most)
		}
		for _, o := range options {
			open = append(open, head+o+tail)
		}
	}
	return done, nil
}

// braces finds the first {a,b} that is not escaped.
func braces(p string) (head string, options []string, tail string, found bool) {
	depth, start, last := 0, -1, 0
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c == '\\':
			i++
		case c == '{':
			if depth++; depth == 1 {
				start, last = i, i+1
			}
		case c == ',' && depth == 1:
			options = append(options, p[last:i])
			last = i + 1
		case c == '}' && depth > 0:
			if depth--; depth == 0 {
				return p[:start], append(options, p[last:i]), p[i+1:], true
			}
		}
	}
	return p, nil, "", false
}
