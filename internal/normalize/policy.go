package normalize

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/normalize/jsonscan"
)

// PolicyType is the DuckDB type of a policy document as PolicyDocument writes it.
const PolicyType = "STRUCT(version VARCHAR, id VARCHAR, statements STRUCT(sid VARCHAR, effect VARCHAR, " +
	"principals " + principalsType + ", not_principals " + principalsType + ", " +
	"actions VARCHAR[], not_actions VARCHAR[], resources VARCHAR[], not_resources VARCHAR[], " +
	"conditions MAP(VARCHAR, MAP(VARCHAR, VARCHAR[])))[])"

const principalsType = "STRUCT(aws VARCHAR[], service VARCHAR[], federated VARCHAR[], canonical_user VARCHAR[])"

type policy struct {
	version, id *string
	statements  []statement
}

type statement struct {
	sid, effect                                  *string
	principals, notPrincipals                    *principals
	actions, notActions, resources, notResources []string
	conditions                                   []condition
}

type principals struct{ aws, service, federated, canonicalUser []string }

type condition struct {
	operator string
	keys     []conditionKey
}

type conditionKey struct {
	key    string
	values []string
}

// PolicyDocument gives an IAM policy document in one form, as JSON of PolicyType: statements and what they list are always
// lists, principals stand by kind, "*" as a principal is the AWS principal "*", actions, operators and condition keys are in
// lower case because IAM disregards theirs, and condition values are text. The document comes in any form that JSON reads.
//
// IAM itself takes element names in their exact case only, and refuses a document with others. Here their case is
// disregarded, so that no grant is overlooked where another service is laxer. An element that is unknown, or is given twice,
// is refused: what it would mean is a guess, and a guess is not a verdict.
func PolicyDocument(text []byte) ([]byte, error) {
	doc, err := JSON(text)
	if err != nil {
		return nil, err
	}
	var p policy
	if err := p.read(doc); err != nil {
		return nil, fmt.Errorf("not a policy document: %w", err)
	}
	return p.appendJSON(make([]byte, 0, len(doc)+256)), nil
}

// Names of elements, in lower case.
var (
	documentElements  = []string{"version", "id", "statement"}
	statementElements = []string{
		"sid", "effect", "principal", "notprincipal", "action", "notaction", "resource", "notresource", "condition",
	}
	principalElements = []string{"aws", "service", "federated", "canonicaluser"}
)

// elements visits the members of an object by their lower-case names, and refuses repeated and unknown ones.
func elements(doc []byte, i int, what string, names []string, visit func(name string, value int) (int, error)) (int, error) {
	if jsonscan.Kind(doc, i) != jsonscan.Object {
		return i, fmt.Errorf("%s is not an object", what)
	}
	seen := 0
	return jsonscan.Members(doc, i, func(key []byte, value int) (int, error) {
		n := slices.IndexFunc(names, func(name string) bool { return len(name) == len(key) && strings.EqualFold(name, string(key)) })
		switch {
		case n < 0:
			return value, fmt.Errorf("%s has the unknown element %q", what, clip(string(key)))
		case seen&(1<<n) != 0:
			return value, fmt.Errorf("%s has the element %q twice", what, clip(string(key)))
		}
		seen |= 1 << n
		if jsonscan.Kind(doc, value) == jsonscan.Null {
			return jsonscan.Skip(doc, value)
		}
		return visit(names[n], value)
	})
}

func (p *policy) read(doc []byte) error {
	_, err := elements(doc, 0, "it", documentElements, func(name string, i int) (int, error) {
		switch name {
		case "version":
			return oneText(doc, i, "Version", &p.version)
		case "id":
			return oneText(doc, i, "Id", &p.id)
		}
		return oneOrMore(doc, i, func(i int) (int, error) {
			p.statements = append(p.statements, statement{})
			return p.statements[len(p.statements)-1].read(doc, i)
		})
	})
	return err
}

