package audit

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/stancehq/stance/internal/content"
)

// oscalControl is how OSCAL documents name a requirement: the control, and the statement that is all of it.
type oscalControl struct{ id, statement string }

// catalogs are frameworks of which NIST publishes a catalog in OSCAL, by id, with the names that it gives to controls there.
// Source: github.com/usnistgov/oscal-content, below nist.gov.
var catalogs = map[string]func(id string) oscalControl{
	"nist-800-53-r5": func(id string) oscalControl { // AC-2(1) is ac-2.1
		control := strings.ToLower(strings.NewReplacer("(", ".", ")", "").Replace(id))
		return oscalControl{control, control + "_smt"}
	},
	"nist-800-171-r3": func(id string) oscalControl { return oscalControl{"SP_800_171_" + id, "statement_" + id} },
	"nist-csf-2.0":    func(id string) oscalControl { return oscalControl{id, id + "_statement"} },
}

// oscalControls names all requirements of a framework, no two alike. Where no catalog names them, their own ids are made tokens: 2.1 of
// cis-aws-7.0, which a token cannot begin with, is cis-aws-7.0_2.1.
func oscalControls(f *content.Framework) map[string]oscalControl {
	named := func(id string) oscalControl {
		token := oscalToken(f.ID, id)
		return oscalControl{token, token + "_smt"}
	}
	for _, catalog := range []string{f.As, f.ID} {
		if known := catalogs[catalog]; known != nil {
			named = known
		}
	}
	controls, taken := map[string]oscalControl{}, map[string]bool{}
	for _, r := range f.Requirements {
		c := named(r.ID)
		if !isToken(c.id) || !isToken(c.statement) { // a user's framework of that name
			c.id = oscalToken(f.ID, r.ID)
			c.statement = c.id + "_smt"
		}
		for n, base := 2, c.id; taken[c.id] || taken[c.statement]; n++ {
			c.id = fmt.Sprintf("%s_%d", base, n)
			c.statement = c.id + "_smt"
		}
		taken[c.id], taken[c.statement] = true, true
		controls[r.ID] = c
	}
	return controls
}

// oscalToken makes a token of an id: a letter or underscore, then letters, digits, dots, hyphens and underscores.
func oscalToken(framework, id string) string {
	for _, token := range []string{tokenPart(id), tokenPart(framework) + "_" + tokenPart(id)} {
		if isToken(token) {
			return token
		}
	}
	return "_" + tokenPart(id)
}

// tokenPart leaves of an id what may stand in a token: 164.308(a)(1) becomes 164.308.a.1.
func tokenPart(id string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsNumber(r), strings.ContainsRune(".-_", r):
			return r
		case r == '(':
			return '.'
		case r == ')':
			return -1
		}
		return '_'
	}, id)
}

func isToken(s string) bool {
	for i, r := range s {
		if !unicode.IsLetter(r) && r != '_' && (i == 0 || !unicode.IsNumber(r) && r != '.' && r != '-') {
			return false
		}
	}
	return s != ""
}
