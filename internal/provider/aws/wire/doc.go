// Package wire turns a described call into an HTTP request and the answer into JSON text. It is driven by AWS's own
// description of its operations (package api), so that no service has code of its own.
//
// Requests, JSON answers and values bound to headers go through smithy-go's schema-driven protocols. XML bodies have a
// reader of their own, because it writes JSON text directly and forgives what services really send. Documents are written as
// text, never as maps: a page of a large account is far smaller that way.
//
// The package knows neither endpoints nor credentials, and sends nothing.
package wire
