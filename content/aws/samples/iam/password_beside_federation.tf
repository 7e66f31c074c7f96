resource "aws_iam_saml_provider" "staff" {
  name                   = "staff"
  saml_metadata_document = "<EntityDescriptor/>"
}

# pass: aws_iam_user_no_password_beside_federation
resource "aws_iam_user" "program" {
  name = "program"
}

# fail: aws_iam_user_no_password_beside_federation
resource "aws_iam_user" "person" {
  name = "person"
}

resource "aws_iam_user_login_profile" "person" {
  user = aws_iam_user.person.name
}
