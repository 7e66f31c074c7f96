package inventory

import (
	"fmt"
	"testing"

	"github.com/stancehq/stance/internal/content"
)

// Small tables of many columns take more than a database of this memory has, unless it is compacted on the way.
func TestManySmallTablesFitIntoMemory(t *testing.T) {
	const limit = 256 << 20 // as newWorld says
	specs := make([]*content.Table, 180)
	for i := range specs {
		specs[i] = bucketTable()
		specs[i].Name = fmt.Sprintf("table_%d", i)
	}
	w := newWorld(t, bucketAPI, specs...)
	compacted := 0
	for _, spec := range specs {
		w.load(spec.Name, `{"Name":"logs","versioning":{"Status":"Enabled"}}`)
		done, err := w.Compact(w.ctx, limit)
		if err != nil {
			t.Fatal(err)
		}
		if done {
			compacted++
		}
	}
	if compacted == 0 || compacted > 20 {
		t.Errorf("compacted %d times", compacted)
	}
	for _, spec := range specs {
		w.want("SELECT rowid AS n, name, versioning_status AS v FROM "+spec.Name, `{"n":0,"name":"logs","v":"Enabled"}`)
	}
}
