-- Questions about what is built on Kubernetes: Argo CD, Flux and other controllers.

-- A regular expression for what Argo CD's globs match where no character separates: *, ?, and {a,b}.
CREATE MACRO argocd_pattern(entry) AS list_transform([regexp_replace(regexp_replace(regexp_replace(regexp_replace(entry, '([.+^$()|\[\]\\])', '\\\1', 'g'), '\*+', '.*', 'g'), '\?', '.', 'g'), '\{([^{}]*)\}', '(?:\1)', 'g')],
  lambda _made: CASE WHEN contains(_made, '(?:') THEN replace(_made, ',', '|') ELSE _made END)[1];
-- test: argocd_pattern('team-*') => 'team-.*'
-- test: argocd_pattern('https://10.0.0.1') => 'https://10\.0\.0\.1'
-- test: argocd_pattern('{kube-system,argocd}') => '(?:kube-system|argocd)'

-- Whether an entry of a project of Argo CD matches a text. One that begins with an exclamation mark matches all others.
CREATE MACRO argocd_matches(entry, text) AS CASE WHEN starts_with(coalesce(entry, ''), '!') THEN NOT regexp_full_match(text, argocd_pattern(substr(entry, 2))) ELSE regexp_full_match(text, argocd_pattern(coalesce(entry, ''))) END;
-- test: argocd_matches('*', 'kube-system') => true
-- test: argocd_matches('kube-*', 'kube-system') => true
-- test: argocd_matches('!kube-system', 'kube-system') => false
-- test: argocd_matches('!kube-system', 'shop') => true
-- test: argocd_matches('a.c', 'abc') => false
-- test: argocd_matches(NULL, 'shop') => false
-- test: argocd_matches('[', 'shop') => false

-- Whether destinations of a project of Argo CD let its applications write to a namespace of a cluster: one entry matches, and none refuses.
-- An entry with an exclamation mark permits all but what it names, and refuses that to all other entries.
CREATE MACRO argocd_allows(destinations, cluster_url, cluster_name, space) AS coalesce(list_transform([list_transform(destinations, lambda _to: {
    'url_matches': cluster_url <> '' AND argocd_matches(_to.server, cluster_url), 'url_refuses': starts_with(coalesce(_to.server, ''), '!'),
    'name_matches': cluster_name <> '' AND argocd_matches(_to.name, cluster_name), 'name_refuses': starts_with(coalesce(_to.name, ''), '!'),
    'space_matches': argocd_matches(_to.namespace, space), 'space_refuses': starts_with(coalesce(_to.namespace, ''), '!')})],
  lambda _all: len(list_filter(_all, lambda _in: (_in.url_matches OR _in.name_matches) AND _in.space_matches)) > 0
    AND len(list_filter(_all, lambda _out: NOT ((_out.url_matches OR _out.name_matches) AND _out.space_matches)
      AND ((_out.name_refuses AND NOT _out.name_matches) OR (_out.url_refuses AND NOT _out.url_matches AND _out.space_matches) OR (_out.space_refuses AND NOT _out.space_matches AND _out.url_matches)))) = 0)[1], false);
-- test: argocd_allows([{'server': '*', 'name': NULL, 'namespace': '*'}], 'https://kubernetes.default.svc', 'in-cluster', 'kube-system') => true
-- test: argocd_allows([{'server': NULL, 'name': 'in-cluster', 'namespace': 'shop'}], 'https://kubernetes.default.svc', 'in-cluster', 'shop') => true
-- test: argocd_allows([{'server': 'https://kubernetes.default.svc', 'name': NULL, 'namespace': 'shop'}], 'https://kubernetes.default.svc', 'in-cluster', 'kube-system') => false
-- test: argocd_allows([{'server': '*', 'name': NULL, 'namespace': '!kube-system'}], 'https://kubernetes.default.svc', 'in-cluster', 'shop') => true
-- test: argocd_allows([{'server': '*', 'name': NULL, 'namespace': '*'}, {'server': '*', 'name': NULL, 'namespace': '!kube-system'}], 'https://kubernetes.default.svc', 'in-cluster', 'kube-system') => false
-- test: argocd_allows([{'server': '*', 'name': NULL, 'namespace': '*'}, {'server': 'https://b', 'name': NULL, 'namespace': '!kube-system'}], 'https://a', 'a', 'kube-system') => true
-- test: argocd_allows([{'server': '*', 'name': NULL, 'namespace': '*'}, {'server': '!https://a', 'name': NULL, 'namespace': '*'}], 'https://a', 'a', 'shop') => false
-- test: argocd_allows([{'server': NULL, 'name': 'east', 'namespace': '*'}], '', 'west', 'shop') => false
-- test: argocd_allows([], 'https://a', 'a', 'shop') => false
-- test: argocd_allows(NULL::STRUCT(server VARCHAR, name VARCHAR, namespace VARCHAR)[], 'https://a', 'a', 'shop') => false

