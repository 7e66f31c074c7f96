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

-- A resource with its API group, as kubectl writes them: deployments.apps, deployments.apps/scale; the core has no group.
CREATE MACRO resource_words(resource, api_group) AS CASE WHEN api_group = '' OR (api_group = '*' AND resource <> '*') THEN resource
  ELSE split_part(resource, '/', 1) || '.' || api_group || substr(resource, length(split_part(resource, '/', 1)) + 1) END;
-- test: resource_words('secrets', '') => 'secrets'
-- test: resource_words('deployments', 'apps') => 'deployments.apps'
-- test: resource_words('deployments/scale', 'apps') => 'deployments.apps/scale'
-- test: resource_words('*', '*') => '*.*'
-- test: resource_words('*', 'apps') => '*.apps'
-- test: resource_words('*/exec', '*') => '*/exec'
-- test: resource_words('secrets', '*') => 'secrets'

-- The resources and paths of a rule in words.
CREATE MACRO rule_things(api_groups, resources, urls) AS list_concat(flatten(list_transform(coalesce(api_groups, []), lambda _group: list_transform(coalesce(resources, []), lambda _resource: resource_words(_resource, _group)))), coalesce(urls, []));
-- test: rule_things(['', 'apps'], ['pods'], NULL::VARCHAR[]) => ['pods', 'pods.apps']
-- test: rule_things([], [], ['/metrics']) => ['/metrics']

-- Verbs on things in words, the first few of each; NULL if there are none.
CREATE MACRO rule_words(verbs, things, names) AS CASE WHEN len(verbs) > 0 AND len(things) > 0 THEN CASE WHEN list_contains(verbs, '*') THEN '*' ELSE some_of(list_sort(list_distinct(verbs)), 4) END
  || ' on ' || some_of(list_sort(list_distinct(things))) || CASE WHEN len(names) > 0 THEN ' named ' || some_of(list_sort(names), 2) ELSE '' END END;
-- test: rule_words(['list', 'get'], ['secrets'], []::VARCHAR[]) => 'get, list on secrets'
-- test: rule_words(['*', 'get'], ['*.*'], []::VARCHAR[]) => '* on *.*'
-- test: rule_words(['get'], ['d', 'c', 'b', 'a'], ['z', 'y', 'x']) => 'get on a, b, c and 1 more named x, y and 1 more'
-- test: rule_words(['create', 'delete', 'deletecollection', 'patch', 'update'], ['a'], NULL::VARCHAR[]) => 'create, delete, deletecollection, patch and 1 more on a'
-- test: rule_words([]::VARCHAR[], ['a'], []::VARCHAR[]) => NULL
-- test: rule_words(NULL::VARCHAR[], NULL::VARCHAR[], []::VARCHAR[]) => NULL

-- A role and binding, and what of it counts.
CREATE MACRO held_text(via, what) AS via || coalesce(' (' || what || ')', '');
-- test: held_text('a', 'get on secrets') => 'a (get on secrets)'
-- test: held_text('a', NULL) => 'a'

-- By which bindings a subject holds a class of permissions beyond defaults, and by which verbs and resources, in words, sorted. Those
-- of the whole cluster and of kube-system, whose parts rule the cluster, count; those of other single namespaces do if that is asked for.
CREATE MACRO held_by(held, wanted, single_namespaces := false) AS list_sort(list_distinct(list_transform(list_filter(coalesce(held, []), lambda _held:
  _held.permission_class = wanted AND (single_namespaces OR coalesce(_held.place, 'kube-system') = 'kube-system')), lambda _held: held_text(_held.via, _held.what))));
-- test: held_by([{'permission_class': 'exec', 'place': NULL, 'via': 'a', 'what': 'get on x'}, {'permission_class': 'exec', 'place': 'shop', 'via': 'b', 'what': NULL}, {'permission_class': 'bind', 'place': NULL, 'via': 'c', 'what': NULL}], 'exec') => ['a (get on x)']
-- test: held_by([{'permission_class': 'exec', 'place': NULL, 'via': 'a', 'what': NULL}, {'permission_class': 'exec', 'place': 'shop', 'via': 'b', 'what': 'get on x'}], 'exec', true) => ['a', 'b (get on x)']
-- test: held_by([{'permission_class': 'exec', 'place': 'kube-system', 'via': 'a', 'what': 'get on x'}], 'exec') => ['a (get on x)']
-- test: held_by(NULL::STRUCT(permission_class VARCHAR, place VARCHAR, via VARCHAR, what VARCHAR)[], 'exec') => []

