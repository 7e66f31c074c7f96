# pass: aws_elb_load_balancer_logged
resource "aws_elb" "good" {
  name    = "good"
  subnets = ["subnet-0a1b2c3d"]
  listener {
    instance_port     = 80
    instance_protocol = "http"
    lb_port           = 80
    lb_protocol       = "http"
  }
  access_logs {
    bucket = "records-of-requests"
  }
}

# fail: aws_elb_load_balancer_logged
resource "aws_elb" "bad" {
  subnets = ["subnet-0a1b2c3d"]
  listener {
    instance_port     = 80
    instance_protocol = "http"
    lb_port           = 80
    lb_protocol       = "http"
  }
  access_logs {
    bucket  = "records-of-requests"
    enabled = false
  }
}
