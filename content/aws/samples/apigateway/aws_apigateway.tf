# pass: aws_apigateway_rest_api_private, aws_apigateway_rest_api_authorized
# none: aws_apigateway_rest_api_public_is_authorized
resource "aws_api_gateway_rest_api" "inner" {
  name = "inner"

  endpoint_configuration {
    types = ["PRIVATE"]
  }
}

resource "aws_api_gateway_method" "inner" {
  rest_api_id   = aws_api_gateway_rest_api.inner.id
  resource_id   = aws_api_gateway_rest_api.inner.root_resource_id
  http_method   = "GET"
  authorization = "AWS_IAM"
}

# pass: aws_apigateway_rest_api_public_is_authorized, aws_apigateway_rest_api_authorized, aws_apigateway_rest_api_default_endpoint_off
# fail: aws_apigateway_rest_api_private
resource "aws_api_gateway_rest_api" "orders" {
  name                         = "orders"
  disable_execute_api_endpoint = true
}

resource "aws_api_gateway_resource" "orders" {
  rest_api_id = aws_api_gateway_rest_api.orders.id
  parent_id   = aws_api_gateway_rest_api.orders.root_resource_id
  path_part   = "orders"
}

resource "aws_api_gateway_method" "orders" {
  for_each      = { GET = "COGNITO_USER_POOLS", OPTIONS = "NONE" }
  rest_api_id   = aws_api_gateway_rest_api.orders.id
  resource_id   = aws_api_gateway_resource.orders.id
  http_method   = each.key
  authorization = each.value
}

# fail: aws_apigateway_rest_api_public_is_authorized, aws_apigateway_rest_api_authorized, aws_apigateway_rest_api_default_endpoint_off
resource "aws_api_gateway_rest_api" "open" {
  name = "open"

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_method" "open" {
  rest_api_id      = aws_api_gateway_rest_api.open.id
  resource_id      = aws_api_gateway_rest_api.open.root_resource_id
  http_method      = "ANY"
  authorization    = "NONE"
  api_key_required = true
}

# A policy lets in one network alone.
# pass: aws_apigateway_rest_api_public_is_authorized
resource "aws_api_gateway_rest_api" "office" {
  name = "office"
}

resource "aws_api_gateway_rest_api_policy" "office" {
  rest_api_id = aws_api_gateway_rest_api.office.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "execute-api:Invoke"
      Resource  = "${aws_api_gateway_rest_api.office.execution_arn}/*"
      Condition = { IpAddress = { "aws:SourceIp" = "203.0.113.0/24" } }
    }]
  })
}

resource "aws_api_gateway_method" "office" {
  rest_api_id   = aws_api_gateway_rest_api.office.id
  resource_id   = aws_api_gateway_rest_api.office.root_resource_id
  http_method   = "GET"
  authorization = "NONE"
}

# unknown: aws_apigateway_rest_api_public_is_authorized
resource "aws_api_gateway_rest_api" "written_out" {
  name = "written-out"
  body = jsonencode({ openapi = "3.0.1" })
}

# pass: aws_apigateway_domain_strong_tls, aws_apigateway_domain_post_quantum
resource "aws_api_gateway_domain_name" "orders" {
  domain_name              = "orders.example.com"
  regional_certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/0a1b2c3d"
  security_policy          = "SecurityPolicy_TLS13_1_2_PQ_2025_09"

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_base_path_mapping" "orders" {
  domain_name = aws_api_gateway_domain_name.orders.domain_name
  api_id      = aws_api_gateway_rest_api.orders.id
  stage_name  = "prod"
}

# fail: aws_apigateway_domain_strong_tls, aws_apigateway_domain_post_quantum
resource "aws_api_gateway_domain_name" "open" {
  domain_name              = "open.example.com"
  regional_certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/0a1b2c3d"
  security_policy          = "TLS_1_0"

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_base_path_mapping" "open" {
  domain_name = aws_api_gateway_domain_name.open.domain_name
  api_id      = aws_api_gateway_rest_api.open.id
  stage_name  = "prod"
}
