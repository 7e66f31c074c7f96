package normalize

import "github.com/stancehq/stance/internal/normalize/jsonscan"

// The members are written in the order of PolicyType.

func (p *policy) appendJSON(dst []byte) []byte {
	dst = appendText(append(dst, `{"version":`...), p.version)
	dst = appendText(append(dst, `,"id":`...), p.id)
	dst = append(dst, `,"statements":[`...)
	for i := range p.statements {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = p.statements[i].appendJSON(dst)
	}
	return append(dst, "]}"...)
}

func (s *statement) appendJSON(dst []byte) []byte {
	dst = appendText(append(dst, `{"sid":`...), s.sid)
	dst = appendText(append(dst, `,"effect":`...), s.effect)
	dst = s.principals.appendJSON(append(dst, `,"principals":`...))
	dst = s.notPrincipals.appendJSON(append(dst, `,"not_principals":`...))
	dst = appendTexts(append(dst, `,"actions":`...), s.actions)
	dst = appendTexts(append(dst, `,"not_actions":`...), s.notActions)
	dst = appendTexts(append(dst, `,"resources":`...), s.resources)
	dst = appendTexts(append(dst, `,"not_resources":`...), s.notResources)
	dst = append(dst, `,"conditions":{`...)
	for i, c := range s.conditions {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(jsonscan.AppendQuoted(dst, c.operator), ":{"...)
		for j, k := range c.keys {
			if j > 0 {
				dst = append(dst, ',')
			}
			dst = appendTexts(append(jsonscan.AppendQuoted(dst, k.key), ':'), k.values)
		}
		dst = append(dst, '}')
	}
	return append(dst, "}}"...)
}

// appendJSON writes null where the statement does not have the element.
func (p *principals) appendJSON(dst []byte) []byte {
	if p == nil {
		return append(dst, "null"...)
	}
	dst = appendTexts(append(dst, `{"aws":`...), p.aws)
	dst = appendTexts(append(dst, `,"service":`...), p.service)
	dst = appendTexts(append(dst, `,"federated":`...), p.federated)
	dst = appendTexts(append(dst, `,"canonical_user":`...), p.canonicalUser)
	return append(dst, '}')
}

func appendText(dst []byte, text *string) []byte {
	if text == nil {
		return append(dst, "null"...)
	}
	return jsonscan.AppendQuoted(dst, *text)
}

func appendTexts(dst []byte, texts []string) []byte {
	dst = append(dst, '[')
	for i, text := range texts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = jsonscan.AppendQuoted(dst, text)
	}
	return append(dst, ']')
}
