-- Questions about network policies, services and the ways that lead into a cluster.

-- Whether all labels of a map are among those of an object: how services select. An empty or missing map asks for nothing, and so
-- is true; a service without a selector selects nothing, which the caller must know.
CREATE MACRO has_labels(wanted, labels) AS len(list_filter(coalesce(map_entries(wanted), []), lambda _wanted: labels[_wanted.key] IS DISTINCT FROM _wanted.value)) = 0;
-- test: has_labels(MAP {'app': 'web'}, MAP {'app': 'web', 'tier': 'a'}) => true
-- test: has_labels(MAP {'app': 'web', 'tier': 'b'}, MAP {'app': 'web', 'tier': 'a'}) => false
-- test: has_labels(MAP {'app': 'web'}, MAP {'app': 'web '}) => false
-- test: has_labels(MAP {'app': 'web'}, NULL::MAP(VARCHAR, VARCHAR)) => false
-- test: has_labels(MAP {'app': ''}, MAP {'tier': 'a'}) => false
-- test: has_labels(MAP {}::MAP(VARCHAR, VARCHAR), MAP {'app': 'web'}) => true
-- test: has_labels(NULL::MAP(VARCHAR, VARCHAR), NULL::MAP(VARCHAR, VARCHAR)) => true

-- The same rules hold for selectors as a whole: see selects.
-- test: selects({'matchLabels': MAP {'app': 'web'}, 'matchExpressions': NULL::STRUCT(key VARCHAR, operator VARCHAR, "values" VARCHAR[])[]}, MAP {'app': 'web', 'tier': 'a'}) => true
-- test: selects({'matchLabels': MAP {'app': 'web', 'tier': 'b'}, 'matchExpressions': NULL::STRUCT(key VARCHAR, operator VARCHAR, "values" VARCHAR[])[]}, MAP {'app': 'web', 'tier': 'a'}) => false
-- test: selects({'matchLabels': MAP {'app': 'web'}, 'matchExpressions': NULL::STRUCT(key VARCHAR, operator VARCHAR, "values" VARCHAR[])[]}, NULL::MAP(VARCHAR, VARCHAR)) => false
-- test: selects({'matchLabels': NULL::MAP(VARCHAR, VARCHAR), 'matchExpressions': [{'key': 'app', 'operator': 'In', 'values': ['web']}]}, MAP {'app': 'web'}) => true
-- test: selects({'matchLabels': NULL::MAP(VARCHAR, VARCHAR), 'matchExpressions': [{'key': 'app', 'operator': 'In', 'values': ['web']}, {'key': 'tier', 'operator': 'Exists', 'values': []}]}, MAP {'app': 'web'}) => false
-- test: selects({'matchLabels': MAP {'app': 'web'}, 'matchExpressions': [{'key': 'tier', 'operator': 'DoesNotExist', 'values': NULL::VARCHAR[]}]}, MAP {'app': 'web'}) => true
-- test: selects({'matchLabels': MAP {'app': 'db'}, 'matchExpressions': [{'key': 'tier', 'operator': 'DoesNotExist', 'values': NULL::VARCHAR[]}]}, MAP {'app': 'web'}) => false
-- test: selects({'matchLabels': NULL::MAP(VARCHAR, VARCHAR), 'matchExpressions': [{'key': 'app', 'operator': 'NotIn', 'values': ['db']}]}, NULL::MAP(VARCHAR, VARCHAR)) => true
-- test: selects({'matchLabels': NULL::MAP(VARCHAR, VARCHAR), 'matchExpressions': NULL::STRUCT(key VARCHAR, operator VARCHAR, "values" VARCHAR[])[]}, MAP {'app': 'web'}) => true
-- test: selects({'matchLabels': MAP {}::MAP(VARCHAR, VARCHAR), 'matchExpressions': []::STRUCT(key VARCHAR, operator VARCHAR, "values" VARCHAR[])[]}, NULL::MAP(VARCHAR, VARCHAR)) => true
-- test: selects(NULL::STRUCT("matchLabels" MAP(VARCHAR, VARCHAR), "matchExpressions" STRUCT(key VARCHAR, operator VARCHAR, "values" VARCHAR[])[]), MAP {'app': 'web'}) => false

-- Whether a label selector selects everything: it is there and asks for nothing.
CREATE MACRO selects_all(selector) AS selector IS NOT NULL AND len(coalesce(map_keys(selector.matchLabels), [])) = 0 AND len(coalesce(selector.matchExpressions, [])) = 0;
-- test: selects_all({'matchLabels': NULL::MAP(VARCHAR, VARCHAR), 'matchExpressions': NULL::STRUCT(key VARCHAR, operator VARCHAR, "values" VARCHAR[])[]}) => true
-- test: selects_all({'matchLabels': MAP {'app': 'web'}, 'matchExpressions': NULL::STRUCT(key VARCHAR, operator VARCHAR, "values" VARCHAR[])[]}) => false
-- test: selects_all({'matchLabels': NULL::MAP(VARCHAR, VARCHAR), 'matchExpressions': [{'key': 'app', 'operator': 'Exists', 'values': []}]}) => false
-- test: selects_all(NULL::STRUCT("matchLabels" MAP(VARCHAR, VARCHAR), "matchExpressions" STRUCT(key VARCHAR, operator VARCHAR, "values" VARCHAR[])[])) => false

