package content

import (
	"fmt"
	"path"
	"strings"
	"sync"
	"time"
)

// Suppression is an entry of the list of findings that a user's file asks not to act on. All that it says must hold for a finding.
type Suppression struct {
	// Checks are the checks that it names, patterns resolved, by id. Nil stands for all.
	Checks map[string]bool
	// Address, Path and Unit are patterns, of which one must match where there are any. What they match against, and how, is for
	// those who know resources of code to say.
	Address, Path, Unit []string
	// Tags are patterns of values by key. All must match.
	Tags   map[string]string
	Reason string
	// Until is the last day on which it holds, 2027-01-01; empty: it holds for ever.
	Until         string
	Owner, Ticket string
	Pos           Pos
}

// AllChecks is the word for all checks. A lone * is refused: that it says so much should be seen.
const AllChecks = "all"

// DateFormat is how days are written.
const DateFormat = time.DateOnly

var suppressionForm = sync.OnceValue(func() form {
	return object(
		"Findings of code that nobody need act on. All that is said must hold.",
		must("check", some("The id of a check, a pattern such as aws_s3_*, a list of them, or all.")),
		may("address", some("Resources by address, such as module.logs.**: * stands for anything within a segment, ** for any segments.")),
		may("path", some("Files and folders below the folder that is scanned, such as modules/**/*.tf.")),
		may("unit", some("Folders or files of what is deployed together: root modules, templates, charts.")),
		may("tag", dict("Tags that the resource has, with patterns of their values.", nil, text("")).filled()),
		must("reason", text("Why nobody need act. It is shown with the finding.")),
		may("until", like(dayPattern(), "The last day on which it holds, in UTC.")),
		may("owner", text("Who answers for it.")),
		may("ticket", text("Where it is followed up.")),
	)
})

// Suppressions are those of the user's file, in the order written.
func (s *Settings) Suppressions() []Suppression {
	if s == nil {
		return nil
	}
	return s.suppressions
}

func (s *Settings) suppress(l *Library, v *value, problems *Problems) {
	if v == nil {
		return
	}
	out := Suppression{
		Pos: v.pos, Reason: oneLine(v.at("reason").string()), Until: v.at("until").string(),
		Owner: v.at("owner").string(), Ticket: v.at("ticket").string(),
		Address: v.at("address").strings(), Path: v.at("path").strings(), Unit: v.at("unit").strings(),
	}
	wantDay(v, "until", problems)
	if tags := v.at("tag").each(); len(tags) > 0 {
		out.Tags = map[string]string{}
		for _, tag := range tags {
			out.Tags[tag.name] = tag.string()
		}
	}
	for _, key := range []string{"address", "path", "unit"} {
		for _, one := range patternsAt(v, key) {
			if why := wrongPattern(key, one.string()); why != "" {
				problems.Add(one.pos, "", "%q: %s", key, why)
			}
		}
	}
	out.Checks = resolveAll(patternsAt(v, "check"), l, problems)
	if out.Checks == nil && v.has("check") && len(out.Address)+len(out.Path)+len(out.Unit)+len(out.Tags) == 0 {
		problems.Add(v.keyPos("check"), "add an address, a path, a unit or a tag", "this would suppress everything")
	}
	s.suppressions = append(s.suppressions, out)
}

// patternsAt are the texts below a key, each with its place.
func patternsAt(v *value, key string) []*value {
	below := v.at(key)
	if below == nil {
		return nil
	}
	all := []*value{below}
	if below.items != nil {
		all = below.items
	}
	var texts []*value
	for _, one := range all {
		if one != nil {
			texts = append(texts, one)
		}
	}
	return texts
}

// resolveAll gives the checks that names and patterns stand for, nil for all.
func resolveAll(names []*value, l *Library, problems *Problems) map[string]bool {
	known := checkIDs(l)
	checks, all := map[string]bool{}, false
	for _, name := range names {
		ids, why := MatchChecks(name.string(), known)
		if why != "" {
			problems.Add(name.pos, "", "%s", why)
		}
		all = all || why == "" && ids == nil
		for _, id := range ids {
			checks[id] = true
		}
	}
	if all {
		return nil
	}
	return checks
}

// MatchChecks gives the ids of checks that a name or pattern stands for, nil for all of them; or why it stands for none.
func MatchChecks(pattern string, known []string) (ids []string, why string) {
	switch {
	case pattern == AllChecks:
		return nil, ""
	case strings.Trim(pattern, "*?") == "":
		return nil, fmt.Sprintf("%q is too wide for a check: write %s if all are meant", pattern, AllChecks)
	}
	for _, id := range known {
		matched, err := path.Match(pattern, id)
		if err != nil {
			return nil, fmt.Sprintf("%q is not a pattern of names: write * for any letters", pattern)
		}
		if matched {
			ids = append(ids, id)
		}
	}
	switch {
	case ids != nil:
		return ids, ""
	case strings.ContainsAny(pattern, "*?"):
		return nil, fmt.Sprintf("no check is called %q", pattern)
	}
	why = fmt.Sprintf("there is no check %q", pattern)
	if hint := DidYouMean(pattern, known); hint != "" {
		why += " (" + hint + ")"
	}
	return nil, why
}

// wrongPattern tells why a pattern of places cannot match anything, or not what it seems to.
func wrongPattern(key, pattern string) string {
	separators := "/"
	if key == "address" {
		separators = "./"
	}
	for _, segment := range strings.FieldsFunc(pattern, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
		if strings.Contains(segment, "**") && segment != "**" {
			return fmt.Sprintf("** stands for whole segments, but %q is only part of one", segment)
		}
	}
	if key == "address" {
		return ""
	}
	switch clean := strings.TrimSuffix(pattern, "/"); {
	case strings.Contains(pattern, `\`):
		return "write / between folders"
	case strings.HasPrefix(pattern, "/"):
		return "write it as seen from the folder that is scanned, without / before it"
	case clean != path.Clean(pattern) || strings.HasPrefix(clean, ".."):
		return fmt.Sprintf("write it as seen from the folder that is scanned, as in %q", strings.TrimLeft(path.Clean("/"+pattern), "/"))
	}
	return ""
}
