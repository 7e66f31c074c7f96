# pass: aws_kms_custom_key_store_private
resource "aws_kms_custom_key_store" "inside" {
  custom_key_store_name               = "inside"
  custom_key_store_type               = "EXTERNAL_KEY_STORE"
  xks_proxy_connectivity              = "VPC_ENDPOINT_SERVICE"
  xks_proxy_uri_endpoint              = "https://keys.example.com"
  xks_proxy_uri_path                  = "/kms/xks/v1"
  xks_proxy_vpc_endpoint_service_name = "com.amazonaws.vpce.eu-west-1.vpce-svc-0a"
}

# fail: aws_kms_custom_key_store_private
resource "aws_kms_custom_key_store" "outside" {
  custom_key_store_name  = "outside"
  custom_key_store_type  = "EXTERNAL_KEY_STORE"
  xks_proxy_connectivity = "PUBLIC_ENDPOINT"
  xks_proxy_uri_endpoint = "https://keys.example.com"
  xks_proxy_uri_path     = "/kms/xks/v1"
}

# none: aws_kms_custom_key_store_private
resource "aws_kms_custom_key_store" "hardware" {
  custom_key_store_name = "hardware"
  cloud_hsm_cluster_id  = "cluster-1a"
}
