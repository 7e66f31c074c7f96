-- Questions about rights in Kubernetes: rules of roles, bindings and their subjects.

-- Whether a list of a rule names something, or everything.
CREATE MACRO rule_names(list_of_rule, wanted) AS coalesce(list_contains(list_of_rule, wanted) OR list_contains(list_of_rule, '*'), false);
-- test: rule_names(['get', 'list'], 'list') => true
-- test: rule_names(['*'], 'list') => true
-- test: rule_names(['get'], 'list') => false
-- test: rule_names(NULL::VARCHAR[], 'list') => false

-- What a rule may write for a resource so that it is meant: itself, everything, or the subresource of every resource. A resource
-- without subresource does not mean its subresources.
CREATE MACRO resource_patterns(resource) AS CASE WHEN contains(resource, '/') THEN [resource, '*', '*/' || split_part(resource, '/', 2)] ELSE list_distinct([resource, '*']) END;
-- test: list_sort(resource_patterns('pods')) => ['*', 'pods']
-- test: list_sort(resource_patterns('pods/exec')) => ['*', '*/exec', 'pods/exec']
-- test: resource_patterns('*') => ['*']

-- Whether a rule with these verbs, API groups and resources grants a verb on a resource, as the server's own authorizer has it.
-- The core's group is empty; a subresource is written pods/exec. Names that the rule may be bound to are the asker's to look at.
CREATE MACRO grants(verbs, api_groups, resources, verb, api_group, resource) AS rule_names(verbs, verb) AND rule_names(api_groups, api_group)
  AND coalesce(list_has_any(resources, resource_patterns(resource)), false);
-- test: grants(['get'], [''], ['secrets'], 'get', '', 'secrets') => true
-- test: grants(['list'], [''], ['secrets'], 'get', '', 'secrets') => false
-- test: grants(['*'], ['*'], ['*'], 'get', '', 'secrets') => true
-- test: grants(['*'], ['apps'], ['*'], 'get', '', 'secrets') => false
-- test: grants(['create'], [''], ['*'], 'create', '', 'pods/exec') => true
-- test: grants(['create'], [''], ['pods'], 'create', '', 'pods/exec') => false
-- test: grants(['create'], [''], ['*/exec'], 'create', '', 'pods/exec') => true
-- test: grants(['create'], [''], ['*/exec'], 'create', '', 'pods') => false
-- test: grants(['create'], [''], ['pods/*'], 'create', '', 'pods/exec') => false
-- test: grants(['update'], ['apps'], ['*/scale'], 'update', 'apps', 'deployments/scale') => true
-- test: grants(['get'], NULL::VARCHAR[], NULL::VARCHAR[], 'get', '', 'secrets') => false

-- Whether a path in a rule, which may end in a star, reaches something at or below one of the server's paths.
CREATE MACRO url_reaches(url, path) AS coalesce(CASE WHEN ends_with(url, '*') THEN starts_with(path, rtrim(url, '*')) OR starts_with(url, path || '/') ELSE url = path OR starts_with(url, path || '/') END, false);
-- test: url_reaches('*', '/debug') => true
-- test: url_reaches('/*', '/debug') => true
-- test: url_reaches('/d*', '/debug') => true
-- test: url_reaches('/debug/*', '/debug') => true
-- test: url_reaches('/debug/pprof/heap', '/debug') => true
-- test: url_reaches('/debug', '/debug') => true
-- test: url_reaches('/debugger', '/debug') => false
-- test: url_reaches('/metrics', '/debug') => false

-- Whether a rule grants nothing but to read these paths of the server.
CREATE MACRO reads_only_urls(verbs, resources, urls, allowed) AS coalesce(len(resources), 0) = 0 AND coalesce(len(urls), 0) > 0 AND coalesce(list_has_all(['get', 'head'], verbs), false)
  AND coalesce(list_has_all(allowed, urls), false);
-- test: reads_only_urls(['get'], NULL::VARCHAR[], ['/version', '/healthz'], ['/healthz', '/version']) => true
-- test: reads_only_urls(['get'], [], ['*'], ['/healthz', '/version']) => false
-- test: reads_only_urls(['get', 'post'], [], ['/version'], ['/version']) => false
-- test: reads_only_urls(['get'], ['pods'], NULL::VARCHAR[], ['/version']) => false

-- Whether a rule grants only what everyone may do by default, without signing in: to ask for version and health.
CREATE MACRO rule_is_public(verbs, resources, urls) AS reads_only_urls(verbs, resources, urls, ['/healthz', '/livez', '/readyz', '/version', '/version/']);
-- test: rule_is_public(['get'], NULL::VARCHAR[], ['/healthz', '/livez', '/readyz', '/version', '/version/']) => true
-- test: rule_is_public(['get'], NULL::VARCHAR[], ['/api', '/api/*']) => false

