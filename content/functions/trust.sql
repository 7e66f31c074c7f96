-- Questions about the trust policies of roles: who may take a role, and what narrows it. See policy.sql for the form of a policy.

-- Whether a condition holds a key to texts of a pattern: all values must match it, for any will do. key and pattern are regular
-- expressions. Negations, and …IfExists and ForAllValues, which hold where the key is missing, do not. What stands for a value that code
-- does not tell yet, ${aws_cognito_identity_pool.main.id}, is a text like others: variables of policies have a colon.
CREATE MACRO claim_is(conditions, claim, pattern) AS coalesce(len(list_filter(map_entries(conditions), lambda _operator:
  regexp_full_match(_operator.key, '(foranyvalue:)?(string(equals|like|equalsignorecase)|arn(equals|like))') AND len(list_filter(map_entries(_operator.value), lambda _key:
    regexp_full_match(_key.key, claim) AND len(_key.value) > 0
    AND len(list_filter(_key.value, lambda _value: NOT coalesce(regexp_full_match(regexp_replace(_value, '\$\{([^{}:*?$]+)\}', '\1', 'g'), pattern), false))) = 0)) > 0)) > 0, false);
-- test: claim_is(MAP {'stringequals': MAP {'sts:externalid': ['a1']}}, 'sts:externalid', '.*[^*?].*') => true
-- test: claim_is(MAP {'stringlike': MAP {'sts:externalid': ['*']}}, 'sts:externalid', '.*[^*?].*') => false
-- test: claim_is(MAP {'stringlike': MAP {'sts:externalid': ['a1', '*']}}, 'sts:externalid', '.*[^*?].*') => false
-- test: claim_is(MAP {'stringequalsifexists': MAP {'sts:externalid': ['a1']}}, 'sts:externalid', '.*[^*?].*') => false
-- test: claim_is(MAP {'stringnotequals': MAP {'sts:externalid': ['a1']}}, 'sts:externalid', '.*[^*?].*') => false
-- test: claim_is(MAP {'stringequals': MAP {'pool:aud': ['${aws_cognito_identity_pool.main.id}']}}, 'pool:aud', '[^*?$]+') => true
-- test: claim_is(MAP {'stringequals': MAP {'pool:aud': ['${aws:username}']}}, 'pool:aud', '[^*?$]+') => false
-- test: claim_is(NULL::MAP(VARCHAR, MAP(VARCHAR, VARCHAR[])), 'sts:externalid', '.*') => false

-- What statements say of a claim, given as a regular expression, in words for found: its values, those that are left out, and tokens
-- that lack it, where they pass. 'any' where a statement says nothing of it. Sorted, each once.
CREATE MACRO claims_told(statements, claim) AS coalesce(list_sort(list_distinct(flatten(list_transform(statements, lambda _trust:
  list_transform([flatten(list_transform(list_filter(map_entries(_trust.conditions), lambda _known: _known.key <> 'null'), lambda _operator:
    flatten(list_transform(list_filter(map_entries(_operator.value), lambda _key: regexp_full_match(_key.key, claim)), lambda _named: list_concat(
      list_transform(_named.value, lambda _value: CASE WHEN contains(_operator.key, 'not') THEN 'all but ' ELSE '' END || _value),
      CASE WHEN starts_with(_operator.key, 'forallvalues:') THEN ['tokens without it (ForAllValues)'] WHEN ends_with(_operator.key, 'ifexists') THEN ['tokens without it (IfExists)'] ELSE []::VARCHAR[] END)))))],
    lambda _told: CASE WHEN coalesce(len(_told), 0) = 0 THEN ['any'] ELSE _told END)[1])))), []::VARCHAR[]);
-- test: claims_told(policy_of('{"Statement":{"Effect":"Allow","Action":"*","Condition":{"StringLike":{"a:sub":["y","x"],"a:aud":"z"}}}}').statements, 'a:sub') => ['x', 'y']
-- test: claims_told(policy_of('{"Statement":{"Effect":"Allow","Action":"*","Condition":{"StringNotLike":{"a:sub":"x"}}}}').statements, 'a:sub') => ['all but x']
-- test: claims_told(policy_of('{"Statement":{"Effect":"Allow","Action":"*","Condition":{"ForAllValues:StringLike":{"a:sub":"x"}}}}').statements, 'a:sub') => ['tokens without it (ForAllValues)', 'x']
-- test: claims_told(policy_of('{"Statement":[{"Effect":"Allow","Action":"*","Condition":{"StringLike":{"a:sub":"x"}}},{"Effect":"Allow","Action":"*"}]}').statements, 'a:sub') => ['any', 'x']
-- test: claims_told(policy_of(NULL).statements, 'a:sub') => []

