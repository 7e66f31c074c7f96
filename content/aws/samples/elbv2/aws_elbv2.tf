# no sample passes: aws_elbv2_listener_fips it is asked only where a setting says that FIPS is required
# no sample fails: aws_elbv2_listener_fips it is asked only where a setting says that FIPS is required
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

# pass: aws_elbv2_load_balancer_deletion_protection, aws_elbv2_load_balancer_drops_invalid_headers, aws_elbv2_load_balancer_desync
# pass: aws_elbv2_load_balancer_logged, aws_elbv2_load_balancer_several_zones, aws_elbv2_load_balancer_waf
resource "aws_lb" "good" {
  name                       = "good"
  subnets                    = ["subnet-0a1b2c3d", "subnet-0b1b2c3d"]
  security_groups            = ["sg-0a1b2c3d"]
  enable_deletion_protection = true
  drop_invalid_header_fields = true
  access_logs {
    bucket  = "records-of-requests"
    enabled = true
  }
}

resource "aws_wafv2_web_acl_association" "good" {
  resource_arn = aws_lb.good.arn
  web_acl_arn  = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/0a1b2c3d"
}

# A bucket alone does not switch logs on.
# fail: aws_elbv2_load_balancer_deletion_protection, aws_elbv2_load_balancer_drops_invalid_headers, aws_elbv2_load_balancer_desync
# fail: aws_elbv2_load_balancer_logged, aws_elbv2_load_balancer_several_zones, aws_elbv2_load_balancer_waf
resource "aws_alb" "bad" {
  subnets                = ["subnet-0a1b2c3d"]
  security_groups        = ["sg-0a1b2c3d"]
  desync_mitigation_mode = "monitor"
  access_logs {
    bucket = "records-of-requests"
  }
}

# pass: aws_elbv2_load_balancer_cross_zone, aws_elbv2_load_balancer_security_group
resource "aws_lb" "network" {
  name                             = "network"
  load_balancer_type               = "network"
  subnets                          = ["subnet-0a1b2c3d", "subnet-0b1b2c3d"]
  security_groups                  = ["sg-0a1b2c3d"]
  enable_cross_zone_load_balancing = true
}

# fail: aws_elbv2_load_balancer_cross_zone, aws_elbv2_load_balancer_security_group, aws_elbv2_load_balancer_logged
resource "aws_lb" "bare" {
  load_balancer_type = "network"
  internal           = true
  subnet_mapping {
    subnet_id = "subnet-0a1b2c3d"
  }
}

# pass: aws_elbv2_listener_https, aws_elbv2_listener_post_quantum
resource "aws_lb_listener" "good" {
  load_balancer_arn = aws_lb.good.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
  certificate_arn   = "arn:aws:acm:eu-west-1:111122223333:certificate/0a1b2c3d"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.good.arn
  }
}

# It sends everyone on.
# pass: aws_elbv2_listener_https
resource "aws_lb_listener" "redirect" {
  load_balancer_arn = aws_lb.good.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type = "redirect"
    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

# It sends everyone on but those of one path.
# fail: aws_elbv2_listener_https
resource "aws_lb_listener" "leaky" {
  load_balancer_arn = aws_lb.good.arn
  port              = 8080
  default_action {
    type = "redirect"
    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener_rule" "leaky" {
  listener_arn = aws_lb_listener.leaky.arn
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.bad.arn
  }
  condition {
    path_pattern {
      values = ["/health"]
    }
  }
}

# The policy that AWS takes where none is said knows no such exchange.
# fail: aws_elbv2_listener_post_quantum
resource "aws_lb_listener" "tls" {
  load_balancer_arn = aws_lb.bare.arn
  port              = 8883
  protocol          = "TLS"
  certificate_arn   = "arn:aws:acm:eu-west-1:111122223333:certificate/0a1b2c3d"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.bad.arn
  }
}

# pass: aws_elbv2_listener_nlb_tls
resource "aws_lb_listener" "secure" {
  load_balancer_arn = aws_lb.network.arn
  port              = 443
  protocol          = "TLS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = "arn:aws:acm:eu-west-1:111122223333:certificate/0a1b2c3d"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.good.arn
  }
}

# fail: aws_elbv2_listener_nlb_tls
resource "aws_lb_listener" "through" {
  load_balancer_arn = aws_lb.network.arn
  port              = 8443
  protocol          = "TCP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.good.arn
  }
}

# pass: aws_elbv2_target_group_encrypted, aws_elbv2_target_group_health_check_encrypted
resource "aws_lb_target_group" "good" {
  name     = "good"
  port     = 443
  protocol = "HTTPS"
  vpc_id   = aws_vpc.main.id
  health_check {
    protocol = "HTTPS"
  }
}

# fail: aws_elbv2_target_group_encrypted
resource "aws_lb_target_group" "bad" {
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_vpc.main.id
}

# Nothing sends to it.
# none: aws_elbv2_target_group_encrypted
# fail: aws_elbv2_target_group_health_check_encrypted
resource "aws_lb_target_group" "unused" {
  port     = 443
  protocol = "HTTPS"
  vpc_id   = aws_vpc.main.id
}
