variable "key_arn" {
  type = string
}

variable "retention" {
  type = number
}

# Everything in resources of its own.
# pass: aws_s3_bucket_versioning, aws_s3_bucket_tls_only, aws_s3_bucket_min_tls, aws_s3_bucket_block_complete, aws_s3_bucket_not_public
# pass: aws_s3_bucket_policy_no_public_write, aws_s3_bucket_trusted_accounts_only, aws_s3_bucket_no_external_permission_changes
# pass: aws_s3_bucket_acl_disabled, aws_s3_bucket_customer_key, aws_s3_bucket_access_logged, aws_s3_bucket_lifecycle
# pass: aws_s3_bucket_uploads_abort, aws_s3_bucket_versions_expire, aws_s3_bucket_object_lock, aws_s3_bucket_mfa_delete
# pass: aws_s3_bucket_events, aws_s3_bucket_no_website, aws_s3_bucket_no_customer_provided_keys, aws_s3_bucket_cors_narrow
resource "aws_s3_bucket" "orders" {
  bucket              = "example-orders"
  object_lock_enabled = true
}

resource "aws_s3_bucket_versioning" "orders" {
  bucket = aws_s3_bucket.orders.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "orders" {
  bucket                  = aws_s3_bucket.orders.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}

data "aws_caller_identity" "here" {}

data "aws_iam_policy_document" "orders" {
  statement {
    sid       = "OnlyTLS"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.orders.arn, "${aws_s3_bucket.orders.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
  statement {
    sid       = "NoOldTLS"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.orders.arn, "${aws_s3_bucket.orders.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "NumericLessThan"
      variable = "s3:TlsVersion"
      values   = ["1.2"]
    }
  }
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.orders.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.here.account_id}:role/reader"]
    }
  }
}

resource "aws_s3_bucket_policy" "orders" {
  bucket = aws_s3_bucket.orders.id
  policy = data.aws_iam_policy_document.orders.json
}

resource "aws_s3_bucket_ownership_controls" "orders" {
  bucket = aws_s3_bucket.orders.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "orders" {
  bucket = aws_s3_bucket.orders.id
  rule {
    blocked_encryption_types = ["SSE-C"]
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.orders.arn
    }
  }
}

resource "aws_kms_key" "orders" {}

resource "aws_s3_bucket_logging" "orders" {
  bucket        = aws_s3_bucket.orders.id
  target_bucket = "example-access-logs"
  target_prefix = "orders/"
}

resource "aws_s3_bucket_lifecycle_configuration" "orders" {
  bucket = aws_s3_bucket.orders.id
  rule {
    id     = "tidy"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days = 90
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

resource "aws_s3_bucket_object_lock_configuration" "orders" {
  bucket = aws_s3_bucket.orders.id
  rule {
    default_retention {
      mode = "COMPLIANCE"
      days = 30
    }
  }
}

resource "aws_s3_bucket_notification" "orders" {
  bucket      = aws_s3_bucket.orders.id
  eventbridge = true
}

resource "aws_s3_bucket_cors_configuration" "orders" {
  bucket = aws_s3_bucket.orders.id
  cors_rule {
    allowed_methods = ["PUT", "POST"]
    allowed_origins = ["https://shop.example.com"]
  }
}

# Nothing is said: what S3 does by itself.
# pass: aws_s3_bucket_block_complete, aws_s3_bucket_not_public, aws_s3_bucket_acl_disabled, aws_s3_bucket_no_customer_provided_keys
# fail: aws_s3_bucket_versioning, aws_s3_bucket_tls_only, aws_s3_bucket_min_tls, aws_s3_bucket_customer_key, aws_s3_bucket_access_logged
# fail: aws_s3_bucket_lifecycle, aws_s3_bucket_uploads_abort, aws_s3_bucket_object_lock, aws_s3_bucket_mfa_delete, aws_s3_bucket_events
# none: aws_s3_bucket_versions_expire, aws_s3_bucket_cors_narrow, aws_s3_bucket_trusted_accounts_only
resource "aws_s3_bucket" "plain" {}

# fail: aws_s3_bucket_block_complete, aws_s3_bucket_not_public, aws_s3_bucket_policy_no_public_write, aws_s3_bucket_trusted_accounts_only
# fail: aws_s3_bucket_no_external_permission_changes, aws_s3_bucket_acl_disabled, aws_s3_bucket_no_website, aws_s3_bucket_cors_narrow
# fail: aws_s3_bucket_no_customer_provided_keys, aws_s3_bucket_versions_expire
resource "aws_s3_bucket" "open" {
  bucket_prefix = "open-"
}

resource "aws_s3_bucket_public_access_block" "open" {
  bucket            = aws_s3_bucket.open.bucket
  block_public_acls = true
}

resource "aws_s3_bucket_policy" "open" {
  bucket = aws_s3_bucket.open.bucket
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = ["s3:GetObject", "s3:PutObject", "s3:PutObjectAcl"]
      Resource  = "${aws_s3_bucket.open.arn}/*"
    }]
  })
}

resource "aws_s3_bucket_ownership_controls" "open" {
  bucket = aws_s3_bucket.open.bucket
  rule {
    object_ownership = "ObjectWriter"
  }
}

