-- Questions about what a policy allows, or forbids. See policy.sql for the form of a policy.

-- Whether a resource of a policy stands for everything: *, arn:aws:*, arn:aws:*:*:111122223333:*.
CREATE MACRO is_every_resource(resource) AS coalesce(regexp_full_match(resource, '[*?:/]*\*[*?:/]*|arn:([a-z0-9*?-]*:)?[*?:/0-9]*\*[*?:/]*'), false);
-- test: is_every_resource('*') => true
-- test: is_every_resource('*:*') => true
-- test: is_every_resource('arn:*') => true
-- test: is_every_resource('arn:aws:*') => true
-- test: is_every_resource('arn:*:*:*:*:*') => true
-- test: is_every_resource('arn:aws:*:*:111122223333:*') => true
-- test: is_every_resource('arn:aws:s3:::*') => false
-- test: is_every_resource('arn:aws:iam::111122223333:role/*') => false
-- test: is_every_resource('arn:aws:sqs:us-east-1:111122223333:orders') => false
-- test: is_every_resource(NULL) => false

-- Whether a statement speaks of an action, by its actions or by all but those of NotAction. The action is in lower case.
CREATE MACRO statement_has_action(statement, action) AS any_matches(statement.actions, action)
  OR (len(statement.not_actions) > 0 AND NOT any_matches(statement.not_actions, action));
-- test: statement_has_action(policy_of('{"Statement":{"Effect":"Allow","Action":"iam:Pass*","Resource":"*"}}').statements[1], 'iam:passrole') => true
-- test: statement_has_action(policy_of('{"Statement":{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}}').statements[1], 'iam:passrole') => false
-- test: statement_has_action(policy_of('{"Statement":{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}}').statements[1], 's3:getobject') => true

-- Whether the policy forbids an action everywhere and for everyone whom it speaks of, under no condition.
CREATE MACRO forbids_action(policy, action) AS coalesce(len(list_filter(policy.statements, lambda _deny: _deny.effect = 'Deny'
  AND statement_has_action(_deny, lower(action)) AND list_contains(_deny.resources, '*') AND len(map_keys(_deny.conditions)) = 0
  AND _deny.not_principals IS NULL AND coalesce(list_contains(_deny.principals.aws, '*'), true))) > 0, false);
-- test: forbids_action(policy_of('{"Statement":{"Effect":"Deny","Action":"kms:*","Resource":"*"}}'), 'kms:Decrypt') => true
-- test: forbids_action(policy_of('{"Statement":{"Effect":"Deny","Action":"kms:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}}'), 'kms:Decrypt') => false
-- test: forbids_action(policy_of('{"Statement":{"Effect":"Deny","Action":"kms:*","Resource":"arn:aws:kms:*:*:key/1"}}'), 'kms:Decrypt') => false

-- Whether the policy allows all actions but some, and so also those that do not exist yet.
CREATE MACRO has_allow_not_action(policy) AS coalesce(len(list_filter(policy.statements, lambda _allow:
  _allow.effect = 'Allow' AND len(_allow.not_actions) > 0)) > 0, false);
-- test: has_allow_not_action(policy_of('{"Statement":{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}}')) => true
-- test: has_allow_not_action(policy_of('{"Statement":{"Effect":"Deny","NotAction":"iam:*","Resource":"*"}}')) => false
-- test: has_allow_not_action(policy_of(NULL)) => false

-- Whether the policy allows an action on every resource, and does not forbid it as a whole.
CREATE MACRO grants_action_everywhere(policy, action) AS coalesce(len(list_filter(policy.statements, lambda _allow: _allow.effect = 'Allow'
  AND statement_has_action(_allow, lower(action)) AND (len(_allow.not_resources) > 0
    OR len(list_filter(_allow.resources, lambda _resource: is_every_resource(_resource))) > 0))) > 0, false) AND NOT forbids_action(policy, action);
-- test: grants_action_everywhere(policy_of('{"Statement":{"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:*"}}'), 'kms:Decrypt') => true
-- test: grants_action_everywhere(policy_of('{"Statement":{"Effect":"Allow","Action":"kms:Decrypt","NotResource":"arn:aws:kms:us-east-1:111122223333:key/1"}}'), 'kms:Decrypt') => true
-- test: grants_action_everywhere(policy_of('{"Statement":{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}}'), 'kms:Decrypt') => true
-- test: grants_action_everywhere(policy_of('{"Statement":{"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:us-east-1:111122223333:key/*"}}'), 'kms:Decrypt') => false
-- test: grants_action_everywhere(policy_of('{"Statement":[{"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:us-east-1:111122223333:key/1"},{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'), 'kms:Decrypt') => false

