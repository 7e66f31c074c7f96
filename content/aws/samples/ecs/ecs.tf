resource "aws_kms_key" "ecs" {}

resource "aws_cloudwatch_log_group" "sessions" {
  name = "sessions"
}

resource "aws_db_instance" "orders" {
  identifier = "orders"
}

resource "random_password" "token" {
  length = 32
}

# pass: aws_ecs_cluster_insights, aws_ecs_cluster_exec_logged, aws_ecs_cluster_storage_customer_key
resource "aws_ecs_cluster" "main" {
  name = "main"
  setting {
    name  = "containerInsights"
    value = "enhanced"
  }
  configuration {
    execute_command_configuration {
      kms_key_id = aws_kms_key.ecs.arn
      logging    = "OVERRIDE"
      log_configuration {
        cloud_watch_log_group_name = aws_cloudwatch_log_group.sessions.name
      }
    }
    managed_storage_configuration {
      kms_key_id = aws_kms_key.ecs.id
    }
  }
}

# fail: aws_ecs_cluster_insights, aws_ecs_cluster_exec_logged, aws_ecs_cluster_storage_customer_key
resource "aws_ecs_cluster" "plain" {
  name = "plain"
}

# pass: aws_ecs_service_exec_off, aws_ecs_service_no_public_address, aws_ecs_service_platform_current
resource "aws_ecs_service" "web" {
  name                   = "web"
  cluster                = aws_ecs_cluster.main.id
  task_definition        = aws_ecs_task_definition.good.arn
  launch_type            = "FARGATE"
  enable_execute_command = true
  network_configuration {
    subnets = ["subnet-1"]
  }
}

# fail: aws_ecs_service_exec_off, aws_ecs_service_no_public_address, aws_ecs_service_platform_current
resource "aws_ecs_service" "open" {
  name                   = "open"
  cluster                = aws_ecs_cluster.plain.name
  task_definition        = aws_ecs_task_definition.good.arn
  launch_type            = "FARGATE"
  platform_version       = "1.3.0"
  enable_execute_command = true
  network_configuration {
    subnets          = ["subnet-1"]
    assign_public_ip = true
  }
}

# none: aws_ecs_service_exec_off
# unknown: aws_ecs_service_platform_current
resource "aws_ecs_service" "elsewhere" {
  name                   = "elsewhere"
  cluster                = "shared"
  task_definition        = "web:7"
  platform_version       = "1.0.0"
  enable_execute_command = true
}

# pass: aws_ecs_task_definition_efs_in_transit, aws_ecs_task_definition_host_network_users, aws_ecs_task_definition_log_non_blocking, aws_ecs_task_definition_logged
# pass: aws_ecs_task_definition_no_added_capabilities, aws_ecs_task_definition_no_host_mounts, aws_ecs_task_definition_no_host_namespaces
# pass: aws_ecs_task_definition_no_privileged, aws_ecs_task_definition_no_secrets, aws_ecs_task_definition_not_root, aws_ecs_task_definition_read_only_root
# pass: aws_ecs_task_definition_roles_separate
resource "aws_ecs_task_definition" "good" {
  family             = "good"
  network_mode       = "awsvpc"
  task_role_arn      = "arn:aws:iam::111122223333:role/web"
  execution_role_arn = "arn:aws:iam::111122223333:role/ecs"
  volume {
    name = "data"
    efs_volume_configuration {
      file_system_id     = "fs-1"
      transit_encryption = "ENABLED"
    }
  }
  container_definitions = jsonencode([{
    name                   = "web"
    image                  = "public.ecr.aws/nginx/nginx@sha256:0000000000000000000000000000000000000000000000000000000000000000"
    user                   = "1000"
    readonlyRootFilesystem = true
    environment            = [{ name = "DATABASE", value = aws_db_instance.orders.address }]
    logConfiguration       = { logDriver = "awslogs", options = { mode = "non-blocking", "awslogs-group" = "web" } }
  }])
}

# fail: aws_ecs_task_definition_efs_in_transit, aws_ecs_task_definition_host_network_users, aws_ecs_task_definition_log_non_blocking
# fail: aws_ecs_task_definition_no_added_capabilities, aws_ecs_task_definition_no_host_mounts, aws_ecs_task_definition_no_host_namespaces
# fail: aws_ecs_task_definition_no_privileged, aws_ecs_task_definition_no_secrets, aws_ecs_task_definition_not_root, aws_ecs_task_definition_read_only_root
# fail: aws_ecs_task_definition_roles_separate
resource "aws_ecs_task_definition" "bad" {
  family       = "bad"
  network_mode = "host"
  pid_mode     = "host"
  volume {
    name = "shared"
    efs_volume_configuration {
      file_system_id = "fs-1"
    }
  }
  volume {
    name      = "engine"
    host_path = "/var/run/docker.sock"
  }
  container_definitions = <<-EOT
    [{
      "Name": "bad",
      "Image": "nginx:latest",
      "Privileged": true,
      "Environment": [{"Name": "DB_PASSWORD", "Value": "correct horse battery"}],
      "LinuxParameters": {"Capabilities": {"Add": ["SYS_ADMIN"]}},
      "LogConfiguration": {"LogDriver": "awslogs", "Options": {"awslogs-group": "${aws_cloudwatch_log_group.sessions.name}"}}
    }]
  EOT
}

# fail: aws_ecs_task_definition_logged
resource "aws_ecs_task_definition" "silent" {
  family                = "silent"
  container_definitions = jsonencode([{ name = "silent", image = "nginx" }])
}

# unknown: aws_ecs_task_definition_no_secrets
resource "aws_ecs_task_definition" "generated" {
  family                = "generated"
  container_definitions = jsonencode([{ name = "app", image = "app", environment = [{ name = "API_TOKEN", value = random_password.token.result }] }])
}

# pass: aws_ecs_capacity_provider_protected
resource "aws_ecs_capacity_provider" "kept" {
  name = "kept"
  auto_scaling_group_provider {
    auto_scaling_group_arn         = "arn:aws:autoscaling:us-east-1:111122223333:autoScalingGroup:1:autoScalingGroupName/kept"
    managed_termination_protection = "ENABLED"
  }
}

# fail: aws_ecs_capacity_provider_protected
resource "aws_ecs_capacity_provider" "lost" {
  name = "lost"
  auto_scaling_group_provider {
    auto_scaling_group_arn = "arn:aws:autoscaling:us-east-1:111122223333:autoScalingGroup:1:autoScalingGroupName/lost"
  }
}
