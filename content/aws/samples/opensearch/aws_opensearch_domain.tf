# pass: aws_opensearch_domain_audit_logged, aws_opensearch_domain_logs_published, aws_opensearch_domain_dashboard_federated
# pass: aws_opensearch_domain_data_nodes, aws_opensearch_domain_master_nodes, aws_opensearch_domain_encrypted_at_rest
# pass: aws_opensearch_domain_node_encryption, aws_opensearch_domain_fine_grained_access, aws_opensearch_domain_https
# pass: aws_opensearch_domain_tls_policy, aws_opensearch_domain_no_internal_users, aws_opensearch_domain_not_public
# pass: aws_opensearch_domain_version_supported
resource "aws_opensearch_domain" "catalogue" {
  domain_name    = "catalogue"
  engine_version = "OpenSearch_2.19"

  cluster_config {
    instance_type            = "r7g.large.search"
    instance_count           = 3
    zone_awareness_enabled   = true
    dedicated_master_enabled = true
    dedicated_master_count   = 3
    dedicated_master_type    = "m7g.large.search"
  }

  vpc_options {
    subnet_ids = [aws_subnet.a.id]
  }

  encrypt_at_rest {
    enabled = true
  }

  node_to_node_encryption {
    enabled = true
  }

  domain_endpoint_options {
    enforce_https       = true
    tls_security_policy = "Policy-Min-TLS-1-2-PFS-2023-10"
  }

  advanced_security_options {
    enabled = true

    master_user_options {
      master_user_arn = "arn:aws:iam::111122223333:role/search"
    }
  }

  dynamic "log_publishing_options" {
    for_each = ["AUDIT_LOGS", "ES_APPLICATION_LOGS", "INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS"]
    content {
      log_type                 = log_publishing_options.value
      cloudwatch_log_group_arn = aws_cloudwatch_log_group.search.arn
    }
  }
}

resource "aws_opensearch_domain_saml_options" "catalogue" {
  domain_name = aws_opensearch_domain.catalogue.domain_name

  saml_options {
    enabled = true
    idp {
      entity_id        = "https://idp.example.com"
      metadata_content = "<xml/>"
    }
  }
}

resource "aws_cloudwatch_log_group" "search" {
  name = "search"
}

resource "aws_subnet" "a" {
  vpc_id     = "vpc-0a"
  cidr_block = "10.0.0.0/24"
}

# fail: aws_opensearch_domain_audit_logged, aws_opensearch_domain_logs_published, aws_opensearch_domain_dashboard_federated
# fail: aws_opensearch_domain_data_nodes, aws_opensearch_domain_master_nodes, aws_opensearch_domain_encrypted_at_rest
# fail: aws_opensearch_domain_node_encryption, aws_opensearch_domain_fine_grained_access, aws_opensearch_domain_https
# fail: aws_opensearch_domain_tls_policy, aws_opensearch_domain_version_supported, aws_opensearch_domain_not_public
resource "aws_elasticsearch_domain" "old" {
  domain_name           = "old"
  elasticsearch_version = "6.3"

  log_publishing_options {
    log_type                 = "INDEX_SLOW_LOGS"
    cloudwatch_log_group_arn = aws_cloudwatch_log_group.search.arn
  }
}

resource "aws_elasticsearch_domain_policy" "old" {
  domain_name = aws_elasticsearch_domain.old.domain_name
  access_policies = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = "es:*"
      Resource  = "${aws_elasticsearch_domain.old.arn}/*"
    }]
  })
}

# fail: aws_opensearch_domain_no_internal_users, aws_opensearch_domain_tls_policy
# pass: aws_opensearch_domain_https, aws_opensearch_domain_not_public
# unknown: aws_opensearch_domain_version_supported
resource "aws_opensearch_domain" "notes" {
  domain_name     = "notes"
  access_policies = data.aws_iam_policy_document.notes.json

  domain_endpoint_options {
    custom_endpoint_enabled = false
  }

  advanced_security_options {
    enabled                        = true
    internal_user_database_enabled = true
  }
}

data "aws_iam_policy_document" "notes" {
  statement {
    actions   = ["es:ESHttp*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:role/notes"]
    }
  }
}
