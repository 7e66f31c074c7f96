# What is not known of one network leaves the verdicts about the other.
variable "gateway" {
  type = string
}

resource "aws_vpc" "open" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc" "shop" {
  cidr_block = "10.1.0.0/16"
}

resource "aws_internet_gateway" "shop" {
  vpc_id = aws_vpc.shop.id
}

# unknown: aws_vpc_subnet_not_default_acl
resource "aws_subnet" "open" {
  vpc_id            = aws_vpc.open.id
  cidr_block        = "10.0.0.0/24"
  availability_zone = "eu-central-1a"
}

# pass: aws_vpc_subnet_not_default_acl
resource "aws_subnet" "shop" {
  vpc_id            = aws_vpc.shop.id
  cidr_block        = "10.1.0.0/24"
  availability_zone = "eu-central-1a"
}

# fail: aws_vpc_subnet_not_default_acl
resource "aws_subnet" "more" {
  vpc_id            = aws_vpc.shop.id
  cidr_block        = "10.1.1.0/24"
  availability_zone = "eu-central-1a"
}

resource "aws_route_table" "open" {
  vpc_id = aws_vpc.open.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = var.gateway
  }
}

resource "aws_route_table" "shop" {
  vpc_id = aws_vpc.shop.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.shop.id
  }
}

resource "aws_route_table_association" "open" {
  subnet_id      = aws_subnet.open.id
  route_table_id = aws_route_table.open.id
}

resource "aws_route_table_association" "shop" {
  for_each       = { shop = aws_subnet.shop.id, more = aws_subnet.more.id }
  subnet_id      = each.value
  route_table_id = aws_route_table.shop.id
}

resource "aws_network_acl" "open" {
  vpc_id     = aws_vpc.open.id
  subnet_ids = [aws_subnet.open.id]
}

resource "aws_network_acl" "shop" {
  vpc_id     = aws_vpc.shop.id
  subnet_ids = [aws_subnet.shop.id]
}

# unknown: aws_ec2_instance_no_public_address
resource "aws_instance" "open" {
  ami                         = "ami-0a"
  instance_type               = "t3.micro"
  subnet_id                   = aws_subnet.open.id
  associate_public_ip_address = false
}

# pass: aws_ec2_instance_no_public_address
resource "aws_instance" "shop" {
  ami                         = "ami-0a"
  instance_type               = "t3.micro"
  subnet_id                   = aws_subnet.shop.id
  associate_public_ip_address = false
}
