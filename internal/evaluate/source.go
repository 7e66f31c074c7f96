package evaluate

// source says where a job finds the rows of its resource. Scans read the table itself; fixtures read a part of one.
type source struct {
	from  string // SQL that stands after FROM
	row   string // of a row check: SQL that identifies a row, rowid in a scan
	with  string // of a spread check's fixtures: SQL for after WITH that puts the rows of fixtures in the place of tables
	cases []int  // the fixtures that are asked, from 1; none in a scan
}

// withSQL is what stands before a spread check's own steps.
func (s source) withSQL() string {
	if s.with == "" {
		return "WITH "
	}
	return "WITH " + s.with + ",\n"
}
