package mapping

import (
	"bytes"
	"regexp"
	"strings"
	"sync"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac"
)

// sight is who looks at a reference: what a symbol of the vendor's side stands for depends on it.
type sight struct {
	region string
	by     *iac.Resource // nil: nobody in particular
}

// Account is the number of the account that a unit is deployed to, where the unit says one and no other; else it is empty. What a
// configuration with an alias says counts only if all that there is goes by such ones.
func (m *Mapper) Account(of *iac.Unit) string {
	var plain, aliased []string
	for _, r := range of.Resources {
		number := m.accountOf(r)
		switch {
		case number == "":
		case r.Provider.Alias == "":
			plain = append(plain, number)
		default:
			aliased = append(aliased, number)
		}
	}
	if number, ok := only(plain); ok {
		return number
	}
	if number, ok := only(aliased); ok && len(aliased) == len(of.Resources) {
		return number
	}
	return ""
}

func only(numbers []string) (string, bool) {
	for _, n := range numbers {
		if n != numbers[0] {
			return "", false
		}
	}
	if len(numbers) == 0 {
		return "", false
	}
	return numbers[0], true
}

// accountOf is the number of the account that a resource will be in, by its provider's configuration or by itself.
func (m *Mapper) accountOf(r *iac.Resource) string {
	for _, path := range m.code.Account {
		v := valueOf(r, path)
		if v != nil && v.Kind == iac.List && len(v.Items) == 1 && v.Open == "" {
			v = v.Items[0]
		}
		if v == nil || v.Kind != iac.String && v.Kind != iac.Number || v.Parts != nil {
			continue
		}
		if found := numbered().FindStringSubmatch(v.Text); found != nil {
			return found[1]
		}
	}
	return ""
}

// numbered matches the number of an account, and ARNs that have one.
var numbered = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:arn:[^:]*:[^:]*:[^:]*:)?([0-9]{12})(?:$|:)`) })

// valueOf reads a path of a provider's code settings.
func valueOf(r *iac.Resource, path string) *iac.Value {
	if below, ok := strings.CutPrefix(path, "provider/"); ok {
		return descend(r.Provider.Body, below)
	}
	if r.Data {
		return nil // what is looked up may be anybody's
	}
	return descend(r.Body, path)
}

// elsewhere tells whether what a resource, or data source, says of its account is of another one than that of who refers to it:
// its provider is configured for another account, or signs in as somebody else. number is that account's, where it is known.
func (u *unit) elsewhere(r *iac.Resource, at sight) (number string, is bool) {
	if at.by == nil || r == at.by || r.Provider.Alias == at.by.Provider.Alias {
		return "", false
	}
	theirs, ours := u.accountOf(r), u.accountOf(at.by)
	switch {
	case theirs != "" && ours != "":
		return theirs, theirs != ours
	case u.signIn(r) == u.signIn(at.by):
		return "", false
	}
	return theirs, theirs == "" || theirs != u.place.Number
}

// strange tells whether a symbol has the number of an account that is another one, or may be, and nobody knows which.
func (u *unit) strange(s iac.Symbol, at sight) bool {
	r := u.byAddress[s.Address]
	if r == nil {
		return false
	}
	formula, ok := u.formulaOf(r, s.Attribute)
	if !ok && r.Data {
		formula = u.symbols["data."+r.Type+"."+s.Attribute]
	}
	number, is := u.elsewhere(r, at)
	return is && number == "" && strings.Contains(formula, "{account_id}")
}

// signIn is with what a resource's provider signs in, as text that is equal where it is the same.
func (u *unit) signIn(r *iac.Resource) string {
	var b strings.Builder
	for _, path := range u.code.SignIn {
		b.WriteString(path + "=" + u.written(valueOf(r, path)) + "\n")
	}
	return b.String()
}

func (u *unit) written(v *iac.Value) string {
	if isAbsent(v) {
		return ""
	}
	text := v.Text + v.Cause
	if v.Kind == iac.Unknown && v.Symbol != nil {
		text += v.Symbol.String()
	}
	if v.Parts != nil {
		text += u.text(v, sight{})
	}
	for _, item := range v.Items {
		text += "," + u.written(item)
	}
	return text
}

// ownNumber writes, in a row's document, the unit's account where code says its number. Only where it stands alone or in an ARN: names
// that hold it stay as they are.
func ownNumber(doc []byte, number, account string) []byte {
	if number == "" || number == account || len(number) != len(account) {
		return doc
	}
	for at := 0; ; {
		i := bytes.Index(doc[at:], []byte(number))
		if i < 0 {
			return doc
		}
		i += at
		at = i + len(number)
		if i > 0 && at < len(doc) && bytes.IndexByte([]byte(`":/`), doc[i-1]) >= 0 && bytes.IndexByte([]byte(`":/\`), doc[at]) >= 0 {
			copy(doc[i:], account)
		}
	}
}

// codeOf joins what providers say about code: the words of one vendor mean nothing to another's resources.
func codeOf(providers []*content.Provider) (code content.Code) {
	for _, p := range providers {
		code.Account = append(code.Account, p.Code.Account...)
		code.SignIn = append(code.SignIn, p.Code.SignIn...)
		code.Region = append(code.Region, p.Code.Region...)
	}
	return code
}
