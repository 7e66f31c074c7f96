package database

import (
	"database/sql"
	"database/sql/driver"
	"fmt"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/stancehq/stance/internal/normalize"
)

// function is a scalar function written in Go. All of them are pure: NULL gives NULL, and so does what cannot be understood,
// so that no value of a cloud can make a statement fail.
type function struct {
	name   string
	in     []duckdb.Type // TYPE_LIST stands for VARCHAR[]
	out    duckdb.Type
	answer func(in []driver.Value) (any, error)
}

// functions are all scalar functions that SQL has beyond DuckDB's own.
var functions = []function{
	text1("stance_policy", bytesOf(normalize.PolicyDocument)),
	text1("stance_tags", bytesOf(normalize.Tags)),
	text1("stance_json", bytesOf(normalize.JSON)),
	text1("stance_cidr", normalize.CIDR),
	text1("stance_time", func(text string) (string, error) {
		t, err := normalize.Time(text)
		return normalize.FormatTime(t), err
	}),
	text1("stance_certificates", normalize.Certificates),
	text1("stance_certificate_request", normalize.CertificateRequest),
	{"cidr_is_public", varchar(1), duckdb.TYPE_BOOLEAN, one(normalize.CIDRIsPublic)},
	{"cidr_is_any", varchar(1), duckdb.TYPE_BOOLEAN, one(normalize.CIDRIsAny)},
	{"stance_cidr_wide", varchar(1), duckdb.TYPE_BOOLEAN, one(normalize.CIDRIsWide)},
	{"stance_cidrs_wide", []duckdb.Type{duckdb.TYPE_LIST}, duckdb.TYPE_BOOLEAN, func(in []driver.Value) (any, error) {
		return normalize.CIDRsAreWide(texts(in[0])), nil
	}},
	{"cidr_contains", varchar(2), duckdb.TYPE_BOOLEAN, func(in []driver.Value) (any, error) {
		return normalize.CIDRContains(in[0].(string), in[1].(string))
	}},
	{"cidr_prefix", varchar(1), duckdb.TYPE_INTEGER, one(func(text string) (int32, error) {
		bits, err := normalize.CIDRPrefix(text)
		return int32(bits), err //nolint:gosec // at most 128
	})},
	{"cidr_addresses", varchar(1), duckdb.TYPE_DOUBLE, one(normalize.CIDRAddresses)},
	{"glob_match", varchar(2), duckdb.TYPE_BOOLEAN, func(in []driver.Value) (any, error) {
		return normalize.Glob(in[0].(string), in[1].(string)), nil
	}},
	{"mask_paths", []duckdb.Type{duckdb.TYPE_VARCHAR, duckdb.TYPE_LIST}, duckdb.TYPE_VARCHAR, maskPaths},
}

// registerFunctions adds the scalar functions that are written in Go to the connection's database.
func registerFunctions(conn *sql.Conn) error {
	for i := range functions {
		f := &functions[i]
		if err := duckdb.RegisterScalarUDF(conn, f.name, f); err != nil {
			return fmt.Errorf("register function %s: %w", f.name, err)
		}
	}
	return nil
}

// Config implements duckdb.ScalarFunc.
func (f *function) Config() duckdb.ScalarFuncConfig {
	in := make([]duckdb.TypeInfo, len(f.in))
	for i, t := range f.in {
		in[i] = typeInfo(t)
	}
	return duckdb.ScalarFuncConfig{InputTypeInfos: in, ResultTypeInfo: typeInfo(f.out)}
}

// Executor implements duckdb.ScalarFunc.
func (f *function) Executor() duckdb.ScalarFuncExecutor {
	return duckdb.ScalarFuncExecutor{RowExecutor: func(in []driver.Value) (any, error) {
		out, err := f.answer(in)
		if err != nil {
			return nil, nil //nolint:nilerr,nilnil // what cannot be understood is NULL
		}
		return out, nil
	}}
}

// typeInfo cannot fail for the few types above; a nil would be refused at registration.
func typeInfo(t duckdb.Type) duckdb.TypeInfo {
	if t == duckdb.TYPE_LIST {
		info, err := duckdb.NewListInfo(typeInfo(duckdb.TYPE_VARCHAR))
		if err != nil {
			return nil
		}
		return info
	}
	info, err := duckdb.NewTypeInfo(t)
	if err != nil {
		return nil
	}
	return info
}

func varchar(n int) []duckdb.Type {
	types := make([]duckdb.Type, n)
	for i := range types {
		types[i] = duckdb.TYPE_VARCHAR
	}
	return types
}

func one[T any](f func(string) (T, error)) func([]driver.Value) (any, error) {
	return func(in []driver.Value) (any, error) { return f(in[0].(string)) }
}

func text1(name string, f func(string) (string, error)) function {
	return function{name, varchar(1), duckdb.TYPE_VARCHAR, one(f)}
}

func bytesOf(f func([]byte) ([]byte, error)) func(string) (string, error) {
	return func(text string) (string, error) {
		out, err := f([]byte(text))
		return string(out), err
	}
}

func maskPaths(in []driver.Value) (any, error) {
	out, err := normalize.NewMask(texts(in[1])).Apply([]byte(in[0].(string)))
	return string(out), err
}

// texts are those of a VARCHAR[] that are not NULL.
func texts(value driver.Value) []string {
	list, _ := value.([]any)
	all := make([]string, 0, len(list))
	for _, item := range list {
		if text, ok := item.(string); ok {
			all = append(all, text)
		}
	}
	return all
}