-- A label selector in words: "app=web, tier in (a, b), !debug"; "all" for an empty one.
CREATE MACRO selector_text(selector) AS CASE WHEN selects_all(selector) THEN 'all' ELSE array_to_string(list_concat(
  list_transform(coalesce(map_entries(selector.matchLabels), []), lambda _label: _label.key || '=' || _label.value),
  list_transform(coalesce(selector.matchExpressions, []), lambda _requirement: CASE _requirement.operator WHEN 'Exists' THEN _requirement.key WHEN 'DoesNotExist' THEN '!' || _requirement.key
    ELSE _requirement.key || CASE _requirement.operator WHEN 'In' THEN ' in (' ELSE ' not in (' END || array_to_string(_requirement['values'], ', ') || ')' END)), ', ') END;
-- test: selector_text({'matchLabels': MAP {'app': 'web'}, 'matchExpressions': [{'key': 'tier', 'operator': 'In', 'values': ['a', 'b']}, {'key': 'debug', 'operator': 'DoesNotExist', 'values': NULL::VARCHAR[]}]}) => 'app=web, tier in (a, b), !debug'
-- test: selector_text({'matchLabels': NULL::MAP(VARCHAR, VARCHAR), 'matchExpressions': [{'key': 'tier', 'operator': 'NotIn', 'values': ['a']}, {'key': 'app', 'operator': 'Exists', 'values': NULL::VARCHAR[]}]}) => 'tier not in (a), app'
-- test: selector_text({'matchLabels': NULL::MAP(VARCHAR, VARCHAR), 'matchExpressions': []::STRUCT(key VARCHAR, operator VARCHAR, "values" VARCHAR[])[]}) => 'all'

-- A selector of Cilium, whose keys may say where a label comes from, with the plain keys of labels of Kubernetes.
CREATE MACRO cilium_selector(selector) AS CASE WHEN selector IS NOT NULL THEN {
  'matchLabels': map_from_entries(list_transform(coalesce(map_entries(selector.matchLabels), []), lambda _label: {'key': regexp_replace(_label.key, '^(k8s|any)[:.]', ''), 'value': _label.value})),
  'matchExpressions': list_transform(coalesce(selector.matchExpressions, []), lambda _requirement: {'key': regexp_replace(_requirement.key, '^(k8s|any)[:.]', ''), 'operator': _requirement.operator::VARCHAR, 'values': _requirement['values']})} END;
-- test: cilium_selector({'matchLabels': MAP {'k8s:app': 'web', 'any:tier': 'a'}, 'matchExpressions': [{'key': 'k8s:x', 'operator': 'Exists', 'values': NULL::VARCHAR[]}]}).matchLabels['app'] => 'web'
-- test: selects(cilium_selector({'matchLabels': MAP {'k8s:app': 'web', 'any:tier': 'a'}, 'matchExpressions': [{'key': 'k8s:x', 'operator': 'Exists', 'values': NULL::VARCHAR[]}]}), MAP {'app': 'web', 'tier': 'a', 'x': ''}) => true
-- test: selects(cilium_selector({'matchLabels': MAP {'reserved:host': ''}, 'matchExpressions': NULL::STRUCT(key VARCHAR, operator VARCHAR, "values" VARCHAR[])[]}), MAP {'app': 'web'}) => false
-- test: cilium_selector(NULL::STRUCT("matchLabels" MAP(VARCHAR, VARCHAR), "matchExpressions" STRUCT(key VARCHAR, operator VARCHAR, "values" VARCHAR[])[])) IS NULL => true

