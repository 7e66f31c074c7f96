resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}

resource "aws_route_table" "other" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route" "other" {
  route_table_id         = aws_route_table.other.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main.id
}

# pass: aws_vpc_subnet_not_default_acl
resource "aws_subnet" "guarded" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "eu-west-1a"
}

resource "aws_route_table_association" "guarded" {
  route_table_id = aws_route_table.public.id
  subnet_id      = aws_subnet.guarded.id
}

resource "aws_network_acl" "guarded" {
  vpc_id = aws_vpc.main.id
}

resource "aws_network_acl_association" "guarded" {
  network_acl_id = aws_network_acl.guarded.id
  subnet_id      = aws_subnet.guarded.id
}

# fail: aws_vpc_subnet_not_default_acl
resource "aws_subnet" "open" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.2.0/24"
  availability_zone = "eu-west-1b"
}

resource "aws_route_table_association" "open" {
  route_table_id = aws_route_table.other.id
  subnet_id      = aws_subnet.open.id
}

# It has no way to the internet.
# none: aws_vpc_subnet_not_default_acl
resource "aws_subnet" "inner" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.3.0/24"
  availability_zone = "eu-west-1b"
}
