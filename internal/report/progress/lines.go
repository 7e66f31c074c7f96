package progress

import (
	"fmt"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/report/terminal"
)

// rate is calls per second over the last few seconds.
type rate struct {
	samples []sample
}

type sample struct {
	at    time.Time
	calls int64
}

const rateWindow = 3 * time.Second

func (r *rate) observe(now time.Time, calls int64) float64 {
	r.samples = append(r.samples, sample{now, calls})
	for len(r.samples) > 2 && now.Sub(r.samples[1].at) >= rateWindow {
		r.samples = r.samples[1:]
	}
	first := r.samples[0]
	if passed := now.Sub(first.at).Seconds(); passed > 0 {
		return float64(calls-first.calls) / passed
	}
	return 0
}

// callless says that nothing is called, as by a scan of code: a phase and the time are all there is to show.
func (s Snapshot) callless() bool {
	return s.Phase != "" && s.Total == 0 && s.Done == 0 && s.Calls == 0
}

// facts are the parts of a plain line.
func facts(s Snapshot, perSecond float64, since time.Duration) []string {
	if s.callless() {
		return []string{s.Phase, clock(since)}
	}
	cells := fmt.Sprintf("%d cells", s.Done)
	if s.Total > 0 {
		cells = fmt.Sprintf("%d/%d cells", s.Done, s.Total)
	}
	if s.Phase != "" {
		cells = s.Phase + ": " + cells
	}
	list := []string{cells, fmt.Sprintf("%d calls", s.Calls), fmt.Sprintf("%.0f/s", perSecond)}
	if s.Throttled > 0 {
		list = append(list, fmt.Sprintf("%d throttled", s.Throttled))
	}
	if s.Unseen > 0 {
		list = append(list, fmt.Sprintf("%d not seen", s.Unseen))
	}
	if s.Current != "" {
		list = append(list, terminal.Clean(s.Current))
	}
	return append(list, clock(since))
}

// lines are the live display: a bar, and what is going on.
func (d *Display) lines(s Snapshot, perSecond float64, since time.Duration) []string {
	look := d.options.Look
	width := look.Columns()
	if d.options.Width != nil {
		width = d.options.Width()
	}
	width = max(10, width-1) // the last column makes some terminals wrap
	bar := min(30, width/3)
	head := d.spinner() + " " + s.Phase
	if s.callless() {
		return []string{look.Cut(head+look.Dot()+clock(since), width)}
	}
	cells := fmt.Sprintf("%d cells", s.Done)
	drawn := ""
	if s.Total > 0 {
		share := look.Bar(float64(s.Done)/float64(s.Total), bar)
		drawn = "  " + share + strings.Repeat(background(look), max(0, bar-terminal.Width(share))) + "  "
		cells = fmt.Sprintf("%d/%d cells", s.Done, s.Total)
	}
	first := head + drawn + " " + cells + look.Dot() + clock(since)
	rest := []string{fmt.Sprintf("%d calls", s.Calls), fmt.Sprintf("%.0f/s", perSecond)}
	if s.Throttled > 0 {
		rest = append(rest, fmt.Sprintf("%d throttled", s.Throttled))
	}
	if s.Unseen > 0 {
		rest = append(rest, fmt.Sprintf("%d not seen", s.Unseen))
	}
	if s.Current != "" {
		rest = append(rest, terminal.Clean(s.Current))
	}
	return []string{look.Cut(first, width), look.Paint(look.Cut("  "+strings.Join(rest, look.Dot()), width), terminal.Dim)}
}

func background(look terminal.Terminal) string {
	if look.Unicode {
		return "░"
	}
	return "."
}

func (d *Display) spinner() string {
	frames := []rune("|/-\\")
	if d.options.Look.Unicode {
		frames = []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")
	}
	d.spin++
	return string(frames[d.spin%len(frames)])
}

// clock writes a duration as 0:07, 12:03 or 1:02:03.
func clock(d time.Duration) string {
	s := int(d.Seconds())
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
