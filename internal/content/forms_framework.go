package content

import "sync"

// How far checks answer a requirement.
const (
	AnswerFull    = "full"
	AnswerPartial = "partial"
	AnswerManual  = "manual"
)

// Bounds of a threshold that a requirement rests on.
const (
	BoundMost     = "at_most"
	BoundLeast    = "at_least"
	BoundEquals   = "equals"
	BoundIncludes = "includes"
)

var frameworkForm = sync.OnceValue(func() form {
	p := frameworkPatterns()
	return object(
		"A version of a compliance framework: all its requirements, and how far checks answer each.",
		must("id", like(p.framework, "The framework's name for ever, with its version, also the file's.")),
		must("title", text("The framework's name as its publisher writes it.")),
		must("version", text("The version that the requirements are of.")),
		must("publisher", text("Who publishes it.")),
		must("about", text("What it is, and to whom it matters, in a sentence or two.")),
		must("source", sourceForm()),
		must("wording", words("Whose words the titles are: our own, or the publisher's where its license lets them be quoted.", "own", "quoted")),
		may("notice", text("What the publisher's license wants to be said with its words.")),
		may("missing", text("What of the framework is not in this file.")),
		may("own_ids", boolean("The publisher gives no identifiers: these are ours.")),
		may("providers", list("The providers that it speaks of; left out, any.", like(namePatterns().id, "")).filled()),
		may("levels", list("Its levels, baselines or profiles, the least demanding first.", like(p.level, "")).filled()),
		may("as", like(p.framework, "A framework whose requirements of the same id answer these, unless they say otherwise.")),
		must("requirements", list("Headings and requirements, in the framework's order.", requirementForm(p)).filled()),
	)
})

type frameworkPatternSet struct{ framework, level, requirement, same *pattern }

var frameworkPatterns = sync.OnceValue(func() *frameworkPatternSet {
	return &frameworkPatternSet{
		framework:   newPattern("a lower-case name such as cis-aws-7.0", `^[a-z][a-z0-9]*([-.][a-z0-9]+)*$`),
		level:       newPattern("a lower-case name such as level-1", `^[a-z0-9]+([-.][a-z0-9]+)*$`),
		requirement: newPattern("an identifier such as AC-2(1), without blanks at its ends", `^[^\s/;]([^/;]*[^\s/;])?$`),
		same:        newPattern("a framework and a requirement such as cis-aws-7.0/2.4", `^[a-z][a-z0-9.-]*/[^/;]+$`),
	}
})

func sourceForm() form {
	return object(
		"The document that the requirements were taken from.",
		must("document", text("Its title.")),
		must("url", like(namePatterns().url, "Where it is published.")),
		must("date", text("When it was published.")),
	)
}

func requirementForm(p *frameworkPatternSet) form {
	bound := free("A value of the parameter's type.")
	return object(
		"A heading, or a requirement and its answer.",
		must("id", like(p.requirement, "Its identifier in the framework.")),
		must("title", text("What it asks for, in a few words.")),
		may("parent", like(p.requirement, "The heading or requirement that it belongs to.")),
		may("group", boolean("It is a heading, and is not assessed.")),
		may("levels", list("The levels that ask for it.", like(p.level, "")).filled()),
		may("assessment", words("How the publisher says that it is assessed.", "automated", "manual")),
		may("as", like(p.same, "A requirement with the same answer.")),
		may("answer", words("How far checks answer it: the whole, a part, or not at all.", AnswerFull, AnswerPartial, AnswerManual)),
		may("objectives", list("Control objectives: all checks that serve one of them answer the requirement.", like(namePatterns().objective, "")).filled()),
		may("checks", list("Checks that answer it, beside those of its objectives.", like(namePatterns().name, "")).filled()),
		may("requires", dict("By check and parameter: within which bounds a threshold must be for the check to answer this requirement.", namePatterns().name,
			dict("", namePatterns().name, object(
				"",
				may(BoundMost, bound), may(BoundLeast, bound), may(BoundEquals, bound), may(BoundIncludes, bound),
			).excludes(BoundEquals, BoundMost, BoundLeast, BoundIncludes)))),
		may("left", text("What the checks do not look at.")),
		may("look", text("What a person must look at, or ask for.")),
	).excludes("group", "as", "answer", "levels", "assessment").excludes("as", "answer", "objectives", "checks", "requires", "left", "look").
		needs("objectives", "answer").needs("checks", "answer").needs("requires", "answer").needs("left", "answer").needs("look", "answer")
}

// frameworkListForm is that of a framework's identifiers, by which its file is proved.
var frameworkListForm = sync.OnceValue(func() form {
	p := frameworkPatterns()
	ids := func(about string) form { return list(about, like(p.requirement, "")) }
	return object(
		"The identifiers of a framework's version, as published: the framework's file must have exactly these.",
		must("framework", like(p.framework, "The framework's id, also the file's name.")),
		must("source", sourceForm()),
		must("established", text("How it was made sure that the list is whole and right.")),
		may("missing", text("What it lacks.")),
		must("headings", ids("Identifiers of headings.")),
		must("requirements", ids("Identifiers of requirements.").filled()),
	)
})
