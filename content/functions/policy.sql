-- Questions about policy documents, as columns of type iam_policy hold them: statements are a list, and so is each part of
-- one; actions, condition operators and keys are in lower case; a part that a statement lacks is an empty list, or NULL for
-- principals. A policy that does not exist is NULL, and answers every question with no.
--
-- Nothing here knows what else may forbid a call: a bucket's block of public access, a boundary, the organization's policies.

-- The policy in a JSON text, in the form that columns of type iam_policy have.
CREATE MACRO policy_of(document) AS from_json(stance_policy(document::VARCHAR), '{"version": "VARCHAR", "id": "VARCHAR", "statements": [
  {"sid": "VARCHAR", "effect": "VARCHAR",
   "principals": {"aws": ["VARCHAR"], "service": ["VARCHAR"], "federated": ["VARCHAR"], "canonical_user": ["VARCHAR"]},
   "not_principals": {"aws": ["VARCHAR"], "service": ["VARCHAR"], "federated": ["VARCHAR"], "canonical_user": ["VARCHAR"]},
   "actions": ["VARCHAR"], "not_actions": ["VARCHAR"], "resources": ["VARCHAR"], "not_resources": ["VARCHAR"],
   "conditions": "MAP(VARCHAR, MAP(VARCHAR, VARCHAR[]))"}]}');
-- test: policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"S3:Get*","Resource":"*"}}').statements[1].actions => ['s3:get*']
-- test: policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"S3:Get*","Resource":"*"}}').statements[1].principals.aws => ['*']
-- test: policy_of('{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}').statements[1].principals => NULL
-- test: policy_of(NULL) => NULL

-- Whether any item of a list matches a pattern with * and ?, or one of them.
CREATE MACRO any_matches(patterns, text) AS coalesce(len(list_filter(patterns, lambda _pattern: glob_match(_pattern, text))) > 0, false);
-- test: any_matches(['s3:get*', 'sqs:*'], 's3:getobject') => true
-- test: any_matches(['s3:get*'], 's3:putobject') => false
-- test: any_matches([]::VARCHAR[], 's3:putobject') => false
-- test: any_matches(NULL::VARCHAR[], 's3:putobject') => false

-- Whether a text of a policy has a variable that depends on who asks. What stands in infrastructure code for an attribute of
-- something that is not made yet, ${aws_vpc_endpoint.s3.id}, is none: it will be one text.
CREATE MACRO has_variable(text) AS regexp_matches(text, '\$\{([A-Za-z0-9.-]+:|[*?$]\})');
-- test: has_variable('arn:aws:iam::${aws:PrincipalAccount}:role/admin') => true
-- test: has_variable('${cognito-identity.amazonaws.com:sub}/*') => true
-- test: has_variable('home/${*}') => true
-- test: has_variable('${aws_vpc_endpoint.s3["eu:1"].id}') => false
-- test: has_variable('${module.net.aws_vpc_endpoint.s3.id}') => false
-- test: has_variable('${Distribution.Id}') => false
-- test: has_variable('vpce-1') => false
-- test: has_variable(NULL) => NULL

-- Whether an ARN in a condition means resources of one account, or exactly one resource: arn:aws:sns:*:111122223333:* does,
-- arn:aws:s3:::logs-* does not, for anyone can make a bucket of such a name. With parts, * stays within its part of the ARN, as it
-- does for ArnLike; with StringLike it can reach across colons, so that nothing before the account may be open.
CREATE MACRO arn_is_specific(arn, parts) AS coalesce(NOT has_variable(arn) AND (
  NOT regexp_matches(arn, '[*?]')
  OR regexp_matches(arn, CASE WHEN parts THEN '^arn:[^:]*:[^:]*:[^:]*:[0-9]{12}:' ELSE '^arn:[^:*?]*:[^:*?]*:[^:*?]*:[0-9]{12}:' END)), false);
