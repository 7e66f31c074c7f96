-- Questions about pods and what they are made of.

-- Whether any setting of a structure is set. The API server writes empty structures into objects whose author wrote none.
CREATE MACRO says_anything(settings) AS coalesce(regexp_matches(to_json(settings)::VARCHAR, '[:\[](true|false|-?[0-9]|")'), false);
-- test: says_anything({'runAsUser': NULL, 'sysctls': NULL}) => false
-- test: says_anything({'runAsUser': 0}) => true
-- test: says_anything({'privileged': false}) => true
-- test: says_anything({'capabilities': {'drop': ['ALL']}}) => true
-- test: says_anything(NULL) => false

-- The images of containers and of those that run before them.
CREATE MACRO image_names(containers, before) AS list_concat(coalesce(list_transform(containers, lambda _one: _one.image), []), coalesce(list_transform(before, lambda _first: _first.image), []));
-- test: image_names([{'image': 'a'}], [{'image': 'b'}]) => ['a', 'b']
-- test: image_names([{'image': 'a'}], NULL) => ['a']

-- The name of an image without registry, tag and digest.
CREATE MACRO image_base(image) AS regexp_extract(image, '([^/:@]+)(:[^/@]*)?(@[^/]*)?$', 1);
-- test: image_base('registry.k8s.io/kube-proxy:v1.34.0') => 'kube-proxy'
-- test: image_base('localhost:5000/team/web@sha256:abc') => 'web'
-- test: image_base('localhost:5000/web:1@sha256:abc') => 'web'
-- test: image_base('nginx') => 'nginx'
-- test: image_base(NULL) => NULL

-- Whether a workload is a network plugin, proxy or storage driver that is known: such agents set up the node that they run on. A name alone
-- is no proof: the namespace is one that only administrators write to, and each image is one that the agent is made of.
CREATE MACRO is_node_agent(space, workload, images) AS coalesce(len(images) > 0 AND list_transform([MAP {
  'kube-system/kube-proxy': 'kube-proxy|kube-proxy-amd64|kube-proxy-arm64',
  'kube-system/kube-proxy-windows': 'kube-proxy.*',
  'kube-system/kindnet': 'kindnetd',
  'kube-system/node-local-dns': 'k8s-dns-node-cache.*',
  'kube-system/aws-node': 'amazon-k8s-cni|amazon-k8s-cni-init|aws-network-policy-agent|amazon-network-policy-agent',
  'kube-system/ebs-csi-node': 'aws-ebs-csi-driver|ebs-csi-driver|csi-node-driver-registrar|livenessprobe',
  'kube-system/efs-csi-node': 'aws-efs-csi-driver|efs-csi-driver|csi-node-driver-registrar|livenessprobe',
  'kube-system/cilium': 'cilium|startup-script',
  'kube-system/cilium-envoy': 'cilium-envoy',
  'kube-system/calico-node': 'node|cni|pod2daemon-flexvol|calico|calico-node|calico-cni',
  'calico-system/calico-node': 'node|cni|pod2daemon-flexvol|node-driver-registrar|calico',
  'calico-system/csi-node-driver': 'csi|node-driver-registrar|calico',
  'kube-flannel/kube-flannel-ds': 'flannel|flannel-cni-plugin',
  'kube-system/kube-flannel-ds': 'flannel|flannel-cni-plugin',
  'kube-system/anetd': 'cilium|.*cilium.*|netd.*',
  'kube-system/pdcsi-node': 'gcp-compute-persistent-disk-csi-driver.*|csi-node-driver-registrar.*',
  'kube-system/azure-cns': 'azure-cns.*|azure-cni.*',
  'kube-system/csi-azuredisk-node': 'azuredisk-csi.*|csi-node-driver-registrar.*|livenessprobe.*',
  'kube-system/csi-azurefile-node': 'azurefile-csi.*|csi-node-driver-registrar.*|livenessprobe.*',
  'kube-system/cloud-node-manager': 'azure-cloud-node-manager.*',
  'kube-system/csi-secrets-store': 'driver|csi-node-driver-registrar|livenessprobe',
  'kube-system/csi-secrets-store-windows': 'driver|csi-node-driver-registrar|livenessprobe',
  'kube-system/csi-secrets-store-secrets-store-csi-driver': 'driver|csi-node-driver-registrar|livenessprobe'
  }[space || '/' || workload]], lambda _known: _known IS NOT NULL AND len(list_filter(images, lambda _image: NOT regexp_full_match(coalesce(image_base(_image), ''), _known))) = 0)[1], false);
