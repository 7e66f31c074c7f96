# pass: aws_ecr_repository_customer_key, aws_ecr_repository_immutable_tags, aws_ecr_repository_lifecycle, aws_ecr_repository_not_public, aws_ecr_repository_trusted_accounts_only
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
  encryption_configuration {
    encryption_type = "KMS"
  }
}

resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy     = jsonencode({ rules = [{ rulePriority = 1, selection = { tagStatus = "untagged", countType = "imageCountMoreThan", countNumber = 5 }, action = { type = "expire" } }] })
}

data "aws_caller_identity" "current" {}

resource "aws_ecr_repository_policy" "web" {
  repository = aws_ecr_repository.web.id
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }, Action = "ecr:BatchGetImage" }] })
}

# fail: aws_ecr_repository_customer_key, aws_ecr_repository_immutable_tags, aws_ecr_repository_lifecycle, aws_ecr_repository_not_public, aws_ecr_repository_trusted_accounts_only
resource "aws_ecr_repository" "open" {
  name = "open"
}

resource "aws_ecr_repository_policy" "open" {
  repository = aws_ecr_repository.open.name
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"] }] })
}

# unknown: aws_ecr_repository_trusted_accounts_only
resource "aws_ecr_repository" "company" {
  name = "company"
}

resource "aws_ecr_repository_policy" "company" {
  repository = aws_ecr_repository.company.name
  policy = jsonencode({ Statement = [{
    Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage", Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-abcde12345" } }
  }] })
}
