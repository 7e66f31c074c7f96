package replay

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Faults are the knobs of a recorded cloud. The zero value serves what was recorded.
type Faults struct {
	Latency  time.Duration // before each answer
	Throttle float64       // share of requests that are answered "too many requests", 0..1
	Reset    float64       // share of connections that are cut before an answer, 0..1
	// Deny are calls (s3:GetBucketPolicy) that are refused.
	Deny map[string]bool
	// Seed makes faults repeatable: whether a request fails depends on the seed, the request and how often it was tried.
	Seed uint64
}

// Server serves a recording over HTTP.
type Server struct {
	faults Faults
	mu     sync.Mutex
	byKey  map[string]*served
	counts atomic.Int64
	missed sync.Map // requests that were not recorded, by key
}

type served struct {
	exchanges []Exchange
	next      int
	tries     uint64
}

// NewServer serves a recording with faults.
func NewServer(recording *Recording, faults Faults) *Server {
	s := &Server{faults: faults, byKey: make(map[string]*served, len(recording.Exchanges))}
	for _, e := range recording.Exchanges {
		key := e.key()
		if s.byKey[key] == nil {
			s.byKey[key] = &served{}
		}
		s.byKey[key].exchanges = append(s.byKey[key].exchanges, e)
	}
	return s
}

// Requests counts what was asked, whatever was answered.
func (s *Server) Requests() int64 { return s.counts.Load() }

// Missed lists requests that the recording does not hold, as "METHOD host path target".
func (s *Server) Missed() []string {
	var missed []string
	s.missed.Range(func(key, _ any) bool {
		missed = append(missed, strings.ReplaceAll(key.(string), "\x00", " "))
		return true
	})
	return missed
}

func (s *Server) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	s.counts.Add(1)
	asked, err := describe(request)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if s.faults.Latency > 0 {
		select {
		case <-time.After(s.faults.Latency):
		case <-request.Context().Done():
			return
		}
	}
	exchange, chance := s.pick(asked)
	switch {
	case chance < s.faults.Reset:
		cut(w)
		return
	case chance < s.faults.Reset+s.faults.Throttle:
		refuse(w, asked, throttled)
		return
	case exchange == nil:
		s.missed.Store(asked.key(), true)
		refuse(w, asked, notRecorded)
		return
	case s.faults.Deny[exchange.Call]:
		refuse(w, asked, denied)
		return
	}
	for name, value := range exchange.Header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(exchange.Status)
	_, _ = io.WriteString(w, exchange.Answer) // a client that went away is its own concern
}

// pick finds the answer and draws the request's luck, in 0..1.
func (s *Server) pick(asked Exchange) (*Exchange, float64) {
	key := asked.key()
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.byKey[key]
	if found == nil {
		return nil, 1
	}
	found.tries++
	hash := fnv.New64a()
	_, _ = io.WriteString(hash, key)
	chance := rand.New(rand.NewPCG(s.faults.Seed^hash.Sum64(), found.tries)).Float64()
	if chance < s.faults.Reset+s.faults.Throttle {
		return nil, chance
	}
	exchange := &found.exchanges[found.next]
	if found.next+1 < len(found.exchanges) {
		found.next++
	}
	return exchange, chance
}

// cut closes the connection without an answer, as a failing load balancer does.
func cut(w http.ResponseWriter) {
	if hijacker, ok := w.(http.Hijacker); ok {
		if connection, _, err := hijacker.Hijack(); err == nil {
			connection.Close()
			return
		}
	}
	panic(http.ErrAbortHandler)
}

// Transport runs the server in this process, on connections in memory, and gives a RoundTripper that leads every request to
// it, whatever its host. No port is opened. Close ends it.
func (s *Server) Transport() (http.RoundTripper, func()) {
	listener := &pipeListener{connections: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }() // ends with ErrServerClosed
	transport := &http.Transport{
		DialContext:         listener.dial,
		MaxIdleConnsPerHost: 256,
		MaxIdleConns:        256,
	}
	stop := func() {
		transport.CloseIdleConnections()
		server.Close()
	}
	return toPipe{transport}, stop
}

// toPipe takes the TLS off: the connection never leaves the process, and the host stays in the request.
type toPipe struct{ next http.RoundTripper }

func (t toPipe) RoundTrip(request *http.Request) (*http.Response, error) {
	plain := request.Clone(request.Context())
	if plain.Host == "" {
		plain.Host = plain.URL.Host
	}
	plain.URL.Scheme, plain.URL.Host = "http", "recorded.invalid"
	return t.next.RoundTrip(plain)
}

type pipeListener struct {
	connections chan net.Conn
	closed      chan struct{}
	once        sync.Once
}

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.connections <- server:
		return client, nil
	case <-l.closed:
		return nil, fmt.Errorf("the recorded cloud is closed")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case connection := <-l.connections:
		return connection, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "recorded cloud" }
