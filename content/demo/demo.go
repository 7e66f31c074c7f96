// Package demo holds the recorded cloud of `stance demo`: an invented company's AWS account. test/world builds the company
// in a simulated cloud, and internal/replay/recordaws records it.
package demo

import _ "embed"

// AWS is for replay.Read.
//
//go:embed aws.rec
var AWS []byte
