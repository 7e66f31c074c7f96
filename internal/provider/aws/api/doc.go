// Package api is AWS's own description of its read operations, trimmed and embedded: shapes, wire names, protocols, pagers,
// endpoints, the regions that have each service, and the IAM action that each read needs.
//
// The data is made by the generator in ../apigen from a pinned botocore release and a pinned list of IAM actions, and lies in
// content/aws/api. A service is decoded on first use and kept. The package makes no calls and knows no credentials.
package api
