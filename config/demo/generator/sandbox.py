"""Sandbox: everyone may try things, few tidy up. In October somebody does."""

from common import ADMINISTRATOR, PASSWORD_POLICY, baseline, owned, person
from model import Account, Key, Password
from policy import ORGANIZATION_ID, allow, deny, trust_github, trust_principal, trust_service

ID = "444455556666"

# Roles that consoles make when somebody clicks through a wizard: created, last used.
LEFTOVERS = {
    "lambda-hello-world-role-a1b2c3d4": ("2023-03-22", None),
    "lambda-test2-role-x9k2m1qp": ("2023-06-08", None),
    "StepFunctions-MyStateMachine-role-5e0f": ("2023-11-14", None),
    "AmazonEKSAutoNodeRole": ("2024-12-05", "2025-01-17"),
    "codebuild-playground-service-role": ("2024-02-27", "2025-10-30"),
    "bedrock-kb-demo": ("2025-05-13", "2025-09-01"),
    "iot-workshop-thing": ("2023-09-19", None),
    "AppRunnerECRAccessRole": ("2024-07-01", None),
}


def september():
    account = Account(
        ID,
        "sandbox",
        "quillfern-sandbox",
        "2022-02-14",
        root_mfa=False,
        root_used="2022-02-14",
        password_policy=PASSWORD_POLICY,
    )
    baseline(
        account, "2023-01-16", {"Administrator": ADMINISTRATOR, "Builder": (["aws:PowerUserAccess"], {}, "2026-09-30")}
    )
    policies(account)
    people(account)
    roles(account)
    account.oidc_providers.append("token.actions.githubusercontent.com")
    return account


def policies(account):
    account.policy(
        "sandbox-boundary",
        "2022-02-21",
        allow("*"),
        deny(["organizations:*", "account:*", "iam:CreateUser", "iam:DeleteRolePermissionsBoundary"]),
        deny(
            ["iam:PutRolePermissionsBoundary", "iam:CreateRole"],
            sid="RolesKeepTheBoundary",
            when={"StringNotEquals": {"iam:PermissionsBoundary": f"arn:aws:iam::{ID}:policy/sandbox-boundary"}},
        ),
    )
    account.policy(
        "make-roles",
        "2022-02-21",
        allow(
            ["iam:CreateRole", "iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:PassRole"],
            when={"StringEquals": {"iam:PermissionsBoundary": f"arn:aws:iam::{ID}:policy/sandbox-boundary"}},
        ),
    )
    # The same without the condition.
    account.policy(
        "make-roles-quick-fix", "2024-08-29", allow(["iam:CreateRole", "iam:AttachRolePolicy", "iam:PassRole"])
    )
    account.policy("everything-for-now", "2023-02-02", allow("*:*"))
    for name, day in (
        ("test-policy", "2022-03-03"),
        ("test-policy-2", "2022-03-03"),
        ("workshop-iot", "2023-09-19"),
        ("copy-of-admin", "2024-01-23"),
    ):
        account.policy(name, day, allow("*" if name == "copy-of-admin" else ["s3:*", "iot:*"]))


def people(account):
    account.group("builders", "2022-02-21", attached=["aws:PowerUserAccess", "make-roles"])
    account.group("workshop-2023", "2023-09-18", attached=["aws:PowerUserAccess", "aws:IAMFullAccess"])
    account.group("empty-group", "2022-03-03")

    for name, mfa, used in (
        ("chidi.eze", True, "2026-09-12"),
        ("eli.novak", True, "2026-08-20"),
        ("grace.kim", False, "2026-09-19"),
        ("maya.shah", True, "2026-09-26"),
    ):
        account.user(
            name,
            "2022-02-28",
            groups=["builders"],
            boundary="sandbox-boundary",
            mfa=mfa,
            password=Password("2026-03-09", used),
            tags=person(name, "engineering"),
        )
    # One of five workshop seats is in use; all of them could make themselves administrators.
    for seat in range(1, 6):
        account.user(
            f"workshop-seat-{seat}",
            "2023-09-18",
            groups=["workshop-2023"],
            password=Password("2023-09-18", "2026-07-03" if seat == 3 else "2023-09-19" if seat < 5 else None),
        )
    account.user(
        "contractor.k",
        "2024-08-26",
        attached=["make-roles-quick-fix"],
        boundary="sandbox-boundary",
        keys=[Key("2024-08-26", "2025-02-04", "iam", "us-east-1")],
        tags=person("contractor.k", "engineering", company="external"),
    )
    account.user(
        "hackathon",
        "2023-02-02",
        attached=["everything-for-now"],
        password=Password("2023-02-02", "2024-02-09"),
        keys=[Key("2023-02-02", "2026-09-11", "ec2", "us-east-2"), Key("2023-02-03")],
    )
    account.user("forgotten", "2022-03-03")
    account.user(
        "svc-ci-experiments",
        "2023-04-11",
        path="/service/",
        groups=["builders"],
        keys=[Key("2024-09-02", "2026-09-05", "lambda")],
        tags={"type": "service"},
    )


