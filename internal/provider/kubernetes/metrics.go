package kubernetes

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/stancehq/stance/internal/provider"
)

// sample is a line of a metric. A value that is no number is left out.
type sample struct {
	Labels map[string]string `json:"labels"`
	Value  *float64          `json:"value,omitempty"`
}

// metrics asks for the metrics that the input names. One that the server does not have is not in the answer.
func (p *Provider) metrics(ctx context.Context, c *cluster, q question, input map[string]any) (*provider.Answer, error) {
	var names []string
	list, _ := input["names"].([]any)
	for _, v := range list {
		if name, ok := v.(string); ok {
			names = append(names, name)
		}
	}
	if texts, ok := input["names"].([]string); ok {
		names = texts
	}
	if len(names) == 0 || len(input) != 1 {
		return nil, broken(q, errors.New("the one input member is names, a list of the metrics wanted"))
	}
	q.accept = "text/plain;version=0.0.4, text/plain"
	return p.read(ctx, c, q, func(got *received) (any, error) { return readMetrics(got.body, names) })
}

// parts are what the names of a histogram's or summary's lines end with.
var parts = []string{"", "_bucket", "_sum", "_count"}

// readMetrics reads the text form of metrics. Lines of a histogram stand under their own names.
func readMetrics(body []byte, names []string) (any, error) {
	families := map[string][]sample{}
	lines := bufio.NewScanner(bytes.NewReader(body))
	lines.Buffer(nil, 1<<20)
	seen := false
	for lines.Scan() {
		line := lines.Text()
		if line == "" || line[0] == '#' {
			seen = seen || strings.HasPrefix(line, "# ")
			continue
		}
		end := strings.IndexAny(line, "{ ")
		if end <= 0 {
			return nil, fmt.Errorf("%q is no metric", provider.FirstLine(line))
		}
		seen = true
		name := line[:end]
		if !slices.ContainsFunc(parts, func(part string) bool {
			base, ok := strings.CutSuffix(name, part)
			return ok && slices.Contains(names, base)
		}) {
			continue
		}
		s, err := readSample(line[end:])
		if err != nil {
			return nil, fmt.Errorf("read metric %s: %w", name, err)
		}
		families[name] = append(families[name], s)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the metrics: %w", err)
	}
	if !seen {
		return nil, errors.New("the answer has no metrics")
	}
	return map[string]any{"families": families}, nil
}

// readSample reads what follows a name: {label="value",…} value [time].
func readSample(text string) (sample, error) {
	s := sample{Labels: map[string]string{}}
	text = strings.TrimSpace(text)
	if rest, ok := strings.CutPrefix(text, "{"); ok {
		for rest = strings.TrimLeft(rest, " ,"); !strings.HasPrefix(rest, "}"); rest = strings.TrimLeft(rest, " ,") {
			name, after, ok := strings.Cut(rest, `="`)
			if !ok {
				return s, errors.New("its labels do not end")
			}
			end := 0
			for end < len(after) && after[end] != '"' {
				if after[end] == '\\' {
					end++
				}
				end++
			}
			if end >= len(after) {
				return s, errors.New("a label does not end")
			}
			s.Labels[strings.TrimSpace(name)] = labelEscapes.Replace(after[:end])
			rest = after[end+1:]
		}
		text = strings.TrimSpace(rest[1:])
	}
	number, _, _ := strings.Cut(text, " ")
	value, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return s, fmt.Errorf("%q is no number", number)
	}
	if !math.IsNaN(value) && !math.IsInf(value, 0) {
		s.Value = &value
	}
	return s, nil
}

var labelEscapes = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n")
