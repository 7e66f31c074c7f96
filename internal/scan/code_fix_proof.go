package scan

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/discover"
	"github.com/stancehq/stance/internal/iac/patch"
)

// layer is the code with some patches, none of which touches another or is for the same resource.
type layer struct {
	candidates []*candidate
	keys       map[findingKey]bool
	resources  map[findingKey]bool // what the patches are for: keys without a check
	places     map[*codePlace]bool
	alone      map[*codePlace]bool // in which one patch is tried without others
	edits      map[string][]patch.Edit
}

func (l *layer) takes(c *candidate) bool {
	return !l.alone[c.place] && (!c.alone || !l.places[c.place]) && !l.resources[c.key.anyCheck()] && !patch.Overlap(l.edits[c.patch.File], c.patch.Edits)
}

func (k findingKey) anyCheck() findingKey {
	return findingKey{account: k.account, resource: k.resource}
}

func (l *layer) add(c *candidate) {
	l.candidates = append(l.candidates, c)
	l.keys[c.key], l.resources[c.key.anyCheck()] = true, true
	l.places[c.place] = true
	l.alone[c.place] = c.alone
	l.edits[c.patch.File] = append(l.edits[c.patch.File], c.patch.Edits...)
}

// maxScanned is how many resources are scanned again at once.
const maxScanned = 20_000

// layers put what is pending into copies of the code that are scanned side by side, as many as one scan may hold.
func (f *fixer) layers() (layers []*layer) {
	var left []*candidate
	resources := 0
	for _, c := range f.pending {
		at := slices.IndexFunc(layers, func(l *layer) bool { return l.takes(c) })
		if at < 0 && (resources < maxScanned || len(layers) == 0) {
			at = len(layers)
			layers = append(layers, &layer{keys: map[findingKey]bool{}, resources: map[findingKey]bool{}, places: map[*codePlace]bool{}, alone: map[*codePlace]bool{}, edits: map[string][]patch.Edit{}})
		}
		if at < 0 || !layers[at].places[c.place] && resources+len(c.place.unit.Resources) > maxScanned && len(layers[at].candidates) > 0 {
			left = append(left, c)
			continue
		}
		if !layers[at].places[c.place] {
			resources += len(c.place.unit.Resources)
		}
		layers[at].add(c)
	}
	f.pending = left
	return layers
}

// round scans copies of the code with patches, and keeps those that are proved.
func (f *fixer) round(ctx context.Context) error {
	layers := f.layers()
	copies, err := f.again(ctx, layers)
	if err != nil {
		return err
	}
	for _, l := range layers {
		for place := range l.places {
			var of []*candidate
			for _, c := range l.candidates {
				if c.place == place {
					of = append(of, c)
				}
			}
			f.judge(place, of, copies[copyKey{l, place}])
		}
	}
	return nil
}

// judge keeps what is proved of the patches that were made in a unit. Where one may have done harm, each is tried again alone. A
// check that spoke of nothing before may fail then: of a bucket that now has versions, that they are kept for ever.
func (f *fixer) judge(place *codePlace, of []*candidate, after *rescanned) {
	everywhere := after == nil || after.problems > len(place.unit.Problems)
	if !everywhere {
		for address := range after.harmed {
			if !slices.ContainsFunc(of, func(c *candidate) bool { return c.address == address }) {
				everywhere = true // whose fault it is cannot be told
			}
		}
	}
	for _, c := range of {
		switch {
		case !everywhere && !after.harmed[c.address] && after.passed[c.key]:
			f.proved[c.key] = patchOf(c.patch)
			f.stats.Proved++
		case len(of) == 1, !everywhere && !after.harmed[c.address]:
			f.stats.Wrong++
		default:
			c.alone = true
			f.pending = append(f.pending, c)
		}
	}
}

// copyKey names the copy of a unit in a layer.
type copyKey struct {
	layer *layer
	place *codePlace
}

// rescanned is what a second scan says of a copy of a unit.
type rescanned struct {
	copyKey
	problems int
	harmed   map[string]bool // addresses of what is worse than before
	passed   map[findingKey]bool
}

// again scans copies of units. Those that are not there any more are not in the answer.
func (f *fixer) again(ctx context.Context, layers []*layer) (_ map[copyKey]*rescanned, err error) {
	o := f.CodeOptions
	o.Checks, o.Stage = f.checks, func(Stage) {}
	r := &codeRunner{CodeOptions: o, started: f.started, code: &discover.Code{}, accounts: map[*iac.Unit]string{}}
	byAccount := map[string]*rescanned{}
	after := map[copyKey]*rescanned{}
	for _, l := range layers {
		if err := f.copies(ctx, l, r, func(unit *iac.Unit, place *codePlace) {
			of := &rescanned{copyKey: copyKey{l, place}, problems: len(unit.Problems), harmed: map[string]bool{}, passed: map[findingKey]bool{}}
			account := copyOf(place.account, len(byAccount))
			r.accounts[unit], byAccount[account], after[of.copyKey] = account, of, of
		}); err != nil {
			return nil, err
		}
	}
	if err := r.mapRows(); err != nil {
		return nil, err
	}
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.db.Close()) }()
	index, err := r.ask(ctx)
	if err != nil {
		return nil, err
	}
	for found, err := range evaluate.Findings(ctx, r.db.DB) {
		if err != nil {
			return nil, fmt.Errorf("read findings: %w", err)
		}
		if of := byAccount[found.Account]; of != nil {
			f.note(of, found, index)
		}
	}
	return after, nil
}

// copyOf is the account of a copy: a number of twelve digits too, or the name of a cluster.
func copyOf(account string, i int) string {
	if strings.Contains(account, ":") {
		return fmt.Sprintf("%s~%d", account, i)
	}
	return fmt.Sprintf("9%011d", i)
}

// copies reads the units of a layer.
func (f *fixer) copies(ctx context.Context, l *layer, into *codeRunner, each func(*iac.Unit, *codePlace)) error {
	tree := patched{FS: f.Root, files: map[string][]byte{}}
	for file, edits := range l.edits {
		text, err := f.read(file)
		if err != nil {
			return fmt.Errorf("read %s: %w", file, err)
		}
		tree.files[file] = patch.Apply(text, edits)
	}
	type unitKey struct{ kind, path string }
	wanted := map[unitKey]*codePlace{}
	for place := range l.places {
		wanted[unitKey{place.unit.Kind, place.unit.Path}] = place
	}
	o := f.CodeOptions.Read
	o.Only = func(kind, path string) bool { return wanted[unitKey{kind, path}] != nil }
	code, err := discover.Read(ctx, tree, o)
	if err != nil {
		return err
	}
	for _, unit := range code.Units {
		if place := wanted[unitKey{unit.Kind, unit.Path}]; place != nil {
			into.code.Units = append(into.code.Units, unit)
			each(unit, place)
		}
	}
	return nil
}

// note compares a finding with what it was before.
func (f *fixer) note(of *rescanned, found evaluate.Finding, index *codeIndex) {
	key := keyOf(found)
	key.account = of.place.account
	key.resource = strings.ReplaceAll(key.resource, found.Account, key.account)
	switch was := f.before[maphash.Comparable(f.seed, key)]; {
	case was == evaluate.Pass && found.Status != evaluate.Pass:
		if line, ok := index.find(found); ok {
			of.harmed[line.Resource.Address] = true
		} else {
			of.harmed[""] = true
		}
	case found.Status == evaluate.Pass && was == evaluate.Fail:
		of.passed[key] = of.layer.keys[key]
	}
}
