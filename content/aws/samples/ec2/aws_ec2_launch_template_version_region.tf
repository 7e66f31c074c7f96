# New volumes of the region are encrypted whatever the template says.
resource "aws_ebs_encryption_by_default" "here" {}

# pass: aws_ec2_launch_template_version_encrypted
resource "aws_launch_template" "plain" {
  name = "plain"
  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      volume_size = 20
    }
  }
}
