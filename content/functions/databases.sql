-- Questions about database engines, by the names that AWS gives them: postgres, mysql, mariadb, oracle-ee, sqlserver-se, db2-se,
-- aurora-mysql, aurora-postgresql. NULL where the engine is none that is known here.

-- The port that an engine listens to if nobody chose another.
CREATE MACRO default_database_port(engine) AS CASE
  WHEN engine IN ('postgres', 'aurora-postgresql') THEN 5432
  WHEN engine IN ('mysql', 'mariadb', 'aurora', 'aurora-mysql') THEN 3306
  WHEN regexp_matches(engine, '^(custom-)?oracle-') THEN 1521
  WHEN regexp_matches(engine, '^(custom-)?sqlserver-') THEN 1433
  WHEN starts_with(engine, 'db2-') THEN 50000 END;
-- test: default_database_port('aurora-postgresql') => 5432
-- test: default_database_port('custom-sqlserver-ee') => 1433
-- test: default_database_port('graph') => NULL
-- test: default_database_port(NULL) => NULL

-- The names of administrators that consoles propose, and that are tried first by whoever guesses.
CREATE MACRO is_default_admin_name(name) AS coalesce(lower(name) IN ('admin', 'administrator', 'awsuser', 'dbadmin', 'master', 'mysql', 'oracle', 'postgres', 'postgresql', 'root', 'sa'), false);
-- test: is_default_admin_name('Admin') => true
-- test: is_default_admin_name('orders_owner') => false
-- test: is_default_admin_name(NULL) => false

-- The logs that tell of errors, log-ins and statements of those who administer, by the names under which an engine exports them.
-- Empty where it exports none.
CREATE MACRO expected_database_logs(engine) AS CASE
  WHEN engine IN ('postgres', 'aurora-postgresql') THEN ['postgresql']
  WHEN engine IN ('mysql', 'mariadb', 'aurora', 'aurora-mysql') THEN ['audit', 'error']
  WHEN engine LIKE 'oracle-%' THEN ['alert', 'audit', 'listener']
  WHEN engine = 'sqlserver-ex' THEN ['error']
  WHEN engine LIKE 'sqlserver-%' THEN ['agent', 'error']
  WHEN engine LIKE 'db2-%' THEN ['diag.log', 'notify.log']
  ELSE []::VARCHAR[] END;
-- test: expected_database_logs('mariadb') => ['audit', 'error']
-- test: expected_database_logs('sqlserver-ex') => ['error']
-- test: expected_database_logs('sqlserver-web') => ['agent', 'error']
-- test: expected_database_logs('custom-oracle-ee') => []
-- test: expected_database_logs(NULL) => []

-- The value of a setting in a list of {key, value}; NULL if it is not among them.
CREATE MACRO setting_of(settings, name) AS list_filter(settings, lambda _setting: _setting.key = name)[1].value;
-- test: setting_of([{'key': 'a', 'value': '1'}, {'key': 'b', 'value': '2'}], 'b') => '2'
-- test: setting_of([{'key': 'a', 'value': '1'}], 'b') => NULL
-- test: setting_of(NULL::STRUCT(key VARCHAR, value VARCHAR)[], 'b') => NULL

-- Whether a setting's value means yes, in any of the ways in which engines write it.
CREATE MACRO is_switched_on(setting) AS coalesce(lower(setting) IN ('1', 'on', 'true', 'yes', 'enabled'), false);
-- test: is_switched_on('ON') => true
-- test: is_switched_on('1') => true
-- test: is_switched_on('0') => false
-- test: is_switched_on(NULL) => false

-- Whether settings of PostgreSQL log who connects and what changes structure or data, by its own log or by pgaudit.
CREATE MACRO postgres_is_audited(settings) AS coalesce(setting_of(settings, 'log_connections'), '0') NOT IN ('0', 'off', 'false', 'no', '')
  AND (coalesce(setting_of(settings, 'log_statement'), 'none') IN ('ddl', 'mod', 'all')
    OR (contains(coalesce(setting_of(settings, 'shared_preload_libraries'), ''), 'pgaudit') AND coalesce(setting_of(settings, 'pgaudit.log'), 'none') NOT IN ('none', '')));
-- test: postgres_is_audited([{'key': 'log_connections', 'value': '1'}, {'key': 'log_statement', 'value': 'ddl'}]) => true
-- test: postgres_is_audited([{'key': 'log_connections', 'value': '1'}, {'key': 'shared_preload_libraries', 'value': 'pg_stat_statements,pgaudit'}, {'key': 'pgaudit.log', 'value': 'role,ddl'}]) => true
-- test: postgres_is_audited([{'key': 'log_connections', 'value': '1'}, {'key': 'pgaudit.log', 'value': 'all'}]) => false
-- test: postgres_is_audited([{'key': 'log_connections', 'value': '0'}, {'key': 'log_statement', 'value': 'all'}]) => false
-- test: postgres_is_audited(NULL::STRUCT(key VARCHAR, value VARCHAR)[]) => false

-- Whether a version is one of an engine's major version: 8.0.35 is of 8.0, and 15.4 of 15, but not of 1.
CREATE MACRO is_of_major_version(version, major) AS coalesce(version = major OR starts_with(version, major || '.'), false);
-- test: is_of_major_version('8.0.mysql_aurora.3.04.0', '8.0') => true
-- test: is_of_major_version('15.4', '15') => true
-- test: is_of_major_version('15.4', '1') => false
-- test: is_of_major_version(NULL, '15') => false
