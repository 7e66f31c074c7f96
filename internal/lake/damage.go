package lake

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/database"
)

// unreadable are the words that the database has for a file that is not whole.
var unreadable = []string{"Parquet", "parquet", "magic bytes", "TProtocolException", "ecompress", "Invalid Error", "IO Error", "Serialization Error", "page header"}

// Damaged finds the file because of which the tables named could not be read, and gives an error that says which it is and
// what to do. An error that has another reason is given back as it is.
func (v *Views) Damaged(ctx context.Context, db Execer, err error, tables ...string) error {
	if err == nil || ctx.Err() != nil || !slices.ContainsFunc(unreadable, func(words string) bool { return strings.Contains(err.Error(), words) }) {
		return err
	}
	for _, m := range v.scans {
		for _, file := range m.Files {
			if !slices.Contains(tables, file.Table) {
				continue
			}
			if cause := v.tryFile(ctx, db, file); cause != "" {
				return fmt.Errorf("the file %s of the lake %s is damaged (%s); move %s/%s.json of the lake away to go on without that scan",
					file.Key, v.lake.Location, cause, manifestFolder, m.ID)
			}
		}
	}
	return err
}

// tryFile reads all of a file, and says what is wrong with it.
func (v *Views) tryFile(ctx context.Context, db Execer, file File) string {
	path, err := v.lake.store.local(ctx, file.Key)
	if err != nil {
		return err.Error()
	}
	err = drain(ctx, db, "SELECT count(COLUMNS(*)) FROM read_parquet("+database.Literal(path)+", hive_partitioning=false)")
	if err == nil {
		return ""
	}
	text := database.Message(err)
	if strings.Contains(text, path) { // the message names the file already
		text = "it is no Parquet file any more"
	}
	return strings.TrimPrefix(text, "Invalid Error: ")
}

// drain runs a query for its error alone.
func drain(ctx context.Context, db Execer, query string) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() { // nothing in them is of interest
	}
	return rows.Err()
}
