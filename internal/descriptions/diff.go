package descriptions

import (
	"bytes"
	"fmt"
)

// Diff says why a kept archive is stale: one line for each entry, and for the notice, that is not as in the one that was
// generated anew. Whether it is stale, its bytes tell.
func Diff(kept, generated string) ([]string, error) {
	have, err := Open("the kept archive", kept)
	if err != nil {
		return nil, err
	}
	want, err := Open("the generated archive", generated)
	if err != nil {
		return nil, err
	}
	var lines []string
	if have.notice != want.notice {
		lines = append(lines, fmt.Sprintf("the notice is %q, generated: %q", have.notice, want.notice))
	}
	for _, name := range want.names {
		if have.files[name] == nil {
			lines = append(lines, name+" is missing")
			continue
		}
		old, err := have.read(name)
		if err != nil {
			return nil, err
		}
		anew, err := want.read(name)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(old, anew) {
			lines = append(lines, fmt.Sprintf("%s differs (%d bytes, generated: %d)", name, len(old), len(anew)))
		}
	}
	for _, name := range have.names {
		if want.files[name] == nil {
			lines = append(lines, name+" is no longer generated")
		}
	}
	return lines, nil
}
