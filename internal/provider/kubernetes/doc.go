// Package kubernetes makes any described read call of a Kubernetes cluster: it signs in by a kubeconfig or from within the
// cluster, learns which kinds and versions are served, sends one request, reads the answer and says what an error means. It
// knows no kind; which calls to make is content.
//
// The vendor's own library signs in, and does nothing else: requests go through its HTTP client, so that programs of the
// cloud's own (exec plugins), OIDC, certificates and proxies work as they do for kubectl.
package kubernetes
