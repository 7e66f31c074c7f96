package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/azureblob" // azblob://
	_ "gocloud.dev/blob/gcsblob"   // gs://
	_ "gocloud.dev/blob/s3blob"    // s3://
	"gocloud.dev/gcerrors"
)

// store is where a lake's files lie. Keys are relative paths with forward slashes. A file appears under its key whole or
// not at all; files are written once and never changed.
type store interface {
	// put moves a local file to its key, so that it survives a power cut once put returns. The local file may be gone after.
	put(ctx context.Context, local, key string) error
	// list gives the keys under a prefix, sorted.
	list(ctx context.Context, prefix string) ([]string, error)
	read(ctx context.Context, key string) ([]byte, error)
	// local gives a path at which the file can be read on this machine, fetching it if need be.
	local(ctx context.Context, key string) (string, error)
	remove(ctx context.Context, key string) error
	// probe proves that the store can be written.
	probe(ctx context.Context) error
	// staging is a local folder for files that are being written; for folders it is on the same file system.
	staging() string
	close() error
}

// ErrNotFound is what read and local wrap for a key that does not exist.
var ErrNotFound = errors.New("no such file in the lake")

func openStore(ctx context.Context, location string) (store, error) {
	if u, err := url.Parse(location); err == nil && len(u.Scheme) > 1 {
		switch u.Scheme {
		case "file":
			return openFolder(u.Path)
		case "s3", "gs", "azblob":
			return openBucket(ctx, location)
		}
		return nil, fmt.Errorf("open lake %s: unknown kind %q: use a folder, s3://, gs:// or azblob://", location, u.Scheme)
	}
	return openFolder(location)
}

type folder struct{ root string }

func openFolder(root string) (*folder, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("open lake %s: %w", root, err)
	}
	if info, err := os.Stat(abs); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("open lake %s: it is a file; a lake is a folder", root)
	}
	return &folder{root: abs}, nil
}

func (f *folder) path(key string) string { return filepath.Join(f.root, filepath.FromSlash(key)) }
func (f *folder) staging() string        { return f.path(stagingFolder) }
func (f *folder) close() error           { return nil }

func (f *folder) put(_ context.Context, local, key string) error {
	target := f.path(key)
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return fmt.Errorf("write %s to the lake: %w", key, err)
	}
	if err := sync(local); err != nil {
		return fmt.Errorf("write %s to the lake: %w", key, err)
	}
	if err := os.Rename(local, target); err != nil {
		return fmt.Errorf("write %s to the lake: %w", key, err)
	}
	// Without this a power cut may forget the new name, although the manifest that lists it is there.
	if err := sync(filepath.Dir(target)); err != nil {
		return fmt.Errorf("write %s to the lake: %w", key, err)
	}
	return nil
}

func sync(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

func (f *folder) list(_ context.Context, prefix string) ([]string, error) {
	var keys []string
	err := filepath.WalkDir(f.path(prefix), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !entry.IsDir() {
			rel, err := filepath.Rel(f.root, path)
			if err != nil {
				return err
			}
			keys = append(keys, filepath.ToSlash(rel))
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list %s in the lake: %w", prefix, err)
	}
	sort.Strings(keys)
	return keys, nil
}

func (f *folder) read(_ context.Context, key string) ([]byte, error) {
	data, err := os.ReadFile(f.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.path(key), err)
	}
	return data, nil
}

func (f *folder) local(_ context.Context, key string) (string, error) {
	path := f.path(key)
	if _, err := os.Stat(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = ErrNotFound
		}
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	return path, nil
}

func (f *folder) remove(_ context.Context, key string) error {
	if err := os.Remove(f.path(key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s from the lake: %w", key, err)
	}
	return nil
}

// bucket is a lake in object storage. Files are fetched to a local cache when they are read: they never change, so a file
// that is there once is right for good.
type bucket struct {
	location string
	bucket   *blob.Bucket
	cache    string
}

// bucketTimeout bounds one operation on a bucket that does not answer.
const bucketTimeout = 5 * time.Minute

func openBucket(ctx context.Context, location string) (*bucket, error) {
	u, err := url.Parse(location)
	if err != nil {
		return nil, fmt.Errorf("open lake %s: %w", location, err)
	}
	prefix := strings.Trim(u.Path, "/")
	u.Path = ""
	b, err := blob.OpenBucket(ctx, u.String())
	if err != nil {
		return nil, fmt.Errorf("open lake %s: %w", location, err)
	}
	if prefix != "" {
		b = blob.PrefixedBucket(b, prefix+"/")
	}
	cache, err := os.MkdirTemp("", "stance-lake-")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open lake %s: %w", location, err), b.Close())
	}
	return &bucket{location: location, bucket: b, cache: cache}, nil
}

func (b *bucket) staging() string { return filepath.Join(b.cache, stagingFolder) }
func (b *bucket) close() error    { return errors.Join(b.bucket.Close(), os.RemoveAll(b.cache)) }

func (b *bucket) fail(doing, key string, err error) error {
	if whole := b.misplace(err); whole != nil {
		return whole
	}
	if gcerrors.Code(err) == gcerrors.NotFound {
		err = ErrNotFound
	}
	return fmt.Errorf("%s %s in %s: %w", doing, key, b.location, err)
}

func (b *bucket) put(ctx context.Context, local, key string) error {
	ctx, cancel := context.WithTimeout(ctx, bucketTimeout)
	defer cancel()
	file, err := os.Open(local)
	if err != nil {
		return fmt.Errorf("write %s to the lake: %w", key, err)
	}
	defer file.Close()
	if err := b.bucket.Upload(ctx, key, file, &blob.WriterOptions{ContentType: "application/octet-stream"}); err != nil {
		return b.fail("write", key, err)
	}
	return os.Remove(local)
}

func (b *bucket) list(ctx context.Context, prefix string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, bucketTimeout)
	defer cancel()
	var keys []string
	for it := b.bucket.List(&blob.ListOptions{Prefix: prefix + "/"}); ; {
		object, err := it.Next(ctx)
		if errors.Is(err, io.EOF) {
			return keys, nil
		}
		if err != nil {
			return nil, b.fail("list", prefix, err)
		}
		keys = append(keys, object.Key)
	}
}

func (b *bucket) read(ctx context.Context, key string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, bucketTimeout)
	defer cancel()
	data, err := b.bucket.ReadAll(ctx, key)
	if err != nil {
		return nil, b.fail("read", key, err)
	}
	return data, nil
}

func (b *bucket) local(ctx context.Context, key string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, bucketTimeout)
	defer cancel()
	path := filepath.Join(b.cache, filepath.FromSlash(key))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("fetch %s: %w", key, err)
	}
	file, err := os.CreateTemp(filepath.Dir(path), "fetch-")
	if err != nil {
		return "", fmt.Errorf("fetch %s: %w", key, err)
	}
	err = b.bucket.Download(ctx, key, file, nil)
	if err = errors.Join(err, file.Close()); err != nil {
		return "", b.fail("read", key, errors.Join(err, os.Remove(file.Name())))
	}
	return path, os.Rename(file.Name(), path)
}

func (b *bucket) remove(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(ctx, bucketTimeout)
	defer cancel()
	if err := b.bucket.Delete(ctx, key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return b.fail("remove", key, err)
	}
	return nil
}
