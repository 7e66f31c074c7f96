package tfplan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/iac"
)

// readState adds what a state holds.
func readState(ctx context.Context, d *document, form Form, unit *iac.Unit) {
	if form == ShownState {
		d.shown(ctx, d.get(d.whole(), "values", "root_module"), unit, shownState)
	} else {
		for _, r := range d.items(d.get(d.whole(), "resources")) {
			if ctx.Err() != nil || !d.stateResource(r, unit) {
				break
			}
		}
	}
	fillRegions(unit)
}

// stateResource adds the instances of a resource; false if no more can be taken.
func (d *document) stateResource(at int, unit *iac.Unit) bool {
	f := d.fields(at)
	typ, mode := d.string(f.at("type")), d.string(f.at("mode"))
	if typ == "" || mode != "managed" && mode != "data" {
		return true
	}
	module := d.string(f.at("module"))
	address := base(module, typ, d.string(f.at("name")), mode == "data")
	provider := providerOf(d.string(f.at("provider")))
	for _, one := range d.items(f.at("instances")) {
		if !d.room(unit, one) {
			return false
		}
		said := d.fields(one)
		if said.at("deposed") >= 0 {
			continue
		}
		if said.at("attributes") < 0 {
			d.tell(iac.Skipped, address+" is written in a form of an older release: any later Terraform rewrites it", one)
			continue
		}
		name := said.at("index_key")
		if name < 0 {
			name = f.at("name")
		}
		m := &maker{document: d}
		r := &iac.Resource{
			Type: typ, Address: address + d.keyText(said.at("index_key")), Data: mode == "data", Range: d.rangeOf(one, d.skip(one)),
			Name: d.rangeOf(max(name, 0), d.skip(max(name, 0))), Calls: callsOf(module), Provider: provider, DependsOn: d.strings(said.at("dependencies")),
			Body: m.body(said.at("attributes"), about{secret: d.sensitivePaths(said.at("sensitive_attributes"))}),
		}
		unit.Resources = append(unit.Resources, r)
	}
	return true
}

// callsOf are the calls in the address of a module, of which a state tells no place.
func callsOf(module string) (calls []iac.Call) {
	for _, step := range moduleSteps(module) {
		calls = append(calls, iac.Call{Name: "module." + step.name + step.key})
	}
	return calls
}

// providerOf reads module.a.provider["registry.terraform.io/hashicorp/aws"].west.
func providerOf(text string) iac.Provider {
	_, text, ok := strings.Cut(text, `provider[`)
	if !ok {
		return iac.Provider{}
	}
	full, rest, _ := strings.Cut(text, "]")
	return iac.Provider{Name: providerName(strings.Trim(full, `"`)), Alias: strings.TrimPrefix(rest, ".")}
}

// What is taken of a tree of modules with their resources.
type taking int

const (
	shownState taking = iota // all
	shownPlan                // all, and of what is not there it is not known whether it is known
	onlyData                 // data sources that were read before
)

// shown adds what is written as `terraform show -json` writes states: modules within modules.
func (d *document) shown(ctx context.Context, at int, unit *iac.Unit, what taking) {
	have := map[string]bool{}
	for _, r := range unit.Resources {
		have[r.Address] = true
	}
	d.shownModule(ctx, at, unit, what, have, 0)
}

func (d *document) shownModule(ctx context.Context, at int, unit *iac.Unit, what taking, have map[string]bool, depth int) {
	if depth > mostModules {
		d.tell(iac.LimitReached, "modules call each other too deeply", at)
		return
	}
	f := d.fields(at)
	module := d.string(f.at("address"))
	for _, one := range d.items(f.at("resources")) {
		said := d.fields(one)
		typ, mode, address := d.string(said.at("type")), d.string(said.at("mode")), d.string(said.at("address"))
		data := mode == "data"
		if typ == "" || address == "" || have[address] || !data && (mode != "managed" || what == onlyData) || said.at("deposed_key") >= 0 {
			continue
		}
		if ctx.Err() != nil || !d.room(unit, one) {
			return
		}
		have[address] = true
		m := &maker{document: d}
		r := &iac.Resource{
			Type: typ, Address: address, Data: data, Range: d.rangeOf(one, d.skip(one)), Name: d.nameRange(said), Calls: callsOf(module),
			Provider:  iac.Provider{Name: providerName(d.string(said.at("provider_name")))},
			DependsOn: slices.Clip(d.strings(said.at("depends_on"))),
			Body:      m.body(said.at("values"), about{secret: d.mask(said.at("sensitive_values"))}),
		}
		if what == shownPlan {
			r.Body.Open = fmt.Sprintf("%s, or not set: the plan has no resource_changes to tell", knownAfterApply)
		}
		unit.Resources = append(unit.Resources, r)
	}
	for _, inner := range d.items(f.at("child_modules")) {
		d.shownModule(ctx, inner, unit, what, have, depth+1)
	}
}