-- Whether a part of one of Calico's selectors holds: all(), has(key), !has(key), key == 'value', key != 'value', key in {'a', 'b'},
-- key not in {'a'}. NULL for what is more than that.
CREATE MACRO calico_term_holds(term, labels) AS CASE
  WHEN term IN ('', 'all()') THEN true
  WHEN term = 'global()' THEN false
  WHEN regexp_full_match(term, 'has\(\s*[A-Za-z0-9._/-]+\s*\)') THEN coalesce(list_contains(map_keys(labels), regexp_extract(term, '\(\s*([^\s)]+)', 1)), false)
  WHEN regexp_full_match(term, '!\s*has\(\s*[A-Za-z0-9._/-]+\s*\)') THEN NOT coalesce(list_contains(map_keys(labels), regexp_extract(term, '\(\s*([^\s)]+)', 1)), false)
  WHEN regexp_full_match(term, '[A-Za-z0-9._/-]+\s*==\s*(''[^'']*''|"[^"]*")') THEN coalesce(labels[regexp_extract(term, '^[A-Za-z0-9._/-]+')] = regexp_extract(term, '[''"](.*)[''"]$', 1), false)
  WHEN regexp_full_match(term, '[A-Za-z0-9._/-]+\s*!=\s*(''[^'']*''|"[^"]*")') THEN NOT coalesce(labels[regexp_extract(term, '^[A-Za-z0-9._/-]+')] = regexp_extract(term, '[''"](.*)[''"]$', 1), false)
  WHEN regexp_full_match(term, '[A-Za-z0-9._/-]+\s+in\s*\{[^{}]*\}') THEN coalesce(list_contains(regexp_extract_all(term, '[''"]([^''"]*)[''"]', 1), labels[regexp_extract(term, '^[A-Za-z0-9._/-]+')]), false)
  WHEN regexp_full_match(term, '[A-Za-z0-9._/-]+\s+not\s+in\s*\{[^{}]*\}') THEN NOT coalesce(list_contains(regexp_extract_all(term, '[''"]([^''"]*)[''"]', 1), labels[regexp_extract(term, '^[A-Za-z0-9._/-]+')]), false)
  END;
-- test: calico_term_holds('all()', MAP {'app': 'web'}) => true
-- test: calico_term_holds('has(app)', MAP {'app': 'web'}) => true
-- test: calico_term_holds('!has(app)', MAP {'app': 'web'}) => false
-- test: calico_term_holds('!has(app)', NULL::MAP(VARCHAR, VARCHAR)) => true
-- test: calico_term_holds('app == ''web''', MAP {'app': 'web'}) => true
-- test: calico_term_holds('app == "web"', MAP {'app': 'db'}) => false
-- test: calico_term_holds('app != "web"', MAP {'tier': 'a'}) => true
-- test: calico_term_holds('app in {''web'', "api"}', MAP {'app': 'api'}) => true
-- test: calico_term_holds('app in {''web''}', NULL::MAP(VARCHAR, VARCHAR)) => false
-- test: calico_term_holds('app not in {''web''}', MAP {'app': 'web'}) => false
-- test: calico_term_holds('app starts with "w"', MAP {'app': 'web'}) => NULL

-- Whether one of Calico's selectors selects what has these labels. An empty or missing one selects everything. NULL where it has an
-- "or", brackets or other things that are not looked into.
CREATE MACRO calico_selects(selector, labels) AS CASE
  WHEN contains(coalesce(selector, ''), '||') THEN NULL
  ELSE list_transform([list_transform(string_split(coalesce(selector, ''), '&&'), lambda _term: calico_term_holds(trim(_term), labels))],
    lambda _terms: CASE WHEN list_contains(_terms, false) THEN false WHEN len(list_filter(_terms, lambda _one: _one IS NULL)) > 0 THEN NULL ELSE true END)[1] END;
-- test: calico_selects(NULL::VARCHAR, MAP {'app': 'web'}) => true
-- test: calico_selects('', MAP {'app': 'web'}) => true
-- test: calico_selects('all()', NULL::MAP(VARCHAR, VARCHAR)) => true
-- test: calico_selects('global()', MAP {'app': 'web'}) => false
-- test: calico_selects('app == ''web'' && has(tier)', MAP {'app': 'web', 'tier': 'a'}) => true
-- test: calico_selects('app == ''web'' && has(tier)', MAP {'app': 'web'}) => false
-- test: calico_selects('app == ''web'' || has(tier)', MAP {'app': 'web'}) => NULL
-- test: calico_selects('app == ''db'' && (has(tier))', MAP {'app': 'web'}) => false
-- test: calico_selects('app == ''web'' && (has(tier))', MAP {'app': 'web'}) => NULL

-- Whether a peer of a network policy that is a range of addresses covers an address or range: it lies within, and in none of the exceptions.
CREATE MACRO block_covers(block, address) AS block IS NOT NULL AND coalesce(cidr_contains(block.cidr, address), false)
  AND len(list_filter(coalesce(block.except, []), lambda _except: coalesce(cidr_contains(_except, address), false))) = 0;
-- test: block_covers({'cidr': '0.0.0.0/0', 'except': NULL::VARCHAR[]}, '169.254.169.254') => true
-- test: block_covers({'cidr': '0.0.0.0/0', 'except': ['169.254.0.0/16']}, '169.254.169.254') => false
-- test: block_covers({'cidr': '0.0.0.0/0', 'except': ['10.0.0.0/8']}, '169.254.169.254') => true
-- test: block_covers({'cidr': '10.0.0.0/8', 'except': NULL::VARCHAR[]}, '169.254.169.254') => false
-- test: block_covers(NULL::STRUCT(cidr VARCHAR, "except" VARCHAR[]), '169.254.169.254') => false

