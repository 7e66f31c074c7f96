package content

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func packed(t testing.TB, l *Library, prepared Prepared) *Pack {
	t.Helper()
	data, err := WritePack(l, prepared)
	if err != nil {
		t.Fatal(err)
	}
	p, err := OpenPack(data)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// sameButPlaces compares content whose lines are gone with content that has them.
var sameButPlaces = []cmp.Option{
	cmpopts.IgnoreFields(Pos{}, "Line", "Column"), cmpopts.IgnoreFields(Origin{}, "Keys"),
}

func TestAPackGivesBackWhatWasPacked(t *testing.T) {
	want := loadGood(t)
	p := packed(t, want, Prepared{})
	got, err := p.Library()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range got.Checks {
		if c.Tests != nil {
			t.Errorf("%s has its tests before they were asked for", c.ID)
		}
	}
	if err := p.LoadTests(); err != nil {
		t.Fatal(err)
	}
	if got.Frameworks != nil {
		t.Error("frameworks are there before they were asked for")
	}
	if got.Frameworks, err = p.Frameworks(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, sameButPlaces...); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(IndexOf(want), p.Index()); diff != "" {
		t.Error(diff)
	}
	origin := got.Table("aws_iam_access_key").Origin
	if at := origin.At("columns.user_name").String(); at != "testdata/good/aws/tables/iam.yaml" {
		t.Errorf("the packed table is at %s", at)
	}
}

func TestAPackIsReadByTheService(t *testing.T) {
	p := packed(t, loadGood(t), Prepared{})
	table, err := p.Table("aws_s3_bucket")
	if err != nil || table == nil || table.Name != "aws_s3_bucket" {
		t.Fatalf("%v, %v", table, err)
	}
	check, err := p.Check("aws_vpc_open_rules")
	if err != nil || check == nil || check.ID != "aws_vpc_open_rules" {
		t.Fatalf("%v, %v", check, err)
	}
	if again, _ := p.Table("aws_s3_bucket"); again != table {
		t.Error("the table was read twice")
	}
	l, err := p.Library()
	if err != nil || l.Table("aws_s3_bucket") != table {
		t.Errorf("the library has another table, %v", err)
	}
	if none, err := p.Table("aws_nothing"); none != nil || err != nil {
		t.Errorf("%v, %v", none, err)
	}
	if none, err := p.Check("aws_nothing"); none != nil || err != nil {
		t.Errorf("%v, %v", none, err)
	}
}

func TestAPackKeepsWhatWasPrepared(t *testing.T) {
	l := loadGood(t)
	prepared := Prepared{
		Tables: map[string][]byte{"aws_s3_bucket": []byte(`{"a":1}`), "aws_unknown": []byte("lost")},
		Checks: map[string][]byte{"aws_s3_bucket_versioning": []byte("x")},
	}
	p := packed(t, l, prepared)
	library, err := p.Library()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := p.PreparedTable(library.Table("aws_s3_bucket")); err != nil || string(got) != `{"a":1}` {
		t.Errorf("%s, %v", got, err)
	}
	if got, err := p.PreparedCheck(library.Check("aws_s3_bucket_versioning")); err != nil || string(got) != "x" {
		t.Errorf("%s, %v", got, err)
	}
	if got, err := p.PreparedCheck(library.Check("aws_vpc_open_rules")); err != nil || got != nil {
		t.Errorf("%s, %v", got, err)
	}
	if got, err := p.PreparedTable(&Table{Name: "aws_s3_bucket"}); err != nil || got != nil {
		t.Errorf("a user's table got what was prepared about ours: %s, %v", got, err)
	}
	if got, err := p.PreparedCheck(&Check{ID: "aws_mine"}); err != nil || got != nil {
		t.Errorf("%s, %v", got, err)
	}
}

func TestPackingTwiceGivesTheSameBytes(t *testing.T) {
	first, err := WritePack(loadGood(t), Prepared{})
	if err != nil {
		t.Fatal(err)
	}
	second, err := WritePack(loadGood(t), Prepared{})
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("differs, %v", err)
	}
}

