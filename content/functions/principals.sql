-- Questions about who a policy lets in, beyond anyone at all. See policy.sql for the form of a policy.

-- The account in an ARN of a principal, or the text itself where it is an account; NULL where there is none.
CREATE MACRO account_of(principal) AS CASE WHEN regexp_full_match(principal, '[0-9]{12}') THEN principal
  ELSE nullif(regexp_extract(principal, '^arn:[a-z0-9-]+:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12}):', 1), '') END;
-- test: account_of('111122223333') => '111122223333'
-- test: account_of('arn:aws:iam::111122223333:root') => '111122223333'
-- test: account_of('arn:aws-us-gov:sts::111122223333:assumed-role/a/b') => '111122223333'
-- test: account_of('arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1') => NULL
-- test: account_of('AIDAEXAMPLE') => NULL
-- test: account_of('*') => NULL
-- test: account_of(NULL) => NULL

-- The accounts that a statement's conditions let in where its principal is anyone, or a service that acts for someone.
-- Of a Deny, negated, the accounts that it spares.
CREATE MACRO accounts_in_conditions(conditions, negated) AS flatten(list_transform(map_entries(conditions), lambda _operator: flatten(list_transform(map_entries(_operator.value), lambda _key:
  CASE WHEN _key.key IN ('aws:principalaccount', 'aws:principalarn', 'aws:sourceaccount', 'aws:sourceowner', 'aws:sourcearn', 'kms:calleraccount',
    'aws:userid', 'aws:vpceaccount', 's3:dataaccesspointaccount', 's3:dataaccesspointarn')
    AND contains(_operator.key, 'not') = negated THEN list_transform(_key.value, lambda _value: account_of(_value)) ELSE []::VARCHAR[] END))));
-- test: accounts_in_conditions(MAP {'stringnotequals': MAP {'aws:principalaccount': ['444455556666']}}, true) => ['444455556666']

-- The accounts that a statement's conditions let in.
CREATE MACRO condition_accounts(conditions) AS accounts_in_conditions(conditions, false);
-- test: condition_accounts(MAP {'stringequals': MAP {'aws:principalaccount': ['444455556666', 'x']}}) => ['444455556666', NULL]
-- test: condition_accounts(MAP {'stringnotequals': MAP {'aws:principalaccount': ['444455556666']}}) => []

-- Whether the conditions of an Allow for anyone let in callers of one account alone: one of them wants the account, or principals of it.
-- An organization, a network and an address do not: callers of other accounts can come from there as well.
CREATE MACRO conditions_bind_account(conditions, own) AS coalesce(len(list_filter(map_entries(conditions), lambda _operator:
  len(list_filter(map_entries(_operator.value), lambda _key: _key.key IN ('aws:principalaccount', 'aws:principalarn', 'aws:sourceaccount', 'aws:sourceowner', 'aws:sourcearn',
      'kms:calleraccount', 's3:dataaccesspointaccount', 's3:dataaccesspointarn')
    AND condition_narrows(_operator.key, _key.key, _key.value)
    AND len(list_filter(_key.value, lambda _value: lower(_value) <> '${aws:resourceaccount}' AND account_of(_value) IS DISTINCT FROM own)) = 0)) > 0)) > 0, false);
-- test: conditions_bind_account(MAP {'stringequals': MAP {'aws:principalaccount': ['111122223333']}}, '111122223333') => true
-- test: conditions_bind_account(MAP {'stringequals': MAP {'aws:principalaccount': ['${aws:ResourceAccount}']}}, '111122223333') => true
-- test: conditions_bind_account(MAP {'arnlike': MAP {'aws:principalarn': ['arn:aws:iam::111122223333:role/*']}}, '111122223333') => true
-- test: conditions_bind_account(MAP {'stringequals': MAP {'aws:principalaccount': ['111122223333', '444455556666']}}, '111122223333') => false
-- test: conditions_bind_account(MAP {'stringequals': MAP {'aws:principalorgid': ['o-abc123']}}, '111122223333') => false
-- test: conditions_bind_account(MAP {'stringequals': MAP {'aws:principalorgid': ['o-abc123'], 'aws:principalaccount': ['111122223333']}}, '111122223333') => true
-- test: conditions_bind_account(MAP {'stringequals': MAP {'aws:sourcevpce': ['vpce-1']}}, '111122223333') => false
-- test: conditions_bind_account(MAP {'stringnotequals': MAP {'aws:principalaccount': ['111122223333']}}, '111122223333') => false
-- test: conditions_bind_account(NULL::MAP(VARCHAR, MAP(VARCHAR, VARCHAR[])), '111122223333') => false

