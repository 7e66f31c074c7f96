package codetest

// What trees are made of. All parts of Terraform take their names from variables and their tags from a variable or a local.
const (
	bucket = `resource "aws_s3_bucket" "b" {
  bucket = "${var.name}-data"
  tags   = local.tags
}

resource "aws_s3_bucket_versioning" "b" {
  bucket = aws_s3_bucket.b.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "b" {
  bucket                  = aws_s3_bucket.b.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
  }
}

resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.b.arn, "${aws_s3_bucket.b.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}
`
	group = `
resource "aws_security_group" "g" {
  name = "${var.name}-web"
  tags = local.tags
}

resource "aws_security_group_rule" "g" {
  for_each          = { http = 80, https = 443, ssh = 22, api = 8443 }
  security_group_id = aws_security_group.g.id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = each.value
  to_port           = each.value
  cidr_blocks       = each.key == "ssh" ? ["10.0.0.0/8"] : ["0.0.0.0/0"]
}
`
	role = `
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "r" {
  name               = "${var.name}-worker"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags               = local.tags
}

resource "aws_iam_policy" "p" {
  name = "${var.name}-worker"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for s in ["logs", "sqs"] : { Effect = "Allow", Action = ["${s}:*"], Resource = "*" }]
  })
}

resource "aws_iam_role_policy_attachment" "p" {
  role       = aws_iam_role.r.name
  policy_arn = aws_iam_policy.p.arn
}

resource "aws_iam_role_policy" "own" {
  count = 2
  name  = "own-${count.index}"
  role  = aws_iam_role.r.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::${var.name}/*" }]
  })
}
`
	database = `
resource "aws_kms_key" "d" {
  description         = "of ${var.name}"
  enable_key_rotation = true
}

resource "aws_db_subnet_group" "d" {
  name       = var.name
  subnet_ids = ["subnet-0a", "subnet-0b"]
}

resource "aws_db_instance" "d" {
  identifier              = var.name
  engine                  = "postgres"
  instance_class          = "db.t4g.medium"
  allocated_storage       = 20
  storage_encrypted       = true
  kms_key_id              = aws_kms_key.d.arn
  db_subnet_group_name    = aws_db_subnet_group.d.name
  backup_retention_period = 7
  publicly_accessible     = false
  tags                    = local.tags
}

resource "aws_sns_topic" "d" {
  name              = "${var.name}-alarms"
  kms_master_key_id = aws_kms_key.d.id
}

resource "aws_cloudwatch_log_group" "d" {
  name              = "/aws/rds/${var.name}"
  retention_in_days = 30
}
`
	tags = "locals {\n  tags = merge(var.tags, { Name = var.name })\n}\n\n"
	root = `locals {
  tags = { team = "a", stage = var.stage }
}

provider "aws" {
  region = "eu-west-1"
}

resource "aws_cloudtrail" "t" {
  name           = "trail-${var.stage}"
  s3_bucket_name = aws_s3_bucket.logs.id
}

resource "aws_s3_bucket" "logs" {
  bucket = "trail-logs-${var.stage}"
  tags   = local.tags
}
`
)

// modules are the kinds of modules, of five resources each.
var modules = []string{tags + bucket, tags + group, tags + role, tags + database}

// workload is a template of a chart, and with its three values a manifest.
const workload = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels:
      app: {{ .Release.Name }}
  template:
    metadata:
      labels:
        app: {{ .Release.Name }}
    spec:
      serviceAccountName: {{ .Release.Name }}
      containers:
        - name: web
          image: {{ .Values.image }}
          ports:
            - containerPort: 8080
          env:
            - name: MODE
              value: production
          resources:
            limits:
              cpu: 500m
              memory: 256Mi
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .Release.Name }}
`

const service = `apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
  labels:
    {{- include "labels" . | nindent 4 }}
spec:
  type: {{ .Values.service.type }}
  selector:
    app: {{ .Release.Name }}
  ports:
    - port: {{ .Values.service.port }}
      targetPort: 8080
{{- if gt (int .Values.replicas) 1 }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .Release.Name }}
spec:
  minAvailable: 1
  selector:
    matchLabels:
      app: {{ .Release.Name }}
{{- end }}
`
