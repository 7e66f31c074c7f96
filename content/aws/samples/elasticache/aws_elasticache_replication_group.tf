resource "random_password" "token" {
  length = 32
}

# pass: aws_elasticache_replication_group_auth, aws_elasticache_replication_group_backups
# pass: aws_elasticache_replication_group_encrypted_at_rest, aws_elasticache_replication_group_encrypted_in_transit
# pass: aws_elasticache_replication_group_failover, aws_elasticache_replication_group_multi_az
# pass: aws_elasticache_cluster_minor_upgrades, aws_elasticache_cluster_own_subnet_group, aws_elasticache_cluster_port
# pass: aws_elasticache_cluster_version_supported
resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id       = "sessions"
  description                = "sessions"
  engine                     = "redis"
  engine_version             = "7.1"
  node_type                  = "cache.t4g.small"
  num_cache_clusters         = 2
  port                       = 6380
  subnet_group_name          = aws_elasticache_subnet_group.caches.name
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  auth_token                 = random_password.token.result
  automatic_failover_enabled = true
  multi_az_enabled           = true
  snapshot_retention_limit   = 7
}

resource "aws_elasticache_subnet_group" "caches" {
  name       = "caches"
  subnet_ids = ["subnet-0a", "subnet-0b"]
}

# fail: aws_elasticache_replication_group_auth, aws_elasticache_replication_group_backups
# fail: aws_elasticache_replication_group_encrypted_at_rest, aws_elasticache_replication_group_encrypted_in_transit
# fail: aws_elasticache_replication_group_failover, aws_elasticache_replication_group_multi_az
# fail: aws_elasticache_cluster_minor_upgrades, aws_elasticache_cluster_own_subnet_group, aws_elasticache_cluster_port
# fail: aws_elasticache_cluster_version_supported
resource "aws_elasticache_replication_group" "plain" {
  replication_group_id       = "plain"
  description                = "plain"
  engine_version             = "3.2.10"
  node_type                  = "cache.t4g.small"
  num_cache_clusters         = 1
  auto_minor_version_upgrade = false
}

# Valkey is encrypted at rest by default.
# pass: aws_elasticache_replication_group_encrypted_at_rest
# fail: aws_elasticache_replication_group_encrypted_in_transit
resource "aws_elasticache_replication_group" "basket" {
  replication_group_id       = "basket"
  description                = "basket"
  engine                     = "valkey"
  node_type                  = "cache.t4g.small"
  transit_encryption_enabled = true
  transit_encryption_mode    = "preferred"
}

# unknown: aws_elasticache_replication_group_encrypted_at_rest, aws_elasticache_replication_group_encrypted_in_transit
resource "aws_elasticache_replication_group" "secondary" {
  replication_group_id        = "secondary"
  description                 = "secondary"
  global_replication_group_id = "ldgnf-sessions"
}
