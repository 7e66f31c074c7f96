-- Questions about Kubernetes' images, storage, admission and namespaces.

-- Whether volumes of a storage class are encrypted: yes or no where the class says so, or where the cloud encrypts all disks; else
-- unknown. EBS encrypts by an account's own default too, and a file system as it was made, which a class does not tell.
CREATE MACRO storage_encryption(provisioner, parameters) AS CASE
  WHEN len(list_filter(map_entries(parameters), lambda _said: lower(_said.key) IN ('encrypted', 'encryption', 'csi.storage.k8s.io/encrypted') AND lower(_said.value) IN ('true', 'yes', '1'))) > 0 THEN 'yes'
  WHEN provisioner IN ('pd.csi.storage.gke.io', 'filestore.csi.storage.gke.io', 'gcsfuse.csi.storage.gke.io', 'kubernetes.io/gce-pd', 'disk.csi.azure.com', 'file.csi.azure.com', 'blob.csi.azure.com', 'kubernetes.io/azure-disk', 'kubernetes.io/azure-file') THEN 'yes'
  WHEN len(list_filter(map_entries(parameters), lambda _told: lower(_told.key) IN ('encrypted', 'encryption') AND lower(_told.value) IN ('false', 'no', '0'))) > 0 THEN 'no'
  ELSE 'unknown' END;
-- test: storage_encryption('ebs.csi.aws.com', MAP {'encrypted': 'true'}) => 'yes'
-- test: storage_encryption('ebs.csi.aws.com', MAP {'Encrypted': 'false'}) => 'no'
-- test: storage_encryption('ebs.csi.aws.com', MAP {'type': 'gp3'}) => 'unknown'
-- test: storage_encryption('pd.csi.storage.gke.io', NULL::MAP(VARCHAR, VARCHAR)) => 'yes'
-- test: storage_encryption('rancher.io/local-path', NULL::MAP(VARCHAR, VARCHAR)) => 'unknown'

-- The registry of an image: the part before the first slash if it is a host (it has a dot or a port, or is localhost), else Docker Hub.
CREATE MACRO image_registry(reference) AS CASE
  WHEN reference IS NULL OR reference = '' THEN NULL
  WHEN contains(reference, '/') AND (contains(split_part(reference, '/', 1), '.') OR contains(split_part(reference, '/', 1), ':') OR split_part(reference, '/', 1) = 'localhost' OR split_part(reference, '/', 1) <> lower(split_part(reference, '/', 1)))
    THEN CASE WHEN lower(split_part(reference, '/', 1)) IN ('index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com') THEN 'docker.io' ELSE lower(split_part(reference, '/', 1)) END
  ELSE 'docker.io' END;
-- test: image_registry('nginx') => 'docker.io'
-- test: image_registry('nginx:1.27') => 'docker.io'
-- test: image_registry('bitnami/redis:7') => 'docker.io'
-- test: image_registry('docker.io/library/nginx') => 'docker.io'
-- test: image_registry('index.docker.io/library/nginx') => 'docker.io'
-- test: image_registry('registry.example.com:5000/team/app:1.2') => 'registry.example.com:5000'
-- test: image_registry('localhost/app') => 'localhost'
-- test: image_registry('localhost:5000/app') => 'localhost:5000'
-- test: image_registry('[2001:db8::1]:5000/app:1') => '[2001:db8::1]:5000'
-- test: image_registry('registry/app:1') => 'docker.io'
-- test: image_registry('GHCR.io/Team/app') => 'ghcr.io'
-- test: image_registry('111122223333.dkr.ecr.eu-central-1.amazonaws.com/app@sha256:aa') => '111122223333.dkr.ecr.eu-central-1.amazonaws.com'
-- test: image_registry(NULL) => NULL

-- The digest that an image is pinned to; NULL for none.
CREATE MACRO image_digest(reference) AS nullif(regexp_extract(reference, '@([A-Za-z][A-Za-z0-9+._-]*:[0-9a-fA-F]{32,})$', 1), '');
-- test: image_digest('nginx@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef') => 'sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'
-- test: image_digest('registry.example.com:5000/app:1.2@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef') => 'sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'
-- test: image_digest('nginx:1.27') => NULL
-- test: image_digest('nginx@sha256:short') => NULL
-- test: image_digest(NULL) => NULL