-- The range of a peer, if it is the whole internet and nothing of that is taken out; NULL otherwise. Exceptions that are private do
-- not make it narrower.
CREATE MACRO open_range(block) AS CASE WHEN block IS NOT NULL AND cidr_is_wide(block.cidr)
  AND len(list_filter(coalesce(block.except, []), lambda _except: coalesce(cidr_is_wide(_except), false))) = 0 THEN block.cidr END;
-- test: open_range({'cidr': '0.0.0.0/0', 'except': NULL::VARCHAR[]}) => '0.0.0.0/0'
-- test: open_range({'cidr': '::/0', 'except': []::VARCHAR[]}) => '::/0'
-- test: open_range({'cidr': '0.0.0.0/0', 'except': ['10.0.0.0/8']}) => '0.0.0.0/0'
-- test: open_range({'cidr': '10.0.0.0/8', 'except': NULL::VARCHAR[]}) => NULL
-- test: open_range(NULL::STRUCT(cidr VARCHAR, "except" VARCHAR[])) => NULL

-- Whether a service, by its annotations and class, asks the cloud for a load balancer that is not reachable from the internet.
CREATE MACRO asks_for_internal_load_balancer(annotations, load_balancer_class) AS CASE
  WHEN lower(annotations['service.beta.kubernetes.io/aws-load-balancer-scheme']) = 'internal' THEN true
  WHEN lower(annotations['service.beta.kubernetes.io/aws-load-balancer-scheme']) = 'internet-facing' THEN false
  WHEN coalesce(annotations['service.beta.kubernetes.io/aws-load-balancer-internal'], '') <> '' THEN lower(annotations['service.beta.kubernetes.io/aws-load-balancer-internal']) <> 'false'
  WHEN load_balancer_class IN ('service.k8s.aws/nlb', 'eks.amazonaws.com/nlb') THEN true
  WHEN lower(annotations['service.beta.kubernetes.io/aws-load-balancer-type']) IN ('external', 'nlb-ip') THEN true
  WHEN lower(coalesce(annotations['networking.gke.io/load-balancer-type'], annotations['cloud.google.com/load-balancer-type'])) = 'internal' THEN true
  WHEN lower(annotations['service.beta.kubernetes.io/azure-load-balancer-internal']) = 'true' THEN true
  WHEN lower(annotations['service.beta.kubernetes.io/openstack-internal-load-balancer']) = 'true' THEN true
  WHEN lower(coalesce(annotations['service.beta.kubernetes.io/oci-load-balancer-internal'], annotations['oci-network-load-balancer.oraclecloud.com/internal'])) = 'true' THEN true
  WHEN lower(annotations['service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type']) = 'intranet' THEN true
  WHEN annotations['service.kubernetes.io/qcloud-loadbalancer-internal-subnetid'] <> '' THEN true
  WHEN lower(annotations['service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type']) = 'private' THEN true
  WHEN lower(annotations['service.beta.kubernetes.io/do-loadbalancer-network']) = 'internal' THEN true
  WHEN lower(annotations['load-balancer.hetzner.cloud/disable-public-network']) = 'true' THEN true
  WHEN lower(annotations['service.beta.kubernetes.io/scw-loadbalancer-private']) = 'true' THEN true
  ELSE false END;
-- test: asks_for_internal_load_balancer(NULL::MAP(VARCHAR, VARCHAR), NULL) => false
-- test: asks_for_internal_load_balancer(MAP {'service.beta.kubernetes.io/aws-load-balancer-internal': '0.0.0.0/0'}, NULL) => true
-- test: asks_for_internal_load_balancer(MAP {'service.beta.kubernetes.io/aws-load-balancer-internal': 'false'}, 'service.k8s.aws/nlb') => false
-- test: asks_for_internal_load_balancer(MAP {'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internet-facing'}, 'service.k8s.aws/nlb') => false
-- test: asks_for_internal_load_balancer(MAP {'a': 'b'}, 'service.k8s.aws/nlb') => true
-- test: asks_for_internal_load_balancer(MAP {'service.beta.kubernetes.io/aws-load-balancer-type': 'external'}, NULL) => true
-- test: asks_for_internal_load_balancer(MAP {'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb'}, NULL) => false
-- test: asks_for_internal_load_balancer(MAP {'networking.gke.io/load-balancer-type': 'Internal'}, NULL) => true
-- test: asks_for_internal_load_balancer(MAP {'service.beta.kubernetes.io/azure-load-balancer-internal': 'true'}, NULL) => true
-- test: asks_for_internal_load_balancer(MAP {'service.beta.kubernetes.io/azure-load-balancer-internal': 'false'}, NULL) => false

-- Whether a port of a service speaks HTTP without TLS, by what it says of itself: its protocol, else its name, else its number.
CREATE MACRO port_speaks_http(port, numbers) AS coalesce(port.protocol, 'TCP') = 'TCP' AND CASE
  WHEN coalesce(port.appProtocol, '') <> '' THEN lower(port.appProtocol) IN ('http', 'http2', 'h2c', 'ws', 'kubernetes.io/h2c', 'kubernetes.io/ws')
  WHEN regexp_matches(lower(coalesce(port.name, '')), 'https|tls|ssl|wss') THEN false
  WHEN regexp_matches(lower(coalesce(port.name, '')), '(^|-)(http[0-9]*|h2c|ws)(-|$)') THEN true
  ELSE list_contains(numbers, port.port::VARCHAR) END;
