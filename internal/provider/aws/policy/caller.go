package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// AssumeRole is the action that enters an account.
const AssumeRole = "sts:AssumeRole"

// Caller writes the policy of whoever scans the accounts of an organization: it allows the actions everywhere, and to enter
// the accounts through a role, whose ARN may have an asterisk for the account.
func Caller(actions []string, role string) (string, error) {
	if !strings.HasPrefix(role, "arn:") {
		return "", fmt.Errorf("%q is no ARN of a role", role)
	}
	d := document{Version: "2012-10-17"}
	var err error
	if d.Statement, err = group(actions); err != nil {
		return "", err
	}
	d.Statement = append(d.Statement, statement{Sid: "EnterAccounts", Effect: "Allow", Action: []string{AssumeRole}, Resource: role})
	if size(d) > MaxSize {
		return "", errors.New("the policy of the caller is larger than IAM takes")
	}
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return "", fmt.Errorf("write the policy: %w", err)
	}
	return string(text) + "\n", nil
}
