package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

// admin is the user that may do all.
const admin = "admin"

// startTime bounds how long each of the two servers may take until it is ready.
const startTime = 2 * time.Minute

// cluster is a running control plane.
type cluster struct {
	dir, url, kubeconfig string
	authority            *authority
	client               *client // admin's

	etcd   *embed.Etcd
	server *exec.Cmd
	ended  chan struct{} // closed when the API server has ended
	log    tail
}

// start starts etcd and the API server and waits until that is ready. The context that it gives ends with the API server.
func start(ctx context.Context, o options) (_ *cluster, _ context.Context, err error) {
	c := &cluster{}
	if o.verbose {
		c.log.also = os.Stderr
	}
	if c.dir, err = os.MkdirTemp("", "kubeworld-"); err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.stop())
		}
	}()
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, nil, err
	}
	c.url = "https://" + address
	if err := c.certify(o); err != nil {
		return nil, nil, err
	}
	if err := c.startEtcd(); err != nil {
		return nil, nil, err
	}
	running, end := context.WithCancelCause(ctx)
	if err := c.startServer(address, o.serverArgs, end); err != nil {
		return nil, nil, err
	}
	if err := c.await(running); err != nil {
		return nil, nil, err
	}
	return c, running, nil
}

// certify writes all keys and certificates, and the kubeconfig.
func (c *cluster) certify(o options) (err error) {
	if c.authority, err = newAuthority(); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.dir, "ca.crt"), c.authority.pem, 0o600); err != nil {
		return err
	}
	server, err := c.authority.server()
	if err != nil {
		return err
	}
	tokens, err := tokenKey()
	if err != nil {
		return err
	}
	if err := errors.Join(server.write(c.dir, "apiserver"), tokens.write(c.dir, "sa")); err != nil {
		return err
	}
	config := newKubeconfig(o.name, c.url, c.authority.pem)
	for _, user := range append([]string{admin + "=system:masters"}, o.users...) {
		name, groups, err := parseUser(user)
		if err != nil {
			return err
		}
		signed, err := c.authority.client(name, groups)
		if err != nil {
			return err
		}
		if err := config.add(name, signed); err != nil {
			return err
		}
		if name == admin {
			if c.client, err = newClient(c.url, c.authority.certificate, signed); err != nil {
				return err
			}
		}
	}
	c.kubeconfig = filepath.Join(c.dir, "kubeconfig")
	return config.write(c.kubeconfig)
}

// startEtcd runs etcd in this process. Its data need not outlive a crash, so it is spared the waiting for the disk.
func (c *cluster) startEtcd() (err error) {
	config := embed.NewConfig()
	config.Dir = filepath.Join(c.dir, "etcd")
	config.LogLevel = "error"
	config.LogOutputs = []string{filepath.Join(c.dir, "etcd.log")}
	config.UnsafeNoFsync = true
	config.AutoCompactionMode, config.AutoCompactionRetention = "revision", "1000" // of what the API server could still ask for
	if config.ListenClientUrls, err = embedURLs("http://127.0.0.1:0"); err != nil {
		return err
	}
	config.AdvertiseClientUrls = config.ListenClientUrls
	config.ListenPeerUrls, config.AdvertisePeerUrls = config.ListenClientUrls, config.ListenClientUrls
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	if c.etcd, err = embed.StartEtcd(config); err != nil {
		return fmt.Errorf("start etcd: %w", err)
	}
	select {
	case <-c.etcd.Server.ReadyNotify():
		return nil
	case err := <-c.etcd.Err():
		return fmt.Errorf("start etcd: %w", err)
	case <-time.After(startTime):
		return fmt.Errorf("start etcd: not ready after %s", startTime)
	}
}

// startServer starts the API server that is beside this program.
func (c *cluster) startServer(address string, further []string, end context.CancelCauseFunc) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	file := func(name string) string { return filepath.Join(c.dir, name) }
	args := []string{
		"--etcd-servers=http://" + c.etcd.Clients[0].Addr().String(),
		"--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--secure-port=" + port,
		"--service-cluster-ip-range=10.96.0.0/16", "--cert-dir=" + c.dir, "--endpoint-reconciler-type=none",
		"--tls-cert-file=" + file("apiserver.crt"), "--tls-private-key-file=" + file("apiserver.key"), "--client-ca-file=" + file("ca.crt"),
		"--authorization-mode=Node,RBAC", "--allow-privileged=true",
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-signing-key-file=" + file("sa.key"), "--service-account-key-file=" + file("sa.crt"),
	}
	//nolint:noctx // it is ended by stop, after those that write to it
	c.server = exec.Command(filepath.Join(filepath.Dir(self), "kube-apiserver"), append(args, further...)...)
	c.server.Env = append(os.Environ(), fmt.Sprintf("GOMEMLIMIT=%d", serverMemory))
	c.server.Stdout, c.server.Stderr = &c.log, &c.log
	c.server.SysProcAttr = noOrphan()
	c.ended = make(chan struct{})
	started := make(chan error)
	go func() {
		// A child that ends with its parent ends with the thread that started it, so that thread must stay.
		runtime.LockOSThread()
		err := c.server.Start()
		started <- err
		if err == nil {
			err = c.server.Wait()
			end(fmt.Errorf("kube-apiserver ended: %w; its last words:\n%s", orNil(err), &c.log))
		}
		close(c.ended)
	}()
	if err := <-started; err != nil {
		c.server = nil
		return fmt.Errorf("start kube-apiserver (test/kube/setup.sh builds it): %w", err)
	}
	return nil
}

// orNil is for a process that ended by itself without an error, which is one here.
func orNil(err error) error {
	if err == nil {
		return errors.New("exit status 0")
	}
	return err
}

// await waits until the API server is ready.
func (c *cluster) await(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	var last error
	err := until(limited, func() bool {
		_, last = c.client.send(limited, http.MethodGet, "/readyz", "", nil)
		return last == nil
	})
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("kube-apiserver is not ready: %w; its last words:\n%s", last, &c.log)
	}
	return err
}

// stop ends both servers and removes the folder.
func (c *cluster) stop() error {
	if c.server != nil {
		_ = c.server.Process.Kill() // it may have ended
		<-c.ended
	}
	if c.etcd != nil {
		c.etcd.Close()
	}
	return os.RemoveAll(c.dir)
}

// until asks again and again until the answer is yes, or the context ends, whose cause it then gives.
func until(ctx context.Context, done func() bool) error {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !done() {
		select {
		case <-again.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// freeAddress finds a port that nothing listens on.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return listener.Addr().String(), listener.Close()
}

func embedURLs(address string) ([]url.URL, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	return []url.URL{*parsed}, nil
}