-- Sources of a project of Argo CD that stand for repositories of anybody: all, all of a host, all of a place where everyone may have some, or all but some.
CREATE MACRO argocd_open_sources(sources) AS coalesce(list_filter(sources, lambda _source: starts_with(_source, '!')
  OR regexp_full_match(lower(_source), '([a-z+]+://)?(\*+|([a-z]+@)?(www\.)?(github\.com|gitlab\.com|bitbucket\.org|codeberg\.org|dev\.azure\.com|ghcr\.io|quay\.io|docker\.io|registry-1\.docker\.io)[:/](\*\*|\*/\*+))(/\*+)*(\.git)?')), []::VARCHAR[]);
-- test: argocd_open_sources(['*', 'https://github.com/acme/shop']) => ['*']
-- test: argocd_open_sources(['https://github.com/acme/*']) => []
-- test: argocd_open_sources(['https://github.com/*/*', 'git@github.com:*/*', 'https://**']) => ['https://github.com/*/*', 'git@github.com:*/*', 'https://**']
-- test: argocd_open_sources(['https://git.example.com/**']) => []
-- test: argocd_open_sources(['!https://github.com/acme/shop']) => ['!https://github.com/acme/shop']
-- test: argocd_open_sources(NULL::VARCHAR[]) => []

-- Whether a list of group, kind and name stands for every kind that belongs to no namespace.
CREATE MACRO argocd_every_kind(kinds) AS coalesce(len(list_filter(kinds, lambda _kind: _kind."group" = '*' AND _kind.kind = '*' AND coalesce(_kind.name, '') IN ('', '*'))) > 0, false);
-- test: argocd_every_kind([{'group': '*', 'kind': '*', 'name': NULL}]) => true
-- test: argocd_every_kind([{'group': '*', 'kind': '*', 'name': 'team-*'}]) => false
-- test: argocd_every_kind([{'group': '', 'kind': 'Namespace', 'name': NULL}]) => false
-- test: argocd_every_kind(NULL::STRUCT("group" VARCHAR, kind VARCHAR, name VARCHAR)[]) => false

-- The lines of Argo CD's policies, split into words: p, subject, resource, action, object, effect; or g, member, role.
CREATE MACRO argocd_policies(text) AS coalesce(list_filter(list_transform(string_split(replace(text, chr(13), ''), chr(10)), lambda _line: list_transform(string_split(_line, ','), lambda _word: trim(_word, ' "' || chr(9)))),
  lambda _words: (_words[1] = 'p' AND len(_words) >= 5) OR (_words[1] = 'g' AND len(_words) >= 3)), []::VARCHAR[][]);
-- test: argocd_policies('p, role:a, applications, *, */*, allow' || chr(10) || '# p, b' || chr(10) || 'g, team, role:admin') => [['p', 'role:a', 'applications', '*', '*/*', 'allow'], ['g', 'team', 'role:admin']]
-- test: argocd_policies(NULL) => []

-- Whether a revision stays what it is: fixed for a commit, a digest, refs/tags/ or a version of three parts; unclear for what may be a
-- tag as well as a branch or the newest of a range, such as 1.2, a short commit, or a version below a word that git-flow gives to
-- branches; else moving, as branches, HEAD and ranges of versions are.
CREATE MACRO revision_state(revision) AS CASE
  WHEN regexp_full_match(coalesce(revision, ''), '[0-9a-f]{40}([0-9a-f]{24})?|sha256:[0-9a-f]{64}|refs/tags/[^*]+') THEN 'fixed'
  WHEN starts_with(coalesce(revision, ''), 'refs/') THEN 'moving'
  WHEN regexp_full_match(coalesce(revision, ''), '(feature|bugfix|release|releases|hotfix|support)/.*v?[0-9]+\.[0-9]+.*|[0-9a-f]{7,39}') AND NOT regexp_matches(revision, '[*^~<>=|, ]|\.[xX]$') THEN 'unclear'
  WHEN regexp_full_match(coalesce(revision, ''), '([A-Za-z0-9._-]+[/@-])*v?[0-9]+\.[0-9]+(\.[0-9]+)+([-+][0-9A-Za-z.+-]+)?') THEN 'fixed'
  WHEN regexp_full_match(coalesce(revision, ''), '([A-Za-z0-9._-]+[/@-])*v?[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?') THEN 'unclear' ELSE 'moving' END;
