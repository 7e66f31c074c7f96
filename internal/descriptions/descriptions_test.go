package descriptions

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type service struct {
	Title string         `json:"title"`
	Calls map[string]int `json:"calls"`
}

var services = []Entry{
	{"index.json", []string{"queue", "bucket"}},
	{"services/queue.json", service{"Queue", map[string]int{"Send": 1, "Receive": 2}}},
	{"services/bucket.json", service{strings.Repeat("Bucket ", 500), nil}},
}

const (
	notice = "generated from nothing"
	title  = "the shop's descriptions"
)

func write(t testing.TB, notice string, entries ...Entry) string {
	t.Helper()
	data, err := Write(notice, 1<<20, entries)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func open(t testing.TB, data string) *Archive {
	t.Helper()
	a, err := Open(title, data)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	a := open(t, write(t, notice, services...))
	if a.Notice() != notice || !slices.Equal(a.Names(), []string{"index.json", "services/queue.json", "services/bucket.json"}) {
		t.Errorf("%q, %q", a.Notice(), a.Names())
	}
	index, err := Decode[[]string](a, "index.json")
	if diff := cmp.Diff(services[0].Value, *index); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for _, e := range services[1:] {
		got, err := Decode[service](a, e.Name)
		if diff := cmp.Diff(e.Value, *got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", e.Name, err, diff)
		}
	}
}

func TestTheSameIsWrittenInTheSameBytes(t *testing.T) {
	first, again := write(t, notice, services...), write(t, notice, services...)
	if first != again {
		t.Error("two archives of the same entries differ")
	}
}

func TestAnEntryIsDecodedOnceOnFirstUse(t *testing.T) {
	a := open(t, write(t, notice, services...))
	times := 0
	load := OnFirstUse(a, "services/queue.json", func(s *service) (*service, error) {
		times++
		return s, nil
	})
	if times != 0 {
		t.Error("it was decoded before it was used")
	}
	var wg sync.WaitGroup
	got := make([]*service, 8)
	for i := range got {
		wg.Go(func() { got[i], _ = load() })
	}
	wg.Wait()
	for _, s := range got {
		if s == nil || s != got[0] || s.Title != "Queue" {
			t.Fatalf("got %+v and %+v", s, got[0])
		}
	}
	if times != 1 {
		t.Errorf("it was decoded %d times", times)
	}
}

func TestWhatIsMadeOfAnEntryMayFail(t *testing.T) {
	a := open(t, write(t, notice, services...))
	odd := errors.New("odd")
	for file, want := range map[string]string{"services/queue.json": "odd", "services/none.json": "there is no services/none.json in " + title} {
		load := OnFirstUse(a, file, func(*service) (int, error) { return 0, odd })
		for range 2 {
			if _, err := load(); err == nil || err.Error() != want {
				t.Errorf("%s: %v, want %s", file, err, want)
			}
		}
	}
}

func TestAValueThatIsNoJSONIsNamed(t *testing.T) {
	_, err := Write(notice, 1<<20, []Entry{{"odd.json", make(chan int)}})
	if err == nil || !strings.HasPrefix(err.Error(), "write odd.json: ") {
		t.Errorf("got %v", err)
	}
}

func TestAWindowThatCannotBeIsAnError(t *testing.T) {
	if _, err := Write(notice, 1000, services); err == nil {
		t.Error("a window of 1000 bytes was taken")
	}
}

func TestDamageIsNamed(t *testing.T) {
	whole := write(t, notice, services...)
	// The entry's own header, with its name, comes before its bytes; the directory repeats both at the end.
	header := strings.Index(whole, "services/queue.json") - 30
	body := header + 30 + len("services/queue.json")
	change := func(at int, to string) string { return whole[:at] + to + whole[at+len(to):] }
	for name, c := range map[string]struct{ data, want string }{
		"nothing":               {"", "open " + title + ": zip: not a valid zip file"},
		"no archive":            {"this is no archive", "open " + title + ": zip: not a valid zip file"},
		"the end is missing":    {whole[:len(whole)-1], "open " + title + ": zip: not a valid zip file"},
		"the start is missing":  {whole[100:], "read services/queue.json of " + title + ": "},
		"a wrong magic":         {change(header, "XX"), "read services/queue.json of " + title + ": zip: not a valid zip file"},
		"not compressed so":     {change(body, "XX"), "read services/queue.json of " + title + ": invalid input: magic number mismatch"},
		"a wrong checksum":      {wrongChecksum(whole), "read services/queue.json of " + title + ": zip: checksum error"},
		"a missing entry":       {write(t, notice, services[0]), "there is no services/queue.json in " + title},
		"JSON of another shape": {write(t, notice, Entry{"services/queue.json", "text"}), "decode services/queue.json of " + title + ": json: cannot unmarshal string"},
	} {
		t.Run(name, func(t *testing.T) {
			if name != "nothing" && c.data == whole {
				t.Fatal("it is not damaged")
			}
			if err := readQueue(c.data); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// wrongChecksum changes what the directory says of the queue's entry.
func wrongChecksum(whole string) string {
	at := strings.LastIndex(whole, "services/queue.json") - 30
	return whole[:at] + "XXXX" + whole[at+4:]
}

func readQueue(data string) error {
	a, err := Open(title, data)
	if err == nil {
		_, err = Decode[service](a, "services/queue.json")
	}
	return err
}

func TestAnArchiveThatIsCutAnywhereIsAnError(t *testing.T) {
	whole := write(t, notice, services...)
	for n := range whole {
		if err := readQueue(whole[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are taken for the whole", n, len(whole))
		}
	}
}

// Whatever byte is wrong, an entry is given as it was written or not at all.
func TestDamageIsNeverTakenForAnotherValue(t *testing.T) {
	whole := write(t, notice, services[:2]...)
	want := services[1].Value
	for i := range whole {
		for _, flip := range []byte{0x01, 0x80, 0xff} {
			damaged := []byte(whole)
			damaged[i] ^= flip
			a, err := Open(title, string(damaged))
			if err != nil {
				continue
			}
			got, err := Decode[service](a, "services/queue.json")
			if err != nil {
				continue
			}
			if diff := cmp.Diff(want, *got); diff != "" {
				t.Errorf("byte %d ^ %#x (-want +got):\n%s", i, flip, diff)
			}
		}
	}
}

func TestDiffSaysWhatIsStale(t *testing.T) {
	queue, bucket := services[1], services[2]
	kept := write(t, notice, queue, bucket)
	for name, c := range map[string]struct {
		generated string
		want      []string
	}{
		"nothing":             {kept, nil},
		"an entry":            {write(t, notice, Entry{queue.Name, "new"}, bucket), []string{"services/queue.json differs (48 bytes, generated: 5)"}},
		"one more":            {write(t, notice, services...), []string{"index.json is missing"}},
		"one less":            {write(t, notice, queue), []string{"services/bucket.json is no longer generated"}},
		"the notice":          {write(t, "generated anew", queue, bucket), []string{`the notice is "generated from nothing", generated: "generated anew"`}},
		"the order, not them": {write(t, notice, bucket, queue), nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Diff(kept, c.generated)
			if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
	for _, pair := range [][2]string{{"", kept}, {kept, ""}, {wrongChecksum(kept), kept}} {
		if _, err := Diff(pair[0], pair[1]); err == nil {
			t.Error("a damaged archive was compared")
		}
	}
}
