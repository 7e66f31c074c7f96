package normalize

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestTags(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`[{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}]`, `{"a":"1","b":"2"}`},
		{`[{"key":"a","value":"1"}]`, `{"a":"1"}`},
		{`[{"TagKey":"a","TagValue":"1"}]`, `{"a":"1"}`},
		{`[{"ResourceId":"x","Key":"a","PropagateAtLaunch":true,"Value":"1"}]`, `{"a":"1"}`},
		{`{"a":"1","b":2,"c":true}`, `{"a":"1","b":"2","c":"true"}`},
		{`{"a":"1","a":"2"}`, `{"a":"2"}`},
		{`[{"Key":"a"},{"Key":"b","Value":null}]`, `{"a":"","b":""}`},
		{`[{"Key":"it's \"odd\"\n\ud83d\ude00","Value":"é"}]`, `{"it's \"odd\"\n😀":"é"}`},
		{`[]`, `{}`},
		{`{}`, `{}`},
		{`"[{\"Key\":\"a\",\"Value\":\"1\"}]"`, `{"a":"1"}`},
	} {
		got, err := Tags([]byte(c.in))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s, %v; want %s", c.in, got, err, c.want)
		}
	}
	for _, in := range []string{`["a"]`, `[{"Value":"1"}]`, `{"a":{}}`, `[{"Key":"a","Value":[]}]`, `7`, `"x"`} {
		if got, err := Tags([]byte(in)); err == nil {
			t.Errorf("%s: %s, want an error", in, got)
		}
	}
	if _, err := Tags([]byte(`null`)); !errors.Is(err, ErrEmpty) {
		t.Errorf("null: %v, want %v", err, ErrEmpty)
	}
}

func TestTime(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"2022-06-30T17:04:16Z", "2022-06-30T17:04:16Z"},
		{"2022-06-30T17:04:16.671000+00:00", "2022-06-30T17:04:16.671Z"},
		{"2022-06-30T17:04:16.671+0530", "2022-06-30T11:34:16.671Z"},
		{"2022-06-30T17:04:16", "2022-06-30T17:04:16Z"},
		{"2022-06-30T17:04Z", "2022-06-30T17:04:00Z"},
		{"2022-06-30 17:04:16.671000", "2022-06-30T17:04:16.671Z"},
		{"2022-06-30 17:04:16 UTC", "2022-06-30T17:04:16Z"},
		{"2022-06-30 17:04:16+00", "2022-06-30T17:04:16Z"},
		{"2022-06-30", "2022-06-30T00:00:00Z"},
		{"Thu, 30 Jun 2022 17:04:16 GMT", "2022-06-30T17:04:16Z"},
		{"2022-06-30T17:04:16.123456789Z", "2022-06-30T17:04:16.123456Z"},
		{"1656608656", "2022-06-30T17:04:16Z"},
		{"1656608656.671", "2022-06-30T17:04:16.671Z"},
		{"1656608656671", "2022-06-30T17:04:16.671Z"},
		{"1.656608656671E9", "2022-06-30T17:04:16.671Z"},
		{"0", "1970-01-01T00:00:00Z"},
		{"-1", "1969-12-31T23:59:59Z"},
	} {
		got, err := Time(c.in)
		if err != nil || FormatTime(got) != c.want {
			t.Errorf("%s: %s, %v; want %s", c.in, FormatTime(got), err, c.want)
		}
		if got.Location() != time.UTC {
			t.Errorf("%s: in %s", c.in, got.Location())
		}
	}
	for _, in := range []string{"never", "2022-13-01", "2022-06-30 17:04:16 CEST", "N/A", "NaN", "1e300", "-9223372036854775808", "12022-06-30"} {
		if got, err := Time(in); err == nil {
			t.Errorf("%s: %s, want an error", in, got)
		}
	}
}