-- test: is_node_agent('kube-system', 'kube-proxy', ['registry.k8s.io/kube-proxy:v1.34.0']) => true
-- test: is_node_agent('kube-system', 'kube-proxy', ['evil/miner:1', 'registry.k8s.io/kube-proxy:v1.34.0']) => false
-- test: is_node_agent('shop', 'kube-proxy', ['registry.k8s.io/kube-proxy:v1.34.0']) => false
-- test: is_node_agent('kube-system', 'calico-node', ['quay.io/calico/node:v3.32.0', 'quay.io/calico/calico:v3.32.0']) => true
-- test: is_node_agent('kube-system', 'csi-secrets-store', ['registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.16.0', 'registry.k8s.io/csi-secrets-store/driver:v1.6.0', 'registry.k8s.io/sig-storage/livenessprobe:v2.18.0']) => true
-- test: is_node_agent('shop', 'csi-secrets-store', ['registry.k8s.io/csi-secrets-store/driver:v1.6.0']) => false
-- test: is_node_agent('kube-system', 'web', ['web:1']) => false
-- test: is_node_agent('kube-system', 'kube-proxy', []::VARCHAR[]) => false

-- Whether a namespace holds parts of Kubernetes or of the platform that it came with, and not what its users run.
CREATE MACRO is_platform_namespace(space) AS coalesce(space IN ('kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage', 'kube-flannel', 'calico-system', 'calico-apiserver', 'tigera-operator', 'gmp-system', 'gmp-public', 'amazon-guardduty')
  OR starts_with(space, 'openshift-') OR starts_with(space, 'gke-managed-') OR space = 'openshift', false);
-- test: is_platform_namespace('kube-system') => true
-- test: is_platform_namespace('openshift-monitoring') => true
-- test: is_platform_namespace('shop') => false
-- test: is_platform_namespace('kube-shop') => false
-- test: is_platform_namespace(NULL) => false

-- A path of a node in its plainest form: no doubled or last slash, no single dots, and /run for the link /var/run.
CREATE MACRO plain_path(path) AS list_transform([regexp_replace(regexp_replace(regexp_replace(path, '(/\.)+(/|$)', '/', 'g'), '/+', '/', 'g'), '(.)/$', '\1')],
  lambda _path: CASE WHEN _path = '/var/run' OR starts_with(_path, '/var/run/') THEN substr(_path, 5) WHEN _path = '' THEN '/' ELSE _path END)[1];
-- test: plain_path('/var/lib//kubelet/') => '/var/lib/kubelet'
-- test: plain_path('/') => '/'
-- test: plain_path('//') => '/'
-- test: plain_path('/etc/./kubernetes/.') => '/etc/kubernetes'
-- test: plain_path('/var/run/docker.sock') => '/run/docker.sock'
-- test: plain_path('/var/runner') => '/var/runner'
-- test: plain_path(NULL) => NULL

-- Whether one path of a node is another one, or lies below it. Both are plain.
CREATE MACRO path_within(path, folder) AS path = folder OR folder = '/' OR starts_with(path, folder || '/');
-- test: path_within('/var/lib/kubelet/pods', '/var/lib/kubelet') => true
-- test: path_within('/var/lib/kubelet2', '/var/lib/kubelet') => false
-- test: path_within('/etc', '/') => true
-- test: path_within('/', '/etc') => false

-- Hosts that probes and handlers of a container are sent to instead of its own pod.
CREATE MACRO probe_hosts(liveness, readiness, startup, handlers) AS list_sort(list_distinct(list_filter([liveness.httpGet.host, liveness.tcpSocket.host, readiness.httpGet.host, readiness.tcpSocket.host,
  startup.httpGet.host, startup.tcpSocket.host, handlers.postStart.httpGet.host, handlers.postStart.tcpSocket.host, handlers.preStop.httpGet.host, handlers.preStop.tcpSocket.host], lambda _host: _host <> '')));
-- test: probe_hosts({'httpGet': {'host': 'b'}, 'tcpSocket': {'host': 'a'}}, {'httpGet': {'host': ''}, 'tcpSocket': {'host': NULL}}, {'httpGet': {'host': NULL}, 'tcpSocket': {'host': 'a'}}, {'postStart': {'httpGet': {'host': NULL}, 'tcpSocket': {'host': NULL}}, 'preStop': {'httpGet': {'host': 'c'}, 'tcpSocket': {'host': NULL}}}) => ['a', 'b', 'c']

