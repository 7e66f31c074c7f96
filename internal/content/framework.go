package content

import (
	"slices"
	"strings"
)

// Framework is one version of a compliance framework.
type Framework struct {
	ID, Title, Version, Publisher string
	About                         string
	Source                        Publication
	// Quoted says that titles are the publisher's words; otherwise they are our own.
	Quoted bool
	// Notice is what the publisher's license wants to be said with its words.
	Notice string
	// Missing is what of the framework is not here; empty: nothing.
	Missing string
	// OwnIDs says that the publisher gives no identifiers.
	OwnIDs bool
	// Providers that the framework speaks of; empty: any.
	Providers []string
	// Levels are its levels, baselines or profiles, the least demanding first.
	Levels       []string
	As           string
	Requirements []*Requirement // headings among them, in the framework's order
	Origin       *Origin
}

// Publication is a document.
type Publication struct{ Document, URL, Date string }

// Requirement is a heading of a framework, or one of its requirements with how far checks answer it. Of one that has the answer
// of another (As), the fields below are the other's.
type Requirement struct {
	ID, Parent, Title string
	Group             bool // a heading
	Levels            []string
	Assessment        string // automated or manual, where the publisher says so
	As                string // framework/requirement

	Answer     string // full, partial, manual; empty for a heading
	Objectives []string
	Checks     []string
	Requires   []Require
	Left, Look string
}

// Require is a bound within which a check's parameter must be for the check to answer a requirement.
type Require struct {
	Check, Param string
	Bound        string // at_most, at_least, equals, includes
	Value        any
}

func buildFramework(v *value) *Framework {
	f := &Framework{
		ID: v.at("id").string(), Title: v.at("title").string(), Version: v.at("version").string(), Publisher: v.at("publisher").string(),
		About: v.at("about").string(), Source: buildPublication(v.at("source")), Quoted: v.at("wording").string() == "quoted",
		Missing: v.at("missing").string(), Notice: v.at("notice").string(), OwnIDs: v.at("own_ids").bool(), Providers: v.at("providers").strings(),
		Levels: v.at("levels").strings(), As: v.at("as").string(), Origin: v.origin(),
	}
	for _, one := range v.at("requirements").all() {
		f.Requirements = append(f.Requirements, buildRequirement(one))
	}
	return f
}

func buildPublication(v *value) Publication {
	return Publication{v.at("document").string(), v.at("url").string(), v.at("date").string()}
}

func buildRequirement(v *value) *Requirement {
	r := &Requirement{
		ID: v.at("id").string(), Parent: v.at("parent").string(), Title: v.at("title").string(), Group: v.at("group").bool(),
		Levels: v.at("levels").strings(), Assessment: v.at("assessment").string(), As: v.at("as").string(), Answer: v.at("answer").string(),
		Objectives: v.at("objectives").strings(), Checks: v.at("checks").strings(), Left: v.at("left").string(), Look: v.at("look").string(),
	}
	for _, check := range v.at("requires").each() {
		for _, param := range check.each() {
			for _, bound := range param.each() {
				r.Requires = append(r.Requires, Require{check.name, param.name, bound.name, bound.any()})
			}
		}
	}
	return r
}

// Framework finds a framework by id, or nil.
func (l *Library) Framework(id string) *Framework {
	return find(l.Frameworks, id, func(f *Framework) string { return f.ID })
}

// Requirement finds a requirement or heading by id, or nil.
func (f *Framework) Requirement(id string) *Requirement {
	return find(f.Requirements, id, func(r *Requirement) string { return r.ID })
}

// SpeaksOf says whether the framework is about a provider.
func (f *Framework) SpeaksOf(provider string) bool {
	return len(f.Providers) == 0 || slices.Contains(f.Providers, provider)
}

// Answering are the checks that answer a requirement, by id: those that it names and those that serve one of its objectives.
func (f *Framework) Answering(r *Requirement, checks []*Check) []*Check {
	var answering []*Check
	for _, c := range checks {
		serves := func(objective string) bool { return slices.Contains(c.Objectives, objective) }
		if f.SpeaksOf(c.Provider) && (slices.Contains(r.Checks, c.ID) || slices.ContainsFunc(r.Objectives, serves)) {
			answering = append(answering, c)
		}
	}
	return answering
}

// RequirementName is how a requirement is written outside of its framework: cis-aws-7.0/2.4.
func RequirementName(f *Framework, r *Requirement) string { return f.ID + "/" + r.ID }

// naming gives by check the requirements that name it. Those that it answers through objectives are not among them: they are
// many, of every framework, and Answering tells them.
func naming(frameworks []*Framework) map[string][]string {
	named := map[string][]string{}
	for _, f := range frameworks {
		for _, r := range f.Requirements {
			for _, check := range r.Checks {
				named[check] = append(named[check], RequirementName(f, r))
			}
		}
	}
	return named
}

// overNamed is base with the requirements of the user's frameworks, in place of those of a framework of the same id.
func overNamed(base map[string][]string, user *Library) map[string][]string {
	if len(user.Frameworks) == 0 {
		return base
	}
	replaced := func(name string) bool {
		id, _, _ := strings.Cut(name, "/")
		return user.Framework(id) != nil
	}
	named := map[string][]string{}
	for check, names := range base {
		named[check] = slices.DeleteFunc(slices.Clone(names), replaced)
	}
	for check, names := range user.Named {
		named[check] = append(named[check], names...)
		slices.Sort(named[check])
	}
	return named
}
