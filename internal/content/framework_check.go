package content

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// frameworkList is the list of a framework's identifiers.
type frameworkList struct {
	framework              string
	headings, requirements []*value
	origin                 *Origin
}

func buildFrameworkList(v *value) *frameworkList {
	return &frameworkList{v.at("framework").string(), v.at("headings").all(), v.at("requirements").all(), v.origin()}
}

// frameworkChecker proves frameworks of a folder.
type frameworkChecker struct {
	refs       *references
	checks     map[string]*Check
	frameworks map[string]*Framework
	problems   *Problems
}

func checkFrameworks(base, own *Library, lists []*frameworkList, refs *references, problems *Problems) {
	c := frameworkChecker{refs, map[string]*Check{}, map[string]*Framework{}, problems}
	for _, l := range []*Library{base, own} {
		for _, check := range l.Checks {
			c.checks[check.ID] = check
		}
		for _, f := range l.Frameworks {
			c.frameworks[f.ID] = f
		}
	}
	for _, f := range own.Frameworks {
		c.framework(f)
	}
	for _, f := range own.Frameworks {
		c.resolve(f)
	}
	for _, list := range lists {
		c.prove(list)
	}
}

func (c *frameworkChecker) framework(f *Framework) {
	for i, provider := range f.Providers {
		if c.refs.providers[provider] == nil && provider != "" {
			c.problems.Add(f.Origin.At("providers."+itoa(i)), DidYouMean(provider, slices.Sorted(maps.Keys(c.refs.providers))), "there is no provider %q", provider)
		}
	}
	if f.As != "" && c.frameworks[f.As] == nil {
		c.problems.Add(f.Origin.At("as"), DidYouMean(f.As, slices.Sorted(maps.Keys(c.frameworks))), "there is no framework %q", f.As)
	}
	before := map[string]bool{}
	for i, r := range f.Requirements {
		at := func(key string) Pos { return f.Origin.At(fmt.Sprintf("requirements.%d.%s", i, key)) }
		switch {
		case r.ID == "":
		case before[r.ID]:
			c.problems.Add(at("id"), "", "requirement %q stands here a second time", r.ID)
		case r.Parent != "" && !before[r.Parent]:
			c.problems.Add(at("parent"), "", "the parent %q does not stand before %q", r.Parent, r.ID)
		}
		before[r.ID] = true
		for n, level := range r.Levels {
			if level != "" && !slices.Contains(f.Levels, level) {
				c.problems.Add(at("levels."+itoa(n)), DidYouMean(level, f.Levels), "the framework has no level %q", level)
			}
		}
		c.requirement(f, r, at)
	}
}

func (c *frameworkChecker) requirement(f *Framework, r *Requirement, at func(string) Pos) {
	if r.Group {
		return
	}
	answered := len(r.Checks)+len(r.Objectives) > 0
	for _, wrong := range []struct {
		is   bool
		text string
	}{
		{r.Answer == "" && r.As == "" && f.As == "", "it says neither how far checks answer it nor that it has the answer of another: answer or as is missing"},
		{r.Answer == AnswerManual && answered, "checks answer it, so it is not manual"},
		{r.Answer == AnswerManual && r.Look == "", "look is missing: what must a person look at?"},
		{r.Answer == AnswerManual && r.Left != "", "nothing is looked at, so nothing is left: write look"},
		{(r.Answer == AnswerFull || r.Answer == AnswerPartial) && !answered, "checks and objectives are missing: nothing answers it"},
		{r.Answer == AnswerPartial && r.Left == "", "left is missing: what do the checks not look at?"},
		{r.Answer == AnswerFull && r.Left+r.Look != "", "where something is left to look at, the answer is partial"},
	} {
		if wrong.is && r.ID != "" {
			c.problems.Add(at("id"), "", "%s: %s", r.ID, wrong.text)
		}
	}
	for i, id := range r.Objectives {
		if id != "" && c.refs.objectives[id] == nil {
			c.problems.Add(at("objectives."+itoa(i)), DidYouMean(id, slices.Sorted(maps.Keys(c.refs.objectives))), "there is no objective %q", id)
		}
	}
	for i, id := range r.Checks {
		switch check := c.checks[id]; {
		case id == "":
		case check == nil:
			c.problems.Add(at("checks."+itoa(i)), DidYouMean(id, slices.Sorted(maps.Keys(c.checks))), "there is no check %q", id)
		case !f.SpeaksOf(check.Provider):
			c.problems.Add(at("checks."+itoa(i)), "", "%s is about %s, of which the framework does not speak", id, check.Provider)
		}
	}
	for i := range r.Requires {
		c.bound(f, r, &r.Requires[i], at)
	}
}