-- test: revision_state('v1.2.0') => 'fixed'
-- test: revision_state('shop/1.2.0-rc.1') => 'fixed'
-- test: revision_state('web-1.2.0') => 'fixed'
-- test: revision_state('refs/tags/release') => 'fixed'
-- test: revision_state('refs/tags/1.2') => 'fixed'
-- test: revision_state('0123456789abcdef0123456789abcdef01234567') => 'fixed'
-- test: revision_state('refs/heads/1.2.0') => 'moving'
-- test: revision_state('1.2') => 'unclear'
-- test: revision_state('v1.2') => 'unclear'
-- test: revision_state('release-1.2') => 'unclear'
-- test: revision_state('release/1.2.0') => 'unclear'
-- test: revision_state('release/1.2.x') => 'moving'
-- test: revision_state('1.2-rc.1') => 'unclear'
-- test: revision_state('0123abc') => 'unclear'
-- test: revision_state('main') => 'moving'
-- test: revision_state('HEAD') => 'moving'
-- test: revision_state('1.2.*') => 'moving'
-- test: revision_state('>=1.2.0') => 'moving'
-- test: revision_state('1.2.x') => 'moving'
-- test: revision_state('release-2') => 'moving'
-- test: revision_state('') => 'moving'
-- test: revision_state(NULL) => 'moving'

-- The host of a URL, or of the short form of SSH, in lower case; NULL for none.
CREATE MACRO url_host(url) AS lower(nullif(CASE WHEN contains(url, '://') THEN regexp_extract(url, '://(?:[^@/]*@)?(\[[^\]]*\]|[^:/?#]*)', 1) ELSE regexp_extract(url, '^(?:[^@/]*@)?([^:/]*)', 1) END, ''));
-- test: url_host('https://github.com/acme/shop') => 'github.com'
-- test: url_host('ssh://git@git.example.com:2222/shop') => 'git.example.com'
-- test: url_host('git@GitHub.com:acme/shop.git') => 'github.com'
-- test: url_host('oci://ghcr.io/acme') => 'ghcr.io'
-- test: url_host('minio.shop:9000') => 'minio.shop'
-- test: url_host(NULL) => NULL

-- Names and values of a document, wherever they lie in it: of JSON, where values are text. What is written {"name": "A", "value": "b"} is A and b too.
CREATE MACRO json_entries(document) AS list_transform(list_concat(
    list_zip(regexp_extract_all(document::VARCHAR, '"((?:[^"\\]|\\.)*)"\s*:\s*"((?:[^"\\]|\\.)*)"', 1), regexp_extract_all(document::VARCHAR, '"((?:[^"\\]|\\.)*)"\s*:\s*"((?:[^"\\]|\\.)*)"', 2)),
    list_zip(regexp_extract_all(document::VARCHAR, '"name"\s*:\s*"((?:[^"\\]|\\.)*)"\s*,\s*"value"\s*:\s*"((?:[^"\\]|\\.)*)"', 1), regexp_extract_all(document::VARCHAR, '"name"\s*:\s*"((?:[^"\\]|\\.)*)"\s*,\s*"value"\s*:\s*"((?:[^"\\]|\\.)*)"', 2))),
  lambda _pair: {'name': _pair[1], 'value': _pair[2]});
-- test: json_entries('{"db": {"password": "hunter2", "port": 5432}, "a": "b"}') => [{'name': 'password', 'value': 'hunter2'}, {'name': 'a', 'value': 'b'}]
-- test: json_entries('[{"name":"A","value":"b"}]') => [{'name': 'name', 'value': 'A'}, {'name': 'value', 'value': 'b'}, {'name': 'A', 'value': 'b'}]
-- test: json_entries(NULL) => []