-- Issuers that sign tokens for everyone, and the claims that hold a role to someone among them: whose value matches holds in full.
-- Those that sign for one company, with an address of its own, are not among them.
CREATE MACRO public_issuers() AS [
  {'issuer': 'accounts\.google\.com|appleid\.apple\.com|id\.twitch\.tv/oauth2|www\.linkedin\.com/oauth', 'claim': 'sub|aud', 'holds': '[^*?$]+'},
  {'issuer': 'graph\.facebook\.com|www\.amazon\.com', 'claim': 'app_id|id|user_id', 'holds': '[^*?$]+'},
  {'issuer': 'cognito-identity\.amazonaws\.com', 'claim': 'aud', 'holds': '[^*?$]+'},
  {'issuer': 'token\.actions\.githubusercontent\.com', 'claim': 'sub', 'holds': '(repo|job_workflow_ref):[^*?/:$]+/.*|(repository|repository_id|repository_owner|repository_owner_id|enterprise|enterprise_id):[^*?:$]+.*'},
  {'issuer': 'token\.actions\.githubusercontent\.com', 'claim': 'repository|job_workflow_ref', 'holds': '[^*?/:$]+/.*'},
  {'issuer': 'token\.actions\.githubusercontent\.com', 'claim': 'repository_id|repository_owner|repository_owner_id|enterprise|enterprise_id', 'holds': '[^*?:$]+'},
  {'issuer': 'gitlab\.com', 'claim': 'sub', 'holds': 'project_path:[^*?/:$]+/.*'},
  {'issuer': 'app\.terraform\.io|agent\.buildkite\.com', 'claim': 'sub', 'holds': 'organization:[^*?:$]+:.*'},
  {'issuer': 'oidc\.codefresh\.io|scalr\.io', 'claim': 'sub', 'holds': 'account:[^*?:$]+:.*'},
  {'issuer': 'oidc\.vercel\.com', 'claim': 'sub', 'holds': 'owner:[^*?:$]+:.*'},
  {'issuer': 'oidc\.vercel\.com', 'claim': 'aud', 'holds': 'https://vercel\.com/[^*?/$]+'},
  {'issuer': 'api\.pulumi\.com/oidc', 'claim': 'sub', 'holds': 'pulumi:(deploy|environments):org:[^*?:$]+:.*'},
  {'issuer': 'api\.pulumi\.com/oidc', 'claim': 'aud', 'holds': '(aws|urn:pulumi:org):[^*?:$]+'}];
-- test: len(list_filter(public_issuers(), lambda _p: regexp_full_match('gitlab.com', _p.issuer))) => 1
-- test: len(list_filter(public_issuers(), lambda _p: regexp_full_match('gitlab.example.com', _p.issuer))) => 0

-- The public issuers that statements let in without holding the role to someone among all whom they sign for. Sorted, each once.
CREATE MACRO open_issuers(statements) AS coalesce(list_sort(list_distinct(flatten(list_transform(list_filter(statements, lambda _allow: _allow.effect = 'Allow'
    AND coalesce(len(_allow.principals.federated), 0) > 0 AND statement_has_action(_allow, 'sts:assumerolewithwebidentity')), lambda _trust:
  list_filter(list_transform(_trust.principals.federated, lambda _who: regexp_replace(_who, '^arn:[^:]*:iam::[^:]*:oidc-provider/', '')), lambda _issuer:
    list_transform([list_filter(public_issuers(), lambda _public: regexp_full_match(_issuer, _public.issuer))], lambda _ways:
      len(_ways) > 0 AND len(list_filter(_ways, lambda _way: claim_is(_trust.conditions, '(' || _way.issuer || '):(' || _way.claim || ')', _way.holds))) = 0)[1]))))), []::VARCHAR[]);