func TestAPackMayBeReadFromSeveralGoroutines(t *testing.T) {
	p := packed(t, loadGood(t), Prepared{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			if _, err := p.Library(); err != nil {
				t.Error(err)
			}
			if _, err := p.Check("aws_vpc_open_rules"); err != nil {
				t.Error(err)
			}
		})
	}
	readers.Wait()
}

func TestADamagedPackIsAnError(t *testing.T) {
	data, err := WritePack(loadGood(t), Prepared{Tables: map[string][]byte{"aws_s3_bucket": []byte("x")}})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]byte{nil, []byte("stance"), data[:20], data[:len(data)/20], bytes.Replace(data, []byte("stance"), []byte("stanse"), 1)} {
		if _, err := OpenPack(bad); err == nil || !strings.HasPrefix(err.Error(), "open the packed content: ") {
			t.Errorf("%d bytes: %v", len(bad), err)
		}
	}
	other := bytes.Clone(data)
	other[len(packMagic)]++
	if _, err := OpenPack(other); err == nil || !strings.Contains(err.Error(), "another version of this program") {
		t.Error(err)
	}
	p, err := OpenPack(data[:len(data)-len(data)/3])
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Library()
	if _, ofFrameworks := p.Frameworks(); err == nil {
		err = ofFrameworks
	}
	if err == nil || !strings.Contains(err.Error(), "read the packed content of ") {
		t.Error(err)
	}
}

// TestDamagedValuesNeverPanic cuts and flips every byte of packed values.
func TestDamagedValuesNeverPanic(t *testing.T) {
	body := packBody{Tables: []*Table{loadGood(t).Table("aws_s3_bucket")}}
	data, err := pack(&body)
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		bad := bytes.Clone(data)
		bad[i] ^= 0xff
		for _, bad := range [][]byte{data[:i], bad} {
			var got packBody
			_ = unpack(bad, &got)
		}
	}
}

func TestOverlayIndex(t *testing.T) {
	base := IndexOf(loadGood(t))
	whole := OverlayIndex(base, &Index{
		Checks: []CheckSummary{{ID: "aws_a"}, {ID: "aws_vpc_open_rules", Title: "mine"}}, Tables: []TableSummary{{Name: "aws_z"}},
	})
	if len(whole.Checks) != len(base.Checks)+1 || len(whole.Tables) != len(base.Tables)+1 || whole.Checks[0].ID != "aws_a" ||
		whole.Checks[len(whole.Checks)-1].Title != "mine" {
		t.Errorf("%+v", whole.Checks)
	}
}

// synthetic is a folder with very many checks and a table for every ten of them, of about the size of real ones.
func synthetic(checks int) Folder {
	fsys := fstest.MapFS{}
	put := func(name, text string) { fsys[name] = &fstest.MapFile{Data: []byte(text)} }
	put("aws/provider.yaml", "id: aws\ntitle: AWS\n")
	put("objectives.yaml", "objectives:\n  data-recovery: {title: t, domain: resilience, about: a, why: w}\n")
	for i := range checks {
		service, table := fmt.Sprintf("service%d", i/30), fmt.Sprintf("aws_service%d_thing%d", i/30, i/10)
		if i%10 == 0 {
			name := "aws/tables/" + service + ".yaml"
			before := ""
			if f := fsys[name]; f != nil {
				before = string(f.Data) + "---\n"
			}
			put(name, before+syntheticTable(table, service))
		}
		id := fmt.Sprintf("%s_is_good_%d", table, i)
		put("aws/checks/"+service+"/"+id+".yaml", syntheticCheck(id, table, i))
	}
	return Folder{FS: fsys, Path: "content"}
}

