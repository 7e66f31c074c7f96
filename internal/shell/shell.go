// Package shell is the interactive side of `stance query`: a prompt with history, and completion of tables, columns and SQL.
package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/peterh/liner"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/report/grid"
	"github.com/stancehq/stance/internal/report/terminal"
)

// Source answers queries and knows the tables.
type Source interface {
	Query(ctx context.Context, query string) (grid.Rows, error)
	Tables() []string
	Columns(ctx context.Context, table string) ([]string, error)
}

// Options of Run.
type Options struct {
	Out     io.Writer
	Look    terminal.Terminal
	Format  string // of answers
	History string // file; empty: none is kept
}

type shell struct {
	Options
	ctx    context.Context
	source Source
	line   *liner.State
}

const help = `Type a SELECT and end it with a semicolon. Tab completes tables, columns and words of SQL.
  .tables [WORD]    the tables, or those whose name holds WORD
  .schema TABLE     the columns of a table
  .format NAME      table, json, jsonl, csv or markdown
  .help, .quit`

// Run reads and answers until the user leaves. Ctrl-C drops what is typed, or stops the query that runs.
func Run(ctx context.Context, source Source, options Options) error {
	s := &shell{Options: options, ctx: ctx, source: source, line: liner.NewLiner()}
	defer s.line.Close()
	s.line.SetCtrlCAborts(true)
	s.line.SetTabCompletionStyle(liner.TabPrints)
	s.line.SetWordCompleter(s.complete)
	s.loadHistory()
	fmt.Fprintf(s.Out, "%d tables. .help says what can be typed.\n", len(source.Tables()))
	for {
		statement, err := s.read()
		if errors.Is(err, io.EOF) {
			fmt.Fprintln(s.Out)
			return s.saveHistory()
		}
		if err != nil {
			return err
		}
		if statement == "" {
			continue
		}
		s.line.AppendHistory(strings.ReplaceAll(statement, "\n", " "))
		if leave := s.do(statement); leave {
			return s.saveHistory()
		}
	}
}

// read collects lines until a semicolon ends a statement. An aborted line gives an empty statement.
func (s *shell) read() (string, error) {
	var lines []string
	prompt := "stance> "
	for {
		line, err := s.line.Prompt(prompt)
		if errors.Is(err, liner.ErrPromptAborted) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		if len(lines) == 0 && strings.HasPrefix(strings.TrimSpace(line), ".") {
			return strings.TrimSpace(line), nil
		}
		if strings.TrimSpace(line) == "" && len(lines) == 0 {
			return "", nil
		}
		lines = append(lines, line)
		if strings.HasSuffix(strings.TrimSpace(line), ";") {
			return strings.TrimSpace(strings.Join(lines, "\n")), nil
		}
		prompt = "   ...> "
	}
}

// do answers one statement; leave is true if the user wants to go.
func (s *shell) do(statement string) (leave bool) {
	command, argument, _ := strings.Cut(statement, " ")
	argument = strings.Trim(argument, " ;")
	var err error
	switch {
	case command == ".quit" || command == ".exit":
		return true
	case command == ".help":
		fmt.Fprintln(s.Out, help)
	case command == ".tables":
		s.tables(argument)
	case command == ".schema":
		err = s.schema(argument)
	case command == ".format":
		if !slices.Contains(grid.Formats(), argument) {
			err = fmt.Errorf("known formats are %s", strings.Join(grid.Formats(), ", "))
		} else {
			s.Format = argument
		}
	case strings.HasPrefix(command, "."):
		err = fmt.Errorf("there is no %s: .help says what there is", command)
	default:
		err = s.query(statement)
	}
	if err != nil {
		fmt.Fprintf(s.Out, "%v\n", err)
	}
	return false
}

func (s *shell) query(statement string) error {
	ctx, stop := signal.NotifyContext(s.ctx, os.Interrupt)
	defer stop()
	rows, err := s.source.Query(ctx, statement)
	if err != nil {
		return err
	}
	n, err := grid.Write(s.Out, s.Format, rows, s.Look)
	if ctx.Err() != nil {
		return errors.New("stopped")
	}
	if err == nil && s.Format == "table" {
		noun := "rows"
		if n == 1 {
			noun = "row"
		}
		fmt.Fprintf(s.Out, "%d %s\n", n, noun)
	}
	return err
}

func (s *shell) tables(word string) {
	for _, t := range s.source.Tables() {
		if strings.Contains(t, word) {
			fmt.Fprintln(s.Out, t)
		}
	}
}

func (s *shell) schema(table string) error {
	columns, err := s.source.Columns(s.ctx, table)
	if err != nil {
		return err
	}
	if columns == nil {
		hint := content.DidYouMean(table, s.source.Tables())
		if hint != "" {
			hint = " (" + hint + ")"
		}
		return fmt.Errorf("there is no table %q%s", table, hint)
	}
	fmt.Fprintln(s.Out, strings.Join(columns, "\n"))
	return nil
}

func (s *shell) loadHistory() {
	if s.History == "" {
		return
	}
	if f, err := os.Open(s.History); err == nil { // the first time there is none
		_, _ = s.line.ReadHistory(f) // a damaged history is no reason to refuse work
		f.Close()
	}
}

func (s *shell) saveHistory() error {
	if s.History == "" {
		return nil
	}
	f, err := os.OpenFile(s.History, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("keep the history: %w", err)
	}
	_, err = s.line.WriteHistory(f)
	return errors.Join(err, f.Close())
}