resource "aws_s3_bucket_versioning" "open" {
  bucket = aws_s3_bucket_public_access_block.open.id
  versioning_configuration {
    status = "Suspended"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "open" {
  bucket = aws_s3_bucket.open.bucket
  rule {
    blocked_encryption_types = ["NONE"]
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_website_configuration" "open" {
  bucket = aws_s3_bucket.open.bucket
  index_document {
    suffix = "index.html"
  }
}

resource "aws_s3_bucket_cors_configuration" "open" {
  bucket = aws_s3_bucket.open.bucket
  cors_rule {
    allowed_methods = ["GET", "PUT"]
    allowed_origins = ["*"]
  }
}

# As it was written before there were resources of their own.
# pass: aws_s3_bucket_versioning, aws_s3_bucket_mfa_delete, aws_s3_bucket_access_logged, aws_s3_bucket_customer_key, aws_s3_bucket_lifecycle
# pass: aws_s3_bucket_uploads_abort, aws_s3_bucket_versions_expire, aws_s3_bucket_object_lock
# fail: aws_s3_bucket_not_public, aws_s3_bucket_block_complete, aws_s3_bucket_acl_disabled, aws_s3_bucket_no_website, aws_s3_bucket_cors_narrow
resource "aws_s3_bucket" "old" {
  bucket = "example-old"
  acl    = "public-read"

  versioning {
    enabled    = true
    mfa_delete = true
  }
  logging {
    target_bucket = "example-access-logs"
  }
  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm     = "aws:kms"
        kms_master_key_id = "arn:aws:kms:eu-west-1:111122223333:key/0f0f0f0f-0000-0000-0000-000000000000"
      }
    }
  }
  lifecycle_rule {
    enabled                                = true
    abort_incomplete_multipart_upload_days = 3
    noncurrent_version_expiration {
      days = 30
    }
  }
  object_lock_configuration {
    object_lock_enabled = "Enabled"
  }
  website {
    index_document = "index.html"
  }
  cors_rule {
    allowed_methods = ["DELETE"]
    allowed_origins = ["https://*"]
  }
}

# A public ACL of its own, and off.
# fail: aws_s3_bucket_not_public
resource "aws_s3_bucket" "shared" {
  bucket = "example-shared"
}

resource "aws_s3_bucket_acl" "shared" {
  bucket = aws_s3_bucket.shared.id
  access_control_policy {
    owner {
      id = "0f0f0f"
    }
    grant {
      permission = "READ"
      grantee {
        type = "Group"
        uri  = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
      }
    }
  }
}

# fail: aws_s3_bucket_versioning
resource "aws_s3_bucket" "suspended" {
  versioning {
    enabled = false
  }
}

# The key is not known, but it is one of our own; the days are not, but some there are.
# pass: aws_s3_bucket_lifecycle
# unknown: aws_s3_bucket_customer_key
resource "aws_s3_bucket" "variable" {
  bucket = "example-variable"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "variable" {
  bucket = aws_s3_bucket.variable.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.key_arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "variable" {
  bucket = aws_s3_bucket.variable.id
  rule {
    id     = "expire"
    status = "Enabled"
    filter {}
    expiration {
      days = 30
    }
  }
}

# A block that is not made blocks nothing, and a policy for a distribution alone lets in nobody else.
# pass: aws_s3_bucket_tls_only
# unknown: aws_s3_bucket_not_public, aws_s3_bucket_block_complete
# none: aws_s3_bucket_cors_narrow
resource "aws_s3_bucket" "site" {
  bucket = "example-site"
}

resource "aws_s3_bucket_public_access_block" "site" {
  count                   = 0
  bucket                  = aws_s3_bucket.site.id
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "site" {
  bucket = aws_s3_bucket.site.id
  policy = <<-JSON
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Principal": {"Service": "cloudfront.amazonaws.com"},
          "Action": "s3:GetObject",
          "Resource": "${aws_s3_bucket.site.arn}/*",
          "Condition": {"StringEquals": {"AWS:SourceArn": "${aws_cloudfront_distribution.site.arn}"}}
        },
        {
          "Effect": "Deny",
          "Principal": "*",
          "Action": "s3:*",
          "Resource": ["${aws_s3_bucket.site.arn}", "${aws_s3_bucket.site.arn}/*"],
          "Condition": {"Bool": {"aws:SecureTransport": "false"}}
        }
      ]
    }
  JSON
}

resource "aws_cloudfront_distribution" "site" {}

# Open to everyone, but from one endpoint alone.
# pass: aws_s3_bucket_not_public
# fail: aws_s3_bucket_trusted_accounts_only
resource "aws_s3_bucket" "inside" {
  bucket = "example-inside"
}

resource "aws_s3_bucket_public_access_block" "inside" {
  bucket            = aws_s3_bucket.inside.id
  block_public_acls = true
}

resource "aws_s3_bucket_policy" "inside" {
  bucket = aws_s3_bucket.inside.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "s3:GetObject"
      Resource  = "${aws_s3_bucket.inside.arn}/*"
      Condition = { StringEquals = { "aws:SourceVpce" = aws_vpc_endpoint.s3.id } }
    }]
  })
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id       = "vpc-0a"
  service_name = "com.amazonaws.eu-west-1.s3"
}

# The organization is not known here.
# unknown: aws_s3_bucket_trusted_accounts_only
# pass: aws_s3_bucket_not_public
resource "aws_s3_bucket" "team" {
  bucket = "example-team"
}

resource "aws_s3_bucket_public_access_block" "team" {
  bucket = aws_s3_bucket.team.id
}

resource "aws_s3_bucket_policy" "team" {
  bucket = aws_s3_bucket.team.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "s3:GetObject"
      Resource  = "${aws_s3_bucket.team.arn}/*"
      Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }
    }]
  })
}

# What makes the bucket is not known.
# unknown: aws_s3_bucket_lifecycle
resource "aws_s3_bucket" "late" {
  bucket = "example-late"
}

resource "aws_s3_bucket_lifecycle_configuration" "late" {
  count  = var.retention > 0 ? 1 : 0
  bucket = aws_s3_bucket.late.id
  rule {
    id     = "expire"
    status = "Enabled"
    filter {}
    expiration {
      days = var.retention
    }
  }
}