-- The same of YAML, where a name and its value stand in one line.
CREATE MACRO yaml_entries(document) AS list_transform(list_concat(
    list_zip(regexp_extract_all(document, '(?m)^[ \t-]*["'']?([A-Za-z0-9_.\[\]-]+)["'']?:[ \t]+["'']?([^\s"''#|>&*{\[][^\n"'']*)', 1), regexp_extract_all(document, '(?m)^[ \t-]*["'']?([A-Za-z0-9_.\[\]-]+)["'']?:[ \t]+["'']?([^\s"''#|>&*{\[][^\n"'']*)', 2)),
    list_zip(regexp_extract_all(document, '(?m)^[ \t-]*name:[ \t]+["'']?([^\s"'']+)["'']?[ \t]*\n[ \t]+value:[ \t]+["'']?([^\s"''#|>&*{\[][^\n"'']*)', 1), regexp_extract_all(document, '(?m)^[ \t-]*name:[ \t]+["'']?([^\s"'']+)["'']?[ \t]*\n[ \t]+value:[ \t]+["'']?([^\s"''#|>&*{\[][^\n"'']*)', 2))),
  lambda _pair: {'name': _pair[1], 'value': trim(_pair[2])});
-- test: yaml_entries('db:' || chr(10) || '  password: hunter2' || chr(10) || '  "user": "app"') => [{'name': 'password', 'value': 'hunter2'}, {'name': 'user', 'value': 'app'}]
-- test: yaml_entries('- name: A' || chr(10) || '  value: b' || chr(10) || '  text: |' || chr(10) || '    c') => [{'name': 'name', 'value': 'A'}, {'name': 'value', 'value': 'b'}, {'name': 'A', 'value': 'b'}]
-- test: yaml_entries(NULL) => []

-- Whether a value of a chart says which secret, or which key of one, is to be used, rather than what is in it.
CREATE MACRO names_a_kept_secret(setting, value) AS coalesce(len(secret_kinds(value)) = 0 AND (
  regexp_matches(setting, '(?i)existing|pull[-_]?secrets?$|(tls|cert|certificate|ca|auth|user|admin|root|credentials?|password|token)[-_]?secret$|(password|passwd|token|username|user)[-_]?keys?$')
  OR (regexp_matches(setting, '(?i)keys?$') AND regexp_full_match(value, '(?i)([a-z]+[-_.])*(password|passwd|passphrase|secret|token|key|username|user|cert|crt|pem|credentials?)'))
  OR (regexp_matches(setting, '(?i)secrets?$') AND regexp_full_match(value, '[a-z0-9][a-z0-9.-]*[-.](secrets?|credentials?|creds|auth|tls|certs?|tokens?|keys?|passwords?)'))), false);
-- test: names_a_kept_secret('auth.existingSecret', 'postgres-auth') => true
-- test: names_a_kept_secret('adminPasswordKey', 'postgres-password') => true
-- test: names_a_kept_secret('secretKey', 'password') => true
-- test: names_a_kept_secret('secretKey', 'minio123') => false
-- test: names_a_kept_secret('secret', 'db-credentials') => true
-- test: names_a_kept_secret('imagePullSecret', 'regcred') => true
-- test: names_a_kept_secret('password', 'password') => false
-- test: names_a_kept_secret('existingSecret', 'AKIAABCDEFGHIJKLMNOP') => false
-- test: names_a_kept_secret('a', NULL) => false

-- Those of a chart's values that seem to hold a secret, each with the reason. See secret_entries.
CREATE MACRO chart_secrets(entries) AS secret_entries(list_filter(entries, lambda _entry: NOT names_a_kept_secret(_entry.name, _entry.value)));
-- test: chart_secrets([{'name': 'existingSecret', 'value': 'postgres-auth'}, {'name': 'password', 'value': 'hunter2'}]) => ['password (named like a secret)']

-- A switch of a program that is on or off: what its words say last, as Go reads it; NULL if they say nothing.
CREATE MACRO switch_of(words, switch_name) AS list_transform(list_filter(words, lambda _word: regexp_full_match(_word, '--?' || switch_name || '(=.*)?')),
  lambda _said: NOT contains(_said, '=') OR lower(split_part(_said, '=', 2)) IN ('1', 't', 'true'))[-1];
-- test: switch_of(['server', '--insecure'], 'insecure') => true
-- test: switch_of(['server', '--insecure=false'], 'insecure') => false
-- test: switch_of(['server', '--insecure-x'], 'insecure') => NULL
-- test: switch_of(['server', '--insecure', '--insecure=0'], 'insecure') => false
