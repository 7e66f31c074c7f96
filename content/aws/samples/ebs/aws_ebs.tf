# pass: aws_ebs_volume_encrypted
resource "aws_ebs_volume" "good" {
  availability_zone = "eu-west-1a"
  size              = 10
  encrypted         = true
}

# fail: aws_ebs_volume_encrypted
resource "aws_ebs_volume" "bad" {
  availability_zone = "eu-west-1a"
  size              = 10
}

# It is as its snapshot is.
# unknown: aws_ebs_volume_encrypted
resource "aws_ebs_volume" "restored" {
  availability_zone = "eu-west-1a"
  snapshot_id       = "snap-0a1b2c3d"
}

# pass: aws_ebs_snapshot_encrypted, aws_ebs_snapshot_shared_with_trusted_only
resource "aws_ebs_snapshot" "good" {
  volume_id = aws_ebs_volume.good.id
}

# fail: aws_ebs_snapshot_encrypted, aws_ebs_snapshot_shared_with_trusted_only
resource "aws_ebs_snapshot" "bad" {
  volume_id = aws_ebs_volume.bad.id
}

resource "aws_snapshot_create_volume_permission" "bad" {
  snapshot_id = aws_ebs_snapshot.bad.id
  account_id  = "444455556666"
}

# unknown: aws_ebs_snapshot_encrypted
resource "aws_ebs_snapshot" "elsewhere" {
  volume_id = "vol-0a1b2c3d"
}

# pass: aws_ebs_snapshot_encrypted
resource "aws_ebs_snapshot_copy" "good" {
  source_region      = "eu-west-1"
  source_snapshot_id = aws_ebs_snapshot.bad.id
  encrypted          = true
}
