package main

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider/aws/api"
)

// prepare gives what is kept in the pack beside each table and check, so that no run of the program need work it out. What
// does not stand before the vendors' descriptions and the SQL engine is not packed.
func prepare(library *content.Library) (content.Prepared, error) {
	catalog, problems, err := plan.Prepare(context.Background(), library, plan.APIs{"aws": api.API()})
	if err != nil {
		return content.Prepared{}, err
	}
	var wrong []error
	for _, problem := range problems {
		if problem.Severity == plan.SeverityError {
			wrong = append(wrong, problem)
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return content.Prepared{}, err
	}
	return catalog.Pack()
}

func sortedNames(files map[string][]byte) []string { return slices.Sorted(maps.Keys(files)) }
