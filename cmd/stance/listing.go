package main

import (
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	embedded "github.com/stancehq/stance/content"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/report/grid"
)

// index lists the content without reading it.
func (a *app) index() (*content.Index, error) {
	pack, err := content.OpenPack(embedded.Pack)
	if err != nil {
		return nil, err
	}
	index := pack.Index()
	if len(a.content) == 0 {
		return index, nil
	}
	_, err = a.overlay(pack, func(own *content.Library) { index = content.OverlayIndex(index, content.IndexOf(own)) })
	return index, err
}

// print writes rows in the format of -o.
func (a *app) print(format string, columns []string, rows [][]any) error {
	if !slices.Contains(grid.Formats(), format) && format != "md" {
		return usage("-o %s: known formats are %s", format, strings.Join(grid.Formats(), ", "))
	}
	_, err := grid.Write(a.out, format, grid.Rows{Columns: columns, Values: sequence(rows)}, a.look())
	return err
}

func sequence(rows [][]any) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

func formatFlag(c *cobra.Command, format *string) {
	c.Flags().StringVarP(format, "output", "o", "table", "format: table, json, jsonl, csv or markdown")
}
