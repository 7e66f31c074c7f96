package evaluate

// source says where a job finds the rows of its resource. Scans read the table itself; fixtures read a part of one.
type source struct {
	from  string // SQL that stands after FROM
	row   string // of a row check: SQL that identifies a row, rowid in a scan
	with  string // of a spread check's fixtures: SQL for after WITH that puts the rows of fixtures in the place of tables
	cases []int  // the fixtures that are asked, from 1; none in a scan
	// together says that the rows of several fixtures are in the tables of with, each with its number in the column _case, and what
	// the check's query said of each, asked alone, in the table answers. What is said of one must not touch another.
	together bool
}

// answers is the table of what a check's query said of each of several fixtures.
const answers = "stance_answer"

// withSQL is what stands before a spread check's own steps.
func (s source) withSQL() string {
	if s.with == "" {
		return "WITH "
	}
	return "WITH " + s.with + ",\n"
}

// by begins lists of columns that something is selected or grouped by.
func (s source) by() string {
	if s.together {
		return "_case, "
	}
	return ""
}

// same begins the condition of a join of two tables.
func (s source) same(a, b string) string {
	if s.together {
		return a + "._case = " + b + "._case AND "
	}
	return ""
}
