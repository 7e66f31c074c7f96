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

-- The accounts that a statement's conditions let in where its principal is anyone.
CREATE MACRO condition_accounts(conditions) AS flatten(list_transform(map_entries(conditions), lambda _operator: flatten(list_transform(map_entries(_operator.value), lambda _key:
  CASE WHEN _key.key IN ('aws:principalaccount', 'aws:principalarn', 'aws:sourceaccount', 'aws:sourceowner', 'aws:sourcearn', 'kms:calleraccount',
    'aws:userid', 'aws:vpceaccount', 's3:dataaccesspointaccount', 's3:dataaccesspointarn')
    AND NOT contains(_operator.key, 'not') THEN list_transform(_key.value, lambda _value: account_of(_value)) ELSE []::VARCHAR[] END))));
-- test: condition_accounts(MAP {'stringequals': MAP {'aws:principalaccount': ['444455556666', 'x']}}) => ['444455556666', NULL]
-- test: condition_accounts(MAP {'stringnotequals': MAP {'aws:principalaccount': ['444455556666']}}) => []

-- The accounts other than our own that the policy lets in by name: as principals, or by conditions on an Allow for anyone.
-- Sorted, each once. Who lets in anyone is not in the list: see allows_anyone.
CREATE MACRO external_accounts(policy, own) AS coalesce(list_sort(list_distinct(list_filter(flatten(list_transform(
  list_filter(policy.statements, lambda _allow: _allow.effect = 'Allow'), lambda _from: list_concat(
    list_transform(list_concat(coalesce(_from.principals.aws, []::VARCHAR[]), coalesce(_from.principals.federated, []::VARCHAR[])), lambda _principal: account_of(_principal)),
    CASE WHEN statement_is_for_anyone(_from) THEN condition_accounts(_from.conditions) ELSE []::VARCHAR[] END))),
  lambda _account: _account IS NOT NULL AND _account IS DISTINCT FROM own))), []::VARCHAR[]);
-- test: external_accounts(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::444455556666:root","111122223333","arn:aws:iam::222233334444:role/r"]},"Action":"*"}}'), '111122223333') => ['222233334444', '444455556666']
-- test: external_accounts(policy_of('{"Statement":{"Effect":"Deny","Principal":{"AWS":"444455556666"},"Action":"*"}}'), '111122223333') => []
-- test: external_accounts(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"*"}}'), '111122223333') => []
-- test: external_accounts(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":["444455556666","111122223333"]}}}}'), '111122223333') => ['444455556666']
-- test: external_accounts(policy_of('{"Statement":[{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"a"},{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"b"}]}'), '111122223333') => ['444455556666']
-- test: external_accounts(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::444455556666:saml-provider/idp"},"Action":"*"}}'), '111122223333') => ['444455556666']
-- test: external_accounts(policy_of('{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"StringEquals":{"s3:DataAccessPointAccount":"444455556666"}}}}'), '111122223333') => ['444455556666']
-- test: external_accounts(policy_of('{"Statement":{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"*"}}'), '111122223333') => []
-- test: external_accounts(policy_of(NULL), '111122223333') => []

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