-- test: port_speaks_http({'port': 80, 'name': NULL, 'protocol': NULL, 'appProtocol': NULL}, ['80']) => true
-- test: port_speaks_http({'port': 80, 'name': NULL, 'protocol': 'UDP', 'appProtocol': NULL}, ['80']) => false
-- test: port_speaks_http({'port': 9000, 'name': 'http-api', 'protocol': 'TCP', 'appProtocol': NULL}, ['80']) => true
-- test: port_speaks_http({'port': 9000, 'name': 'api', 'protocol': 'TCP', 'appProtocol': NULL}, ['80']) => false
-- test: port_speaks_http({'port': 80, 'name': 'https', 'protocol': 'TCP', 'appProtocol': NULL}, ['80']) => false
-- test: port_speaks_http({'port': 80, 'name': 'http', 'protocol': 'TCP', 'appProtocol': 'https'}, ['80']) => false
-- test: port_speaks_http({'port': 5432, 'name': 'db', 'protocol': 'TCP', 'appProtocol': 'kubernetes.io/ws'}, ['80']) => true

-- Whether a port of a service speaks TLS, by what it says of itself.
CREATE MACRO port_speaks_tls(port) AS coalesce(port.protocol, 'TCP') = 'TCP' AND CASE WHEN coalesce(port.appProtocol, '') <> '' THEN lower(port.appProtocol) IN ('https', 'tls', 'wss', 'kubernetes.io/wss')
  ELSE regexp_matches(lower(coalesce(port.name, '')), 'https|tls|ssl|wss') OR (port.port IN (443, 8443) AND NOT port_speaks_http(port, [])) END;
-- test: port_speaks_tls({'port': 443, 'name': NULL, 'protocol': NULL, 'appProtocol': NULL}) => true
-- test: port_speaks_tls({'port': 443, 'name': 'http', 'protocol': 'TCP', 'appProtocol': NULL}) => false
-- test: port_speaks_tls({'port': 9443, 'name': 'https', 'protocol': 'TCP', 'appProtocol': NULL}) => true
-- test: port_speaks_tls({'port': 443, 'name': NULL, 'protocol': 'UDP', 'appProtocol': NULL}) => false

-- Whether a service's annotations make its load balancer end TLS on a port, or send callers of it on to HTTPS, as AWS, DigitalOcean,
-- OpenStack and Oracle read them. The load balancers of Azure and Google pass on what they get.
CREATE MACRO load_balancer_ends_tls(annotations, port) AS coalesce(annotations['service.beta.kubernetes.io/aws-load-balancer-ssl-cert'] <> ''
    AND list_has_any(comma_items(coalesce(nullif(annotations['service.beta.kubernetes.io/aws-load-balancer-ssl-ports'], ''), '*')), ['*', port.port::VARCHAR, coalesce(port.name, '*')]), false)
  OR coalesce(annotations['service.beta.kubernetes.io/oci-load-balancer-tls-secret'] <> '' AND list_contains(comma_items(annotations['service.beta.kubernetes.io/oci-load-balancer-ssl-ports']), port.port::VARCHAR), false)
  OR ((coalesce(annotations['service.beta.kubernetes.io/do-loadbalancer-certificate-id'], '') <> '' OR coalesce(lower(annotations['service.beta.kubernetes.io/do-loadbalancer-tls-passthrough']) = 'true', false))
    AND (coalesce(lower(annotations['service.beta.kubernetes.io/do-loadbalancer-redirect-http-to-https']) = 'true', false) OR coalesce(lower(annotations['service.beta.kubernetes.io/do-loadbalancer-protocol']) IN ('https', 'http2', 'http3')
        AND NOT list_contains(comma_items(annotations['service.beta.kubernetes.io/do-loadbalancer-http-ports']), port.port::VARCHAR), false)
      OR list_contains(comma_items(coalesce(annotations['service.beta.kubernetes.io/do-loadbalancer-tls-ports'], '443') || ',' || coalesce(annotations['service.beta.kubernetes.io/do-loadbalancer-http2-ports'], '')), port.port::VARCHAR)))
  OR coalesce(annotations['loadbalancer.openstack.org/default-tls-container-ref'] <> '', false);
