package evidence

import "strings"

// readmeText is for who was given a bundle. All commands in it are run by a test.
const readmeText = `EVIDENCE BY STANCE

This file holds verdicts about cloud resources, the raw answers of the clouds' APIs that they rest on, and the questions that were
asked of those answers. Whoever has it can ask the questions again and see whether the same verdicts come out.

WHAT LIES WHERE

  manifest.json                        what was scanned and when, the checks and the values of their parameters, and the
                                       SHA-256 of every other file
  manifest.sig, public-key.pem         the Ed25519 signature of manifest.json, and the key to verify it with
  scans/<scan>/findings.ndjson         the verdicts, one on each line: PASS, FAIL, MANUAL, or UNKNOWN with the cause
  scans/<scan>/documents/<table>.ndjson
                                       the documents, one resource on each line: "account", "region", "id"; "at", when it was
                                       collected; "doc", the document as the API gave it; "unknown", what of it could not be seen
                                       and why; "columns", the values of columns that were read of secrets. Secrets themselves
                                       are [masked]: Stance does not keep them
  scans/<scan>/coverage.json           what was asked of the cloud, and what could not be seen
  content/checks/<check>.json          each check: its SQL in "when", "pass", "found", or "query"
  content/tables/<table>.json          each table: which part of a document each column is, and the SQL that makes rows of
                                       documents ("select") or of other tables ("derive")
  content/functions.sql                the SQL functions that checks and tables use

The SQL is DuckDB's.

TO VERIFY WITH STANCE

  stance verify BUNDLE.zip --fingerprint FINGERPRINT

It verifies the signature and every file, builds the tables from the documents again, asks every check, and compares the verdicts.
It needs no network, no cloud and nothing but this file. The fingerprint of the key must come to you from the signer by another way
than this file; without --fingerprint it is proved that nothing was changed since it was signed, but not by whom.

TO FOLLOW ONE VERDICT

  stance verify BUNDLE.zip --check CHECK --resource ID

It prints the check's SQL, its parameters, the documents and the verdict.

TO VERIFY WITHOUT STANCE

Unpack the file, then, in its folder, with OpenSSL 3 and the usual tools:

  openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in manifest.json -sigfile manifest.sig
  sed -n 's/^ *{"name": "\(.*\)", "sha256": "\(.*\)", "size": .*/\2  \1/p' manifest.json | sha256sum --check --quiet
  openssl pkey -pubin -in public-key.pem -outform DER | sha256sum

The first verifies the signature of manifest.json, the second every file that it lists (it says nothing if all are as they were), and
the third prints the fingerprint of the key. The signer says that it is

  FINGERPRINT
`

func readme(fingerprint string) []byte {
	i := strings.LastIndex(readmeText, "FINGERPRINT")
	return []byte(readmeText[:i] + fingerprint + readmeText[i+len("FINGERPRINT"):])
}
