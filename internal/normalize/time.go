package normalize

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// layouts are the ways in which vendors write a time. Fractions of a second are read wherever seconds are.
var layouts = []string{
	time.RFC3339,
	"2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04:05",
	"2006-01-02T15:04Z07:00",
	"2006-01-02 15:04:05",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05Z07",
	"2006-01-02 15:04:05 Z0700",
	"2006-01-02 15:04:05 MST",
	"2006-01-02",
	time.RFC1123,
	time.RFC1123Z,
	time.RFC850,
	time.ANSIC,
}

// Time reads RFC 3339 and its looser relatives, HTTP dates, and the seconds, milliseconds, microseconds or nanoseconds since
// 1970. Text without an offset is UTC. The result is in UTC and has whole microseconds, which is what DuckDB keeps.
func Time(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return time.Time{}, ErrEmpty
	}
	for _, layout := range layouts {
		t, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		if zone, offset := t.Zone(); offset == 0 && zone != "UTC" && zone != "GMT" && zone != "" {
			// Parse takes a zone that it does not know as UTC: a guess.
			return time.Time{}, fmt.Errorf("a time in the unknown zone %s", zone)
		}
		return inRange(t)
	}
	return epoch(text)
}

// epoch reads a number of seconds or of their fractions, told by its size: seconds reach the year 5138.
func epoch(text string) (time.Time, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		switch size := max(n, -n); {
		case size < 0:
			return time.Time{}, errors.New("a time out of range")
		case size < 1e11:
			return inRange(time.Unix(n, 0))
		case size < 1e14:
			return inRange(time.UnixMilli(n))
		case size < 1e17:
			return inRange(time.UnixMicro(n))
		}
		return inRange(time.Unix(0, n))
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(f) || math.Abs(f) >= 1e14 {
		return time.Time{}, errors.New("not a time")
	}
	if math.Abs(f) >= 1e11 {
		f /= 1e3
	}
	seconds, fraction := math.Modf(f)
	return inRange(time.Unix(int64(seconds), int64(math.Round(fraction*1e6))*1e3))
}

func inRange(t time.Time) (time.Time, error) {
	t = t.UTC().Truncate(time.Microsecond)
	if t.Year() < 1 || t.Year() > 9999 {
		return t, errors.New("a time out of range")
	}
	return t, nil
}

// FormatTime writes a time the way that Stance writes all of them: RFC 3339, UTC, microseconds where there are any.
func FormatTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999999Z07:00") }
