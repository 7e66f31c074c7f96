-- Questions about network ACLs. Their entries are tried in the order of their numbers, and the first that matches decides.

-- The numbers of the entries that let the whole internet, or most of it, through to a port of a transport (its name and number, such
-- as ['tcp', '6']), in or out. An earlier deny that covers all of the entry's addresses and the port takes it out of force.
CREATE MACRO acl_openings(entries, is_egress, transports, port) AS coalesce(list_sort(list_transform(list_filter(entries, lambda _allow:
  lower(_allow.RuleAction) = 'allow' AND coalesce(_allow.Egress, false) = is_egress AND is_public(_allow.CidrBlock, _allow.Ipv6CidrBlock)
  AND opens_transport(_allow.Protocol, _allow.PortRange.From, _allow.PortRange.To, port, transports)
  AND len(list_filter(entries, lambda _deny: lower(_deny.RuleAction) = 'deny' AND coalesce(_deny.Egress, false) = is_egress
    AND _deny.RuleNumber < _allow.RuleNumber
    AND opens_transport(_deny.Protocol, _deny.PortRange.From, _deny.PortRange.To, port, transports)
    AND coalesce(cidr_contains(coalesce(_deny.CidrBlock, _deny.Ipv6CidrBlock), coalesce(_allow.CidrBlock, _allow.Ipv6CidrBlock)), false))) = 0),
  lambda _open: _open.RuleNumber)), []);
-- test: acl_openings([{'RuleNumber': 100, 'RuleAction': 'allow', 'Egress': false, 'CidrBlock': '0.0.0.0/0', 'Ipv6CidrBlock': NULL::VARCHAR, 'Protocol': '6', 'PortRange': {'From': 20, 'To': 30}}], false, ['tcp', '6'], 22) => [100]
-- test: acl_openings([{'RuleNumber': 100, 'RuleAction': 'allow', 'Egress': true, 'CidrBlock': '0.0.0.0/0', 'Ipv6CidrBlock': NULL::VARCHAR, 'Protocol': '6', 'PortRange': {'From': 20, 'To': 30}}], false, ['tcp', '6'], 22) => []
-- test: acl_openings([{'RuleNumber': 100, 'RuleAction': 'allow', 'Egress': false, 'CidrBlock': '10.0.0.0/8', 'Ipv6CidrBlock': NULL::VARCHAR, 'Protocol': '-1', 'PortRange': NULL::STRUCT("From" INTEGER, "To" INTEGER)}], false, ['tcp', '6'], 22) => []
-- test: acl_openings([{'RuleNumber': 90, 'RuleAction': 'deny', 'Egress': false, 'CidrBlock': '0.0.0.0/0', 'Ipv6CidrBlock': NULL::VARCHAR, 'Protocol': '6', 'PortRange': {'From': 22, 'To': 22}}, {'RuleNumber': 100, 'RuleAction': 'allow', 'Egress': false, 'CidrBlock': '0.0.0.0/0', 'Ipv6CidrBlock': NULL::VARCHAR, 'Protocol': '-1', 'PortRange': NULL}], false, ['tcp', '6'], 22) => []
-- test: acl_openings([{'RuleNumber': 110, 'RuleAction': 'deny', 'Egress': false, 'CidrBlock': '0.0.0.0/0', 'Ipv6CidrBlock': NULL::VARCHAR, 'Protocol': '6', 'PortRange': {'From': 22, 'To': 22}}, {'RuleNumber': 100, 'RuleAction': 'allow', 'Egress': false, 'CidrBlock': '0.0.0.0/0', 'Ipv6CidrBlock': NULL::VARCHAR, 'Protocol': '-1', 'PortRange': NULL}], false, ['tcp', '6'], 22) => [100]
-- test: acl_openings([{'RuleNumber': 90, 'RuleAction': 'deny', 'Egress': false, 'CidrBlock': '203.0.113.0/24', 'Ipv6CidrBlock': NULL::VARCHAR, 'Protocol': '-1', 'PortRange': {'From': 22, 'To': 22}}, {'RuleNumber': 100, 'RuleAction': 'allow', 'Egress': false, 'CidrBlock': '0.0.0.0/0', 'Ipv6CidrBlock': NULL::VARCHAR, 'Protocol': '-1', 'PortRange': NULL}], false, ['tcp', '6'], 22) => [100]
-- test: acl_openings([{'RuleNumber': 90, 'RuleAction': 'deny', 'Egress': false, 'CidrBlock': '0.0.0.0/0', 'Ipv6CidrBlock': NULL::VARCHAR, 'Protocol': '-1', 'PortRange': {'From': 22, 'To': 22}}, {'RuleNumber': 100, 'RuleAction': 'allow', 'Egress': false, 'CidrBlock': NULL, 'Ipv6CidrBlock': '::/0', 'Protocol': '-1', 'PortRange': NULL}], false, ['tcp', '6'], 22) => [100]

