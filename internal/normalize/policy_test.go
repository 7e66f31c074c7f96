package normalize

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestPolicyDocument(t *testing.T) {
	// wrap writes the statement's members that a case does not speak of.
	const head = `{"version":null,"id":null,"statements":[`
	one := func(members string) string {
		all := map[string]string{
			"sid": "null", "effect": "null", "principals": "null", "not_principals": "null", "actions": "[]", "not_actions": "[]",
			"resources": "[]", "not_resources": "[]", "conditions": "{}",
		}
		var given map[string]json.RawMessage
		if err := json.Unmarshal([]byte(members), &given); err != nil {
			t.Fatal(err)
		}
		for name, value := range given {
			all[name] = string(value)
		}
		order := []string{"sid", "effect", "principals", "not_principals", "actions", "not_actions", "resources", "not_resources", "conditions"}
		for i, name := range order {
			order[i] = strconv.Quote(name) + ":" + all[name]
		}
		return "{" + strings.Join(order, ",") + "}"
	}
	for _, c := range []struct{ name, in, want string }{
		{"no statement", `{"Version":"2012-10-17","Id":"x"}`, `{"version":"2012-10-17","id":"x","statements":[]}`},
		{"a single statement", `{"Statement":{"Effect":"Allow"}}`, head + one(`{"effect":"Allow"}`) + `]}`},
		{"statements", `{"Statement":[{"Sid":"a","Effect":"Deny"},{}]}`, head + one(`{"sid":"a","effect":"Deny"}`) + `,` + one(`{}`) + `]}`},
		{
			"actions are lists in lower case", `{"Statement":[{"Action":"S3:Get*","NotAction":["IAM:PassRole"]}]}`,
			head + one(`{"actions":["s3:get*"],"not_actions":["iam:passrole"]}`) + `]}`,
		},
		{
			"resources keep their case", `{"Statement":[{"Resource":"arn:aws:s3:::B/*","NotResource":["*"]}]}`,
			head + one(`{"resources":["arn:aws:s3:::B/*"],"not_resources":["*"]}`) + `]}`,
		},
		{
			"anyone", `{"Statement":[{"Principal":"*"}]}`,
			head + one(`{"principals":{"aws":["*"],"service":[],"federated":[],"canonical_user":[]}}`) + `]}`,
		},
		{
			"anyone, in AWS", `{"Statement":[{"Principal":{"AWS":"*"}}]}`,
			head + one(`{"principals":{"aws":["*"],"service":[],"federated":[],"canonical_user":[]}}`) + `]}`,
		},
		{
			"principals by kind", `{"Statement":[{"NotPrincipal":{"Service":["a","b"],"Federated":"f","CanonicalUser":"c"}}]}`,
			head + one(`{"not_principals":{"aws":[],"service":["a","b"],"federated":["f"],"canonical_user":["c"]}}`) + `]}`,
		},
		{
			"an empty principal is not a missing one", `{"Statement":[{"Principal":{}}]}`,
			head + one(`{"principals":{"aws":[],"service":[],"federated":[],"canonical_user":[]}}`) + `]}`,
		},
		{
			"condition values are text", `{"Statement":[{"Condition":{"Bool":{"AWS:SecureTransport":false},"NumericLessThan":{"s3:max-keys":[10,"20"]}}}]}`,
			head + one(`{"conditions":{"bool":{"aws:securetransport":["false"]},"numericlessthan":{"s3:max-keys":["10","20"]}}}`) + `]}`,
		},
		{
			"operators that differ in case are one", `{"Statement":[{"Condition":{"Bool":{"a":"1"},"BOOL":{"b":"2"}}}]}`,
			head + one(`{"conditions":{"bool":{"a":["1"],"b":["2"]}}}`) + `]}`,
		},
		{"elements in another case", `{"statement":[{"effect":"Allow","ACTION":"x"}]}`, head + one(`{"effect":"Allow","actions":["x"]}`) + `]}`},
		{"nulls are missing", `{"Version":null,"Statement":[{"Action":null}]}`, head + one(`{}`) + `]}`},
		{"within a JSON string", `"{\"Statement\":{\"Sid\":\"\\u00e9\"}}"`, head + one(`{"sid":"é"}`) + `]}`},
		{"percent-encoded", `%7B%22Statement%22%3A%7B%22Sid%22%3A%22a+b%20c%22%7D%7D`, head + one(`{"sid":"a+b c"}`) + `]}`},
		{"percent-encoded within a JSON string", `"%7B%22Statement%22%3A%5B%5D%7D"`, `{"version":null,"id":null,"statements":[]}`},
		{"with escaped quotes", `{\"Statement\":{\"Sid\":\"x\"}}`, head + one(`{"sid":"x"}`) + `]}`},
		{"with white space", " \n{ \"Statement\" : [ ] } \n", `{"version":null,"id":null,"statements":[]}`},
		{"with half a surrogate pair", `{"Statement":{"Sid":"\ud83d"}}`, head + one("{\"sid\":\"\uFFFD\"}") + `]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := PolicyDocument([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestPolicyDocumentRefusesWhatItWouldHaveToGuess(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{``, "empty"},
		{`null`, "empty"},
		{`""`, "empty"},
		{`[]`, "it is not an object"},
		{`"hello"`, "not JSON"},
		{`{"Statement":[`, "not JSON"},
		{`{"Statement":"x"}`, "a statement is not an object"},
		{`{"Statement":[7]}`, "a statement is not an object"},
		{`{"Statements":[]}`, `unknown element "Statements"`},
		{`{"Statement":[{"Conditions":{}}]}`, `unknown element "Conditions"`},
		{`{"Statement":[{"Effect":"Allow","effect":"Deny"}]}`, "twice"},
		{`{"Statement":[],"Statement":[{}]}`, "twice"},
		{`{"Statement":[{"Effect":"allow"}]}`, "neither Allow nor Deny"},
		{`{"Statement":[{"Action":{"a":1}}]}`, "Action is not text"},
		{`{"Statement":[{"Action":[["a"]]}]}`, "Action is not text"},
		{`{"Statement":[{"Principal":{"Robot":"*"}}]}`, `unknown element "Robot"`},
		{`{"Statement":[{"Condition":["x"]}]}`, "Condition is not an object"},
		{`{"Statement":[{"Condition":{"Bool":"x"}}]}`, `condition "Bool" is not an object`},
		{`{"Statement":[{"Condition":{"Bool":{"a":1,"A":2}}}]}`, "given twice"},
		{`{"Statement":` + strings.Repeat(`[`, 1_000_000), "nested too deeply"},
		{`%7B%`, "not JSON"},
	} {
		if _, err := PolicyDocument([]byte(c.in)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60s: %v, want %q", c.in, err, c.want)
		}
	}
}

func TestHugePolicyDocumentsTakeLinearTime(t *testing.T) {
	statement := `{"Effect":"Allow","Action":["s3:GetObject"],"Resource":"*","Condition":{"StringLike":{"aws:PrincipalArn":["a","b"]}}}`
	doc := `{"Statement":[` + strings.Repeat(statement+",", 5<<20/len(statement)) + statement + `]}`
	for _, text := range []string{doc, strconv.Quote(doc), url.PathEscape(doc)} {
		start := time.Now()
		if _, err := PolicyDocument([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took > time.Minute {
			t.Errorf("%d bytes took %v", len(text), took)
		}
	}
}

func FuzzPolicyDocument(f *testing.F) {
	for _, seed := range []string{
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["*"]},"Action":"*","Resource":"*","Condition":{"Bool":{"a":true}}}]}`,
		`"{\"Statement\":{\"NotAction\":\"x\"}}"`, `%7B%22Statement%22%3A%5B%5D%7D`, `{\"Statement\":[]}`, `{"Statement":[{"Principal":"*"}]}`,
		`{"Statement":[{"Condition":{"A":{"b":[1,2.5e3,"\ud83d"]}}}]}`, `[[[[`, `"\ud83d\ude00"`, `%%%`, "{\"Id\":\"\xff\"}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		once, err := PolicyDocument(text)
		if err != nil {
			return
		}
		if !json.Valid(once) {
			t.Fatalf("%q gives what is no JSON: %q", text, once)
		}
		var p struct {
			Statements []struct {
				Actions    []string
				Conditions map[string]map[string][]string
			}
		}
		if err := json.Unmarshal(once, &p); err != nil {
			t.Fatalf("%q gives another type: %v", text, err)
		}
		for _, s := range p.Statements {
			for _, a := range s.Actions {
				if a != strings.ToLower(a) {
					t.Fatalf("%q gives the action %q", text, a)
				}
			}
		}
		if again, err := PolicyDocument(text); err != nil || string(again) != string(once) {
			t.Fatalf("%q gives %q, then %q", text, once, again)
		}
	})
}

func BenchmarkPolicyDocument(b *testing.B) {
	text := []byte(`"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"*\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]}"`)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := PolicyDocument(text); err != nil {
			b.Fatal(err)
		}
	}
}
