-- Questions about file systems that are mounted over the network.

-- Whether a policy of EFS lets every client that reaches a mount target mount it without a signature of IAM. That a mount target
-- must be used keeps nobody out; that an access point must be, or who the principal is, does. Without any policy all may mount.
CREATE MACRO lets_any_client_mount(policy) AS policy IS NULL OR coalesce(len(list_filter(policy.statements, lambda _allow:
  _allow.effect = 'Allow' AND statement_is_for_anyone(_allow) AND statement_has_action(_allow, 'elasticfilesystem:clientmount')
  AND len(list_filter(map_entries(_allow.conditions), lambda _operator: len(list_filter(map_entries(_operator.value), lambda _key:
    (_key.key <> 'elasticfilesystem:accessedviamounttarget' AND condition_narrows(_operator.key, _key.key, _key.value))
    OR (_key.key = 'elasticfilesystem:accesspointarn' AND regexp_full_match(_operator.key, '(string(equals|like)|arn(equals|like))')
      AND NOT list_contains(_key.value, '*')))) > 0)) = 0)) > 0, false);
-- test: lets_any_client_mount(NULL::STRUCT(statements STRUCT(effect VARCHAR, principals STRUCT(aws VARCHAR[], service VARCHAR[], federated VARCHAR[]), not_principals STRUCT(aws VARCHAR[]), actions VARCHAR[], not_actions VARCHAR[], conditions MAP(VARCHAR, MAP(VARCHAR, VARCHAR[])))[])) => true
-- test: lets_any_client_mount(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":["elasticfilesystem:ClientMount","elasticfilesystem:ClientWrite"],"Condition":{"Bool":{"elasticfilesystem:AccessedViaMountTarget":"true"}}}}')) => true
-- test: lets_any_client_mount(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"elasticfilesystem:*"}}')) => true
-- test: lets_any_client_mount(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":["elasticfilesystem:ClientWrite","elasticfilesystem:ClientRootAccess"],"Condition":{"Bool":{"elasticfilesystem:AccessedViaMountTarget":"true"}}}}')) => false
-- test: lets_any_client_mount(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"elasticfilesystem:ClientMount","Condition":{"StringEquals":{"elasticfilesystem:AccessPointArn":"arn:aws:elasticfilesystem:us-east-1:111122223333:access-point/fsap-1"}}}}')) => false
-- test: lets_any_client_mount(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"elasticfilesystem:ClientMount","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-abc123"}}}}')) => false
-- test: lets_any_client_mount(policy_of('{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/app"},"Action":"elasticfilesystem:ClientMount"}}')) => false
-- test: lets_any_client_mount(policy_of('{"Statement":{"Effect":"Deny","Principal":"*","Action":"*"}}')) => false
