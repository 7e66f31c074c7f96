# fail: aws_iam_account_token_version_two
resource "aws_iam_security_token_service_preferences" "this" {
  global_endpoint_token_version = "v1Token"
}
