package evaluate

import (
	"context"
	"testing"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
)

// The macros of content/functions carry verdicts: each is proved by the tests beside it.
func TestFunctions(t *testing.T) {
	library, problems := content.Load(content.Dir("../../content"))
	for _, p := range problems {
		t.Log(p)
	}
	if len(library.Functions) == 0 {
		t.Fatal("no functions were read")
	}
	db, err := database.Open(context.Background(), database.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := CreateFunctions(context.Background(), db.DB, library.Functions); err != nil {
		t.Fatal(err)
	}
	failures, err := testFunctions(context.Background(), db.DB, library.Functions)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range failures {
		t.Error(f)
	}
	for _, f := range library.Functions {
		if len(f.Tests) == 0 {
			t.Errorf("%s: function %s has no test", f.Pos, f.Name)
		}
		if f.About == "" {
			t.Errorf("%s: function %s has no comment", f.Pos, f.Name)
		}
	}
}
