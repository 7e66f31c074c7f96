-- Questions about IAM's credential report and about what its policies add up to. See policy.sql for the form of a policy.

-- A time of the credential report; NULL for what it writes instead of one: N/A, no_information, not_supported.
CREATE MACRO report_time(text) AS try_cast(stance_time(text) AS TIMESTAMPTZ);
-- test: report_time('2024-03-01T10:00:00+00:00') => TIMESTAMPTZ '2024-03-01T10:00:00Z'
-- test: report_time('2024-03-01T10:00:00Z') => TIMESTAMPTZ '2024-03-01T10:00:00Z'
-- test: report_time('N/A') => NULL
-- test: report_time('no_information') => NULL
-- test: report_time('not_supported') => NULL
-- test: report_time(NULL) => NULL

-- Whether a resource in a policy of IAM stands for all of its kind: *, arn:aws:iam::*:role/*, arn:aws:kms:*:111122223333:key/*.
-- role/app-* does not, and neither does a bucket's bucket/*.
CREATE MACRO is_wide_resource(resource) AS coalesce(regexp_full_match(resource, '\*+|arn:([^:/]*:){0,5}((' ||
  'role|user|group|policy|instance-profile|key|alias|secret|parameter|function|instance|document|project|job|stack|stateMachine|task-definition|task|server|notebook-instance'
  || ')[/:])?[*?]*\*[*?]*([/:][*?]*\*[*?]*)*'), false);
-- test: is_wide_resource('*') => true
-- test: is_wide_resource('arn:aws:iam::*:role/*') => true
-- test: is_wide_resource('arn:aws:iam::111122223333:role/*') => true
-- test: is_wide_resource('arn:aws:iam::111122223333:role/?*') => true
-- test: is_wide_resource('arn:aws:iam::*') => true
-- test: is_wide_resource('arn:*') => true
-- test: is_wide_resource('arn:aws:secretsmanager:us-east-1:111122223333:secret:*') => true
-- test: is_wide_resource('arn:aws:s3:::*/*') => true
-- test: is_wide_resource('arn:aws:s3:::reports/*') => false
-- test: is_wide_resource('arn:aws:iam::111122223333:role/app-*') => false
-- test: is_wide_resource('arn:aws:iam::*:role/app') => false
-- test: is_wide_resource(NULL) => false

-- Whether the conditions of a statement pick resources by their tags or aliases, so that * is not all.
CREATE MACRO conditions_pick_resources(conditions) AS coalesce(len(list_filter(map_entries(conditions), lambda _operator:
  regexp_full_match(_operator.key, '(foranyvalue:)?string(equals|like|equalsignorecase)') AND len(list_filter(map_entries(_operator.value), lambda _key:
    regexp_full_match(_key.key, '[a-z0-9-]+:(resourcetag/.*|resourcealiases|requestalias)')
      AND len(list_filter(_key.value, lambda _value: regexp_full_match(_value, '[*?]+'))) = 0)) > 0)) > 0, false);
-- test: conditions_pick_resources(MAP {'stringequals': MAP {'aws:resourcetag/team': ['a']}}) => true
-- test: conditions_pick_resources(MAP {'foranyvalue:stringlike': MAP {'kms:resourcealiases': ['alias/app-*']}}) => true
-- test: conditions_pick_resources(MAP {'stringlike': MAP {'aws:resourcetag/team': ['*']}}) => false
-- test: conditions_pick_resources(MAP {'stringlike': MAP {'aws:resourcetag/team': ['?*']}}) => false
-- test: conditions_pick_resources(MAP {'stringnotequals': MAP {'aws:resourcetag/team': ['a']}}) => false
-- test: conditions_pick_resources(MAP {'bool': MAP {'aws:multifactorauthpresent': ['true']}}) => false

-- Whether a statement speaks of all resources of a kind.
CREATE MACRO statement_is_wide(statement) AS NOT conditions_pick_resources(statement.conditions) AND (len(statement.not_resources) > 0
  OR len(list_filter(statement.resources, lambda _resource: is_wide_resource(_resource))) > 0);
-- test: statement_is_wide(policy_of('{"Statement":{"Effect":"Allow","Action":"*","Resource":["arn:aws:iam::111122223333:role/a","*"]}}').statements[1]) => true
-- test: statement_is_wide(policy_of('{"Statement":{"Effect":"Allow","Action":"*","NotResource":"arn:aws:iam::111122223333:role/a"}}').statements[1]) => true
-- test: statement_is_wide(policy_of('{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:iam::111122223333:role/a"}}').statements[1]) => false
-- test: statement_is_wide(policy_of('{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"a"}}}}').statements[1]) => false

-- Whether the policy allows an action on all resources of a kind, and does not forbid it as a whole. kms:* asks for all of KMS.
CREATE MACRO grants_widely(policy, action) AS coalesce(len(list_filter(policy.statements, lambda _allow: _allow.effect = 'Allow'
  AND statement_has_action(_allow, lower(action)) AND statement_is_wide(_allow))) > 0, false) AND NOT forbids_action(policy, action);
