package cloudformation

import (
	"fmt"
	"strings"

	"github.com/stancehq/stance/internal/iac"
)

// parameter gives a parameter's value, nil if there is no such parameter.
func (s *stack) parameter(name string) *iac.Value {
	if v, ok := s.values[name]; ok {
		return v
	}
	e, ok := s.parameters.find(name)
	if !ok {
		return nil
	}
	v := s.declared(e)
	if strings.EqualFold(e.value.get("NoEcho").literal(), "true") {
		v = sensitive(v)
	}
	s.values[name] = v
	return v
}

func (s *stack) declared(e entry) *iac.Value {
	kind := e.value.get("Type").literal()
	given := s.givenValue(e.key)
	if given == nil {
		if d := e.value.get("Default"); d != nil {
			given = s.defaultValue(d)
		}
	}
	if given == nil {
		return s.allowed(e, kind)
	}
	if strings.HasPrefix(kind, "AWS::SSM::Parameter::Value<") {
		if given.Kind == iac.String && given.Parts == nil {
			return unknown(fmt.Sprintf("value of the SSM parameter %s", given.Text))
		}
		return unknown("value of an SSM parameter")
	}
	return typed(given, kind)
}

func (s *stack) givenValue(name string) *iac.Value {
	if s.outer == nil {
		if n := s.r.given[name]; n != nil {
			return s.defaultValue(n)
		}
		return nil
	}
	if v, ok := s.passed[name]; ok {
		return v
	}
	return s.passed[""]
}

// defaultValue takes scalars as they are written, and lists (which only some tools allow) as texts with commas.
func (s *stack) defaultValue(n *node) *iac.Value {
	if n.kind == listNode {
		texts := make([]string, len(n.items))
		for i, item := range n.items {
			texts[i] = item.literal()
		}
		return s.text(strings.Join(texts, ","))
	}
	return s.text(n.literal())
}

// allowed is what is known of a parameter without a value: that it is one of those that are allowed.
func (s *stack) allowed(e entry, kind string) *iac.Value {
	s.r.problem(iac.MissingValue, fmt.Sprintf("parameter %s has no value: pass one, or give it a Default", s.prefix+e.key), s.src.rangeOf(e.start, e.value.end))
	cause := fmt.Sprintf("parameter %s has no value", s.prefix+e.key)
	values := e.value.get("AllowedValues")
	if values == nil || values.kind != listNode || isListType(kind) || strings.HasPrefix(kind, "AWS::SSM::Parameter::Value<") {
		return unknown(cause)
	}
	var arms []*iac.Value
	for _, item := range values.items {
		arms = append(arms, typed(s.text(item.literal()), kind))
	}
	return oneOf(cause, arms...)
}

func isListType(kind string) bool {
	return kind == "CommaDelimitedList" || strings.HasPrefix(kind, "List<")
}

// typed turns text into what a parameter of a type is: lists are split, numbers are numbers.
func typed(v *iac.Value, kind string) *iac.Value {
	switch {
	case isListType(kind):
		item := "String"
		if kind == "List<Number>" {
			item = "Number"
		}
		return lift(v, func(v *iac.Value) *iac.Value { return splitCommas(v, item) })
	case kind == "Number" && v.Kind == iac.String && v.Parts == nil && isNumber(v.Text):
		n := *v
		n.Kind = iac.Number
		return &n
	case kind == "String" && (v.Kind == iac.Number || v.Kind == iac.Bool):
		n := *v
		n.Kind = iac.String
		return &n
	}
	return v
}

// splitCommas takes it that no id or ARN has a comma, so that text with symbols can be split too.
func splitCommas(v *iac.Value, item string) *iac.Value {
	if v.Kind == iac.List {
		return v
	}
	list := splitText(v, ",")
	if list.Kind != iac.List {
		return list
	}
	if len(list.Items) == 1 && list.Items[0].Kind == iac.String && list.Items[0].Text == "" && list.Items[0].Parts == nil {
		list.Items = nil
	}
	for i, v := range list.Items {
		if v.Kind == iac.String && v.Parts == nil {
			v.Text = strings.TrimSpace(v.Text)
		}
		list.Items[i] = typed(v, item)
	}
	return list
}

// pseudo gives a pseudo parameter; nil with false if there is none of the name, nil with true for NoValue.
func (s *stack) pseudo(name string) (*iac.Value, bool) {
	known := func(text string) (*iac.Value, bool) {
		if text == "" {
			return symbol(name, ""), true
		}
		return s.text(text), true
	}
	switch name {
	case "AWS::NoValue":
		return nil, true
	case "AWS::Region":
		return known(s.r.o.Region)
	case "AWS::AccountId":
		return known(s.r.o.AccountID)
	case "AWS::Partition":
		return known(s.r.partition())
	case "AWS::URLSuffix":
		return known(urlSuffixes[s.r.partition()])
	case "AWS::StackId":
		if s.outer != nil {
			return symbol(strings.TrimSuffix(s.prefix, "/"), "Ref"), true
		}
		return symbol(name, ""), true
	case "AWS::StackName":
		return symbol(s.prefix+name, ""), true
	case "AWS::NotificationARNs":
		return unknown("known after apply: AWS::NotificationARNs"), true
	}
	return nil, false
}

var urlSuffixes = map[string]string{
	"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com", "aws-cn": "amazonaws.com.cn",
	"aws-iso": "c2s.ic.gov", "aws-iso-b": "sc2s.sgov.gov",
}

// partitions are those of regions by their first letters; all other regions are of the partition aws.
var partitions = []struct{ region, partition string }{
	{"cn-", "aws-cn"},
	{"us-gov-", "aws-us-gov"},
	{"us-isob-", "aws-iso-b"},
	{"us-isof-", "aws-iso-f"},
	{"us-iso-", "aws-iso"},
	{"eu-isoe-", "aws-iso-e"},
	{"eusc-", "aws-eusc"},
}

func (r *reader) partition() string {
	if r.o.Partition != "" || r.o.Region == "" {
		return r.o.Partition
	}
	for _, p := range partitions {
		if strings.HasPrefix(r.o.Region, p.region) {
			return p.partition
		}
	}
	return "aws"
}
