# no sample passes: aws_vpc_security_group_public_sources_known the addresses that are approved are a setting
# Groups that let in single public addresses, none of which is approved unless a setting says so.
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

# fail: aws_vpc_security_group_public_sources_known
resource "aws_security_group" "visitors" {
  name        = "visitors"
  description = "One visitor"
  vpc_id      = aws_vpc.main.id
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["62.10.20.30/32"]
  }
}

# Of private sources alone it does not speak.
# none: aws_vpc_security_group_public_sources_known
resource "aws_security_group" "inner" {
  name        = "inner"
  description = "Our own"
  vpc_id      = aws_vpc.main.id
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = [aws_vpc.main.cidr_block]
  }
}
