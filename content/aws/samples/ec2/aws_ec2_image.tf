# pass: aws_ec2_image_not_public, aws_ec2_image_shared_with_trusted_only
resource "aws_ami_from_instance" "own" {
  name               = "own"
  source_instance_id = "i-0a1b2c3d4e5f60718"
}

# fail: aws_ec2_image_not_public, aws_ec2_image_shared_with_trusted_only
resource "aws_ami_copy" "public" {
  name              = "public"
  source_ami_id     = "ami-0a1b2c3d4e5f60718"
  source_ami_region = "eu-west-1"
}

resource "aws_ami_launch_permission" "public" {
  image_id = aws_ami_copy.public.id
  group    = "all"
}

# pass: aws_ec2_image_not_public
# fail: aws_ec2_image_shared_with_trusted_only
resource "aws_ami_copy" "shared" {
  name              = "shared"
  source_ami_id     = "ami-0a1b2c3d4e5f60718"
  source_ami_region = "eu-west-1"
}

resource "aws_ami_launch_permission" "shared" {
  image_id   = aws_ami_copy.shared.id
  account_id = "444455556666"
}
