package content

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Mute is a rule of the file of mutes: findings that nobody need act on for a while, or whose risk somebody has accepted. All that
// it says must hold for a finding.
type Mute struct {
	// Checks are the checks that it names, patterns resolved, by id. Nil stands for all.
	Checks map[string]bool
	// Resource, Account and Region are patterns, of which one must match where there are any; * and ? stand for any letters and one.
	Resource, Account, Region []string
	// Tags are patterns of values by key. All must match.
	Tags map[string]string
	// Frameworks in whose reports alone it holds; empty: everywhere.
	Frameworks []string
	// Accept says that the risk is accepted; otherwise the finding is only muted.
	Accept bool
	Reason string
	// Until is the last day on which it holds, in UTC; empty: it holds for ever.
	Until         string
	Owner, Ticket string
	Pos           Pos
}

// DefaultMutes is the file of mutes that is read where it lies in the folder of the run.
const DefaultMutes = "mutes.yaml"

// some is one text, or a list of them.
func some(about string) form {
	return either(about, map[nodeKind]form{nodeScalar: text(""), nodeList: texts("").filled()})
}

// dayPattern is how days are written.
var dayPattern = sync.OnceValue(func() *pattern { return newPattern("a day such as 2027-01-01", `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`) })

var mutesForm = sync.OnceValue(func() form {
	return object(
		"Findings that nobody need act on for a while, or whose risk is accepted: mutes.yaml.",
		must("mutes", list("Rules, of which the first that fits a finding counts.", object(
			"All that is said must hold.",
			must("check", some("The id of a check, a pattern such as aws_s3_*, a list of them, or all.")),
			may("resource", some("Resources by id or name: * and ? stand for any letters and one.")),
			may("account", some("Accounts, subscriptions, projects or clusters, by id.")),
			may("region", some("Regions; global is what has none.")),
			may("tag", dict("Tags that the resource has, with patterns of their values.", nil, text("")).filled()),
			may("framework", some("Frameworks in whose reports alone it holds.")),
			may("accept", boolean("The risk is accepted; otherwise the finding is only muted.")),
			must("reason", text("Why nobody need act. It is shown with the finding.")),
			may("until", like(dayPattern(), "The last day on which it holds, in UTC.")),
			may("owner", text("Who answers for it.")),
			may("ticket", text("Where it is followed up.")),
		).needs("accept", "owner", "until"))),
	)
})

// LoadMutes reads a user's file of mutes. With any problem none of it may be used: rules that hold in part would mislead.
func LoadMutes(name string, l *Library) ([]Mute, Problems) {
	var problems Problems
	var mutes []Mute
	for _, v := range loadOne(name, mutesForm(), &problems).at("mutes").all() {
		if v != nil {
			mutes = append(mutes, buildMute(v, l, &problems))
		}
	}
	return mutes, problems.Sorted()
}

// loadOne reads a user's file that is one document. It gives nil where it cannot.
func loadOne(name string, f form, problems *Problems) *value {
	shown := filepath.ToSlash(filepath.Clean(name))
	data, ok := readFile(os.DirFS(filepath.Dir(name)), filepath.Base(name), shown, problems)
	if !ok {
		return nil
	}
	return readOne(data, shown, f, problems)
}

// readOne is loadOne for a file that was read.
func readOne(data []byte, shown string, f form, problems *Problems) *value {
	docs := documents(data, shown, problems)
	if len(docs) == 0 { // all of it is comments
		return nil
	}
	if len(docs) > 1 {
		problems.Add(docs[1].pos(docs[1].node), "", "the file is one document")
	}
	return read(docs[0], f, problems)
}

func buildMute(v *value, l *Library, problems *Problems) Mute {
	m := Mute{
		Pos: v.pos, Checks: resolveAll(patternsAt(v, "check"), l, problems), Reason: oneLine(v.at("reason").string()),
		Resource: v.at("resource").strings(), Account: v.at("account").strings(), Region: v.at("region").strings(),
		Accept: v.at("accept").bool(), Until: v.at("until").string(), Owner: v.at("owner").string(), Ticket: v.at("ticket").string(),
	}
	for _, tag := range v.at("tag").each() {
		if m.Tags == nil {
			m.Tags = map[string]string{}
		}
		m.Tags[tag.name] = tag.string()
	}
	for _, one := range patternsAt(v, "framework") {
		if f := l.Framework(one.string()); f == nil {
			problems.Add(one.pos, DidYouMean(one.string(), frameworkIDs(l)), "there is no framework %q", one.string())
		}
		m.Frameworks = append(m.Frameworks, one.string())
	}
	for _, key := range []string{"resource", "account", "region"} {
		for _, one := range patternsAt(v, key) {
			if strings.Trim(one.string(), "*") == "" {
				problems.Add(one.pos, "leave "+key+" out where any is meant", "%q says nothing", one.string())
			}
		}
	}
	wantDay(v, "until", problems)
	if m.Checks == nil && v.has("check") && len(m.Resource)+len(m.Account)+len(m.Region)+len(m.Tags) == 0 {
		problems.Add(v.keyPos("check"), "add a resource, an account, a region or a tag", "this would mute everything")
	}
	return m
}

// wantDay reports a day that no calendar has.
func wantDay(v *value, key string, problems *Problems) {
	if day := v.at(key).string(); day != "" {
		if _, err := time.Parse(DateFormat, day); err != nil {
			problems.Add(v.at(key).pos, "", "there is no day %s", day)
		}
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func frameworkIDs(l *Library) []string {
	ids := make([]string, len(l.Frameworks))
	for i, f := range l.Frameworks {
		ids[i] = f.ID
	}
	return ids
}