func TestCIDR(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"10.1.2.3/8", "10.0.0.0/8"},
		{" 10.1.2.3 ", "10.1.2.3/32"},
		{"0.0.0.0/0", "0.0.0.0/0"},
		{"2001:DB8:0:0::1/32", "2001:db8::/32"},
		{"::/0", "::/0"},
		{"::1", "::1/128"},
		{"::ffff:10.1.2.3/104", "10.0.0.0/8"},
		{"::ffff:10.1.2.3", "10.1.2.3/32"},
	} {
		if got, err := CIDR(c.in); err != nil || got != c.want {
			t.Errorf("%s: %s, %v; want %s", c.in, got, err, c.want)
		}
	}
	for _, in := range []string{"office", "10.0.0.0/33", "10.0.0/8", "fe80::1%eth0", "sg-123", "010.0.0.0/8", "10.0.0.0/-1"} {
		if got, err := CIDR(in); err == nil {
			t.Errorf("%s: %s, want an error", in, got)
		}
	}
}

func TestCIDRQuestions(t *testing.T) {
	for _, c := range []struct {
		in          string
		public, any bool
		prefix      int
		addresses   float64
	}{
		{"0.0.0.0/0", true, true, 0, 1 << 32},
		{"::/0", true, true, 0, 0x1p128},
		{"0.0.0.0/1", true, false, 1, 1 << 31},
		{"8.8.8.8", true, false, 32, 1},
		{"10.0.0.0/8", false, false, 8, 1 << 24},
		{"10.0.0.0/7", true, false, 7, 1 << 25},
		{"172.16.0.0/12", false, false, 12, 1 << 20},
		{"172.32.0.0/16", true, false, 16, 1 << 16},
		{"192.168.1.0/24", false, false, 24, 256},
		{"100.64.0.0/10", false, false, 10, 1 << 22},
		{"169.254.169.254/32", false, false, 32, 1},
		{"224.0.0.0/3", false, false, 3, 1 << 29}, // multicast and reserved, side by side
		{"fd00::/8", false, false, 8, 0x1p120},
		{"fe80::/9", false, false, 9, 0x1p119}, // link-local and site-local, side by side
		{"2600:1f00::/24", true, false, 24, 0x1p104},
		{"::ffff:10.0.0.0/104", false, false, 8, 1 << 24},
	} {
		public, err1 := CIDRIsPublic(c.in)
		every, err2 := CIDRIsAny(c.in)
		prefix, err3 := CIDRPrefix(c.in)
		addresses, err4 := CIDRAddresses(c.in)
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			t.Errorf("%s: %v", c.in, err)
		}
		if public != c.public || every != c.any || prefix != c.prefix || addresses != c.addresses {
			t.Errorf("%s: public %v, any %v, prefix %d, addresses %g", c.in, public, every, prefix, addresses)
		}
	}
	for _, c := range []struct {
		in   []string
		want bool
	}{
		{[]string{"128.0.0.0/1"}, true},
		{[]string{"17.0.0.0/8"}, false},
		{[]string{"2000::/3"}, true},
		{[]string{"2600::/12"}, true},
		{[]string{"2600::/13"}, false},
		{[]string{"240.0.0.0/4"}, false},
		{[]string{"203.0.113.0/24", "nonsense", "0.0.0.0/0"}, true},
		{[]string{"2600::/16", "2601::/16"}, false},
		{manyRanges(15), false},
		{manyRanges(16), true},
		{append(manyRanges(15), manyRanges(15)...), false},
		{nil, false},
	} {
		if got := CIDRsAreWide(c.in); got != c.want {
			t.Errorf("%v are wide: %v", c.in, got)
		}
	}
	for _, c := range []struct {
		outer, inner string
		want         bool
	}{
		{"10.0.0.0/8", "10.1.0.0/16", true},
		{"10.0.0.0/8", "10.0.0.0/8", true},
		{"10.1.0.0/16", "10.0.0.0/8", false},
		{"10.0.0.0/8", "11.0.0.1", false},
		{"::/0", "10.0.0.1", false},
		{"0.0.0.0/0", "::1", false},
	} {
		if got, err := CIDRContains(c.outer, c.inner); err != nil || got != c.want {
			t.Errorf("%s contains %s: %v, %v", c.outer, c.inner, got, err)
		}
	}
}

