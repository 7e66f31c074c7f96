package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/stancehq/stance/internal/inventory/measure"
	"github.com/stancehq/stance/internal/provider/providertest"
	"github.com/stancehq/stance/test/recorded"
)

// account scans the recorded account with a real cloud's latency.
func account(ctx context.Context) ([]figure, error) {
	cloud, err := recorded.Open(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "stance-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s, err := cloud.Scan(ctx, providertest.Options{Dir: dir, Disturbance: providertest.Disturbance{Latency: 20 * time.Millisecond}})
	if err != nil {
		return nil, err
	}
	var rows int64
	for _, c := range s.Cells {
		if c.Group == "list" {
			rows += c.Rows
		}
	}
	oneByOne := time.Duration(s.Requests) * 20 * time.Millisecond
	return []figure{
		{"checks", count(len(cloud.Checks)), ""},
		{"resources", count(rows), ""},
		{"findings", count(len(s.Findings)), ""},
		{"requests", count(s.Requests), ""},
		{"scan: wall", seconds(s.Took), ""},
		{"one request after another", seconds(oneByOne), ""},
		{"ratio", fmt.Sprintf("%.1f times faster", oneByOne.Seconds()/s.Took.Seconds()), ""},
	}, nil
}

// empty counts the calls of an account without resources: every list of the recording is asked, and answered with nothing.
func empty(ctx context.Context) ([]figure, error) {
	cloud, err := recorded.Open(ctx)
	if err != nil {
		return nil, err
	}
	counts, err := cloud.Empty(ctx)
	if err != nil {
		return nil, err
	}
	return []figure{
		{"tables planned", count(counts.Tables), ""},
		{"list cells", count(counts.Lists), ""},
		{"calls", count(counts.Calls), fmt.Sprintf("<= %s", count(counts.Lists))},
		{"calls for groups", count(counts.Groups), "0"},
	}, nil
}

// load streams synthetic resources from lines of the spool to typed rows.
func load(ctx context.Context) ([]figure, error) {
	m, err := measure.Load(ctx, measure.Options{Rows: 100_000, Memory: 384 << 20})
	if err != nil {
		return nil, err
	}
	return []figure{
		{"resources", count(m.Rows), ""},
		{"raw documents", fmt.Sprintf("%d MB", m.Bytes/1e6), ""},
		{"load and transform", seconds(m.Took), ""},
		{"rate", fmt.Sprintf("%.0f resources/s", m.RowsPerSecond()), ">= 25,000/s"},
	}, nil
}
