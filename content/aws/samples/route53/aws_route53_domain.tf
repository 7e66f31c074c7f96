# pass: aws_route53_domain_auto_renew, aws_route53_domain_transfer_lock, aws_route53_domain_privacy
resource "aws_route53domains_registered_domain" "main" {
  domain_name = "example.com"
}

# fail: aws_route53_domain_auto_renew, aws_route53_domain_transfer_lock, aws_route53_domain_privacy
resource "aws_route53domains_registered_domain" "old" {
  domain_name   = "example.org"
  auto_renew    = false
  transfer_lock = false
  tech_privacy  = false
}
