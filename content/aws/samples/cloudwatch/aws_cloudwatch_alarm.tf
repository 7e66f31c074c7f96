# pass: aws_cloudwatch_alarm_actions_enabled, aws_cloudwatch_alarm_has_action
resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "errors"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "Errors"
  namespace           = "Example"
  period              = 60
  statistic           = "Sum"
  threshold           = 0
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

resource "aws_sns_topic" "alarms" {}

# fail: aws_cloudwatch_alarm_actions_enabled, aws_cloudwatch_alarm_has_action
resource "aws_cloudwatch_metric_alarm" "silent" {
  alarm_name          = "silent"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  threshold           = 0
  actions_enabled     = false
  metric_query {
    id          = "m1"
    return_data = true
    metric {
      metric_name = "Errors"
      namespace   = "Example"
      period      = 60
      stat        = "Sum"
      dimensions  = { Function = "orders" }
    }
  }
}

# Another alarm acts for it.
# pass: aws_cloudwatch_alarm_has_action
resource "aws_cloudwatch_metric_alarm" "part" {
  alarm_name          = "part"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "Latency"
  namespace           = "Example"
  period              = 60
  statistic           = "Average"
  threshold           = 3
}

resource "aws_cloudwatch_composite_alarm" "all" {
  alarm_name    = "all"
  alarm_rule    = "ALARM(${aws_cloudwatch_metric_alarm.part.alarm_name})"
  alarm_actions = [aws_sns_topic.alarms.arn]
}
