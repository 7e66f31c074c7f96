-- Questions about variables that a workload is given: functions, containers, stages. They look at both the name and the value, so
-- that a secret under an innocent name without a known form is not found. See secrets.sql for the forms.

-- Whether a variable's name says that its value is a secret, rather than where to find one or how long it lives. Names are in any
-- of the usual styles: DB_PASSWORD, dbPassword, db-password.
CREATE MACRO names_a_secret(variable) AS coalesce(list_transform([lower(regexp_replace(regexp_replace(variable, '([a-z0-9])([A-Z])', '\1_\2', 'g'), '[^A-Za-z0-9]+', '_', 'g'))],
  lambda _plain: regexp_matches(_plain, '(passwords?|passwd|passphrase|secrets?|token|apikey)[0-9]*(_|$)|(^|_)(pwd|pass|credentials?|api_?key|(access|private|secret|signing|encryption|auth|master|shared|account|storage)_?key|connection_?string)[0-9]*(_|$)')
    AND NOT regexp_matches(_plain, '(^|_)(arn|id|ids|name|names|url|uri|path|paths|file|files|dir|ttl|expiry|expires|expiration|age|lifetime|length|timeout|table|bucket|endpoint|host|type|alias|parameter|param|ref|version|header|prefix|suffix|enabled|policy|rotation|region|count|limit|size|days|hours|minutes|seconds|interval|issuer|audience|algorithm|algo|format|mode|store|provider|service|source|location|field|queue|topic|role|manager|vault|max|min)$'))[1], false);
-- test: names_a_secret('DB_PASSWORD') => true
-- test: names_a_secret('dbPassword') => true
-- test: names_a_secret('mysql-passwd') => true
-- test: names_a_secret('DBPASSWORD') => true
-- test: names_a_secret('DB_PASSWORD2') => true
-- test: names_a_secret('APP_SECRETS') => true
-- test: names_a_secret('SECRETS_PATH') => false
-- test: names_a_secret('STRIPE_API_KEY') => true
-- test: names_a_secret('apiKey') => true
-- test: names_a_secret('AWS_SECRET_ACCESS_KEY') => true
-- test: names_a_secret('GITHUB_TOKEN') => true
-- test: names_a_secret('SECRET_KEY_BASE') => true
-- test: names_a_secret('SECRET_ARN') => false
-- test: names_a_secret('DB_SECRET_NAME') => false
-- test: names_a_secret('tokenUrl') => false
-- test: names_a_secret('PASSWORD_MIN_LENGTH') => false
-- test: names_a_secret('MAX_TOKENS') => false
-- test: names_a_secret('KMS_KEY_ALIAS') => false
-- test: names_a_secret('LOG_LEVEL') => false
-- test: names_a_secret(NULL) => false

-- Whether a value can be a secret, and is not a reference to one, a switch or a placeholder.
CREATE MACRO can_be_a_secret(value) AS coalesce(length(trim(value)) >= 4
  AND NOT regexp_matches(trim(value), '(?i)^(arn:|https?://[^@]*$|s3://|file:|ssm:|vault:|secretsmanager|\$\{|\$\(|\{\{|<[^<>]*>$|%[^%]*%$|\*+$|x{4,}$)')
  AND NOT (regexp_full_match(trim(value), '/[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*/?') AND NOT regexp_full_match(trim(value), '[A-Za-z0-9/+]{40}'))
  AND NOT regexp_full_match(trim(value), '(?i)true|false|null|none|enabled|disabled|required|optional|redacted|masked|\[[a-z]+\]')
  AND NOT regexp_full_match(trim(value), '[a-z0-9_.-]+(/[a-z0-9_.-]+)+')
  AND NOT regexp_full_match(trim(value), '([A-Z0-9_]+_)?(PASSWORD|PASS|SECRET|TOKEN|KEY)'), false);
