"""Data platform: many people, broad storage rights, services that run as whatever role they are passed."""

from common import PASSWORD_POLICY, READ_ONLY, baseline, owned, person
from model import Account, Key, Password
from policy import allow, deny, root_of, trust_principal, trust_saml, trust_service

ID = "333344445555"
DIRECTORY = f"arn:aws:iam::{ID}:saml-provider/QuillfernDirectory"

# Name: groups, password changed, last sign-in, second factor, keys.
PEOPLE = {
    "chidi.eze": (["data-engineers"], "2026-03-16", "2026-09-30", True, [Key("2026-06-22", "2026-09-30", "glue")]),
    "fatima.rahman": (
        ["data-engineers", "ml"],
        "2026-01-12",
        "2026-09-29",
        True,
        [Key("2025-08-18", "2026-09-25", "s3")],
    ),
    "maya.shah": (["ml"], "2025-11-24", "2026-09-30", True, [Key("2026-02-02", "2026-09-30", "sagemaker")]),
    "rosa.conti": (["analysts"], "2026-05-04", "2026-09-30", True, []),
    "uma.iyer": (["analysts"], "2026-05-11", "2026-09-28", True, []),
    "viktor.lind": (["analysts"], "2024-09-30", "2026-02-17", False, []),
    "wen.zhao": (["analysts"], "2026-02-23", "2026-09-23", False, [Key("2024-01-15", "2024-03-08", "athena")]),
    "yara.costa": (["analysts", "data-engineers"], "2026-04-20", "2026-09-30", True, []),
    "zane.miller": (["analysts"], "2026-08-31", None, False, []),
}


def september():
    account = Account(
        ID,
        "data-platform",
        "quillfern-data",
        "2021-01-25",
        root_used="2025-11-07",
        password_policy=PASSWORD_POLICY | {"MinimumPasswordLength": 10, "PasswordReusePrevention": 5},
    )
    baseline(account, "2023-01-16", {"ReadOnly": READ_ONLY})
    account.saml_providers.append("QuillfernDirectory")
    policies(account)
    people(account)
    roles(account)
    return account


def policies(account):
    account.policy("lake-read", "2021-02-01", allow(["athena:*", "glue:Get*", "s3:Get*", "s3:List*"]))
    account.policy(
        "lake-write",
        "2021-02-01",
        allow(["glue:*", "s3:*"], sid="Lake"),
        deny("s3:*", ["arn:aws:s3:::quillfern-lake-hr", "arn:aws:s3:::quillfern-lake-hr/*"], sid="NotPersonnel"),
    )
    # With glue:* from lake-write: a job that runs as any role that Glue may take on.
    account.policy("run-jobs", "2021-02-08", allow(["iam:PassRole", "iam:GetRole", "iam:ListRoles"]))
    account.policy(
        "own-key",
        "2021-02-01",
        allow(
            ["iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:ListAccessKeys", "iam:ChangePassword"],
            f"arn:aws:iam::{ID}:user/${{aws:username}}",
        ),
    )
    account.policy(
        "key-desk",
        "2022-07-18",
        allow(["iam:CreateAccessKey", "iam:ListUsers"]),
        description="Keys for analysts' notebooks",
    )
    account.policy("notebook-limits", "2022-10-10", allow(["sagemaker:*", "s3:*", "logs:*", "ecr:*"]), deny("iam:*"))
    account.policy("tableau-extract", "2022-05-23", allow("s3:GetObject", "arn:aws:s3:::quillfern-lake-marts/*"))
    account.policy("spark-history", "2021-09-06", allow("s3:*", "arn:aws:s3:::quillfern-spark-*"))
    account.new_version(
        "spark-history",
        "2022-02-14",
        allow(["s3:GetObject", "s3:PutObject", "s3:ListBucket"], "arn:aws:s3:::quillfern-spark-*"),
    )
    account.new_version(
        "spark-history", "2023-06-19", allow(["s3:GetObject", "s3:ListBucket"], "arn:aws:s3:::quillfern-spark-*")
    )


def people(account):
    account.group("analysts", "2021-02-01", attached=["lake-read", "own-key"])
    account.group("data-engineers", "2021-02-01", attached=["lake-read", "lake-write", "run-jobs", "own-key"])
    account.group("ml", "2022-10-10", attached=["aws:AmazonSageMakerFullAccess", "lake-read", "own-key"])
    account.group("interns-2024", "2024-05-27", attached=["aws:job-function/ViewOnlyAccess"])

    for name, (groups, changed, used, mfa, keys) in PEOPLE.items():
        account.user(
            name,
            "2023-05-08" if used else changed,
            groups=groups,
            mfa=mfa,
            password=Password(changed, used),
            keys=keys,
            tags=person(name, "data"),
        )
    # Left in August; the password was not taken away.
    account.user(
        "tara.nolan",
        "2021-04-19",
        groups=["data-engineers"],
        password=Password("2024-12-09", "2026-09-27"),
        keys=[Key("2025-01-13", "2026-08-12", "glue")],
        tags=person("tara.nolan", "data", offboarded="2026-08-14"),
    )
    # Can make an access key for anyone, administrators too.
    account.user(
        "help.desk",
        "2022-07-18",
        attached=["key-desk"],
        password=Password("2022-07-18", "2026-09-16"),
        tags=owned("data"),
    )
    account.user(
        "svc-tableau",
        "2022-05-23",
        path="/service/",
        attached=["tableau-extract"],
        keys=[Key("2022-05-23", "2026-09-30", "s3")],
        tags=owned("commercial", type="service"),
    )
    account.user(
        "svc-airbyte",
        "2024-04-08",
        path="/service/",
        attached=["lake-write"],
        keys=[Key("2025-10-27", "2026-09-30", "s3")],
        tags=owned("data", type="service"),
    )
    account.user(
        "svc-notebook-proxy",
        "2022-10-10",
        path="/service/",
        attached=["notebook-limits"],
        password=Password("2022-10-10"),
        keys=[Key("2022-10-10")],
        tags={"type": "service"},
    )


