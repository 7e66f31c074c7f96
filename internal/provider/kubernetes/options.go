package kubernetes

import (
	"context"
	"log/slog"
	"time"

	"k8s.io/client-go/rest"

	"github.com/stancehq/stance/internal/content"
)

// Options say who signs in and what is to be scanned. The zero value is what kubectl would do: the current context.
type Options struct {
	// Kubeconfig is the file; empty: those that KUBECONFIG names, merged as kubectl does, else ~/.kube/config. Without any, the
	// service account of the pod that this runs in signs in.
	Kubeconfig string
	// Contexts of it; empty: the current one. Two contexts of one cluster are one account, and the first of them signs in.
	Contexts    []string
	AllContexts bool
	// InCluster leaves the kubeconfig alone: the pod's service account signs in.
	InCluster bool
	// ClusterName is what the account is called where it is one; empty: the cluster's name in the kubeconfig, or DefaultName.
	ClusterName string

	// As and AsGroups are who to act as.
	As       string
	AsGroups []string

	// Content is provider.yaml: what error codes mean.
	Content *content.Provider
	Logger  *slog.Logger
	// Timeout is how long an exchange may go without a byte; 0: one minute. There is none on its whole time.
	Timeout time.Duration

	inCluster  func() (*rest.Config, error)                    // nil: the pod's
	pause      func(context.Context, time.Duration) error      // nil: waits
	lookupHost func(context.Context, string) ([]string, error) // nil: the system's
}

// DefaultName is what the cluster that this runs in is called.
const DefaultName = "in-cluster"
