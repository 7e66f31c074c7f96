# pass: aws_apigatewayv2_api_authorized, aws_apigatewayv2_api_cors_narrow, aws_apigatewayv2_api_integrations_encrypted
# pass: aws_apigatewayv2_api_jwt_audience
resource "aws_apigatewayv2_api" "orders" {
  name          = "orders"
  protocol_type = "HTTP"

  cors_configuration {
    allow_origins     = ["https://app.example.com"]
    allow_credentials = true
  }
}

resource "aws_apigatewayv2_route" "orders" {
  api_id             = aws_apigatewayv2_api.orders.id
  route_key          = "GET /orders"
  authorization_type = "JWT"
  authorizer_id      = aws_apigatewayv2_authorizer.orders.id
  target             = "integrations/${aws_apigatewayv2_integration.orders.id}"
}

resource "aws_apigatewayv2_authorizer" "orders" {
  api_id           = aws_apigatewayv2_api.orders.id
  authorizer_type  = "JWT"
  name             = "people"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    audience = ["orders"]
    issuer   = "https://idp.example.com"
  }
}

resource "aws_apigatewayv2_integration" "orders" {
  api_id             = aws_apigatewayv2_api.orders.id
  integration_type   = "HTTP_PROXY"
  integration_uri    = "https://orders.example.com"
  integration_method = "ANY"
}

# fail: aws_apigatewayv2_api_authorized, aws_apigatewayv2_api_cors_narrow, aws_apigatewayv2_api_integrations_encrypted
# fail: aws_apigatewayv2_api_jwt_audience
resource "aws_apigatewayv2_api" "open" {
  name          = "open"
  protocol_type = "HTTP"

  cors_configuration {
    allow_origins     = ["*"]
    allow_credentials = true
  }
}

resource "aws_apigatewayv2_route" "open" {
  api_id    = aws_apigatewayv2_api.open.id
  route_key = "GET /orders"
}

resource "aws_apigatewayv2_authorizer" "open" {
  api_id           = aws_apigatewayv2_api.open.id
  authorizer_type  = "JWT"
  name             = "people"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer = "https://idp.example.com"
  }
}

resource "aws_apigatewayv2_integration" "open" {
  api_id             = aws_apigatewayv2_api.open.id
  integration_type   = "HTTP_PROXY"
  integration_uri    = "http://orders.example.com"
  integration_method = "ANY"
}

# An API with a target has a route and a stage of its own.
# fail: aws_apigatewayv2_api_authorized
resource "aws_apigatewayv2_api" "quick" {
  name          = "quick"
  protocol_type = "HTTP"
  target        = "arn:aws:lambda:us-east-1:111122223333:function:quick"
}

# unknown: aws_apigatewayv2_api_authorized
resource "aws_apigatewayv2_api" "bare" {
  name          = "bare"
  protocol_type = "HTTP"
}

# pass: aws_apigatewayv2_stage_access_logged, aws_apigatewayv2_stage_no_secrets
resource "aws_apigatewayv2_stage" "orders" {
  api_id          = aws_apigatewayv2_api.orders.id
  name            = "$default"
  auto_deploy     = true
  stage_variables = { table = "orders" }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.api.arn
    format          = "$context.requestId"
  }
}

# fail: aws_apigatewayv2_stage_access_logged, aws_apigatewayv2_stage_no_secrets
resource "aws_apigatewayv2_stage" "open" {
  api_id          = aws_apigatewayv2_api.open.id
  name            = "$default"
  stage_variables = { upstream_password = "Winter-Garden-4711" }
}

resource "aws_cloudwatch_log_group" "api" {
  name = "api"
}
