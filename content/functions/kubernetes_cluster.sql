-- Questions about clusters, the parts of their control plane and their nodes.

-- The last part of a path: the name of a program.
CREATE MACRO program_name(word) AS regexp_extract(word, '([^/]*)$', 1);
-- test: program_name('/usr/local/bin/kube-apiserver') => 'kube-apiserver'
-- test: program_name('etcd') => 'etcd'

-- The words of a shell's line, without quotes, up to where its output goes elsewhere or another command begins.
CREATE MACRO shell_words(line) AS list_transform(
  regexp_extract_all(line, '[0-9][<>]+&?|(?:[^\s"'';|&<>]|"[^"]*"|''[^'']*''|&[0-9])+|[;|&<>]+'),
  lambda _word: regexp_replace(_word, '["'']', '', 'g'));
-- test: shell_words('exec kube-apiserver --a=b --c "d e" 2>&1') => ['exec', 'kube-apiserver', '--a=b', '--c', 'd e', '2>&', '1']
-- test: shell_words('mkdir -p /x; etcd --name=''n 1'' | tee /log') => ['mkdir', '-p', '/x', ';', 'etcd', '--name=n 1', '|', 'tee', '/log']

-- The words that a container is started with. A command line that is handed to a shell is taken apart.
CREATE MACRO command_words(command, args) AS list_transform([list_concat(coalesce(command, []::VARCHAR[]), coalesce(args, []::VARCHAR[]))],
  lambda _all: CASE
    WHEN program_name(_all[1]) IN ('sh', 'bash', 'ash', 'dash') AND regexp_matches(coalesce(_all[2], ''), '^-[a-z]*c$') THEN shell_words(_all[3])
    WHEN program_name(_all[1]) IN ('sh', 'bash', 'ash', 'dash') AND regexp_matches(coalesce(_all[3], ''), '^-[a-z]*c$') THEN shell_words(_all[4])
    ELSE _all END)[1];
-- test: command_words(['kube-apiserver', '--a=b'], ['--c']) => ['kube-apiserver', '--a=b', '--c']
-- test: command_words(['/bin/sh', '-c', 'exec etcd --a'], NULL::VARCHAR[]) => ['exec', 'etcd', '--a']
-- test: command_words(['/bin/sh'], ['-ec', 'etcd --a']) => ['etcd', '--a']
-- test: command_words(['/bin/bash', '-e', '-c', 'etcd --a'], NULL::VARCHAR[]) => ['etcd', '--a']
-- test: command_words(NULL::VARCHAR[], NULL::VARCHAR[]) => []

-- The part of Kubernetes that a word starts, by the name of the program; NULL for others.
CREATE MACRO component_named(word) AS CASE program_name(word)
  WHEN 'kube-apiserver' THEN 'kube-apiserver' WHEN 'apiserver' THEN 'kube-apiserver'
  WHEN 'kube-controller-manager' THEN 'kube-controller-manager' WHEN 'controller-manager' THEN 'kube-controller-manager'
  WHEN 'kube-scheduler' THEN 'kube-scheduler' WHEN 'scheduler' THEN 'kube-scheduler'
  WHEN 'kube-proxy' THEN 'kube-proxy' WHEN 'proxy' THEN 'kube-proxy'
  WHEN 'etcd' THEN 'etcd' END;
-- test: component_named('/usr/local/bin/kube-apiserver') => 'kube-apiserver'
-- test: component_named('kube-apiserver-healthcheck') => NULL

