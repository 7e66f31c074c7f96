package plan

import (
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// maxSecretDepth bounds the search for secrets in shapes.
const maxSecretDepth = 8

// masks finds what is to be masked in raw documents: what sensitive columns read, and what the vendor's description calls
// secret. What the vendor calls secret stays only where a column that is not sensitive reads it; vendors call names and
// descriptions secret too, so that this is the author's choice, but it is noted.
func (b *tableBuilder) masks(d *documentShape) {
	var open []Path
	shown := map[string]bool{} // members of structures that a column shows on purpose, such as the names beside secret values
	for _, path := range b.table.Paths {
		if c := b.spec.Column(path.Column); !c.Sensitive {
			for _, member := range c.Only {
				shown[path.Path+"."+member] = true
			}
		}
	}
	for _, path := range b.table.Paths {
		switch c := b.spec.Column(path.Column); {
		case !c.Sensitive:
			open = append(open, path)
		case len(c.Only) == 0:
			b.table.Mask = append(b.table.Mask, path.Path)
		default:
			for _, member := range c.Only {
				if secret := path.Path + "." + member; !shown[secret] {
					b.table.Mask = append(b.table.Mask, secret)
				}
			}
		}
	}
	for _, secret := range d.secrets() {
		i := slices.IndexFunc(open, func(path Path) bool { return under(path.Path, secret) || under(secret, path.Path) })
		if i < 0 {
			b.table.Mask = append(b.table.Mask, secret)
			continue
		}
		b.report("columns."+open[i].Column, "write sensitive: true if it can be a secret",
			"the column %s holds %s, which the vendor's description calls secret", open[i].Column, secret)
		b.problems[len(b.problems)-1].Severity = SeverityNote
	}
	slices.Sort(b.table.Mask)
	b.table.Mask = slices.Compact(b.table.Mask)
}

// under says whether a path is another or lies below it. Stars of the other stand for any key.
func under(path, above string) bool {
	p, a := strings.Split(path, "."), strings.Split(above, ".")
	if len(p) < len(a) {
		return false
	}
	for i, segment := range a {
		if segment != "*" && p[i] != "*" && segment != p[i] {
			return false
		}
	}
	return true
}

// secrets lists the paths of a document whose shapes the vendor calls secret.
func (d *documentShape) secrets() (paths []string) {
	var walk func(s *content.Shape, path []string, open []*content.Shape)
	walk = func(s *content.Shape, path []string, open []*content.Shape) {
		if s.Secret && len(path) > 0 {
			paths = append(paths, strings.Join(path, "."))
			return
		}
		if len(open) > maxSecretDepth || slices.Contains(open, s) {
			return
		}
		open = append(open[:len(open):len(open)], s)
		switch s.Kind {
		case content.KindStruct:
			for _, m := range s.Members {
				walk(m.Shape, append(path[:len(path):len(path)], m.Name), open)
			}
		case content.KindList:
			walk(s.Elem, path, open)
		case content.KindMap:
			walk(s.Elem, append(path[:len(path):len(path)], "*"), open)
		}
	}
	for _, s := range d.items {
		walk(s, nil, nil)
	}
	for name, s := range d.groups {
		walk(s, []string{name}, nil)
	}
	if d.parent != nil {
		for _, path := range d.parent.secrets() {
			if d.parent.groups[strings.Split(path, ".")[0]] == nil {
				paths = append(paths, keyParent+"."+path)
			}
		}
	}
	return paths
}
