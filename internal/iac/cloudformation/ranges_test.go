package cloudformation

import (
	"testing"

	"github.com/stancehq/stance/internal/iac"
)

const ranged = "Resources:\n" +
	"  Bücket:\n" +
	"    Type: AWS::S3::Bucket\n" +
	"    Properties: &all\n" +
	"      Plain: some text   # comment\n" +
	"      Quoted: \"a \\\" # b\"  # comment\n" +
	"      Single: 'it''s'\n" +
	"      Block: |\n        line one\n        line two\n\n" +
	"      Folded: several\n        lines\n" +
	"      Flow: [a, {b: c}, ]  # comment\n" +
	"      Empty: {}\n" +
	"      Ünicode: \"ä\"\n" +
	"      Tagged: !Sub\n        - \"${a}\"\n        - a: b\n" +
	"      Short: !GetAtt X.Arn\n" +
	"      List:\n      - x: 1\n        y: 2\n      - z\n" +
	"  Other:\n    Type: AWS::S3::Bucket\n    Properties: *all\n"

func TestRangesAreThoseOfTheText(t *testing.T) {
	u := read(t, map[string]string{"t.yaml": ranged}, "t.yaml", Options{})
	body := resource(t, u, "Bücket").Body
	tests := []struct {
		value *iac.Value
		text  string
		line  int
		end   int
	}{
		{body.Get("Plain"), "Plain: some text", 5, 5},
		{body.Get("Quoted"), `Quoted: "a \" # b"`, 6, 6},
		{body.Get("Single"), "Single: 'it''s'", 7, 7},
		{body.Get("Block"), "Block: |\n        line one\n        line two", 8, 10},
		{body.Get("Folded"), "Folded: several\n        lines", 12, 13},
		{body.Get("Flow"), "Flow: [a, {b: c}, ]", 14, 14},
		{body.Get("Flow").Items[1], "{b: c}", 14, 14},
		{body.Get("Flow").Items[1].Get("b"), "b: c", 14, 14},
		{body.Get("Empty"), "Empty: {}", 15, 15},
		{body.Get("Ünicode"), `Ünicode: "ä"`, 16, 16},
		{body.Get("Tagged"), "Tagged: !Sub\n        - \"${a}\"\n        - a: b", 17, 19},
		{body.Get("Short"), "Short: !GetAtt X.Arn", 20, 20},
		{body.Get("List"), "List:\n      - x: 1\n        y: 2\n      - z", 21, 24},
		{body.Get("List").Items[0], "x: 1\n        y: 2", 22, 23},
		{body.Get("List").Items[0].Get("y"), "y: 2", 23, 23},
	}
	for _, tt := range tests {
		r := tt.value.Range
		if got := ranged[r.StartByte:r.EndByte]; got != tt.text || r.Line != tt.line || r.EndLine != tt.end || r.File != "t.yaml" {
			t.Errorf("got %q lines %d-%d, want %q lines %d-%d", got, r.Line, r.EndLine, tt.text, tt.line, tt.end)
		}
	}
	if r := body.Get("Ünicode").Range; r.Column != 7 || r.EndColumn != 18 {
		t.Errorf("columns are counted in characters: got %d-%d", r.Column, r.EndColumn)
	}
	r := resource(t, u, "Bücket")
	if got := ranged[r.Name.StartByte:r.Name.EndByte]; got != "Bücket" {
		t.Errorf("got %q", got)
	}
	if r.Range.Line != 2 || r.Range.EndLine != 24 {
		t.Errorf("got %+v", r.Range)
	}
	other := resource(t, u, "Other").Body
	if other.Range.Line != 27 || other.Get("Plain").Range.Line != 5 {
		t.Errorf("got %d and %d", other.Range.Line, other.Get("Plain").Range.Line)
	}
}

func TestLinesAreRightWhateverTheLineEnds(t *testing.T) {
	for name, text := range map[string]string{
		"byte order mark": "\ufeffResources:\n  A:\n    Type: AWS::X::Y\n    Properties:\n      V: 1\n",
		"carriage return": "Resources:\r\n  A:\r\n    Type: AWS::X::Y\r\n    Properties:\r\n      V: 1\r\n",
		"other breaks":    "Resources:\n  A:\n    Type: AWS::X::Y # \u2028 \u0085\n    Properties:\n      V: 1\n",
	} {
		t.Run(name, func(t *testing.T) {
			u := read(t, map[string]string{"t.yaml": text}, "t.yaml", Options{})
			r := resource(t, u, "A").Body.Get("V").Range
			if r.Line != 5 || text[r.StartByte:r.EndByte] != "V: 1" {
				t.Errorf("got %+v %q", r, text[r.StartByte:r.EndByte])
			}
		})
	}
}

func TestValuesFromElsewhereAreWhereTheyAreUsed(t *testing.T) {
	u := read(t, map[string]string{"t.yaml": prelude + "\n        X: !Ref Ids\n"}, "t.yaml", Options{})
	x := at(resource(t, u, "T").Body, "V.X")
	if x.Range.Line != 29 || x.Items[1].Range.Line != 29 {
		t.Errorf("got lines %d and %d", x.Range.Line, x.Items[1].Range.Line)
	}
}
