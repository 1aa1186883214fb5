"""Production: the parcel platform. Mostly well kept; what is wrong is wrong through groups, wildcards and chains."""

from common import (
    ADMINISTRATOR,
    PASSWORD_POLICY,
    READ_ONLY,
    baseline,
    deny_without_mfa,
    manage_own_credentials,
    owned,
    person,
)
from model import Account, Key, Password
from policy import (
    MANAGEMENT_ACCOUNT,
    allow,
    allow_except,
    deny,
    root_of,
    trust_github,
    trust_principal,
    trust_service,
)

ID = "111122223333"
VENDOR_OBSERVABILITY = "123456789012"
VENDOR_COST = "210987654321"

# Name: team, created, last used, what it does.
APPS = {
    "orders": (
        "parcel-core",
        "2021-03-09",
        "2026-09-30",
        ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "sqs:SendMessage"],
    ),
    "tracking": (
        "parcel-core",
        "2021-03-09",
        "2026-09-30",
        ["dynamodb:Query", "kinesis:GetRecords", "kinesis:PutRecord"],
    ),
    "pricing": ("commercial", "2022-01-17", "2026-09-30", ["dynamodb:GetItem", "s3:GetObject"]),
    "notifications": ("customer", "2022-05-30", "2026-09-30", ["ses:SendEmail", "sns:Publish", "sqs:ReceiveMessage"]),
    "labels": ("parcel-core", "2021-06-22", "2026-09-29", ["s3:GetObject", "s3:PutObject"]),
    "webhooks": ("integrations", "2023-02-14", "2026-09-30", ["sqs:*", "execute-api:Invoke"]),
    # Never used since it was made, and out of use for ten months.
    "customs": ("integrations", "2025-01-20", None, ["s3:*", "secretsmanager:GetSecretValue"]),
    "geocoder": ("parcel-core", "2021-03-11", "2025-11-27", ["dynamodb:*"]),
}


def september():
    account = Account(
        ID, "production", "quillfern-prod", "2020-11-02", root_used="2024-02-19", password_policy=PASSWORD_POLICY
    )
    baseline(
        account,
        "2023-01-16",
        {
            "Administrator": ADMINISTRATOR,
            "ReadOnly": READ_ONLY,
            "OnCall": (
                ["aws:ReadOnlyAccess", "aws:AWSSupportAccess"],
                {
                    "AwsSSOInlinePolicy": [
                        allow(["ecs:UpdateService", "ecs:StopTask", "lambda:UpdateFunctionConfiguration"])
                    ]
                },
                "2026-09-26",
            ),
        },
        ("Support", "TrustedAdvisor", "Organizations", "SSO", "AmazonGuardDuty", "ECS"),
    )
    policies(account)
    people(account)
    machines(account)
    roles(account)
    account.oidc_providers.append("token.actions.githubusercontent.com")
    return account


