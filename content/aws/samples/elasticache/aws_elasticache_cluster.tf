# pass: aws_elasticache_cluster_encrypted_in_transit, aws_elasticache_cluster_port, aws_elasticache_cluster_own_subnet_group
# pass: aws_elasticache_cluster_minor_upgrades
resource "aws_elasticache_cluster" "pages" {
  cluster_id                 = "pages"
  engine                     = "memcached"
  node_type                  = "cache.t4g.small"
  num_cache_nodes            = 2
  port                       = 11311
  subnet_group_name          = "caches"
  transit_encryption_enabled = true
}

# fail: aws_elasticache_cluster_encrypted_in_transit, aws_elasticache_cluster_port, aws_elasticache_cluster_own_subnet_group
# fail: aws_elasticache_cluster_minor_upgrades
resource "aws_elasticache_cluster" "plain" {
  cluster_id                 = "plain"
  engine                     = "memcached"
  node_type                  = "cache.t4g.small"
  num_cache_nodes            = 1
  auto_minor_version_upgrade = "false"
}

# none: aws_elasticache_cluster_encrypted_in_transit
# pass: aws_elasticache_cluster_own_subnet_group
# fail: aws_elasticache_cluster_port, aws_elasticache_cluster_version_supported
resource "aws_elasticache_cluster" "reader" {
  cluster_id           = "reader"
  replication_group_id = aws_elasticache_replication_group.old.id
}

resource "aws_elasticache_replication_group" "old" {
  replication_group_id = "old"
  description          = "old"
  engine               = "redis"
  engine_version       = "3.2.6"
  node_type            = "cache.t4g.small"
  subnet_group_name    = "caches"
}
