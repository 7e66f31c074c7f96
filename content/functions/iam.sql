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
  'role|user|group|policy|instance-profile|saml-provider|oidc-provider|key|alias|secret|parameter|function|layer|instance|volume|image|document|automation-definition|managed-instance' ||
  '|project|job|devEndpoint|stack|stateMachine|task-definition|task|service|cluster|job-definition|job-queue|server|notebook-instance|training-job|processing-job|trail|eventdatastore|schedule|pipeline|permissionSet|account|code-interpreter'
  || ')[/:])?[*?]*\*[*?]*([/:][*?]*\*[*?]*)*|arn:[^:]*:(iam|kms|lambda|secretsmanager|ssm|ec2|ecs|states):[^:]*:[^:]*:(role|user|group|policy|instance-profile|key|secret|parameter|function|instance|document|task-definition|stateMachine)\*+')
  AND NOT regexp_matches(resource, '^arn:[^:]*:s3:::[^*?]'), false);
-- test: is_wide_resource('*') => true
-- test: is_wide_resource('arn:aws:iam::*:role/*') => true
-- test: is_wide_resource('arn:aws:iam::111122223333:role/*') => true
-- test: is_wide_resource('arn:aws:iam::111122223333:role/?*') => true
-- test: is_wide_resource('arn:aws:iam::*') => true
-- test: is_wide_resource('arn:aws:iam::111122223333:role*') => true
-- test: is_wide_resource('arn:aws:cloudtrail:*:*:trail/*') => true
-- test: is_wide_resource('arn:aws:iam::111122223333:saml-provider/*') => true
-- test: is_wide_resource('arn:aws:s3:::secret*') => false
-- test: is_wide_resource('arn:aws:s3:::project/*') => false
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

