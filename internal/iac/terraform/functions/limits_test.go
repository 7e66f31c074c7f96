package functions_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/stancehq/stance/internal/iac/terraform/functions"
	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

// bomb is a small gzip of a large text.
func bomb(t *testing.T, size int) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(out.Bytes())
}

func TestNoCallGrowsBeyondTheLimits(t *testing.T) {
	s := scope()
	s.Limits.TextBytes = 1 << 20
	big := s.Root.(fstest.MapFS)
	big["live/big.txt"] = &fstest.MapFile{Data: bytes.Repeat([]byte("x"), 2<<20)}
	big["live/long.txt"] = &fstest.MapFile{Data: bytes.Repeat([]byte("ab"), 1<<18)}
	aliases := "a0: &a0 [x, x, x, x, x, x, x, x, x]"
	for i := 1; i < 10; i++ {
		aliases += fmt.Sprintf(`\na%d: &a%d [%s]`, i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), ", "))
	}
	for expression, cause := range map[string]string{
		`format("%1000000000d", 1)`:                                                                             "bytes",
		`format("%.1000000000f", 1)`:                                                                            "bytes",
		`format("%99999999999999999999d", 1)`:                                                                   "bytes",
		`format("%s%s%s", file("long.txt"), file("long.txt"), file("long.txt"))`:                                "bytes",
		`formatlist("%s%1000d", split("", file("long.txt")), 1)`:                                                "",
		`indent(1000000000, "a\nb")`:                                                                            "bytes",
		`replace(file("long.txt"), "a", file("long.txt"))`:                                                      "bytes",
		`replace(file("long.txt"), "/a/", file("long.txt"))`:                                                    "bytes",
		`join(file("long.txt"), split("b", file("long.txt")))`:                                                  "",
		`join(file("long.txt"), range(1000))`:                                                                   "bytes",
		`jsonencode([for i in range(10) : file("long.txt")])`:                                                   "bytes",
		`yamlencode([for i in range(10) : file("long.txt")])`:                                                   "bytes",
		`split("", file("long.txt"))`:                                                                           "elements",
		`setproduct(range(1000), range(1000))`:                                                                  "elements",
		`setproduct(range(1000), range(1000), range(1000), range(1000), range(1000), range(1000), range(1000))`: "elements",
		`concat([for i in range(200) : range(1000)]...)`:                                                        "elements",
		`flatten([for i in range(200) : range(1000)])`:                                                          "elements",
		`base64gunzip("` + bomb(t, 64<<20) + `")`:                                                               "bytes",
		`yamldecode("` + aliases + `")`:                                                                         "aliases",
		`yamldecode("` + strings.Repeat("[", 5000) + `")`:                                                       "levels",
		`yamldecode("` + strings.Repeat("- ", 5000) + `")`:                                                      "levels",
		`jsondecode("` + strings.Repeat("[", 100000) + `")`:                                                     "brackets",
		`file("big.txt")`:             "bytes",
		`templatefile("big.txt", {})`: "bytes",
	} {
		start := time.Now()
		v, err := evaluate(t, expression, s)
		name := expression[:min(len(expression), 60)]
		if err != nil {
			t.Errorf("%s gives an error: %v", name, err)
			continue
		}
		if bare, _ := v.UnmarkDeep(); bare.IsKnown() || !strings.Contains(strings.Join(marks.Causes(v), " "), cause) {
			t.Errorf("%s gives %.200s, want an unknown because of its %s", name, show(v), cause)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

func TestSetsOfManyUnknownsAreUnknown(t *testing.T) {
	var elements []cty.Value
	for i := range 5000 {
		elements = append(elements, marks.Symbol(cty.String, fmt.Sprintf("aws_s3_bucket.b[%d]", i), "arn"))
	}
	table := functions.Table(functions.Scope{})
	for _, name := range []string{"toset", "setunion", "setintersection"} {
		start := time.Now()
		v, err := table[name].Call([]cty.Value{cty.TupleVal(elements)})
		if err != nil {
			t.Fatal(err)
		}
		bare, _ := v.Unmark()
		if bare.IsKnown() || !bare.Type().IsSetType() {
			t.Errorf("%s gives %#v", name, bare)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

func TestWithoutRootOrEvaluatorResultsAreUnknown(t *testing.T) {
	for _, expression := range []string{`file("x")`, `fileset(".", "*")`, `templatefile("x", {})`, `templatestring("x", {})`, `fileexists("x")`} {
		v, err := evaluate(t, expression, functions.Scope{})
		if err != nil || len(marks.Causes(v)) == 0 {
			t.Errorf("%s gives %v, %v; want an unknown with its cause", expression, show(v), err)
		}
	}
}

func TestErrorsDoNotQuoteSecrets(t *testing.T) {
	for _, expression := range []string{
		`tonumber(secret)`, `tobool(secret)`, `parseint(secret, 10)`, `jsondecode(secret)`, `formatdate("YYYY", secret)`, `cidrhost(secret, 1)`,
		`timecmp(secret, secret)`, `regex(secret, "x")`, `base64decode(secret)`, `uuidv5(secret, "x")`, `lookup({}, secret)`, `index([1], secret)`,
		`format("%d", secret)`, `cidrsubnets(secret, 1)`, `textencodebase64("x", secret)`,
	} {
		_, err := evaluate(t, expression, scope())
		if err == nil {
			t.Errorf("%s gives no error", expression)
			continue
		}
		if strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s says: %v", expression, err)
		}
	}
}
