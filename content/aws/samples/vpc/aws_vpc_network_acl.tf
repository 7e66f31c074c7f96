# The ACL that AWS makes with it lets everything through.
# fail: aws_vpc_network_acl_admin_ports_closed
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc" "tended" {
  cidr_block = "10.1.0.0/16"
}

# pass: aws_vpc_network_acl_admin_ports_closed
resource "aws_default_network_acl" "tended" {
  default_network_acl_id = aws_vpc.tended.default_network_acl_id
}

resource "aws_subnet" "a" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "eu-west-1a"
}

# pass: aws_vpc_network_acl_admin_ports_closed, aws_vpc_network_acl_not_all_open, aws_vpc_network_acl_egress_limited, aws_vpc_network_acl_used
resource "aws_network_acl" "tight" {
  vpc_id     = aws_vpc.main.id
  subnet_ids = [aws_subnet.a.id]

  ingress {
    rule_no    = 90
    action     = "deny"
    protocol   = "tcp"
    from_port  = 3389
    to_port    = 3389
    cidr_block = "0.0.0.0/0"
  }

  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    from_port  = 1024
    to_port    = 65535
    cidr_block = "0.0.0.0/0"
  }

  egress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    from_port  = 443
    to_port    = 443
    cidr_block = "0.0.0.0/0"
  }
}

# fail: aws_vpc_network_acl_admin_ports_closed, aws_vpc_network_acl_not_all_open, aws_vpc_network_acl_egress_limited, aws_vpc_network_acl_used
resource "aws_network_acl" "loose" {
  vpc_id = aws_vpc.main.id
}

resource "aws_network_acl_rule" "in" {
  network_acl_id = aws_network_acl.loose.id
  rule_number    = 100
  rule_action    = "allow"
  protocol       = "all"
  cidr_block     = "0.0.0.0/0"
}

resource "aws_network_acl_rule" "out" {
  network_acl_id = aws_network_acl.loose.id
  egress         = true
  rule_number    = 100
  rule_action    = "allow"
  protocol       = "-1"
  cidr_block     = "0.0.0.0/0"
}
