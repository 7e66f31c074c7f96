-- Questions about secrets in text that should hold none: user data, environments, definitions. They look for forms that secrets are
-- known to have, so that a secret without a form, such as a word in prose, is not found.

-- The text in base64, with what is not printable escaped; NULL where it is not base64.
CREATE MACRO text_of_base64(encoded) AS replace(replace(replace(TRY(from_base64(encoded::VARCHAR))::VARCHAR, '\x0D', ''), '\x0A', chr(10)), '\x09', chr(9));
-- test: text_of_base64('IyEvYmluL3NoCmVjaG8gaGkK') => '#!/bin/sh' || chr(10) || 'echo hi' || chr(10)
-- test: text_of_base64('not base64') => NULL
-- test: text_of_base64(NULL) => NULL

-- The values that a text gives to names such as password or api_key, where they look like the value and not like where to find it.
CREATE MACRO assigned_secrets(text) AS list_filter(
  regexp_extract_all(text, '(?i)(?:passw(?:or)?d|passphrase|secret(?:[_-]?(?:access[_-]?)?key)?|api[_-]?key|access[_-]?key|private[_-]?key|auth[_-]?token|access[_-]?token|client[_-]?secret)["'']?[ \t]*(?:=|:|:=)[ \t]*["'']?([^\s"'',;]{6,})', 1),
  lambda _value: NOT regexp_matches(_value, '(?i)^(\$|<|\{|\(|`|%|@|&|\*+$|/|~|\.|arn:|https?:|s3:|file:|ssm:|vault:|secretsmanager|resolve:|var\.|env\.|process\.env|os\.environ|true|false|null|none|your|change|example|xxx)'));
-- test: assigned_secrets('export DB_PASSWORD=hunter2hunter2') => ['hunter2hunter2']
-- test: assigned_secrets('"api_key": "abcdef123456"') => ['abcdef123456']
-- test: assigned_secrets('PASSWORD=$(aws ssm get-parameter)') => []
-- test: assigned_secrets('secret: arn:aws:secretsmanager:us-east-1:111122223333:secret:db') => []
-- test: assigned_secrets('password_file=/run/secrets/db') => []
-- test: assigned_secrets('PASSWORD=${DB_PASSWORD}') => []
-- test: assigned_secrets('no words of that kind') => []

-- The kinds of secrets that a text seems to hold, in the order of the list here; empty for none and for no text.
CREATE MACRO secret_kinds(text) AS list_filter([
  CASE WHEN regexp_matches(text, '\b(AKIA|ASIA)[A-Z2-7]{16}\b') AND len(list_filter(regexp_extract_all(text, '\b(?:AKIA|ASIA)[A-Z2-7]{16}\b'), lambda _key: NOT ends_with(_key, 'EXAMPLE'))) > 0 THEN 'AWS access key' END,
  CASE WHEN regexp_matches(text, '-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY') THEN 'private key' END,
  CASE WHEN regexp_matches(text, '\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})') THEN 'GitHub token' END,
  CASE WHEN regexp_matches(text, '\bglpat-[A-Za-z0-9_-]{20,}') THEN 'GitLab token' END,
  CASE WHEN regexp_matches(text, '\bxox[abeprs]-[A-Za-z0-9-]{10,}') THEN 'Slack token' END,
  CASE WHEN regexp_matches(text, '\bAIza[0-9A-Za-z_-]{35}') THEN 'Google API key' END,
  CASE WHEN regexp_matches(text, '\b[rs]k_live_[0-9A-Za-z]{20,}') THEN 'Stripe key' END,
  CASE WHEN regexp_matches(text, '\bnpm_[A-Za-z0-9]{36}\b') THEN 'npm token' END,
  CASE WHEN regexp_matches(text, '\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}') THEN 'signed token (JWT)' END,
  CASE WHEN regexp_matches(text, '[a-z][a-z0-9+.-]*://[^/\s:@"'']+:[^$<{@\s"''/][^@\s"''/]{2,}@') THEN 'password in a URL' END,
  CASE WHEN len(assigned_secrets(text)) > 0 THEN 'password or key given a value' END
], lambda _kind: _kind IS NOT NULL);
-- test: secret_kinds('aws_access_key_id = AKIAABCDEFGHIJKLMNOP') => ['AWS access key']
-- test: secret_kinds('AKIAIOSFODNN7EXAMPLE') => []
-- test: secret_kinds('-----BEGIN RSA PRIVATE KEY-----') => ['private key']
-- test: secret_kinds('-----BEGIN PUBLIC KEY-----') => []
-- test: secret_kinds('DATABASE_URL=postgres://app:s3cr3tpw@db:5432/app') => ['password in a URL']
-- test: secret_kinds('postgres://app:$PASSWORD@db/app') => []
-- test: secret_kinds('PASSWORD=hunter2hunter2') => ['password or key given a value']
-- test: secret_kinds('yum update -y') => []
-- test: secret_kinds(NULL) => []
