-- Questions about rules of security groups, network ACLs and firewalls.

-- Whether a rule of this protocol and range of ports lets traffic through to a port of TCP or UDP. Protocols are names or numbers;
-- -1, all and NULL mean every one, and then ports do not matter. A range without its first port is every port. ICMP has no ports.
CREATE MACRO opens(protocol, from_port, to_port, port) AS opens_tcp(protocol, from_port, to_port, port) OR opens_udp(protocol, from_port, to_port, port);
-- test: opens('tcp', 22, 22, 22) => true
-- test: opens('tcp', 20, 30, 22) => true
-- test: opens('tcp', 0, 65535, 22) => true
-- test: opens('tcp', 23, 65535, 22) => false
-- test: opens('tcp', 0, 21, 22) => false
-- test: opens('udp', 3389, 3389, 3389) => true
-- test: opens('-1', NULL, NULL, 22) => true
-- test: opens('-1', -1, -1, 22) => true
-- test: opens('-1', 443, 443, 22) => true
-- test: opens('all', 0, 0, 22) => true
-- test: opens(NULL, NULL, NULL, 22) => true
-- test: opens('6', 22, 22, 22) => true
-- test: opens('17', 0, 65535, 3389) => true
-- test: opens('TCP', 22, NULL, 22) => true
-- test: opens('tcp', NULL, NULL, 22) => true
-- test: opens('tcp', -1, -1, 22) => true
-- test: opens('icmp', -1, -1, 22) => false
-- test: opens('icmp', 8, 0, 8) => false
-- test: opens('1', NULL, NULL, 22) => false
-- test: opens('icmpv6', NULL, NULL, 22) => false
-- test: opens('58', -1, -1, 22) => false
-- test: opens('50', NULL, NULL, 22) => false

-- Whether a rule reaches a port of one transport; transports are its name and number. See opens.
CREATE MACRO opens_transport(protocol, from_port, to_port, port, transports) AS lower(coalesce(protocol::VARCHAR, '-1')) IN ('-1', 'all', 'any', '*')
  OR (list_contains(transports, lower(protocol::VARCHAR)) AND (coalesce(from_port, -1) < 0 OR (port >= from_port AND port <= coalesce(to_port, from_port))));
-- test: opens_transport('tcp', 1, 100, 53, ['udp', '17']) => false
-- test: opens_transport('tcp', 1, 100, 53, ['tcp', '6']) => true

-- Whether a rule lets traffic through to a port of TCP. See opens.
CREATE MACRO opens_tcp(protocol, from_port, to_port, port) AS opens_transport(protocol, from_port, to_port, port, ['tcp', '6']);
-- test: opens_tcp('tcp', 1, 100, 53) => true
-- test: opens_tcp('udp', 1, 100, 53) => false
-- test: opens_tcp('-1', NULL, NULL, 53) => true

-- Whether a rule lets traffic through to a port of UDP. See opens.
CREATE MACRO opens_udp(protocol, from_port, to_port, port) AS opens_transport(protocol, from_port, to_port, port, ['udp', '17']);
-- test: opens_udp('udp', 1, 100, 53) => true
-- test: opens_udp('tcp', 1, 100, 53) => false
-- test: opens_udp('-1', NULL, NULL, 53) => true

-- Whether a rule lets traffic through to every port of TCP or UDP.
CREATE MACRO opens_all_ports(protocol, from_port, to_port) AS (opens_tcp(protocol, from_port, to_port, 0) OR opens_tcp(protocol, from_port, to_port, 1)) AND opens_tcp(protocol, from_port, to_port, 65535)
  OR (opens_udp(protocol, from_port, to_port, 0) OR opens_udp(protocol, from_port, to_port, 1)) AND opens_udp(protocol, from_port, to_port, 65535);
-- test: opens_all_ports('tcp', 0, 65535) => true
-- test: opens_all_ports('tcp', 1, 65535) => true
-- test: opens_all_ports('-1', NULL, NULL) => true
-- test: opens_all_ports('tcp', 22, 22) => false
-- test: opens_all_ports('tcp', 1024, 65535) => false
-- test: opens_all_ports('icmp', -1, -1) => false

-- Whether a source or destination is the internet: an IPv4 range, an IPv6 range (either may be NULL), or one of the ranges of the
-- prefix lists that the rule names. A range that is merely public, such as an office's, is not: see cidr_is_public.
CREATE MACRO is_public(cidr, cidr6 := NULL, prefix_list_cidrs := NULL) AS cidr_is_wide(cidr::VARCHAR) OR cidr_is_wide(cidr6::VARCHAR)
  OR cidrs_are_wide(prefix_list_cidrs::VARCHAR[]);
-- test: is_public('0.0.0.0/0') => true
-- test: is_public(NULL, '::/0') => true
-- test: is_public('10.0.0.0/8', '::/0') => true
-- test: is_public('0.0.0.0/1') => true
-- test: is_public('10.0.0.0/8') => false
-- test: is_public('203.0.113.7/32') => false
-- test: is_public(NULL, 'fd00::/8') => false
-- test: is_public(NULL, NULL, ['10.0.0.0/8', '0.0.0.0/0']) => true
-- test: is_public(NULL, NULL, ['10.0.0.0/8']) => false
-- test: is_public(NULL, NULL, NULL) => false
-- test: is_public(NULL) => false

-- Whether any of some ranges, or all of them together, is the internet.
CREATE MACRO any_is_public(cidrs) AS cidrs_are_wide(cidrs::VARCHAR[]);
-- test: any_is_public(['10.0.0.0/8', '::/0']) => true
-- test: any_is_public(['10.0.0.0/8']) => false
-- test: any_is_public(NULL) => false

-- Whether a prefix list is AWS's own, which holds addresses of AWS alone, by its id: those of customers came after ids had become
-- long. Code that looks one up by its name has the name instead; nobody else's begins so.
CREATE MACRO is_prefix_list_of_aws(id) AS coalesce(regexp_full_match(id, 'pl-[0-9a-f]{8}') OR starts_with(id, 'com.amazonaws.'), false);
-- test: is_prefix_list_of_aws('pl-3b927c52') => true
-- test: is_prefix_list_of_aws('com.amazonaws.global.cloudfront.origin-facing') => true
-- test: is_prefix_list_of_aws('pl-0123456789abcdef0') => false
-- test: is_prefix_list_of_aws('${data.aws_ec2_managed_prefix_list.offices.id}') => false
-- test: is_prefix_list_of_aws(NULL) => false
