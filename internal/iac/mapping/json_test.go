package mapping

import (
	"testing"

	"github.com/stancehq/stance/internal/iac"
)

func TestJSONTextIsReadWithItsSymbols(t *testing.T) {
	repository := &iac.Symbol{Address: "aws_ecr_repository.web", Attribute: "repository_url"}
	role := &iac.Symbol{Address: "aws_iam_role.web", Attribute: "arn"}
	v := fromJSON(&iac.Value{Kind: iac.String, Parts: []iac.Part{
		{Text: `[{"image":"`}, {Symbol: repository}, {Text: `:1.4","role":"`}, {Symbol: role}, {Text: `","cpu":256,"user":null,"privileged":false}]`},
	}})
	if v.Kind != iac.List || len(v.Items) != 1 {
		t.Fatalf("it is %+v, want a list of one", v)
	}
	container := v.Items[0]
	if image := container.Get("image"); len(image.Parts) != 2 || image.Parts[0].Symbol != repository || image.Parts[1].Text != ":1.4" {
		t.Errorf("the image is %+v", image)
	}
	if got := container.Get("role"); got.Kind != iac.Unknown || got.Symbol != role {
		t.Errorf("the role is %+v, want the symbol alone", got)
	}
	if cpu := container.Get("cpu"); cpu.Kind != iac.Number || cpu.Text != "256" {
		t.Errorf("cpu is %+v", cpu)
	}
	if privileged := container.Get("privileged"); privileged.Kind != iac.Bool || privileged.Text != "false" {
		t.Errorf("privileged is %+v", privileged)
	}
	if !container.Get("user").Is(iac.Null) {
		t.Errorf("the user is %+v, want null", container.Get("user"))
	}
}

func TestWhatIsNoJSONOrSensitiveIsUnknown(t *testing.T) {
	for name, v := range map[string]*iac.Value{
		"broken":    {Kind: iac.String, Text: `[{"name":`},
		"sensitive": {Kind: iac.String, Text: `[]`, Sensitive: true},
		"unknown":   {Kind: iac.Unknown, Cause: "variable containers has no value"},
	} {
		if got := fromJSON(v); got.Kind != iac.Unknown || causeOf(got) == "" {
			t.Errorf("%s: it is %+v, want an unknown with a cause", name, got)
		}
	}
	if fromJSON(nil) != nil {
		t.Error("what is not there became something")
	}
}
