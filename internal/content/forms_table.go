package content

import "sync"

var tableForm = sync.OnceValue(func() form {
	p := namePatterns()
	return object(
		"Which read calls fill which columns of one resource type. A file holds one or more, parted by ---.",
		must("table", like(p.name, "The resource type's name, singular, as Terraform says it; it begins with the provider.")),
		must("title", text("The resource type in the vendor's words, singular.")),
		must("about", text("What it is and what one row stands for.")),
		may("scope", words("How the list call fans out: once per account, or once per account and region.", ScopeAccount, ScopeRegion)),
		may("id", like(p.name, "The column that identifies a row within an account and region.")),
		may("name_column", like(p.name, "The column that a person calls the row by. Left out: name, or the id where there is no such column.")),
		may("region", like(p.path, "A path in the list item that says where the row lives, for account-wide lists of regional things.")),
		may("off", boolean("Collected only if a check or a user names it, because it costs many calls.")),
		may("defaults", boolean("False: without what provider.yaml says of all tables.")),
		may("list", listForm("The call that gives the rows.")),
		may("also", list("Further list calls that give rows of the same shape.", listForm(""))),
		may("get", dict("Column groups: calls made for each row, only if something reads what they answer.", p.name, getForm())),
		may("derive", sql("One SELECT over other tables that gives the rows, instead of list.")),
		may("concerns", concernsForm("this table")),
		may("rows", list("The constant rows of a data table, instead of list.", dict("", p.name, free("")))),
		must("columns", dict("Typed columns, in the order in which they are shown.", p.name, columnForm()).filled()),
		may("sample", form{kind: formDict, about: "What fixtures take for a field that they do not say.", element: ptr(fixture(""))}),
		may("assumed", boolean("False: a fixture that does not name the table finds it empty, not with one row like the sample.")),
		may("examples", list("Queries that show what the table is good for.", object(
			"",
			must("title", text("What the query answers.")),
			must("sql", sql("The query.")),
		))),
		may("live", boolean("No infrastructure code makes its rows.")),
		may("terraform", free("How rows come from Terraform's resources: a mapping, or a list of them (docs/contributing/a-mapping.md).")),
		may("cloudformation", free("How rows come from CloudFormation's resources, in the same words.")),
	).one("list", "derive", "rows").needs("also", "list").needs("get", "list").needs("derive", "id").needs("concerns", "derive")
})

func columnForm() form {
	return object(
		"One column. It has a path or SQL; in derived and data tables neither.",
		may("path", like(namePatterns().path, "Where the value is: a field of the list item, or a group's name and the path in its answer; lists on the way are mapped over.")),
		may("sql", sql("An expression over other columns, account_id, region and partition.")),
		may("only", list("The members that are taken of a structure, or of each in a list; dotted where they lie deeper. Left out: all.", like(namePatterns().path, "")).filled()),
		may("type", like(namePatterns().sqlType, "iam_policy, tags, cidr, timestamp or json; a SQL type in derived and data tables. Left out: what the vendor's description says.")),
		must("about", text("What it says, in the words of someone who has to decide with it.")),
		may("sensitive", boolean("It can hold a secret: it is masked before anything is written.")),
	).excludes("path", "sql").needs("only", "path").excludes("only", "type")
}

func listForm(about string) form {
	return object(about, append(
		callFields(),
		may("for", like(namePatterns().name, "A parent table: the call is made once for each of its rows, and with: speaks of those.")),
	)...)
}

func getForm() form {
	return object("A call made for each row.", append(
		callFields(),
		may("batch", integer("How many rows one call describes; the member of with: that is a list takes one value a row.", 1)),
		may("key", like(namePatterns().path, "The path in an answer's item that equals the value given for a row.")),
	)...).needs("batch", "key").needs("key", "batch")
}

func callFields() []field {
	p := namePatterns()
	condition := either("", map[nodeKind]form{
		nodeScalar: scalar("The value that it must have."),
		nodeList:   list("The values that it may have.", scalar("")).filled(),
		nodeMap: object(
			"",
			may("not", either("The values that it must not have.", map[nodeKind]form{
				nodeScalar: scalar(""), nodeList: list("", scalar("")).filled(),
			})),
			may("contains", text("A text that must occur in it, whatever the case of letters.")),
		).one("not", "contains"),
	})
	return []field{
		must("call", like(p.call, "service:Operation, as in the vendor's API description.")),
		may("items", like(p.path, "The path of the rows in the answer. Left out: the answer is the row.")),
		may("as", words("What items holds, if it is a document in another format.", "csv", "json")),
		may("with", withForm()),
		may("each", dict("Repeats the call with each of the values.", p.member, list("", scalarForm()).filled())),
		may("when", either("Which rows the call is made for.", map[nodeKind]form{
			nodeMap:  dict("Each path must have the value, or one of the values, or contain a text.", p.path, condition).filled(),
			nodeList: list("Each path must be there and not be empty.", like(p.path, "")).filled(),
		})),
		may("region", like(p.path, "A path in the row that says where to call. Left out: where the row is.")),
		may("absent", texts("Errors that mean \"not configured\": NULL that is known. Each is a code, or \"CODE: words\", if only a message with these words means it.")),
		may("older", list("Operations of the same service that answer the same in older versions of the API, the newest first: the first that is served takes the place of one that is not.", like(p.op, ""))),
		may("opt_in", like(p.objective, "What a user must allow with --allow before the call is made, because it needs more than the right to look.")),
		may("first", object(
			"A call that must have been made before, repeated until its answer is as said.",
			must("call", like(p.call, "service:Operation.")),
			may("with", withForm()),
			may("until", dict("A path in the answer, and the value or values it must have.", p.path, either("", map[nodeKind]form{
				nodeScalar: scalar(""), nodeList: list("", scalar("")).filled(),
			})).filled().single()),
		)),
	}
}

func withForm() form {
	return dict("The call's input, by the vendor's member name.", namePatterns().member, either("", map[nodeKind]form{
		nodeScalar: text("A column or a path of the row; account_id, region or partition; or text with such names in {braces}."),
		nodeMap:    object("A constant.", must("value", free("The constant."))),
	}))
}

func scalarForm() form {
	return either("", map[nodeKind]form{nodeScalar: free("")})
}

func ptr[T any](v T) *T { return &v }
