package audit

import (
	"strings"
	"testing"
)

func TestTextsFromOutsideAreBoundedAndHarmless(t *testing.T) {
	for got, want := range map[string]string{
		safeName("a\x1b[31m\nb\u202e"):                `a\x1b[31m\nb\u202e`,
		safeName(strings.Repeat("é", 1<<20)):          strings.Repeat("é", maxName) + "…",
		safeName(strings.Repeat("é", maxName)):        strings.Repeat("é", maxName),
		safeText(" one \r\n  two\tthree "):            "one two three",
		safeSQL("select 1\r\n\tfrom x\x00\n\n"):       "select 1\n    from x\\x00",
		cut("\xff\xff\xff", 2):                        "\xff\xff…",
		number(1234567) + " " + number(-999):          "1,234,567 -999",
		few([]string{"a", "b", "c", "d"}, 2):          "a, b and 2 more",
		sentence("unknown: it was not asked"):         "Unknown: it was not asked.",
		sentence("aws_iam_user: it was not asked."):   "aws_iam_user: it was not asked.",
		sentence("sts:AssumeRole was denied"):         "sts:AssumeRole was denied.",
		sentence("é" + strings.Repeat("x", 3) + " y"): "Éxxx y.",
	} {
		if got != want {
			t.Errorf("got %.80q, want %.80q", got, want)
		}
	}
}
