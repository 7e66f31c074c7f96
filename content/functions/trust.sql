-- Questions about the trust policies of roles: who may take a role, and what narrows it. See policy.sql for the form of a policy.

-- Whether a condition holds a key to texts of a pattern: all values must match it, for any will do. key and pattern are regular
-- expressions. Negations, and …IfExists and ForAllValues, which hold where the key is missing, do not.
CREATE MACRO claim_is(conditions, claim, pattern) AS coalesce(len(list_filter(map_entries(conditions), lambda _operator:
  regexp_full_match(_operator.key, '(foranyvalue:)?(string(equals|like|equalsignorecase)|arn(equals|like))') AND len(list_filter(map_entries(_operator.value), lambda _key:
    regexp_full_match(_key.key, claim) AND len(_key.value) > 0
    AND len(list_filter(_key.value, lambda _value: NOT coalesce(regexp_full_match(_value, pattern), false))) = 0)) > 0)) > 0, false);
-- test: claim_is(MAP {'stringequals': MAP {'sts:externalid': ['a1']}}, 'sts:externalid', '.*[^*?].*') => true
-- test: claim_is(MAP {'stringlike': MAP {'sts:externalid': ['*']}}, 'sts:externalid', '.*[^*?].*') => false
-- test: claim_is(MAP {'stringlike': MAP {'sts:externalid': ['a1', '*']}}, 'sts:externalid', '.*[^*?].*') => false
-- test: claim_is(MAP {'stringequalsifexists': MAP {'sts:externalid': ['a1']}}, 'sts:externalid', '.*[^*?].*') => false
-- test: claim_is(MAP {'stringnotequals': MAP {'sts:externalid': ['a1']}}, 'sts:externalid', '.*[^*?].*') => false
-- test: claim_is(NULL::MAP(VARCHAR, MAP(VARCHAR, VARCHAR[])), 'sts:externalid', '.*') => false

-- All values that conditions name for a key, given as a regular expression, whatever the operator.
CREATE MACRO claim_values(conditions, claim) AS coalesce(flatten(list_transform(map_entries(conditions), lambda _operator:
  flatten(list_transform(list_filter(map_entries(_operator.value), lambda _key: regexp_full_match(_key.key, claim)), lambda _named: _named.value)))), []::VARCHAR[]);
-- test: claim_values(MAP {'stringlike': MAP {'a:sub': ['x', 'y'], 'a:aud': ['z']}}, 'a:sub') => ['x', 'y']
-- test: claim_values(NULL::MAP(VARCHAR, MAP(VARCHAR, VARCHAR[])), 'a:sub') => []

-- The statements that let in identities of an issuer of tokens, whose address, without https://, is a regular expression.
CREATE MACRO issuer_statements(policy, issuer) AS coalesce(list_filter(policy.statements, lambda _trust: _trust.effect = 'Allow'
  AND statement_has_action(_trust, 'sts:assumerolewithwebidentity') AND coalesce(len(list_filter(_trust.principals.federated, lambda _who: regexp_full_match(_who, '(arn:[^:]*:iam::[^:]*:oidc-provider/)?(' || issuer || ')'))) > 0, false)), []);
-- test: len(issuer_statements(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/gitlab.com"},"Action":"sts:AssumeRoleWithWebIdentity"}}'), 'gitlab\.com')) => 1
-- test: len(issuer_statements(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"sts:AssumeRoleWithWebIdentity"}}'), 'cognito-identity\.amazonaws\.com')) => 1
-- test: len(issuer_statements(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}'), '.*')) => 0
-- test: len(issuer_statements(policy_of('{"Statement":{"Effect":"Deny","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/gitlab.com"},"Action":"*"}}'), 'gitlab\.com')) => 0

-- The accounts outside of some that may take the role without telling an external id, sorted. Own: the account of the role.
CREATE MACRO accounts_without_external_id(policy, own, known) AS coalesce(list_sort(list_distinct(list_filter(flatten(list_transform(
  list_filter(policy.statements, lambda _allow: _allow.effect = 'Allow' AND statement_has_action(_allow, 'sts:assumerole')
    AND NOT claim_is(_allow.conditions, 'sts:externalid', '.*[^*?].*')),
  lambda _from: list_transform(coalesce(_from.principals.aws, []::VARCHAR[]), lambda _principal: account_of(_principal)))),
  lambda _account: _account IS NOT NULL AND _account <> own AND NOT list_contains(known, _account)))), []);
-- test: accounts_without_external_id(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":["444455556666","arn:aws:iam::777788889999:role/r","111122223333"]},"Action":"sts:AssumeRole"}}'), '111122223333', ['777788889999']) => ['444455556666']
-- test: accounts_without_external_id(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"a1"}}}}'), '111122223333', []::VARCHAR[]) => []
-- test: accounts_without_external_id(policy_of('{"Statement":[{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"a1"}}},{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"sts:TagSession"}]}'), '111122223333', []::VARCHAR[]) => []
-- test: accounts_without_external_id(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"sts:*"}}'), '111122223333', []::VARCHAR[]) => ['444455556666']
-- test: accounts_without_external_id(policy_of(NULL), '111122223333', []::VARCHAR[]) => []
