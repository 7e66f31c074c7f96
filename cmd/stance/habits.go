package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// habit is something that hands used to other tools type, and what to type here instead.
type habit struct {
	words []string // after the program's name, in this order; alternatives are divided by |. More may follow
	flag  string   // or a flag, as the error about it ends
	// instead says it of the words that were typed. It begins with a command in backticks, if it is about words.
	instead func(a *app, typed []string) string
}

// Words that several habits share.
const (
	clusters = "k8s|kube|k3s|eks|gke|aks|openshift|cluster"
	amazon   = "amazon"
	looking  = "get|list|show|describe"
)

// habits are looked through from the first to the last.
func habits() []habit {
	return []habit{
		{words: []string{"scan", clusters}, instead: say("`stance scan kubernetes` scans any cluster of your kubeconfig")},
		{words: []string{"plan|permissions", clusters}, instead: say("`stance %s kubernetes` is for any cluster")},
		{words: []string{clusters + "|kubernetes"}, instead: say("`stance scan kubernetes` scans a cluster of your kubeconfig")},
		{words: []string{"scan|plan|permissions", amazon}, instead: say("`stance %s aws`")},
		{words: []string{amazon + "|aws"}, instead: say("`stance scan aws` scans the account of your AWS profile")},
		{words: []string{looking, "finding|findings|issues|failures"}, instead: say("`stance findings` lists what the last scans found")},
		{words: []string{looking, "check|checks|policies|rules"}, instead: say("`stance checks` lists the checks")},
		{words: []string{looking, "table|tables"}, instead: say("`stance tables` lists the tables")},
		{words: []string{looking, "scan|scans"}, instead: say("`stance scans` lists the scans")},
		{words: []string{looking}, instead: (*app).insteadOfGet},
		{words: []string{"explain"}, instead: (*app).insteadOfExplain},
		{flag: "--namespace", instead: say(oneNamespace)},
		{flag: "--all-namespaces", instead: say(oneNamespace)},
		{flag: "'n' in -", instead: say(oneNamespace)},
		{flag: "'A' in -", instead: say(oneNamespace)},
	}
}

const oneNamespace = "a scan is of the whole cluster; `stance findings --region NAMESPACE` shows one namespace"

// say gives a text, with the first word that was typed in place of %s.
func say(text string) func(*app, []string) string {
	return func(_ *app, typed []string) string {
		if len(typed) == 0 {
			return text
		}
		return strings.ReplaceAll(text, "%s", typed[0])
	}
}

// habitOfWords answers words that begin as a habit does; nil if they do not.
func (a *app) habitOfWords(args []string) *exitError {
	var typed []string
	for _, arg := range args {
		if !strings.HasPrefix(arg, "-") {
			typed = append(typed, arg)
		}
	}
	for _, h := range habits() {
		if n := len(h.words); n > 0 && n <= len(typed) && slices.EqualFunc(h.words, typed[:n], alternative) {
			return &exitError{exitUsage, fmt.Sprintf("there is no `stance %s`: %s", strings.Join(typed[:n], " "), a.proposing(h.instead(a, typed)))}
		}
	}
	return nil
}

func alternative(words, typed string) bool {
	return slices.Contains(strings.Split(words, "|"), strings.ToLower(typed))
}

// habitOfFlag is what to do instead of a flag that hands used to kubectl type; empty for other flags.
func (a *app) habitOfFlag(err error) string {
	text := err.Error()
	for _, h := range habits() {
		if h.flag != "" && (strings.HasSuffix(text, ": "+h.flag) || strings.Contains(text, "flag: "+h.flag)) {
			return ": " + a.proposing(h.instead(a, nil))
		}
	}
	return ""
}

// proposing writes the commands of a text so that a shell finds the program.
func (a *app) proposing(text string) string {
	return strings.ReplaceAll(text, "`stance ", "`"+a.program+" ")
}