-- The tag of an image as it is written; NULL for none. What follows the last colon is a tag only behind the last slash: a host may have a port.
CREATE MACRO image_tag(reference) AS nullif(regexp_extract(split_part(reference, '@', 1), ':([A-Za-z0-9_][A-Za-z0-9_.-]*)$', 1), '');
-- test: image_tag('nginx') => NULL
-- test: image_tag('nginx:1.27-alpine') => '1.27-alpine'
-- test: image_tag('registry.example.com:5000/app') => NULL
-- test: image_tag('registry.example.com:5000/app:1.2') => '1.2'
-- test: image_tag('nginx:1.27@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef') => '1.27'
-- test: image_tag('nginx@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef') => NULL
-- test: image_tag(NULL) => NULL

-- The repository of an image, without registry, tag and digest. Short names of Docker Hub are of its folder library.
CREATE MACRO image_repository(reference) AS list_transform([regexp_replace(split_part(reference, '@', 1), ':[A-Za-z0-9_][A-Za-z0-9_.-]*$', '')],
  lambda _bare: CASE
    WHEN contains(_bare, '/') AND (contains(split_part(_bare, '/', 1), '.') OR contains(split_part(_bare, '/', 1), ':') OR split_part(_bare, '/', 1) = 'localhost' OR split_part(_bare, '/', 1) <> lower(split_part(_bare, '/', 1)))
      THEN CASE WHEN image_registry(reference) = 'docker.io' AND NOT contains(substr(_bare, length(split_part(_bare, '/', 1)) + 2), '/') THEN 'library/' ELSE '' END || substr(_bare, length(split_part(_bare, '/', 1)) + 2)
    WHEN contains(_bare, '/') THEN _bare
    ELSE 'library/' || _bare END)[1];
-- test: image_repository('nginx') => 'library/nginx'
-- test: image_repository('nginx:1.27') => 'library/nginx'
-- test: image_repository('docker.io/nginx:1') => 'library/nginx'
-- test: image_repository('bitnami/redis:7') => 'bitnami/redis'
-- test: image_repository('localhost:5000/app') => 'app'
-- test: image_repository('registry.example.com:5000/team/app:1.2') => 'team/app'
-- test: image_repository('ghcr.io/team/group/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef') => 'team/group/app'
-- test: image_repository('nginx:1.27@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef') => 'library/nginx'
-- test: image_repository(NULL) => NULL

-- When an image is pulled if nothing is said: always if the tag is latest or missing and no digest stands there, else if it is not there yet.
CREATE MACRO image_pull_policy(policy, reference) AS coalesce(nullif(policy, ''), CASE WHEN image_digest(reference) IS NULL AND coalesce(image_tag(reference), 'latest') = 'latest' THEN 'Always' ELSE 'IfNotPresent' END);
-- test: image_pull_policy(NULL, 'nginx') => 'Always'
-- test: image_pull_policy('', 'nginx:1.27') => 'IfNotPresent'
-- test: image_pull_policy('Never', 'nginx') => 'Never'

-- Whether the rules of a webhook, or of an admission policy, match a resource of a group when that is made. Groups and resources may be *;
-- pods/* means all parts of pods, */* all resources with all parts, and * all resources without them.
CREATE MACRO rules_match(rules, api_group, resource, operation) AS coalesce(len(list_filter(rules, lambda _rule:
  (list_contains(_rule.apiGroups, '*') OR list_contains(_rule.apiGroups, api_group))
  AND (list_contains(_rule.operations, '*') OR list_contains(_rule.operations, operation))
  AND (list_contains(_rule.resources, '*/*') OR list_contains(_rule.resources, resource)
    OR (NOT contains(resource, '/') AND (list_contains(_rule.resources, '*') OR list_contains(_rule.resources, resource || '/*')))
    OR (contains(resource, '/') AND (list_contains(_rule.resources, split_part(resource, '/', 1) || '/*') OR list_contains(_rule.resources, '*/' || split_part(resource, '/', 2))))))) > 0, false);