// bound gives a bound the type of its parameter.
func (c *frameworkChecker) bound(f *Framework, r *Requirement, b *Require, at func(string) Pos) {
	check := c.checks[b.Check]
	key := "requires." + b.Check
	if check == nil {
		c.problems.Add(at(key), DidYouMean(b.Check, slices.Sorted(maps.Keys(c.checks))), "there is no check %q", b.Check)
		return
	}
	if len(f.Answering(r, []*Check{check})) == 0 {
		c.problems.Add(at(key), "", "%s does not answer the requirement", b.Check)
	}
	param, known := c.refs.param(check, b.Param)
	key += "." + b.Param
	if param == nil {
		c.problems.Add(at(key), DidYouMean(b.Param, known), "%s has no parameter %q", b.Check, b.Param)
		return
	}
	ordered := param.Type == TypeInteger || param.Type == TypeNumber
	switch {
	case (b.Bound == BoundMost || b.Bound == BoundLeast) && !ordered:
		c.problems.Add(at(key), "", "%s is for numbers, but %q is %s", b.Bound, b.Param, typeWords[param.Type])
	case b.Bound == BoundIncludes && param.Type != TypeStrings:
		c.problems.Add(at(key), "", "includes is for lists, but %q is %s", b.Param, typeWords[param.Type])
	}
	value, err := param.convert(b.Value)
	if err != nil {
		c.problems.Add(at(key+"."+b.Bound), "", "the bound of %q %v", b.Param, err)
		return
	}
	b.Value = value
}

// resolve gives requirements that have the answer of another its fields.
func (c *frameworkChecker) resolve(f *Framework) {
	for i, r := range f.Requirements {
		if r.Group || r.Answer != "" {
			continue
		}
		target, why := c.target(f, r)
		if why != "" {
			c.problems.Add(f.Origin.At(fmt.Sprintf("requirements.%d.id", i)), "", "%s: %s", r.ID, why)
			continue
		}
		if target == nil { // reported before
			continue
		}
		r.Answer, r.Objectives, r.Checks, r.Requires, r.Left, r.Look = target.Answer, target.Objectives, target.Checks, target.Requires, target.Left, target.Look
	}
}

// target follows as to the requirement that has an answer of its own.
func (c *frameworkChecker) target(f *Framework, r *Requirement) (target *Requirement, why string) {
	for range 8 {
		id, name := f.As, r.ID
		if r.As != "" {
			id, name, _ = strings.Cut(r.As, "/")
		}
		if id == "" {
			return nil, ""
		}
		from := c.frameworks[id]
		if from == nil {
			return nil, fmt.Sprintf("there is no framework %q that it could have the answer of", id)
		}
		next := from.Requirement(name)
		switch {
		case next == nil || next.Group:
			return nil, fmt.Sprintf("%s has no requirement %q that it could have the answer of", id, name)
		case next.Answer != "":
			return next, ""
		}
		f, r = from, next
	}
	return nil, "its answer is that of another, and so on without end"
}

// prove compares a framework with the list of its identifiers.
func (c *frameworkChecker) prove(list *frameworkList) {
	f := c.frameworks[list.framework]
	if f == nil {
		if list.framework != "" {
			c.problems.Add(list.origin.At("framework"), DidYouMean(list.framework, slices.Sorted(maps.Keys(c.frameworks))), "there is no framework %q", list.framework)
		}
		return
	}
	listed := map[string]bool{}
	for _, part := range []struct {
		values []*value
		group  bool
		what   string
	}{{list.headings, true, "heading"}, {list.requirements, false, "requirement"}} {
		for _, v := range part.values {
			listed[v.string()] = true
			switch r := f.Requirement(v.string()); {
			case v.string() == "":
			case r == nil:
				c.problems.Add(f.Origin.At("requirements"), "", "the framework lacks the %s %q, which the list of its identifiers has (%s)", part.what, v.string(), v.pos)
			case r.Group != part.group:
				c.problems.Add(f.Origin.At("requirements"), "", "%q is a %s by the list of the framework's identifiers (%s)", r.ID, part.what, v.pos)
			}
		}
	}
	for i, r := range f.Requirements {
		if r.ID != "" && !listed[r.ID] {
			c.problems.Add(f.Origin.At(fmt.Sprintf("requirements.%d.id", i)), "", "%q is not in the list of the framework's identifiers, %s", r.ID, list.origin.At("").File)
		}
	}
}
