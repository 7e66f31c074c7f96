# no sample passes: aws_vpc_internet_gateway_authorized it is asked only where a setting lists VPCs
# no sample fails: aws_vpc_internet_gateway_authorized it is asked only where a setting lists VPCs
# fail: aws_vpc_endpoint_policy_narrow
resource "aws_vpc_endpoint" "plain" {
  vpc_id       = "vpc-0a1b2c3d"
  service_name = "com.amazonaws.eu-west-1.s3"
}

# pass: aws_vpc_endpoint_policy_narrow
resource "aws_vpc_endpoint" "narrow" {
  vpc_id       = "vpc-0a1b2c3d"
  service_name = "com.amazonaws.eu-west-1.dynamodb"
}

resource "aws_vpc_endpoint_policy" "narrow" {
  vpc_endpoint_id = aws_vpc_endpoint.narrow.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Action    = ["dynamodb:GetItem"]
      Resource  = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
    }]
  })
}

# pass: aws_vpc_endpoint_service_acceptance_required
# fail: aws_vpc_endpoint_service_principals_trusted
resource "aws_vpc_endpoint_service" "asked" {
  acceptance_required        = true
  network_load_balancer_arns = ["arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/a/0123456789abcdef"]
}

resource "aws_vpc_endpoint_service_allowed_principal" "asked" {
  vpc_endpoint_service_id = aws_vpc_endpoint_service.asked.id
  principal_arn           = "*"
}

# fail: aws_vpc_endpoint_service_acceptance_required
# pass: aws_vpc_endpoint_service_principals_trusted
resource "aws_vpc_endpoint_service" "unasked" {
  acceptance_required        = false
  network_load_balancer_arns = ["arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/b/0123456789abcdef"]
}

# pass: aws_vpc_transit_gateway_no_auto_accept
# fail: aws_vpc_transit_gateway_no_default_routing
resource "aws_ec2_transit_gateway" "plain" {
  description = "Between the offices"
}

# fail: aws_vpc_transit_gateway_no_auto_accept
# pass: aws_vpc_transit_gateway_no_default_routing
resource "aws_ec2_transit_gateway" "shared" {
  auto_accept_shared_attachments  = "enable"
  default_route_table_association = "disable"
  default_route_table_propagation = "disable"
}

# pass: aws_vpc_peering_trusted_accounts_only
resource "aws_vpc_peering_connection" "own" {
  vpc_id      = "vpc-0a1b2c3d"
  peer_vpc_id = "vpc-0b1b2c3d"
  auto_accept = true
}

# fail: aws_vpc_peering_trusted_accounts_only
resource "aws_vpc_peering_connection" "partner" {
  vpc_id        = "vpc-0a1b2c3d"
  peer_vpc_id   = "vpc-0c1b2c3d"
  peer_owner_id = "444455556666"
}

# pass: aws_vpc_client_vpn_logged, aws_vpc_client_vpn_user_authenticated, aws_vpc_client_vpn_rules_narrow
resource "aws_ec2_client_vpn_endpoint" "staff" {
  server_certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/0a1b2c3d"
  client_cidr_block      = "10.9.0.0/22"
  authentication_options {
    type              = "federated-authentication"
    saml_provider_arn = "arn:aws:iam::111122223333:saml-provider/staff"
  }
  connection_log_options {
    enabled              = true
    cloudwatch_log_group = "dial-in"
  }
}

resource "aws_ec2_client_vpn_authorization_rule" "staff" {
  client_vpn_endpoint_id = aws_ec2_client_vpn_endpoint.staff.id
  target_network_cidr    = "10.0.0.0/16"
  authorize_all_groups   = true
}

# fail: aws_vpc_client_vpn_logged, aws_vpc_client_vpn_user_authenticated, aws_vpc_client_vpn_rules_narrow
resource "aws_ec2_client_vpn_endpoint" "guests" {
  server_certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/0a1b2c3d"
  client_cidr_block      = "10.10.0.0/22"
  authentication_options {
    type                       = "certificate-authentication"
    root_certificate_chain_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/0e1b2c3d"
  }
  connection_log_options {
    enabled = false
  }
}

resource "aws_ec2_client_vpn_authorization_rule" "guests" {
  client_vpn_endpoint_id = aws_ec2_client_vpn_endpoint.guests.id
  target_network_cidr    = "0.0.0.0/0"
  authorize_all_groups   = true
}
