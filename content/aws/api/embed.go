// Package apidata embeds the generated archive of AWS's API descriptions. Package internal/provider/aws/api reads it;
// endpoints.yaml and iam.yaml beside it are its hand-kept sources, and are not read at run time.
package apidata

import _ "embed"

// Services is a zip file: facts.json, iam.json and services/<name>.json, compressed with Zstandard.
//
//go:embed services.zip
var Services string