-- test: load_balancer_ends_tls(NULL::MAP(VARCHAR, VARCHAR), {'port': 80, 'name': 'http'}) => false
-- test: load_balancer_ends_tls(MAP {'service.beta.kubernetes.io/aws-load-balancer-ssl-cert': 'arn:aws:acm:a'}, {'port': 80, 'name': NULL}) => true
-- test: load_balancer_ends_tls(MAP {'service.beta.kubernetes.io/aws-load-balancer-ssl-cert': 'arn:aws:acm:a', 'service.beta.kubernetes.io/aws-load-balancer-ssl-ports': '443'}, {'port': 80, 'name': NULL}) => false
-- test: load_balancer_ends_tls(MAP {'service.beta.kubernetes.io/aws-load-balancer-ssl-cert': 'arn:aws:acm:a', 'service.beta.kubernetes.io/aws-load-balancer-ssl-ports': '443, web'}, {'port': 8080, 'name': 'web'}) => true
-- test: load_balancer_ends_tls(MAP {'service.beta.kubernetes.io/aws-load-balancer-ssl-ports': '80'}, {'port': 80, 'name': 'http'}) => false
-- test: load_balancer_ends_tls(MAP {'service.beta.kubernetes.io/oci-load-balancer-tls-secret': 's', 'service.beta.kubernetes.io/oci-load-balancer-ssl-ports': '443'}, {'port': 443, 'name': NULL}) => true
-- test: load_balancer_ends_tls(MAP {'service.beta.kubernetes.io/oci-load-balancer-tls-secret': 's'}, {'port': 80, 'name': NULL}) => false
-- test: load_balancer_ends_tls(MAP {'service.beta.kubernetes.io/do-loadbalancer-certificate-id': 'c'}, {'port': 80, 'name': NULL}) => false
-- test: load_balancer_ends_tls(MAP {'service.beta.kubernetes.io/do-loadbalancer-certificate-id': 'c', 'service.beta.kubernetes.io/do-loadbalancer-redirect-http-to-https': 'true'}, {'port': 80, 'name': NULL}) => true
-- test: load_balancer_ends_tls(MAP {'service.beta.kubernetes.io/do-loadbalancer-certificate-id': 'c', 'service.beta.kubernetes.io/do-loadbalancer-protocol': 'https', 'service.beta.kubernetes.io/do-loadbalancer-http-ports': '80'}, {'port': 80, 'name': NULL}) => false
-- test: load_balancer_ends_tls(MAP {'service.beta.kubernetes.io/do-loadbalancer-certificate-id': 'c', 'service.beta.kubernetes.io/do-loadbalancer-protocol': 'https'}, {'port': 80, 'name': NULL}) => true
-- test: load_balancer_ends_tls(MAP {'loadbalancer.openstack.org/default-tls-container-ref': 'https://barbican/1'}, {'port': 80, 'name': NULL}) => true

-- How far a published address leads: internet, or network for one that is private, or whose name says that it is. NULL for none.
CREATE MACRO address_level(address) AS CASE
  WHEN coalesce(address, '') = '' THEN NULL
  WHEN cidr_is_public(address) IS NOT NULL THEN CASE WHEN cidr_is_public(address) THEN 'internet' ELSE 'network' END
  WHEN starts_with(lower(address), 'internal-') OR regexp_matches(lower(address), '(^|\.)(localhost|local|internal|lan|home|corp|svc|localdomain)\.?$') THEN 'network'
  ELSE 'internet' END;
-- test: address_level('8.8.8.8') => 'internet'
-- test: address_level('10.1.2.3') => 'network'
-- test: address_level('127.0.0.1') => 'network'
-- test: address_level('fd00::1') => 'network'
-- test: address_level('a1b2.us-east-1.elb.amazonaws.com') => 'internet'
-- test: address_level('internal-k8s-web.us-east-1.elb.amazonaws.com') => 'network'
-- test: address_level('localhost') => 'network'
-- test: address_level('') => NULL
-- test: address_level(NULL::VARCHAR) => NULL

-- The farther of some levels: internet, network, node, cluster, none.
CREATE MACRO farthest(levels) AS CASE WHEN list_contains(levels, 'internet') THEN 'internet' WHEN list_contains(levels, 'network') THEN 'network'
  WHEN list_contains(levels, 'node') THEN 'node' WHEN list_contains(levels, 'cluster') THEN 'cluster' ELSE 'none' END;
-- test: farthest(['node', 'internet', 'cluster']) => 'internet'
-- test: farthest(['cluster', 'node']) => 'node'
-- test: farthest(['network', 'node']) => 'network'
-- test: farthest([]::VARCHAR[]) => 'none'
-- test: farthest(NULL::VARCHAR[]) => 'none'

-- Whether a certificate's or rule's host covers a name: the same, or a wildcard for exactly one label.
CREATE MACRO host_covers(pattern, host) AS lower(pattern) = lower(host) OR (starts_with(pattern, '*.') AND contains(host, '.') AND lower(substr(pattern, 2)) = lower(substr(host, strpos(host, '.'))));
-- test: host_covers('shop.example.com', 'Shop.example.com') => true
-- test: host_covers('*.example.com', 'shop.example.com') => true
-- test: host_covers('*.example.com', 'a.shop.example.com') => false
-- test: host_covers('*.example.com', 'example.com') => false
-- test: host_covers('*.example.com', '*.example.com') => true
-- test: host_covers('shop.example.com', '*.example.com') => false

