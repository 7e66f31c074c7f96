# no sample passes: aws_cloudfront_distribution_geo_restriction it speaks only where the settings require it
# no sample fails: aws_cloudfront_distribution_geo_restriction it speaks only where the settings require it
# no sample passes: aws_cloudfront_distribution_field_encryption it speaks only where the settings require it
# no sample fails: aws_cloudfront_distribution_field_encryption it speaks only where the settings require it

# pass: aws_cloudfront_distribution_https_viewers, aws_cloudfront_distribution_https_origins, aws_cloudfront_distribution_origin_tls
# pass: aws_cloudfront_distribution_strong_viewer_tls, aws_cloudfront_distribution_sni, aws_cloudfront_distribution_own_certificate
# pass: aws_cloudfront_distribution_waf, aws_cloudfront_distribution_logged, aws_cloudfront_distribution_default_root_object
# pass: aws_cloudfront_distribution_s3_origin_access_control, aws_cloudfront_distribution_origin_failover
# pass: aws_cloudfront_distribution_key_groups, aws_cloudfront_distribution_no_secrets_in_headers
# pass: aws_cloudfront_distribution_lambda_origin_access_control, aws_cloudfront_distribution_post_quantum
resource "aws_cloudfront_distribution" "site" {
  enabled             = true
  aliases             = ["www.example.com"]
  default_root_object = "index.html"
  web_acl_id          = aws_wafv2_web_acl.site.arn

  origin {
    origin_id                = "pages"
    domain_name              = "pages.s3.us-east-1.amazonaws.com"
    origin_access_control_id = aws_cloudfront_origin_access_control.site.id
  }

  origin {
    origin_id                = "functions"
    domain_name              = "abcdef.lambda-url.us-east-1.on.aws"
    origin_access_control_id = aws_cloudfront_origin_access_control.site.id

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }

    custom_header {
      name  = "X-Tenant"
      value = "main"
    }
  }

  origin_group {
    origin_id = "both"

    failover_criteria {
      status_codes = [500, 502]
    }

    member {
      origin_id = "pages"
    }

    member {
      origin_id = "functions"
    }
  }

  default_cache_behavior {
    target_origin_id       = "both"
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    trusted_key_groups     = ["0a1b2c3d"]
  }

  ordered_cache_behavior {
    path_pattern           = "/api/*"
    target_origin_id       = "functions"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
  }

  logging_config {
    bucket = "logs.s3.amazonaws.com"
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = "arn:aws:acm:us-east-1:111122223333:certificate/0a1b2c3d"
    minimum_protocol_version = "TLSv1.3_2025"
    ssl_support_method       = "sni-only"
  }
}

resource "aws_wafv2_web_acl" "site" {
  name  = "site"
  scope = "CLOUDFRONT"
}

# pass: aws_cloudfront_origin_access_signs_always
resource "aws_cloudfront_origin_access_control" "site" {
  name                              = "site"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

# fail: aws_cloudfront_origin_access_signs_always
resource "aws_cloudfront_origin_access_control" "lax" {
  name                              = "lax"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "no-override"
  signing_protocol                  = "sigv4"
}

# fail: aws_cloudfront_distribution_https_viewers, aws_cloudfront_distribution_https_origins, aws_cloudfront_distribution_origin_tls
# fail: aws_cloudfront_distribution_strong_viewer_tls, aws_cloudfront_distribution_own_certificate
# fail: aws_cloudfront_distribution_waf, aws_cloudfront_distribution_logged, aws_cloudfront_distribution_default_root_object
# fail: aws_cloudfront_distribution_s3_origin_access_control, aws_cloudfront_distribution_origin_failover
# fail: aws_cloudfront_distribution_key_groups, aws_cloudfront_distribution_no_secrets_in_headers
# fail: aws_cloudfront_distribution_lambda_origin_access_control, aws_cloudfront_distribution_post_quantum
# none: aws_cloudfront_distribution_sni
resource "aws_cloudfront_distribution" "plain" {
  enabled = true
  aliases = ["old.example.com"]

  origin {
    origin_id   = "pages"
    domain_name = "pages.s3.amazonaws.com"

    s3_origin_config {
      origin_access_identity = "origin-access-identity/cloudfront/E1EXAMPLE"
    }
  }

  origin {
    origin_id   = "functions"
    domain_name = "abcdef.lambda-url.us-east-1.on.aws"

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "match-viewer"
      origin_ssl_protocols   = ["TLSv1", "TLSv1.2"]
    }

    custom_header {
      name  = "Authorization"
      value = "ghp_${join("", ["aB3dE5gH7jK9mN1p", "Q3sT5vW7yZ9bD1fH2jL4"])}"
    }
  }

  default_cache_behavior {
    target_origin_id       = "functions"
    viewer_protocol_policy = "allow-all"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    trusted_signers        = ["self"]
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }
}

# It is logged the newer way.
# pass: aws_cloudfront_distribution_logged
# fail: aws_cloudfront_distribution_sni, aws_cloudfront_distribution_strong_viewer_tls
resource "aws_cloudfront_distribution" "vip" {
  enabled = true

  origin {
    origin_id   = "web"
    domain_name = "web.example.com"

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }

  default_cache_behavior {
    target_origin_id       = "web"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/0a1b2c3d"
    ssl_support_method  = "vip"
  }
}

resource "aws_cloudwatch_log_delivery_source" "vip" {
  name         = "vip"
  log_type     = "ACCESS_LOGS"
  resource_arn = aws_cloudfront_distribution.vip.arn
}

resource "aws_cloudwatch_log_delivery" "vip" {
  delivery_source_name     = aws_cloudwatch_log_delivery_source.vip.name
  delivery_destination_arn = "arn:aws:logs:us-east-1:111122223333:delivery-destination:bucket"
}
