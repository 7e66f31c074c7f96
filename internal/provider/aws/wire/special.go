package wire

import (
	"encoding/base64"
	"net/url"
	"strings"
	"unicode/utf8"
)

// special is what an answer means beyond its description.
type special struct {
	// rootText names the member that is the text of the root element itself.
	rootText string
	// text translates the text of members, by their name.
	text map[string]func(string) string
}

// specials by service and operation. The description does not say these things; the vendor's own libraries know them.
var specials = map[string]special{
	"s3:GetBucketLocation": {rootText: "LocationConstraint", text: map[string]func(string) string{"LocationConstraint": bucketLocation}},
	"ec2:GetConsoleOutput": {text: map[string]func(string) string{"Output": base64Text}},
}

// shapeTexts translate the text of shapes, by service and shape.
var shapeTexts = map[string]func(string) string{
	"iam:policyDocumentType": percentDecoded,
}

// extraHeaders go with every request of a service.
var extraHeaders = map[string]map[string]string{
	"apigateway": {"Accept": "application/json"}, // else some answers are HAL documents
	"glacier":    {"X-Amz-Glacier-Version": "2012-06-01"},
}

// inputFixes bring identifiers into the form that the service takes, though it gives them out in another.
var inputFixes = map[string][]func(*shape, map[string]any){
	"route53": {stripPrefix("ResourceId", "DelegationSetId", "ChangeId")},
}

// stripPrefix keeps what follows the last slash in members of the shapes: /hostedzone/Z1 → Z1.
func stripPrefix(shapes ...string) func(*shape, map[string]any) {
	return func(s *shape, input map[string]any) {
		for _, m := range s.members {
			for _, name := range shapes {
				if text, ok := input[m.name].(string); ok && m.shape.name == name {
					input[m.name] = text[strings.LastIndexByte(text, '/')+1:]
				}
			}
		}
	}
}

// bucketLocation gives the region of a location constraint. The two oldest places have other names.
func bucketLocation(constraint string) string {
	switch constraint {
	case "":
		return "us-east-1"
	case "EU":
		return "eu-west-1"
	}
	return constraint
}

func base64Text(text string) string {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return text
	}
	return strings.ToValidUTF8(string(raw), string(utf8.RuneError))
}

// percentDecoded undoes percent-encoding of a JSON document; some answers have it plain.
func percentDecoded(text string) string {
	if !strings.HasPrefix(text, "%") {
		return text
	}
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}