-- Whether the policy forbids everything to everyone whom it speaks of, under no condition: what puts someone in quarantine.
CREATE MACRO denies_everything(policy) AS coalesce(len(list_filter(policy.statements, lambda _deny: _deny.effect = 'Deny'
  AND len(list_filter(_deny.actions, lambda _action: regexp_full_match(_action, '\*+(:\*+)?'))) > 0 AND list_contains(_deny.resources, '*')
  AND len(map_keys(_deny.conditions)) = 0 AND _deny.not_principals IS NULL AND coalesce(list_contains(_deny.principals.aws, '*'), true))) > 0, false);
-- test: denies_everything(policy_of('{"Statement":{"Effect":"Deny","Action":["*"],"Resource":["*"]}}')) => true
-- test: denies_everything(policy_of('{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}}')) => false
-- test: denies_everything(policy_of('{"Statement":{"Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::b"}}')) => false
-- test: denies_everything(policy_of('{"Statement":{"Effect":"Deny","NotAction":"iam:*","Resource":"*"}}')) => false
-- test: denies_everything(policy_of('{"Statement":{"Effect":"Deny","Action":"iam:*","Resource":"*"}}')) => false
-- test: denies_everything(policy_of('{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}')) => false
-- test: denies_everything(policy_of(NULL)) => false

-- Whether the policy allows all actions but some on every resource.
CREATE MACRO allows_all_but_some(policy) AS coalesce(len(list_filter(policy.statements, lambda _allow: _allow.effect = 'Allow' AND len(_allow.not_actions) > 0
  AND (len(_allow.not_resources) > 0 OR len(list_filter(_allow.resources, lambda _resource: is_every_resource(_resource))) > 0))) > 0, false);
-- test: allows_all_but_some(policy_of('{"Statement":{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}}')) => true
-- test: allows_all_but_some(policy_of('{"Statement":{"Effect":"Allow","NotAction":"iam:*","Resource":"arn:aws:s3:::b"}}')) => false
-- test: allows_all_but_some(policy_of('{"Statement":{"Effect":"Deny","NotAction":"iam:*","Resource":"*"}}')) => false
-- test: allows_all_but_some(policy_of(NULL)) => false

-- Whether the policy allows all actions but some on every resource, and there too, in the same statement or another, one by which its
-- holder gives himself the rest.
CREATE MACRO is_admin_by_not_action(policy) AS allows_all_but_some(policy) AND len(list_filter(['iam:attachuserpolicy', 'iam:putuserpolicy',
    'iam:attachrolepolicy', 'iam:putrolepolicy', 'iam:attachgrouppolicy', 'iam:putgrouppolicy', 'iam:createpolicyversion'],
  lambda _key: grants_action_everywhere(policy, _key))) > 0;
-- test: is_admin_by_not_action(policy_of('{"Statement":{"Effect":"Allow","NotAction":"aws-portal:*","Resource":"*"}}')) => true
-- test: is_admin_by_not_action(policy_of('{"Statement":{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}}')) => false
-- test: is_admin_by_not_action(policy_of('{"Statement":{"Effect":"Allow","NotAction":["iam:A*","iam:P*"],"Resource":["arn:*"]}}')) => true
-- test: is_admin_by_not_action(policy_of('{"Statement":{"Effect":"Allow","NotAction":"s3:*","Resource":"arn:aws:s3:::b"}}')) => false
-- test: is_admin_by_not_action(policy_of('{"Statement":[{"Effect":"Allow","NotAction":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"iam:*","Resource":"*"}]}')) => false
-- test: is_admin_by_not_action(policy_of('{"Statement":[{"Effect":"Allow","NotAction":"iam:*","Resource":"*"},{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}')) => true
-- test: is_admin_by_not_action(policy_of('{"Statement":[{"Effect":"Allow","NotAction":"iam:*","Resource":"*"},{"Effect":"Allow","Action":["iam:Get*","iam:PassRole"],"Resource":"*"}]}')) => false
-- test: is_admin_by_not_action(policy_of('{"Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*"}}')) => false
-- test: is_admin_by_not_action(policy_of(NULL)) => false

