package policy

import "testing"

func TestTheCallerMayEnterThroughOneRoleOnly(t *testing.T) {
	const want = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "ReadOrganizations",
      "Effect": "Allow",
      "Action": [
        "organizations:ListAccounts"
      ],
      "Resource": "*"
    },
    {
      "Sid": "EnterAccounts",
      "Effect": "Allow",
      "Action": [
        "sts:AssumeRole"
      ],
      "Resource": "arn:aws:iam::*:role/StanceReader"
    }
  ]
}
`
	got, err := Caller([]string{"organizations:ListAccounts"}, "arn:aws:iam::*:role/StanceReader")
	if err != nil || got != want {
		t.Errorf("got %v\n%s", err, got)
	}
	if got, err := Caller(nil, "StanceReader"); err == nil {
		t.Errorf("a name for a role: got %s", got)
	}
}