-- What held_by and the like say, and what they say of another class by roles and bindings that are not told yet, sorted.
CREATE MACRO held_or(ways, others) AS list_sort(list_concat(ways, list_filter(others, lambda _other: len(list_filter(ways, lambda _way: split_part(_way, ' (', 1) = split_part(_other, ' (', 1))) = 0)));
-- test: held_or(['b (create on x)'], ['b (get on x)', 'a (get on x)']) => ['a (get on x)', 'b (create on x)']
-- test: held_or([]::VARCHAR[], ['a']) => ['a']

-- By which bindings a subject holds two classes at one place, in words, sorted; as held_by. A pair is not told if one of it is enough.
CREATE MACRO held_together(held, one, other, single_namespaces := false) AS list_transform([flatten(list_transform(list_filter(coalesce(held, []), lambda _held:
  _held.permission_class = one AND (single_namespaces OR coalesce(_held.place, 'kube-system') = 'kube-system')), lambda _held:
  list_transform(list_filter(held, lambda _also: _also.permission_class = other AND coalesce(_also.place, _held.place, '') = coalesce(_held.place, _also.place, '')
    AND (single_namespaces OR coalesce(_also.place, 'kube-system') = 'kube-system')), lambda _also: {'one': _held.via, 'other': _also.via, 'text': CASE WHEN _also.via = _held.via
    THEN held_text(_held.via, CASE WHEN _also.what = _held.what THEN _held.what ELSE concat_ws('; ', _held.what, _also.what) END) ELSE held_text(_held.via, _held.what) || ' with ' || held_text(_also.via, _also.what) END})))], lambda _all:
  list_sort(list_distinct(list_transform(list_filter(_all, lambda _way: _way.one = _way.other OR len(list_filter(_all, lambda _enough: _enough.one = _enough.other AND (_enough.one = _way.one OR _enough.one = _way.other))) = 0), lambda _told: _told.text))))[1];
-- test: held_together([{'permission_class': 'a', 'place': NULL, 'via': 'x', 'what': 'get on s'}, {'permission_class': 'b', 'place': NULL, 'via': 'x', 'what': 'create on s'}], 'a', 'b') => ['x (get on s; create on s)']
-- test: held_together([{'permission_class': 'a', 'place': NULL, 'via': 'x', 'what': '* on *'}, {'permission_class': 'b', 'place': NULL, 'via': 'x', 'what': '* on *'}], 'a', 'b') => ['x (* on *)']
-- test: held_together([{'permission_class': 'a', 'place': NULL, 'via': 'x', 'what': 'get on s'}, {'permission_class': 'b', 'place': 'kube-system', 'via': 'y', 'what': 'create on s'}], 'a', 'b') => ['x (get on s) with y (create on s)']
-- test: held_together([{'permission_class': 'a', 'place': 'shop', 'via': 'x', 'what': 'get on s'}, {'permission_class': 'b', 'place': 'bank', 'via': 'y', 'what': 'get on s'}], 'a', 'b', true) => []
-- test: held_together([{'permission_class': 'a', 'place': NULL, 'via': 'x', 'what': 'get on s'}], 'a', 'b') => []
-- test: held_together([{'permission_class': 'a', 'place': NULL, 'via': 'x', 'what': 'v'}, {'permission_class': 'b', 'place': NULL, 'via': 'x', 'what': 'w'}, {'permission_class': 'b', 'place': NULL, 'via': 'y', 'what': 'w'}, {'permission_class': 'a', 'place': NULL, 'via': 'z', 'what': 'v'}], 'a', 'b') => ['x (v; w)', 'z (v) with y (w)']