-- Whether the policy allows every action on every resource, or on all but some. A condition does not change that, and neither does a
-- Deny, unless it forbids everything under no condition. All actions but some are everything too, unless the policy allows none of
-- those of IAM by which its holder gives himself the rest, as for power users.
CREATE MACRO is_admin_policy(policy) AS CASE WHEN coalesce(len(list_filter(policy.statements, lambda _allow: _allow.effect = 'Allow'
  AND len(list_filter(_allow.actions, lambda _action: regexp_full_match(_action, '[*?]*\*[*?]*(:[*?]*\*[*?]*)?'))) > 0
  AND (len(_allow.not_resources) > 0 OR len(list_filter(_allow.resources, lambda _resource: is_every_resource(_resource))) > 0))) > 0, false)
  THEN NOT denies_everything(policy)
  WHEN has_allow_not_action(policy) THEN is_admin_by_not_action(policy) ELSE false END;
-- test: is_admin_policy(policy_of('{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}')) => true
-- test: is_admin_policy(policy_of('{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Allow","Action":["s3:Get*","*:*"],"Resource":["arn:aws:s3:::b","*"]}]}')) => true
-- test: is_admin_policy(policy_of('{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:*:*:*:*:*"}}')) => true
-- test: is_admin_policy(policy_of('{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}}')) => true
-- test: is_admin_policy(policy_of('{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:*"}}')) => true
-- test: is_admin_policy(policy_of('{"Statement":{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::b"}}')) => true
-- test: is_admin_policy(policy_of('{"Statement":{"Effect":"Allow","Action":"?*","Resource":"*"}}')) => true
-- test: is_admin_policy(policy_of('{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}')) => false
-- test: is_admin_policy(policy_of('{"Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*"}}')) => false
-- test: is_admin_policy(policy_of('{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/*"}}')) => false
-- test: is_admin_policy(policy_of('{"Statement":{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}}')) => false
-- test: is_admin_policy(policy_of('{"Statement":{"Effect":"Allow","NotAction":"s3:DeleteBucket","Resource":"*"}}')) => true
-- test: is_admin_policy(policy_of('{"Statement":[{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b"},{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}')) => false
-- test: is_admin_policy(policy_of(NULL)) => false
-- test: is_admin_policy(policy_of('{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*"}]}')) => false
-- test: is_admin_policy(policy_of('{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}]}')) => true
-- test: is_admin_policy(policy_of('{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}')) => true
-- test: is_admin_policy(policy_of('{"Statement":[{"Effect":"Allow","NotAction":"iam:*","Resource":"*"},{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}')) => true

-- Whether the policy allows an action on some resource, wildcards and NotAction considered, and does not forbid it as a whole.
CREATE MACRO grants_action(policy, action) AS coalesce(len(list_filter(policy.statements, lambda _allow: _allow.effect = 'Allow'
  AND statement_has_action(_allow, lower(action)))) > 0, false) AND NOT forbids_action(policy, action);
-- test: grants_action(policy_of('{"Statement":{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/r"}}'), 'iam:PassRole') => true
-- test: grants_action(policy_of('{"Statement":{"Effect":"Allow","Action":"IAM:*","Resource":"*"}}'), 'iam:passrole') => true
-- test: grants_action(policy_of('{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'), 'iam:PassRole') => true
-- test: grants_action(policy_of('{"Statement":{"Effect":"Allow","Action":"iam:P?ssRole","Resource":"*"}}'), 'iam:PassRole') => true
-- test: grants_action(policy_of('{"Statement":{"Effect":"Allow","Action":"iam:Get*","Resource":"*"}}'), 'iam:PassRole') => false
-- test: grants_action(policy_of('{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"iam:*","Resource":"*"}]}'), 'iam:PassRole') => false
-- test: grants_action(policy_of('{"Statement":{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}}'), 'iam:PassRole') => true
-- test: grants_action(policy_of(NULL), 'iam:PassRole') => false