-- Whether a statement speaks of all resources of a kind that an action, in lower case, can be done to: role/* is not for s3:getobject.
-- Some services act on what is another's: who takes a role, and who opens a shell on an instance.
CREATE MACRO statement_is_wide_for(statement, action) AS NOT conditions_pick_resources(statement.conditions) AND (len(statement.not_resources) > 0
  OR len(list_filter(statement.resources, lambda _resource: is_wide_resource(_resource) AND (NOT regexp_matches(_resource, '^arn:[^:]*:[a-z0-9-]+:')
    OR split_part(_resource, ':', 3) = split_part(action, ':', 1)
    OR split_part(action, ':', 1) || ' ' || split_part(_resource, ':', 3) IN ('sts iam', 'ssm ec2', 'ec2-instance-connect ec2')))) > 0);
-- test: statement_is_wide_for(policy_of('{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::*"}}').statements[1], 'iam:passrole') => false
-- test: statement_is_wide_for(policy_of('{"Statement":{"Effect":"Allow","Action":"*","Resource":["arn:aws:s3:::*","arn:*:iam::*:role/*"]}}').statements[1], 'iam:passrole') => true
-- test: statement_is_wide_for(policy_of('{"Statement":{"Effect":"Allow","Action":"sts:*","Resource":"arn:aws:iam::*:role/*"}}').statements[1], 'sts:assumerole') => true
-- test: statement_is_wide_for(policy_of('{"Statement":{"Effect":"Allow","Action":"ssm:*","Resource":"arn:aws:ec2:*:*:instance/*"}}').statements[1], 'ssm:startsession') => true
-- test: statement_is_wide_for(policy_of('{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:*"}}').statements[1], 'iam:passrole') => true
-- test: statement_is_wide_for(policy_of('{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"a"}}}}').statements[1], 'iam:passrole') => false

-- Whether the policy allows an action on all resources of a kind, and does not forbid it as a whole. kms:* asks for all of KMS.
CREATE MACRO grants_widely(policy, action) AS coalesce(len(list_filter(policy.statements, lambda _allow: _allow.effect = 'Allow'
  AND statement_has_action(_allow, lower(action)) AND statement_is_wide_for(_allow, lower(action)))) > 0, false) AND NOT forbids_action(policy, action);
-- test: grants_widely(policy_of('{"Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}'), 'kms:*') => true
-- test: grants_widely(policy_of('{"Statement":{"Effect":"Allow","Action":"k*","Resource":"arn:aws:kms:*:*:key/*"}}'), 'kms:*') => true
-- test: grants_widely(policy_of('{"Statement":{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}}'), 'kms:*') => true
-- test: grants_widely(policy_of('{"Statement":{"Effect":"Allow","Action":["kms:Decrypt","kms:List*"],"Resource":"*"}}'), 'kms:*') => false
-- test: grants_widely(policy_of('{"Statement":{"Effect":"Allow","Action":"kms:*","Resource":"arn:aws:kms:us-east-1:111122223333:key/1"}}'), 'kms:*') => false
-- test: grants_widely(policy_of('{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"kms:*","Resource":"*"}]}'), 'kms:*') => false
-- test: grants_widely(policy_of('{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:dynamodb:*"}}'), 'kms:*') => false
-- test: grants_widely(policy_of(NULL), 'kms:*') => false

-- Whether a condition says to which services a role may be passed, and leaves out the one in question; NULL asks for any such condition.
CREATE MACRO keeps_from_passing_to(conditions, service) AS coalesce(len(list_filter(map_entries(conditions), lambda _operator:
  regexp_full_match(_operator.key, '(foranyvalue:|forallvalues:)?string(equals|like|equalsignorecase)(ifexists)?')
  AND len(list_filter(map_entries(_operator.value), lambda _key: _key.key = 'iam:passedtoservice'
    AND NOT any_matches(_key.value, coalesce(service, 'any.amazonaws.com')) AND NOT any_matches(_key.value, coalesce(service, 'any.amazonaws.com') || '.cn'))) > 0)) > 0, false);
-- test: keeps_from_passing_to(MAP {'stringequals': MAP {'iam:passedtoservice': ['ecs.amazonaws.com']}}, 'ec2.amazonaws.com') => true
-- test: keeps_from_passing_to(MAP {'stringlike': MAP {'iam:passedtoservice': ['ec2.*']}}, 'ec2.amazonaws.com') => false
-- test: keeps_from_passing_to(MAP {'stringlike': MAP {'iam:passedtoservice': ['ec2.*']}}, NULL::VARCHAR) => true
-- test: keeps_from_passing_to(MAP {'stringlike': MAP {'iam:passedtoservice': ['*']}}, NULL::VARCHAR) => false
-- test: keeps_from_passing_to(MAP {'stringlike': MAP {'iam:passedtoservice': ['*.amazonaws.com']}}, NULL::VARCHAR) => false
-- test: keeps_from_passing_to(MAP {'stringlike': MAP {'iam:passedtoservice': ['?*']}}, NULL::VARCHAR) => false
-- test: keeps_from_passing_to(MAP {'stringequals': MAP {'iam:passedtoservice': ['ec2.amazonaws.com.cn']}}, 'ec2.amazonaws.com') => false
-- test: keeps_from_passing_to(MAP {'bool': MAP {'aws:multifactorauthpresent': ['true']}}, 'ec2.amazonaws.com') => false

-- Whether the conditions of an Allow hold its holder to a boundary, or to policies by name that are not the administrators'.
CREATE MACRO conditions_hold_to_policies(conditions) AS coalesce(len(list_filter(map_entries(conditions), lambda _operator:
  regexp_full_match(_operator.key, '(foranyvalue:)?(string|arn)(equals|like|equalsignorecase)')
    AND len(list_filter(map_entries(_operator.value), lambda _key: _key.key IN ('iam:permissionsboundary', 'iam:policyarn')
      AND NOT any_matches(list_transform(_key.value, lambda _named: regexp_replace(_named, '^arn:aws-[a-z-]+:', 'arn:aws:')), 'arn:aws:iam::aws:policy/AdministratorAccess'))) > 0)) > 0, false);
-- test: conditions_hold_to_policies(MAP {'stringequals': MAP {'iam:permissionsboundary': ['arn:aws:iam::111122223333:policy/b']}}) => true
-- test: conditions_hold_to_policies(MAP {'arnlike': MAP {'iam:policyarn': ['*']}}) => false
-- test: conditions_hold_to_policies(MAP {'arnlike': MAP {'iam:policyarn': ['arn:aws-us-gov:iam::aws:policy/*']}}) => false
-- test: conditions_hold_to_policies(MAP {'stringequalsifexists': MAP {'iam:permissionsboundary': ['arn:aws:iam::111122223333:policy/b']}}) => false
-- test: conditions_hold_to_policies(NULL::MAP(VARCHAR, MAP(VARCHAR, VARCHAR[]))) => false

-- Whether a Deny holds for all, but for those of a boundary at most: there are no conditions, or they only ask for one.
CREATE MACRO conditions_only_ask_for_boundary(conditions) AS coalesce(len(list_filter(map_entries(conditions), lambda _operator:
  NOT (contains(_operator.key, 'not') OR _operator.key = 'null')
  OR len(list_filter(map_keys(_operator.value), lambda _key: _key <> 'iam:permissionsboundary')) > 0)) = 0, true);
-- test: conditions_only_ask_for_boundary(MAP {'stringnotequals': MAP {'iam:permissionsboundary': ['arn:aws:iam::111122223333:policy/b']}}) => true
-- test: conditions_only_ask_for_boundary(MAP {'stringequals': MAP {'iam:permissionsboundary': ['arn:aws:iam::111122223333:policy/b']}}) => false
-- test: conditions_only_ask_for_boundary(MAP {'bool': MAP {'aws:multifactorauthpresent': ['false']}}) => false
-- test: conditions_only_ask_for_boundary(NULL::MAP(VARCHAR, MAP(VARCHAR, VARCHAR[]))) => true

-- The statements that can matter for an escalation: Allows over all of a kind, or over oneself, whose conditions do not hold the
-- holder to a boundary or to policies by name; and Denies of the same reach, those among them that only ask for a boundary included.
CREATE MACRO escalation_statements(policy) AS coalesce(list_filter(policy.statements, lambda _statement: CASE WHEN _statement.effect = 'Allow'
  THEN (statement_is_wide(_statement) OR len(list_filter(_statement.resources, lambda _resource: contains(lower(_resource), '${aws:username}'))) > 0)
    AND NOT conditions_hold_to_policies(_statement.conditions)
  ELSE list_contains(_statement.resources, '*') AND conditions_only_ask_for_boundary(_statement.conditions) END), []);
-- test: len(escalation_statements(policy_of('{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b"}]}'))) => 1
-- test: len(escalation_statements(policy_of('{"Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/b"}}}}'))) => 0
-- test: len(escalation_statements(policy_of('{"Statement":{"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{"StringNotEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/b"}}}}'))) => 1
-- test: len(escalation_statements(policy_of('{"Statement":{"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}}'))) => 0
-- test: len(escalation_statements(policy_of('{"Statement":{"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{"StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/b"}}}}'))) => 0
-- test: len(escalation_statements(policy_of('{"Statement":{"Effect":"Allow","Action":"iam:AttachUserPolicy","Resource":"*","Condition":{"ArnLike":{"iam:PolicyARN":"*"}}}}'))) => 1
-- test: len(escalation_statements(policy_of('{"Statement":{"Effect":"Allow","Action":"iam:AttachUserPolicy","Resource":"*","Condition":{"ArnEquals":{"iam:PolicyARN":"arn:aws:iam::aws:policy/AdministratorAccess"}}}}'))) => 1
-- test: len(escalation_statements(policy_of('{"Statement":{"Effect":"Allow","Action":"iam:AttachUserPolicy","Resource":"*","Condition":{"ArnLike":{"iam:PolicyARN":"arn:aws-us-gov:iam::aws:policy/*"}}}}'))) => 1
-- test: len(escalation_statements(policy_of('{"Statement":{"Effect":"Allow","Action":"iam:CreateUser","Resource":"*","Condition":{"StringEqualsIfExists":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/b"}}}}'))) => 1

-- Whether a statement speaks of one resource, given by its ARN. username is what ${aws:username} stands for, NULL where it stands for nobody in particular.
CREATE MACRO statement_reaches(statement, arn, username) AS CASE WHEN len(statement.not_resources) > 0
  THEN NOT any_matches(list_transform(statement.not_resources, lambda _spared: replace(_spared, '${aws:username}', coalesce(username, '${aws:username}'))), arn)
  ELSE any_matches(list_transform(statement.resources, lambda _resource: replace(_resource, '${aws:username}', coalesce(username, '${aws:username}'))), arn) END;
-- test: statement_reaches(policy_of('{"Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*"}}').statements[1], 'arn:aws:iam::111122223333:user/ana', 'ana') => true
-- test: statement_reaches(policy_of('{"Statement":{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::*:user/${aws:username}"}}').statements[1], 'arn:aws:iam::111122223333:user/ana', 'ana') => true
-- test: statement_reaches(policy_of('{"Statement":{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::*:user/${aws:username}"}}').statements[1], 'arn:aws:iam::111122223333:user/${aws:username}', NULL::VARCHAR) => true
-- test: statement_reaches(policy_of('{"Statement":{"Effect":"Allow","Action":"iam:*","Resource":["arn:aws:iam::111122223333:user/bob"]}}').statements[1], 'arn:aws:iam::111122223333:user/ana', 'ana') => false
-- test: statement_reaches(policy_of('{"Statement":{"Effect":"Allow","Action":"iam:*","NotResource":["arn:aws:iam::111122223333:user/ana"]}}').statements[1], 'arn:aws:iam::111122223333:user/ana', 'ana') => false

-- Whether the policy lets its holder do one action, in lower case, to one resource, and no Deny of it under no condition takes that back.
CREATE MACRO lets_do(policy, action, arn, username) AS list_transform([list_filter(policy.statements, lambda _any: statement_has_action(_any, action) AND statement_reaches(_any, arn, username))],
  lambda _all: coalesce(len(list_filter(_all, lambda _allow: _allow.effect = 'Allow')) > 0
    AND len(list_filter(_all, lambda _deny: _deny.effect = 'Deny' AND len(map_keys(_deny.conditions)) = 0)) = 0, false))[1];
-- test: lets_do(policy_of('{"Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*"}}'), 'iam:deleteuserpermissionsboundary', 'arn:aws:iam::111122223333:user/ana', 'ana') => true
-- test: lets_do(policy_of('{"Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"},{"Effect":"Deny","Action":"iam:Delete*Boundary","Resource":"arn:aws:iam::*:user/*"}]}'), 'iam:deleteuserpermissionsboundary', 'arn:aws:iam::111122223333:user/ana', 'ana') => false
-- test: lets_do(policy_of(NULL), 'iam:deleteuserpermissionsboundary', 'arn:aws:iam::111122223333:user/ana', 'ana') => false
