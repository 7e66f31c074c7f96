# Policies and groups that other code makes: what they allow is not here.
variable "boundary" {
  type = string
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

# unknown: aws_iam_role_no_admin, aws_iam_role_workload_not_admin
resource "aws_iam_role" "by_literal" {
  name               = "by-literal"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy_attachment" "by_literal" {
  role       = aws_iam_role.by_literal.name
  policy_arn = "arn:aws:iam::111122223333:policy/orders"
}

# unknown: aws_iam_role_no_admin
resource "aws_iam_role" "by_arn" {
  name               = "by-arn"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy_attachment" "by_arn" {
  role       = aws_iam_role.by_arn.name
  policy_arn = data.aws_iam_policy.by_arn.arn
}

data "aws_iam_policy" "by_arn" {
  arn = "arn:aws:iam::111122223333:policy/orders"
}

# unknown: aws_iam_role_no_admin
resource "aws_iam_role" "by_name" {
  name                = "by-name"
  assume_role_policy  = data.aws_iam_policy_document.trust.json
  managed_policy_arns = [data.aws_iam_policy.by_name.arn]
}

data "aws_iam_policy" "by_name" {
  name = "orders-of-the-team"
}

# pass: aws_iam_role_no_admin
resource "aws_iam_role" "by_name_of_aws" {
  name                = "by-name-of-aws"
  assume_role_policy  = data.aws_iam_policy_document.trust.json
  managed_policy_arns = [data.aws_iam_policy.by_name_of_aws.arn]
}

data "aws_iam_policy" "by_name_of_aws" {
  name = "AWSLambdaBasicExecutionRole"
}

# Whatever the other policy says.
# fail: aws_iam_role_no_admin
resource "aws_iam_role" "both" {
  name                = "both"
  assume_role_policy  = data.aws_iam_policy_document.trust.json
  managed_policy_arns = ["arn:aws:iam::111122223333:policy/orders", "arn:aws:iam::aws:policy/AdministratorAccess"]
}

# unknown: aws_iam_role_no_admin
resource "aws_iam_role" "bounded" {
  name                 = "bounded"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  managed_policy_arns  = ["arn:aws:iam::aws:policy/AdministratorAccess"]
  permissions_boundary = "arn:aws:iam::111122223333:policy/bounds"
}

# unknown: aws_iam_role_no_admin
resource "aws_iam_role" "bounded_by_variable" {
  name                 = "bounded-by-variable"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  managed_policy_arns  = ["arn:aws:iam::aws:policy/AdministratorAccess"]
  permissions_boundary = var.boundary
}

# A boundary takes away, and never gives.
# pass: aws_iam_role_no_admin
resource "aws_iam_role" "bounded_reader" {
  name                 = "bounded-reader"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  managed_policy_arns  = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
  permissions_boundary = var.boundary
}

# pass: aws_iam_role_no_admin
resource "aws_iam_role" "bounded_by_aws" {
  name                 = "bounded-by-aws"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  managed_policy_arns  = ["arn:aws:iam::aws:policy/AdministratorAccess"]
  permissions_boundary = "arn:aws:iam::aws:policy/PowerUserAccess"
}

# unknown: aws_lambda_function_role_not_admin
resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = aws_iam_role.by_literal.arn
  handler       = "orders.handler"
  runtime       = "python3.13"
  filename      = "orders.zip"
}

# unknown: aws_iam_user_no_admin
resource "aws_iam_user" "robot" {
  name = "robot"
}

resource "aws_iam_user_group_membership" "robot" {
  user   = aws_iam_user.robot.name
  groups = ["staff"]
}

# unknown: aws_iam_group_no_admin
resource "aws_iam_group" "team" {
  name = "team"
}

resource "aws_iam_group_policy_attachment" "team" {
  group      = aws_iam_group.team.name
  policy_arn = "arn:aws:iam::111122223333:policy/orders"
}
