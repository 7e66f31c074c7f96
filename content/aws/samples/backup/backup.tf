data "aws_caller_identity" "me" {}

resource "aws_kms_key" "backups" {}

# pass: aws_backup_vault_not_public, aws_backup_vault_encrypted
resource "aws_backup_vault" "own" {
  name        = "own"
  kms_key_arn = aws_kms_key.backups.arn
}

resource "aws_backup_vault_policy" "own" {
  backup_vault_name = aws_backup_vault.own.name
  policy = jsonencode({ Statement = [{
    Effect = "Allow", Principal = { AWS = data.aws_caller_identity.me.account_id }, Action = "backup:CopyIntoBackupVault", Resource = "*"
  }] })
}

# fail: aws_backup_vault_not_public, aws_backup_vault_encrypted
resource "aws_backup_vault" "open" {
  name = "open"
}

resource "aws_backup_vault_policy" "open" {
  backup_vault_name = aws_backup_vault.open.name
  policy            = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "backup:CopyIntoBackupVault", Resource = "*" }] })
}

# pass: aws_backup_plan_retention, aws_backup_plan_selects_something
resource "aws_backup_plan" "daily" {
  name = "daily"
  rule {
    rule_name         = "daily"
    target_vault_name = aws_backup_vault.own.name
    schedule          = "cron(0 5 * * ? *)"
    lifecycle {
      delete_after = 60
    }
    copy_action {
      destination_vault_arn = aws_backup_vault.open.arn
    }
  }
}

resource "aws_backup_selection" "daily" {
  name         = "databases"
  plan_id      = aws_backup_plan.daily.id
  iam_role_arn = "arn:aws:iam::111122223333:role/backup"
  resources    = ["*"]
}

# fail: aws_backup_plan_retention, aws_backup_plan_selects_something
resource "aws_backup_plan" "short" {
  name = "short"
  rule {
    rule_name         = "short"
    target_vault_name = aws_backup_vault.own.name
    lifecycle {
      delete_after = 7
    }
  }
}