def roles(account):
    for name, (created, used) in LEFTOVERS.items():
        service = name.split("-")[0].lower()
        service = {
            "stepfunctions": "states",
            "amazoneksautonoderole": "ec2",
            "apprunnerecraccessrole": "build.apprunner",
        }.get(service, service)
        account.role(
            name,
            created,
            trust_service(service),
            used=used,
            region="us-east-1",
            attached=["aws:service-role/AWSLambdaBasicExecutionRole"]
            if service == "lambda"
            else ["aws:AmazonS3FullAccess"],
        )
    # No condition on the repository: any workflow on GitHub may come in.
    account.role(
        "github-experiments",
        "2023-04-11",
        used="2026-09-30",
        trust=trust_github(ID, None),
        attached=["aws:PowerUserAccess"],
        tags=owned("engineering"),
    )
    # Anyone with an AWS account.
    account.role(
        "hackathon-demo",
        "2023-02-02",
        used="2024-11-30",
        trust=trust_principal("*"),
        attached=["aws:AmazonS3FullAccess"],
    )
    # Anyone in the organisation.
    account.role(
        "shared-experiment",
        "2024-04-16",
        used="2026-09-09",
        attached=["aws:AmazonS3ReadOnlyAccess"],
        trust=trust_principal("*", when={"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION_ID}}),
        tags=owned("engineering"),
    )
    # Trusts a user who was deleted: IAM shows the unique id.
    account.role(
        "intern-project",
        "2024-06-10",
        trust=trust_principal("AIDAQ7EXAMPLEINTERN24"),
        attached=["aws:AmazonEC2FullAccess"],
    )
    account.role(
        "build-agent",
        "2023-04-11",
        trust_service("ec2"),
        used="2026-09-30",
        attached=["aws:AdministratorAccess"],
        boundary="sandbox-boundary",
        instance_profile=True,
        tags=owned("engineering"),
    )
    account.role(
        "chain-a",
        "2024-03-05",
        trust_principal(f"arn:aws:iam::{ID}:user/svc-ci-experiments"),
        used="2026-06-30",
        inline={"next": [allow("sts:AssumeRole", f"arn:aws:iam::{ID}:role/chain-b")]},
    )
    account.role(
        "chain-b",
        "2024-03-05",
        trust_principal(f"arn:aws:iam::{ID}:role/chain-a"),
        used="2026-06-30",
        inline={"next": [allow("sts:AssumeRole", f"arn:aws:iam::{ID}:role/chain-c")]},
    )
    account.role(
        "chain-c",
        "2024-03-05",
        trust_principal(f"arn:aws:iam::{ID}:role/chain-b"),
        used="2026-06-30",
        attached=["everything-for-now"],
    )


def october(account, estate):
    account.root_mfa = True
    for seat in range(1, 6):
        del account.users[f"workshop-seat-{seat}"]
    del account.groups["workshop-2023"], account.groups["empty-group"], account.users["forgotten"]
    for name in LEFTOVERS:
        if name != "codebuild-playground-service-role":
            del account.roles[name]
    for name in ("test-policy", "test-policy-2", "workshop-iot"):
        del account.policies[name]
    account.roles["github-experiments"].trust = trust_github(ID, "repo:quillfern-example/experiments:*", "StringLike")
    del account.roles["hackathon-demo"], account.roles["intern-project"]
    account.users["hackathon"].keys[0].active = False
    account.users["hackathon"].keys[1].active = False
    account.users["grace.kim"].mfa = True
    account.user(
        "theo.papas",
        "2026-10-01",
        groups=["builders"],
        boundary="sandbox-boundary",
        mfa=True,
        password=Password("2026-10-01", "2026-10-30"),
        tags=person("theo.papas", "engineering"),
    )
    account.role(
        "agent-playground", "2026-10-16", trust_service("bedrock"), used="2026-10-31", attached=["aws:PowerUserAccess"]
    )
