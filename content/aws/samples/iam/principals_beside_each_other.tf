# What is not known of one policy leaves the verdicts about everybody else.
variable "policy" {
  type = string
}

resource "aws_iam_policy" "open" {
  name   = "open"
  policy = var.policy
}

resource "aws_iam_policy" "read" {
  name   = "read"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::shop/*" }] })
}

# unknown: aws_iam_role_no_admin, aws_iam_role_workload_not_admin
resource "aws_iam_role" "open" {
  name = "open"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }] })
}

resource "aws_iam_role_policy_attachment" "open" {
  role       = aws_iam_role.open.name
  policy_arn = aws_iam_policy.open.arn
}

# pass: aws_iam_role_no_admin, aws_iam_role_workload_not_admin
resource "aws_iam_role" "read" {
  name = "read"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = ["lambda.amazonaws.com", "eks.amazonaws.com"] } }] })
}

resource "aws_iam_role_policy_attachment" "read" {
  role       = aws_iam_role.read.name
  policy_arn = aws_iam_policy.read.arn
}

# unknown: aws_lambda_function_role_not_admin
resource "aws_lambda_function" "open" {
  function_name = "open"
  role          = aws_iam_role.open.arn
}

# pass: aws_lambda_function_role_not_admin
resource "aws_lambda_function" "read" {
  function_name = "read"
  role          = aws_iam_role.read.arn
}

# unknown: aws_eks_cluster_role_not_admin
resource "aws_eks_cluster" "open" {
  name     = "open"
  role_arn = aws_iam_role.open.arn
  vpc_config { subnet_ids = ["subnet-0a"] }
}

# pass: aws_eks_cluster_role_not_admin
resource "aws_eks_cluster" "read" {
  name     = "read"
  role_arn = aws_iam_role.read.arn
  vpc_config { subnet_ids = ["subnet-0a"] }
}

# fail: aws_eks_node_group_role_minimal
resource "aws_eks_node_group" "read" {
  cluster_name  = aws_eks_cluster.read.name
  node_role_arn = aws_iam_role.read.arn
  subnet_ids    = ["subnet-0a"]
  scaling_config {
    desired_size = 1
    max_size     = 1
    min_size     = 1
  }
}

# unknown: aws_iam_group_no_admin
resource "aws_iam_group" "open" {
  name = "open"
}

resource "aws_iam_group_policy_attachment" "open" {
  group      = aws_iam_group.open.name
  policy_arn = aws_iam_policy.open.arn
}

# pass: aws_iam_group_no_admin
resource "aws_iam_group" "read" {
  name = "read"
}

resource "aws_iam_group_policy_attachment" "read" {
  group      = aws_iam_group.read.name
  policy_arn = aws_iam_policy.read.arn
}

# unknown: aws_iam_user_no_admin
resource "aws_iam_user" "ann" {
  name = "ann"
}

resource "aws_iam_user_group_membership" "ann" {
  user   = aws_iam_user.ann.name
  groups = [aws_iam_group.open.name]
}

# pass: aws_iam_user_no_admin
resource "aws_iam_user" "bob" {
  name = "bob"
}

resource "aws_iam_user_group_membership" "bob" {
  user   = aws_iam_user.bob.name
  groups = [aws_iam_group.read.name]
}

# pass: aws_iam_policy_attached_not_admin
resource "aws_iam_policy" "list" {
  name   = "list"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:ListBucket", Resource = "arn:aws:s3:::shop" }] })
}

resource "aws_iam_role_policy_attachment" "list" {
  role       = aws_iam_role.read.name
  policy_arn = aws_iam_policy.list.arn
}
