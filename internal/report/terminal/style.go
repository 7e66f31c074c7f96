package terminal

import "strings"

// Style is a way to draw text, as a parameter of the terminal's SGR command.
type Style string

// Styles. Only the sixteen colors are used, because people choose those to be readable on their background.
const (
	Plain   Style = ""
	Bold    Style = "1"
	Dim     Style = "2"
	Red     Style = "31"
	RedBold Style = "1;31"
	Green   Style = "32"
	Yellow  Style = "33"
	Blue    Style = "34"
	Magenta Style = "1;35"
	Cyan    Style = "36"
)

// Paint draws s in a style where the terminal has colors.
func (t Terminal) Paint(s string, style Style) string {
	if !t.Color || style == Plain || s == "" {
		return s
	}
	return "\x1b[" + string(style) + "m" + s + "\x1b[0m"
}

// Severity is the style of a severity.
func Severity(severity string) Style {
	return map[string]Style{"critical": Magenta, "high": RedBold, "medium": Yellow, "low": Blue, "info": Dim}[severity]
}

// Bar draws share (0 to 1) of the given columns. Anything above zero is visible.
func (t Terminal) Bar(share float64, columns int) string {
	share = min(max(share, 0), 1)
	if columns <= 0 || share == 0 {
		return ""
	}
	if !t.Unicode {
		return strings.Repeat("#", max(1, int(share*float64(columns)+0.5)))
	}
	eighths := max(1, int(share*float64(columns)*8+0.5))
	bar := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		bar += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return bar
}

// Dot separates parts of a line.
func (t Terminal) Dot() string {
	if t.Unicode {
		return " · "
	}
	return " - "
}
