provider "aws" {
  region = "us-east-1"
}

# pass: aws_guardduty_detector_s3_protection, aws_guardduty_detector_eks_audit, aws_guardduty_detector_ec2_malware
# pass: aws_guardduty_detector_rds_protection, aws_guardduty_detector_lambda_protection, aws_guardduty_detector_runtime_monitoring
# pass: aws_guardduty_detector_ec2_runtime, aws_guardduty_detector_ecs_runtime, aws_guardduty_detector_eks_runtime
resource "aws_guardduty_detector" "main" {
  enable = true
}

resource "aws_guardduty_detector_feature" "runtime" {
  detector_id = aws_guardduty_detector.main.id
  name        = "RUNTIME_MONITORING"
  status      = "ENABLED"

  dynamic "additional_configuration" {
    for_each = ["EC2_AGENT_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EKS_ADDON_MANAGEMENT"]
    content {
      name   = additional_configuration.value
      status = "ENABLED"
    }
  }
}

# fail: aws_guardduty_detector_s3_protection, aws_guardduty_detector_eks_audit, aws_guardduty_detector_ec2_malware
# fail: aws_guardduty_detector_rds_protection, aws_guardduty_detector_lambda_protection, aws_guardduty_detector_runtime_monitoring
# fail: aws_guardduty_detector_ec2_runtime, aws_guardduty_detector_ecs_runtime, aws_guardduty_detector_eks_runtime
resource "aws_guardduty_detector" "frugal" {
  datasources {
    s3_logs {
      enable = false
    }
    malware_protection {
      scan_ec2_instance_with_findings {
        ebs_volumes {
          enable = false
        }
      }
    }
  }
}

resource "aws_guardduty_detector_feature" "frugal" {
  for_each    = toset(["EKS_AUDIT_LOGS", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS"])
  detector_id = aws_guardduty_detector.frugal.id
  name        = each.value
  status      = "DISABLED"
}

# none: aws_guardduty_detector_s3_protection
resource "aws_guardduty_detector" "suspended" {
  enable = false
}