-- The numbers of the entries that let the whole internet through to every port of TCP or UDP, in or out. Earlier denies of all ports
-- that cover all of the entry's addresses take it out of force; those of single ports do not.
CREATE MACRO acl_full_openings(entries, is_egress) AS coalesce(list_sort(list_transform(list_filter(entries, lambda _allow:
  lower(_allow.RuleAction) = 'allow' AND coalesce(_allow.Egress, false) = is_egress AND is_public(_allow.CidrBlock, _allow.Ipv6CidrBlock)
  AND opens_all_ports(_allow.Protocol, _allow.PortRange.From, _allow.PortRange.To)
  AND len(list_filter(entries, lambda _deny: lower(_deny.RuleAction) = 'deny' AND coalesce(_deny.Egress, false) = is_egress
    AND _deny.RuleNumber < _allow.RuleNumber
    AND (_deny.Protocol = '-1' OR (_deny.Protocol = _allow.Protocol AND opens_all_ports(_deny.Protocol, _deny.PortRange.From, _deny.PortRange.To)))
    AND coalesce(cidr_contains(coalesce(_deny.CidrBlock, _deny.Ipv6CidrBlock), coalesce(_allow.CidrBlock, _allow.Ipv6CidrBlock)), false))) = 0),
  lambda _open: _open.RuleNumber)), []);
-- test: acl_full_openings([{'RuleNumber': 100, 'RuleAction': 'allow', 'Egress': false, 'CidrBlock': '0.0.0.0/0', 'Ipv6CidrBlock': NULL::VARCHAR, 'Protocol': '-1', 'PortRange': NULL::STRUCT("From" INTEGER, "To" INTEGER)}], false) => [100]
-- test: acl_full_openings([{'RuleNumber': 100, 'RuleAction': 'allow', 'Egress': false, 'CidrBlock': NULL::VARCHAR, 'Ipv6CidrBlock': '::/0', 'Protocol': '6', 'PortRange': {'From': 0, 'To': 65535}}], false) => [100]
-- test: acl_full_openings([{'RuleNumber': 100, 'RuleAction': 'allow', 'Egress': false, 'CidrBlock': '0.0.0.0/0', 'Ipv6CidrBlock': NULL::VARCHAR, 'Protocol': '6', 'PortRange': {'From': 443, 'To': 443}}], false) => []
-- test: acl_full_openings([{'RuleNumber': 90, 'RuleAction': 'deny', 'Egress': false, 'CidrBlock': '0.0.0.0/0', 'Ipv6CidrBlock': NULL::VARCHAR, 'Protocol': '-1', 'PortRange': NULL::STRUCT("From" INTEGER, "To" INTEGER)}, {'RuleNumber': 100, 'RuleAction': 'allow', 'Egress': false, 'CidrBlock': '0.0.0.0/0', 'Ipv6CidrBlock': NULL, 'Protocol': '-1', 'PortRange': NULL}], false) => []

