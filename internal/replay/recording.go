// Package replay is a recorded cloud: it records HTTP exchanges and serves them back as that cloud, with latency, throttling,
// resets and denials where asked. It is the cloud of `stance demo`, of tests and of benchmarks, and a user's way to send a
// failing case. It knows no service; how a vendor words an error is the only thing it knows of vendors.
package replay

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// Exchange is one request and what was answered.
type Exchange struct {
	Call   string            `json:"call,omitempty"` // s3:ListBuckets, if the recorder was told
	Method string            `json:"method"`
	Host   string            `json:"host"`
	Path   string            `json:"path"` // with the query, its parameters sorted
	Target string            `json:"target,omitempty"`
	Body   string            `json:"body,omitempty"`
	Status int               `json:"status"`
	Header map[string]string `json:"header,omitempty"`
	Answer string            `json:"answer,omitempty"`
}

// key is what makes two requests the same: everything but signatures, dates and ids of the attempt.
func (e *Exchange) key() string {
	return strings.Join([]string{e.Method, e.Host, e.Path, e.Target, e.Body}, "\x00")
}

// Recording is a recorded cloud. Exchanges with the same request are answered in the order recorded, the last one for ever.
type Recording struct {
	// About says what was recorded, for people.
	About     string     `json:"about,omitempty"`
	Accounts  []string   `json:"accounts,omitempty"`
	Exchanges []Exchange `json:"-"`
}

// Write stores a recording: zstd-compressed JSON lines, the header first, exchanges sorted by request, so that recording
// the same world twice gives the same bytes.
func (r *Recording) Write(w io.Writer) error {
	compressed, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("write recording: %w", err)
	}
	sorted := slices.Clone(r.Exchanges)
	slices.SortStableFunc(sorted, func(a, b Exchange) int { return strings.Compare(a.key(), b.key()) })
	encoder := json.NewEncoder(compressed)
	encoder.SetEscapeHTML(false)
	err = encoder.Encode(r)
	for i := 0; err == nil && i < len(sorted); i++ {
		err = encoder.Encode(&sorted[i])
	}
	if err = errors.Join(err, compressed.Close()); err != nil {
		return fmt.Errorf("write recording: %w", err)
	}
	return nil
}

// maxRecording bounds what a recording may unpack to.
const maxRecording = 1 << 30

// Read loads a recording.
func Read(r io.Reader) (*Recording, error) {
	plain, err := zstd.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("read recording: %w", err)
	}
	defer plain.Close()
	decoder := json.NewDecoder(bufio.NewReaderSize(io.LimitReader(plain, maxRecording), 1<<16))
	decoder.DisallowUnknownFields() // what is something else is an error, not an empty cloud
	recording := &Recording{}
	if err := decoder.Decode(recording); err != nil {
		return nil, fmt.Errorf("read recording: its header: %w", whole(err))
	}
	for {
		var e Exchange
		err := decoder.Decode(&e)
		if errors.Is(err, io.EOF) {
			return recording, nil
		}
		if err == nil && (e.Method == "" || e.Host == "" || e.Path == "" || e.Status == 0) {
			err = errors.New("it has no request or no answer")
		}
		if err != nil {
			return nil, fmt.Errorf("read recording: exchange %d: %w", len(recording.Exchanges)+1, whole(err))
		}
		recording.Exchanges = append(recording.Exchanges, e)
	}
}

// whole words the errors of files that are torn, or no recordings at all.
func whole(err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("the file ends in the middle (%w)", err)
	case errors.Is(err, zstd.ErrMagicMismatch), errors.Is(err, io.EOF):
		return fmt.Errorf("this is no recording (%w)", err)
	}
	return err
}

// targetHeader names the operation in AWS's JSON protocols.
const targetHeader = "X-Amz-Target"

// describe reduces a request to what identifies it. The body is read and put back.
func describe(request *http.Request) (Exchange, error) {
	var body []byte
	if request.Body != nil {
		var err error
		if body, err = io.ReadAll(request.Body); err != nil {
			return Exchange{}, fmt.Errorf("read the request's body: %w", err)
		}
		request.Body.Close()
		request.Body = io.NopCloser(bytes.NewReader(body))
	}
	host := request.Host
	if host == "" {
		host = request.URL.Host
	}
	path := request.URL.EscapedPath()
	if query := sortedQuery(request.URL.RawQuery); query != "" {
		path += "?" + query
	}
	return Exchange{
		Method: request.Method, Host: host, Path: path, Target: request.Header.Get(targetHeader), Body: canonicalBody(request, body),
	}, nil
}

// signatures are the parameters of requests that are signed in their address: secrets, and others each time.
var signatures = []string{
	"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Security-Token", "X-Amz-Signature", "X-Amz-SignedHeaders",
}

func sortedQuery(raw string) string {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return raw
	}
	for _, name := range signatures {
		values.Del(name)
	}
	return values.Encode() // sorts by key
}

// canonicalBody sorts forms and JSON members: maps have no order in Go, so the same call may be written in several ways.
func canonicalBody(request *http.Request, body []byte) string {
	kind := request.Header.Get("Content-Type")
	switch {
	case strings.HasPrefix(kind, "application/x-www-form-urlencoded"):
		return sortedQuery(string(body))
	case strings.Contains(kind, "json"):
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		var value any
		if decoder.Decode(&value) == nil {
			if sorted, err := json.Marshal(value); err == nil {
				return string(sorted)
			}
		}
	}
	return string(body)
}