def roles(account):
    account.role(
        "DataScientist",
        "2022-10-10",
        trust_saml(DIRECTORY),
        used="2026-09-30",
        boundary="notebook-limits",
        attached=["aws:AmazonSageMakerFullAccess", "lake-read"],
        tags=owned("data"),
    )
    account.role(
        "DataSteward",
        "2022-11-14",
        trust_saml(DIRECTORY),
        used="2026-09-30",
        attached=["lake-read"],
        inline={"grants": [allow(["lakeformation:*", "glue:PutResourcePolicy"])]},
        tags=owned("data"),
    )
    account.role(
        "DataAdmin",
        "2022-10-10",
        trust_saml(DIRECTORY),
        used="2026-09-29",
        attached=["aws:AdministratorAccess"],
        tags=owned("data"),
    )
    account.role(
        "glue-default",
        "2021-02-08",
        trust_service("glue"),
        used="2026-09-30",
        attached=["aws:service-role/AWSGlueServiceRole", "lake-write"],
        tags=owned("data"),
    )
    # What run-jobs leads to.
    account.role(
        "glue-maintenance",
        "2021-12-06",
        trust_service("glue"),
        used="2026-05-19",
        attached=["aws:AdministratorAccess"],
        tags=owned("data"),
    )
    account.role(
        "etl-runner",
        "2021-02-15",
        trust_service("ecs-tasks"),
        used="2026-09-30",
        attached=["lake-write"],
        inline={"read-production": [allow("sts:AssumeRole", "arn:aws:iam::111122223333:role/reports-reader")]},
        tags=owned("data"),
    )
    account.role(
        "emr-cluster",
        "2021-09-06",
        trust_service("elasticmapreduce"),
        used="2026-09-21",
        attached=["spark-history", "aws:AmazonEC2FullAccess"],
        tags=owned("data"),
    )
    account.role(
        "emr-node",
        "2021-09-06",
        trust_service("ec2"),
        used="2026-09-21",
        attached=["lake-write"],
        instance_profile=True,
        tags=owned("data"),
    )
    account.role(
        "notebook",
        "2022-10-10",
        trust_service("sagemaker"),
        used="2026-09-30",
        boundary="notebook-limits",
        attached=["aws:AmazonSageMakerFullAccess"],
        tags=owned("data"),
    )
    for name, created, used in (
        ("mart-finance", "2022-05-02", "2026-09-30"),
        ("mart-operations", "2022-05-02", "2026-09-30"),
        ("mart-marketing", "2023-01-30", "2025-12-15"),
        ("churn-model", "2023-09-11", None),
        ("delivery-forecast", "2024-10-21", "2026-09-30"),
    ):
        account.role(
            name,
            created,
            trust_service("glue", "lambda"),
            used=used,
            attached=["lake-read"],
            inline={"output": [allow("s3:PutObject", f"arn:aws:s3:::quillfern-lake-marts/{name}/*")]},
            tags=owned("data", product=name),
        )
    account.role(
        "partner-feed",
        "2023-04-17",
        used="2026-09-30",
        trust=trust_principal(root_of("543210987654"), external_id="feed-2023"),
        inline={"read": [allow("s3:GetObject", "arn:aws:s3:::quillfern-lake-shared/*")]},
        tags=owned("data", vendor="partner"),
    )
    account.role(
        "consultancy",
        "2023-09-04",
        used="2025-10-09",
        trust=trust_principal(root_of("543210987654")),
        attached=["aws:PowerUserAccess"],
        tags={"project": "warehouse-review"},
    )


def october(account, estate):
    del account.users["tara.nolan"]
    account.users["viktor.lind"].password = None
    account.users["wen.zhao"].mfa = True
    account.users["wen.zhao"].keys = []
    account.users["zane.miller"].mfa = True
    account.users["zane.miller"].password = Password("2026-10-05", "2026-10-29")
    account.users["zane.miller"].groups = ["analysts", "data-engineers"]
    account.users["svc-tableau"].keys = [
        Key("2026-10-20", "2026-10-31", "s3"),
        Key("2022-05-23", "2026-10-20", "s3", active=False),
    ]
    account.user(
        "theo.papas",
        "2026-10-01",
        groups=["ml"],
        mfa=False,
        password=Password("2026-10-01", "2026-10-28"),
        keys=[Key("2026-10-02", "2026-10-31", "sagemaker")],
        tags=person("theo.papas", "data"),
    )
    del account.groups["interns-2024"]
    del account.roles["consultancy"], account.roles["churn-model"]
    account.new_version(
        "run-jobs",
        "2026-10-14",
        allow(
            "iam:PassRole",
            f"arn:aws:iam::{ID}:role/glue-default",
            when={"StringEquals": {"iam:PassedToService": "glue.amazonaws.com"}},
        ),
    )
    account.new_version(
        "lake-read",
        "2026-10-27",
        allow(["athena:*", "glue:Get*", "s3:Get*", "s3:List*", "lakeformation:GetDataAccess"]),
    )