func (s *statement) read(doc []byte, i int) (int, error) {
	return elements(doc, i, "a statement", statementElements, func(name string, i int) (int, error) {
		switch name {
		case "sid":
			return oneText(doc, i, "Sid", &s.sid)
		case "effect":
			end, err := oneText(doc, i, "Effect", &s.effect)
			if err == nil && *s.effect != "Allow" && *s.effect != "Deny" {
				err = fmt.Errorf("the Effect is neither Allow nor Deny: %q", clip(*s.effect))
			}
			return end, err
		case "principal":
			return readPrincipals(doc, i, &s.principals)
		case "notprincipal":
			return readPrincipals(doc, i, &s.notPrincipals)
		case "action":
			return actions(doc, i, "Action", &s.actions)
		case "notaction":
			return actions(doc, i, "NotAction", &s.notActions)
		case "resource":
			return texts(doc, i, "Resource", &s.resources)
		case "notresource":
			return texts(doc, i, "NotResource", &s.notResources)
		}
		return s.readConditions(doc, i)
	})
}

// actions are in lower case.
func actions(doc []byte, i int, what string, into *[]string) (int, error) {
	end, err := texts(doc, i, what, into)
	for k, text := range *into {
		(*into)[k] = strings.ToLower(text)
	}
	return end, err
}

// readPrincipals reads "*" or {"AWS": …, "Service": …}. Text other than "*" is taken as an AWS principal.
func readPrincipals(doc []byte, i int, into **principals) (int, error) {
	var p principals
	*into = &p
	if jsonscan.Kind(doc, i) != jsonscan.Object {
		return texts(doc, i, "Principal", &p.aws)
	}
	return elements(doc, i, "a principal", principalElements, func(name string, i int) (int, error) {
		switch name {
		case "aws":
			return texts(doc, i, "AWS", &p.aws)
		case "service":
			return texts(doc, i, "Service", &p.service)
		case "federated":
			return texts(doc, i, "Federated", &p.federated)
		}
		return texts(doc, i, "CanonicalUser", &p.canonicalUser)
	})
}

func (s *statement) readConditions(doc []byte, i int) (int, error) {
	if jsonscan.Kind(doc, i) != jsonscan.Object {
		return i, errors.New("a Condition is not an object")
	}
	seen := map[[2]string]bool{}
	return jsonscan.Members(doc, i, func(operator []byte, value int) (int, error) {
		c := condition{operator: strings.ToLower(string(operator))}
		if jsonscan.Kind(doc, value) != jsonscan.Object {
			return value, fmt.Errorf("the condition %q is not an object", clip(string(operator)))
		}
		end, err := jsonscan.Members(doc, value, func(key []byte, value int) (int, error) {
			k := conditionKey{key: strings.ToLower(string(key))}
			at := [2]string{c.operator, k.key}
			if seen[at] {
				// Both must hold, and no list of values says so.
				return value, fmt.Errorf("the condition %q is given twice for %q", clip(string(operator)), clip(string(key)))
			}
			seen[at] = true
			end, err := texts(doc, value, "a condition's value", &k.values)
			c.keys = append(c.keys, k)
			return end, err
		})
		s.addCondition(c)
		return end, err
	})
}

// addCondition joins operators that differ in case alone: the keys of all of them must hold.
func (s *statement) addCondition(c condition) {
	for i := range s.conditions {
		if s.conditions[i].operator == c.operator {
			s.conditions[i].keys = append(s.conditions[i].keys, c.keys...)
			return
		}
	}
	s.conditions = append(s.conditions, c)
}

// oneOrMore visits the items of a list, or the one value that stands in its place.
func oneOrMore(doc []byte, i int, visit func(int) (int, error)) (int, error) {
	if jsonscan.Kind(doc, i) == jsonscan.List {
		return jsonscan.Items(doc, i, visit)
	}
	return visit(i)
}

func texts(doc []byte, i int, what string, into *[]string) (int, error) {
	return oneOrMore(doc, i, func(i int) (int, error) {
		var text *string
		end, err := oneText(doc, i, what, &text)
		if err == nil {
			*into = append(*into, *text)
		}
		return end, err
	})
}

func oneText(doc []byte, i int, what string, into **string) (int, error) {
	end, err := jsonscan.Skip(doc, i)
	if err != nil {
		return end, err
	}
	text, ok := scalarText(doc[i:end])
	if !ok {
		return end, fmt.Errorf("%s is not text", what)
	}
	*into = &text
	return end, nil
}

// clip shortens what is quoted in an error.
func clip(text string) string {
	const most = 40
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
