# pass: aws_efs_file_system_encrypted, aws_efs_file_system_tls_only, aws_efs_file_system_several_zones
resource "aws_efs_file_system" "good" {
  encrypted = true
  tags      = { Name = "shared" }
}

resource "aws_efs_file_system_policy" "good" {
  file_system_id = aws_efs_file_system.good.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
        Action    = "elasticfilesystem:ClientMount"
        Resource  = aws_efs_file_system.good.arn
      },
      {
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "*"
        Resource  = aws_efs_file_system.good.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_efs_mount_target" "good" {
  for_each        = toset(["subnet-0a1b2c3d", "subnet-0b1b2c3d"])
  file_system_id  = aws_efs_file_system.good.id
  subnet_id       = each.value
  security_groups = ["sg-0a1b2c3d"]
}

# fail: aws_efs_file_system_encrypted, aws_efs_file_system_tls_only, aws_efs_file_system_several_zones
resource "aws_efs_file_system" "bad" {
  availability_zone_name = "eu-west-1a"
}

# pass: aws_efs_access_point_root_directory, aws_efs_access_point_user_identity
resource "aws_efs_access_point" "good" {
  file_system_id = aws_efs_file_system.good.id
  root_directory {
    path = "/app"
  }
  posix_user {
    uid = 1000
    gid = 1000
  }
}

# fail: aws_efs_access_point_root_directory, aws_efs_access_point_user_identity
resource "aws_efs_access_point" "bad" {
  file_system_id = aws_efs_file_system.good.id
}
