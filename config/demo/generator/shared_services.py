"""Shared services: build runners and names. Whoever holds the runner holds production."""

from common import ADMINISTRATOR, PASSWORD_POLICY, READ_ONLY, baseline, owned, person
from model import Account, Key, Password
from policy import allow, deny, trust_github, trust_principal, trust_service

ID = "777788889999"


def september():
    account = Account(
        ID, "shared-services", "quillfern-shared", "2021-02-22", root_used="2024-07-15", password_policy=PASSWORD_POLICY
    )
    baseline(account, "2023-01-16", {"Administrator": ADMINISTRATOR, "ReadOnly": READ_ONLY})
    account.policy(
        "runner",
        "2021-03-01",
        allow(["ecr:*", "s3:*", "codeartifact:*"]),
        allow("sts:AssumeRole", ["arn:aws:iam::*:role/terraform-apply", "arn:aws:iam::*:role/terraform-apply-2"]),
    )
    account.policy(
        "publish-packages",
        "2021-03-01",
        allow(["codeartifact:PublishPackageVersion", "ecr:PutImage", "ecr:UploadLayerPart"]),
    )
    account.policy(
        "dns-editor",
        "2021-03-15",
        allow(["route53:ChangeResourceRecordSets", "route53:List*"]),
        deny("route53:DeleteHostedZone", sid="KeepZones"),
    )
    account.policy(
        "mail-relay", "2021-08-02", allow("ses:SendRawEmail", when={"StringLike": {"ses:FromAddress": "*@example.com"}})
    )

    account.group(
        "build-keepers",
        "2021-03-01",
        attached=["publish-packages"],
        inline={
            "runner": [
                allow("sts:AssumeRole", f"arn:aws:iam::{ID}:role/ci-runner"),
                allow("iam:UpdateAssumeRolePolicy", f"arn:aws:iam::{ID}:role/ci-*"),
            ]
        },
    )
    account.group("network", "2021-03-15", attached=["dns-editor", "aws:job-function/ViewOnlyAccess"])

    account.user(
        "ana.lima",
        "2021-03-08",
        groups=["build-keepers", "network"],
        mfa=True,
        password=Password("2026-04-02", "2026-09-29"),
        tags=person("ana.lima", "platform"),
    )
    account.user(
        "ben.osei",
        "2021-05-17",
        groups=["network"],
        mfa=False,
        password=Password("2025-06-30", "2026-09-10"),
        tags=person("ben.osei", "platform"),
    )
    # A key from 2021 that reaches the administrator of production in two steps.
    account.user(
        "jenkins",
        "2021-03-01",
        path="/service/",
        groups=["build-keepers"],
        keys=[Key("2021-03-01", "2026-09-30", "sts")],
        tags=owned("platform", type="service"),
    )
    account.user(
        "svc-mail",
        "2021-08-02",
        path="/service/",
        attached=["mail-relay"],
        keys=[Key("2021-08-02", "2026-09-30", "ses")],
        tags=owned("platform", type="service"),
    )
    account.user(
        "svc-dns-sync",
        "2021-03-15",
        path="/service/",
        attached=["dns-editor"],
        keys=[Key("2026-05-25", "2026-09-30", "route53", "us-east-1")],
        tags=owned("platform", type="service"),
    )

    account.role(
        "ci-runner",
        "2021-03-01",
        used="2026-09-30",
        attached=["runner", "publish-packages"],
        trust=trust_principal(f"arn:aws:iam::{ID}:user/service/jenkins", f"arn:aws:iam::{ID}:user/ana.lima"),
        tags=owned("platform"),
    )
    account.role(
        "github-publish",
        "2023-08-14",
        used="2026-09-30",
        attached=["publish-packages"],
        trust=trust_github(
            ID,
            [
                "repo:quillfern-example/libraries:ref:refs/heads/main",
                "repo:quillfern-example/base-images:ref:refs/heads/main",
            ],
        ),
        tags=owned("platform"),
    )
    account.role(
        "package-mirror",
        "2022-06-20",
        trust_service("ecs-tasks"),
        used="2026-09-30",
        attached=["publish-packages"],
        tags=owned("platform"),
    )
    account.role(
        "transit-flow-logs",
        "2021-03-15",
        trust_service("vpc-flow-logs"),
        used="2026-09-30",
        inline={"write": [allow(["logs:CreateLogStream", "logs:PutLogEvents"])]},
        tags=owned("platform"),
    )
    account.role(
        "directory-sync",
        "2022-11-07",
        trust_service("lambda"),
        used="2026-09-30",
        attached=["aws:service-role/AWSLambdaBasicExecutionRole"],
        inline={"directory": [allow(["identitystore:*", "sso:CreateAccountAssignment"])]},
        tags=owned("identity"),
    )
    account.role(
        "old-vpn",
        "2021-03-15",
        trust_service("ec2"),
        used="2025-10-01",
        attached=["aws:AmazonEC2FullAccess"],
        instance_profile=True,
    )
    account.oidc_providers.append("token.actions.githubusercontent.com")
    account.replaced = {"ci-runner": account.role_id("ci-runner")}
    return account


def october(account, estate):
    # Deleted and made again under its name: the same ARN, another unique id.
    runner = account.roles["ci-runner"]
    runner.created, runner.used, runner.incarnation = "2026-10-21", "2026-10-31", 2
    account.users["svc-mail"].keys = [Key("2026-10-26", "2026-10-31", "ses")]
    account.users["ben.osei"].mfa = True
    del account.roles["old-vpn"]
    account.user(
        "noor.aziz",
        "2026-10-12",
        groups=["network"],
        mfa=True,
        password=Password("2026-10-12", "2026-10-29"),
        tags=person("noor.aziz", "customer"),
    )
