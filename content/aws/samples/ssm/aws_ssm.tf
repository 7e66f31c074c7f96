# pass: aws_ssm_parameter_secure_string, aws_ssm_parameter_customer_key
resource "aws_ssm_parameter" "password" {
  name   = "/shop/database/password"
  type   = "SecureString"
  key_id = aws_kms_key.parameters.key_id
  value  = "changed by hand"
}

resource "aws_kms_key" "parameters" {}

# fail: aws_ssm_parameter_secure_string
# none: aws_ssm_parameter_customer_key
resource "aws_ssm_parameter" "clear" {
  name  = "/shop/api_key"
  type  = "String"
  value = "changed by hand"
}

# fail: aws_ssm_parameter_customer_key
# none: aws_ssm_parameter_secure_string
resource "aws_ssm_parameter" "shared_key" {
  name  = "/shop/pepper"
  type  = "SecureString"
  value = "changed by hand"
}

# pass: aws_ssm_document_not_public, aws_ssm_document_no_secrets
resource "aws_ssm_document" "restart" {
  name          = "restart"
  document_type = "Command"
  content = jsonencode({
    schemaVersion = "2.2"
    description   = "restart"
    mainSteps     = [{ action = "aws:runShellScript", name = "restart", inputs = { runCommand = ["systemctl restart shop"] } }]
  })
}

# fail: aws_ssm_document_not_public, aws_ssm_document_no_secrets
resource "aws_ssm_document" "everyone" {
  name          = "everyone"
  document_type = "Command"
  content = jsonencode({
    schemaVersion = "2.2"
    description   = "AWS_ACCESS_KEY_ID=AKIAQWERTYUIOPASDFGH AWS_SECRET_ACCESS_KEY=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"
    mainSteps     = []
  })
  permissions = {
    type        = "Share"
    account_ids = "All"
  }
}

# fail: aws_ssm_document_not_public
resource "aws_ssm_document" "theirs" {
  name          = "theirs"
  document_type = "Command"
  content       = "{}"
  permissions = {
    type        = "Share"
    account_ids = "444455556666"
  }
}

# unknown: aws_ssm_document_not_public
resource "aws_ssm_document" "several" {
  name          = "several"
  document_type = "Command"
  content       = "{}"
  permissions = {
    type        = "Share"
    account_ids = "444455556666,777788889999"
  }
}

# pass: aws_ssm_activation_bounded
resource "aws_ssm_activation" "edge" {
  iam_role           = "edge"
  registration_limit = 5
  expiration_date    = "2026-01-20T00:00:00Z"
}

# fail: aws_ssm_activation_bounded
resource "aws_ssm_activation" "many" {
  iam_role           = "edge"
  registration_limit = 500
  expiration_date    = "2026-01-20T00:00:00Z"
}

# pass: aws_ssm_setting_public_sharing_blocked
resource "aws_ssm_service_setting" "sharing" {
  setting_id    = "arn:aws:ssm:eu-west-1:111122223333:servicesetting/ssm/documents/console/public-sharing-permission"
  setting_value = "Disable"
}

# pass: aws_ssm_setting_automation_logging
resource "aws_ssm_service_setting" "logged" {
  setting_id    = "/ssm/automation/customer-script-log-destination"
  setting_value = "CloudWatch"
}
