variable "office" {
  type    = list(string)
  default = ["198.51.100.7/32"]
}

variable "extra_ports" {
  type    = map(number)
  default = { postgres = 5432 }
}

# pass: aws_vpc_security_group_default_closed
resource "aws_default_security_group" "main" {
  vpc_id = aws_vpc.main.id
}

# none: aws_vpc_security_group_default_closed
resource "aws_vpc" "main" {
  cidr_block = "10.20.0.0/16"
}

# AWS makes a default group with this one, and nobody takes its rules away.
# fail: aws_vpc_security_group_default_closed
resource "aws_vpc" "forgotten" {
  cidr_block = "10.30.0.0/16"
}

# pass: aws_vpc_security_group_no_admin_ports_from_internet, aws_vpc_security_group_no_admin_ports_from_internet_ipv6, aws_vpc_security_group_no_all_ports_from_internet
# pass: aws_vpc_security_group_internet_ports_allowed, aws_vpc_security_group_described, aws_vpc_security_group_not_wizard
# pass: aws_vpc_security_group_no_data_ports_from_internet, aws_vpc_security_group_no_risky_ports_from_internet, aws_vpc_security_group_no_smb_from_internet
# pass: aws_vpc_security_group_no_icmp_from_internet, aws_vpc_security_group_few_rules, aws_vpc_security_group_no_wide_public_ranges
# pass: aws_vpc_security_group_no_internet_prefix_list
resource "aws_security_group" "web" {
  name        = "web"
  description = "Takes HTTPS from everyone"
  vpc_id      = aws_vpc.main.id

  ingress {
    description      = "HTTPS"
    from_port        = 443
    to_port          = 443
    protocol         = "tcp"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = var.office
  }

  ingress {
    from_port = 0
    to_port   = 0
    protocol  = "-1"
    self      = true
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

# The second of two ranges is everyone.
# fail: aws_vpc_security_group_no_admin_ports_from_internet, aws_vpc_security_group_internet_ports_allowed, aws_vpc_security_group_described
# pass: aws_vpc_security_group_no_all_ports_from_internet, aws_vpc_security_group_no_admin_ports_from_internet_ipv6
resource "aws_security_group" "bastion" {
  name   = "bastion"
  vpc_id = aws_vpc.main.id

  ingress {
    from_port   = 20
    to_port     = 25
    protocol    = "6"
    cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
  }
}

# fail: aws_vpc_security_group_no_admin_ports_from_internet, aws_vpc_security_group_no_admin_ports_from_internet_ipv6
resource "aws_security_group" "desktops" {
  name        = "desktops"
  description = "Remote desktops"
  vpc_id      = aws_vpc.main.id

  ingress {
    from_port        = 3389
    to_port          = 3389
    protocol         = "tcp"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}

# fail: aws_vpc_security_group_no_data_ports_from_internet
resource "aws_security_group" "database" {
  name        = "database"
  description = "Database of the shop"
  vpc_id      = aws_vpc.main.id

  dynamic "ingress" {
    for_each = var.extra_ports
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}

# fail: aws_vpc_security_group_no_all_ports_from_internet, aws_vpc_security_group_no_icmp_from_internet, aws_vpc_security_group_no_admin_ports_from_internet_ipv6
# pass: aws_vpc_security_group_no_admin_ports_from_internet
resource "aws_security_group" "wide" {
  name_prefix = "wide-"
  description = "Everything"
  vpc_id      = aws_vpc.main.id
}

resource "aws_security_group_rule" "wide" {
  security_group_id = aws_security_group.wide.id
  type              = "ingress"
  protocol          = "all"
  from_port         = 0
  to_port           = 0
  ipv6_cidr_blocks  = ["::/0"]
}

# pass: aws_vpc_security_group_no_smb_from_internet
# fail: aws_vpc_security_group_no_risky_ports_from_internet
resource "aws_security_group" "console" {
  name        = "console"
  description = "Administration pages"
  vpc_id      = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "console" {
  security_group_id = aws_security_group.console.id
  ip_protocol       = "tcp"
  from_port         = 8080
  to_port           = 8080
  cidr_ipv4         = "0.0.0.0/0"
}

# fail: aws_vpc_security_group_no_smb_from_internet, aws_vpc_security_group_no_risky_ports_from_internet
resource "aws_security_group" "files" {
  name        = "files"
  description = "Shares of the office"
  vpc_id      = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "files" {
  security_group_id = aws_security_group.files.id
  ip_protocol       = "tcp"
  from_port         = 445
  to_port           = 445
  cidr_ipv4         = "0.0.0.0/0"
}

# A rule that is not made, and one that goes out.
# pass: aws_vpc_security_group_no_risky_ports_from_internet, aws_vpc_security_group_no_admin_ports_from_internet, aws_vpc_security_group_no_admin_ports_from_internet_ipv6
resource "aws_security_group" "quiet" {
  name        = "quiet"
  description = "Takes nothing"
  vpc_id      = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "quiet" {
  count             = 0
  security_group_id = aws_security_group.quiet.id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_egress_rule" "quiet" {
  security_group_id = aws_security_group.quiet.id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}

# The prefix list holds IPv4 alone.
# fail: aws_vpc_security_group_no_internet_prefix_list, aws_vpc_security_group_no_admin_ports_from_internet
# pass: aws_vpc_security_group_no_admin_ports_from_internet_ipv6
resource "aws_security_group" "partners" {
  name        = "partners"
  description = "Takes partners"
  vpc_id      = aws_vpc.main.id
  ingress = [{
    description      = "partners"
    from_port        = 3389
    to_port          = 3389
    protocol         = "tcp"
    cidr_blocks      = []
    ipv6_cidr_blocks = []
    prefix_list_ids  = [aws_ec2_managed_prefix_list.partners.id]
    security_groups  = []
    self             = false
  }]
}

resource "aws_ec2_managed_prefix_list" "partners" {
  name           = "partners"
  address_family = "IPv4"
  max_entries    = 5
  entry {
    cidr = "0.0.0.0/0"
  }
}

# fail: aws_vpc_security_group_not_wizard, aws_vpc_security_group_no_wide_public_ranges
resource "aws_security_group" "clicked" {
  name        = "launch-wizard-3"
  description = "Made by hand once"
  vpc_id      = aws_vpc.main.id
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["203.0.0.0/16"]
  }
}

# fail: aws_vpc_security_group_few_rules
resource "aws_security_group" "many" {
  name        = "many"
  description = "One rule for each address"
  vpc_id      = aws_vpc.main.id
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = [for n in range(60) : "10.20.${n}.0/24"]
  }
}
