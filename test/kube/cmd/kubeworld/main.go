// Kubeworld is a Kubernetes control plane for tests: the real API server on an etcd of its own, both on this machine's loopback,
// filled with the objects that it is told to apply. There is no kubelet and no controller, so nothing runs: what a world says of its
// pods and nodes is in the status that its YAML gives them. See test/kube/setup.sh, which builds it with the API server beside it.
//
// When all is there it prints one line of JSON to standard output: {"kubeconfig", "url", "pid", "dir"}. It ends, and removes its
// folder, when standard input ends or on SIGTERM. It ends with status 1 if the API server does, or if an object cannot be applied.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
)

// errEnded is why the program ends when nothing is wrong.
var errEnded = errors.New("standard input ended")

// What Go's runtime lets etcd, in this process, and the API server grow to before it collects harder, in bytes.
const (
	memory       = 512 << 20
	serverMemory = 768 << 20
)

func main() {
	debug.SetMemoryLimit(memory)
	os.Exit(run(os.Args[1:]))
}

// options are the command line.
type options struct {
	name       string
	apply      words
	users      words
	serverArgs words
	pods       int
	namespaces int
	verbose    bool
}

// words is a flag that may be given more than once.
type words []string

func (w *words) String() string { return strings.Join(*w, " ") }

func (w *words) Set(word string) error {
	*w = append(*w, word)
	return nil
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("kubeworld", flag.ContinueOnError)
	flags.StringVar(&o.name, "name", "world", "name of the cluster in the kubeconfig")
	flags.Var(&o.apply, "apply", "YAML file, or folder of them, whose objects are applied; repeatable, and so are paths after the flags")
	flags.Var(&o.users, "user", "NAME[=group,...]: write a context of that name with a client certificate; repeatable")
	flags.Var(&o.serverArgs, "apiserver-arg", "further flag for kube-apiserver, such as --runtime-config=api/all=true; repeatable")
	flags.IntVar(&o.pods, "pods", 0, "create this many pods, owned by replica sets of deployments")
	flags.IntVar(&o.namespaces, "namespaces", 1, "spread the pods of --pods over this many namespaces")
	flags.BoolVar(&o.verbose, "verbose", false, "write the API server's log to standard error")
	if err := flags.Parse(args); err != nil {
		return o, err // which the flag package has printed
	}
	o.apply = append(o.apply, flags.Args()...)
	if o.pods < 0 || o.namespaces < 1 {
		err := errors.New("--pods is at least 0 and --namespaces at least 1")
		fmt.Fprintln(os.Stderr, "kubeworld:", err)
		return o, err
	}
	return o, nil
}

func run(args []string) int {
	o, err := parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		end(errEnded)
	}()
	if err := serve(ctx, o); err != nil && !errors.Is(err, errEnded) && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "kubeworld:", err)
		return 1
	}
	return 0
}

// serve runs the control plane until the context ends, and gives its cause, or until the API server ends.
func serve(ctx context.Context, o options) (err error) {
	objects, err := read(o.apply)
	if err != nil {
		return err
	}
	c, ctx, err := start(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.stop()) }()
	if err := fill(ctx, c, o, objects); err != nil {
		if ctx.Err() != nil { // it failed because of that
			return context.Cause(ctx)
		}
		return err
	}
	line, err := json.Marshal(map[string]any{"kubeconfig": c.kubeconfig, "url": c.url, "pid": os.Getpid(), "dir": c.dir})
	if err != nil {
		return err
	}
	fmt.Println(string(line))
	<-ctx.Done()
	return context.Cause(ctx)
}

// fill creates what was asked for. The many pods come first, before anything that could refuse them.
func fill(ctx context.Context, c *cluster, o options, objects []manifest) error {
	w := newWriter(c.client, string(c.authority.pem))
	if err := w.settleNamespaces(ctx); err != nil {
		return err
	}
	if o.pods > 0 {
		if err := w.createPods(ctx, o.pods, o.namespaces); err != nil {
			return err
		}
	}
	return w.applyAll(ctx, objects)
}
