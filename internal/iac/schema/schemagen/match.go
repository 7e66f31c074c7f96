package main

import "strings"

// The second source calls a resource by a module and a name of its own: aws_db_instance is instance in rds, aws_security_group is
// securityGroup in ec2. No list of both is in the package; but the names of the attributes are the same, and mostly the resource's
// own is the end of Terraform's. A type that has no convincing twin has none.

// Shares of attribute names that two resources have in common.
const (
	same    = 0.85 // whatever they are called
	similar = 0.6  // if the one's name is the end of the other's
	alike   = 0.4  // if the names are the same
)

// How much names say, from nothing to all.
const (
	otherName = iota
	endOfName
	nameAlone
	wholeName
)

// twin finds the resource that is a type, nil if none is.
func (s *sdk) twin(f *folder) *sdkResource {
	own := map[string]bool{}
	for _, a := range f.root.scalars {
		own[singular(plain(a.name))] = true
	}
	for _, a := range f.root.nested {
		own[singular(plain(a.name))] = true
	}
	delete(own, "id")      // every resource has it there, undeclared
	delete(own, "timeout") // and these are options of its own
	name := plain(strings.TrimPrefix(f.typ, "aws_"))
	var best *sdkResource
	most := 0.0
	for _, r := range s.resources {
		named, share := r.named(name), r.share(own)
		if share < same && (named == otherName || share < similar) && (named < wholeName || share < alike) {
			continue
		}
		score := share + 0.1*float64(named)
		if named != otherName {
			score += 0.2
		}
		// Equal ones are aliases: the order decides, so that it is always the same.
		if best == nil || score > most || score == most && r.module+r.name < best.module+best.name {
			best, most = r, score
		}
	}
	return best
}

func (r *sdkResource) named(name string) int {
	own := plain(r.name)
	switch {
	case name == plain(r.module)+own:
		return wholeName
	case name == own:
		return nameAlone
	case strings.HasSuffix(name, own):
		return endOfName
	}
	return otherName
}

// share is the part of all names of both that are in both.
func (r *sdkResource) share(own map[string]bool) float64 {
	common, all := 0, len(own)
	for name := range r.state {
		if own[singular(plain(name))] {
			common++
		} else {
			all++
		}
	}
	if all == 0 {
		return 0
	}
	return float64(common) / float64(all)
}

// plain is a name without the marks of its spelling: cidr_blocks and cidrBlocks are cidrblocks.
func plain(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

func singular(name string) string {
	for _, ending := range []struct{ many, one string }{{"ies", "y"}, {"ses", "s"}, {"xes", "x"}, {"ches", "ch"}, {"ss", "ss"}, {"s", ""}} {
		if stem, ok := strings.CutSuffix(name, ending.many); ok {
			return stem + ending.one
		}
	}
	return name
}