-- The items of a text that are parted by commas, without blanks.
CREATE MACRO comma_items(text) AS list_filter(list_transform(string_split(coalesce(text, ''), ','), lambda _item: trim(_item)), lambda _item: _item <> '');
-- test: comma_items('10.0.0.0/8, 192.0.2.0/24,') => ['10.0.0.0/8', '192.0.2.0/24']
-- test: comma_items(NULL::VARCHAR) => []

-- Labels or a selector of services with what stateful sets give to single pods put together: the name of a pod becomes that of its
-- set, and its number is left out.
CREATE MACRO stateful_labels(labels) AS map_from_entries(list_transform(list_filter(coalesce(map_entries(labels), []), lambda _label: _label.key <> 'apps.kubernetes.io/pod-index'),
  lambda _kept: {'key': _kept.key, 'value': CASE WHEN _kept.key = 'statefulset.kubernetes.io/pod-name' THEN regexp_replace(_kept.value, '-[0-9]+$', '') ELSE _kept.value END}));
-- test: stateful_labels(MAP {'app': 'db', 'statefulset.kubernetes.io/pod-name': 'db-12', 'apps.kubernetes.io/pod-index': '12'}) => MAP {'app': 'db', 'statefulset.kubernetes.io/pod-name': 'db'}
-- test: stateful_labels(MAP {'app': 'db-1'}) => MAP {'app': 'db-1'}
-- test: len(map_keys(stateful_labels(NULL::MAP(VARCHAR, VARCHAR)))) => 0

-- The number of a service's target port: the number itself, that of the container port of its name, or the service's own if it has none.
CREATE MACRO target_port_number(target, port, container_ports) AS CASE WHEN target IS NULL OR target::VARCHAR = 'null' THEN port
  ELSE coalesce(try_cast((target::JSON->>'$') AS BIGINT), list_filter(container_ports, lambda _port: _port.name = (target::JSON->>'$'))[1].containerPort) END;
-- test: target_port_number('8080'::JSON, 80, [{'name': 'http', 'containerPort': 8081}]) => 8080
-- test: target_port_number('"http"'::JSON, 80, [{'name': 'http', 'containerPort': 8081}]) => 8081
-- test: target_port_number('"web"'::JSON, 80, [{'name': 'http', 'containerPort': 8081}]) => NULL
-- test: target_port_number(NULL::JSON, 80, [{'name': 'http', 'containerPort': 8081}]) => 80

-- Whether an ingress sends callers of plain HTTP on to HTTPS: yes or no, as far as the controller's default and annotations tell;
-- unknown for other controllers.
CREATE MACRO ingress_redirects(controller, annotations) AS CASE
  WHEN controller IN ('k8s.io/ingress-nginx', 'nginx') THEN CASE WHEN lower(annotations['nginx.ingress.kubernetes.io/force-ssl-redirect']) = 'true' THEN 'yes'
    WHEN lower(annotations['nginx.ingress.kubernetes.io/ssl-redirect']) = 'false' THEN 'no' ELSE 'yes' END
  WHEN controller IN ('ingress.k8s.aws/alb', 'eks.amazonaws.com/alb', 'alb') THEN CASE WHEN annotations['alb.ingress.kubernetes.io/ssl-redirect'] IS NOT NULL THEN 'yes'
    WHEN contains(annotations['alb.ingress.kubernetes.io/listen-ports'], '"HTTP"') THEN 'no' ELSE 'yes' END
  WHEN controller IN ('k8s.io/ingress-gce', 'gce', 'gce-internal') THEN CASE WHEN lower(annotations['kubernetes.io/ingress.allow-http']) = 'false' THEN 'yes'
    WHEN annotations['networking.gke.io/v1beta1.FrontendConfig'] IS NOT NULL THEN 'unknown' ELSE 'no' END
  WHEN controller IN ('azure/application-gateway', 'azure-application-gateway') THEN CASE WHEN lower(annotations['appgw.ingress.kubernetes.io/ssl-redirect']) = 'true' THEN 'yes' ELSE 'no' END
  ELSE 'unknown' END;
