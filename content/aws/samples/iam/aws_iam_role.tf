variable "prefix" {
  type = string # without a default: names are open
}

variable "partner_policy" {
  type    = string
  default = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"cloudtrail:*\",\"Resource\":\"*\"}]}"
}

data "aws_iam_policy_document" "lambda_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "read_reports" {
  statement {
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = [aws_s3_bucket.reports.arn, "${aws_s3_bucket.reports.arn}/*"]
  }
}

resource "aws_s3_bucket" "reports" {
  bucket = "${var.prefix}-reports"
}

# pass: aws_iam_role_no_admin, aws_iam_role_workload_not_admin, aws_iam_role_no_inline_policy, aws_iam_trust_no_anyone, aws_iam_trust_no_stale_principals
resource "aws_iam_role" "reader" {
  name               = "${var.prefix}-reader"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
}

resource "aws_iam_role_policy_attachment" "reader" {
  role       = aws_iam_role.reader.name
  policy_arn = aws_iam_policy.reader.arn
}

resource "aws_iam_policy" "reader" {
  name   = "${var.prefix}-reader"
  policy = data.aws_iam_policy_document.read_reports.json
}

# fail: aws_iam_role_no_admin, aws_iam_role_workload_not_admin
resource "aws_iam_role" "worker" {
  name_prefix        = "worker-"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
}

resource "aws_iam_role_policy_attachment" "worker" {
  role       = aws_iam_role.worker.id
  policy_arn = "arn:aws:iam::aws:policy/IAMFullAccess"
}

# fail: aws_iam_role_no_admin
# pass: aws_iam_role_no_inline_policy
resource "aws_iam_role" "legacy" {
  name                = "legacy"
  assume_role_policy  = data.aws_iam_policy_document.lambda_trust.json
  managed_policy_arns = [data.aws_iam_policy.admin.arn]
}

data "aws_iam_policy" "admin" {
  name = "AdministratorAccess"
}

# fail: aws_iam_role_no_admin
resource "aws_iam_role" "spread" {
  name               = "spread"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
}

resource "aws_iam_policy_attachment" "everyone" {
  name       = "everyone"
  roles      = [aws_iam_role.spread.name]
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

# pass: aws_iam_role_no_admin
resource "aws_iam_role" "exclusive" {
  name               = "exclusive"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
}

resource "aws_iam_role_policy_attachments_exclusive" "exclusive" {
  role_name   = aws_iam_role.exclusive.name
  policy_arns = ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]
}

# fail: aws_iam_role_no_inline_policy, aws_iam_policy_inline_not_admin
resource "aws_iam_role" "inline" {
  name               = "inline"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
  inline_policy {
    name   = "all"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
  }
}

# fail: aws_iam_role_no_inline_policy, aws_iam_policy_no_cloudtrail_full, aws_iam_policy_no_service_wildcard
# pass: aws_iam_policy_inline_not_admin, aws_iam_policy_no_kms_full
resource "aws_iam_role" "partner" {
  name               = "partner"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
}

resource "aws_iam_role_policy" "partner" {
  role   = aws_iam_role.partner.id
  policy = var.partner_policy
}

# pass: aws_iam_role_no_inline_policy
resource "aws_iam_role" "emptied" {
  name               = "emptied"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
  inline_policy {}
}

resource "aws_iam_role_policy" "off" {
  count  = 0
  role   = aws_iam_role.emptied.name
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}
