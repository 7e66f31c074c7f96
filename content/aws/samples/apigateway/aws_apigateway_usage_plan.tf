resource "aws_api_gateway_rest_api" "orders" {
  name = "orders"
}

resource "aws_api_gateway_method" "orders" {
  rest_api_id      = aws_api_gateway_rest_api.orders.id
  resource_id      = aws_api_gateway_rest_api.orders.root_resource_id
  http_method      = "GET"
  authorization    = "AWS_IAM"
  api_key_required = true
}

resource "aws_api_gateway_rest_api" "open" {
  name = "open"
}

resource "aws_api_gateway_method" "open" {
  rest_api_id      = aws_api_gateway_rest_api.open.id
  resource_id      = aws_api_gateway_rest_api.open.root_resource_id
  http_method      = "GET"
  authorization    = "NONE"
  api_key_required = true
}

# pass: aws_apigateway_usage_plan_not_authentication
resource "aws_api_gateway_usage_plan" "orders" {
  name = "orders"

  api_stages {
    api_id = aws_api_gateway_rest_api.orders.id
    stage  = "prod"
  }
}

# fail: aws_apigateway_usage_plan_not_authentication
resource "aws_api_gateway_usage_plan" "open" {
  name = "open"

  api_stages {
    api_id = aws_api_gateway_rest_api.open.id
    stage  = "prod"
  }
}
