# pass: aws_ec2_region_setting_ebs_encryption_default
resource "aws_ebs_encryption_by_default" "on" {}
