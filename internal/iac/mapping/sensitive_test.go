package mapping

import (
	"strings"
	"testing"
)

func TestSensitiveValuesAreMasked(t *testing.T) {
	const section = `{"resource": "aws_thing", "attributes": {"arn": "arn:{partition}:x:::{name}"}, "columns": {"name": "name", "on": "on", "size": "size", "mode": {"text": "a {mode}"},
		"keys": "keys", "rules": {"each": "rule", "members": {"FromPort": "port", "Ranges": {"each": "cidrs", "members": {"CidrIp": "."}}}}, "policy": "policy"}}`
	const code = `
variable "secret" {
  sensitive = true
  default   = "hunter2"
}
resource "aws_thing" "a" {
  name   = var.secret
  on     = var.secret
  size   = var.secret
  mode   = var.secret
  keys   = [var.secret]
  policy = jsonencode({ a = var.secret })
  rule {
    port  = 1
    cidrs = [var.secret]
  }
}
`
	rows := rowsOf(t, section, code)
	if len(rows) != 1 {
		t.Fatalf("%d rows", len(rows))
	}
	if document := string(rows[0].Document); strings.Contains(document, "hunter2") || !strings.Contains(document, Masked) {
		t.Errorf("the row: %s", document)
	}
	for column, cause := range rows[0].Unknown {
		if strings.Contains(cause, "hunter2") {
			t.Errorf("%s: %s", column, cause)
		}
	}
	for _, column := range []string{"on", "size", "policy"} {
		if got := rows[0].Unknown[column]; got != "sensitive: it is masked" {
			t.Errorf("%s is unknown for %q", column, got)
		}
	}
}
