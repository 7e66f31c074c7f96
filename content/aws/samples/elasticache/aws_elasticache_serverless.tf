# pass: aws_elasticache_serverless_user_group
resource "aws_elasticache_serverless_cache" "basket" {
  name          = "basket"
  engine        = "valkey"
  user_group_id = aws_elasticache_user_group.basket.user_group_id
}

# fail: aws_elasticache_serverless_user_group
resource "aws_elasticache_serverless_cache" "open" {
  name   = "open"
  engine = "redis"
}

resource "aws_elasticache_user_group" "basket" {
  user_group_id = "basket"
  engine        = "valkey"
  user_ids      = [aws_elasticache_user.everyone.user_id, aws_elasticache_user.app.user_id]
}

# fail: aws_elasticache_user_not_open
resource "aws_elasticache_user" "everyone" {
  user_id              = "everyone"
  user_name            = "default"
  engine               = "valkey"
  access_string        = "on ~* +@all"
  no_password_required = true
}

# pass: aws_elasticache_user_not_open
resource "aws_elasticache_user" "app" {
  user_id       = "app"
  user_name     = "app"
  engine        = "valkey"
  access_string = "on ~app:* -@all +get +set"

  authentication_mode {
    type = "iam"
  }
}

# It is in no group, so that nobody logs in with it.
# none: aws_elasticache_user_not_open
resource "aws_elasticache_user" "idle" {
  user_id              = "idle"
  user_name            = "idle"
  engine               = "valkey"
  access_string        = "on ~* +@all"
  no_password_required = true
}