-- Whether a statement forbids everyone all actions over HTTP without TLS, and asks for nothing else.
CREATE MACRO statement_denies_plain_http(statement) AS coalesce(statement.effect = 'Deny' AND list_contains(statement.principals.aws, '*')
  AND len(list_filter(statement.actions, lambda _action: regexp_full_match(_action, '\*|[a-z0-9-]+:\*'))) > 0
  AND len(statement.not_resources) = 0 AND len(map_keys(statement.conditions)) = 1 AND len(list_filter(map_entries(statement.conditions), lambda _operator:
    _operator.key IN ('bool', 'boolifexists') AND map_keys(_operator.value) = ['aws:securetransport']
    AND list_contains(list_transform(_operator.value['aws:securetransport'], lambda _value: lower(_value)), 'false'))) = 1, false);
-- test: statement_denies_plain_http(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}}').statements[1]) => true
-- test: statement_denies_plain_http(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}').statements[1]) => false
-- test: statement_denies_plain_http(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","NotResource":"arn:aws:s3:::b/x","Condition":{"Bool":{"aws:SecureTransport":"false"}}}}').statements[1]) => false

-- Whether the policy forbids everyone an action, in lower case, over HTTP without TLS.
CREATE MACRO denies_plain_http_for(policy, action) AS coalesce(len(list_filter(policy.statements, lambda _deny: _deny.effect = 'Deny'
  AND coalesce(list_contains(_deny.principals.aws, '*'), false) AND statement_has_action(_deny, action) AND len(_deny.not_resources) = 0
  AND len(map_keys(_deny.conditions)) = 1 AND len(list_filter(map_entries(_deny.conditions), lambda _operator:
    _operator.key IN ('bool', 'boolifexists') AND map_keys(_operator.value) = ['aws:securetransport']
    AND list_contains(list_transform(_operator.value['aws:securetransport'], lambda _value: lower(_value)), 'false'))) = 1)) > 0, false);
-- test: denies_plain_http_for(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"SNS:Publish","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}}'), 'sns:publish') => true
-- test: denies_plain_http_for(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"sns:Subscribe","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}}'), 'sns:publish') => false
-- test: denies_plain_http_for(policy_of('{"Statement":{"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}}'), 'sns:publish') => false
-- test: denies_plain_http_for(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"},"StringEquals":{"aws:PrincipalAccount":"111122223333"}}}}'), 'sns:publish') => false
-- test: denies_plain_http_for(policy_of(NULL), 'sns:publish') => false

-- Whether the policy forbids everyone all actions over HTTP without TLS, on some resource. Where it matters on which, as for a
-- bucket and its objects, ask denies_plain_http_to.
CREATE MACRO denies_plain_http(policy) AS coalesce(len(list_filter(policy.statements, lambda _deny: statement_denies_plain_http(_deny))) > 0, false);
-- test: denies_plain_http(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}}')) => true
-- test: denies_plain_http(policy_of('{"Statement":{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":["false"]}}}}')) => true
-- test: denies_plain_http(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}}')) => false
-- test: denies_plain_http(policy_of('{"Statement":{"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}}')) => false
-- test: denies_plain_http(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}}')) => false
-- test: denies_plain_http(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}}')) => false
-- test: denies_plain_http(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"},"StringEquals":{"aws:PrincipalAccount":"111122223333"}}}}')) => false
-- test: denies_plain_http(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false","aws:MultiFactorAuthPresent":"false"}}}}')) => false
-- test: denies_plain_http(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}}')) => false
-- test: denies_plain_http(policy_of(NULL)) => false

-- Whether the policy forbids everyone all actions over HTTP without TLS on each of some resources: [arn, arn || '/*'] for a bucket.
CREATE MACRO denies_plain_http_to(policy, some_resources) AS coalesce(patterns_cover(flatten(list_transform(
  list_filter(policy.statements, lambda _deny: statement_denies_plain_http(_deny)), lambda _from: _from.resources)), some_resources), false);
-- test: denies_plain_http_to(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}}'), ['arn:aws:s3:::b', 'arn:aws:s3:::b/*']) => true
-- test: denies_plain_http_to(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}}'), ['arn:aws:s3:::b', 'arn:aws:s3:::b/*']) => true
-- test: denies_plain_http_to(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}}'), ['arn:aws:s3:::b', 'arn:aws:s3:::b/*']) => false
-- test: denies_plain_http_to(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/private/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}}'), ['arn:aws:s3:::b/*']) => false
-- test: denies_plain_http_to(policy_of(NULL), ['arn:aws:s3:::b']) => false
