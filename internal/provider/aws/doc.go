// Package aws makes any described read call of AWS: it signs in, finds accounts, regions and endpoints, sends one request,
// reads the answer and says what an error means. It knows no resource type; which calls to make is content.
//
// What the requests and answers look like is package wire's, what the vendor describes is package api's. No generated service
// client is linked but those that the vendor's own sign-in library brings along.
package aws
