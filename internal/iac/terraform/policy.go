package terraform

import (
	"encoding/json"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/stancehq/stance/internal/iac"
)

// statement is one of a policy, with its members in the order in which the provider writes them.
type statement struct {
	Sid          any `json:"Sid,omitempty"`
	Effect       any `json:"Effect,omitempty"`
	Action       any `json:"Action,omitempty"`
	NotAction    any `json:"NotAction,omitempty"`
	Resource     any `json:"Resource,omitempty"`
	NotResource  any `json:"NotResource,omitempty"`
	Principal    any `json:"Principal,omitempty"`
	NotPrincipal any `json:"NotPrincipal,omitempty"`
	Condition    any `json:"Condition,omitempty"`
}

type policy struct {
	Version   any   `json:"Version,omitempty"`
	ID        any   `json:"Id,omitempty"`
	Statement []any `json:"Statement,omitempty"`
}

// policyDocument is the JSON of an aws_iam_policy_document: its sources, its own statements over them, its overrides over all.
func policyDocument(m *instance, indent bool) cty.Value {
	body, d := m.body(), &document{}
	out := &policy{}
	for _, text := range d.documents(body, "source_json", "source_policy_documents") {
		d.merge(out, text)
	}
	own := &policy{Version: "2012-10-17"}
	if v := d.leaf(body.Get("version")); v != nil {
		own.Version = v
	}
	if v := d.leaf(body.Get("policy_id")); v != nil {
		own.ID = v
	}
	for _, block := range d.blocks(body.Get("statement")) {
		own.Statement = append(own.Statement, d.statement(block))
	}
	out.add(own)
	for _, text := range d.documents(body, "override_json", "override_policy_documents") {
		d.merge(out, text)
	}
	return d.text(out, indent)
}

// documents are the texts of other policies, with tokens for what is not known in them.
func (d *document) documents(body *iac.Value, one, many string) []string {
	var out []string
	if v := body.Get(one); v != nil {
		if text, is := d.leaf(v).(string); is && text != "" {
			out = append(out, text)
		}
	}
	return append(out, d.list(body.Get(many))...)
}

// merge lays the policy in a text over one.
func (d *document) merge(into *policy, text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	var raw struct {
		Version, ID any
		Statement   json.RawMessage
	}
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		d.causes = append(d.causes, "a policy that is merged is not JSON: "+err.Error())
		return
	}
	from := &policy{Version: raw.Version, ID: raw.ID}
	var list []any
	if len(raw.Statement) > 0 && json.Unmarshal(raw.Statement, &list) != nil {
		var one any
		if json.Unmarshal(raw.Statement, &one) == nil {
			list = []any{one}
		}
	}
	from.Statement = list
	into.add(from)
}

// add lays one policy over another: a statement replaces that of the same name, others are appended.
func (p *policy) add(over *policy) {
	if over.Version != nil {
		p.Version = over.Version
	}
	if over.ID != nil && over.ID != "" {
		p.ID = over.ID
	}
	for _, s := range over.Statement {
		sid := sidOf(s)
		replaced := false
		for i, have := range p.Statement {
			if sid != "" && sidOf(have) == sid {
				p.Statement[i] = s
				replaced = true
			}
		}
		if !replaced {
			p.Statement = append(p.Statement, s)
		}
	}
}

func sidOf(s any) string {
	switch x := s.(type) {
	case *statement:
		sid, _ := x.Sid.(string)
		return sid
	case map[string]any:
		sid, _ := x["Sid"].(string)
		return sid
	}
	return ""
}

func (d *document) statement(b *iac.Value) *statement {
	s := &statement{Effect: "Allow"}
	if v := d.leaf(b.Get("sid")); v != nil && v != "" {
		s.Sid = v
	}
	if v := d.leaf(b.Get("effect")); v != nil {
		s.Effect = v
	}
	s.Action, s.NotAction = oneOrAll(d.sorted(b.Get("actions"), true)), oneOrAll(d.sorted(b.Get("not_actions"), true))
	s.Resource, s.NotResource = d.variables(d.sorted(b.Get("resources"), true)), d.variables(d.sorted(b.Get("not_resources"), true))
	s.Principal, s.NotPrincipal = d.principals(b.Get("principals")), d.principals(b.Get("not_principals"))
	conditions := map[string]map[string]any{}
	for _, c := range d.blocks(b.Get("condition")) {
		test, _ := d.leaf(c.Get("test")).(string)
		variable, _ := d.leaf(c.Get("variable")).(string)
		values := d.list(c.Get("values"))
		if conditions[test] == nil {
			conditions[test] = map[string]any{}
		}
		switch had := conditions[test][variable].(type) {
		case string:
			values = append([]string{had}, values...)
		case []string:
			values = append(had, values...)
		}
		conditions[test][variable] = d.variables(values)
	}
	if len(conditions) > 0 {
		s.Condition = conditions
	}
	return s
}

// principals are by type; "*" of the type "*" stands alone.
func (d *document) principals(v *iac.Value) any {
	by := map[string][]string{}
	for _, p := range d.blocks(v) {
		kind, _ := d.leaf(p.Get("type")).(string)
		by[kind] = append(by[kind], d.sorted(p.Get("identifiers"), true)...)
	}
	if len(by) == 0 {
		return nil
	}
	if all := by["*"]; len(by) == 1 && len(all) == 1 && all[0] == "*" {
		return "*"
	}
	out := map[string]any{}
	for kind, identifiers := range by {
		out[kind] = d.variables(identifiers)
	}
	return out
}

// variables writes the policy's own variables, which the language would take for its holes if they were written in their own way.
func (d *document) variables(texts []string) any {
	for i, text := range texts {
		texts[i] = strings.ReplaceAll(text, "&{", "${")
	}
	return oneOrAll(texts)
}

// oneOrAll is a text if there is one of them, nothing if there is none.
func oneOrAll(texts []string) any {
	switch len(texts) {
	case 0:
		return nil
	case 1:
		return texts[0]
	}
	return texts
}
