package main

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
	aws "github.com/stancehq/stance/internal/provider/aws/api"
	kubernetes "github.com/stancehq/stance/internal/provider/kubernetes/api"
)

// prepare gives what is kept in the pack beside each table and check, so that no run of the program need work it out. What does
// not stand before the vendors' descriptions and the SQL engine is not packed.
func prepare(library *content.Library) (*plan.Catalog, error) {
	catalog, problems, err := plan.Prepare(context.Background(), library, plan.APIs{"aws": aws.API(), "kubernetes": kubernetes.API()})
	if err != nil {
		return nil, err
	}
	var wrong []error
	for _, problem := range problems {
		if problem.Severity == plan.SeverityError {
			wrong = append(wrong, problem)
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	return catalog, nil
}

func sortedNames(files map[string][]byte) []string { return slices.Sorted(maps.Keys(files)) }
