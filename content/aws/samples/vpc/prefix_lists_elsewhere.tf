# Prefix lists that other code makes: what they hold is not here. Those of AWS hold addresses of AWS alone.
provider "aws" {
  region = "eu-west-1"
}

data "aws_ec2_managed_prefix_list" "offices" {
  name = "offices"
}

data "aws_ec2_managed_prefix_list" "cloudfront" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
}

data "aws_prefix_list" "s3" {
  name = "com.amazonaws.eu-west-1.s3"
}

# unknown: aws_vpc_security_group_no_admin_ports_from_internet, aws_vpc_security_group_no_admin_ports_from_internet_ipv6, aws_vpc_security_group_no_internet_prefix_list, aws_vpc_security_group_no_wide_public_ranges
# unknown: aws_vpc_security_group_internet_ports_allowed, aws_vpc_security_group_no_all_ports_from_internet, aws_vpc_security_group_no_data_ports_from_internet
# unknown: aws_vpc_security_group_no_icmp_from_internet, aws_vpc_security_group_no_risky_ports_from_internet, aws_vpc_security_group_no_smb_from_internet
resource "aws_security_group" "by_id" {
  name        = "by-id"
  description = "Remote access"
  vpc_id      = "vpc-0a1b2c3d"
}

resource "aws_vpc_security_group_ingress_rule" "by_id" {
  security_group_id = aws_security_group.by_id.id
  prefix_list_id    = "pl-0123456789abcdef0"
  ip_protocol       = "-1"
}

# unknown: aws_vpc_security_group_no_admin_ports_from_internet, aws_vpc_security_group_no_admin_ports_from_internet_ipv6
# pass: aws_vpc_security_group_no_data_ports_from_internet
resource "aws_security_group" "by_name" {
  name        = "by-name"
  description = "Remote access"
  vpc_id      = "vpc-0a1b2c3d"
}

resource "aws_security_group_rule" "by_name" {
  security_group_id = aws_security_group.by_name.id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 22
  to_port           = 22
  prefix_list_ids   = [data.aws_ec2_managed_prefix_list.offices.id]
}

# pass: aws_vpc_security_group_no_admin_ports_from_internet, aws_vpc_security_group_no_admin_ports_from_internet_ipv6, aws_vpc_security_group_no_internet_prefix_list, aws_vpc_security_group_internet_ports_allowed
resource "aws_security_group" "of_aws" {
  name        = "of-aws"
  description = "Origin"
  vpc_id      = "vpc-0a1b2c3d"
  ingress {
    protocol        = "tcp"
    from_port       = 8443
    to_port         = 8443
    prefix_list_ids = [data.aws_ec2_managed_prefix_list.cloudfront.id, data.aws_prefix_list.s3.id]
  }
}

# fail: aws_vpc_security_group_no_admin_ports_from_internet
# unknown: aws_vpc_security_group_no_admin_ports_from_internet_ipv6
resource "aws_security_group" "both" {
  name        = "both"
  description = "Remote access"
  vpc_id      = "vpc-0a1b2c3d"
  ingress {
    protocol        = "tcp"
    from_port       = 22
    to_port         = 22
    cidr_blocks     = ["0.0.0.0/0"]
    prefix_list_ids = [data.aws_ec2_managed_prefix_list.offices.id]
  }
}
