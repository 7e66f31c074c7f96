# pass: aws_securityhub_automation_rule_not_blanket
resource "aws_securityhub_automation_rule" "lab" {
  rule_name   = "lab"
  rule_order  = 1
  description = "Findings of the lab"

  criteria {
    resource_tags {
      comparison = "EQUALS"
      key        = "stage"
      value      = "lab"
    }
  }

  actions {
    type = "FINDING_FIELDS_UPDATE"
    finding_fields_update {
      workflow {
        status = "SUPPRESSED"
      }
    }
  }
}

# fail: aws_securityhub_automation_rule_not_blanket
resource "aws_securityhub_automation_rule" "all" {
  rule_name   = "all"
  rule_order  = 2
  description = "All that is low"

  criteria {
    severity_label {
      comparison = "EQUALS"
      value      = "LOW"
    }
  }

  actions {
    type = "FINDING_FIELDS_UPDATE"
    finding_fields_update {
      workflow {
        status = "SUPPRESSED"
      }
    }
  }
}
