locals {
  narrow = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["sqs:SendMessage"], Resource = aws_sqs_queue.orders.arn }] })
}

resource "aws_sqs_queue" "orders" {
  name = "orders"
}

resource "aws_iam_group" "holders" {
  name = "holders"
}

# pass: aws_iam_policy_attached_not_admin, aws_iam_policy_no_escalation, aws_iam_policy_no_pass_role_all, aws_iam_policy_no_assume_role_all
# pass: aws_iam_policy_no_cloudtrail_full, aws_iam_policy_no_decrypt_all_keys, aws_iam_policy_no_kms_full, aws_iam_policy_no_marketplace_subscribe_all
# pass: aws_iam_policy_no_not_action_allow, aws_iam_policy_no_secret_read_all, aws_iam_policy_no_service_wildcard
# none: aws_iam_policy_unattached_not_admin
resource "aws_iam_policy" "narrow" {
  name   = "narrow"
  path   = "/team/"
  policy = local.narrow
}

# pass: aws_iam_policy_unattached_not_admin
resource "aws_iam_policy" "unattached" {
  name   = "unattached"
  policy = local.narrow
}

# fail: aws_iam_policy_unattached_not_admin
# none: aws_iam_policy_attached_not_admin
resource "aws_iam_policy" "unattached_admin" {
  name   = "unattached-admin"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}

# fail: aws_iam_policy_attached_not_admin
# none: aws_iam_policy_unattached_not_admin
resource "aws_iam_policy" "admin" {
  name   = "admin"
  policy = <<-EOT
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}]}
  EOT
}

# fail: aws_iam_policy_no_escalation, aws_iam_policy_no_pass_role_all, aws_iam_policy_no_assume_role_all
# fail: aws_iam_policy_no_cloudtrail_full, aws_iam_policy_no_decrypt_all_keys, aws_iam_policy_no_kms_full, aws_iam_policy_no_marketplace_subscribe_all
# fail: aws_iam_policy_no_secret_read_all, aws_iam_policy_no_service_wildcard
resource "aws_iam_policy" "wide" {
  name = "wide"
  policy = jsonencode({ Statement = [
    { Effect = "Allow", Action = ["iam:PassRole", "lambda:*", "sts:AssumeRole", "cloudtrail:*", "kms:*"], Resource = "*" },
    { Effect = "Allow", Action = ["aws-marketplace:Subscribe", "secretsmanager:GetSecretValue"], Resource = "*" },
  ] })
}

# fail: aws_iam_policy_no_not_action_allow
resource "aws_iam_policy" "all_but" {
  name   = "all-but"
  policy = jsonencode({ Statement = [{ Effect = "Allow", NotAction = "iam:*", Resource = "*" }] })
}

resource "aws_iam_group_policy_attachment" "holders" {
  for_each   = { narrow = aws_iam_policy.narrow.arn, admin = aws_iam_policy.admin.arn, wide = aws_iam_policy.wide.arn }
  group      = aws_iam_group.holders.name
  policy_arn = each.value
}
