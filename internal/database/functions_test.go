package database

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/duckdb/duckdb-go/v2"
)

// certificate is one of CN=guard-ca for the year 2025, as DER in base64.
const certificate = "MIIBRzCB7qADAgECAgIXeDAKBggqhkjOPQQDAjATMREwDwYDVQQDEwhndWFyZC1jYTAeFw0yNTAxMDEwMDAwMDBaFw0yNjAxMDEwMDAwMDBaMBMxETAPBgNV" +
	"BAMTCGd1YXJkLWNhMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEY4jnHMH6RVXjWlOAmzw+bDm3OGCwu1DCHJJNNHnFQ0fZjZwfs89E5mukq9qTICkItPHH" +
	"L65IFNLXAj/KzQ05W6MyMDAwDwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQUSuDyFg+mlmMWuE2RkAb3GmDqAowwCgYIKoZIzj0EAwIDSAAwRQIgNzSKUcdK" +
	"WFeD7mjvkt+OWFkhz24LGUGzjTds5oedfOwCIQDl2hsm8eGwHFNM3e9Pt4uvcdtodMLqFvBj0oagyb8lwQ=="

func TestGoFunctions(t *testing.T) {
	db := open(t, Options{})
	for _, c := range []struct{ expression, want string }{
		{`stance_policy('{"Statement":{"Effect":"Allow","Action":"S3:*"}}')::JSON->>'$.statements[0].actions[0]'`, "s3:*"},
		{`stance_policy('%7B%22Statement%22%3A%5B%5D%7D')`, `{"version":null,"id":null,"statements":[]}`},
		{`stance_policy('{"Statement":7}')`, "NULL"},
		{`stance_policy('')`, "NULL"},
		{`stance_tags('[{"Key":"a","Value":"b"}]')`, `{"a":"b"}`},
		{`stance_tags('7')`, "NULL"},
		{`stance_json('"[1]"')`, "[1]"},
		{`stance_json('hello')`, "NULL"},
		{`stance_time('1656608656')`, "2022-06-30T17:04:16Z"},
		{`stance_time('2022-06-30 17:04:16.671000')::TIMESTAMPTZ`, "2022-06-30 17:04:16.671+00"},
		{`stance_time('never')`, "NULL"},
		{`stance_cidr('10.1.2.3/8')`, "10.0.0.0/8"},
		{`stance_cidr('x')`, "NULL"},
		{`cidr_is_public('0.0.0.0/0')`, "true"},
		{`cidr_is_public('10.0.0.0/8')`, "false"},
		{`cidr_is_public('pl-123')`, "NULL"},
		{`cidr_is_any('::/0')`, "true"},
		{`cidr_contains('10.0.0.0/8', '10.1.0.0/16')`, "true"},
		{`cidr_contains('10.0.0.0/8', 'x')`, "NULL"},
		{`cidr_prefix('10.0.0.0/8')`, "8"},
		{`cidr_addresses('::/0') > 3e38`, "true"},
		{`cidr_addresses('10.0.0.0/24')`, "256.0"},
		{`glob_match('s3:Get*', 's3:GetObject')`, "true"},
		{`glob_match('s3:get*', 's3:GetObject')`, "false"},
		{`stance_certificates('` + certificate + `')::JSON->0->>'not_after'`, "2026-01-01T00:00:00Z"},
		{`stance_certificates('` + certificate + `')::JSON->0->>'subject'`, "CN=guard-ca"},
		{`stance_certificates('LS0t')`, "NULL"},
		{`stance_certificates('')`, "NULL"},
		{`stance_certificate_request('` + certificate + `')`, "NULL"},
		{`stance_certificate_request('-----BEGIN CERTIFICATE REQUEST-----')`, "NULL"},
		{`mask_paths('{"a":{"b":"x"},"c":1}', ['a.b', 'c'])`, `{"a":{"b":"[masked]"},"c":"[masked]"}`},
		{`mask_paths('{"a":1}', [])`, `{"a":1}`},
		{`mask_paths('{"a":1}', ['a', NULL])`, `{"a":"[masked]"}`},
		{`mask_paths('broken', ['a'])`, "NULL"},
	} {
		var got string
		query := "SELECT coalesce((" + c.expression + ")::VARCHAR, 'NULL')"
		if err := db.QueryRowContext(context.Background(), query).Scan(&got); err != nil || got != c.want {
			t.Errorf("%s: %q, %v; want %q", c.expression, got, err, c.want)
		}
	}
}

func TestGoFunctionsOfNullAreNull(t *testing.T) {
	db := open(t, Options{})
	for _, f := range functions {
		for missing := range f.in {
			args := make([]string, len(f.in))
			for i, t := range f.in {
				args[i] = "'10.0.0.0/8'"
				if t == duckdb.TYPE_LIST {
					args[i] = "['10.0.0.0/8']"
				}
				if i == missing {
					args[i] = "CASE WHEN i < 0 THEN " + args[i] + " END" // not a constant
				}
			}
			var nulls int
			query := fmt.Sprintf("SELECT count(*) FILTER (WHERE %s(%s) IS NULL) FROM range(5000) AS r(i)", f.name, strings.Join(args, ", "))
			if err := db.QueryRowContext(context.Background(), query).Scan(&nulls); err != nil || nulls != 5000 {
				t.Errorf("%s: %d nulls, %v", query, nulls, err)
			}
		}
	}
}

// What is volatile, the gate and the planner refuse.
func TestGoFunctionsAreNotVolatile(t *testing.T) {
	db := open(t, Options{})
	for _, f := range functions {
		var stability string
		err := db.QueryRowContext(context.Background(), "SELECT stability FROM duckdb_functions() WHERE function_name = $1::VARCHAR", f.name).Scan(&stability)
		if err != nil || stability != "CONSISTENT" {
			t.Errorf("%s is %q, %v", f.name, stability, err)
		}
	}
}

func TestGoFunctionsSurviveHugeValues(t *testing.T) {
	db := open(t, Options{})
	policy := `{"Statement":[` + strings.Repeat(`{"Effect":"Allow","Action":"s3:*","Resource":"*"},`, 100_000) + `{}]}`
	var n int
	query := `SELECT len(json_transform(stance_policy($1::VARCHAR), '{"statements":["JSON"]}').statements)`
	if err := db.QueryRowContext(context.Background(), query, policy).Scan(&n); err != nil || n != 100_001 {
		t.Errorf("%d statements, %v", n, err)
	}
	for _, bomb := range []string{
		`stance_json(repeat('[', 10000000))`,
		`stance_certificates(repeat('-----BEGIN CERTIFICATE-----' || chr(10), 50000))`,
		`stance_certificates(repeat('-----BEGIN CERTIFICATE-----' || chr(10) || '` + certificate + `' || chr(10) || '-----END CERTIFICATE-----' || chr(10), 1001))`,
		`stance_certificates(repeat('MIIB', 10000000))`,
		`stance_certificate_request(repeat('MIIB', 10000000))`,
	} {
		var null bool
		if err := db.QueryRowContext(context.Background(), `SELECT `+bomb+` IS NULL`).Scan(&null); err != nil || !null {
			t.Errorf("%s is not NULL: %v", bomb, err)
		}
	}
}