-- test: arn_is_specific('arn:aws:sns:us-east-1:111122223333:topic', true) => true
-- test: arn_is_specific('arn:aws:sns:*:111122223333:*', true) => true
-- test: arn_is_specific('arn:aws:sns:*:111122223333:*', false) => false
-- test: arn_is_specific('arn:aws:sns:us-east-1:111122223333:*', false) => true
-- test: arn_is_specific('arn:aws:s3:::one-bucket', true) => true
-- test: arn_is_specific('arn:aws:s3:::logs-*', true) => false
-- test: arn_is_specific('arn:aws:iam::*:role/admin', true) => false
-- test: arn_is_specific('arn:aws:iam::${aws:PrincipalAccount}:role/admin', true) => false
-- test: arn_is_specific('arn:aws:iam::1111?2223333:role/admin', true) => false
-- test: arn_is_specific('${aws_iam_role.app.arn}', true) => true
-- test: arn_is_specific('*', true) => false
-- test: arn_is_specific('*:111122223333:*', true) => false
-- test: arn_is_specific(NULL, true) => false

-- Whether a value of a condition's key names someone or somewhere in particular. key is in lower case; open says that * and ? in
-- the value are wildcards, parts that they stay within a part of an ARN. Keys that a caller can choose (aws:referer, aws:useragent,
-- a principal's tags), that speak of the resource, or that everyone fulfils (aws:securetransport, kms:viaservice) name nobody.
CREATE MACRO condition_value_is_specific(key, value, open, parts) AS coalesce(CASE
  WHEN key IN ('aws:principalarn', 'aws:sourcearn', 's3:dataaccesspointarn', 'aws:sourceidentityarn')
    THEN (NOT open AND NOT has_variable(value)) OR arn_is_specific(value, parts)
  WHEN key IN ('aws:principalorgpaths', 'aws:sourceorgpaths', 'aws:vpceorgpaths')
    THEN NOT has_variable(value) AND contains(value, '/') AND (NOT open OR NOT regexp_matches(split_part(value, '/', 1), '[*?]'))
  WHEN key = 'aws:userid'
    THEN NOT has_variable(value) AND (NOT open OR regexp_matches(value, '^[A-Z0-9]{12,}(:.*)?$'))
  WHEN key IN ('aws:principalaccount', 'aws:sourceaccount', 'aws:sourceowner', 'kms:calleraccount', 's3:dataaccesspointaccount', 'aws:vpceaccount')
    THEN lower(value) = '${aws:resourceaccount}' OR (NOT has_variable(value) AND (NOT open OR NOT regexp_matches(value, '[*?]')))
  WHEN key IN ('aws:principalorgid', 'aws:sourceorgid', 'aws:vpceorgid')
    THEN lower(value) = '${aws:resourceorgid}' OR (NOT has_variable(value) AND (NOT open OR NOT regexp_matches(value, '[*?]')))
  WHEN key IN ('aws:sourcevpc', 'aws:sourcevpce', 'aws:principalservicename', 'lambda:eventsourcetoken')
    THEN NOT has_variable(value) AND (NOT open OR NOT regexp_matches(value, '[*?]'))
  ELSE false END, false);
-- test: condition_value_is_specific('aws:sourceaccount', '111122223333', true, false) => true
-- test: condition_value_is_specific('aws:sourceaccount', '1111*', true, false) => false
-- test: condition_value_is_specific('aws:sourceaccount', '${aws:PrincipalAccount}', false, false) => false
-- test: condition_value_is_specific('aws:principalaccount', '${aws:ResourceAccount}', false, false) => true
-- test: condition_value_is_specific('aws:principalorgid', 'o-*', true, false) => false
-- test: condition_value_is_specific('aws:principalorgid', '${aws:PrincipalOrgID}', false, false) => false
-- test: condition_value_is_specific('aws:principalorgid', '${aws:ResourceOrgID}', false, false) => true
-- test: condition_value_is_specific('aws:principalorgpaths', 'o-abc123/r-ab12/*', true, false) => true
-- test: condition_value_is_specific('aws:principalorgpaths', '*/r-ab12/*', true, false) => false
-- test: condition_value_is_specific('aws:principalorgpaths', '*', true, false) => false
-- test: condition_value_is_specific('aws:userid', 'AROAEXAMPLEID12345:*', true, false) => true
-- test: condition_value_is_specific('aws:userid', '*:session', true, false) => false
-- test: condition_value_is_specific('aws:sourcevpc', 'vpc-*', true, false) => false
-- test: condition_value_is_specific('aws:sourcevpce', 'vpce-0123456789abcdef0', false, false) => true
-- test: condition_value_is_specific('aws:principalarn', 'arn:aws:iam::111122223333:role/*', true, true) => true
-- test: condition_value_is_specific('aws:principalarn', 'arn:aws:iam::*:role/admin', true, true) => false
-- test: condition_value_is_specific('aws:sourcevpce', '${aws_vpc_endpoint.s3.id}', true, false) => true
-- test: condition_value_is_specific('aws:referer', 'https://example.com/', false, false) => false
-- test: condition_value_is_specific('aws:resourceaccount', '111122223333', false, false) => false
-- test: condition_value_is_specific('aws:principaltag/team', 'x', false, false) => false
-- test: condition_value_is_specific('kms:viaservice', 's3.us-east-1.amazonaws.com', false, false) => false

-- Whether an address range is wide enough to be the internet rather than someone's: public, and shorter than /8, or than /13 in
-- IPv6, where /12 is what a whole region of the world is given. So 0.0.0.0/1 is, although it is not 0.0.0.0/0.
CREATE MACRO cidr_is_wide(cidr) AS coalesce(stance_cidr_wide(cidr), false);
-- test: cidr_is_wide('0.0.0.0/0') => true
-- test: cidr_is_wide('::/0') => true
-- test: cidr_is_wide('128.0.0.0/1') => true
-- test: cidr_is_wide('2000::/3') => true
-- test: cidr_is_wide('0:0::0/0') => true
-- test: cidr_is_wide('10.0.0.0/8') => false
-- test: cidr_is_wide('17.0.0.0/8') => false
-- test: cidr_is_wide('203.0.113.7') => false
-- test: cidr_is_wide('240.0.0.0/4') => false
-- test: cidr_is_wide('nonsense') => false
-- test: cidr_is_wide(NULL) => false

-- Whether address ranges are, one of them or all together, wide enough to be the internet: the 256 ranges of 0.0.0.0/0 are.
CREATE MACRO cidrs_are_wide(cidrs) AS coalesce(stance_cidrs_wide(cidrs), false);
-- test: cidrs_are_wide(['203.0.113.0/24', '0.0.0.0/0']) => true
-- test: cidrs_are_wide(list_transform(range(1, 100), lambda n: n || '.0.0.0/8')) => true
-- test: cidrs_are_wide(['17.0.0.0/8', '17.0.0.0/8', '198.51.100.7']) => false
-- test: cidrs_are_wide(['10.0.0.0/8', NULL]) => false
-- test: cidrs_are_wide([]::VARCHAR[]) => false
-- test: cidrs_are_wide(NULL::VARCHAR[]) => false

-- Whether a condition lets in someone or somewhere in particular only. Keys and operators are in lower case. All values must be
-- specific, for any of them will do. …IfExists and ForAllValues hold where the key is missing, so they keep nobody out; neither do
-- negations and Null.
CREATE MACRO condition_narrows(operator, key, vals) AS coalesce(len(vals) > 0 AND NOT (key = 'aws:sourceip' AND cidrs_are_wide(vals)) AND len(list_filter(vals, lambda _value:
  NOT CASE regexp_replace(operator, '^foranyvalue:', '')
    WHEN 'ipaddress' THEN key = 'aws:sourceip' AND cidr_prefix(_value) IS NOT NULL AND NOT cidr_is_wide(_value)
    WHEN 'bool' THEN key = 'elasticfilesystem:accessedviamounttarget' AND lower(_value) = 'true'
    ELSE regexp_full_match(operator, '(foranyvalue:)?(string(equals|equalsignorecase|like)|arn(equals|like))')
      AND condition_value_is_specific(key, _value, regexp_matches(operator, 'like|arn'), contains(operator, 'arn')) END)) = 0, false);
-- test: condition_narrows('stringequals', 'aws:sourceaccount', ['111122223333']) => true
-- test: condition_narrows('stringequals', 'aws:sourceaccount', ['111122223333', '${aws:PrincipalAccount}']) => false
-- test: condition_narrows('stringequalsifexists', 'aws:sourceaccount', ['111122223333']) => false
-- test: condition_narrows('stringnotequals', 'aws:sourceaccount', ['111122223333']) => false
-- test: condition_narrows('forallvalues:stringequals', 'aws:principalorgid', ['o-abc123']) => false
-- test: condition_narrows('foranyvalue:stringlike', 'aws:principalorgpaths', ['o-abc123/*']) => true
-- test: condition_narrows('stringlike', 'aws:principalorgid', ['*']) => false
-- test: condition_narrows('arnlike', 'aws:sourcearn', ['arn:aws:cloudfront::111122223333:distribution/*']) => true
-- test: condition_narrows('arnequals', 'aws:sourcearn', ['arn:aws:s3:::*']) => false
-- test: condition_narrows('stringlike', 'aws:sourcearn', ['arn:aws:s3:*:*:*']) => false
-- test: condition_narrows('ipaddress', 'aws:sourceip', ['203.0.113.0/24', '198.51.100.7']) => true
-- test: condition_narrows('ipaddress', 'aws:sourceip', ['203.0.113.0/24', '0.0.0.0/0']) => false
-- test: condition_narrows('ipaddress', 'aws:sourceip', ['0.0.0.0/1', '128.0.0.0/1']) => false
-- test: condition_narrows('ipaddress', 'aws:sourceip', ['::/0']) => false
-- test: condition_narrows('ipaddress', 'aws:sourceip', list_transform(range(1, 100), lambda n: n || '.0.0.0/8')) => false
-- test: condition_narrows('notipaddress', 'aws:sourceip', ['203.0.113.0/24']) => false
-- test: condition_narrows('ipaddress', 'aws:vpcsourceip', ['10.0.0.0/8']) => false
-- test: condition_narrows('bool', 'aws:securetransport', ['true']) => false
-- test: condition_narrows('null', 'aws:principalorgid', ['false']) => false
-- test: condition_narrows('stringequals', 'aws:sourceaccount', []::VARCHAR[]) => false

-- Whether the conditions of a statement let in someone or somewhere in particular only: one condition that does suffices, for
-- all must hold.
CREATE MACRO conditions_narrow(conditions) AS coalesce(len(list_filter(map_entries(conditions), lambda _operator:
  len(list_filter(map_entries(_operator.value), lambda _key: condition_narrows(_operator.key, _key.key, _key.value))) > 0)) > 0, false);
-- test: conditions_narrow(MAP {'stringequals': MAP {'aws:principalorgid': ['o-abc123']}, 'bool': MAP {'aws:securetransport': ['true']}}) => true
-- test: conditions_narrow(MAP {'stringequals': MAP {'aws:referer': ['x'], 'aws:sourcevpce': ['vpce-1']}}) => true
-- test: conditions_narrow(MAP {'bool': MAP {'aws:securetransport': ['true']}}) => false
-- test: conditions_narrow(NULL::MAP(VARCHAR, MAP(VARCHAR, VARCHAR[]))) => false

-- Whether a statement speaks of anyone: its principal is *, or all but some.
CREATE MACRO statement_is_for_anyone(statement) AS coalesce(list_contains(statement.principals.aws, '*')
  OR list_contains(statement.principals.service, '*') OR list_contains(statement.principals.federated, '*'), false)
  OR statement.not_principals IS NOT NULL;
-- test: statement_is_for_anyone(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":["*"]},"Action":"*"}}').statements[1]) => true
-- test: statement_is_for_anyone(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"*"}}').statements[1]) => false
-- test: statement_is_for_anyone(policy_of('{"Statement":{"Effect":"Allow","NotPrincipal":{"AWS":"111122223333"},"Action":"*"}}').statements[1]) => true
-- test: statement_is_for_anyone(policy_of('{"Statement":{"Effect":"Allow","Action":"*"}}').statements[1]) => false

-- Whether a Deny's condition holds for all but someone or somewhere in particular.
CREATE MACRO condition_keeps_out(operator, key, vals) AS coalesce(contains(operator, 'not') AND NOT starts_with(operator, 'foranyvalue:')
  AND condition_narrows(replace(regexp_replace(operator, '^forallvalues:|ifexists$', '', 'g'), 'not', ''), key, vals), false);
-- test: condition_keeps_out('stringnotequals', 'aws:principalorgid', ['o-abc123']) => true
-- test: condition_keeps_out('stringnotequalsifexists', 'aws:principalorgid', ['o-abc123']) => true
-- test: condition_keeps_out('forallvalues:stringnotlike', 'aws:principalorgpaths', ['o-abc123/*']) => true
-- test: condition_keeps_out('forallvalues:stringnotlikeifexists', 'aws:principalorgpaths', ['o-abc123/*']) => true
-- test: condition_keeps_out('arnnotlike', 'aws:principalarn', ['arn:aws:iam::111122223333:role/*']) => true
-- test: condition_keeps_out('stringnotlike', 'aws:principalarn', ['arn:aws:iam::*:role/admin']) => false
-- test: condition_keeps_out('foranyvalue:stringnotlike', 'aws:principalorgpaths', ['o-abc123/*']) => false
-- test: condition_keeps_out('stringnotequals', 'aws:principaltag/team', ['x']) => false
-- test: condition_keeps_out('notipaddress', 'aws:sourceip', ['203.0.113.0/24']) => true
-- test: condition_keeps_out('notipaddress', 'aws:sourceip', ['0.0.0.0/0']) => false
-- test: condition_keeps_out('stringequals', 'aws:principalorgid', ['o-abc123']) => false

-- Whether a Deny turns away everyone but someone or somewhere in particular: without a condition, or with conditions that all keep
-- out, or that spare AWS's own services. One that spares what comes through a service (aws:ViaAWSService) spares every outsider who
-- lets a service ask for him.
CREATE MACRO statement_denies_outsiders(statement) AS statement.effect = 'Deny'
  AND coalesce(list_contains(statement.principals.aws, '*'), false)
  AND len(list_filter(map_entries(statement.conditions), lambda _operator: len(list_filter(map_entries(_operator.value), lambda _key: NOT (
    condition_keeps_out(_operator.key, _key.key, _key.value)
    OR (_operator.key IN ('bool', 'boolifexists') AND _key.key = 'aws:principalisawsservice' AND _key.value = ['false'])))) > 0)) = 0;
-- test: statement_denies_outsiders(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-abc123"}}}}').statements[1]) => true
-- test: statement_denies_outsiders(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-abc123","aws:SourceVpc":"vpc-1"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}}}').statements[1]) => true
-- test: statement_denies_outsiders(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-abc123"},"Bool":{"aws:SecureTransport":"false"}}}}').statements[1]) => false
-- test: statement_denies_outsiders(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}}').statements[1]) => false
-- test: statement_denies_outsiders(policy_of('{"Statement":{"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"*"}}').statements[1]) => false
-- test: statement_denies_outsiders(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-abc123"},"Bool":{"aws:ViaAWSService":"false"}}}}').statements[1]) => false
-- test: statement_denies_outsiders(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"*"}}').statements[1]) => true

-- Whether every text that the inner patterns match is matched by one of the outer ones, as far as patterns can tell.
CREATE MACRO patterns_cover(outer_patterns, inner_patterns) AS coalesce(len(list_filter(inner_patterns, lambda _inner:
  coalesce(len(list_filter(outer_patterns, lambda _outer: glob_match(_outer, _inner) AND NOT (contains(_outer, '?') AND _outer <> _inner))), 0) = 0)) = 0, false);
-- test: patterns_cover(['s3:*'], ['s3:get*', 's3:putobject']) => true
-- test: patterns_cover(['s3:get*'], ['s3:*']) => false
-- test: patterns_cover(['arn:aws:s3:::b', 'arn:aws:s3:::b/*'], ['arn:aws:s3:::b/*']) => true
-- test: patterns_cover(['a?c'], ['a*c']) => false
-- test: patterns_cover(['*'], []::VARCHAR[]) => true
-- test: patterns_cover([]::VARCHAR[], ['x']) => false
-- test: patterns_cover(NULL::VARCHAR[], ['x']) => false
-- test: patterns_cover(['*'], NULL::VARCHAR[]) => false

-- Whether one of some Denies, of which none has NotAction or NotResource, forbids all that an Allow's actions and resources allow.
CREATE MACRO is_covered(allow, denies) AS len(list_filter(denies, lambda _deny:
  (list_contains(_deny.actions, '*') OR (len(allow.actions) > 0 AND patterns_cover(_deny.actions, allow.actions)))
  AND (len(_deny.resources) = 0 OR list_contains(_deny.resources, '*')
    OR (len(allow.resources) > 0 AND patterns_cover(_deny.resources, allow.resources))))) > 0;
-- test: is_covered(policy_of('{"Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*"}}').statements[1], policy_of('{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}').statements) => true
-- test: is_covered(policy_of('{"Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*"}}').statements[1], policy_of('{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::b"}}').statements) => false

-- The statements that let anyone in: an Allow for anyone whose conditions do not narrow it, and that no Deny for all outsiders
-- covers with its actions and resources.
-- The few statements that matter are picked first: to compare all with all takes minutes where a policy has thousands.
CREATE MACRO open_statements(policy) AS coalesce(list_extract(list_transform([{
    'allows': list_filter(policy.statements, lambda _any: _any.effect = 'Allow' AND statement_is_for_anyone(_any) AND NOT conditions_narrow(_any.conditions)),
    'denies': list_filter(policy.statements, lambda _all: statement_denies_outsiders(_all) AND len(_all.actions) > 0 AND len(_all.not_resources) = 0)}],
  lambda _both: list_filter(_both.allows, lambda _allow: NOT is_covered(_allow, _both.denies))), 1), []);
-- test: len(open_statements(policy_of('{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"},{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}]}'))) => 1
-- test: len(open_statements(NULL::STRUCT(statements STRUCT(effect VARCHAR, principals STRUCT(aws VARCHAR[], service VARCHAR[], federated VARCHAR[]), not_principals STRUCT(aws VARCHAR[]), actions VARCHAR[], resources VARCHAR[], not_resources VARCHAR[], conditions MAP(VARCHAR, MAP(VARCHAR, VARCHAR[])))[]))) => 0

-- Whether the policy lets in anyone: an Allow for everyone (or all but some) that no condition narrows to an account, an
-- organization, a network or a resource in particular.
CREATE MACRO allows_anyone(policy) AS len(open_statements(policy)) > 0;
-- test: allows_anyone(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}}')) => true
-- test: allows_anyone(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:GetObject","Resource":"*"}}')) => true
-- test: allows_anyone(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}}')) => false
-- test: allows_anyone(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"s3:*","Resource":"*"}}')) => false
-- test: allows_anyone(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:*","Resource":"*"}}')) => false
-- test: allows_anyone(policy_of('{"Statement":{"Effect":"Allow","NotPrincipal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}}')) => true
-- test: allows_anyone(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}}')) => false
-- test: allows_anyone(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"StringEqualsIfExists":{"aws:SourceAccount":"111122223333"}}}}')) => true
-- test: allows_anyone(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"StringLike":{"aws:SourceAccount":"*"}}}}')) => true
-- test: allows_anyone(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-abc123"}}}}')) => true
-- test: allows_anyone(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Null":{"aws:PrincipalOrgID":"false"}}}}')) => true
-- test: allows_anyone(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}}')) => true
-- test: allows_anyone(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"StringLike":{"aws:Referer":"https://example.com/*"}}}}')) => true
-- test: allows_anyone(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"s3.us-east-1.amazonaws.com"}}}}')) => true
-- test: allows_anyone(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"s3.us-east-1.amazonaws.com","kms:CallerAccount":"111122223333"}}}}')) => false
-- test: allows_anyone(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","0.0.0.0/0"]}}}}')) => true
-- test: allows_anyone(policy_of('{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"},{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-abc123"}}}]}')) => false
-- test: allows_anyone(policy_of('{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"},{"Effect":"Deny","Principal":"*","Action":"s3:Put*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-abc123"}}}]}')) => true
-- test: allows_anyone(policy_of('{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"},{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/private/*"}]}')) => true
-- test: allows_anyone(policy_of('{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"},{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}')) => true
-- test: allows_anyone(policy_of('{"Statement":[]}')) => false
-- test: allows_anyone(policy_of(NULL)) => false

-- Whether the policy lets anyone do one of some actions, given in lower case and without wildcards.
CREATE MACRO allows_anyone_to(policy, some_actions) AS len(list_filter(open_statements(policy), lambda _open: len(list_filter(some_actions, lambda _action:
  any_matches(_open.actions, _action) OR (len(_open.not_actions) > 0 AND NOT any_matches(_open.not_actions, _action)))) > 0)) > 0;
-- test: allows_anyone_to(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"*"}}'), ['s3:getobject']) => true
-- test: allows_anyone_to(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"*"}}'), ['s3:putobject']) => false
-- test: allows_anyone_to(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","NotAction":"s3:Get*","Resource":"*"}}'), ['s3:putobject']) => true
-- test: allows_anyone_to(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","NotAction":"s3:*","Resource":"*"}}'), ['s3:putobject']) => false
-- test: allows_anyone_to(policy_of(NULL), ['s3:putobject']) => false

-- Whether a bucket's policy lets anyone change, add or delete objects, or change who may.
CREATE MACRO allows_public_write(policy) AS allows_anyone_to(policy, ['s3:putobject', 's3:deleteobject', 's3:deleteobjectversion', 's3:putobjectacl',
  's3:putobjectversionacl', 's3:putobjecttagging', 's3:putobjectretention', 's3:putobjectlegalhold', 's3:bypassgovernanceretention', 's3:restoreobject',
  's3:replicateobject', 's3:replicatedelete', 's3:abortmultipartupload', 's3:putbucketacl', 's3:putbucketpolicy', 's3:deletebucketpolicy',
  's3:putbucketpublicaccessblock', 's3:putbucketownershipcontrols', 's3:putlifecycleconfiguration', 's3:putbucketversioning', 's3:putencryptionconfiguration',
  's3:putreplicationconfiguration', 's3:putbucketlogging', 's3:putbucketnotification', 's3:putbucketcors', 's3:putbucketwebsite', 's3:deletebucket', 's3:putobjectversiontagging', 's3:deleteobjecttagging',
  's3:deleteobjectversiontagging', 's3:putbuckettagging', 's3:putbucketobjectlockconfiguration', 's3:deletebucketwebsite', 's3:putbucketrequestpayment',
  's3:putaccelerateconfiguration', 's3:putinventoryconfiguration', 's3:putmetricsconfiguration', 's3:putanalyticsconfiguration',
  's3:putintelligenttieringconfiguration', 's3:objectowneroverridetobucketowner', 's3:updateobjectencryption', 's3express:createsession']);
-- test: allows_public_write(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:PutObject"],"Resource":"*"}}')) => true
-- test: allows_public_write(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}}')) => true
-- test: allows_public_write(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:DeleteObjectTagging","Resource":"*"}}')) => true
-- test: allows_public_write(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3express:CreateSession","Resource":"*"}}')) => true
-- test: allows_public_write(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","NotAction":"s3:GetObject","Resource":"*"}}')) => true
-- test: allows_public_write(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}')) => true
-- test: allows_public_write(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:ListBucket"],"Resource":"*"}}')) => false
-- test: allows_public_write(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}}')) => false
