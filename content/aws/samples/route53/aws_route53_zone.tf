# pass: aws_route53_zone_dnssec, aws_route53_zone_queries_logged
resource "aws_route53_zone" "main" {
  name = "example.com"
}

resource "aws_route53_hosted_zone_dnssec" "main" {
  hosted_zone_id = aws_route53_zone.main.id
}

resource "aws_route53_query_log" "main" {
  zone_id                  = aws_route53_zone.main.zone_id
  cloudwatch_log_group_arn = aws_cloudwatch_log_group.dns.arn
}

resource "aws_cloudwatch_log_group" "dns" {
  name = "/aws/route53/example.com"
}

# fail: aws_route53_zone_dnssec, aws_route53_zone_queries_logged
resource "aws_route53_zone" "plain" {
  name = "example.org"
}

resource "aws_route53_hosted_zone_dnssec" "plain" {
  hosted_zone_id = aws_route53_zone.plain.zone_id
  signing_status = "NOT_SIGNING"
}

# none: aws_route53_zone_dnssec, aws_route53_zone_queries_logged
resource "aws_route53_zone" "inner" {
  name = "inner.example.com"

  vpc {
    vpc_id = "vpc-0a1b2c3d"
  }
}