// manyRanges are n ranges of 1/256 of all addresses each.
func manyRanges(n int) (ranges []string) {
	for i := range n {
		ranges = append(ranges, fmt.Sprintf("%d.0.0.0/8", 40+i))
	}
	return ranges
}

func TestJSON(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{"a":1}`, `{"a":1}`},
		{` [1] `, `[1]`},
		{`7`, `7`},
		{`"{\"a\":1}"`, `{"a":1}`},
		{`"%7B%22a%22%3A1%7D"`, `{"a":1}`},
		{`{"a":"\ud83d"}`, `{"a":"\ufffd"}`},
	} {
		if got, err := JSON([]byte(c.in)); err != nil || string(got) != c.want {
			t.Errorf("%s: %s, %v; want %s", c.in, got, err, c.want)
		}
	}
	for _, in := range []string{`hello`, `"hello"`, `"7"`, `{"a":1`, `{"a":1} {}`} {
		if got, err := JSON([]byte(in)); err == nil {
			t.Errorf("%s: %s, want an error", in, got)
		}
	}
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"*", "", true},
		{"s3:*", "s3:getobject", true},
		{"s3:get*", "s3:putobject", false},
		{"arn:aws:s3:::b/*", "arn:aws:s3:::b/x/y:z", true},
		{"arn:aws:s3:::b/*", "arn:aws:s3:::b", false},
		{"?bc", "äbc", true},
		{"?", "", false},
		{"a*b*c", "a--b--b--c", true},
		{"a*b*c", "a--c--b", false},
		{"S3:*", "s3:x", false},
		{"", "", true},
		{"", "a", false},
		{"[a]", "a", false},
		{strings.Repeat("a*", 50) + "b", strings.Repeat("a", 5000), false},
	} {
		if got := Glob(c.pattern, c.text); got != c.want {
			t.Errorf("%q matches %.20q: %v", c.pattern, c.text, got)
		}
	}
}

func TestMask(t *testing.T) {
	for _, c := range []struct {
		paths    string
		in, want string
	}{
		{"a", `{"a":"x","b":"y"}`, `{"a":"[masked]","b":"y"}`},
		{"a.b", `{"a":[{"b":"x"},{"c":"y"}],"b":"z"}`, `{"a":[{"b":"[masked]"},{"c":"y"}],"b":"z"}`},
		{"env", `{"env":{"K":"x","N":null,"D":{"E":[1,true]}}}`, `{"env":{"K":"[masked]","N":null,"D":{"E":["[masked]","[masked]"]}}}`},
		{"m.*.p", `{"m":{"one":{"p":1,"q":2},"two":{"p":"x"}}}`, `{"m":{"one":{"p":"[masked]","q":2},"two":{"p":"[masked]"}}}`},
		{"a a.b c", `{"a":{"b":1},"c":null,"d":1}`, `{"a":{"b":"[masked]"},"c":null,"d":1}`},
		{"x.y", `{"x":"text"}`, `{"x":"text"}`},
		{"\u00e9\"", `{"é\"":"x"}`, `{"é\"":"[masked]"}`},
	} {
		got, err := NewMask(strings.Fields(c.paths)).Apply([]byte(c.in))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s, %v; want %s", c.paths, got, err, c.want)
		}
	}
	if got, err := NewMask([]string{""}).Apply([]byte(`{"a":[1]}`)); err != nil || string(got) != `{"a":["[masked]"]}` {
		t.Errorf("the whole: %s, %v", got, err)
	}
	if _, err := NewMask([]string{"a"}).Apply([]byte(`{"a":1`)); err == nil {
		t.Error("broken JSON is masked")
	}
}
