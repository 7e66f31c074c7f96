package database

import "strings"

func set(names string) map[string]bool {
	m := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		m[name] = true
	}
	return m
}

var (
	// tableFunctions may stand in FROM: they read their arguments alone.
	tableFunctions = set("unnest range generate_series json_each json_tree")

	// volatileFunctions change something, wait, answer differently each time, or bind SQL in a text that no gate saw. A test compares the list with what DuckDB says of its functions.
	volatileFunctions = set(`current_connection_id current_query current_query_id current_transaction_id currval error
		gen_random_uuid getvariable getenv nextval pg_sleep query query_table random setseed sleep_ms stats txid_current uuid
		uuidv4 uuidv7 write_log json_execute_serialized_sql json_serialize_plan get_block_size pg_get_constraintdef pg_get_viewdef format_type
		current_setting`)

	// clockFunctions depend on when the query runs.
	clockFunctions = set(`ago current_date current_localtime current_localtimestamp current_time current_timestamp
		get_current_time get_current_timestamp localtime localtimestamp now pg_conf_load_time pg_postmaster_start_time today
		transaction_timestamp`)

	// clockWords are read as functions where no column has the name.
	clockWords = set("current_date current_time current_timestamp localtime localtimestamp")

	// refTypes and nodeTypes are the forms of FROM and of statements that the gate knows; a new DuckDB's are refused.
	refTypes  = set("BASE_TABLE SUBQUERY JOIN TABLE_FUNCTION EXPRESSION_LIST EMPTY PIVOT COLUMN_DATA")
	nodeTypes = set("SELECT_NODE SET_OPERATION_NODE RECURSIVE_CTE_NODE CTE_NODE")
)