func syntheticTable(name, service string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "table: %s\ntitle: %s\nabout: A thing of %s that is there for measuring. One row per thing.\nscope: region\nid: arn\n", name, name, service)
	fmt.Fprintf(&b, "list: {call: %s:ListThings, items: Things}\nget:\n", service)
	for i := range 4 {
		fmt.Fprintf(&b, "  group%d: {call: %s:GetThing%d, with: {Arn: Arn}, absent: [NoSuchThing%d]}\n", i, service, i, i)
	}
	b.WriteString("columns:\n  arn: {path: Arn, about: Amazon Resource Name}\n")
	for i := range 20 {
		fmt.Fprintf(&b, "  column_%d: {path: group%d.Configuration.Value%d, about: \"What the value %d says, in a few words\"}\n", i, i%4, i, i)
	}
	return b.String()
}

func syntheticCheck(id, table string, i int) string {
	severity := severities[i%len(severities)]
	return fmt.Sprintf(`id: %s
title: Things of number %d are as they should be and stay so
severity: %s
resource: %s
when: column_1 is not null
pass: column_%d = 'Enabled' and coalesce(column_%d, 'x') <> 'y'
found: "'the value is ' || coalesce(column_%d, 'off')"
objectives: [data-recovery]
why: >-
  Without number %d, one wrong script or one stolen key changes things for good, and nobody would see it until it is too late to
  bring back what was there before. With it, each change can be seen and undone.
fix:
  text: Turn number %d on, and look after it.
  cli: aws service put-thing --arn {arn} --value %d
  terraform: |
    resource "aws_thing" "this" {
      value = %d
    }
references: ["https://docs.example.com/things/%d.html"]
tests:
  - pass: {Arn: a, group1: {Configuration: {Value1: a}}, group2: {Configuration: {Value2: Enabled}}}
  - fail: {Arn: a, group1: {Configuration: {Value1: a}}, group2: {Configuration: {Value2: Disabled}}}
    found: the value is Disabled
  - unknown: {Arn: a, group1: !denied service:GetThing}
`, id, i, severity, table, i%20, (i+1)%20, (i+2)%20, i, i, i, i, i)
}

const manyChecks = 3000

func BenchmarkLoad(b *testing.B) {
	folder := synthetic(manyChecks)
	for b.Loop() {
		if _, problems := Load(folder); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}

func BenchmarkPack(b *testing.B) {
	l, problems := Load(synthetic(manyChecks))
	if err := problems.Err(); err != nil {
		b.Fatal(err)
	}
	prepared := Prepared{Tables: map[string][]byte{}, Checks: map[string][]byte{}}
	for _, c := range l.Checks {
		prepared.Checks[c.ID] = []byte(`{"id":"` + c.ID + `","pass":[{"t":"` + c.Resource + `","c":"column_1"}]}`)
	}
	data, err := WritePack(l, prepared)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("index", func(b *testing.B) {
		b.ReportMetric(float64(len(data)), "pack-bytes")
		for b.Loop() {
			p, err := OpenPack(data)
			if err != nil || len(p.Index().Checks) != manyChecks {
				b.Fatal(err)
			}
		}
	})
	b.Run("library", func(b *testing.B) {
		for b.Loop() {
			p, err := OpenPack(data)
			if err != nil {
				b.Fatal(err)
			}
			if l, err := p.Library(); err != nil || len(l.Checks) != manyChecks {
				b.Fatal(err)
			}
		}
	})
	b.Run("tests", func(b *testing.B) {
		for b.Loop() {
			p, err := OpenPack(data)
			if err != nil {
				b.Fatal(err)
			}
			if err := p.LoadTests(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("one check", func(b *testing.B) {
		for b.Loop() {
			p, err := OpenPack(data)
			if err != nil {
				b.Fatal(err)
			}
			if c, err := p.Check(l.Checks[1234].ID); err != nil || c == nil {
				b.Fatal(err)
			}
		}
	})
}
