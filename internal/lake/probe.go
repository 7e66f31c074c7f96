package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"gocloud.dev/gcerrors"
)

// probeKey is what a bucket is tried with. There is one, so that a bucket from which nothing may be deleted does not fill.
const probeKey = stagingFolder + "/probe"

// probeTimeout bounds how long a bucket may take to answer.
const probeTimeout = time.Minute

// Probe proves that a lake can be written, before a scan works for it. It leaves nothing behind but the folder.
func Probe(ctx context.Context, location string) error {
	l, err := Open(ctx, location)
	if err != nil {
		return err
	}
	return errors.Join(l.store.probe(ctx), l.Close())
}

func (f *folder) probe(context.Context) error {
	err := os.MkdirAll(f.root, 0o755)
	if err == nil {
		var file *os.File
		if file, err = os.CreateTemp(f.root, ".probe-"); err == nil {
			err = errors.Join(file.Close(), os.Remove(file.Name()))
		}
	}
	if err == nil {
		return nil
	}
	var at *fs.PathError // names a file that nobody knows
	if errors.As(err, &at) {
		err = at.Err
	}
	return fmt.Errorf("the lake %s cannot be written: %w", f.root, err)
}

func (b *bucket) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	if err := b.bucket.WriteAll(ctx, probeKey, nil, nil); err != nil {
		return b.fail("write", probeKey, err)
	}
	err := b.bucket.Delete(ctx, probeKey)
	switch gcerrors.Code(err) {
	case gcerrors.OK, gcerrors.NotFound, gcerrors.PermissionDenied: // writing is all that a scan needs
		return nil
	}
	return b.fail("remove", probeKey, err)
}

// misplaced are the mistakes of an address that object storage tells in its own words.
var misplaced = []struct{ told, text string }{
	{"Invalid region", "no AWS region is set: set AWS_REGION"},
	{"A region must be set", "no AWS region is set: set AWS_REGION"},
	{"MissingRegion", "no AWS region is set: set AWS_REGION"},
	{"NoSuchBucket", "the bucket does not exist"},
	{"ContainerNotFound", "the container does not exist"},
	{"The specified bucket does not exist", "the bucket does not exist"},
}

// misplace words an error that is about the whole lake; nil for others.
func (b *bucket) misplace(err error) error {
	for _, m := range misplaced {
		if strings.Contains(err.Error(), m.told) {
			return fmt.Errorf("the lake %s: %s", b.location, m.text)
		}
	}
	return nil
}
