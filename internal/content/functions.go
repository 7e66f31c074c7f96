package content

import "strings"

// parseFunctions reads a file of SQL macros. Each statement is one; the comment above it says what it is for, and lines of
// the form "-- test: expression => expression" how it is proved. They stand within or below the statement, or between it and
// its comment: a comment that is no test begins what belongs to the next one.
func parseFunctions(text, shown string, problems *Problems) []*Function {
	var functions []*Function
	p := &functionParser{text: text, file: shown, problems: problems}
	start := 0 // of the statement, or of the comments above it
	for _, part := range scanSQL(text) {
		if part.kind == sqlEnd {
			c := p.read(start, part.end)
			p.giveBack(&c, functions)
			if f := p.statement(c, part.end); f != nil {
				functions = append(functions, f)
			}
			start = part.end
		}
	}
	rest := p.read(start, len(text))
	p.giveBack(&rest, functions)
	switch {
	case rest.code >= 0:
		problems.Add(p.pos(rest.code), "", "the statement does not end in a semicolon")
	case len(rest.tests) > 0:
		problems.Add(rest.tests[0].Pos, "", "the test stands beside no macro")
	}
	return functions
}

// giveBack hands tests that stand below a statement to that statement's function.
func (p *functionParser) giveBack(c *chunk, functions []*Function) {
	if len(functions) > 0 {
		last := functions[len(functions)-1]
		last.Tests = append(last.Tests, c.tests[:c.before]...)
		c.tests = c.tests[c.before:]
	}
}

type functionParser struct {
	text, file string
	problems   *Problems
}

// pos gives the place of a byte.
func (p *functionParser) pos(offset int) Pos {
	before := p.text[:offset]
	line := strings.Count(before, "\n") + 1
	return Pos{p.file, line, offset - strings.LastIndex(before, "\n")}
}

// chunk is a statement with the comments above and within it.
type chunk struct {
	code   int // where the statement begins; -1 if there is none
	about  []string
	tests  []FunctionTest
	before int  // how many of the tests stand before any other comment and the statement
	begun  bool // such a comment, or the statement, was seen
}

func (p *functionParser) read(start, end int) chunk {
	c := chunk{code: -1}
	offset := start
	for _, part := range scanSQL(p.text[start:end]) {
		at, text := offset+part.start, p.text[offset+part.start:offset+part.end]
		switch {
		case part.kind == sqlComment:
			// What stands behind a semicolon speaks of the statement that it ended.
			if behind := start > 0 && !strings.Contains(p.text[start:at], "\n"); !behind {
				p.comment(&c, at, text)
			}
		case c.code < 0 && strings.TrimSpace(text) != "":
			c.code, c.begun = at+len(text)-len(strings.TrimLeft(text, " \t\r\n")), true
		case c.code < 0 && strings.Count(text, "\n") > 1:
			c.about = nil // a blank line parts a file's own comment from the first function's
		}
	}
	return c
}

func (p *functionParser) comment(c *chunk, at int, text string) {
	line := strings.TrimSpace(strings.TrimPrefix(text, "--"))
	test, isTest := strings.CutPrefix(line, "test:")
	switch {
	case isTest:
		expression, want, ok := cutArrow(test)
		if !ok {
			p.problems.Add(p.pos(at), "write -- test: expression => expression", "the test has no =>")
			return
		}
		c.tests = append(c.tests, FunctionTest{Expression: expression, Want: want, Pos: p.pos(at)})
		if !c.begun {
			c.before = len(c.tests)
		}
	case c.code < 0 && strings.HasPrefix(text, "--"):
		c.about, c.begun = append(c.about, line), true
	}
}

// cutArrow parts a test at the last => that stands outside quotes: an argument may be given by name with one.
func cutArrow(test string) (expression, want string, ok bool) {
	at := -1
	for _, part := range scanSQL(test) {
		if n := strings.LastIndex(test[part.start:part.end], "=>"); part.kind == sqlOther && n >= 0 {
			at = part.start + n
		}
	}
	if at < 0 {
		return "", "", false
	}
	expression, want = strings.TrimSpace(test[:at]), strings.TrimSpace(test[at+2:])
	return expression, want, expression != "" && want != ""
}

func (p *functionParser) statement(c chunk, end int) *Function {
	if c.code < 0 || p.text[c.code] == ';' {
		p.problems.Add(p.pos(end-1), "", "a semicolon ends nothing")
		return nil
	}
	statement := p.text[c.code:end]
	f := &Function{
		SQL: strings.TrimSpace(strings.TrimSuffix(statement, ";")), About: strings.TrimSpace(strings.Join(c.about, " ")),
		Tests: c.tests, Pos: p.pos(c.code),
	}
	words := codeWords(statement)
	if len(words) < 3 || words[0] != "create" || (words[1] != "macro" && words[1] != "function") {
		p.problems.Add(f.Pos, "write CREATE MACRO name(arguments) AS expression;", "a statement that makes no macro")
		return nil
	}
	f.Name = words[2]
	if !namePatterns().name.re.MatchString(f.Name) {
		p.problems.Add(f.Pos, "", "the macro's name %q is not lower-case", f.Name)
	}
	if f.About == "" {
		p.problems.Add(f.Pos, "", "the comment that says what %s is for is missing", f.Name)
	}
	return f
}

// codeWords gives the first words of a statement: keywords in lower case, the macro's name as written.
func codeWords(statement string) []string {
	var words []string
	for _, part := range scanSQL(statement) {
		if part.kind == sqlWord && len(words) < 3 {
			word := statement[part.start:part.end]
			if len(words) < 2 {
				word = strings.ToLower(word)
			}
			words = append(words, word)
		}
	}
	return words
}
