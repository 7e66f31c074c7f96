package content

import "strings"

// CodeFix says how a piece of infrastructure code is changed so that a check passes: edits by language, applied one after the
// other. A language that is not there has none.
type CodeFix struct {
	Terraform, CloudFormation, Kubernetes []*CodeEdit
}

// CodeEdit is one change of a resource. Exactly one of Set, Change, Remove and Add is said. Paths are dotted, in the language's own
// names; * stands for each item of a list and each block of a name. In Kubernetes "pod." begins at the pod's spec, wherever the
// kind of workload has it, and "container." at each of the containers that start with it.
type CodeEdit struct {
	Set    string // gets the value To, and is made with all that it lies in where it is missing
	Change string // gets the value To where it is written
	Remove string // is taken away where it is written
	Add    string // Terraform: the type of a companion that gets the values With, and is made where there is none
	To     any
	With   []*Setting
	For    string // the type of resource that the edit is for; any, if empty
}

// Setting is a path and its value. ${self.id} is a reference to the resource's attribute.
type Setting struct {
	Path  string
	Value any
}

// Path is what an edit is about: a path, or the type of a companion.
func (e *CodeEdit) Path() string { return e.Set + e.Change + e.Remove + e.Add }

// Refers gives the attribute that a value refers to: id, of ${self.id}.
func (s *Setting) Refers() (attribute string, ok bool) {
	text, _ := s.Value.(string)
	if attribute, ok = strings.CutPrefix(text, "${self."); ok {
		attribute, ok = strings.CutSuffix(attribute, "}")
	}
	return attribute, ok
}

func codeFixForm() form {
	path := namePatterns().path
	edits := func(about string) form {
		return list(about, object(
			"One change.",
			may("set", like(path, "The path that gets a value; what is missing on the way is made.")),
			may("change", like(path, "The path that gets another value, where it is written.")),
			may("remove", like(path, "The path that is taken away, where it is written.")),
			may("add", like(path, "Terraform: the type of a companion that is made after the resource; if one refers to it, that is changed instead.")),
			may("to", free("The value.")),
			may("with", dict("The values of the companion by their paths. One is ${self.ATTRIBUTE}, which ties it to the resource.", path, free(""))),
			may("for", text("The type of resource that the edit is for; left out, any that has the path.")),
		).one("set", "change", "remove", "add").needs("set", "to").needs("change", "to").needs("add", "with").
			excludes("remove", "to", "with").excludes("add", "to").excludes("with", "set", "change")).filled()
	}
	return object(
		"Changes of infrastructure code with which the check passes. They are only shown where a scan of the changed code proves it.",
		may("terraform", edits("In the names of Terraform's provider.")),
		may("cloudformation", edits("In the names of CloudFormation's properties.")),
		may("kubernetes", edits("In the names of the object; pod. begins at its pods' spec, container. at each container of that.")),
	)
}

func buildCodeFix(v *value, problems *Problems) *CodeFix {
	if v == nil {
		return nil
	}
	fix := &CodeFix{}
	for language, edits := range map[string]*[]*CodeEdit{"terraform": &fix.Terraform, "cloudformation": &fix.CloudFormation, "kubernetes": &fix.Kubernetes} {
		for _, one := range v.at(language).all() {
			e := &CodeEdit{
				Set: one.at("set").string(), Change: one.at("change").string(), Remove: one.at("remove").string(), Add: one.at("add").string(),
				To: one.at("to").any(), For: one.at("for").string(),
			}
			tied := false
			for _, with := range one.at("with").each() {
				s := &Setting{Path: with.name, Value: with.any()}
				_, refers := s.Refers()
				tied = tied || refers
				e.With = append(e.With, s)
			}
			switch {
			case e.Add != "" && language != "terraform":
				problems.Add(one.keyPos("add"), "", "only Terraform has companions")
			case e.Add != "" && !tied:
				problems.Add(one.keyPos("with"), "write one like bucket: \"${self.id}\"", "nothing ties the companion to the resource")
			}
			*edits = append(*edits, e)
		}
	}
	return fix
}
