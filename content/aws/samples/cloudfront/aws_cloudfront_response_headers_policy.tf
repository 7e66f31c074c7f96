# pass: aws_cloudfront_response_headers_policy_cors_narrow
resource "aws_cloudfront_response_headers_policy" "app" {
  name = "app"

  cors_config {
    access_control_allow_credentials = true
    origin_override                  = true

    access_control_allow_headers {
      items = ["*"]
    }

    access_control_allow_methods {
      items = ["GET"]
    }

    access_control_allow_origins {
      items = ["https://app.example.com"]
    }
  }
}

# fail: aws_cloudfront_response_headers_policy_cors_narrow
resource "aws_cloudfront_response_headers_policy" "open" {
  name = "open"

  cors_config {
    access_control_allow_credentials = true
    origin_override                  = true

    access_control_allow_headers {
      items = ["*"]
    }

    access_control_allow_methods {
      items = ["GET"]
    }

    access_control_allow_origins {
      items = ["*"]
    }
  }
}