// insteadOfGet leads to the rows of a table: `get pods`.
func (a *app) insteadOfGet(typed []string) string {
	const general = "`stance findings` lists what is wrong, `stance query` asks about resources, `stance tables` lists their tables"
	if len(typed) < 2 {
		return general
	}
	index, err := a.index()
	if err != nil {
		return general
	}
	table := tableOf(typed[1], index)
	if table == "" {
		return general
	}
	return fmt.Sprintf("`stance query \"select region, name from %s\"` lists those of the last scans", table)
}

// insteadOfExplain leads to a check or table, or to near ones.
func (a *app) insteadOfExplain(typed []string) string {
	const general = "`stance checks ID` explains a check, `stance tables NAME` a table"
	if len(typed) < 2 {
		return general
	}
	index, err := a.index()
	if err != nil {
		return general
	}
	checks, tables := make([]string, len(index.Checks)), make([]string, len(index.Tables))
	for i, c := range index.Checks {
		checks[i] = c.ID
	}
	for i, t := range index.Tables {
		tables[i] = t.Name
	}
	name := typed[1]
	if slices.Contains(checks, name) {
		return fmt.Sprintf("`stance checks %s` explains the check", name)
	}
	if table := tableOf(name, index); table != "" {
		return fmt.Sprintf("`stance tables %s` explains the table", table)
	}
	var near []string
	for _, kind := range []struct {
		command string
		names   []string
	}{{"checks", checks}, {"tables", tables}} {
		for _, id := range nearOnes(name, kind.names) {
			near = append(near, "`stance "+kind.command+" "+id+"`")
		}
	}
	if len(near) > 0 {
		return fmt.Sprintf("nor is there a check or table %q: did you mean %s?", name, oneOf(near))
	}
	return general + fmt.Sprintf("; none is called %q", name)
}

// nearOnes are the names that may have been meant: the nearest one, else the first few that hold the word.
func nearOnes(word string, names []string) []string {
	const most = 2
	if near := content.Nearest(word, names); near != "" {
		return []string{near}
	}
	var holding []string
	for _, name := range names {
		if len(holding) < most && strings.Contains(name, strings.ToLower(word)) {
			holding = append(holding, name)
		}
	}
	return holding
}

// shortNames are those that kubectl takes for kinds.
var shortNames = map[string]string{
	"cj": "cronjob", "cm": "configmap", "crd": "customresourcedefinition", "csr": "certificatesigningrequest", "deploy": "deployment", "ds": "daemonset",
	"hpa": "horizontalpodautoscaler", "ing": "ingress", "netpol": "networkpolicy", "no": "node", "ns": "namespace", "pc": "priorityclass",
	"pdb": "poddisruptionbudget", "po": "pod", "pv": "persistentvolume", "pvc": "persistentvolumeclaim", "quota": "resourcequota",
	"rc": "replicationcontroller", "rs": "replicaset", "sa": "serviceaccount", "sc": "storageclass", "sts": "statefulset", "svc": "service",
}

// tableOf is the table that a person means who is used to kubectl ("pods", "po", "deployments.apps", "pod/web"), or names as it is.
// It is empty if there is none.
func tableOf(word string, index *content.Index) string {
	kind := strings.ToLower(word)
	if i := strings.IndexAny(kind, "/.,"); i >= 0 {
		kind = kind[:i]
	}
	if long, ok := shortNames[kind]; ok {
		kind = long
	}
	for _, singular := range []string{kind, strings.TrimSuffix(kind, "s"), strings.TrimSuffix(kind, "es"), strings.TrimSuffix(kind, "ies") + "y"} {
		for _, t := range index.Tables {
			if t.Name == singular || strings.ReplaceAll(strings.TrimPrefix(t.Name, "kubernetes_"), "_", "") == strings.NewReplacer("_", "", "-", "").Replace(singular) {
				return t.Name
			}
		}
	}
	return ""
}
