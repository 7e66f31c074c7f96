package manifest

import (
	"context"
	"io"
	"io/fs"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/manifest/child"
)

// Options are what manifests are read with. The zero value is that of a scan that says nothing, but for Renderer.
type Options struct {
	Limits iac.Limits // those of iac.DefaultLimits if zero
	// Values are files that lie over those of each chart, the later over the earlier, and Set is over both: image.tag=1.2.
	Values []Values
	Set    []string
	// Release is the name under which a chart is installed, its own if empty, and Namespace where: "default" if empty. Objects of
	// other units lie in Namespace too if they name none.
	Release, Namespace string
	KubeVersion        string   // v1.36.0
	APIVersions        []string // that charts may find beside Kubernetes' own: monitoring.coreos.com/v1
	// Renderer makes the command that renders charts and builds kustomizations: this program, so called that it runs Main. Without
	// one they are skipped.
	Renderer func(context.Context) *exec.Cmd
	// Time and Memory, in bytes, are what one chart or kustomization may take.
	Time   time.Duration
	Memory int64
	// Workers is how many are rendered at once.
	Workers int
}

// Values is a values file.
type Values struct {
	Name string // for messages
	Text []byte
}

func (o Options) orDefault() Options {
	if o.Limits == (iac.Limits{}) {
		o.Limits = iac.DefaultLimits()
	}
	if o.Time <= 0 {
		o.Time = 20 * time.Second
	}
	if o.Memory <= 0 {
		o.Memory = 1 << 30
	}
	if o.Workers <= 0 {
		o.Workers = min(runtime.GOMAXPROCS(0), 4)
	}
	return o
}

// Main is the program that Options.Renderer starts: it renders what it reads, until its input ends.
func Main(stdin io.Reader, stdout io.Writer) int { return child.Main(stdin, stdout) }

// reader reads the units of a folder.
type reader struct {
	root  fs.FS
	found *Found
	o     Options
	pool  *child.Pool // nil if nothing can be rendered
}

// Read reads all that was found: a unit for each chart, for each kustomization that no other one uses, and one for all plain
// manifests, or more where folders are alternatives of each other. What cannot be read is told by the units' problems; the error is the context's.
func Read(ctx context.Context, root fs.FS, found *Found, o Options) ([]*iac.Unit, error) {
	r := reader{root: root, found: found, o: o.orDefault()}
	if r.o.Renderer != nil && len(found.Charts)+len(found.Kustomizations) > 0 {
		r.pool = child.NewPool(r.o.Renderer, r.o.Workers, r.o.Time, r.o.Memory)
		defer r.pool.Close()
	}
	plain, err := r.plain(ctx)
	if err != nil {
		return nil, err
	}
	rendered := make([]*iac.Unit, len(found.Charts)+len(found.Kustomizations))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(r.o.Workers)
	for i := range rendered {
		group.Go(func() (err error) {
			if i < len(found.Charts) {
				rendered[i], err = r.chart(ctx, found.Charts[i])
			} else {
				rendered[i], err = r.kustomization(ctx, found.Kustomizations[i-len(found.Charts)])
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	units := slices.Concat(plain, rendered)
	for _, u := range units {
		settle(u)
	}
	return units, nil
}

// settle puts what a unit tells in order.
func settle(u *iac.Unit) {
	slices.Sort(u.Files)
	slices.SortStableFunc(u.Problems, func(a, b iac.Problem) int {
		if c := strings.Compare(a.Range.File, b.Range.File); c != 0 {
			return c
		}
		return a.Range.Line - b.Range.Line
	})
}
