resource "aws_iam_group" "team" {
  name = "team"
}

# pass: aws_iam_group_no_admin, aws_iam_group_no_inline_policy
resource "aws_iam_group" "readers" {
  name = "readers"
}

# fail: aws_iam_group_no_admin
resource "aws_iam_group" "admins" {
  name = "admins"
}

resource "aws_iam_group_policy_attachment" "admins" {
  group      = "admins"
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

# fail: aws_iam_group_no_inline_policy
resource "aws_iam_group" "queue" {
  name = "queue"
}

resource "aws_iam_group_policy" "queue" {
  group  = aws_iam_group.queue.name
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sqs:ListQueues", Resource = "*" }] })
}

# pass: aws_iam_user_no_direct_policies, aws_iam_user_in_group, aws_iam_user_not_console_and_keys, aws_iam_user_no_admin
resource "aws_iam_user" "ana" {
  name = "ana"
}

resource "aws_iam_user_login_profile" "ana" {
  user = aws_iam_user.ana.name
}

resource "aws_iam_user_group_membership" "ana" {
  user   = aws_iam_user.ana.name
  groups = [aws_iam_group.team.name]
}

# fail: aws_iam_user_in_group, aws_iam_user_not_console_and_keys, aws_iam_user_no_direct_policies
resource "aws_iam_user" "ben" {
  name = "ben"
}

resource "aws_iam_user_login_profile" "ben" {
  user = aws_iam_user.ben.name
}

resource "aws_iam_access_key" "ben" {
  user = aws_iam_user.ben.name
}

resource "aws_iam_user_policy_attachment" "ben" {
  user       = aws_iam_user.ben.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

# fail: aws_iam_user_no_admin
resource "aws_iam_user" "cleo" {
  name = "cleo"
}

resource "aws_iam_group_membership" "admins" {
  name  = "admins"
  group = aws_iam_group.admins.name
  users = [aws_iam_user.cleo.name]
}

# fail: aws_iam_user_single_active_key, aws_iam_user_no_direct_policies
resource "aws_iam_user" "robot" {
  name = "robot"
}

resource "aws_iam_access_key" "robot" {
  count = 2
  user  = aws_iam_user.robot.name
}

resource "aws_iam_user_policy" "robot" {
  user   = aws_iam_user.robot.name
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = "arn:aws:sqs:us-east-1:111122223333:orders" }] })
}

# pass: aws_iam_user_single_active_key
resource "aws_iam_user" "rotating" {
  name = "rotating"
}

resource "aws_iam_access_key" "new" {
  user = aws_iam_user.rotating.name
}

resource "aws_iam_access_key" "old" {
  user   = aws_iam_user.rotating.name
  status = "Inactive"
}

# fail: aws_iam_user_credential_bedrock_key_short
resource "aws_iam_service_specific_credential" "bedrock" {
  service_name = "bedrock.amazonaws.com"
  user_name    = aws_iam_user.robot.name
}

# pass: aws_iam_user_credential_bedrock_key_short
resource "aws_iam_service_specific_credential" "off" {
  service_name = "bedrock.amazonaws.com"
  user_name    = aws_iam_user.robot.name
  status       = "Inactive"
}