-- Whether a rule grants only what everyone who signed in may do by default: to find out what there is, who they are and what they may.
CREATE MACRO rule_is_basic(verbs, api_groups, resources, urls) AS reads_only_urls(verbs, resources, urls, ['/healthz', '/livez', '/readyz', '/version', '/version/', '/api', '/api/*', '/apis', '/apis/*',
    '/openapi', '/openapi/*', '/.well-known/openid-configuration', '/.well-known/openid-configuration/', '/openid/v1/jwks', '/openid/v1/jwks/'])
  OR (coalesce(len(urls), 0) = 0 AND coalesce(verbs = ['create'], false) AND coalesce(len(resources), 0) > 0
    AND coalesce(list_has_all(['authorization.k8s.io', 'authentication.k8s.io'], api_groups), false)
    AND coalesce(list_has_all(['selfsubjectaccessreviews', 'selfsubjectrulesreviews', 'selfsubjectreviews'], resources), false));
-- test: rule_is_basic(['get'], NULL::VARCHAR[], NULL::VARCHAR[], ['/api', '/api/*', '/healthz']) => true
-- test: rule_is_basic(['create'], ['authorization.k8s.io'], ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], NULL::VARCHAR[]) => true
-- test: rule_is_basic(['create'], ['authorization.k8s.io'], ['subjectaccessreviews'], NULL::VARCHAR[]) => false
-- test: rule_is_basic(['*'], ['authorization.k8s.io'], ['selfsubjectaccessreviews'], NULL::VARCHAR[]) => false
-- test: rule_is_basic(['get'], [''], ['pods'], NULL::VARCHAR[]) => false

-- A subject as parameters and findings name it: its kind, and its name with its namespace.
CREATE MACRO subject_label(kind, namespace, name) AS kind || ':' || CASE WHEN kind = 'ServiceAccount' THEN coalesce(namespace, '') || '/' ELSE '' END || name;
-- test: subject_label('ServiceAccount', 'shop', 'web') => 'ServiceAccount:shop/web'
-- test: subject_label('Group', NULL, 'ops') => 'Group:ops'

-- By which bindings a subject holds a class of permissions beyond defaults, in words, sorted. Those of the whole cluster and of
-- kube-system, whose parts rule the cluster, count; those of other single namespaces do if that is asked for.
CREATE MACRO held_by(held, wanted, single_namespaces := false) AS list_sort(list_distinct(list_transform(list_filter(coalesce(held, []), lambda _held:
  _held.permission_class = wanted AND (single_namespaces OR coalesce(_held.place, 'kube-system') = 'kube-system')), lambda _held: _held.via)));
-- test: held_by([{'permission_class': 'exec', 'place': NULL, 'via': 'a'}, {'permission_class': 'exec', 'place': 'shop', 'via': 'b'}, {'permission_class': 'bind', 'place': NULL, 'via': 'c'}], 'exec') => ['a']
-- test: held_by([{'permission_class': 'exec', 'place': NULL, 'via': 'a'}, {'permission_class': 'exec', 'place': 'shop', 'via': 'b'}], 'exec', true) => ['a', 'b']
-- test: held_by([{'permission_class': 'exec', 'place': 'kube-system', 'via': 'a'}], 'exec') => ['a']
-- test: held_by(NULL::STRUCT(permission_class VARCHAR, place VARCHAR, via VARCHAR)[], 'exec') => []

-- By which bindings a subject holds two classes at one place, in words, sorted; as held_by. A pair is not told if one of it is enough.
CREATE MACRO held_together(held, one, other, single_namespaces := false) AS list_transform([list_sort(list_distinct(flatten(list_transform(list_filter(coalesce(held, []), lambda _held:
  _held.permission_class = one AND (single_namespaces OR coalesce(_held.place, 'kube-system') = 'kube-system')), lambda _held:
  list_transform(list_filter(held, lambda _also: _also.permission_class = other AND coalesce(_also.place, _held.place, '') = coalesce(_held.place, _also.place, '')
    AND (single_namespaces OR coalesce(_also.place, 'kube-system') = 'kube-system')), lambda _also: CASE WHEN _also.via = _held.via THEN _held.via ELSE _held.via || ' with ' || _also.via END)))))], lambda _all:
  list_filter(_all, lambda _way: len(list_filter(_all, lambda _enough: NOT contains(_enough, ' with ') AND (starts_with(_way, _enough || ' with ') OR ends_with(_way, ' with ' || _enough)))) = 0))[1];
-- test: held_together([{'permission_class': 'a', 'place': NULL, 'via': 'x'}, {'permission_class': 'b', 'place': NULL, 'via': 'x'}], 'a', 'b') => ['x']
-- test: held_together([{'permission_class': 'a', 'place': NULL, 'via': 'x'}, {'permission_class': 'b', 'place': 'kube-system', 'via': 'y'}], 'a', 'b') => ['x with y']
-- test: held_together([{'permission_class': 'a', 'place': 'shop', 'via': 'x'}, {'permission_class': 'b', 'place': 'bank', 'via': 'y'}], 'a', 'b', true) => []
-- test: held_together([{'permission_class': 'a', 'place': NULL, 'via': 'x'}], 'a', 'b') => []
-- test: held_together([{'permission_class': 'a', 'place': NULL, 'via': 'x'}, {'permission_class': 'b', 'place': NULL, 'via': 'x'}, {'permission_class': 'b', 'place': NULL, 'via': 'y'}, {'permission_class': 'a', 'place': NULL, 'via': 'z'}], 'a', 'b') => ['x', 'z with y']
