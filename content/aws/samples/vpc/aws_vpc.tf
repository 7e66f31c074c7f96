# pass: aws_vpc_flow_logs, aws_vpc_flow_logs_capture_rejects
resource "aws_vpc" "logged" {
  cidr_block = "10.1.0.0/16"
}

resource "aws_flow_log" "logged" {
  vpc_id          = aws_vpc.logged.id
  traffic_type    = "ALL"
  log_destination = aws_s3_bucket.records.arn
  log_destination_type = "s3"
}

resource "aws_s3_bucket" "records" {
  bucket = "records-of-connections"
}

# fail: aws_vpc_flow_logs
resource "aws_vpc" "silent" {
  cidr_block = "10.2.0.0/16"
}

resource "aws_flow_log" "silent" {
  count        = 0
  vpc_id       = aws_vpc.silent.id
  traffic_type = "ALL"
}

# pass: aws_vpc_flow_logs
# fail: aws_vpc_flow_logs_capture_rejects
resource "aws_vpc" "half" {
  cidr_block = "10.3.0.0/16"
}

resource "aws_flow_log" "half" {
  vpc_id               = aws_vpc.half.id
  traffic_type         = "ACCEPT"
  log_destination      = aws_s3_bucket.records.arn
  log_destination_type = "s3"
}

# Each of its subnets is logged.
# pass: aws_vpc_flow_logs
resource "aws_vpc" "parts" {
  cidr_block = "10.4.0.0/16"
}

# pass: aws_vpc_subnet_no_auto_public_address
resource "aws_subnet" "parts" {
  for_each          = { a = "10.4.1.0/24", b = "10.4.2.0/24" }
  vpc_id            = aws_vpc.parts.id
  cidr_block        = each.value
  availability_zone = "eu-central-1${each.key}"
}

resource "aws_flow_log" "parts" {
  for_each             = aws_subnet.parts
  subnet_id            = each.value.id
  traffic_type         = "REJECT"
  log_destination      = aws_s3_bucket.records.arn
  log_destination_type = "s3"
}

# fail: aws_vpc_subnet_no_auto_public_address
resource "aws_subnet" "edge" {
  vpc_id                  = aws_vpc.half.id
  cidr_block              = "10.3.1.0/24"
  availability_zone       = "eu-central-1a"
  map_public_ip_on_launch = true
}

# fail: aws_vpc_subnet_no_auto_public_address
resource "aws_default_subnet" "a" {
  availability_zone = "eu-central-1a"
}
