# pass: aws_ec2_launch_template_version_imdsv2, aws_ec2_launch_template_version_no_public_address, aws_ec2_launch_template_version_encrypted
# pass: aws_ec2_launch_template_version_no_secrets
resource "aws_launch_template" "good" {
  name     = "good"
  image_id = "ami-0a1b2c3d4e5f60718"
  user_data = base64encode("#!/bin/sh\necho hello\n")
  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      volume_size = 20
      encrypted   = true
    }
  }
  network_interfaces {
    associate_public_ip_address = false
  }
  metadata_options {
    http_tokens = "required"
  }
}

# fail: aws_ec2_launch_template_version_imdsv2, aws_ec2_launch_template_version_no_public_address, aws_ec2_launch_template_version_encrypted
# fail: aws_ec2_launch_template_version_no_secrets
resource "aws_launch_template" "bad" {
  name_prefix = "bad-"
  image_id    = "ami-0a1b2c3d4e5f60718"
  user_data   = base64encode("#!/bin/sh\nexport API_KEY=\"kR7vQ2mX9pLwT4sB\"\n")
  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      volume_size = 20
    }
  }
  network_interfaces {
    associate_public_ip_address = true
  }
}

# Without disks of its own the question is not asked.
# none: aws_ec2_launch_template_version_encrypted
resource "aws_launch_template" "bare" {
  name = "bare"
}
