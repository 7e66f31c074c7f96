resource "aws_kms_key" "secrets" {}

resource "aws_iam_role" "cluster" {
  name               = "cluster"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "eks.amazonaws.com" } }] })
}

resource "aws_iam_role" "boss" {
  name               = "boss"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "eks.amazonaws.com" } }] })
}

resource "aws_iam_role_policy" "boss" {
  role   = aws_iam_role.boss.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}

resource "aws_iam_role" "node" {
  name                = "node"
  assume_role_policy  = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
  managed_policy_arns = ["arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"]
}

# pass: aws_eks_cluster_access_entries_only, aws_eks_cluster_control_plane_logged, aws_eks_cluster_creator_not_admin, aws_eks_cluster_deletion_protection
# pass: aws_eks_cluster_endpoint_private, aws_eks_cluster_private_access, aws_eks_cluster_role_not_admin, aws_eks_cluster_secrets_encrypted
# pass: aws_eks_cluster_network_policy, aws_eks_access_entry_few_admins
resource "aws_eks_cluster" "good" {
  name                      = "good"
  role_arn                  = aws_iam_role.cluster.arn
  version                   = "1.33"
  deletion_protection       = true
  enabled_cluster_log_types = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = false
  }
  encryption_config {
    resources = ["secrets"]
    provider {
      key_arn = aws_kms_key.secrets.arn
    }
  }
  vpc_config {
    subnet_ids              = ["subnet-1", "subnet-2"]
    endpoint_private_access = true
    endpoint_public_access  = false
  }
}

resource "aws_eks_addon" "cni" {
  cluster_name         = aws_eks_cluster.good.name
  addon_name           = "vpc-cni"
  configuration_values = jsonencode({ enableNetworkPolicy = "true" })
}

# fail: aws_eks_cluster_access_entries_only, aws_eks_cluster_control_plane_logged, aws_eks_cluster_creator_not_admin, aws_eks_cluster_deletion_protection
# fail: aws_eks_cluster_endpoint_private, aws_eks_cluster_private_access, aws_eks_cluster_role_not_admin, aws_eks_cluster_secrets_encrypted
# fail: aws_eks_cluster_network_policy
resource "aws_eks_cluster" "bare" {
  name     = "bare"
  role_arn = aws_iam_role.boss.arn
  vpc_config {
    subnet_ids = ["subnet-1", "subnet-2"]
  }
}

# fail: aws_eks_access_entry_few_admins
resource "aws_eks_cluster" "crowded" {
  name     = "crowded"
  role_arn = aws_iam_role.cluster.arn
  access_config {
    authentication_mode = "API_AND_CONFIG_MAP"
  }
  vpc_config {
    subnet_ids = ["subnet-1"]
  }
}

resource "aws_eks_access_entry" "people" {
  count         = 4
  cluster_name  = aws_eks_cluster.crowded.name
  principal_arn = "arn:aws:iam::111122223333:role/person-${count.index}"
}

resource "aws_eks_access_policy_association" "people" {
  count         = 4
  cluster_name  = aws_eks_cluster.crowded.name
  principal_arn = aws_eks_access_entry.people[count.index].principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
  access_scope {
    type = "cluster"
  }
}

resource "aws_launch_template" "closed" {
  name = "closed"
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
}

# pass: aws_eks_node_group_metadata_closed_to_pods, aws_eks_node_group_no_open_remote_access, aws_eks_node_group_role_minimal
resource "aws_eks_node_group" "closed" {
  cluster_name    = aws_eks_cluster.good.name
  node_group_name = "closed"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = ["subnet-1"]
  launch_template {
    id      = aws_launch_template.closed.id
    version = "$Latest"
  }
}

# fail: aws_eks_node_group_metadata_closed_to_pods, aws_eks_node_group_no_open_remote_access, aws_eks_node_group_role_minimal
resource "aws_eks_node_group" "open" {
  cluster_name    = aws_eks_cluster.good.name
  node_group_name = "open"
  node_role_arn   = aws_iam_role.boss.arn
  subnet_ids      = ["subnet-1"]
  remote_access {
    ec2_ssh_key = "people"
  }
}

# unknown: aws_eks_node_group_metadata_closed_to_pods
# none: aws_eks_node_group_role_minimal
resource "aws_eks_node_group" "elsewhere" {
  cluster_name    = "shared"
  node_group_name = "elsewhere"
  node_role_arn   = "arn:aws:iam::111122223333:role/made-elsewhere"
  subnet_ids      = ["subnet-1"]
  launch_template {
    name    = "made-elsewhere"
    version = "1"
  }
}

# pass: aws_eks_pod_identity_role_narrow
resource "aws_eks_pod_identity_association" "orders" {
  cluster_name    = aws_eks_cluster.good.name
  namespace       = "shop"
  service_account = "orders"
  role_arn        = aws_iam_role.node.arn
}

# fail: aws_eks_pod_identity_role_narrow
resource "aws_eks_pod_identity_association" "boss" {
  cluster_name    = aws_eks_cluster.good.name
  namespace       = "shop"
  service_account = "boss"
  role_arn        = aws_iam_role.boss.arn
}
