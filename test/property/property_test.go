package property

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/test/recorded"
)

// world is the recorded cloud and what an undisturbed scan of it finds. All tests share them.
type world struct {
	*recorded.Cloud
	base *recorded.Scan
}

var openWorld = sync.OnceValues(func() (*world, error) {
	ctx := context.Background()
	cloud, err := recorded.Open(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "stance-property-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	base, err := cloud.Scan(ctx, recorded.Options{Dir: dir})
	if err != nil {
		return nil, err
	}
	return &world{cloud, base}, nil
})

func theWorld(t *testing.T) *world {
	t.Helper()
	w, err := openWorld()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestTheRecordingHoldsEveryCallOfAScan(t *testing.T) {
	w := theWorld(t)
	for _, missed := range w.base.Missed {
		t.Errorf("not recorded: %s", missed)
	}
	if len(w.base.Missed) > 0 {
		t.Log("run go run ./internal/replay/recordaws at the root")
	}
	t.Logf("%d requests, %d findings, %s", w.base.Requests, len(w.base.Findings), w.base.Took)
}

// diff says how findings differ, as lines.
func diff(want, got []evaluate.Finding) []string {
	counts := map[string]int{}
	for _, f := range want {
		counts[fmt.Sprintf("%+v", f)]++
	}
	for _, f := range got {
		counts[fmt.Sprintf("%+v", f)]--
	}
	var lines []string
	for text, n := range counts {
		for ; n > 0; n-- {
			lines = append(lines, "lost: "+text)
		}
		for ; n < 0; n++ {
			lines = append(lines, "new: "+text)
		}
	}
	return lines
}
