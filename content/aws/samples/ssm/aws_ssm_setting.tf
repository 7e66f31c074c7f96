# fail: aws_ssm_setting_public_sharing_blocked
resource "aws_ssm_service_setting" "shared" {
  setting_id    = "/ssm/documents/console/public-sharing-permission"
  setting_value = "Enable"
}

# fail: aws_ssm_setting_automation_logging
resource "aws_ssm_service_setting" "unlogged" {
  setting_id    = "/ssm/automation/customer-script-log-destination"
  setting_value = "None"
}