def policies(account):
    account.policy("deploy-services", "2021-03-08", allow(["ecs:*", "ecr:*"]), description="Container releases")
    account.new_version(
        "deploy-services",
        "2023-09-12",
        allow(["ecs:Describe*", "ecs:List*", "ecs:RegisterTaskDefinition", "ecs:UpdateService", "ecr:*"]),
        allow(
            "iam:PassRole",
            [f"arn:aws:iam::{ID}:role/app-*", f"arn:aws:iam::{ID}:role/ecs-task-execution"],
            when={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
    )
    # Named after a cache, allows everything.
    account.policy("edge-cache-purge", "2022-08-03", allow("*"), description="Purge of the edge cache")
    account.policy("own-credentials", "2021-03-08", manage_own_credentials())
    account.policy("require-mfa", "2021-03-08", deny_without_mfa())
    account.policy(
        "developer-boundary",
        "2023-04-20",
        allow(
            ["cloudwatch:*", "dynamodb:*", "ecs:*", "lambda:*", "logs:*", "s3:*", "sqs:*", "sns:*", "xray:*"],
            sid="MayUse",
        ),
        deny(["iam:*", "organizations:*", "kms:ScheduleKeyDeletion"], sid="NeverMay"),
        description="The most that a role made by a product team can do",
    )
    account.policy(
        "oncall-operator",
        "2023-05-02",
        allow_except(["iam:*", "organizations:*", "kms:*"], sid="AllButIdentity"),
        deny("s3:DeleteBucket*", sid="KeepBuckets"),
    )
    account.policy("metrics-export", "2022-02-21", allow(["cloudwatch:GetMetricData", "cloudwatch:ListMetrics"]))
    account.policy(
        "backup-writer",
        "2021-11-15",
        allow(["s3:PutObject", "s3:ListBucket"], ["arn:aws:s3:::quillfern-backup", "arn:aws:s3:::quillfern-backup/*"]),
    )
    # Attached to nothing, yet one call away from being so.
    account.policy("emergency-2024", "2024-03-15", allow("*"), description="Incident 2024-03, remove afterwards")
    account.policy("old-s3-sync", "2021-01-19", allow(["s3:Get*", "s3:Put*", "s3:List*"]))


def people(account):
    account.group("platform-admins", "2021-03-08", attached=["aws:AdministratorAccess", "own-credentials"])
    account.group("deployers", "2021-03-08", attached=["deploy-services", "own-credentials", "require-mfa"])
    account.group("billing", "2021-03-08", attached=["aws:job-function/Billing", "require-mfa"])
    account.group(
        "support-desk",
        "2022-06-13",
        attached=["aws:AWSSupportAccess", "aws:job-function/ViewOnlyAccess", "require-mfa"],
    )
    account.group(
        "break-glass", "2023-01-16", path="/break-glass/", attached=["aws:AdministratorAccess", "require-mfa"]
    )

    account.user(
        "break-glass-1",
        "2023-01-16",
        path="/break-glass/",
        groups=["break-glass"],
        mfa=True,
        password=Password("2026-01-14", "2026-01-14"),
        tags=owned("security", purpose="emergency"),
    )
    account.user(
        "break-glass-2",
        "2023-01-16",
        path="/break-glass/",
        groups=["break-glass"],
        mfa=True,
        password=Password("2026-01-14"),
        tags=owned("security", purpose="emergency"),
    )
    account.user(
        "ana.lima",
        "2021-03-08",
        groups=["platform-admins"],
        mfa=True,
        password=Password("2026-04-02", "2026-09-29"),
        tags=person("ana.lima", "platform"),
    )
    # Administrator through a group that, unlike the others, does not ask for a second factor.
    account.user(
        "ben.osei",
        "2021-05-17",
        groups=["platform-admins"],
        mfa=False,
        password=Password("2025-06-30", "2026-09-28"),
        tags=person("ben.osei", "platform"),
    )
    account.user(
        "dana.holt",
        "2022-10-03",
        groups=["billing"],
        mfa=True,
        password=Password("2026-05-18", "2026-09-22"),
        tags=person("dana.holt", "finance"),
    )
    account.user(
        "eli.novak",
        "2022-02-07",
        groups=["deployers"],
        mfa=True,
        password=Password("2026-03-03", "2026-09-30"),
        keys=[Key("2026-08-04", "2026-09-30", "ecr")],
        tags=person("eli.novak", "parcel-core"),
    )
    account.user(
        "grace.kim",
        "2023-07-24",
        groups=["deployers"],
        mfa=True,
        password=Password("2026-07-21", "2026-09-25"),
        keys=[Key("2025-10-14", "2026-06-02", "ecs")],
        tags=person("grace.kim", "customer"),
    )
    account.user(
        "hugo.marchand",
        "2021-09-13",
        attached=["oncall-operator"],
        mfa=True,
        password=Password("2026-02-09", "2026-09-30"),
        tags=person("hugo.marchand", "platform"),
    )
    # May write a policy for herself, whatever it says.
    account.user(
        "keiko.tanaka",
        "2023-11-06",
        groups=["support-desk"],
        mfa=True,
        password=Password("2026-06-15", "2026-09-17"),
        inline={"self-service": [allow("iam:PutUserPolicy", f"arn:aws:iam::{ID}:user/${{aws:username}}")]},
        tags=person("keiko.tanaka", "customer"),
    )
    # Left at the end of June; the key has been at work since.
    account.user(
        "quinn.baker",
        "2021-08-30",
        groups=["deployers"],
        keys=[Key("2024-11-19", "2026-09-21", "s3")],
        tags=person("quinn.baker", "parcel-core", offboarded="2026-06-30"),
    )


def machines(account):
    account.user(
        "svc-deploy",
        "2021-03-10",
        path="/service/",
        groups=["deployers"],
        keys=[Key("2023-02-20", "2026-09-30", "ecs")],
        tags=owned("platform", type="service"),
    )
    account.user(
        "svc-metrics-export",
        "2022-02-21",
        path="/service/",
        attached=["metrics-export"],
        keys=[Key("2022-02-21", "2026-09-30", "monitoring"), Key("2024-05-06")],
        tags=owned("platform", type="service"),
    )
    # A program with a password, and no second factor to go with it.
    account.user(
        "svc-backup",
        "2021-11-15",
        path="/service/",
        attached=["backup-writer"],
        password=Password("2021-11-15", "2023-08-10"),
        keys=[Key("2025-12-01", "2026-09-30", "s3")],
        tags={"type": "service"},
    )
    account.user(
        "svc-edge-cache",
        "2022-08-03",
        path="/service/",
        attached=["edge-cache-purge"],
        keys=[Key("2022-08-03", "2026-09-30", "cloudfront", "us-east-1")],
        tags={"type": "service"},
    )


def roles(account):
    account.role(
        "ecs-task-execution",
        "2021-03-09",
        trust_service("ecs-tasks"),
        attached=["aws:service-role/AmazonECSTaskExecutionRolePolicy"],
        used="2026-09-30",
        tags=owned("platform"),
    )
    for name, (team, created, used, actions) in APPS.items():
        account.role(
            f"app-{name}",
            created,
            trust_service("ecs-tasks"),
            used=used,
            boundary="developer-boundary" if created > "2022" else None,
            inline={
                "runtime": [
                    allow(
                        actions,
                        [f"arn:aws:{service}:*:{ID}:{name}*" for service in sorted({a.split(":")[0] for a in actions})],
                    )
                ]
            },
            tags=owned(team, service=name),
        )
    account.role(
        "fn-invoice-pdf",
        "2022-09-05",
        trust_service("lambda"),
        used="2026-09-30",
        attached=["aws:service-role/AWSLambdaBasicExecutionRole", "aws:AmazonS3ReadOnlyAccess"],
        tags=owned("commercial"),
    )
    account.role(
        "fn-image-resize",
        "2021-04-12",
        trust_service("lambda"),
        used="2026-09-30",
        attached=["aws:service-role/AWSLambdaBasicExecutionRole", "aws:AmazonS3FullAccess"],
        tags=owned("customer"),
    )
    # Can make a function that runs as platform-automation, which may do everything.
    account.role(
        "fn-nightly-report",
        "2022-11-28",
        trust_service("lambda"),
        used="2026-09-30",
        attached=["aws:service-role/AWSLambdaBasicExecutionRole"],
        inline={"schedule-reports": [allow(["lambda:CreateFunction", "lambda:InvokeFunction", "iam:PassRole"])]},
        tags=owned("commercial"),
    )
    account.role(
        "platform-automation",
        "2021-10-04",
        trust_service("lambda", "events"),
        used="2026-09-30",
        attached=["aws:AdministratorAccess"],
        tags=owned("platform"),
    )
    account.role(
        "bastion",
        "2021-03-12",
        trust_service("ec2"),
        used="2026-09-19",
        instance_profile=True,
        attached=["aws:AmazonSSMManagedInstanceCore"],
        inline={"jump": [allow("sts:AssumeRole")]},
        tags=owned("platform"),
    )
    account.role(
        "terraform-apply",
        "2021-03-08",
        used="2026-09-29",
        trust=trust_principal("arn:aws:iam::777788889999:role/ci-runner"),
        attached=["aws:AdministratorAccess"],
        tags=owned("platform"),
    )
    account.role(
        "github-orders-deploy",
        "2023-08-21",
        used="2026-09-30",
        attached=["deploy-services"],
        boundary="developer-boundary",
        trust=trust_github(ID, "repo:quillfern-example/orders:ref:refs/heads/main"),
        tags=owned("parcel-core"),
    )
    # Any branch, tag or pull request of any repository of the organisation.
    account.role(
        "github-web-deploy",
        "2023-08-28",
        used="2026-09-29",
        attached=["deploy-services", "aws:AmazonS3FullAccess"],
        trust=trust_github(ID, "repo:quillfern-example/*", "StringLike"),
        tags=owned("customer"),
    )
    account.role(
        "vendor-observability",
        "2022-03-14",
        used="2026-09-30",
        attached=["aws:job-function/ViewOnlyAccess"],
        trust=trust_principal(root_of(VENDOR_OBSERVABILITY), external_id="8d3c1f0a"),
        tags=owned("platform", vendor="observability"),
    )
    account.role(
        "vendor-cost-insight",
        "2022-04-04",
        used="2026-08-31",
        attached=["aws:ReadOnlyAccess"],
        trust=trust_principal(root_of(VENDOR_COST)),
        tags={"vendor": "cost"},
    )
    account.role(
        "reports-reader",
        "2023-03-27",
        used="2026-09-30",
        attached=["aws:AmazonS3ReadOnlyAccess"],
        trust=trust_principal("arn:aws:iam::333344445555:role/etl-runner"),
        tags=owned("data"),
    )
    account.role(
        "incident-response",
        "2023-02-06",
        attached=["aws:SecurityAudit"],
        inline={"contain": [allow(["ec2:CreateSnapshot", "ec2:ModifyInstanceAttribute", "iam:UpdateAccessKey"])]},
        trust=trust_principal(
            "arn:aws:iam::666677778888:role/incident-lead", when={"Bool": {"aws:MultiFactorAuthPresent": "true"}}
        ),
        tags=owned("security"),
    )
    account.role(
        "migration-2022",
        "2022-01-10",
        used="2025-09-02",
        attached=["aws:AmazonEC2FullAccess", "aws:IAMFullAccess"],
        trust=trust_principal(root_of(MANAGEMENT_ACCOUNT)),
        tags={"project": "datacentre-exit"},
    )


def october(account, estate):
    account.users["ben.osei"].mfa = True
    del account.users["quinn.baker"]
    account.users["svc-deploy"].keys.append(Key("2026-10-06", "2026-10-31", "ecs"))
    account.users["svc-backup"].password = None
    account.user(
        "noor.aziz",
        "2026-10-12",
        groups=["deployers", "support-desk"],
        mfa=True,
        password=Password("2026-10-12", "2026-10-30"),
        tags=person("noor.aziz", "customer"),
    )
    # Narrowed; the old version, which allows everything, is still there to go back to.
    account.new_version("edge-cache-purge", "2026-10-08", allow("cloudfront:CreateInvalidation"))
    account.roles["github-web-deploy"].trust = trust_github(ID, "repo:quillfern-example/web:ref:refs/heads/main")
    del account.policies["old-s3-sync"]
    del account.roles["app-geocoder"], account.roles["migration-2022"]
    account.role(
        "app-returns",
        "2026-10-19",
        trust_service("ecs-tasks"),
        boundary="developer-boundary",
        used="2026-10-31",
        inline={"runtime": [allow(["dynamodb:GetItem", "dynamodb:PutItem"], f"arn:aws:dynamodb:*:{ID}:returns*")]},
        tags=owned("customer", service="returns"),
    )
    account.roles["app-webhooks"].attached.append("aws:AmazonS3FullAccess")
    # The trusted role was deleted and made again elsewhere: IAM now shows the old one's unique id, which nobody has.
    account.roles["terraform-apply"].trust = trust_principal(estate["shared_services"].replaced["ci-runner"])
    account.role(
        "terraform-apply-2",
        "2026-10-21",
        used="2026-10-31",
        attached=["aws:AdministratorAccess"],
        trust=trust_principal("arn:aws:iam::777788889999:role/ci-runner"),
        tags=owned("platform"),
    )
