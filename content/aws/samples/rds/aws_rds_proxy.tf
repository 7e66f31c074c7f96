# pass: aws_rds_proxy_tls, aws_rds_proxy_iam_auth, aws_rds_proxy_no_debug_logging
resource "aws_db_proxy" "orders" {
  name           = "orders"
  engine_family  = "POSTGRESQL"
  role_arn       = aws_iam_role.proxy.arn
  vpc_subnet_ids = ["subnet-0a", "subnet-0b"]
  require_tls    = true

  auth {
    auth_scheme = "SECRETS"
    iam_auth    = "REQUIRED"
    secret_arn  = aws_secretsmanager_secret.orders.arn
  }
}

# fail: aws_rds_proxy_tls, aws_rds_proxy_iam_auth
resource "aws_db_proxy" "plain" {
  name           = "plain"
  engine_family  = "POSTGRESQL"
  role_arn       = aws_iam_role.proxy.arn
  vpc_subnet_ids = ["subnet-0a", "subnet-0b"]

  auth {
    secret_arn = aws_secretsmanager_secret.orders.arn
  }
}

# pass: aws_rds_proxy_iam_auth
# fail: aws_rds_proxy_no_debug_logging
resource "aws_db_proxy" "talkative" {
  name                = "talkative"
  engine_family       = "POSTGRESQL"
  role_arn            = aws_iam_role.proxy.arn
  vpc_subnet_ids      = ["subnet-0a", "subnet-0b"]
  require_tls         = true
  default_auth_scheme = "IAM_AUTH"
  debug_logging       = true
}

resource "aws_secretsmanager_secret" "orders" {
  name = "orders"
}

resource "aws_iam_role" "proxy" {
  name               = "proxy"
  assume_role_policy = "{}"
}