-- test: open_issuers(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Federated":"accounts.google.com"},"Action":"sts:AssumeRoleWithWebIdentity"}}').statements) => ['accounts.google.com']
-- test: open_issuers(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Federated":"accounts.google.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"accounts.google.com:aud":"1.apps"}}}}').statements) => []
-- test: open_issuers(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/gitlab.com"},"Action":"sts:*","Condition":{"StringLike":{"gitlab.com:sub":"project_path:*"}}}}').statements) => ['gitlab.com']
-- test: open_issuers(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:*","Condition":{"StringEquals":{"token.actions.githubusercontent.com:repository_owner":"acme"}}}}').statements) => []
-- test: open_issuers(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/acme.eu.auth0.com/"},"Action":"sts:AssumeRoleWithWebIdentity"}}').statements) => []
-- test: open_issuers(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}').statements) => []
-- test: open_issuers(policy_of(NULL).statements) => []

-- To whom or what the conditions of a statement hold it, in words for found: the values of those that narrow it.
CREATE MACRO held_to(conditions) AS coalesce(flatten(list_transform(narrowing_conditions(conditions),
  lambda _narrow: list_transform(_narrow.value, lambda _value: CASE WHEN _narrow.key = 'aws:sourceip' THEN 'addresses ' ELSE '' END || _value))), []::VARCHAR[]);
-- test: held_to(MAP {'ipaddress': MAP {'aws:sourceip': ['203.0.113.0/24']}}) => ['addresses 203.0.113.0/24']
-- test: held_to(MAP {'stringequals': MAP {'aws:principalorgid': ['o-a'], 'sts:externalid': ['x']}}) => ['o-a']
-- test: held_to(NULL::MAP(VARCHAR, MAP(VARCHAR, VARCHAR[]))) => []

-- The statements that let in identities of an issuer of tokens, whose address, without https://, is a regular expression.
CREATE MACRO issuer_statements(policy, issuer) AS coalesce(list_filter(policy.statements, lambda _trust: _trust.effect = 'Allow'
  AND statement_has_action(_trust, 'sts:assumerolewithwebidentity') AND coalesce(len(list_filter(_trust.principals.federated, lambda _who: regexp_full_match(_who, '(arn:[^:]*:iam::[^:]*:oidc-provider/)?(' || issuer || ')'))) > 0, false)), []);
-- test: len(issuer_statements(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/gitlab.com"},"Action":"sts:AssumeRoleWithWebIdentity"}}'), 'gitlab\.com')) => 1
-- test: len(issuer_statements(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"sts:AssumeRoleWithWebIdentity"}}'), 'cognito-identity\.amazonaws\.com')) => 1
-- test: len(issuer_statements(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}'), '.*')) => 0
-- test: len(issuer_statements(policy_of('{"Statement":{"Effect":"Deny","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/gitlab.com"},"Action":"*"}}'), 'gitlab\.com')) => 0

-- The accounts that a statement names: as principals, or by conditions where its principal is anyone. NULL for what is no account.
CREATE MACRO statement_accounts(statement) AS list_concat(list_transform(coalesce(statement.principals.aws, []::VARCHAR[]), lambda _principal: account_of(_principal)),
  CASE WHEN statement_is_for_anyone(statement) THEN condition_accounts(statement.conditions) ELSE []::VARCHAR[] END);
-- test: statement_accounts(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":["444455556666","AIDAEXAMPLE"]},"Action":"sts:AssumeRole"}}').statements[1]) => ['444455556666', NULL]
-- test: statement_accounts(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:PrincipalAccount":"444455556666"}}}}').statements[1]) => [NULL, '444455556666']
-- test: statement_accounts(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"444455556666"}}}}').statements[1]) => []

-- The accounts outside of some that may take the role, sorted. Own: the account of the role.
CREATE MACRO accounts_that_may_assume(policy, own, known) AS coalesce(list_sort(list_distinct(list_filter(flatten(list_transform(
  list_filter(policy.statements, lambda _allow: _allow.effect = 'Allow' AND statement_has_action(_allow, 'sts:assumerole')),
  lambda _from: statement_accounts(_from))),
  lambda _account: _account IS NOT NULL AND _account <> own AND NOT list_contains(known, _account)))), []);
-- test: accounts_that_may_assume(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":["444455556666","arn:aws:iam::777788889999:role/r","111122223333"]},"Action":"sts:AssumeRole"}}'), '111122223333', ['777788889999']) => ['444455556666']
-- test: accounts_that_may_assume(policy_of(NULL), '111122223333', []::VARCHAR[]) => []

-- Those of them that need not tell an external id.
CREATE MACRO accounts_without_external_id(policy, own, known) AS coalesce(list_sort(list_distinct(list_filter(flatten(list_transform(
  list_filter(policy.statements, lambda _allow: _allow.effect = 'Allow' AND statement_has_action(_allow, 'sts:assumerole')
    AND NOT claim_is(_allow.conditions, 'sts:externalid', '.*[^*?].*')),
  lambda _from: statement_accounts(_from))),
  lambda _account: _account IS NOT NULL AND _account <> own AND NOT list_contains(known, _account)))), []);
-- test: accounts_without_external_id(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":["444455556666","arn:aws:iam::777788889999:role/r","111122223333"]},"Action":"sts:AssumeRole"}}'), '111122223333', ['777788889999']) => ['444455556666']
-- test: accounts_without_external_id(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"a1"}}}}'), '111122223333', []::VARCHAR[]) => []
-- test: accounts_without_external_id(policy_of('{"Statement":[{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"a1"}}},{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"sts:TagSession"}]}'), '111122223333', []::VARCHAR[]) => []
-- test: accounts_without_external_id(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"sts:*"}}'), '111122223333', []::VARCHAR[]) => ['444455556666']
-- test: accounts_without_external_id(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::444455556666:role/*"}}}}'), '111122223333', []::VARCHAR[]) => ['444455556666']
-- test: accounts_without_external_id(policy_of(NULL), '111122223333', []::VARCHAR[]) => []
