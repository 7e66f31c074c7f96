// Package manifest reads what is deployed to Kubernetes: plain manifests, Helm charts and Kustomize. It gives each object as the API
// server would return it: with the server's defaults, a uid, and the pods that its controllers would make, since that is what a
// live cluster shows.
//
// It reaches no cluster and no network. Charts and kustomizations are rendered in child processes (package child), since neither
// library can be stopped once it runs; the requests hold the files, so that a child reads nothing itself.
package manifest
