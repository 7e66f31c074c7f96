resource "aws_api_gateway_rest_api" "orders" {
  name = "orders"
}

resource "aws_api_gateway_deployment" "orders" {
  rest_api_id = aws_api_gateway_rest_api.orders.id
}

# pass: aws_apigateway_stage_access_logged, aws_apigateway_stage_backend_certificate, aws_apigateway_stage_traced
# pass: aws_apigateway_stage_waf, aws_apigateway_stage_no_secrets
resource "aws_api_gateway_stage" "prod" {
  rest_api_id           = aws_api_gateway_rest_api.orders.id
  deployment_id         = aws_api_gateway_deployment.orders.id
  stage_name            = "prod"
  client_certificate_id = aws_api_gateway_client_certificate.back_end.id
  xray_tracing_enabled  = true
  variables             = { table = "orders" }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.api.arn
    format          = "$context.requestId"
  }
}

resource "aws_api_gateway_client_certificate" "back_end" {
}

resource "aws_cloudwatch_log_group" "api" {
  name = "api"
}

resource "aws_wafv2_web_acl" "api" {
  name  = "api"
  scope = "REGIONAL"
}

resource "aws_wafv2_web_acl_association" "prod" {
  resource_arn = aws_api_gateway_stage.prod.arn
  web_acl_arn  = aws_wafv2_web_acl.api.arn
}

# fail: aws_apigateway_stage_access_logged, aws_apigateway_stage_backend_certificate, aws_apigateway_stage_traced
# fail: aws_apigateway_stage_waf, aws_apigateway_stage_no_secrets
resource "aws_api_gateway_stage" "test" {
  rest_api_id   = aws_api_gateway_rest_api.orders.id
  deployment_id = aws_api_gateway_deployment.orders.id
  stage_name    = "test"
  variables     = { upstream_password = "Winter-Garden-4711" }
}
