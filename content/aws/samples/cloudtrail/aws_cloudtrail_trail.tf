data "aws_caller_identity" "here" {}

# pass: aws_cloudtrail_trail_customer_key, aws_cloudtrail_trail_log_validation, aws_cloudtrail_trail_topic_set, aws_cloudtrail_trail_insights
# pass: aws_cloudtrail_trail_no_excluded_sources, aws_cloudtrail_trail_bucket_not_public, aws_cloudtrail_trail_bucket_delete_protected
# pass: aws_cloudtrail_trail_bucket_policy_scoped, aws_cloudtrail_trail_bucket_access_logged
resource "aws_cloudtrail" "main" {
  name                       = "main"
  s3_bucket_name             = aws_s3_bucket.trail.id
  is_multi_region_trail      = true
  enable_log_file_validation = true
  kms_key_id                 = aws_kms_key.trail.arn
  sns_topic_name             = "trail"
  insight_selector {
    insight_type = "ApiCallRateInsight"
  }
  insight_selector {
    insight_type = "ApiErrorRateInsight"
  }
}

resource "aws_kms_key" "trail" {
  enable_key_rotation = true
}

# pass: aws_s3_bucket_log_bucket_hardened
resource "aws_s3_bucket" "trail" {
  bucket = "example-trail"
}

resource "aws_s3_bucket_public_access_block" "trail" {
  bucket                  = aws_s3_bucket.trail.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "trail" {
  bucket = aws_s3_bucket.trail.id
  versioning_configuration {
    status     = "Enabled"
    mfa_delete = "Enabled"
  }
}

resource "aws_s3_bucket_logging" "trail" {
  bucket        = aws_s3_bucket.trail.id
  target_bucket = "example-access-logs"
  target_prefix = "trail/"
}

resource "aws_s3_bucket_policy" "trail" {
  bucket = aws_s3_bucket.trail.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${aws_s3_bucket.trail.arn}/*"
      Condition = { StringEquals = { "aws:SourceArn" = "arn:aws:cloudtrail:eu-west-1:${data.aws_caller_identity.here.account_id}:trail/main" } }
    }]
  })
}

# fail: aws_cloudtrail_trail_customer_key, aws_cloudtrail_trail_log_validation, aws_cloudtrail_trail_topic_set, aws_cloudtrail_trail_insights
# fail: aws_cloudtrail_trail_no_excluded_sources, aws_cloudtrail_trail_bucket_not_public, aws_cloudtrail_trail_bucket_delete_protected
# fail: aws_cloudtrail_trail_bucket_policy_scoped, aws_cloudtrail_trail_bucket_access_logged
resource "aws_cloudtrail" "weak" {
  name           = "weak"
  s3_bucket_name = aws_s3_bucket.open.bucket
  event_selector {
    exclude_management_event_sources = ["kms.amazonaws.com"]
  }
}

# fail: aws_s3_bucket_log_bucket_hardened
resource "aws_s3_bucket" "open" {
  bucket = "example-open"
}

resource "aws_s3_bucket_policy" "open" {
  bucket = aws_s3_bucket.open.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "${aws_s3_bucket.open.arn}/*"
      },
      {
        Effect    = "Allow"
        Principal = "*"
        Action    = "s3:GetObject"
        Resource  = "${aws_s3_bucket.open.arn}/*"
      },
    ]
  })
}

resource "aws_s3_bucket_public_access_block" "open" {
  bucket = aws_s3_bucket.open.id
}

# Its bucket is made elsewhere.
# unknown: aws_cloudtrail_trail_bucket_not_public, aws_cloudtrail_trail_bucket_delete_protected, aws_cloudtrail_trail_bucket_policy_scoped
# unknown: aws_cloudtrail_trail_bucket_access_logged
# pass: aws_cloudtrail_trail_no_excluded_sources
resource "aws_cloudtrail" "away" {
  name           = "away"
  s3_bucket_name = "example-of-another-account"
}

# pass: aws_cloudtrail_event_data_store_customer_key, aws_cloudtrail_event_data_store_protected, aws_cloudtrail_event_data_store_retention
resource "aws_cloudtrail_event_data_store" "events" {
  name       = "events"
  kms_key_id = aws_kms_key.trail.arn
}

# fail: aws_cloudtrail_event_data_store_customer_key, aws_cloudtrail_event_data_store_protected, aws_cloudtrail_event_data_store_retention
resource "aws_cloudtrail_event_data_store" "weak" {
  name                           = "weak"
  retention_period               = 30
  termination_protection_enabled = false
}
