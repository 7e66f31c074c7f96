package database

import (
	"context"
	"slices"
	"strings"
	"testing"
)

func open(t *testing.T, o Options) *DB {
	t.Helper()
	o.TempDir = t.TempDir()
	db, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

var bucketColumns = []string{"id", "name", "region", "tags", "versioning", "grants", "order"}

func columns(table string) []string {
	switch table {
	case "bucket":
		return bucketColumns
	case "trail":
		return []string{"id", "is_logging"}
	}
	return nil
}

func TestGateAllows(t *testing.T) {
	db := open(t, Options{})
	for _, query := range []string{
		`SELECT 1`,
		`SELECT id FROM bucket;`,
		`SELECT * FROM main.bucket, stance.main.trail`,
		`FROM bucket SELECT id WHERE name LIKE 'x%' -- comment`,
		`WITH x AS (SELECT id FROM bucket) SELECT * FROM x`,
		`WITH bucket AS (SELECT id FROM trail) SELECT * FROM bucket`,
		`WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT * FROM r`,
		`SELECT list_filter(grants, lambda g: g.x = 1) FROM bucket`,
		`SELECT list_transform(grants, lambda g, i: i) FROM bucket`,
		`SELECT [g.x FOR g IN grants IF g.y] FROM bucket`,
		`SELECT tags -> '$.a', tags ->> 'b' FROM bucket`,
		`SELECT id, unnest(grants) FROM bucket`,
		`SELECT s.value FROM bucket b, json_each(b.tags) AS s`,
		`SELECT * FROM range(3) AS r(i), (VALUES (1), (2)) v(j)`,
		`SELECT name FROM bucket UNION ALL SELECT id FROM trail`,
		`SELECT name FROM bucket EXCEPT SELECT id FROM trail`,
		`SELECT count(*) FILTER (WHERE is_logging) OVER (PARTITION BY id) FROM trail`,
		`SELECT * FROM bucket PIVOT (count(id) FOR region IN ('a', 'b'))`,
		`SELECT bool_and(v) FROM (UNPIVOT (SELECT id, is_logging FROM trail) ON is_logging INTO NAME k VALUE v)`,
		`SELECT EXISTS (SELECT 1 FROM trail t WHERE t.id = b.id) FROM bucket b`,
		`SELECT 'DROP TABLE bucket; SELECT now()'`,
		`TABLE bucket`,
	} {
		if _, err := db.Gate(t.Context(), query, Rules{Columns: columns}); err != nil {
			t.Errorf("%s\n  refused: %v", query, err)
		}
	}
}

func TestGateRefuses(t *testing.T) {
	db := open(t, Options{})
	for _, c := range []struct{ query, want string }{
		{``, "empty"},
		{"  \n-- nothing", "empty"},
		{`SELECT`, "without selection list"},
		{`SELEC id FROM bucket`, "syntax error"},
		{"SELECT 1\x00", "NUL"},
		{`SELECT ` + strings.Repeat("(", 100000) + `1`, "memory exhausted"},
		{`SELECT 1 ` + strings.Repeat(" ", maxQuery), "longer than"},
		{`SELECT 1; SELECT 2`, "only one SELECT"},
		{`SELECT 1; DROP TABLE bucket`, "only one SELECT"},
		{`DROP TABLE bucket; SELECT 1`, "only one SELECT"},
		{`CREATE TABLE x(a INT)`, "only one SELECT"},
		{`CREATE MACRO f() AS 1`, "only one SELECT"},
		{`INSERT INTO bucket VALUES (1)`, "only one SELECT"},
		{`UPDATE bucket SET id = 1`, "only one SELECT"},
		{`DELETE FROM bucket`, "only one SELECT"},
		{`MERGE INTO bucket USING trail ON true WHEN MATCHED THEN DELETE`, "only one SELECT"},
		{`TRUNCATE bucket`, "only one SELECT"},
		{`COPY bucket TO '/tmp/x.csv'`, "only one SELECT"},
		{`COPY bucket FROM '/etc/passwd'`, "only one SELECT"},
		{`EXPORT DATABASE '/tmp/x'`, "only one SELECT"},
		{`IMPORT DATABASE '/tmp/x'`, "only one SELECT"},
		{`ATTACH ':memory:' AS other`, "only one SELECT"},
		{`ATTACH '/tmp/x.db'`, "only one SELECT"},
		{`DETACH memory`, "only one SELECT"},
		{`USE memory`, "only one SELECT"},
		{`INSTALL httpfs`, "only one SELECT"},
		{`LOAD httpfs`, "only one SELECT"},
		{`SET threads = 1`, "only one SELECT"},
		{`RESET threads`, "only one SELECT"},
		{`PRAGMA database_list`, "only one SELECT"},
		{`CALL duckdb_settings()`, "only one SELECT"},
		{`CHECKPOINT`, "only one SELECT"},
		{`VACUUM`, "only one SELECT"},
		{`BEGIN`, "only one SELECT"},
		{`PREPARE p AS SELECT 1`, "only one SELECT"},
		{`EXECUTE p`, "only one SELECT"},
		{`EXPLAIN ANALYZE SELECT 1`, "only one SELECT"},
		{`CREATE SECRET s (TYPE s3)`, "only one SELECT"},
		{`WITH x AS (INSERT INTO bucket VALUES (1) RETURNING id) SELECT * FROM x`, "a CTE needs a SELECT"},
		{`SHOW TABLES`, "SHOW"},
		{`DESCRIBE bucket`, "SHOW"},
		{`SUMMARIZE bucket`, "SHOW"},
		{`FROM (SHOW ALL TABLES)`, "SHOW"},
		{`SELECT * FROM other`, `table "other" does not exist`},
		{`SELECT * FROM buckets`, `table "buckets" does not exist; did you mean "bucket"?`},
		{`SELECT * FROM '/etc/passwd'`, `table "/etc/passwd" does not exist`},
		{`SELECT * FROM 'https://example.com/x.parquet'`, "does not exist"},
		{`SELECT * FROM 's3://bucket/x.parquet'`, "does not exist"},
		{`SELECT * FROM duckdb_settings`, "does not exist"},
		{`SELECT * FROM information_schema.tables`, `schema "information_schema"`},
		{`SELECT * FROM information_schema.bucket`, `schema "information_schema"`},
		{`SELECT * FROM pg_catalog.pg_class`, `schema "pg_catalog"`},
		{`SELECT * FROM system.information_schema.columns`, `schema "system.information_schema"`},
		{`SELECT * FROM (WITH duckdb_tables AS (SELECT 1) SELECT * FROM duckdb_tables), duckdb_tables`, "name of the database's own"},
		{`SELECT * FROM (WITH "x.csv" AS (SELECT 1) SELECT * FROM "x.csv"), "x.csv"`, "name of the database's own"},
		{`SELECT * FROM read_csv('/etc/passwd')`, `"read_csv" may not be used`},
		{`SELECT * FROM read_text('/etc/passwd')`, `"read_text"`},
		{`SELECT * FROM read_blob('/etc/passwd')`, `"read_blob"`},
		{`SELECT * FROM read_parquet('x')`, `"read_parquet"`},
		{`SELECT * FROM glob('/etc/*')`, `"glob"`},
		{`SELECT * FROM sniff_csv('/etc/passwd')`, `"sniff_csv"`},
		{`SELECT * FROM duckdb_secrets()`, `"duckdb_secrets"`},
		{`FROM enable_profiling(save_location='/tmp/x')`, `"enable_profiling"`},
		{`FROM pragma_table_info('bucket')`, `"pragma_table_info"`},
		{`FROM query('DROP TABLE bucket')`, `"query"`},
		{`FROM query_table('duckdb_settings')`, `"query_table"`},
		{`FROM json_execute_serialized_sql('x')`, `"json_execute_serialized_sql"`},
		{`FROM test_all_types()`, `"test_all_types"`},
		{`FROM histogram_values(bucket, id)`, `"histogram_values"`},
		{`SELECT (SELECT count(*) FROM read_text('/etc/passwd'))`, `"read_text"`},
		{`SELECT id FROM bucket ORDER BY (SELECT 1 FROM duckdb_settings())`, `"duckdb_settings"`},
		{`SELECT pg_get_viewdef(1)`, `"pg_get_viewdef"`},
		{`SELECT json_serialize_plan('SELECT 1')`, `"json_serialize_plan"`},
		{`SELECT list_transform([1], lambda x: random())`, `"random"`},
		{`SELECT sleep_ms(100000)`, `"sleep_ms"`},
		{`SELECT pg_sleep(100)`, `"pg_sleep"`},
		{`SELECT nextval('s')`, `"nextval"`},
		{`SELECT setseed(1)`, `"setseed"`},
		{`SELECT random() < 0.5`, `"random"`},
		{`SELECT gen_random_uuid()`, `"gen_random_uuid"`},
		{`SELECT system.main.uuid()`, `"uuid"`},
		{`SELECT write_log('x')`, `"write_log"`},
		{`SELECT current_setting('temp_directory')`, `"current_setting"`},
		{`SELECT getvariable('x')`, `"getvariable"`},
		{`SELECT error('x')`, `"error"`},
		{`SELECT now()`, "use collected_at"},
		{`SELECT NOW() - INTERVAL 1 DAY`, "use collected_at"},
		{`SELECT current_date`, "use collected_at"},
		{`SELECT current_timestamp`, "use collected_at"},
		{`SELECT localtimestamp`, "use collected_at"},
		{`SELECT today()`, "use collected_at"},
		{`SELECT transaction_timestamp()`, "use collected_at"},
		{`SELECT get_current_timestamp()`, "use collected_at"},
		{`SELECT ago(INTERVAL 1 DAY)`, "use collected_at"},
		{`SELECT age(TIMESTAMP '2020-01-01')`, "may read the clock"},
		{`SELECT id FROM bucket USING SAMPLE 10 ROWS`, "random sample"},
		{`SELECT id FROM bucket TABLESAMPLE 10%`, "random sample"},
		{`SELECT id FROM bucket AT (TIMESTAMP => TIMESTAMP '2020-01-01')`, "AT is not allowed"},
		{`SELECT $days + 1`, "parameter $days is not declared"},
		{`SELECT ?`, "parameter $1 is not declared"},
		{`SELECT list_filter([1], lambda versioning: versioning > 0) FROM bucket`, `lambda parameter "versioning" has the name of a column of bucket`},
		{`SELECT list_filter([1], lambda VERSIONING: versioning > 0) FROM bucket`, `lambda parameter "versioning"`},
		{`SELECT [tags.x FOR tags IN grants] FROM bucket`, `lambda parameter "tags"`},
		{`SELECT list_transform([1], lambda x, id: x) FROM bucket`, `lambda parameter "id"`},
		{`SELECT list_transform(l, lambda g: g.x) FROM (SELECT versioning AS g, grants AS l FROM bucket)`, `lambda parameter "g" has the name of a name that the query gives`},
		{`WITH v(g, l) AS (SELECT versioning, grants FROM bucket) SELECT list_transform(l, lambda g: g.x) FROM v`, `lambda parameter "g"`},
		{`SELECT list_transform(grants, lambda b: b.x) FROM bucket AS b`, `lambda parameter "b"`},
		{`SELECT opens(grants) FROM (SELECT id AS rule, grants FROM bucket)`, `also a lambda parameter inside the function opens`},
	} {
		rules := Rules{Columns: columns, Names: []string{"bucket", "trail"}, Captured: map[string][]string{"opens": {"rule"}}}
		_, err := db.Gate(t.Context(), c.query, rules)
		if err == nil || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(c.want)) {
			t.Errorf("%.200s\n  got:  %v\n  want: %s", c.query, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%.200s: the message has several lines: %q", c.query, err)
		}
	}
}

func TestGateAllowsTheClockToAPersonsQuery(t *testing.T) {
	db := open(t, Options{})
	for _, query := range []string{`SELECT now(), current_date, age(TIMESTAMP '2020-01-01')`, `FROM bucket USING SAMPLE 3 ROWS`} {
		if _, err := db.Gate(t.Context(), query, Rules{Columns: columns, Clock: true}); err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
	if _, err := db.Gate(t.Context(), `SELECT random()`, Rules{Clock: true}); err == nil {
		t.Error("random() was let through")
	}
}

func TestGateExpression(t *testing.T) {
	db := open(t, Options{})
	for _, c := range []struct{ expression, want string }{
		{`versioning = 'Enabled'`, ""},
		{"name = 'x' -- a comment", ""},
		{`len(list_filter(grants, lambda g: g.a = 1)) = 0`, ""},
		{``, "empty"},
		{`true), (false`, "one expression"},
		{`1) FROM bucket WHERE (true`, "one expression"},
		{`true) LIMIT (1`, "one expression"},
		{`true) UNION SELECT (false`, "one expression"},
		{`true); DROP TABLE bucket; SELECT (1`, "only one SELECT"},
		{`true /* never closed`, "unterminated"},
		{`id IN (SELECT id FROM trail)`, "query: check"},
		{`EXISTS (FROM trail)`, "query: check"},
		{`now() > collected_at`, "collected_at"},
		{`len(list_filter(grants, lambda id: id.a = 1)) = 0`, `lambda parameter "id" has the name of a column`},
	} {
		_, err := db.GateExpression(t.Context(), c.expression, Rules{Columns: columns, Row: bucketColumns})
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s\n  refused: %v", c.expression, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s\n  got:  %v\n  want: %s", c.expression, err, c.want)
		}
	}
}

