// Package terminal knows what the place that text is written to can show: its width, color, and characters beyond ASCII.
// It also makes strings from a cloud safe to print. It lays nothing out; its neighbors do.
package terminal

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"
)

// DefaultWidth is taken where the width cannot be told.
const DefaultWidth = 100

// Terminal describes an output. The zero value is a plain file: no color, ASCII only, DefaultWidth columns.
type Terminal struct {
	TTY     bool // a person is looking: long values may be cut
	Color   bool
	Unicode bool // may show block characters and dashes
	Width   int  // columns; 0 means DefaultWidth
	// Asked says that the width was asked for, with COLUMNS: it holds for files and pipes too.
	Asked bool
}

// Fits tells whether lines are laid out to fit the width. Elsewhere, in pipes and files, they are as long as they are: a program
// reads them. Only on a TTY may anything be cut.
func (t Terminal) Fits() bool { return t.TTY || t.Asked }

// Columns is the width, never zero.
func (t Terminal) Columns() int {
	if t.Width <= 0 {
		return DefaultWidth
	}
	return t.Width
}

// Detect looks at a file and at the environment. COLUMNS, NO_COLOR, FORCE_COLOR and TERM=dumb are honored; text beyond ASCII is
// used unless the locale says plainly that it is something else than UTF-8.
func Detect(f *os.File, getenv func(string) string) Terminal {
	fd := int(f.Fd())
	tty := term.IsTerminal(fd)
	width := 0
	if tty {
		if w, _, err := term.GetSize(fd); err == nil {
			width = w
		}
	}
	return describe(tty, width, getenv)
}

func describe(tty bool, width int, getenv func(string) string) Terminal {
	dumb := getenv("TERM") == "dumb"
	color := tty && !dumb
	if force := getenv("FORCE_COLOR"); force != "" && force != "0" {
		color = true
	}
	if getenv("NO_COLOR") != "" {
		color = false
	}
	// A dumb terminal can neither move the cursor nor be trusted with block characters.
	t := Terminal{TTY: tty && !dumb, Color: color, Unicode: !dumb && utf8Locale(getenv), Width: width}
	if columns, err := strconv.Atoi(getenv("COLUMNS")); err == nil && columns > 0 {
		t.Width, t.Asked = columns, true
	}
	return t
}

func utf8Locale(getenv func(string) string) bool {
	for _, key := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		value := getenv(key)
		if value == "" {
			continue
		}
		value = strings.ToUpper(value)
		return strings.Contains(value, "UTF-8") || strings.Contains(value, "UTF8")
	}
	// No locale at all is usual in containers and CI, whose viewers read UTF-8.
	return true
}