-- test: grants_widely(policy_of('{"Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}'), 'kms:*') => true
-- test: grants_widely(policy_of('{"Statement":{"Effect":"Allow","Action":"k*","Resource":"arn:aws:kms:*:*:key/*"}}'), 'kms:*') => true
-- test: grants_widely(policy_of('{"Statement":{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}}'), 'kms:*') => true
-- test: grants_widely(policy_of('{"Statement":{"Effect":"Allow","Action":["kms:Decrypt","kms:List*"],"Resource":"*"}}'), 'kms:*') => false
-- test: grants_widely(policy_of('{"Statement":{"Effect":"Allow","Action":"kms:*","Resource":"arn:aws:kms:us-east-1:111122223333:key/1"}}'), 'kms:*') => false
-- test: grants_widely(policy_of('{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"kms:*","Resource":"*"}]}'), 'kms:*') => false
-- test: grants_widely(policy_of(NULL), 'kms:*') => false

-- Whether a condition says to which services a role may be passed, and leaves out the one in question; NULL asks for any such condition.
CREATE MACRO keeps_from_passing_to(conditions, service) AS coalesce(len(list_filter(map_entries(conditions), lambda _operator:
  regexp_full_match(_operator.key, '(foranyvalue:|forallvalues:)?string(equals|like|equalsignorecase)(ifexists)?')
  AND len(list_filter(map_entries(_operator.value), lambda _key: _key.key = 'iam:passedtoservice' AND NOT list_contains(_key.value, '*')
    AND (service IS NULL OR NOT any_matches(_key.value, service)))) > 0)) > 0, false);
-- test: keeps_from_passing_to(MAP {'stringequals': MAP {'iam:passedtoservice': ['ecs.amazonaws.com']}}, 'ec2.amazonaws.com') => true
-- test: keeps_from_passing_to(MAP {'stringlike': MAP {'iam:passedtoservice': ['ec2.*']}}, 'ec2.amazonaws.com') => false
-- test: keeps_from_passing_to(MAP {'stringlike': MAP {'iam:passedtoservice': ['ec2.*']}}, NULL::VARCHAR) => true
-- test: keeps_from_passing_to(MAP {'stringlike': MAP {'iam:passedtoservice': ['*']}}, NULL::VARCHAR) => false
-- test: keeps_from_passing_to(MAP {'bool': MAP {'aws:multifactorauthpresent': ['true']}}, 'ec2.amazonaws.com') => false

-- The statements that can matter for an escalation: Allows over all of a kind, or over oneself, whose conditions do not hold the
-- holder to a boundary or to policies by name; and Denies of the same reach, those among them that only ask for a boundary included.
CREATE MACRO escalation_statements(policy) AS coalesce(list_filter(policy.statements, lambda _statement: CASE WHEN _statement.effect = 'Allow'
  THEN (statement_is_wide(_statement) OR len(list_filter(_statement.resources, lambda _resource: contains(lower(_resource), '${aws:username}'))) > 0)
    AND len(list_filter(map_entries(_statement.conditions), lambda _operator: regexp_full_match(_operator.key, '(foranyvalue:)?(string|arn)(equals|like|equalsignorecase)')
      AND len(list_filter(map_entries(_operator.value), lambda _key: _key.key IN ('iam:permissionsboundary', 'iam:policyarn')
        AND NOT any_matches(_key.value, 'arn:aws:iam::aws:policy/AdministratorAccess'))) > 0)) = 0
  ELSE list_contains(_statement.resources, '*') AND len(list_filter(map_entries(_statement.conditions), lambda _operator:
    NOT (contains(_operator.key, 'not') OR _operator.key = 'null')
    OR len(list_filter(map_keys(_operator.value), lambda _key: _key <> 'iam:permissionsboundary')) > 0)) = 0 END), []);
-- test: len(escalation_statements(policy_of('{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b"}]}'))) => 1
-- test: len(escalation_statements(policy_of('{"Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/b"}}}}'))) => 0
-- test: len(escalation_statements(policy_of('{"Statement":{"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{"StringNotEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/b"}}}}'))) => 1
-- test: len(escalation_statements(policy_of('{"Statement":{"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}}'))) => 0
-- test: len(escalation_statements(policy_of('{"Statement":{"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{"StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/b"}}}}'))) => 0
-- test: len(escalation_statements(policy_of('{"Statement":{"Effect":"Allow","Action":"iam:AttachUserPolicy","Resource":"*","Condition":{"ArnLike":{"iam:PolicyARN":"*"}}}}'))) => 1
-- test: len(escalation_statements(policy_of('{"Statement":{"Effect":"Allow","Action":"iam:AttachUserPolicy","Resource":"*","Condition":{"ArnEquals":{"iam:PolicyARN":"arn:aws:iam::aws:policy/AdministratorAccess"}}}}'))) => 1
-- test: len(escalation_statements(policy_of('{"Statement":{"Effect":"Allow","Action":"iam:CreateUser","Resource":"*","Condition":{"StringEqualsIfExists":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/b"}}}}'))) => 1