-- A quantity as a number: 100m, 1.5, 2Gi, 500M, 1e3, also in the quotes of JSON. NULL for what is none.
CREATE MACRO quantity(amount) AS try_cast(regexp_extract(trim(amount, '"'), '^([0-9.]+([eE][+-]?[0-9]+)?)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$', 1) AS DOUBLE)
  * MAP {'': 1.0, 'm': 0.001, 'k': 1e3, 'M': 1e6, 'G': 1e9, 'T': 1e12, 'P': 1e15, 'E': 1e18, 'Ki': 1024.0, 'Mi': 1048576.0, 'Gi': 1073741824.0, 'Ti': 1099511627776.0, 'Pi': 1125899906842624.0, 'Ei': 1152921504606846976.0}[
    regexp_extract(trim(amount, '"'), '^([0-9.]+([eE][+-]?[0-9]+)?)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$', 3)];
-- test: quantity('2Gi') => 2147483648.0
-- test: quantity('1.5') => 1.5
-- test: quantity('1e3') => 1000.0
-- test: quantity('"2k"') => 2000.0
-- test: quantity('much') => NULL
-- test: quantity(NULL) => NULL

-- Whether a selector of labels chooses an object with these. An empty selector chooses all, one that is absent none.
CREATE MACRO selects(selector, labels) AS coalesce(selector IS NOT NULL
  AND len(list_filter(coalesce(map_entries(selector.matchLabels), []), lambda _pair: coalesce(labels[_pair.key] <> _pair.value, true))) = 0
  AND len(list_filter(coalesce(selector.matchExpressions, []), lambda _term: NOT CASE _term.operator
    WHEN 'In' THEN coalesce(list_contains(_term.values, labels[_term.key]), false)
    WHEN 'NotIn' THEN coalesce(NOT list_contains(_term.values, labels[_term.key]), true)
    WHEN 'Exists' THEN labels[_term.key] IS NOT NULL
    WHEN 'DoesNotExist' THEN labels[_term.key] IS NULL
    ELSE false END)) = 0, false);
-- test: selects({'matchLabels': MAP {'app': 'web'}, 'matchExpressions': NULL::STRUCT("key" VARCHAR, "operator" VARCHAR, "values" VARCHAR[])[]}, MAP {'app': 'web', 'tier': 'front'}) => true
-- test: selects({'matchLabels': MAP {'app': 'web'}, 'matchExpressions': NULL::STRUCT("key" VARCHAR, "operator" VARCHAR, "values" VARCHAR[])[]}, MAP {'app': 'db'}) => false
-- test: selects({'matchLabels': NULL::MAP(VARCHAR, VARCHAR), 'matchExpressions': [{'key': 'app', 'operator': 'In', 'values': ['web', 'api']}]}, MAP {'app': 'api'}) => true
-- test: selects({'matchLabels': NULL::MAP(VARCHAR, VARCHAR), 'matchExpressions': [{'key': 'app', 'operator': 'DoesNotExist', 'values': NULL::VARCHAR[]}]}, MAP {'app': 'api'}) => false
-- test: selects({'matchLabels': NULL::MAP(VARCHAR, VARCHAR), 'matchExpressions': [{'key': 'app', 'operator': 'NotIn', 'values': ['web']}]}, MAP {'tier': 'db'}) => true
-- test: selects({'matchLabels': NULL::MAP(VARCHAR, VARCHAR), 'matchExpressions': NULL::STRUCT("key" VARCHAR, "operator" VARCHAR, "values" VARCHAR[])[]}, MAP {'app': 'api'}) => true

-- Capabilities that the baseline of the Pod Security Standards lets a container add: they are among those that runtimes give anyway.
CREATE MACRO baseline_capabilities() AS ['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'];
-- test: list_contains(baseline_capabilities(), 'NET_RAW') => false

-- Kernel settings that belong to one pod alone, as the baseline of the Pod Security Standards counts them since 1.32.
CREATE MACRO safe_sysctls() AS ['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range', 'net.ipv4.ip_unprivileged_port_start', 'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes', 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'];
-- test: list_contains(safe_sysctls(), 'net.core.somaxconn') => false

-- SELinux types that the baseline of the Pod Security Standards lets a container have.
CREATE MACRO container_selinux_types() AS ['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'];
-- test: list_contains(container_selinux_types(), 'spc_t') => false

-- One violation of the Pod Security Standards, or NULL if there is none. Rules that came later bind from that minor version on.
CREATE MACRO pod_violation(broken, level, control, what, since := 0) AS CASE WHEN coalesce(broken, false) THEN {'level': level, 'control': control, 'what': what, 'since': since} END;
-- test: pod_violation(true, 'baseline', 'host ports', 'host port 80') => {'level': 'baseline', 'control': 'host ports', 'what': 'host port 80', 'since': 0}
-- test: pod_violation(NULL, 'baseline', 'host ports', 'host port 80') => NULL