-- test: ingress_redirects('k8s.io/ingress-nginx', NULL::MAP(VARCHAR, VARCHAR)) => 'yes'
-- test: ingress_redirects('k8s.io/ingress-nginx', MAP {'nginx.ingress.kubernetes.io/ssl-redirect': 'false'}) => 'no'
-- test: ingress_redirects('nginx', MAP {'nginx.ingress.kubernetes.io/ssl-redirect': 'false', 'nginx.ingress.kubernetes.io/force-ssl-redirect': 'true'}) => 'yes'
-- test: ingress_redirects('ingress.k8s.aws/alb', MAP {'alb.ingress.kubernetes.io/listen-ports': '[{"HTTP": 80}, {"HTTPS":443}]'}) => 'no'
-- test: ingress_redirects('ingress.k8s.aws/alb', MAP {'alb.ingress.kubernetes.io/listen-ports': '[{"HTTP": 80}, {"HTTPS":443}]', 'alb.ingress.kubernetes.io/ssl-redirect': '443'}) => 'yes'
-- test: ingress_redirects('ingress.k8s.aws/alb', NULL::MAP(VARCHAR, VARCHAR)) => 'yes'
-- test: ingress_redirects('gce', NULL::MAP(VARCHAR, VARCHAR)) => 'no'
-- test: ingress_redirects('azure/application-gateway', MAP {'appgw.ingress.kubernetes.io/ssl-redirect': 'true'}) => 'yes'
-- test: ingress_redirects('traefik.io/ingress-controller', NULL::MAP(VARCHAR, VARCHAR)) => 'unknown'
-- test: ingress_redirects(NULL, NULL::MAP(VARCHAR, VARCHAR)) => 'unknown'

-- Whether annotations of an ingress make its controller ask for a login before anything is passed on.
CREATE MACRO ingress_asks_for_login(annotations) AS coalesce(annotations['nginx.ingress.kubernetes.io/auth-url'], '') <> ''
  OR coalesce(annotations['nginx.ingress.kubernetes.io/auth-type'], '') <> ''
  OR coalesce(annotations['nginx.ingress.kubernetes.io/auth-tls-secret'] <> '' AND coalesce(annotations['nginx.ingress.kubernetes.io/auth-tls-verify-client'], 'on') = 'on', false)
  OR coalesce(annotations['alb.ingress.kubernetes.io/auth-type'] IN ('oidc', 'cognito') AND coalesce(annotations['alb.ingress.kubernetes.io/auth-on-unauthenticated-request'], 'authenticate') <> 'allow', false);
-- test: ingress_asks_for_login(NULL::MAP(VARCHAR, VARCHAR)) => false
-- test: ingress_asks_for_login(MAP {'nginx.ingress.kubernetes.io/auth-url': 'https://login.example.com'}) => true
-- test: ingress_asks_for_login(MAP {'nginx.ingress.kubernetes.io/auth-type': 'basic'}) => true
-- test: ingress_asks_for_login(MAP {'nginx.ingress.kubernetes.io/auth-tls-secret': 'a/b', 'nginx.ingress.kubernetes.io/auth-tls-verify-client': 'optional'}) => false
-- test: ingress_asks_for_login(MAP {'alb.ingress.kubernetes.io/auth-type': 'none'}) => false
-- test: ingress_asks_for_login(MAP {'alb.ingress.kubernetes.io/auth-type': 'oidc'}) => true

-- How well policies hold the traffic of a workload in one direction: host where they do not reach (it shares the network of its node),
-- none where nothing selects it, open where something does and lets everything through, unclear where an engine decides in an order or
-- by selectors that are not worked out here, else isolated.
CREATE MACRO isolation_state(on_host, isolates, opens, is_unclear) AS CASE WHEN coalesce(on_host, false) THEN 'host'
  WHEN coalesce(isolates, false) AND NOT coalesce(opens, false) THEN 'isolated'
  WHEN coalesce(is_unclear, false) THEN 'unclear'
  WHEN coalesce(isolates, false) THEN 'open' ELSE 'none' END;
-- test: isolation_state(true, true, false, false) => 'host'
-- test: isolation_state(false, true, false, true) => 'isolated'
-- test: isolation_state(false, true, true, false) => 'open'
-- test: isolation_state(false, true, true, true) => 'unclear'
-- test: isolation_state(false, false, false, true) => 'unclear'
-- test: isolation_state(NULL, NULL, NULL, NULL) => 'none'

-- The worst of some states of isolation.
CREATE MACRO worst_isolation(states) AS CASE WHEN list_contains(states, 'none') THEN 'none' WHEN list_contains(states, 'open') THEN 'open' WHEN list_contains(states, 'unclear') THEN 'unclear'
  WHEN list_contains(states, 'host') THEN 'host' ELSE 'isolated' END;
-- test: worst_isolation(['isolated', 'none']) => 'none'
-- test: worst_isolation(['isolated', 'host']) => 'host'
-- test: worst_isolation(['isolated']) => 'isolated'

-- Whether the JSON of a structure says anything: it has a text or number that is not empty.
CREATE MACRO says_something(structure) AS coalesce(regexp_matches(structure::VARCHAR, '[:\[]("[^"]|[0-9-]|true)'), false);
-- test: says_something('{"nets":null,"selector":null}'::JSON) => false
-- test: says_something('{"nets":[],"selector":""}'::JSON) => false
-- test: says_something('{"nets":["10.0.0.0/8"],"selector":""}'::JSON) => true
-- test: says_something('{"ports":[443]}'::JSON) => true
-- test: says_something(NULL::JSON) => false
