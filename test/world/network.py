"""Networks, instances, load balancers."""

from .cloud import HOME, SECOND, tags

WORLD = [{"CidrIp": "0.0.0.0/0"}]
WORLD6 = [{"CidrIpv6": "::/0"}]


def build(aws):
    home = region(aws, HOME, "10.20", public=True)
    region(aws, SECOND, "10.30", public=False)
    instances(aws, home)
    balancers(aws, home)


def rule(protocol, low, high, v4=None, v6=None, group=None):
    permission = {"IpProtocol": protocol}
    if protocol != "-1":
        permission.update(FromPort=low, ToPort=high)
    if v4:
        permission["IpRanges"] = v4
    if v6:
        permission["Ipv6Ranges"] = v6
    if group:
        permission["UserIdGroupPairs"] = [{"GroupId": group}]
    return permission


def region(aws, name, prefix, public):
    ec2 = aws("ec2", name)
    vpc = ec2.create_vpc(CidrBlock=f"{prefix}.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": tags(Name="shop")}])["Vpc"]["VpcId"]
    subnets = []
    for n, zone in enumerate("abc"):
        subnets.append(ec2.create_subnet(VpcId=vpc, CidrBlock=f"{prefix}.{n}.0/24", AvailabilityZone=name + zone)["Subnet"]["SubnetId"])
    if public:
        ec2.modify_subnet_attribute(SubnetId=subnets[0], MapPublicIpOnLaunch={"Value": True})
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnets[0])
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        ec2.allocate_address(Domain="vpc")
        ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address)
        aws("logs", name).create_log_group(logGroupName="/vpc/shop")
        ec2.create_flow_logs(ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogGroupName="/vpc/shop",
                             DeliverLogsPermissionArn="arn:aws:iam::123456789012:role/flow-logs")
        peer = ec2.create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
        connection = ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=peer)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
        ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=connection)
        ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{name}.s3", VpcEndpointType="Gateway", RouteTableIds=[table])
        acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
        ec2.create_network_acl_entry(NetworkAclId=acl, RuleNumber=100, Protocol="6", RuleAction="allow", Egress=False,
                                     CidrBlock="0.0.0.0/0", PortRange={"From": 22, "To": 22})
    return {"vpc": vpc, "subnets": subnets, "groups": security_groups(ec2, vpc)}


def security_groups(ec2, vpc):
    groups = {}
    for name, about in [("web", "HTTPS for everyone"), ("bastion", "SSH from anywhere"), ("database", "from web only"), ("wide-open", "all traffic"),
                        ("wide-open-v6", "RDP over IPv6"), ("range", "a range that holds 3306"), ("office", "SSH from the office"), ("unused", "nobody uses it")]:
        groups[name] = ec2.create_security_group(GroupName=name, Description=about, VpcId=vpc)["GroupId"]
    rules = {
        "web": [rule("tcp", 443, 443, WORLD, WORLD6)],
        "bastion": [rule("tcp", 22, 22, WORLD)],
        "database": [rule("tcp", 5432, 5432, group=groups["web"])],
        "wide-open": [rule("-1", None, None, WORLD)],
        "wide-open-v6": [rule("tcp", 3389, 3389, v6=WORLD6)],
        "range": [rule("tcp", 3000, 4000, WORLD)],
        "office": [rule("tcp", 22, 22, [{"CidrIp": "203.0.113.0/28", "Description": "office \"north\""}])],
    }
    for name, permissions in rules.items():
        ec2.authorize_security_group_ingress(GroupId=groups[name], IpPermissions=permissions)
    return groups


def instances(aws, network):
    ec2 = aws("ec2")
    image = "ami-0c1de55b1a5e00001"  # the vendor's: not among the company's own
    for name, group, subnet, tokens, profile, count in [
        ("web", "web", 0, "required", "web-server", 3), ("bastion", "bastion", 0, "optional", None, 1),
        ("batch", "range", 1, "required", None, 4), ("legacy", "wide-open", 0, "optional", "web-server", 1),
    ]:
        options = {"IamInstanceProfile": {"Name": profile}} if profile else {}
        started = ec2.run_instances(
            ImageId=image, MinCount=count, MaxCount=count, InstanceType="t3.micro", SubnetId=network["subnets"][subnet],
            SecurityGroupIds=[network["groups"][group]], MetadataOptions={"HttpTokens": tokens, "HttpPutResponseHopLimit": 1},
            Monitoring={"Enabled": name == "web"}, TagSpecifications=[{"ResourceType": "instance", "Tags": tags(Name=name, team="shop")}], **options)
        if name == "legacy":
            ec2.stop_instances(InstanceIds=[started["Instances"][0]["InstanceId"]])
    ec2.create_key_pair(KeyName="deploy")
    for n, encrypted in enumerate((True, True, False, False, False)):
        volume = ec2.create_volume(AvailabilityZone=HOME + "a", Size=8, Encrypted=encrypted, TagSpecifications=[{"ResourceType": "volume", "Tags": tags(Name=f"data-{n}")}])
        snapshot = ec2.create_snapshot(VolumeId=volume["VolumeId"], Description=f"of data-{n}")["SnapshotId"]
        if n == 4:
            ec2.modify_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"])
    first = ec2.describe_instances()["Reservations"][0]["Instances"][0]["InstanceId"]
    ours = ec2.create_image(InstanceId=first, Name="web-golden")["ImageId"]
    ec2.modify_image_attribute(ImageId=ours, LaunchPermission={"Add": [{"Group": "all"}]})
    ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={"ImageId": image, "InstanceType": "t3.micro", "MetadataOptions": {"HttpTokens": "optional"}})
    ec2.enable_ebs_encryption_by_default()


def balancers(aws, network):
    elb = aws("elbv2")
    for name, scheme in (("shop", "internet-facing"), ("internal", "internal")):
        arn = elb.create_load_balancer(Name=name, Subnets=network["subnets"][:2], SecurityGroups=[network["groups"]["web"]], Scheme=scheme, Type="application")["LoadBalancers"][0]["LoadBalancerArn"]
        target = elb.create_target_group(Name=f"{name}-targets", Protocol="HTTP", Port=8080, VpcId=network["vpc"])["TargetGroups"][0]["TargetGroupArn"]
        action = [{"Type": "forward", "TargetGroupArn": target}]
        elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=action)
        if name == "shop":
            certificate = aws("acm").request_certificate(DomainName="shop.tidewater.example", ValidationMethod="DNS")["CertificateArn"]
            elb.create_listener(LoadBalancerArn=arn, Protocol="HTTPS", Port=443, SslPolicy="ELBSecurityPolicy-2016-08", Certificates=[{"CertificateArn": certificate}], DefaultActions=action)
            elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[
                {"Key": "deletion_protection.enabled", "Value": "true"}, {"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"}])
