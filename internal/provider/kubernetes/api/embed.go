package api

import _ "embed"

//go:generate go run ../apigen -out kinds.zip

// Archive is the embedded file, for the test that compares it with a new one.
//
//go:embed kinds.zip
var Archive string
