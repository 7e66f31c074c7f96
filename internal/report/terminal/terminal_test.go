package terminal

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTerminalIsDescribedByItsEnvironment(t *testing.T) {
	tests := map[string]struct {
		tty  bool
		env  map[string]string
		want Terminal
	}{
		"a terminal":                {true, map[string]string{"LANG": "en_US.UTF-8"}, Terminal{TTY: true, Color: true, Unicode: true, Width: 80}},
		"no color is wished":        {true, map[string]string{"NO_COLOR": "1"}, Terminal{TTY: true, Unicode: true, Width: 80}},
		"a dumb terminal":           {true, map[string]string{"TERM": "dumb"}, Terminal{Width: 80}},
		"a file":                    {false, nil, Terminal{Unicode: true, Width: 80}},
		"color is forced":           {false, map[string]string{"FORCE_COLOR": "1"}, Terminal{Color: true, Unicode: true, Width: 80}},
		"forced and not wished":     {false, map[string]string{"FORCE_COLOR": "1", "NO_COLOR": "1"}, Terminal{Unicode: true, Width: 80}},
		"an old locale":             {true, map[string]string{"LC_ALL": "C"}, Terminal{TTY: true, Color: true, Width: 80}},
		"the width is asked for":    {false, map[string]string{"COLUMNS": "60"}, Terminal{Unicode: true, Width: 60, Asked: true}},
		"a width that is none":      {false, map[string]string{"COLUMNS": "wide"}, Terminal{Unicode: true, Width: 80}},
		"the strongest locale wins": {true, map[string]string{"LC_ALL": "de_DE.utf8", "LANG": "C"}, Terminal{TTY: true, Color: true, Unicode: true, Width: 80}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := describe(tt.tty, 80, func(key string) string { return tt.env[key] }); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestCleanDisarmsText(t *testing.T) {
	for give, want := range map[string]string{
		"plain":               "plain",
		"naïve 日本 🪣":          "naïve 日本 🪣",
		"a\nb\tc\rd":          `a\nb\tc\rd`,
		"\x1b]0;title\x07":    `\x1b]0;title\x07`,
		"evil\u202etxt.exe":   `evil\u202etxt.exe`,
		"\u009b2J":            `\x9b2J`,
		"bad \xff byte":       `bad \xff byte`,
		"line\u2028separator": `line\u2028separator`,
	} {
		if got := Clean(give); got != want {
			t.Errorf("Clean(%q) = %q, want %q", give, got, want)
		}
	}
}

func TestCutsKeepTheWidth(t *testing.T) {
	look, plain := Terminal{Unicode: true}, Terminal{}
	long := "日本語🪣-a-very-long-name-日本語"
	for width := range 40 {
		for _, cut := range []string{look.Cut(long, width), look.CutMiddle(long, width), plain.Cut(long, width), plain.CutMiddle(long, width)} {
			if Width(cut) > width {
				t.Errorf("%q takes %d of %d columns", cut, Width(cut), width)
			}
		}
	}
	if got := look.CutMiddle("arn:aws:s3:::bucket", 11); got != "arn:a…ucket" {
		t.Errorf("got %q", got)
	}
}

func TestWrapLosesNothing(t *testing.T) {
	for give, want := range map[string][]string{
		"":                             {""},
		"short":                        {"short"},
		"two words that do not fit":    {"two words", "that do", "not fit"},
		"arn:aws:iam::111122223333":    {"arn:aws:ia", "m::1111222", "23333"},
		"at arn:aws:iam::11 or so":     {"at", "arn:aws:ia", "m::11 or", "so"},
		"日本語日本語 日本":                    {"日本語日本", "語 日本"},
		"  spaces   are   one   space": {"spaces are", "one space"},
	} {
		if diff := cmp.Diff(want, Wrap(give, 10)); diff != "" {
			t.Errorf("%q: %s", give, diff)
		}
	}
	for width := range 12 {
		for _, line := range Wrap("a naïve 日本語-very-long-word 🪣", width) {
			if Width(line) > max(2, width) {
				t.Errorf("%q takes %d of %d columns", line, Width(line), width)
			}
		}
	}
}

func TestBarsShowTheSmallest(t *testing.T) {
	look, plain := Terminal{Unicode: true}, Terminal{}
	for _, tt := range []struct {
		share       float64
		bar, hashes string
	}{{0, "", ""}, {0.0001, "▏", "#"}, {0.5, "█████", "#####"}, {0.56, "█████▋", "######"}, {1, "██████████", "##########"}, {7, "██████████", "##########"}} {
		if got := look.Bar(tt.share, 10); got != tt.bar {
			t.Errorf("Bar(%v) = %q, want %q", tt.share, got, tt.bar)
		}
		if got := plain.Bar(tt.share, 10); got != tt.hashes {
			t.Errorf("plain Bar(%v) = %q, want %q", tt.share, got, tt.hashes)
		}
	}
}
