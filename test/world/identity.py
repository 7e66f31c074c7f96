"""People, roles and policies."""

from .cloud import ACCOUNT, PARTNER, allow, deny, policy, tags, trust


def build(aws):
    iam = aws("iam")
    iam.create_account_alias(AccountAlias="tidewater-shop")
    iam.update_account_password_policy(
        MinimumPasswordLength=10, RequireSymbols=False, RequireNumbers=True,
        RequireUppercaseCharacters=True, RequireLowercaseCharacters=True, PasswordReusePrevention=5,
    )
    managed = policies(iam)
    groups(iam, managed)
    users(iam, managed)
    roles(iam, managed)
    federation(iam)


def policies(iam):
    documents = {
        "deploy": policy(allow(["ecs:*", "ecr:*"], f"arn:aws:ecs:*:{ACCOUNT}:service/shop/*")),
        "everything": policy(allow("*")),
        "read-reports": policy(allow(["s3:GetObject", "s3:ListBucket"], ["arn:aws:s3:::tidewater-reports", "arn:aws:s3:::tidewater-reports/*"])),
        "trail-keeper": policy(allow("cloudtrail:*")),
        "key-master": policy(allow("kms:*")),
        "decrypt-anything": policy(allow(["kms:Decrypt", "kms:ReEncryptFrom"])),
        "pass-any-role": policy(allow(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"])),
        "assume-any-role": policy(allow("sts:AssumeRole")),
        "not-action": policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
        "no-new-keys": policy(deny("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/*")),
        "odd name+=,.@-_policy": policy({"Sid": "one", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*",
                                         "Condition": {"StringEquals": {"aws:PrincipalTag/team": ["shop", "data"]}}}),
    }
    return {name: iam.create_policy(PolicyName=name, PolicyDocument=document, Path="/team/" if name == "deploy" else "/")["Policy"]["Arn"]
            for name, document in documents.items()}


def groups(iam, managed):
    for name, attached in {"developers": ["deploy"], "admins": ["everything"], "auditors": ["read-reports"], "empty": []}.items():
        iam.create_group(GroupName=name)
        for policy_name in attached:
            iam.attach_group_policy(GroupName=name, PolicyArn=managed[policy_name])
    iam.put_group_policy(GroupName="developers", PolicyName="inline-logs", PolicyDocument=policy(allow(["logs:GetLogEvents"])))


def users(iam, managed):
    for name, group, console, mfa, keys in [
        ("ana", "developers", True, True, 1),
        ("bo", "developers", True, False, 0),
        ("chidi", "admins", True, True, 1),
        ("dora", "admins", True, False, 2),
        ("ci-bot", None, False, False, 1),
        ("old-contractor", None, True, False, 1),
        ("report-reader", "auditors", False, False, 0),
        ("zoë+test@tidewater", "developers", False, False, 0),
    ]:
        name = name.replace("ë", "e")
        iam.create_user(UserName=name, Tags=tags(team="platform", cost_center="42"))
        if group:
            iam.add_user_to_group(UserName=name, GroupName=group)
        if console:
            iam.create_login_profile(UserName=name, Password="Sufficiently-long-1", PasswordResetRequired=False)
        if mfa:
            device = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
            iam.enable_mfa_device(UserName=name, SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="234567")
        for _ in range(keys):
            iam.create_access_key(UserName=name)
    iam.attach_user_policy(UserName="ci-bot", PolicyArn=managed["deploy"])
    iam.attach_user_policy(UserName="old-contractor", PolicyArn=managed["everything"])
    iam.put_user_policy(UserName="bo", PolicyName="temporary", PolicyDocument=policy(allow("*")))


def roles(iam, managed):
    external = {"StringEquals": {"sts:ExternalId": "tidewater-7f3a"}}
    documents = {
        "shop-task": (trust("ecs-tasks.amazonaws.com"), ["read-reports"]),
        "lambda-orders": (trust("lambda.amazonaws.com"), ["pass-any-role"]),
        "web-server": (trust("ec2.amazonaws.com"), ["everything"]),
        "config": (trust("config.amazonaws.com"), []),
        "flow-logs": (trust("vpc-flow-logs.amazonaws.com"), []),
        "vendor-monitoring": (policy({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{PARTNER}:root"}, "Action": "sts:AssumeRole", "Condition": external}), []),
        "vendor-forgotten": (policy({"Effect": "Allow", "Principal": {"AWS": PARTNER}, "Action": "sts:AssumeRole"}), ["read-reports"]),
        "open-door": (policy({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}), []),
        "github-deploy": (policy({"Effect": "Allow", "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"},
                                  "Action": "sts:AssumeRoleWithWebIdentity",
                                  "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:*"}}}), ["deploy"]),
        "support": (policy({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}), []),
    }
    for name, (assume, attached) in documents.items():
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=assume, Tags=tags(team="platform"), MaxSessionDuration=43200 if name == "support" else 3600)
        for policy_name in attached:
            iam.attach_role_policy(RoleName=name, PolicyArn=managed[policy_name])
    iam.put_role_policy(RoleName="shop-task", PolicyName="queue", PolicyDocument=policy(allow("sqs:*", f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders")))
    iam.create_instance_profile(InstanceProfileName="web-server")
    iam.add_role_to_instance_profile(InstanceProfileName="web-server", RoleName="web-server")


def federation(iam):
    iam.create_open_id_connect_provider(Url="https://token.actions.githubusercontent.com", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40])
    iam.create_saml_provider(Name="corp-idp", SAMLMetadataDocument="x" * 1200)
