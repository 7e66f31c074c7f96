package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report"
)

// tagged accepts findings about resources that have all the tags, and those about what could not be seen: whether that has the
// tags is not known either.
func tagged(f evaluate.Finding, tags []string) bool {
	return hasTags(f, tags) || f.Status == evaluate.Unknown && len(f.Tags) == 0
}

func hasTags(f evaluate.Finding, tags []string) bool {
	for _, tag := range tags {
		key, value, _ := strings.Cut(tag, "=")
		if got, ok := f.Tags[key]; !ok || got != value {
			return false
		}
	}
	return true
}

// mostTags bounds the tags that are looked through for one that may have been meant.
const mostTags = 10_000

// proveTags says that no resource has the tags, if so: nothing was judged then, which must not look like an all-clear.
func proveTags(findings report.Findings, tags []string) error {
	if len(tags) == 0 {
		return nil
	}
	seen := map[string]bool{}
	for f, err := range findings {
		if err != nil {
			return err
		}
		if hasTags(f, tags) {
			return nil
		}
		for key, value := range f.Tags {
			if len(seen) < mostTags {
				seen[key+"="+value] = true
			}
		}
	}
	known := slices.Sorted(maps.Keys(seen))
	for _, tag := range tags {
		if !seen[tag] {
			return usage("no resource has the tag %s%s", tag, suggestion(content.DidYouMean(tag, known)))
		}
	}
	return usage("no resource has all the tags %s", strings.Join(tags, ", "))
}
