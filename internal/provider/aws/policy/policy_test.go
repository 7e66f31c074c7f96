package policy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestDocumentsAreTheSameWhateverTheOrder(t *testing.T) {
	want := `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "ReadAccessAnalyzer",
      "Effect": "Allow",
      "Action": [
        "access-analyzer:ListAnalyzers"
      ],
      "Resource": "*"
    },
    {
      "Sid": "ReadS3",
      "Effect": "Allow",
      "Action": [
        "s3:GetBucketPolicy",
        "s3:ListAllMyBuckets"
      ],
      "Resource": "*"
    }
  ]
}
`
	for _, actions := range [][]string{
		{"s3:ListAllMyBuckets", "access-analyzer:ListAnalyzers", "s3:GetBucketPolicy"},
		{"s3:getBucketPolicy", "s3:GetBucketPolicy", "s3:ListAllMyBuckets", "access-analyzer:ListAnalyzers", "s3:ListAllMyBuckets"},
	} {
		got, err := Documents(actions)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 1 || got[0] != want {
			t.Errorf("%v: got\n%s", actions, strings.Join(got, "\n"))
		}
	}
}

func TestDocumentsAreSplitAtTheLimit(t *testing.T) {
	var actions []string
	for i := range 900 {
		actions = append(actions, fmt.Sprintf("service%d:DescribeSomething%d", i/400, i))
	}
	documents, err := Documents(actions)
	if err != nil {
		t.Fatal(err)
	}
	if len(documents) < 5 {
		t.Errorf("%d documents", len(documents))
	}
	var allowed []string
	for i, text := range documents {
		var d document
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			t.Fatal(err)
		}
		n := len(strings.Join(strings.Fields(text), ""))
		if n > MaxSize || (n < MaxSize-200 && i < len(documents)-1) {
			t.Errorf("document %d has %d characters", i, n)
		}
		for _, s := range d.Statement {
			allowed = append(allowed, s.Action...)
		}
	}
	slices.Sort(actions)
	slices.Sort(allowed)
	if !slices.Equal(actions, allowed) {
		t.Error("actions were lost or repeated")
	}
}

func TestDocumentsRefuseWhatIsNoAction(t *testing.T) {
	for _, action := range []string{"", "s3", "s3:", ":Get", "s3:*", "s3:Get Bucket", "s3:" + strings.Repeat("x", MaxSize)} {
		if got, err := Documents([]string{action}); err == nil {
			t.Errorf("%.20q: got %v", action, got)
		}
	}
	if got, err := Documents(nil); err != nil || len(got) != 0 {
		t.Errorf("no actions: got %v, %v", got, err)
	}
}