-- test: rules_match([{'apiGroups': [''], 'operations': ['CREATE'], 'resources': ['pods']}], '', 'pods', 'CREATE') => true
-- test: rules_match([{'apiGroups': ['*'], 'operations': ['*'], 'resources': ['*']}], '', 'pods', 'CREATE') => true
-- test: rules_match([{'apiGroups': ['*'], 'operations': ['*'], 'resources': ['*']}], '', 'pods/ephemeralcontainers', 'UPDATE') => false
-- test: rules_match([{'apiGroups': ['*'], 'operations': ['*'], 'resources': ['*/*']}], '', 'pods/ephemeralcontainers', 'UPDATE') => true
-- test: rules_match([{'apiGroups': [''], 'operations': ['UPDATE'], 'resources': ['pods/*']}], '', 'pods/ephemeralcontainers', 'UPDATE') => true
-- test: rules_match([{'apiGroups': ['apps'], 'operations': ['CREATE'], 'resources': ['pods']}], '', 'pods', 'CREATE') => false
-- test: rules_match([{'apiGroups': [''], 'operations': ['CREATE'], 'resources': ['pods']}], '', 'pods', 'UPDATE') => false
-- test: rules_match(NULL::STRUCT(apiGroups VARCHAR[], operations VARCHAR[], resources VARCHAR[])[], '', 'pods', 'CREATE') => false

-- Keys of labels that a selector asks for, or forbids, other than the name of a namespace, which the server sets itself and nobody can change.
CREATE MACRO selector_keys(selector) AS list_sort(list_distinct(list_filter(list_concat(coalesce(map_keys(selector.matchLabels), []),
  coalesce(list_transform(selector.matchExpressions, lambda _term: _term.key), [])), lambda _key: _key <> 'kubernetes.io/metadata.name')));
-- test: selector_keys({'matchLabels': MAP {'a': '1'}, 'matchExpressions': [{'key': 'b', 'operator': 'DoesNotExist', 'values': NULL::VARCHAR[]}]}) => ['a', 'b']
-- test: selector_keys({'matchLabels': MAP {'kubernetes.io/metadata.name': 'x'}, 'matchExpressions': NULL::STRUCT("key" VARCHAR, operator VARCHAR, "values" VARCHAR[])[]}) => []

-- Namespaces that a selector leaves out by their names.
CREATE MACRO selector_excluded_namespaces(selector) AS coalesce(list_sort(list_distinct(flatten(list_transform(list_filter(selector.matchExpressions,
  lambda _out: _out.key = 'kubernetes.io/metadata.name' AND _out.operator = 'NotIn'), lambda _names: coalesce(_names.values, []))))), []::VARCHAR[]);
-- test: selector_excluded_namespaces({'matchLabels': NULL::MAP(VARCHAR, VARCHAR), 'matchExpressions': [{'key': 'kubernetes.io/metadata.name', 'operator': 'NotIn', 'values': ['kube-system']}]}) => ['kube-system']
-- test: selector_excluded_namespaces(NULL::STRUCT(matchLabels MAP(VARCHAR, VARCHAR), matchExpressions STRUCT("key" VARCHAR, operator VARCHAR, "values" VARCHAR[])[])) => []

-- Whether a label's value is a level of Pod Security.
CREATE MACRO is_security_level(level) AS coalesce(level IN ('privileged', 'baseline', 'restricted'), false);
-- test: is_security_level('baseline') => true
-- test: is_security_level('Baseline') => false
-- test: is_security_level(NULL) => false

-- What in the variables, commands and arguments of containers seems to hold a secret, each with the container and the reason. References
-- such as $(PASSWORD) are none.
CREATE MACRO container_secrets(containers) AS list_sort(list_distinct(flatten(list_transform(coalesce(containers, []), lambda _container: list_transform(list_concat(
    secret_entries(_container.env),
    list_transform(secret_kinds(array_to_string(list_concat(coalesce(_container.command, []), coalesce(_container.args, [])), ' ')), lambda _kind: 'command (' || _kind || ')')),
  lambda _match: _container.name || ': ' || _match)))));
-- test: container_secrets([{'name': 'web', 'command': ['serve'], 'args': ['--db-password=hunter2hunter2'], 'env': [{'name': 'API_TOKEN', 'value': 'abcdef'}, {'name': 'STAGE', 'value': 'prod'}]}]) => ['web: API_TOKEN (named like a secret)', 'web: command (password or key given a value)']
-- test: container_secrets([{'name': 'web', 'command': NULL::VARCHAR[], 'args': ['--password=$(DB_PASSWORD)'], 'env': [{'name': 'DB_PASSWORD', 'value': NULL::VARCHAR}]}]) => []
-- test: container_secrets([{'name': 'web', 'command': NULL::VARCHAR[], 'args': NULL::VARCHAR[], 'env': NULL::STRUCT(name VARCHAR, value VARCHAR)[]}]) => []
