data "aws_caller_identity" "here" {}

# pass: aws_events_bus_not_public, aws_events_bus_policy_attached, aws_events_bus_trusted_accounts_only
resource "aws_cloudwatch_event_bus" "orders" {
  name = "orders"
}

resource "aws_cloudwatch_event_bus_policy" "orders" {
  event_bus_name = aws_cloudwatch_event_bus.orders.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "own"
      Effect    = "Allow"
      Principal = { AWS = data.aws_caller_identity.here.account_id }
      Action    = "events:PutEvents"
      Resource  = aws_cloudwatch_event_bus.orders.arn
    }]
  })
}

# fail: aws_events_bus_policy_attached
# pass: aws_events_bus_not_public
resource "aws_cloudwatch_event_bus" "plain" {
  name = "plain"
}

# fail: aws_events_bus_not_public, aws_events_bus_trusted_accounts_only
# pass: aws_events_bus_policy_attached
resource "aws_cloudwatch_event_bus" "open" {
  name = "open"
}

resource "aws_cloudwatch_event_permission" "open" {
  event_bus_name = aws_cloudwatch_event_bus.open.name
  principal      = "*"
  statement_id   = "everyone"
}

resource "aws_cloudwatch_event_permission" "partner" {
  event_bus_name = aws_cloudwatch_event_bus.open.name
  principal      = "444455556666"
  statement_id   = "partner"
}

# unknown: aws_events_bus_trusted_accounts_only
# pass: aws_events_bus_not_public
resource "aws_cloudwatch_event_bus" "team" {
  name = "team"
}

resource "aws_cloudwatch_event_permission" "team" {
  event_bus_name = aws_cloudwatch_event_bus.team.name
  principal      = "*"
  statement_id   = "team"
  condition {
    key   = "aws:PrincipalOrgID"
    type  = "StringEquals"
    value = "o-a1b2c3d4e5"
  }
}