-- Where among the words the part's own flags begin: after its name. Short names count only after hyperkube, which holds all parts. 0 if
-- no part is started.
CREATE MACRO component_at(words) AS coalesce(list_filter(range(1, len(words) + 1), lambda _at: component_named(words[_at]) IS NOT NULL
  AND (program_name(words[_at]) IN ('kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'etcd') OR (_at > 1 AND program_name(words[_at - 1]) = 'hyperkube'))
  AND NOT starts_with(words[_at], '-'))[1], 0);
-- test: component_at(['kube-apiserver', '--a']) => 1
-- test: component_at(['/go-runner', '--log-file=/var/log/kube-apiserver.log', '/usr/local/bin/kube-apiserver', '--a']) => 3
-- test: component_at(['/hyperkube', 'apiserver', '--a']) => 2
-- test: component_at(['scheduler', '--a']) => 0
-- test: component_at(['coredns', '-conf', '/etc/coredns/Corefile']) => 0
-- test: component_at([]::VARCHAR[]) => 0

-- The part of Kubernetes that the words start.
CREATE MACRO component_of(words) AS component_named(words[component_at(words)]);
-- test: component_of(['exec', '/usr/bin/etcd', '--a']) => 'etcd'
-- test: component_of(['metrics-server', '--a']) => NULL

-- The words after the part's name, up to where a shell does something else.
CREATE MACRO component_words(words) AS list_transform([words[component_at(words) + 1:]],
  lambda _rest: _rest[:coalesce(list_filter(range(1, len(_rest) + 1), lambda _end: regexp_matches(_rest[_end], '^[0-9]?[;|&<>]+$'))[1], len(_rest) + 1) - 1])[1];
-- test: component_words(['exec', 'etcd', '--a', '2>&', '1']) => ['--a']
-- test: component_words(['etcd']) => []

-- Flags and their values, in the order written: --a=b, --a b, or --a alone, which means true. Words are written with _ or -.
CREATE MACRO flag_pairs(words) AS list_transform(list_filter(range(1, len(words) + 1), lambda _at: regexp_matches(words[_at], '^--?[A-Za-z]')),
  lambda _flag: {'flag': replace(regexp_extract(words[_flag], '^--?([^=]+)', 1), '_', '-'),
    'value': CASE WHEN contains(words[_flag], '=') THEN words[_flag][instr(words[_flag], '=') + 1:]
      WHEN regexp_matches(coalesce(words[_flag + 1], '-'), '^(-[0-9.]|[^-])') THEN words[_flag + 1] ELSE 'true' END});
-- test: flag_pairs(['--a=b=c', '--d_e', 'f', '-g']) => [{'flag': 'a', 'value': 'b=c'}, {'flag': 'd-e', 'value': 'f'}, {'flag': 'g', 'value': 'true'}]
-- test: flag_pairs(['--a', '--b', '-1', '--c=']) => [{'flag': 'a', 'value': 'true'}, {'flag': 'b', 'value': '-1'}, {'flag': 'c', 'value': ''}]

-- The flags whose values add up when they are written several times. Of all others the last one counts.
CREATE MACRO flags_that_add_up() AS ['admission-control', 'api-audiences', 'authorization-mode', 'controllers', 'disable-admission-plugins', 'enable-admission-plugins',
  'etcd-servers', 'feature-gates', 'oidc-required-claim', 'requestheader-allowed-names', 'runtime-config', 'service-account-issuer',
  'service-account-key-file', 'tls-cipher-suites', 'tls-sni-cert-key'];
-- test: list_contains(flags_that_add_up(), 'authorization-mode') => true
-- test: list_contains(flags_that_add_up(), 'profiling') => false

-- The flags of the part that the words start.
CREATE MACRO component_flags(words) AS list_transform([flag_pairs(component_words(words))], lambda _pairs:
  map_from_entries(list_transform(list_sort(list_distinct(list_transform(_pairs, lambda _pair: _pair.flag))), lambda _name: {'k': _name, 'v':
    CASE WHEN list_contains(flags_that_add_up(), _name) THEN array_to_string(list_transform(list_filter(_pairs, lambda _same: _same.flag = _name), lambda _each: _each.value), ',')
      ELSE list_filter(_pairs, lambda _same: _same.flag = _name)[-1].value END})))[1];
-- test: component_flags(['kube-apiserver', '--profiling=false', '--anonymous-auth']) => MAP {'anonymous-auth': 'true', 'profiling': 'false'}
-- test: component_flags(['kube-apiserver', '--profiling=false', '--profiling=true']) => MAP {'profiling': 'true'}
-- test: component_flags(['kube-apiserver', '--enable-admission-plugins=NodeRestriction', '--enable_admission_plugins', 'EventRateLimit']) => MAP {'enable-admission-plugins': 'NodeRestriction,EventRateLimit'}
-- test: component_flags(['/go-runner', '--log-file=/x', '/usr/local/bin/kube-apiserver', '--secure-port=443']) => MAP {'secure-port': '443'}
-- test: component_flags(command_words(['/bin/sh', '-c', 'exec /usr/local/bin/kube-apiserver --tls-min-version="VersionTLS12" --v 2 > /var/log/kube-apiserver.log 2>&1'], NULL::VARCHAR[])) => MAP {'tls-min-version': 'VersionTLS12', 'v': '2'}
-- test: component_flags(['kube-apiserver']) => MAP {}

-- The items of a flag that is a list.
CREATE MACRO flag_items(value) AS list_filter(list_transform(string_split(coalesce(value, ''), ','), lambda _item: trim(_item)), lambda _word: _word <> '');
-- test: flag_items('Node, RBAC') => ['Node', 'RBAC']
-- test: flag_items('') => []
-- test: flag_items(NULL) => []

-- Whether a flag is given a value.
CREATE MACRO flag_is_set(flags, flag) AS coalesce(flags[flag], '') <> '';
-- test: flag_is_set(MAP {'a': 'b'}, 'a') => true
-- test: flag_is_set(MAP {'a': ''}, 'a') => false
-- test: flag_is_set(MAP {'b': 'b'}, 'a') => false

-- The names among those given of flags that have no value.
CREATE MACRO flags_missing(flags, names) AS list_filter(names, lambda _flag: coalesce(flags[_flag], '') = '');
-- test: flags_missing(MAP {'a': 'b'}, ['a', 'c']) => ['c']

-- Whether a switch is on, as programs read one; what it is if nothing is said must be given.
CREATE MACRO flag_is_on(flags, flag, otherwise) AS CASE WHEN lower(coalesce(flags[flag], '')) IN ('true', 't', '1') THEN true
  WHEN lower(coalesce(flags[flag], '')) IN ('false', 'f', '0') THEN false ELSE otherwise END;
-- test: flag_is_on(MAP {'a': 'False'}, 'a', true) => false
-- test: flag_is_on(MAP {'a': '1'}, 'a', false) => true
-- test: flag_is_on(MAP {'b': 'x'}, 'a', true) => true

-- A flag as it is written, or that it is not.
CREATE MACRO flag_text(flags, flag) AS CASE WHEN flags[flag] IS NULL THEN '--' || flag || ' is not set' ELSE '--' || flag || '=' || flags[flag] END;
-- test: flag_text(MAP {'a': 'b'}, 'a') => '--a=b'
-- test: flag_text(MAP {'b': 'b'}, 'a') => '--a is not set'

-- The admission plugins that somebody enabled beside those that are enabled anyway.
CREATE MACRO plugins_enabled(flags) AS list_concat(flag_items(flags['enable-admission-plugins']), flag_items(flags['admission-control']));
-- test: plugins_enabled(MAP {'enable-admission-plugins': 'NodeRestriction,EventRateLimit'}) => ['NodeRestriction', 'EventRateLimit']
-- test: plugins_enabled(MAP {'v': '2'}) => []

-- The switch of a feature in --feature-gates; NULL if it is not named.
CREATE MACRO feature_gate(flags, feature) AS list_transform(list_filter(flag_items(flags['feature-gates']), lambda _gate: trim(split_part(_gate, '=', 1)) = feature),
  lambda _own: lower(trim(split_part(_own, '=', 2))) IN ('true', 't', '1'))[-1];
-- test: feature_gate(MAP {'feature-gates': 'A=true,B=false'}, 'B') => false
-- test: feature_gate(MAP {'feature-gates': 'A=true'}, 'B') => NULL
-- test: feature_gate(MAP {'v': '2'}, 'B') => NULL

-- Seconds of a duration as Go writes it: 1h30m, 60s, 0. NULL for what is none.
CREATE MACRO go_seconds(duration) AS CASE WHEN duration IS NULL THEN NULL WHEN duration = '0' THEN 0.0
  WHEN NOT regexp_matches(duration, '^([0-9.]+(h|ms|m|s|us|ns|µs))+$') THEN NULL
  ELSE list_sum(list_transform(regexp_extract_all(duration, '[0-9.]+(?:h|ms|m|s|us|ns|µs)'), lambda _part:
    try_cast(regexp_extract(_part, '^[0-9.]+') AS DOUBLE) * CASE regexp_extract(_part, '[a-zµ]+$') WHEN 'h' THEN 3600 WHEN 'm' THEN 60 WHEN 's' THEN 1 WHEN 'ms' THEN 0.001 ELSE 0.000001 END)) END;
-- test: go_seconds('1m0s') => 60.0
-- test: go_seconds('1h30m') => 5400.0
-- test: go_seconds('4h0m0s') => 14400.0
-- test: go_seconds('0') => 0.0
-- test: go_seconds('500ms') => 0.5
-- test: go_seconds('5') => NULL
-- test: go_seconds(NULL) => NULL

-- Whether only the host itself can reach an address that a program listens at.
CREATE MACRO is_loopback(address) AS coalesce(regexp_matches(lower(address), '^\[?(127\.[0-9.]+|::1|localhost)\]?(:[0-9]+)?$'), false);
-- test: is_loopback('127.0.0.1') => true
-- test: is_loopback('127.0.0.1:10249') => true
-- test: is_loopback('::1') => true
-- test: is_loopback('[::1]:10249') => true
-- test: is_loopback('0.0.0.0') => false
-- test: is_loopback('1.127.0.0') => false
-- test: is_loopback(NULL) => false

-- Whether the internet routes an address. Text that is no address is none. GKE gives services addresses of a range that Google keeps for that.
CREATE MACRO is_internet_address(address) AS coalesce(stance_cidr(address) IS NOT NULL AND len(list_filter(
  ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '0.0.0.0/8', '224.0.0.0/3', '34.118.224.0/20', 'fc00::/7', 'fe80::/10', '::1/128', '::/128', 'ff00::/8'],
  lambda _range: coalesce(cidr_contains(_range, CASE WHEN contains(address, '/') THEN address WHEN contains(address, ':') THEN address || '/128' ELSE address || '/32' END), false))) = 0, false);
-- test: is_internet_address('203.0.113.7') => true
-- test: is_internet_address('2a01:4f8::1') => true
-- test: is_internet_address('10.1.2.3') => false
-- test: is_internet_address('172.31.0.1') => false
-- test: is_internet_address('100.64.0.1') => false
-- test: is_internet_address('fd00::1') => false
-- test: is_internet_address('34.118.224.1') => false
-- test: is_internet_address('127.0.0.1') => false
-- test: is_internet_address('node-1.example.com') => false
-- test: is_internet_address(NULL) => false

-- The number of a minor version: 33 for v1.33.4-eks-4a2b3c. NULL for what is no version of Kubernetes.
CREATE MACRO minor_number(version) AS try_cast(nullif(regexp_extract(version, '^v?1\.([0-9]+)', 1), '') AS INTEGER);
-- test: minor_number('v1.33.4-eks-4a2b3c') => 33
-- test: minor_number('1.30') => 30
-- test: minor_number('') => NULL
-- test: minor_number(NULL) => NULL

-- Who made or runs the cluster, as far as the version of its API server tells; NULL if it does not.
CREATE MACRO distribution_of_version(version) AS CASE
  WHEN contains(version, '-eks-') THEN 'eks' WHEN contains(version, '-gke.') THEN 'gke' WHEN contains(version, '+k3s') THEN 'k3s' WHEN contains(version, '+rke2') THEN 'rke2'
  WHEN contains(version, '+k0s') THEN 'k0s' WHEN contains(version, '-aliyun') THEN 'ack' WHEN contains(version, '-tke.') THEN 'tke' WHEN contains(version, '+IKS') THEN 'iks'
  WHEN contains(version, '+vmware') THEN 'tanzu' WHEN contains(version, '-mirantis') THEN 'mke'
  WHEN regexp_matches(version, '^v1\.[0-9]+\.[0-9]+\+[0-9a-f]{7}$') THEN 'openshift' END;
-- test: distribution_of_version('v1.33.4-eks-4a2b3c') => 'eks'
-- test: distribution_of_version('v1.33.4-gke.1036000') => 'gke'
-- test: distribution_of_version('v1.33.4+k3s1') => 'k3s'
-- test: distribution_of_version('v1.33.4+rke2r1') => 'rke2'
-- test: distribution_of_version('v1.27.6+f67aeb3') => 'openshift'
-- test: distribution_of_version('v1.33.4') => NULL

-- Who made or runs the cluster, as far as a node's labels tell; NULL if they do not.
CREATE MACRO distribution_of_labels(labels) AS CASE
  WHEN len(list_filter(map_keys(labels), lambda _label: starts_with(_label, 'eks.amazonaws.com/'))) > 0 THEN 'eks'
  WHEN map_contains(labels, 'cloud.google.com/gke-nodepool') THEN 'gke'
  WHEN map_contains(labels, 'kubernetes.azure.com/cluster') OR map_contains(labels, 'kubernetes.azure.com/agentpool') THEN 'aks'
  WHEN map_contains(labels, 'doks.digitalocean.com/node-id') THEN 'doks' WHEN map_contains(labels, 'lke.linode.com/pool-id') THEN 'lke'
  WHEN map_contains(labels, 'ibm-cloud.kubernetes.io/worker-id') THEN 'iks' WHEN map_contains(labels, 'k8s.scaleway.com/pool-name') THEN 'kapsule'
  WHEN map_contains(labels, 'node.openshift.io/os_id') THEN 'openshift' END;
-- test: distribution_of_labels(MAP {'eks.amazonaws.com/nodegroup': 'a'}) => 'eks'
-- test: distribution_of_labels(MAP {'cloud.google.com/gke-nodepool': 'a'}) => 'gke'
-- test: distribution_of_labels(MAP {'kubernetes.azure.com/agentpool': 'a'}) => 'aks'
-- test: distribution_of_labels(MAP {'kubernetes.io/os': 'linux'}) => NULL
-- test: distribution_of_labels(NULL::MAP(VARCHAR, VARCHAR)) => NULL

-- Whether the provider runs the control plane, where its owner cannot look.
CREATE MACRO provider_runs(distribution) AS coalesce(distribution IN ('eks', 'gke', 'aks', 'ack', 'tke', 'iks', 'doks', 'lke', 'kapsule'), false);
-- test: provider_runs('eks') => true
-- test: provider_runs('k3s') => false
-- test: provider_runs(NULL) => false

-- The name of a distribution.
CREATE MACRO distribution_title(distribution) AS CASE distribution WHEN 'eks' THEN 'Amazon EKS' WHEN 'gke' THEN 'Google Kubernetes Engine' WHEN 'aks' THEN 'Azure Kubernetes Service'
  WHEN 'ack' THEN 'Alibaba Cloud' WHEN 'tke' THEN 'Tencent Cloud' WHEN 'iks' THEN 'IBM Cloud' WHEN 'doks' THEN 'DigitalOcean' WHEN 'lke' THEN 'Linode' WHEN 'kapsule' THEN 'Scaleway'
  WHEN 'openshift' THEN 'OpenShift' ELSE distribution END;
-- test: distribution_title('eks') => 'Amazon EKS'
-- test: distribution_title('k3s') => 'k3s'

-- Why a part of the control plane cannot be seen, and where to look.
CREATE MACRO unseen_text(component, distribution) AS CASE
  WHEN provider_runs(distribution) THEN 'the provider runs this (' || distribution_title(distribution) || '): look at what it says of ' || component
  WHEN distribution = 'openshift' THEN 'OpenShift keeps the settings of ' || component || ' in its operators: look at those'
  WHEN distribution IN ('k3s', 'k0s') THEN distribution || ' runs ' || component || ' inside its own process: look at how that is started'
  ELSE 'no pod shows ' || component || ', which runs outside of the cluster or as a service of its host: look at its flags there' END;
-- test: unseen_text('etcd', 'eks') => 'the provider runs this (Amazon EKS): look at what it says of etcd'
-- test: unseen_text('etcd', 'k3s') => 'k3s runs etcd inside its own process: look at how that is started'
-- test: unseen_text('etcd', NULL) => 'no pod shows etcd, which runs outside of the cluster or as a service of its host: look at its flags there'

-- The same, with the check of AWS that answers the question there.
CREATE MACRO unseen_but(unseen, distribution, aws_check) AS CASE WHEN distribution = 'eks' THEN unseen || ', and at the check ' || aws_check ELSE unseen END;
-- test: unseen_but('the provider runs this', 'eks', 'aws_eks_cluster_secrets_encrypted') => 'the provider runs this, and at the check aws_eks_cluster_secrets_encrypted'
-- test: unseen_but('no pod', 'k3s', 'aws_eks_cluster_secrets_encrypted') => 'no pod'
-- test: unseen_but(NULL, 'eks', 'aws_eks_cluster_secrets_encrypted') => NULL

-- Suites for TLS that agree on a fresh key and authenticate what they encrypt, in the names of Go. Those of TLS 1.3 are.
CREATE MACRO weak_suites(suites, allowed) AS list_filter(coalesce(suites, []::VARCHAR[]), lambda _suite: NOT list_contains(allowed, _suite)
  AND _suite NOT IN ('TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'));
-- test: weak_suites(['TLS_AES_128_GCM_SHA256', 'TLS_RSA_WITH_RC4_128_SHA'], ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256']) => ['TLS_RSA_WITH_RC4_128_SHA']
-- test: weak_suites(NULL::VARCHAR[], []) => []

-- Addresses of a kind that a node has.
CREATE MACRO node_addresses(addresses, kind) AS coalesce(list_transform(list_filter(addresses, lambda _address: _address."type" = kind), lambda _of: _of.address), []::VARCHAR[]);
-- test: node_addresses([{'type': 'InternalIP', 'address': '10.0.0.1'}, {'type': 'ExternalIP', 'address': '203.0.113.7'}], 'ExternalIP') => ['203.0.113.7']
-- test: node_addresses(NULL::STRUCT("type" VARCHAR, address VARCHAR)[], 'ExternalIP') => []

-- The samples of a metric whose label has a value, added up; 0 for none.
CREATE MACRO metric_sum(samples) AS coalesce(list_sum(list_transform(samples, lambda _sample: _sample.value)), 0);
-- test: metric_sum([{'labels': MAP {'a': 'b'}, 'value': 2.0}, {'labels': MAP {'a': 'c'}, 'value': 3.0}]) => 5.0
-- test: metric_sum(NULL::STRUCT(labels MAP(VARCHAR, VARCHAR), value DOUBLE)[]) => 0.0

-- The samples that tell of something that happened to one resource of a storage transformation: written (to_storage) or read. Servers before 1.30 do
-- not say of which resource.
CREATE MACRO storage_prefixes(samples, transformation, resource) AS list_sort(list_distinct(list_transform(list_filter(coalesce(samples, []), lambda _sample:
  _sample.value > 0 AND _sample.labels['transformation_type'] = transformation AND _sample.labels['transformer_prefix'] IS NOT NULL
  AND coalesce(_sample.labels['status'], 'OK') = 'OK' AND coalesce(_sample.labels['resource'], resource) = resource),
  lambda _own: _own.labels['transformer_prefix'])));
-- test: storage_prefixes([{'labels': MAP {'transformation_type': 'to_storage', 'transformer_prefix': 'identity', 'resource': 'secrets'}, 'value': 2.0}], 'to_storage', 'secrets') => ['identity']
-- test: storage_prefixes([{'labels': MAP {'transformation_type': 'to_storage', 'transformer_prefix': 'identity', 'resource': 'configmaps'}, 'value': 2.0}], 'to_storage', 'secrets') => []
-- test: storage_prefixes(NULL::STRUCT(labels MAP(VARCHAR, VARCHAR), value DOUBLE)[], 'to_storage', 'secrets') => []

-- The value of a key at the top of a document in YAML, where it is one word; NULL if it is not there.
CREATE MACRO yaml_value(document, key) AS nullif(regexp_extract(document, '(?m)^' || key || ':[ \t]*["'']?([^"''\s#]*)', 1), '');
-- test: yaml_value('a: 1' || chr(10) || 'metricsBindAddress: "0.0.0.0:10249"' || chr(10) || 'mode: ipvs', 'metricsBindAddress') => '0.0.0.0:10249'
-- test: yaml_value('x:' || chr(10) || '  mode: ipvs', 'mode') => NULL
-- test: yaml_value('mode: ""', 'mode') => NULL
-- test: yaml_value(NULL, 'mode') => NULL

-- What the environment of etcd says, by the names of flags.
CREATE MACRO etcd_environment(variables) AS list_transform([list_filter(coalesce(variables, []), lambda _variable: starts_with(_variable.name, 'ETCD_') AND _variable.value IS NOT NULL)],
  lambda _own: coalesce(TRY(map_from_entries(list_transform(_own, lambda _set: {'k': replace(lower(_set.name[6:]), '_', '-'), 'v': _set.value::VARCHAR}))), map {}::MAP(VARCHAR, VARCHAR)))[1];
-- test: etcd_environment([{'name': 'ETCD_CLIENT_CERT_AUTH', 'value': 'true'}, {'name': 'HOST', 'value': 'x'}]) => MAP {'client-cert-auth': 'true'}
-- test: etcd_environment(NULL::STRUCT(name VARCHAR, value VARCHAR)[]) => MAP {}

-- The product and cycle of an operating system as nodes name it, as kubernetes_data_lifecycle has them; NULL for others.
CREATE MACRO os_cycle(os_image) AS CASE
  WHEN regexp_matches(os_image, '^Ubuntu [0-9]+\.[0-9]+') THEN 'ubuntu ' || regexp_extract(os_image, '^Ubuntu ([0-9]+\.[0-9]+)', 1)
  WHEN regexp_matches(os_image, '^Amazon Linux [0-9]+') THEN 'amazon-linux ' || regexp_extract(os_image, '^Amazon Linux ([0-9]+)', 1)
  WHEN regexp_matches(os_image, '^Debian GNU/Linux [0-9]+') THEN 'debian ' || regexp_extract(os_image, 'Linux ([0-9]+)', 1)
  WHEN regexp_matches(os_image, '^CentOS Linux [0-9]+') THEN 'centos ' || regexp_extract(os_image, 'Linux ([0-9]+)', 1)
  WHEN regexp_matches(os_image, '^Red Hat Enterprise Linux( Server)? [0-9]+') THEN 'rhel ' || regexp_extract(os_image, 'Linux(?: Server)? ([0-9]+)', 1)
  WHEN regexp_matches(os_image, '^Rocky Linux [0-9]+') THEN 'rocky ' || regexp_extract(os_image, 'Linux ([0-9]+)', 1)
  WHEN regexp_matches(os_image, '^Windows Server [0-9]{4}') THEN 'windows-server ' || regexp_extract(os_image, 'Server ([0-9]{4})', 1) END;
-- test: os_cycle('Ubuntu 22.04.3 LTS') => 'ubuntu 22.04'
-- test: os_cycle('Amazon Linux 2023.5.20240701') => 'amazon-linux 2023'
-- test: os_cycle('Amazon Linux 2') => 'amazon-linux 2'
-- test: os_cycle('Debian GNU/Linux 12 (bookworm)') => 'debian 12'
-- test: os_cycle('Red Hat Enterprise Linux 8.9 (Ootpa)') => 'rhel 8'
-- test: os_cycle('Red Hat Enterprise Linux CoreOS 415.92.202402130021-0 (Plow)') => NULL
-- test: os_cycle('Windows Server 2019 Datacenter') => 'windows-server 2019'
-- test: os_cycle('Bottlerocket OS 1.20.0 (aws-k8s-1.29)') => NULL
-- test: os_cycle(NULL) => NULL

-- Whether a host is an address of the service "kubernetes" rather than of the API server, as a pod sees it: a private address, among the names of a certificate
-- that is for that service too, and the first one of its range.
CREATE MACRO seems_service_address(host, names) AS coalesce(regexp_matches(host, '^[0-9.]+\.1$|^fd[0-9a-f:]*::1$') AND NOT is_internet_address(host) AND NOT is_loopback(host)
  AND list_contains(names, 'kubernetes.default.svc') AND list_contains(names, host), false) OR coalesce(host IN ('kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'), false);
-- test: seems_service_address('10.96.0.1', ['kubernetes.default.svc', '10.96.0.1']) => true
-- test: seems_service_address('10.0.0.5', ['kubernetes.default.svc', '10.0.0.5']) => false
-- test: seems_service_address('kubernetes.default.svc', NULL::VARCHAR[]) => true
-- test: seems_service_address('k8s.example.com', ['kubernetes.default.svc']) => false
-- test: seems_service_address(NULL, NULL::VARCHAR[]) => false

-- The addresses among those of a flag at which is spoken without TLS.
CREATE MACRO plain_urls(urls) AS list_filter(flag_items(urls), lambda _url: NOT regexp_matches(lower(_url), '^(https://|unix)'));
-- test: plain_urls('https://10.0.0.1:2379,http://10.0.0.2:2379') => ['http://10.0.0.2:2379']
-- test: plain_urls('unix:///run/etcd.sock') => []
-- test: plain_urls(NULL) => []