func TestParseTellsNames(t *testing.T) {
	db := open(t, Options{})
	s, err := db.Parse(t.Context(), `WITH v AS (SELECT ID, Tags['a'] AS t FROM Bucket) SELECT upper(v.t), list_filter([1], lambda k: k > 0) FROM v JOIN trail USING (id)`)
	if err != nil {
		t.Fatal(err)
	}
	for what, got := range map[string]struct{ got, want []string }{
		"tables":  {s.Tables, []string{"bucket", "trail"}},
		"lambdas": {s.Lambdas, []string{"k"}},
		"aliases": {s.Aliases, []string{"t", "v"}},
	} {
		if !slices.Equal(got.got, got.want) {
			t.Errorf("%s: got %v, want %v", what, got.got, got.want)
		}
	}
	for _, f := range []string{"upper", "list_filter"} {
		if !slices.Contains(s.Functions, f) {
			t.Errorf("function %s is missing in %v", f, s.Functions)
		}
	}
}

// A new DuckDB may bring functions that answer differently each time, or views that a query could name.
func TestGateKnowsWhatDuckDBHas(t *testing.T) {
	db := open(t, Options{})
	names := func(query string) (list []string) {
		t.Helper()
		rows, err := db.QueryContext(context.Background(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				t.Fatal(err)
			}
			list = append(list, s)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return list
	}
	for _, f := range names(`SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'scalar' AND stability = 'VOLATILE'`) {
		if !volatileFunctions[f] {
			t.Errorf("%s is volatile, but not in volatileFunctions", f)
		}
	}
	harmless := []string{"current_database", "current_schema", "current_schemas", "in_search_path"}
	for _, f := range names(`SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'scalar' AND stability = 'CONSISTENT_WITHIN_QUERY'`) {
		if !volatileFunctions[f] && !clockFunctions[f] && !slices.Contains(harmless, f) {
			t.Errorf("%s depends on when it is called, but is not in clockFunctions", f)
		}
	}
	known := []string{"json_group_object"} // its error() is about its arguments alone
	for _, f := range names(`SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'macro'
		AND regexp_matches(macro_definition, '(error"?|sleep_ms|current_query|random|uuid|duckdb_\w+|pragma_\w+|now|today)\(|current_timestamp|current_date')`) {
		if !volatileFunctions[f] && !clockFunctions[f] && !slices.Contains(known, f) {
			t.Errorf("the macro %s hides a function that is refused", f)
		}
	}
	for _, v := range names(`SELECT view_name FROM duckdb_views() WHERE internal AND schema_name <> 'information_schema'`) {
		if !system(v) {
			t.Errorf("a common table expression could be named as the view %s", v)
		}
	}
}
