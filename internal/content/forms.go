package content

import "sync"

// Patterns of names. They are compiled on first use, since a program that only lists what is packed needs none.
type patterns struct {
	name, service, id, call, op, member, path, objective, url, sqlType *pattern
}

var namePatterns = sync.OnceValue(func() *patterns {
	return &patterns{
		name:      newPattern("a lower-case name such as aws_s3_bucket", `^[a-z][a-z0-9_]*$`),
		service:   newPattern("a lower-case name such as s3 or cognito-idp", `^[a-z0-9][a-z0-9_.-]*$`),
		id:        newPattern("a provider's name such as aws", `^[a-z][a-z0-9]*$`),
		call:      newPattern("a call such as s3:GetBucketVersioning", `^[A-Za-z0-9][A-Za-z0-9._-]*:[^:\s]+$`),
		op:        newPattern("an operation such as GetBucketVersioning", `^[^:\s]+$`),
		member:    newPattern("a member of the call's input", `^[A-Za-z_$][A-Za-z0-9_.$:-]*$`),
		path:      newPattern("a dotted path such as Status.Code", `^[^.\s]+(\.[^.\s]+)*$`),
		objective: newPattern("words joined by hyphens such as data-recovery", `^[a-z][a-z0-9]*(-[a-z0-9]+)*$`),
		url:       newPattern("an address such as https://docs.example.com/page", `^https?://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]+)?([/?#]\S*)?$`),
		sqlType:   newPattern("iam_policy, tags, cidr, timestamp, json or a SQL type", `^[A-Za-z][A-Za-z0-9_ ,()\[\]"]*$`),
	}
})

// Severities, the worst first.
var severities = []string{"critical", "high", "medium", "low", "info"}

// Severities lists the words for a check's severity, the worst first.
func Severities() []string { return append([]string(nil), severities...) }

// QueryScopes say how far one failed call spreads UNKNOWN over a query.
const (
	QueryAccount      = "account"
	QueryRegion       = "region"
	QueryOrganization = "organization"
)

// Types of parameters.
const (
	TypeInteger = "integer"
	TypeNumber  = "number"
	TypeBoolean = "boolean"
	TypeString  = "string"
	TypeStrings = "strings"
)

var checkForm = sync.OnceValue(func() form {
	p := namePatterns()
	return object(
		"A question asked of every row of a table, or one query; with what to do about it.",
		must("id", like(p.name, "The check's name for ever, also the file's: it begins with the provider, then says the resource and what is good.")),
		must("title", text("What is true when the check passes, as a short sentence without full stop.")),
		must("severity", words("How bad a failure is: see docs/severity.md.", severities...)),
		must("resource", like(p.name, "The table that findings are about: one verdict for each of its rows.")),
		may("when", sql("SQL: which rows the check speaks about. Left out, all.")),
		may("pass", sql("SQL over the row: true passes, false fails. It must not be NULL when all it reads is known.")),
		may("found", sql("SQL text: what was seen, in a few words that complete \"found: …\".")),
		may("query", sql("One SELECT that gives id, pass, found and optionally account_id, region, name, cause; instead of when, pass and found.")),
		may("scope", words("How far one call that failed makes the query's answers unknown.", QueryAccount, QueryRegion, QueryOrganization)),
		may("concerns", concernsForm("the resource")),
		may("manual", text("What a person must look at, where no API tells; instead of pass.")),
		may("ask", sql("SQL text: what a person must look at for a row that no API tells about. Where it is NULL, pass decides.")),
		may("live", text("Why only a live scan can tell, although infrastructure code could fill all columns that are read.")),
		may("params", paramsForm("Thresholds and lists that users may set. SQL reads them as $name.")),
		may("objectives", list("Control objectives that the check serves, from objectives.yaml.", like(p.objective, ""))),
		may("why", text("What can happen if the check fails, and to whom it matters.")),
		may("fix", fixForm()),
		may("references", list("Pages of the vendor's documentation.", like(p.url, ""))),
		may("tests", list("Raw API documents and the verdict that each must get.", fixtureForm())),
	).one("pass", "query", "manual").excludes("query", "when", "found").excludes("manual", "found").needs("scope", "query").needs("concerns", "query").needs("ask", "pass")
})

// concernsForm is that of a query, or of a derived table.
func concernsForm(of string) form {
	about := "By table that is read: which rows of " + of + " one of its rows can change. Where something of that row is not known, only these become unknown; " +
		"for a table left out, all in the scope do. It is SQL that gives text, or a list of texts, of which both have one in common; where it is NULL, they may have."
	return dict(about, namePatterns().name, either("", map[nodeKind]form{
		nodeScalar: sql("The same SQL for both."),
		nodeMap: object(
			"",
			must("row", sql("SQL over the row.")),
			must("of", sql("SQL over rows of "+of+".")),
		),
	}))
}

func paramsForm(about string) form {
	scalar := free("The value unless the user sets one; of the parameter's type.")
	return dict(about, namePatterns().name, object(
		"A parameter.",
		must("type", words("What kind of value it takes.", TypeInteger, TypeNumber, TypeBoolean, TypeString, TypeStrings)),
		must("default", scalar),
		must("about", text("What it means, with its unit.")),
	))
}

