# Who may come in is said elsewhere.
variable "allowed" {
  type = list(string)
}

# unknown: aws_vpc_security_group_no_admin_ports_from_internet, aws_vpc_security_group_no_admin_ports_from_internet_ipv6
resource "aws_security_group" "remote" {
  name        = "remote"
  description = "Remote access"
  vpc_id      = "vpc-0a1b2c3d"
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = var.allowed
  }
}
