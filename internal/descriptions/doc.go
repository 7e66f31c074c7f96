// Package descriptions is the form in which API descriptions are kept: a zip file of JSON files, each compressed with
// Zstandard by itself, so that using one costs only it. Generators write it, and the binary embeds it.
//
// The package does not know what is described, nor where that comes from.
package descriptions