func fixForm() form {
	return object(
		"How to make the finding go away.",
		must("text", text("What to do, in one or two sentences.")),
		may("cli", text("Commands that do it. {column} stands for the row's value.")),
		may("terraform", text("The same in Terraform.")),
		may("caution", text("What may break, cost or not be undone.")),
		may("apply", text("The name of the remedy that Stance can carry out itself.")),
		may("code", codeFixForm()),
	)
}

func fixtureForm() form {
	document := "The raw document: the list item's fields and each column group by its name. For a query, or a table that is derived, a map from each table to its documents."
	return object(
		"One fixture: exactly one verdict with the documents that must get it.",
		may(WantPass, fixture("Must pass. "+document)),
		may(WantFail, fixture("Must fail. "+document)),
		may(WantUnknown, fixture("Must be unknown: something that it reads is !denied, !throttled, !unsupported or !broken. "+document)),
		may(WantNone, fixture("Must give no finding: the check does not speak about it. "+document)),
		may(WantManual, fixture("Must ask a person. "+document)),
		may("found", text("The exact text that must be found.")),
		may("cause", text("A part of the cause that must be given.")),
		may("params", dict("Settings for this fixture.", namePatterns().name, free(""))),
	).one(WantPass, WantFail, WantUnknown, WantNone, WantManual).
		excludes("found", WantUnknown, WantNone, WantManual).excludes("cause", WantPass, WantFail, WantNone)
}

var providerForm = sync.OnceValue(func() form {
	p := namePatterns()
	return object(
		"What the engine must know of a vendor that is not code.",
		must("id", like(p.id, "The name of the provider's folder.")),
		must("title", text("The vendor's name for its cloud.")),
		may("errors", list("How answers that are errors are classified. The first rule that holds decides.", object(
			"All that is said must hold.",
			must("class", words("What the error means for a verdict.", errorClasses...)),
			may("codes", texts("The vendor's codes, exact or with * at either end, whatever their case.")),
			may("status", list("HTTP statuses.", integer("", 100))),
			may("message", text("A part of the message.")),
			may("service", text("Only for this service.")),
			may("wide", boolean("It holds for every operation of the service in the account and region, so that no other is asked: not subscribed, not opted in.")),
		))),
		may("params", paramsForm("Parameters that all checks of the provider share.")),
		may("code", object(
			"What infrastructure code that makes the vendor's resources needs.",
			may("objects", boolean("The documents of its tables are the objects that people write in manifests.")),
			may("partition", text("What the partition column of rows is.")),
			may("region", texts("Paths that may say where a resource will be; the first that is known counts.")),
			may("account", texts("Paths that may say the number of the account that a resource will be in: a number, or an ARN that has one.")),
			may("sign_in", texts("Paths that say who the provider signs in as: where all are the same, so is the account.")),
			may("known", dict("Attributes of data sources that are the same in every account and region, by type and attribute (aws_partition.partition).", nil, text(""))),
			may("symbols", dict("What references to other things than resources stand for, with {account_id}, {region} and {partition}.", nil, text(""))),
		)),
		may("tables", object(
			"What each table that is collected has unless it says otherwise, or has defaults: false.",
			may("scope", words("How list calls fan out.", ScopeAccount, ScopeRegion)),
			may("id", like(p.name, "The column that identifies a row.")),
			may("name_column", like(p.name, "The column that a person calls a row by.")),
			may("region", like(p.path, "A path in the list item that says where the row lives.")),
			may("assumed", boolean("False: fixtures that do not name a table find it empty, although it has a sample.")),
			may("columns", dict("Columns that stand before the table's own.", p.name, columnForm())),
		)),
		may("limits", list("How fast a service may be asked at first, for each account and region.", object(
			"",
			must("service", text("The service's name in the API description, or * for all others.")),
			may("op", text("Only this operation.")),
			must("rate", number("Calls a second.")),
			may("burst", integer("How many calls may be made at once.", 1)),
		))),
	)
})

// errorClasses are the classes of provider.Error that data may give. What means "not configured" is said by each table.
var errorClasses = []string{"denied", "throttled", "unsupported", "expired", "gone", "retryable", "broken"}

var objectivesForm = sync.OnceValue(func() form {
	return object(
		"Control objectives: what checks are for, in words that no framework owns.",
		must("objectives", dict("Each objective by its id.", namePatterns().objective, object(
			"",
			must("title", text("The objective as a short sentence without full stop, true where it is met.")),
			must("domain", like(namePatterns().objective, "The field of security that it belongs to, such as identity or network.")),
			must("about", text("What is to be true, exactly.")),
			must("why", text("What can happen otherwise.")),
		))),
	)
})

var settingsForm = sync.OnceValue(func() form {
	return object(
		"A user's settings: stance.yaml.",
		may("params", dict("Parameters: those of a check below its id, shared ones by their own name.", namePatterns().name,
			either("", map[nodeKind]form{
				nodeScalar: free(""), nodeList: free(""), nodeMap: dict("A check's parameters.", namePatterns().name, free("")),
			}))),
		may("suppress", list("Findings of code that nobody need act on, and why.", suppressionForm())),
	)
})
