package cloudformation

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/stancehq/stance/internal/iac"
)

// shortForms are the YAML tags that stand for functions.
var shortForms = map[string]string{
	"!Ref": "Ref", "!Condition": "Condition",
	"!Base64": "Fn::Base64", "!Cidr": "Fn::Cidr", "!FindInMap": "Fn::FindInMap", "!GetAtt": "Fn::GetAtt", "!GetAZs": "Fn::GetAZs",
	"!If": "Fn::If", "!ImportValue": "Fn::ImportValue", "!Join": "Fn::Join", "!Select": "Fn::Select", "!Split": "Fn::Split",
	"!Sub": "Fn::Sub", "!Transform": "Fn::Transform", "!And": "Fn::And", "!Or": "Fn::Or", "!Not": "Fn::Not", "!Equals": "Fn::Equals",
	"!Length": "Fn::Length", "!ToJsonString": "Fn::ToJsonString", "!GetStackOutput": "Fn::GetStackOutput",
	"!Contains": "Fn::Contains", "!EachMemberEquals": "Fn::EachMemberEquals", "!EachMemberIn": "Fn::EachMemberIn",
	"!RefAll": "Fn::RefAll", "!ValueOf": "Fn::ValueOf", "!ValueOfAll": "Fn::ValueOfAll",
}

// tagged puts a short form into its long form. YAML's own tags (!!str) are not ours.
func (r *yamlReader) tagged(n *node, y *yaml.Node) *node {
	if y.Style&yaml.TaggedStyle == 0 || strings.HasPrefix(y.Tag, "!!") || y.Tag == "!" {
		return n
	}
	p := n.place()
	function, ok := shortForms[y.Tag]
	if !ok {
		r.s.problem(iac.NotEvaluated, fmt.Sprintf("CloudFormation has no tag %s", y.Tag), r.s.rangeOf(p.start, p.end))
		return p.hole(fmt.Sprintf("the tag %s is not one of CloudFormation", y.Tag))
	}
	call := p.call(function, n)
	call.weight = n.weight + 1
	return call
}
