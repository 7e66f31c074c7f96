-- Questions about policies of VPC endpoints. They do not grant anything by themselves: they say what may pass.

-- Whether the conditions hold what passes to identities or resources of one account or organization.
CREATE MACRO conditions_bound_perimeter(conditions) AS coalesce(len(list_filter(map_entries(conditions), lambda _operator:
  regexp_full_match(_operator.key, '(foranyvalue:)?(string(equals|equalsignorecase|like)|arn(equals|like))')
  AND len(list_filter(map_entries(_operator.value), lambda _key:
    _key.key IN ('aws:principalorgid', 'aws:principalorgpaths', 'aws:principalaccount', 'aws:principalarn', 'aws:resourceorgid', 'aws:resourceorgpaths', 'aws:resourceaccount')
    AND len(_key.value) > 0 AND len(list_filter(_key.value, lambda _value: (starts_with(_key.key, 'aws:resource') AND has_variable(_value))
      OR NOT condition_value_is_specific(replace(_key.key, 'aws:resource', 'aws:principal'), _value, regexp_matches(_operator.key, 'like|arn'), contains(_operator.key, 'arn')))) = 0)) > 0)) > 0, false);
-- test: conditions_bound_perimeter(MAP {'stringequals': MAP {'aws:resourceaccount': ['111122223333']}}) => true
-- test: conditions_bound_perimeter(MAP {'stringequals': MAP {'aws:principalorgid': ['o-abc123']}}) => true
-- test: conditions_bound_perimeter(MAP {'stringlike': MAP {'aws:principalorgid': ['*']}}) => false
-- test: conditions_bound_perimeter(MAP {'stringlike': MAP {'aws:principalorgid': ['o-*']}}) => false
-- test: conditions_bound_perimeter(MAP {'stringequals': MAP {'aws:resourceaccount': ['${aws:PrincipalAccount}']}}) => false
-- test: conditions_bound_perimeter(MAP {'arnlike': MAP {'aws:principalarn': ['arn:*:iam::*:role/app']}}) => false
-- test: conditions_bound_perimeter(MAP {'arnlike': MAP {'aws:principalarn': ['arn:aws:iam::111122223333:*']}}) => true
-- test: conditions_bound_perimeter(MAP {'stringlike': MAP {'aws:resourceorgpaths': ['o-abc123/*']}}) => true
-- test: conditions_bound_perimeter(MAP {'stringequalsifexists': MAP {'aws:principalorgid': ['o-abc123']}}) => false
-- test: conditions_bound_perimeter(MAP {'stringnotequals': MAP {'aws:resourceaccount': ['111122223333']}}) => false
-- test: conditions_bound_perimeter(MAP {'bool': MAP {'aws:securetransport': ['true']}}) => false
-- test: conditions_bound_perimeter(NULL::MAP(VARCHAR, MAP(VARCHAR, VARCHAR[]))) => false

-- Whether an endpoint's policy lets anyone do everything, or everything of a service, to any resource, bound to no account or
-- organization. The policy that endpoints have if nobody writes one is such.
CREATE MACRO endpoint_allows_all(policy) AS coalesce(len(list_filter(open_statements(policy), lambda _open:
  (len(_open.not_actions) > 0 OR len(list_filter(_open.actions, lambda _action: regexp_full_match(_action, '(\*|[a-z0-9-]+:)?\*+'))) > 0)
  AND (len(_open.not_resources) > 0 OR len(_open.resources) = 0 OR len(list_filter(_open.resources, lambda _resource: is_every_resource(_resource) OR regexp_full_match(_resource, 'arn:[a-z*-]+:[a-z0-9-]+:[*:]*\*'))) > 0)
  AND NOT conditions_bound_perimeter(_open.conditions))) > 0, false);
-- test: endpoint_allows_all(policy_of('{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}')) => true
-- test: endpoint_allows_all(policy_of('{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:*","Resource":"arn:aws:s3:::*"}]}')) => true
-- test: endpoint_allows_all(policy_of('{"Statement":[{"Effect":"Allow","Principal":"*","NotAction":"s3:DeleteBucket","Resource":"*"}]}')) => true
-- test: endpoint_allows_all(policy_of('{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-abc123"}}}]}')) => false
-- test: endpoint_allows_all(policy_of('{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceAccount":"111122223333"}}}]}')) => false
-- test: endpoint_allows_all(policy_of('{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}')) => false
-- test: endpoint_allows_all(policy_of('{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::one","arn:aws:s3:::one/*"]}]}')) => false
-- test: endpoint_allows_all(policy_of('{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/app"},"Action":"*","Resource":"*"}]}')) => false
-- test: endpoint_allows_all(policy_of(NULL)) => false
