"""Payments: boundaries and denies everywhere, and a few ways around them."""

from common import PASSWORD_POLICY, READ_ONLY, baseline, deny_without_mfa, manage_own_credentials, owned, person
from model import Account, Key, Password
from policy import allow, allow_except, deny, trust_github, trust_principal, trust_service

ID = "222233334444"
PAYMENT_PROVIDER = "432109876543"


def september():
    rules = PASSWORD_POLICY | {"ExpirePasswords": True, "MaxPasswordAge": 90, "HardExpiry": False}
    account = Account(ID, "payments", "quillfern-payments", "2021-06-14", root_used="2023-04-03", password_policy=rules)
    baseline(
        account,
        "2023-01-16",
        {
            "ReadOnly": READ_ONLY,
            "PaymentsEngineer": (
                ["aws:PowerUserAccess"],
                {"AwsSSOInlinePolicy": [deny(["kms:Decrypt", "secretsmanager:GetSecretValue"])]},
                "2026-09-30",
            ),
        },
        ("Support", "TrustedAdvisor", "Organizations", "SSO", "AmazonGuardDuty", "ECS"),
    )
    policies(account)
    people(account)
    roles(account)
    account.oidc_providers.append("token.actions.githubusercontent.com")
    return account


def policies(account):
    account.policy(
        "card-data-boundary",
        "2021-06-21",
        allow("*", sid="NoLimitOfItsOwn"),
        deny(["iam:*", "organizations:*", "account:*"], sid="NoIdentity"),
        deny("*", sid="EuropeOnly", when={"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}),
        description="Upper limit of everything that touches card data",
    )
    account.policy("own-credentials", "2021-06-21", manage_own_credentials())
    account.policy("require-mfa", "2021-06-21", deny_without_mfa())
    # Bool instead of BoolIfExists: an access key sends no such key, so the deny never applies to it.
    account.policy("require-mfa-release", "2023-10-02", deny_without_mfa("Bool"))
    account.policy(
        "ledger-operator",
        "2021-07-05",
        allow(["dynamodb:Query", "dynamodb:GetItem", "athena:*", "s3:GetObject"]),
        deny("dynamodb:DeleteTable", sid="KeepLedger"),
    )
    # Attached to the role that may write new versions of it.
    account.policy(
        "release-manager",
        "2022-03-28",
        allow(["ecs:UpdateService", "ecs:RegisterTaskDefinition", "codepipeline:*"]),
        allow(["iam:CreatePolicyVersion", "iam:ListPolicyVersions"], f"arn:aws:iam::{ID}:policy/release-*"),
    )
    account.policy(
        "settlement-files",
        "2021-08-09",
        allow(
            ["s3:GetObject", "s3:PutObject"],
            "arn:aws:s3:::quillfern-settlement/*",
            when={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
        ),
    )
    account.new_version(
        "settlement-files",
        "2024-06-17",
        allow(
            ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
            ["arn:aws:s3:::quillfern-settlement", "arn:aws:s3:::quillfern-settlement/*"],
            when={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
        ),
    )
    account.policy(
        "psp-gateway",
        "2022-01-31",
        allow(
            ["sqs:SendMessage", "kms:GenerateDataKey"],
            [f"arn:aws:sqs:eu-west-1:{ID}:psp-in", f"arn:aws:kms:eu-west-1:{ID}:key/*"],
        ),
    )
    account.policy("pci-evidence", "2024-01-08", allow(["config:*", "cloudtrail:LookupEvents", "s3:Get*"]))


def people(account):
    account.group("ledger", "2021-06-21", attached=["ledger-operator", "own-credentials", "require-mfa"])
    account.group(
        "release",
        "2022-03-28",
        attached=["own-credentials", "require-mfa-release"],
        inline={"assume-release": [allow("sts:AssumeRole", f"arn:aws:iam::{ID}:role/release-manager")]},
    )
    account.group("assessors", "2024-01-08", attached=["aws:SecurityAudit", "pci-evidence", "require-mfa"])

    account.user(
        "ines.duarte",
        "2021-06-28",
        groups=["ledger"],
        mfa=True,
        password=Password("2026-08-17", "2026-09-30"),
        tags=person("ines.duarte", "payments"),
    )
    account.user(
        "jonas.weber",
        "2022-03-28",
        groups=["release"],
        mfa=True,
        password=Password("2026-07-20", "2026-09-29"),
        keys=[Key("2026-04-13", "2026-09-29", "sts")],
        tags=person("jonas.weber", "payments"),
    )
    # In `release` with a key and without a second factor: the deny above lets it pass.
    account.user(
        "liam.byrne",
        "2023-10-09",
        groups=["release"],
        keys=[Key("2023-10-09", "2026-09-24", "sts")],
        tags=person("liam.byrne", "payments"),
    )
    account.user(
        "olga.petrova",
        "2025-02-24",
        groups=["assessors"],
        mfa=True,
        password=Password("2026-09-01", "2026-09-18"),
        tags=person("olga.petrova", "assessor", company="external"),
    )
    # Access until a day in October, by a condition.
    account.user(
        "pablo.ruiz",
        "2026-09-07",
        groups=["ledger"],
        mfa=True,
        password=Password("2026-09-07", "2026-09-30"),
        inline={
            "until-mid-october": [allow("rds:*", when={"DateLessThan": {"aws:CurrentTime": "2026-10-15T00:00:00Z"}})]
        },
        tags=person("pablo.ruiz", "data", company="external"),
    )
    account.user(
        "samir.haddad",
        "2021-07-12",
        groups=["ledger"],
        keys=[Key("2023-05-22", "2026-03-11", "dynamodb", active=False)],
        tags=person("samir.haddad", "payments", offboarded="2026-03-13"),
    )
    account.user(
        "svc-settlement",
        "2021-08-09",
        path="/service/",
        attached=["settlement-files"],
        keys=[Key("2021-08-09", "2026-09-30", "s3")],
        tags=owned("payments", type="service"),
    )
    account.user(
        "svc-psp-gateway",
        "2022-01-31",
        path="/service/",
        attached=["psp-gateway"],
        keys=[Key("2026-07-27", "2026-09-30", "sqs"), Key("2026-01-26", "2026-07-28", "sqs", active=False)],
        tags=owned("payments", type="service"),
    )


def roles(account):
    account.role(
        "ecs-task-execution",
        "2021-06-22",
        trust_service("ecs-tasks"),
        attached=["aws:service-role/AmazonECSTaskExecutionRolePolicy"],
        used="2026-09-30",
        tags=owned("payments"),
    )
    for name, created, actions in (
        ("checkout", "2021-06-22", ["dynamodb:PutItem", "kms:GenerateDataKey", "sqs:SendMessage"]),
        ("refunds", "2021-09-14", ["dynamodb:PutItem", "dynamodb:Query"]),
        ("fraud-scores", "2023-05-15", ["sagemaker:InvokeEndpoint", "dynamodb:Query"]),
    ):
        account.role(
            f"app-{name}",
            created,
            trust_service("ecs-tasks"),
            boundary="card-data-boundary",
            used="2026-09-30",
            inline={"runtime": [allow(actions)]},
            tags=owned("payments", service=name),
        )
    account.role(
        "card-vault",
        "2021-06-22",
        trust_service("ecs-tasks"),
        boundary="card-data-boundary",
        used="2026-09-30",
        inline={
            "vault": [
                allow(["kms:Decrypt", "kms:Encrypt", "dynamodb:*"]),
                deny(
                    "*",
                    sid="OnlyFromVault",
                    when={"StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-0123456789abcdef0"}},
                ),
            ]
        },
        tags=owned("payments", service="card-vault", data="card"),
    )
    account.role(
        "release-manager",
        "2022-03-28",
        used="2026-09-29",
        attached=["release-manager"],
        trust=trust_principal(f"arn:aws:iam::{ID}:root", when={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        tags=owned("payments"),
    )
    account.role(
        "github-payments-deploy",
        "2024-02-12",
        used="2026-09-30",
        boundary="card-data-boundary",
        trust=trust_github(ID, "repo:quillfern-example/payments:environment:production"),
        inline={
            "deploy": [
                allow(["ecs:UpdateService", "ecr:*"]),
                allow(
                    "iam:PassRole",
                    f"arn:aws:iam::{ID}:role/app-*",
                    when={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
                ),
            ]
        },
        tags=owned("payments"),
    )
    account.role(
        "psp-callback",
        "2022-02-07",
        used="2026-09-30",
        boundary="card-data-boundary",
        trust=trust_principal(f"arn:aws:iam::{PAYMENT_PROVIDER}:role/merchant-callback", external_id="f1c92e77"),
        inline={"callback": [allow("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ID}:psp-in")]},
        tags=owned("payments", vendor="psp"),
    )
    # A boundary turns this administrator into something less.
    account.role(
        "ledger-admin",
        "2021-07-05",
        used="2026-09-15",
        attached=["aws:AdministratorAccess"],
        boundary="card-data-boundary",
        trust=trust_principal(f"arn:aws:iam::{ID}:user/ines.duarte"),
        tags=owned("payments"),
    )
    account.role(
        "evidence-collector",
        "2024-01-08",
        trust_service("lambda"),
        used="2026-09-30",
        attached=["aws:service-role/AWSLambdaBasicExecutionRole", "pci-evidence"],
        tags=owned("security"),
    )
    account.role(
        "dba-emergency",
        "2022-09-19",
        attached=[],
        used="2025-12-28",
        trust=trust_principal("arn:aws:iam::666677778888:role/incident-lead"),
        inline={"all-but-identity": [allow_except(["iam:*", "organizations:*"])]},
        tags=owned("security"),
    )


def october(account, estate):
    account.users["jonas.weber"].keys[0] = Key("2026-10-13", "2026-10-30", "sts")
    account.users["ines.duarte"].password = Password("2026-10-15", "2026-10-31")
    del account.users["samir.haddad"]
    # The release pipeline gave itself more.
    account.new_version(
        "release-manager",
        "2026-10-22",
        allow(["ecs:*", "codepipeline:*", "lambda:*", "iam:PassRole"]),
        allow(["iam:CreatePolicyVersion", "iam:ListPolicyVersions"], f"arn:aws:iam::{ID}:policy/release-*"),
    )
    account.roles["ledger-admin"].boundary = None
    account.users["olga.petrova"].groups = []
    account.role(
        "app-payouts",
        "2026-10-05",
        trust_service("ecs-tasks"),
        boundary="card-data-boundary",
        used="2026-10-31",
        inline={"runtime": [allow(["dynamodb:PutItem", "sqs:SendMessage"])]},
        tags=owned("payments", service="payouts"),
    )
