variable "image" {
  type    = string
  default = "ami-0a1b2c3d4e5f60718"
}

resource "aws_subnet" "inner" {
  vpc_id            = "vpc-0a1b2c3d"
  cidr_block        = "10.0.1.0/24"
  availability_zone = "eu-west-1a"
}

resource "aws_subnet" "edge" {
  vpc_id                  = "vpc-0a1b2c3d"
  cidr_block              = "10.0.2.0/24"
  availability_zone       = "eu-west-1a"
  map_public_ip_on_launch = true
}

resource "aws_iam_instance_profile" "app" {
  name = "app"
  role = "app"
}

# pass: aws_ec2_instance_imdsv2, aws_ec2_instance_metadata_hop_limit, aws_ec2_instance_no_key_pair, aws_ec2_instance_detailed_monitoring
# pass: aws_ec2_instance_profile_attached, aws_ec2_instance_termination_protected, aws_ec2_instance_no_public_address, aws_ec2_instance_single_interface
# pass: aws_ec2_instance_no_secrets_in_user_data
resource "aws_instance" "good" {
  ami                     = var.image
  instance_type           = "t4g.small"
  subnet_id               = aws_subnet.inner.id
  vpc_security_group_ids  = ["sg-0a1b2c3d"]
  iam_instance_profile    = aws_iam_instance_profile.app.name
  monitoring              = true
  disable_api_termination = true
  user_data               = <<-EOT
    #!/bin/sh
    dnf install -y nginx
  EOT
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
  tags = { Stage = "production" }
}

# fail: aws_ec2_instance_imdsv2, aws_ec2_instance_metadata_hop_limit, aws_ec2_instance_no_key_pair, aws_ec2_instance_detailed_monitoring
# fail: aws_ec2_instance_profile_attached, aws_ec2_instance_termination_protected, aws_ec2_instance_no_public_address, aws_ec2_instance_single_interface
# fail: aws_ec2_instance_no_secrets_in_user_data
resource "aws_instance" "bad" {
  ami                         = var.image
  instance_type               = "t4g.small"
  subnet_id                   = aws_subnet.inner.id
  vpc_security_group_ids      = ["sg-0a1b2c3d"]
  associate_public_ip_address = true
  key_name                    = "ops"
  user_data                   = <<-EOT
    #!/bin/sh
    export DB_PASSWORD="kR7vQ2mX9pLw"
  EOT
  metadata_options {
    http_tokens                 = "optional"
    http_put_response_hop_limit = 3
  }
  tags = { Stage = "prod" }
}

resource "aws_network_interface" "second" {
  subnet_id = aws_subnet.inner.id
}

resource "aws_network_interface_attachment" "second" {
  instance_id          = aws_instance.bad.id
  network_interface_id = aws_network_interface.second.id
  device_index         = 1
}

# The template says it for the instance.
# pass: aws_ec2_instance_imdsv2
# fail: aws_ec2_instance_no_key_pair
resource "aws_instance" "templated" {
  subnet_id = aws_subnet.inner.id
  launch_template {
    id      = aws_launch_template.app.id
    version = "$Latest"
  }
}

resource "aws_launch_template" "app" {
  name_prefix            = "app-"
  image_id               = var.image
  key_name               = "ops"
  vpc_security_group_ids = ["sg-0a1b2c3d"]
  metadata_options {
    http_tokens = "required"
  }
}

# Neither says whether tokens are required: the image may.
# unknown: aws_ec2_instance_imdsv2
# pass: aws_ec2_instance_no_key_pair
resource "aws_instance" "silent" {
  ami                    = var.image
  instance_type          = "t4g.small"
  subnet_id              = aws_subnet.inner.id
  vpc_security_group_ids = ["sg-0a1b2c3d"]
}

# A template that is made elsewhere may say it.
# unknown: aws_ec2_instance_imdsv2, aws_ec2_instance_no_key_pair
resource "aws_instance" "foreign" {
  subnet_id              = aws_subnet.inner.id
  vpc_security_group_ids = ["sg-0a1b2c3d"]
  associate_public_ip_address = false
  launch_template {
    name    = "made-elsewhere"
    version = "3"
  }
}

# Without metadata there is nothing to protect.
# pass: aws_ec2_instance_imdsv2
# fail: aws_ec2_instance_no_public_address
resource "aws_instance" "deaf" {
  ami                    = var.image
  instance_type          = "t4g.small"
  subnet_id              = aws_subnet.edge.id
  vpc_security_group_ids = ["sg-0a1b2c3d"]
  metadata_options {
    http_endpoint = "disabled"
  }
}

# A key whose name is not known yet, and no tags, so that nothing says that it is for production.
# fail: aws_ec2_instance_no_key_pair
# none: aws_ec2_instance_termination_protected
resource "aws_instance" "keyed" {
  ami                         = var.image
  instance_type               = "t4g.small"
  subnet_id                   = aws_subnet.inner.id
  vpc_security_group_ids      = ["sg-0a1b2c3d"]
  associate_public_ip_address = false
  key_name                    = aws_key_pair.ops.key_name
}

resource "aws_key_pair" "ops" {
  key_name_prefix = "ops-"
  public_key      = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEX"
}

provider "aws" {
  region = "eu-west-1"
  default_tags {
    tags = { Owner = "shop" }
  }
}
