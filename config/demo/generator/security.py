"""Security: where the auditor itself runs, and whoever answers incidents."""

from common import ADMINISTRATOR, PASSWORD_POLICY, READ_ONLY, baseline, deny_without_mfa, owned
from model import Account, Key, Password
from policy import ORGANIZATION_ID, allow, deny_elsewhere, trust_principal, trust_service

ID = "666677778888"


def september():
    account = Account(
        ID, "security", "quillfern-security", "2022-12-05", root_used="2022-12-12", password_policy=PASSWORD_POLICY
    )
    baseline(
        account,
        "2023-01-16",
        {
            "Administrator": ADMINISTRATOR,
            "ReadOnly": READ_ONLY,
            "IncidentLead": (
                ["aws:SecurityAudit"],
                {"AwsSSOInlinePolicy": [allow("sts:AssumeRole", f"arn:aws:iam::{ID}:role/incident-lead")]},
                "2026-09-14",
            ),
        },
    )
    account.policy(
        "audit-hub",
        "2023-01-16",
        allow(
            "sts:AssumeRole",
            "arn:aws:iam::*:role/security/auditor",
            sid="AuditRolesOnly",
            when={"StringEquals": {"aws:ResourceOrgID": ORGANIZATION_ID}},
        ),
        deny_elsewhere("sts:AssumeRole", "arn:aws:iam::*:role/security/auditor", sid="NothingElse"),
    )
    account.policy("require-mfa", "2023-01-16", deny_without_mfa())
    account.policy(
        "siem-reader",
        "2023-02-20",
        allow(
            ["s3:GetObject", "s3:ListBucket", "sqs:ReceiveMessage", "sqs:DeleteMessage"],
            [
                "arn:aws:s3:::quillfern-audit-log",
                "arn:aws:s3:::quillfern-audit-log/*",
                f"arn:aws:sqs:eu-west-1:{ID}:audit-log",
            ],
        ),
    )
    account.group(
        "break-glass", "2023-01-16", path="/break-glass/", attached=["aws:AdministratorAccess", "require-mfa"]
    )
    for number in (1, 2):
        account.user(
            f"break-glass-{number}",
            "2023-01-16",
            path="/break-glass/",
            groups=["break-glass"],
            mfa=True,
            password=Password("2026-01-14", "2026-01-14"),
            tags=owned("security", purpose="emergency"),
        )
    account.user(
        "svc-siem",
        "2023-02-20",
        path="/service/",
        attached=["siem-reader"],
        keys=[Key("2026-08-24", "2026-09-30", "sqs")],
        tags=owned("security", type="service"),
    )
    account.role(
        "auditor-hub",
        "2023-01-16",
        trust_service("ec2"),
        path="/security/",
        attached=["audit-hub"],
        used="2026-09-30",
        instance_profile=True,
        tags=owned("security"),
    )
    account.role(
        "incident-lead",
        "2023-02-06",
        attached=["aws:SecurityAudit"],
        used="2026-09-14",
        trust=trust_principal(
            f"arn:aws:iam::{ID}:root",
            when={
                "ArnLike": {
                    "aws:PrincipalArn": f"arn:aws:iam::{ID}:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_IncidentLead_*"
                }
            },
        ),
        inline={
            "into-accounts": [
                allow("sts:AssumeRole", ["arn:aws:iam::*:role/incident-response", "arn:aws:iam::*:role/dba-emergency"])
            ]
        },
        tags=owned("security"),
    )
    account.role(
        "log-archiver",
        "2023-02-20",
        trust_service("lambda"),
        used="2026-09-30",
        attached=["aws:service-role/AWSLambdaBasicExecutionRole"],
        inline={"archive": [allow(["s3:PutObject", "s3:PutObjectRetention"], "arn:aws:s3:::quillfern-audit-log/*")]},
        tags=owned("security"),
    )
    return account


def october(account, estate):
    account.users["break-glass-2"].password = Password("2026-10-07", "2026-10-07")
    account.users["svc-siem"].tags["rotation"] = "quarterly"
