// Package conformance holds the proof that the client speaks as AWS's own libraries do: every read operation's request equals
// botocore's, and every answer is understood as botocore understands it. It has tests only.
package conformance
