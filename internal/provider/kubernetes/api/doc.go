// Package api describes what a Kubernetes API server can be asked: every kind that the server lists, by group and version,
// with the shape of its objects; the custom kinds of widespread add-ons; and the few answers that are no resource.
//
// The data is made by the generator in ../apigen from the OpenAPI files of a pinned Kubernetes release and from the
// CustomResourceDefinitions that add-ons ship. A group is decoded on first use and kept. The package makes no calls and knows
// no credentials.
//
// A service is an API group ("core" for the empty one) and an operation is "version/plural" with an optional form:
//
//	apps:v1/deployments            the objects of all namespaces, or of one
//	core:v1/secrets/metadata       the same objects' metadata alone
//	core:v1/secrets/table          the same objects' metadata and printed columns
//	core:v1/configmaps/get         one object
//	core:v1/nodes/proxy/configz    the configuration that a node's kubelet runs with
//	constraints.gatekeeper.sh:v1beta1/*
//	                               the objects of all kinds of a group whose kinds each cluster makes for itself
//	server:version                 what is no resource: see server.go
package api
