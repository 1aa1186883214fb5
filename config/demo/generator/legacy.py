"""Fleetly, acquired in 2024 and not yet brought into line.

Root keys, a password policy that asks for nothing, keys from 2014.
"""

from common import PASSWORD_POLICY, baseline
from model import Account, Key, Password
from policy import MANAGEMENT_ACCOUNT, allow, root_of, trust_principal, trust_service

ID = "555566667777"
FORMER_HOSTER = "321098765432"


def september():
    rules = {name: False for name in PASSWORD_POLICY if name.startswith("Require")} | {
        "MinimumPasswordLength": 6,
        "AllowUsersToChangePassword": True,
        "ExpirePasswords": False,
    }
    account = Account(
        ID,
        "legacy-fleetly",
        None,
        "2014-05-20",
        password_policy=rules,
        root_mfa=False,
        root_used="2026-09-03",
        root_keys=[
            Key("2014-05-21", "2026-09-30", "ec2", "us-east-1"),
            Key("2016-10-10", "2019-01-08", "s3", "us-east-1", active=False),
        ],
    )
    baseline(account, "2024-09-02", {}, ("Support", "TrustedAdvisor", "Organizations"))
    policies(account)
    people(account)
    roles(account)
    return account


def policies(account):
    account.policy("FullAccess", "2014-05-21", allow("*"))
    # The default is harmless; version 2, which is kept, is not.
    account.policy("DispatchApp", "2016-02-10", allow(["sqs:*", "dynamodb:*"]))
    account.new_version("DispatchApp", "2017-07-19", allow(["sqs:*", "dynamodb:*", "iam:*", "s3:*"]))
    account.new_version("DispatchApp", "2019-03-27", allow(["sqs:SendMessage", "sqs:ReceiveMessage", "dynamodb:Query"]))
    account.policy(
        "VersionKeeper",
        "2018-05-29",
        allow(["iam:SetDefaultPolicyVersion", "iam:ListPolicies", "iam:ListPolicyVersions"]),
    )
    account.policy("TelematicsUpload", "2017-01-16", allow("s3:*", "arn:aws:s3:::fleetly-*"))
    account.policy("Nagios", "2015-08-24", allow(["cloudwatch:*", "ec2:Describe*"]))
    account.policy("OldBackups", "2015-03-02", allow("s3:*"))
    account.policy("Puppet-2016", "2016-06-06", allow(["ec2:*", "iam:PassRole"]))


def people(account):
    account.group("Admins", "2014-05-21", attached=["aws:AdministratorAccess"])
    account.group(
        "Developers",
        "2014-06-02",
        attached=["aws:AmazonEC2FullAccess", "aws:AmazonS3FullAccess"],
        inline={"users": [allow(["iam:AddUserToGroup", "iam:GetGroup", "iam:ListGroups"])]},
    )
    account.group("Ops", "2015-08-24", attached=["Nagios"])

    account.user(
        "admin",
        "2014-05-21",
        attached=["aws:AdministratorAccess"],
        password=Password("2014-05-21", "2026-09-08"),
        keys=[Key("2014-05-21", "2022-11-01", "ec2", "us-east-1")],
    )
    account.user("founder", "2014-05-21", groups=["Admins"], password=Password("2018-09-17", "2024-09-30"))
    account.user(
        "marek",
        "2015-04-13",
        groups=["Admins", "Developers"],
        password=Password("2021-02-15", "2026-09-29"),
        mfa=True,
        keys=[Key("2019-10-07", "2026-09-30", "ec2", "us-east-1")],
        tags={"owner": "marek@example.com"},
    )
    # May put herself into Admins.
    account.user(
        "lucia",
        "2017-02-06",
        groups=["Developers"],
        password=Password("2020-05-04", "2026-09-24"),
        keys=[Key("2017-02-06", "2026-09-17", "s3", "us-east-1")],
    )
    account.user(
        "gopal",
        "2018-11-12",
        groups=["Developers"],
        password=Password("2018-11-12", "2024-12-20"),
        keys=[Key("2018-11-12", "2024-12-19", "ec2", "us-east-1")],
        tags={"offboarded": "2024-12-31"},
    )
    account.user(
        "dispatch",
        "2016-02-10",
        attached=["DispatchApp", "VersionKeeper"],
        keys=[Key("2016-02-10", "2026-09-30", "sqs", "us-east-1")],
    )
    account.user(
        "telematics",
        "2017-01-16",
        attached=["TelematicsUpload"],
        password=Password("2017-01-16", "2017-01-16"),
        keys=[Key("2017-01-16", "2026-09-30", "s3", "us-east-1"), Key("2017-01-16")],
    )
    account.user(
        "nagios", "2015-08-24", groups=["Ops"], keys=[Key("2015-08-24", "2023-04-30", "monitoring", "us-east-1")]
    )
    account.user(
        "jenkins", "2016-03-30", attached=["FullAccess"], keys=[Key("2016-03-30", "2026-09-30", "ec2", "us-east-1")]
    )
    account.user(
        "s3-backup",
        "2015-03-02",
        inline={"backup": [allow("s3:*")]},
        keys=[Key("2015-03-02", "2020-07-31", "s3", "us-east-1")],
    )


def roles(account):
    account.role(
        "DispatchServer",
        "2016-02-10",
        trust_service("ec2"),
        used="2026-09-30",
        region="us-east-1",
        attached=["DispatchApp"],
        instance_profile=True,
    )
    account.role(
        "PuppetMaster", "2016-06-06", trust_service("ec2"), attached=["aws:AdministratorAccess"], instance_profile=True
    )
    # The company that ran the servers before 2019: its whole account, no external id.
    account.role(
        "hosting-support", "2015-01-12", trust_principal(root_of(FORMER_HOSTER)), attached=["aws:AdministratorAccess"]
    )
    account.role(
        "gps-ingest",
        "2018-08-20",
        trust_service("lambda"),
        used="2026-09-30",
        region="us-east-1",
        inline={"ingest": [allow(["dynamodb:*", "sns:*"])]},
    )
    account.role(
        "vpn-radius",
        "2019-05-13",
        trust_service("ec2"),
        used="2026-09-30",
        region="us-east-1",
        attached=["aws:AmazonSSMManagedInstanceCore"],
        instance_profile=True,
    )


def october(account, estate):
    account.root_keys[0].active = False
    account.root_mfa = True
    del account.users["gopal"], account.users["nagios"]
    del account.roles["hosting-support"]
    del account.policies["OldBackups"]
    account.users["founder"].password = None
    account.users["founder"].groups = []
    account.users["jenkins"].attached = ["aws:PowerUserAccess"]
    # Someone rolled a policy back to the version that allows everything.
    account.policies["DispatchApp"].default = 2
    account.role(
        "migration-to-quillfern",
        "2026-10-09",
        trust_principal(root_of(MANAGEMENT_ACCOUNT)),
        used="2026-10-30",
        attached=["aws:ReadOnlyAccess"],
        tags={"owner": "platform@example.com", "team": "platform"},
    )