-- test: can_be_a_secret('hunter2') => true
-- test: can_be_a_secret('root') => true
-- test: can_be_a_secret('123456') => true
-- test: can_be_a_secret('wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzz') => true
-- test: can_be_a_secret('https://user:hunter2@example.com/') => true
-- test: can_be_a_secret('https://example.com/oauth/token') => false
-- test: can_be_a_secret('arn:aws:secretsmanager:us-east-1:111122223333:secret:db') => false
-- test: can_be_a_secret('/prod/db/password') => false
-- test: can_be_a_secret('/JalrXUtnFEMI+K7MDENG/bPxRfiCYzzzzzzzzzz') => true
-- test: can_be_a_secret('/Sup3r$ecret!') => true
-- test: can_be_a_secret('%tG8#kk2') => true
-- test: can_be_a_secret('%DB_PASSWORD%') => false
-- test: can_be_a_secret('<set me>') => false
-- test: can_be_a_secret('prod/db/password') => false
-- test: can_be_a_secret('{{resolve:secretsmanager:db}}') => false
-- test: can_be_a_secret('PROD_DB_PASSWORD') => false
-- test: can_be_a_secret('SECRET') => false
-- test: can_be_a_secret('Passw0rd_123') => true
-- test: can_be_a_secret('true') => false
-- test: can_be_a_secret('') => false
-- test: can_be_a_secret(NULL) => false

-- Why a variable seems to hold a secret; NULL if it does not.
CREATE MACRO variable_secret_kind(variable, value) AS coalesce(secret_kinds(value)[1],
  CASE WHEN names_a_secret(variable) AND can_be_a_secret(value) THEN 'named like a secret' END);
-- test: variable_secret_kind('KEY', 'AKIAABCDEFGHIJKLMNOP') => 'AWS access key'
-- test: variable_secret_kind('DATABASE', 'postgres://app:s3cr3tpw@db:5432/app') => 'password in a URL'
-- test: variable_secret_kind('DB_PASSWORD', 'hunter2') => 'named like a secret'
-- test: variable_secret_kind('DB_PASSWORD', 'arn:aws:ssm:us-east-1:111122223333:parameter/db') => NULL
-- test: variable_secret_kind('LOG_LEVEL', 'debug') => NULL

-- The variables of a list of {name, value} that seem to hold a secret, each with the reason: "DB_PASSWORD (named like a secret)".
CREATE MACRO secret_entries(entries) AS coalesce(list_sort(list_transform(
  list_filter(entries, lambda _suspect: variable_secret_kind(_suspect.name, _suspect.value) IS NOT NULL),
  lambda _found: _found.name || ' (' || variable_secret_kind(_found.name, _found.value) || ')')), []::VARCHAR[]);
-- test: secret_entries([{'name': 'B_TOKEN', 'value': 'abcdef'}, {'name': 'A', 'value': '-----BEGIN PRIVATE KEY-----'}, {'name': 'C', 'value': 'c'}]) => ['A (private key)', 'B_TOKEN (named like a secret)']
-- test: secret_entries(NULL::STRUCT(name VARCHAR, value VARCHAR)[]) => []

-- The variables of a map that seem to hold a secret. See secret_entries.
CREATE MACRO secret_variables(variables) AS secret_entries(list_transform(map_entries(variables), lambda _pair: {'name': _pair.key, 'value': _pair.value}));
-- test: secret_variables(MAP {'DB_PASSWORD': 'hunter2', 'STAGE': 'prod'}) => ['DB_PASSWORD (named like a secret)']
-- test: secret_variables(NULL::MAP(VARCHAR, VARCHAR)) => []

-- Those of some findings of secret_entries whose variables are not among the names that were looked at and found harmless.
CREATE MACRO without_names(matches, harmless) AS coalesce(list_filter(matches, lambda _match: NOT list_contains(harmless, regexp_extract(_match, '^(?:.*: )?(.*) \([^()]*(?:\([^()]*\))?[^()]*\)$', 1))), []::VARCHAR[]);
-- test: without_names(['A (private key)', 'B_TOKEN (named like a secret)'], ['A']) => ['B_TOKEN (named like a secret)']
-- test: without_names(['T (signed token (JWT))', 'web: DB_PASSWORD (named like a secret)'], ['T', 'DB_PASSWORD']) => []
-- test: without_names(['A (private key)'], []::VARCHAR[]) => ['A (private key)']
-- test: without_names(NULL::VARCHAR[], []::VARCHAR[]) => []
