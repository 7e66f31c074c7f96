# pass: aws_acm_certificate_no_wildcard, aws_acm_certificate_not_exportable, aws_acm_certificate_strong_key
# pass: aws_acm_certificate_transparency
resource "aws_acm_certificate" "site" {
  domain_name               = "www.example.com"
  subject_alternative_names = ["example.com"]
  validation_method         = "DNS"
}

# fail: aws_acm_certificate_no_wildcard, aws_acm_certificate_not_exportable, aws_acm_certificate_strong_key
# fail: aws_acm_certificate_transparency
resource "aws_acm_certificate" "all" {
  domain_name               = "example.com"
  subject_alternative_names = ["*.example.com"]
  validation_method         = "DNS"
  key_algorithm             = "RSA_1024"

  options {
    certificate_transparency_logging_preference = "DISABLED"
    export                                      = "ENABLED"
  }
}

# none: aws_acm_certificate_transparency
# unknown: aws_acm_certificate_strong_key
resource "aws_acm_certificate" "imported" {
  certificate_body = tls_self_signed_cert.site.cert_pem
  private_key      = tls_private_key.site.private_key_pem
}

resource "tls_private_key" "site" {
  algorithm = "RSA"
}

resource "tls_self_signed_cert" "site" {
  private_key_pem       = tls_private_key.site.private_key_pem
  validity_period_hours = 8760
  allowed_uses          = ["server_auth"]
}
