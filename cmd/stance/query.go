package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/history"
	"github.com/stancehq/stance/internal/report/grid"
	"github.com/stancehq/stance/internal/shell"
)

func (a *app) queryCommand() *cobra.Command {
	var scanID, format, memory string
	c := &cobra.Command{
		Use: `query ["SQL"]`, Short: "Ask the inventory in SQL: one query, or a shell", Args: atMostOne,
		Long: `Runs one SELECT over what scans found: every resource table, and findings, coverage, scans, checks, objectives. Without SQL it
starts a shell with history and completion on a terminal, and reads the query from the standard input elsewhere.

By default it sees the latest state: for each account and region, the rows of the last scan that collected the table there. --scan ID
sees one scan, --scan all every one, told apart by the column scan_id.`,
		Example: `  stance query "select account_id, count(*) from aws_s3_bucket group by 1"
  stance query "select check_id, found from findings where status = 'FAIL'" -o csv
  stance query "select * from aws_iam_role" -o parquet=roles.parquet
  stance query --scan all "select scan_id, count(*) from findings where status = 'FAIL' group by 1 order by 1"`,
		RunE: func(c *cobra.Command, args []string) error {
			bytes, err := parseBytes(memory)
			if err != nil {
				return usage("--memory %s: %v", memory, err)
			}
			name, file, err := queryTarget(format)
			if err != nil {
				return err
			}
			l, err := a.library()
			if err != nil {
				return err
			}
			o := history.Options{Scan: scanID, Functions: l.Functions, Memory: bytes, Frameworks: func() (*content.Library, error) {
				_, err := l.frameworks()
				return l.Library, err
			}}
			if file != "" {
				o.OutputDir = filepath.Dir(file)
			}
			return a.read(c.Context(), o, func(h *history.History) error { return a.answer(c.Context(), h, args, name, file) })
		},
	}
	c.Flags().StringVar(&scanID, "scan", "", "a scan's id or its beginning, latest, or all")
	c.Flags().StringVarP(&format, "output", "o", "table", "FORMAT or FORMAT=FILE: table, json, jsonl, csv, markdown, parquet=FILE")
	c.Flags().StringVar(&memory, "memory", "512MiB", "memory of the database")
	return c
}

// queryTarget reads -o of a query.
func queryTarget(value string) (format, file string, err error) {
	format, file, named := strings.Cut(value, "=")
	if named && file == "" {
		return "", "", usage("-o %s: no file after the equals sign", value)
	}
	if format == "parquet" {
		if file == "" {
			return "", "", usage("-o parquet: name a file, as in -o parquet=answer.parquet")
		}
		file, err = filepath.Abs(file)
		return format, file, err
	}
	if !hasWord(grid.Formats(), format) {
		return "", "", usage("-o %s: known formats are %s, parquet", value, strings.Join(grid.Formats(), ", "))
	}
	return format, file, nil
}

func (a *app) answer(ctx context.Context, h *history.History, args []string, format, file string) error {
	if len(args) == 0 && isTerminal(os.Stdin) {
		return shell.Run(ctx, h, shell.Options{Out: a.out, Look: a.look(), Format: format, History: a.shellHistory()})
	}
	query := ""
	if len(args) == 1 {
		query = args[0]
	} else {
		text, err := io.ReadAll(io.LimitReader(os.Stdin, 1<<20))
		if err != nil {
			return fmt.Errorf("read the query from the standard input: %w", err)
		}
		query = string(text)
	}
	if format == "parquet" {
		n, err := h.Export(ctx, query, file)
		if err == nil && !a.quiet {
			fmt.Fprintf(a.err, "%d rows written to %s\n", n, file)
		}
		return err
	}
	rows, err := h.Query(ctx, query)
	if err != nil {
		return err
	}
	if file == "" {
		_, err = grid.Write(a.out, format, rows, a.look())
		return err
	}
	out, err := os.OpenFile(file, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = grid.Write(out, format, rows, a.look())
	return errors.Join(err, out.Close())
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && f.Name() != os.DevNull
}

// shellHistory is the file that keeps what was typed; none if there is no home.
func (a *app) shellHistory() string {
	dir, err := a.dataFolder()
	if err != nil || os.MkdirAll(dir, 0o700) != nil {
		return ""
	}
	return filepath.Join(dir, "query_history")
}
