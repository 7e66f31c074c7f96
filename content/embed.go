// Package embedded puts the content of this folder into the binary, packed: see internal/content for what is in a pack. The
// YAML beside this file is what the pack is made from; go run ./internal/generate makes it.
package embedded

import _ "embed"

//go:generate go run ../internal/generate -root ..

// Pack is for content.OpenPack.
//
//go:embed pack.bin
var Pack []byte