-- The accounts other than our own that the policy lets in by name: as principals, or by conditions on an Allow for anyone or for a
-- service, which then acts for them. Sorted, each once. Who lets in anyone is not in the list: see unknown_parties.
CREATE MACRO external_accounts(policy, own) AS coalesce(list_sort(list_distinct(list_filter(flatten(list_transform(
  list_filter(policy.statements, lambda _allow: _allow.effect = 'Allow'), lambda _from: list_concat(
    list_transform(list_concat(coalesce(_from.principals.aws, []::VARCHAR[]), coalesce(_from.principals.federated, []::VARCHAR[])), lambda _principal: account_of(_principal)),
    CASE WHEN statement_is_for_anyone(_from) OR coalesce(len(_from.principals.service), 0) > 0 THEN condition_accounts(_from.conditions) ELSE []::VARCHAR[] END))),
  lambda _account: _account IS NOT NULL AND _account IS DISTINCT FROM own))), []::VARCHAR[]);
-- test: external_accounts(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::444455556666:root","111122223333","arn:aws:iam::222233334444:role/r"]},"Action":"*"}}'), '111122223333') => ['222233334444', '444455556666']
-- test: external_accounts(policy_of('{"Statement":{"Effect":"Deny","Principal":{"AWS":"444455556666"},"Action":"*"}}'), '111122223333') => []
-- test: external_accounts(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"*"}}'), '111122223333') => []
-- test: external_accounts(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":["444455556666","111122223333"]}}}}'), '111122223333') => ['444455556666']
-- test: external_accounts(policy_of('{"Statement":[{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"a"},{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"b"}]}'), '111122223333') => ['444455556666']
-- test: external_accounts(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::444455556666:saml-provider/idp"},"Action":"*"}}'), '111122223333') => ['444455556666']
-- test: external_accounts(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"StringEquals":{"s3:DataAccessPointAccount":"444455556666"}}}}'), '111122223333') => ['444455556666']
-- test: external_accounts(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"*"}}'), '111122223333') => []
-- test: external_accounts(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:us-east-1:444455556666:t"}}}}'), '111122223333') => ['444455556666']
-- test: external_accounts(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"*","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}}'), '111122223333') => []
-- test: external_accounts(policy_of(NULL), '111122223333') => []

-- The organizations that a statement's conditions let in, or, negated, that those of a Deny spare.
CREATE MACRO organizations_in_conditions(conditions, negated) AS flatten(list_transform(map_entries(conditions), lambda _operator: flatten(list_transform(map_entries(_operator.value), lambda _key:
  CASE WHEN _key.key IN ('aws:principalorgid', 'aws:sourceorgid', 'aws:vpceorgid', 'aws:principalorgpaths', 'aws:sourceorgpaths', 'aws:vpceorgpaths')
    AND contains(_operator.key, 'not') = negated
    THEN list_filter(list_transform(_key.value, lambda _value: split_part(_value, '/', 1)), lambda _id: starts_with(_id, 'o-')) ELSE []::VARCHAR[] END))));
-- test: organizations_in_conditions(MAP {'stringequals': MAP {'aws:principalorgid': ['o-abc123', '${aws:ResourceOrgID}']}}, false) => ['o-abc123']
-- test: organizations_in_conditions(MAP {'foranyvalue:stringlike': MAP {'aws:principalorgpaths': ['o-abc123/r-ab12/*']}}, false) => ['o-abc123']
-- test: organizations_in_conditions(MAP {'stringnotequals': MAP {'aws:principalorgid': ['o-abc123']}}, false) => []

-- The organizations that an Allow for anyone, or for a service that acts for someone, lets in, where no condition names accounts as
-- well. Sorted, each once. Which of them is ours a policy does not tell.
CREATE MACRO named_organizations(policy) AS coalesce(list_sort(list_distinct(flatten(list_transform(
  list_filter(policy.statements, lambda _allow: _allow.effect = 'Allow' AND (statement_is_for_anyone(_allow) OR coalesce(len(_allow.principals.service), 0) > 0)
    AND len(list_filter(condition_accounts(_allow.conditions), lambda _account: _account IS NOT NULL)) = 0),
  lambda _from: organizations_in_conditions(_from.conditions, false))))), []::VARCHAR[]);
-- test: named_organizations(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":["o-b","o-a"]}}}}')) => ['o-a', 'o-b']
-- test: named_organizations(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a","aws:PrincipalAccount":"111122223333"}}}}')) => []
-- test: named_organizations(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"*","Condition":{"StringEquals":{"aws:SourceOrgID":"o-a"}}}}')) => ['o-a']
-- test: named_organizations(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a"}}}}')) => []
-- test: named_organizations(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a"}}}}')) => []
-- test: named_organizations(policy_of(NULL)) => []

-- A network that a condition names, in words. Private addresses are none: nobody comes to AWS from them.
CREATE MACRO network_parties(key, vals) AS CASE key
  WHEN 'aws:sourcevpc' THEN list_transform(vals, lambda _id: 'anyone from the VPC ' || _id)
  WHEN 'aws:sourcevpce' THEN list_transform(vals, lambda _id: 'anyone from the VPC endpoint ' || _id)
  WHEN 'aws:sourceip' THEN list_transform(list_filter(vals, lambda _range: NOT regexp_matches(lower(_range), '^(10|192\.168|172\.(1[6-9]|2[0-9]|3[01]))\.|^f[cd]')), lambda _cidr: 'anyone from the address' || CASE WHEN contains(_cidr, '/') THEN 'es ' ELSE ' ' END || _cidr)
  ELSE []::VARCHAR[] END;
-- test: network_parties('aws:sourcevpc', ['vpc-1']) => ['anyone from the VPC vpc-1']
-- test: network_parties('aws:sourcevpce', ['vpce-1']) => ['anyone from the VPC endpoint vpce-1']
-- test: network_parties('aws:sourceip', ['203.0.113.0/24', '198.51.100.7', '10.0.0.0/8']) => ['anyone from the addresses 203.0.113.0/24', 'anyone from the address 198.51.100.7']
-- test: network_parties('aws:principalaccount', ['111122223333']) => []

-- The networks that the conditions of a Deny spare.
CREATE MACRO spared_networks(conditions) AS flatten(list_transform(map_entries(conditions), lambda _operator: flatten(list_transform(map_entries(_operator.value), lambda _key:
  CASE WHEN contains(_operator.key, 'not') THEN network_parties(_key.key, _key.value) ELSE []::VARCHAR[] END))));
-- test: spared_networks(MAP {'notipaddress': MAP {'aws:sourceip': ['203.0.113.0/24']}}) => ['anyone from the addresses 203.0.113.0/24']
-- test: spared_networks(MAP {'ipaddress': MAP {'aws:sourceip': ['203.0.113.0/24']}}) => []

-- The conditions of a statement that let in someone or somewhere in particular only: keys and their values.
CREATE MACRO narrowing_conditions(conditions) AS flatten(list_transform(map_entries(conditions), lambda _operator:
  list_filter(map_entries(_operator.value), lambda _key: condition_narrows(_operator.key, _key.key, _key.value))));
-- test: narrowing_conditions(MAP {'stringequals': MAP {'aws:sourcevpc': ['vpc-1'], 'aws:referer': ['x']}}) => [{'key': 'aws:sourcevpc', 'value': ['vpc-1']}]
-- test: narrowing_conditions(MAP {'stringlike': MAP {'aws:sourcevpc': ['*']}}) => []

-- The networks that narrowing conditions hold a statement to, if they hold it to nothing else: callers of all accounts can come from there.
CREATE MACRO only_networks(narrow) AS CASE WHEN len(list_filter(narrow, lambda _other: _other.key NOT IN ('aws:sourceip', 'aws:sourcevpc', 'aws:sourcevpce'))) = 0
  THEN flatten(list_transform(narrow, lambda _network: network_parties(_network.key, _network.value))) ELSE []::VARCHAR[] END;
-- test: only_networks([{'key': 'aws:sourcevpc', 'value': ['vpc-1', 'vpc-2']}]) => ['anyone from the VPC vpc-1', 'anyone from the VPC vpc-2']
-- test: only_networks([{'key': 'aws:sourcevpc', 'value': ['vpc-1']}, {'key': 'aws:principalorgid', 'value': ['o-a']}]) => []

-- What becomes of the Allows for anyone: whether one lets in everyone; from which networks those held to networks alone let anyone in;
-- and what the Denies for all outsiders spare, where an Allow is narrowed by nothing: it is these who are then let in. A network is let
-- in only if no Deny that spares no network covers the Allow. All is worked out together, for each part takes long to plan.
CREATE MACRO openings(policy) AS list_transform([{
    'allows': list_transform(list_filter(policy.statements, lambda _any: _any.effect = 'Allow' AND statement_is_for_anyone(_any)),
      lambda _allow: {'actions': _allow.actions, 'resources': _allow.resources, 'narrow': narrowing_conditions(_allow.conditions)}),
    'denies': list_transform(list_filter(policy.statements, lambda _all: statement_denies_outsiders(_all)), lambda _deny: {'actions': _deny.actions, 'resources': _deny.resources,
      'whole': len(_deny.actions) > 0 AND len(_deny.not_resources) = 0, 'conditions': _deny.conditions, 'networks': spared_networks(_deny.conditions)})}],
  lambda _both: {
    'everyone': coalesce(len(list_filter(_both.allows, lambda _open: coalesce(len(_open.narrow), 0) = 0 AND NOT is_covered(_open, list_filter(_both.denies, lambda _whole: _whole.whole)))) > 0, false),
    'networks': coalesce(flatten(list_transform(list_filter(_both.allows, lambda _held: len(_held.narrow) > 0
        AND NOT is_covered(_held, list_filter(_both.denies, lambda _closing: _closing.whole AND coalesce(len(_closing.networks), 0) = 0))), lambda _from: only_networks(_from.narrow))), []::VARCHAR[]),
    'spared': CASE WHEN len(list_filter(_both.allows, lambda _bare: coalesce(len(_bare.narrow), 0) = 0)) > 0
      THEN list_filter(_both.denies, lambda _sparing: len(map_keys(_sparing.conditions)) > 0) ELSE [] END})[1];
-- test: openings(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}}')).networks => ['anyone from the addresses 203.0.113.0/24']
-- test: openings(policy_of('{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}},{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-a"}}}]}')).networks => []
-- test: openings(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}}')).networks => []
-- test: openings(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}')).everyone => true
-- test: openings(policy_of('{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-a"}}}]}')).everyone => false
-- test: len(openings(policy_of('{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-a"}}}]}')).spared) => 1
-- test: len(openings(policy_of('{"Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-a"}}}]}')).spared) => 0
-- test: openings(policy_of(NULL)).everyone => false

-- The canonical users of S3 that an Allow names. A canonical user is an account, but its id does not tell which.
CREATE MACRO canonical_users(policy) AS coalesce(list_sort(list_distinct(flatten(list_transform(
  list_filter(policy.statements, lambda _allow: _allow.effect = 'Allow'), lambda _from: coalesce(_from.principals.canonical_user, []::VARCHAR[]))))), []::VARCHAR[]);
-- test: canonical_users(policy_of('{"Statement":{"Effect":"Allow","Principal":{"CanonicalUser":"79a59df9"},"Action":"*"}}')) => ['79a59df9']
-- test: canonical_users(policy_of('{"Statement":{"Effect":"Deny","Principal":{"CanonicalUser":"79a59df9"},"Action":"*"}}')) => []
-- test: canonical_users(policy_of(NULL)) => []

-- Those whom the policy lets in and who are not known, in words for found: everyone, accounts, organizations, canonical users, and
-- anyone from a network. Empty if it admits known ones alone. networks: those that are known, as policies write them.
CREATE MACRO unknown_parties(policy, own, accounts, organizations, networks) AS list_transform([openings(policy)], lambda _seen: list_concat(list_concat(
  list_concat(CASE WHEN _seen.everyone THEN ['everyone'] ELSE []::VARCHAR[] END,
    list_filter(list_sort(list_distinct(list_concat(external_accounts(policy, own), coalesce(flatten(list_transform(_seen.spared, lambda _a: accounts_in_conditions(_a.conditions, true))), []::VARCHAR[])))),
      lambda _account: _account IS NOT NULL AND _account IS DISTINCT FROM own AND NOT coalesce(list_contains(accounts, _account), false))),
  list_concat(list_transform(list_filter(list_sort(list_distinct(list_concat(named_organizations(policy),
        coalesce(flatten(list_transform(_seen.spared, lambda _o: organizations_in_conditions(_o.conditions, true))), []::VARCHAR[])))),
      lambda _organization: NOT coalesce(list_contains(organizations, _organization), false)), lambda _unknown: 'organization ' || _unknown),
    list_transform(canonical_users(policy), lambda _canonical: 'canonical user ' || _canonical))),
  list_filter(list_sort(list_distinct(list_concat(_seen.networks, CASE WHEN len(list_filter(_seen.spared, lambda _n: coalesce(len(_n.networks), 0) = 0)) > 0 THEN []::VARCHAR[]
      ELSE coalesce(flatten(list_transform(_seen.spared, lambda _s: _s.networks)), []::VARCHAR[]) END))),
    lambda _network: NOT coalesce(list_contains(networks, string_split(_network, ' ')[-1]), false))))[1];
-- test: unknown_parties(policy_of('{"Statement":[{"Effect":"Allow","Principal":{"AWS":["444455556666","777788889999"],"CanonicalUser":"79a59df9"},"Action":"*"},{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a"}}}]}'), '111122223333', ['444455556666'], []::VARCHAR[], []::VARCHAR[]) => ['777788889999', 'organization o-a', 'canonical user 79a59df9']
-- test: unknown_parties(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}'), '111122223333', []::VARCHAR[], []::VARCHAR[], []::VARCHAR[]) => ['everyone']
-- test: unknown_parties(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a"}}}}'), '111122223333', []::VARCHAR[], ['o-a'], []::VARCHAR[]) => []
-- test: unknown_parties(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}}}}'), '111122223333', []::VARCHAR[], []::VARCHAR[], []::VARCHAR[]) => []
-- test: unknown_parties(policy_of('{"Statement":[{"Effect":"Allow","Principal":"*","Action":"a:B","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-a"}}}]}'), '111122223333', []::VARCHAR[], []::VARCHAR[], []::VARCHAR[]) => ['organization o-a']
-- test: unknown_parties(policy_of('{"Statement":[{"Effect":"Allow","Principal":"*","Action":"a:B","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalAccount":["111122223333","444455556666"]}}}]}'), '111122223333', []::VARCHAR[], []::VARCHAR[], []::VARCHAR[]) => ['444455556666']
-- test: unknown_parties(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:SourceVpc":["vpc-1","vpc-2"]}}}}'), '111122223333', []::VARCHAR[], []::VARCHAR[], ['vpc-2']) => ['anyone from the VPC vpc-1']
-- test: unknown_parties(policy_of('{"Statement":[{"Effect":"Allow","Principal":"*","Action":"a:B","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}]}'), '111122223333', []::VARCHAR[], []::VARCHAR[], []::VARCHAR[]) => ['anyone from the addresses 203.0.113.0/24']
-- test: unknown_parties(policy_of('{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}},{"Effect":"Deny","Principal":"*","Action":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-a"}}}]}'), '111122223333', []::VARCHAR[], ['o-a'], []::VARCHAR[]) => []
-- test: unknown_parties(policy_of(NULL), '111122223333', []::VARCHAR[], []::VARCHAR[], []::VARCHAR[]) => []

-- The services that an Allow lets in on behalf of anyone: no condition says for which account, organization or resource they may act,
-- so that someone else's resource can make them (the confused deputy). Sorted, each once.
CREATE MACRO unscoped_service_principals(policy) AS coalesce(list_sort(list_distinct(flatten(list_transform(
  list_filter(policy.statements, lambda _allow: _allow.effect = 'Allow' AND NOT conditions_narrow(_allow.conditions)),
  lambda _from: coalesce(_from.principals.service, []::VARCHAR[]))))), []::VARCHAR[]);
-- test: unscoped_service_principals(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Service":["sns.amazonaws.com","events.amazonaws.com"]},"Action":"*"}}')) => ['events.amazonaws.com', 'sns.amazonaws.com']
-- test: unscoped_service_principals(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:111122223333:*"}}}}')) => []
-- test: unscoped_service_principals(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:*"}}}}')) => ['sns.amazonaws.com']
-- test: unscoped_service_principals(policy_of('{"Statement":{"Effect":"Deny","Principal":{"Service":"sns.amazonaws.com"},"Action":"*"}}')) => []
-- test: unscoped_service_principals(policy_of(NULL)) => []

-- Whether the policy allows all but some principals, which lets in anonymous callers.
CREATE MACRO has_allow_not_principal(policy) AS coalesce(len(list_filter(policy.statements, lambda _allow:
  _allow.effect = 'Allow' AND _allow.not_principals IS NOT NULL)) > 0, false);
-- test: has_allow_not_principal(policy_of('{"Statement":{"Effect":"Allow","NotPrincipal":{"AWS":"111122223333"},"Action":"*"}}')) => true
-- test: has_allow_not_principal(policy_of('{"Statement":{"Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"Action":"*"}}')) => false
-- test: has_allow_not_principal(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"*"}}')) => false
-- test: has_allow_not_principal(policy_of(NULL)) => false
