package main

import (
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/lmittmann/tint"
	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/report/terminal"
)

// app is what all commands share: the flags that work everywhere, and where to write.
type app struct {
	out, err io.Writer
	getenv   func(string) string
	program  string        // what a shell finds this program by, for the commands that it proposes
	patience time.Duration // with one call of a scan and all its repetitions; 0: that of scans

	content  []string // --content
	settings string   // --settings
	mutes    string   // --mutes
	near     string   // a folder in which settings are looked for too: that of the code that is scanned
	quiet    bool
	verbose  bool
	ends     bool // the process ends with the command, so that memory need not be given back
	lake     string
}

func newApp() *app { return &app{out: os.Stdout, err: os.Stderr, getenv: os.Getenv, program: "stance"} }

// Groups of commands in the help.
const (
	groupScan    = "scan"
	groupRead    = "read"
	groupContent = "content"
)

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "stance",
		Short: "See what your clouds are, what is wrong with them, and what could not be seen",
		Long: `Stance connects read-only to your clouds, inventories every resource into plain Parquet files, checks each
against a library of policies written in SQL, and never guesses: what could not be read is UNKNOWN, with the cause.`,
		Example: `  stance demo                                  scan a recorded cloud: no credentials, no network
  stance scan aws                              scan the account that your AWS profile signs in to
  stance query "select name from aws_s3_bucket where versioning_status is null"`,
		SilenceUsage: true, SilenceErrors: true, Version: versionText(),
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.SetVersionTemplate("stance {{.Version}}\n")
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage("%v%s", err, a.habitOfFlag(err)) })
	flags := root.PersistentFlags()
	flags.StringArrayVar(&a.content, "content", nil, "folder of your own tables, checks and objectives (repeatable)")
	flags.StringVar(&a.settings, "settings", "", "file of parameters (default stance.yaml, if it is there)")
	flags.StringVar(&a.mutes, "mutes", "", "file of findings that nobody need act on, and why (default mutes.yaml, if it is there)")
	flags.StringVar(&a.lake, "lake", "", "folder, s3://, gs:// or azblob:// of the data lake (default $STANCE_LAKE, else the user's data folder)")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "no progress and no hints")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "log what happens")
	root.AddGroup(&cobra.Group{ID: groupScan, Title: "Scan:"}, &cobra.Group{ID: groupRead, Title: "Read what scans found:"},
		&cobra.Group{ID: groupContent, Title: "Know and extend what is checked:"})
	for group, commands := range map[string][]*cobra.Command{
		groupScan:    {a.scanCommand(), a.demoCommand(), a.planCommand(), a.permissionsCommand()},
		groupRead:    {a.queryCommand(), a.findingsCommand(), a.reportCommand(), a.verifyCommand(), a.diffCommand(), a.scansCommand()},
		groupContent: {a.tablesCommand(), a.checksCommand(), a.frameworksCommand(), a.lintCommand(), a.testCommand()},
	} {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	root.AddCommand(a.versionCommand())
	return root
}

// look describes the standard output.
func (a *app) look() terminal.Terminal {
	if f, ok := a.out.(*os.File); ok {
		return terminal.Detect(f, a.getenv)
	}
	return terminal.Terminal{}
}

// loggerTo logs to w, with colors where the standard error has them.
func (a *app) loggerTo(w io.Writer) *slog.Logger {
	level := slog.LevelWarn
	if a.verbose {
		level = slog.LevelDebug
	}
	if a.quiet {
		level = slog.LevelError
	}
	f, ok := a.err.(*os.File)
	color := ok && terminal.Detect(f, a.getenv).Color
	return slog.New(tint.NewTextHandler(w, &tint.Options{Level: level, NoColor: !color, TimeFormat: "15:04:05"}))
}

// dataFolder is where Stance keeps lakes unless told otherwise.
func (a *app) dataFolder() (string, error) {
	if dir := a.getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "stance"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", errors.New("there is no home folder for the lake: name one with --lake")
	}
	return filepath.Join(home, ".local", "share", "stance"), nil
}

func (a *app) lakeLocation() (string, error) {
	if a.lake != "" {
		return a.lake, nil
	}
	return a.defaultLake()
}

// defaultLake is the lake of commands that name none.
func (a *app) defaultLake() (string, error) {
	if lake := a.getenv("STANCE_LAKE"); lake != "" {
		return lake, nil
	}
	dir, err := a.dataFolder()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "lake"), nil
}

// none refuses arguments, and says which.
func none(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("unexpected %q: this command takes no arguments", args[0])
	}
	return nil
}

func atMostOne(_ *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usage("unexpected %q: this command takes one argument at most", args[1])
	}
	return nil
}