-- Whether the ACL lets some of the internet, of IPv4 or IPv6, through to some port of a range: an entry that allows part of it, which
-- no earlier deny of the whole range and of all its addresses takes out of force.
CREATE MACRO acl_admits(entries, is_v6, protocol, from_port, to_port) AS coalesce(len(list_filter(entries, lambda _allow:
  lower(_allow.RuleAction) = 'allow' AND NOT coalesce(_allow.Egress, false)
  AND CASE WHEN is_v6 THEN is_public(_allow.Ipv6CidrBlock) ELSE is_public(_allow.CidrBlock) END
  AND ranges_meet(_allow.Protocol, _allow.PortRange.From, _allow.PortRange.To, protocol, from_port, to_port)
  AND len(list_filter(entries, lambda _deny: lower(_deny.RuleAction) = 'deny' AND NOT coalesce(_deny.Egress, false)
    AND _deny.RuleNumber < _allow.RuleNumber
    AND range_covers(_deny.Protocol, _deny.PortRange.From, _deny.PortRange.To, protocol, from_port, to_port)
    AND coalesce(cidr_contains(CASE WHEN is_v6 THEN _deny.Ipv6CidrBlock ELSE _deny.CidrBlock END,
      CASE WHEN is_v6 THEN _allow.Ipv6CidrBlock ELSE _allow.CidrBlock END), false))) = 0)) > 0, false);
-- test: acl_admits([{'RuleNumber': 100, 'RuleAction': 'allow', 'Egress': false, 'CidrBlock': '0.0.0.0/0', 'Ipv6CidrBlock': NULL::VARCHAR, 'Protocol': '-1', 'PortRange': NULL::STRUCT("From" INTEGER, "To" INTEGER)}], false, 'tcp', 22, 22) => true
-- test: acl_admits([{'RuleNumber': 100, 'RuleAction': 'allow', 'Egress': false, 'CidrBlock': '0.0.0.0/0', 'Ipv6CidrBlock': NULL::VARCHAR, 'Protocol': '-1', 'PortRange': NULL::STRUCT("From" INTEGER, "To" INTEGER)}], true, 'tcp', 22, 22) => false
-- test: acl_admits([{'RuleNumber': 90, 'RuleAction': 'deny', 'Egress': false, 'CidrBlock': '0.0.0.0/0', 'Ipv6CidrBlock': NULL::VARCHAR, 'Protocol': '6', 'PortRange': {'From': 22, 'To': 22}}, {'RuleNumber': 100, 'RuleAction': 'allow', 'Egress': false, 'CidrBlock': '0.0.0.0/0', 'Ipv6CidrBlock': NULL, 'Protocol': '-1', 'PortRange': NULL}], false, 'tcp', 22, 22) => false
-- test: acl_admits([{'RuleNumber': 90, 'RuleAction': 'deny', 'Egress': false, 'CidrBlock': '0.0.0.0/0', 'Ipv6CidrBlock': NULL::VARCHAR, 'Protocol': '6', 'PortRange': {'From': 22, 'To': 22}}, {'RuleNumber': 100, 'RuleAction': 'allow', 'Egress': false, 'CidrBlock': '0.0.0.0/0', 'Ipv6CidrBlock': NULL, 'Protocol': '-1', 'PortRange': NULL}], false, 'tcp', 22, 23) => true
-- test: acl_admits(NULL::STRUCT(RuleNumber INTEGER, RuleAction VARCHAR, Egress BOOLEAN, CidrBlock VARCHAR, Ipv6CidrBlock VARCHAR, Protocol VARCHAR, PortRange STRUCT("From" INTEGER, "To" INTEGER))[], false, 'tcp', 22, 22) => false

