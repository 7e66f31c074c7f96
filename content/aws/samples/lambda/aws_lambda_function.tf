variable "stage" {
  type = string
}

resource "aws_iam_role" "run" {
  name               = "run"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }] })
}

resource "aws_iam_role" "boss" {
  name                = "boss"
  assume_role_policy  = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }] })
  managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]
}

resource "aws_sqs_queue" "failed" {
  name = "failed"
}

resource "aws_s3_bucket" "uploads" {
  bucket = "uploads"
}

resource "aws_db_instance" "orders" {
  identifier = "orders"
}

resource "aws_lambda_code_signing_config" "enforced" {
  allowed_publishers {
    signing_profile_version_arns = ["arn:aws:signer:us-east-1:111122223333:/signing-profiles/release/1"]
  }
  policies {
    untrusted_artifact_on_deployment = "Enforce"
  }
}

resource "aws_lambda_code_signing_config" "warned" {
  allowed_publishers {
    signing_profile_version_arns = ["arn:aws:signer:us-east-1:111122223333:/signing-profiles/release/1"]
  }
}

# pass: aws_lambda_function_code_signed, aws_lambda_function_concurrency_reserved, aws_lambda_function_dead_letter, aws_lambda_function_environment_customer_key
# pass: aws_lambda_function_in_vpc, aws_lambda_function_invokers_scoped, aws_lambda_function_no_secrets_in_environment, aws_lambda_function_not_public
# pass: aws_lambda_function_recursion_stopped, aws_lambda_function_role_not_admin, aws_lambda_function_runtime_supported, aws_lambda_function_traced
# pass: aws_lambda_function_trusted_layers, aws_lambda_function_trusted_accounts_only
resource "aws_lambda_function" "good" {
  function_name                  = "good-${var.stage}"
  role                           = aws_iam_role.run.arn
  runtime                        = "python3.13"
  handler                        = "main.handler"
  filename                       = "good.zip"
  kms_key_arn                    = "arn:aws:kms:us-east-1:111122223333:key/1"
  code_signing_config_arn        = aws_lambda_code_signing_config.enforced.arn
  reserved_concurrent_executions = 5
  environment {
    variables = {
      BUCKET   = aws_s3_bucket.uploads.bucket
      DATABASE = aws_db_instance.orders.address
    }
  }
  vpc_config {
    subnet_ids         = ["subnet-1"]
    security_group_ids = ["sg-1"]
  }
  tracing_config {
    mode = "Active"
  }
}

resource "aws_lambda_permission" "uploads" {
  function_name = aws_lambda_function.good.function_name
  action        = "lambda:InvokeFunction"
  principal     = "s3.amazonaws.com"
  source_arn    = aws_s3_bucket.uploads.arn
}

resource "aws_lambda_function_event_invoke_config" "good" {
  function_name = aws_lambda_function.good.arn
  destination_config {
    on_failure {
      destination = aws_sqs_queue.failed.arn
    }
  }
}

# fail: aws_lambda_function_code_signed, aws_lambda_function_concurrency_reserved, aws_lambda_function_dead_letter, aws_lambda_function_environment_customer_key
# fail: aws_lambda_function_in_vpc, aws_lambda_function_invokers_scoped, aws_lambda_function_no_secrets_in_environment
# fail: aws_lambda_function_recursion_stopped, aws_lambda_function_role_not_admin, aws_lambda_function_runtime_supported, aws_lambda_function_traced
# fail: aws_lambda_function_trusted_layers
resource "aws_lambda_function" "bad" {
  function_name                  = "bad"
  role                           = aws_iam_role.boss.arn
  runtime                        = "nodejs12.x"
  handler                        = "main.handler"
  filename                       = "bad.zip"
  code_signing_config_arn        = aws_lambda_code_signing_config.warned.arn
  reserved_concurrent_executions = -1
  layers                         = ["arn:aws:lambda:us-east-1:444455556666:layer:common:3"]
  environment {
    variables = { DB_PASSWORD = "correct horse battery" }
  }
}

resource "aws_lambda_permission" "anyones_events" {
  function_name = aws_lambda_function.bad.function_name
  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
}

resource "aws_lambda_function_recursion_config" "bad" {
  function_name  = aws_lambda_function.bad.function_name
  recursive_loop = "Allow"
}

# fail: aws_lambda_function_not_public, aws_lambda_function_url_authenticated, aws_lambda_function_url_cors_narrow, aws_lambda_function_trusted_accounts_only
# none: aws_lambda_function_role_not_admin, aws_lambda_function_environment_customer_key
# unknown: aws_lambda_function_code_signed
resource "aws_lambda_function" "open" {
  function_name           = "open"
  role                    = "arn:aws:iam::111122223333:role/made-elsewhere"
  package_type            = "Zip"
  filename                = "open.zip"
  code_signing_config_arn = "arn:aws:lambda:us-east-1:111122223333:code-signing-config:csc-1"
}

resource "aws_lambda_permission" "open" {
  function_name          = aws_lambda_function.open.arn
  action                 = "lambda:InvokeFunctionUrl"
  principal              = "*"
  function_url_auth_type = "NONE"
}

resource "aws_lambda_function_url" "open" {
  function_name      = aws_lambda_function.open.function_name
  authorization_type = "NONE"
  cors {
    allow_origins = ["*"]
  }
}

# pass: aws_lambda_function_url_authenticated, aws_lambda_function_url_cors_narrow, aws_lambda_function_not_public
# none: aws_lambda_function_invokers_scoped
resource "aws_lambda_function" "signed_in" {
  function_name = "signed-in"
  role          = aws_iam_role.run.arn
}

resource "aws_lambda_function_url" "signed_in" {
  function_name      = aws_lambda_function.signed_in.function_name
  authorization_type = "AWS_IAM"
  cors {
    allow_origins = ["https://shop.example"]
  }
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  function_name    = aws_lambda_function.signed_in.function_name
  function_version = "1"
}

# This one is the alias's, not the function's.
resource "aws_lambda_permission" "alias" {
  function_name = aws_lambda_function.signed_in.function_name
  qualifier     = aws_lambda_alias.live.name
  action        = "lambda:InvokeFunction"
  principal     = "*"
}

# pass: aws_lambda_layer_version_not_public
resource "aws_lambda_layer_version" "own" {
  layer_name = "own"
  filename   = "own.zip"
}

# fail: aws_lambda_layer_version_not_public
resource "aws_lambda_layer_version" "shared" {
  layer_name = "shared"
  filename   = "shared.zip"
}

resource "aws_lambda_layer_version_permission" "shared" {
  layer_name     = aws_lambda_layer_version.shared.layer_name
  version_number = aws_lambda_layer_version.shared.version
  statement_id   = "all"
  action         = "lambda:GetLayerVersion"
  principal      = "*"
}
