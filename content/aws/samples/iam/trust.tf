resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_cognito_identity_pool" "app" {
  identity_pool_name = "app"
}

resource "aws_iam_saml_provider" "company" {
  name                   = "company"
  saml_metadata_document = "<EntityDescriptor/>"
}

# pass: aws_iam_trust_github_subject_narrow, aws_iam_trust_github_branch_or_environment
resource "aws_iam_role" "deploy" {
  name = "deploy"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
      Condition = { StringEquals = {
        "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
        "token.actions.githubusercontent.com:sub" = "repo:acme/shop:environment:production"
      } }
    }]
  })
}

# fail: aws_iam_trust_github_subject_narrow, aws_iam_trust_github_branch_or_environment, aws_iam_trust_no_anyone
resource "aws_iam_role" "deploy_from_anywhere" {
  name = "deploy-from-anywhere"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
    }]
  })
}

# pass: aws_iam_trust_ci_subject_narrow
resource "aws_iam_role" "gitlab" {
  name = "gitlab"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/gitlab.com" }
      Condition = { StringLike = { "gitlab.com:sub" = "project_path:acme/shop:ref_type:branch:ref:main" } }
    }]
  })
}

# fail: aws_iam_trust_ci_subject_narrow
resource "aws_iam_role" "gitlab_open" {
  name = "gitlab-open"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/gitlab.com" }
      Condition = { StringEquals = { "gitlab.com:aud" = "https://gitlab.com" } }
    }]
  })
}

# pass: aws_iam_trust_cognito_audience
resource "aws_iam_role" "app_users" {
  name = "app-users"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "cognito-identity.amazonaws.com" }
      Condition = {
        StringEquals             = { "cognito-identity.amazonaws.com:aud" = aws_cognito_identity_pool.app.id }
        "ForAnyValue:StringLike" = { "cognito-identity.amazonaws.com:amr" = "authenticated" }
      }
    }]
  })
}

# fail: aws_iam_trust_cognito_audience
resource "aws_iam_role" "app_guests" {
  name = "app-guests"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "cognito-identity.amazonaws.com" }
    }]
  })
}

# pass: aws_iam_trust_saml_audience
resource "aws_iam_role" "people" {
  name = "people"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithSAML"
      Principal = { Federated = aws_iam_saml_provider.company.arn }
      Condition = { StringEquals = { "SAML:aud" = "https://signin.aws.amazon.com/saml" } }
    }]
  })
}

# fail: aws_iam_trust_saml_audience
resource "aws_iam_role" "people_open" {
  name = "people-open"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRoleWithSAML", Principal = { Federated = aws_iam_saml_provider.company.arn } }]
  })
}

# pass: aws_iam_trust_pod_subject_exact
resource "aws_iam_role" "pod" {
  name = "pod"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/ABCDEF" }
      Condition = { StringEquals = { "oidc.eks.us-east-1.amazonaws.com/id/ABCDEF:sub" = "system:serviceaccount:shop:orders" } }
    }]
  })
}

# fail: aws_iam_trust_pod_subject_exact
resource "aws_iam_role" "pods" {
  name = "pods"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/ABCDEF" }
      Condition = { StringLike = { "oidc.eks.us-east-1.amazonaws.com/id/ABCDEF:sub" = "system:serviceaccount:*:*" } }
    }]
  })
}

# pass: aws_iam_trust_account_root_narrowed
resource "aws_iam_role" "partner" {
  name = "partner"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::444455556666:root" }
      Condition = { StringEquals = { "sts:ExternalId" = "b1946ac9" } }
    }]
  })
}

# fail: aws_iam_trust_account_root_narrowed, aws_iam_trust_no_stale_principals
resource "aws_iam_role" "partner_open" {
  name = "partner-open"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = ["arn:aws:iam::444455556666:root", "AIDAABCDEFGHIJKLMNOP"] } }]
  })
}

# pass: aws_iam_trust_service_has_source
resource "aws_iam_role" "build" {
  name = "build"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "codebuild.amazonaws.com" }
      Condition = { ArnLike = { "aws:SourceArn" = "arn:aws:codebuild:us-east-1:111122223333:project/shop" } }
    }]
  })
}

# fail: aws_iam_trust_service_has_source
resource "aws_iam_role" "build_for_anyone" {
  name = "build-for-anyone"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "codebuild.amazonaws.com" } }]
  })
}