-- A protocol's number, for those that have ports, or -1 for all; other names stay as they are.
CREATE MACRO protocol_number(protocol) AS CASE lower(coalesce(protocol::VARCHAR, '-1')) WHEN 'tcp' THEN '6' WHEN 'udp' THEN '17' WHEN 'icmp' THEN '1' WHEN 'icmpv6' THEN '58'
  WHEN 'all' THEN '-1' WHEN 'any' THEN '-1' WHEN '*' THEN '-1' ELSE lower(coalesce(protocol::VARCHAR, '-1')) END;
-- test: protocol_number('tcp') => '6'
-- test: protocol_number('17') => '17'
-- test: protocol_number(NULL) => '-1'

-- Whether some traffic is in both of two rules. Ports matter only to rules of the same protocol; a range without its first port is all.
CREATE MACRO ranges_meet(protocol, from_port, to_port, protocol2, from2, to2) AS
  protocol_number(protocol) = '-1' OR protocol_number(protocol2) = '-1'
  OR (protocol_number(protocol) = protocol_number(protocol2) AND (protocol_number(protocol) NOT IN ('6', '17')
    OR coalesce(from_port, -1) < 0 OR coalesce(from2, -1) < 0
    OR (from_port <= coalesce(to2, from2) AND from2 <= coalesce(to_port, from_port))));
-- test: ranges_meet('tcp', 20, 30, '6', 22, 22) => true
-- test: ranges_meet('tcp', 23, 30, '6', 22, 22) => false
-- test: ranges_meet('udp', 22, 22, '6', 22, 22) => false
-- test: ranges_meet('-1', NULL, NULL, '6', 22, 22) => true
-- test: ranges_meet('tcp', NULL, NULL, 'tcp', 22, 22) => true

-- Whether all traffic of the second rule is in the first.
CREATE MACRO range_covers(protocol, from_port, to_port, protocol2, from2, to2) AS
  protocol_number(protocol) = '-1'
  OR (protocol_number(protocol) = protocol_number(protocol2) AND (protocol_number(protocol) NOT IN ('6', '17') OR coalesce(from_port, -1) < 0
    OR (from_port <= CASE WHEN coalesce(from2, -1) < 0 THEN 0 ELSE from2 END
      AND coalesce(to_port, from_port) >= CASE WHEN coalesce(from2, -1) < 0 THEN 65535 ELSE coalesce(to2, from2) END)));
-- test: range_covers('tcp', 20, 30, '6', 22, 22) => true
-- test: range_covers('tcp', 22, 22, '6', 20, 30) => false
-- test: range_covers('tcp', 22, 22, '-1', NULL, NULL) => false
-- test: range_covers('-1', NULL, NULL, 'tcp', 0, 65535) => true
-- test: range_covers('tcp', 0, 65535, 'tcp', NULL, NULL) => true

-- A rule's protocol and ports as text: "tcp 22", "tcp 20-30", "all traffic".
CREATE MACRO ports_text(protocol, from_port, to_port) AS CASE
  WHEN protocol_number(protocol) = '-1' THEN 'all traffic'
  WHEN protocol_number(protocol) NOT IN ('6', '17') THEN CASE protocol_number(protocol) WHEN '1' THEN 'icmp' WHEN '58' THEN 'icmpv6' ELSE 'protocol ' || lower(protocol::VARCHAR) END
  ELSE CASE protocol_number(protocol) WHEN '6' THEN 'tcp' ELSE 'udp' END || CASE
    WHEN coalesce(from_port, -1) < 0 OR (from_port <= 1 AND to_port = 65535) THEN ' all ports'
    WHEN from_port = coalesce(to_port, from_port) THEN ' ' || from_port
    ELSE ' ' || from_port || '-' || to_port END END;
-- test: ports_text('tcp', 22, 22) => 'tcp 22'
-- test: ports_text('17', 20, 30) => 'udp 20-30'
-- test: ports_text('-1', NULL, NULL) => 'all traffic'
-- test: ports_text('6', 0, 65535) => 'tcp all ports'
-- test: ports_text('icmp', -1, -1) => 'icmp'
