-- Questions about Kubernetes' objects.

-- The id of an object, as the column id of its own table has it: cluster, kind and group, namespace and name.
CREATE MACRO object_id(cluster, kind, api_version, namespace, name) AS cluster || '/' || kind
  || CASE WHEN contains(api_version, '/') THEN '.' || split_part(api_version, '/', 1) ELSE '' END || coalesce('/' || namespace, '') || '/' || name;
-- test: object_id('prod', 'Deployment', 'apps/v1', 'shop', 'web') => 'prod/Deployment.apps/shop/web'
-- test: object_id('prod', 'Pod', 'v1', 'shop', 'web-1') => 'prod/Pod/shop/web-1'
-- test: object_id('prod', 'ClusterRole', 'rbac.authorization.k8s.io/v1', NULL, 'view') => 'prod/ClusterRole.rbac.authorization.k8s.io/view'

-- Capabilities in upper case, without the prefix that some write.
CREATE MACRO capability_names(capabilities) AS coalesce(list_transform(capabilities, lambda _capability: regexp_replace(upper(_capability), '^CAP_', '')), []::VARCHAR[]);
-- test: capability_names(['CAP_sys_admin', 'NET_RAW']) => ['SYS_ADMIN', 'NET_RAW']
-- test: capability_names(NULL::VARCHAR[]) => []
