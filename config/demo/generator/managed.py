"""AWS-managed policies that the estate attaches.

Short ones say what AWS's own say. Long ones are cut to a few statements of the same tendency: an export of a real
account would carry some thousand lines of them.
"""

from policy import allow, allow_except, deny, document

# Path and name as in the ARN, date of the default version, its number, document.
POLICIES = {
    "AdministratorAccess": ("2015-02-06", 1, document(allow("*"))),
    "PowerUserAccess": (
        "2024-05-14",
        6,
        document(
            allow_except(["iam:*", "organizations:*", "account:*"]),
            allow(
                [
                    "account:ListRegions",
                    "iam:CreateServiceLinkedRole",
                    "iam:ListRoles",
                    "organizations:DescribeOrganization",
                ]
            ),
        ),
    ),
    "ReadOnlyAccess": (
        "2026-06-18",
        171,
        document(
            allow(
                [
                    "cloudwatch:Describe*",
                    "cloudwatch:Get*",
                    "cloudwatch:List*",
                    "dynamodb:BatchGetItem",
                    "dynamodb:Describe*",
                    "dynamodb:GetItem",
                    "dynamodb:Query",
                    "dynamodb:Scan",
                    "ec2:Describe*",
                    "iam:Get*",
                    "iam:List*",
                    "lambda:Get*",
                    "lambda:List*",
                    "logs:Get*",
                    "s3:Get*",
                    "s3:List*",
                    "sqs:Get*",
                    "sqs:List*",
                ]
            )
        ),
    ),
    "SecurityAudit": (
        "2026-04-09",
        86,
        document(
            allow(
                [
                    "cloudtrail:DescribeTrails",
                    "cloudtrail:GetTrailStatus",
                    "config:Describe*",
                    "ec2:Describe*",
                    "iam:GenerateCredentialReport",
                    "iam:Get*",
                    "iam:List*",
                    "s3:GetBucket*",
                    "s3:ListAllMyBuckets",
                ]
            )
        ),
    ),
    "AWSSupportAccess": ("2015-02-06", 1, document(allow("support:*"))),
    "AWSDenyAll": ("2023-12-14", 2, document(deny("*"))),
    "IAMFullAccess": ("2019-06-21", 2, document(allow(["iam:*", "organizations:DescribeAccount"]))),
    "IAMReadOnlyAccess": (
        "2018-01-25",
        4,
        document(allow(["iam:GenerateCredentialReport", "iam:Get*", "iam:List*", "iam:Simulate*"])),
    ),
    "IAMUserChangePassword": (
        "2016-11-15",
        2,
        document(
            allow("iam:ChangePassword", "arn:aws:iam::*:user/${aws:username}"), allow("iam:GetAccountPasswordPolicy")
        ),
    ),
    "AmazonS3FullAccess": ("2021-09-27", 2, document(allow(["s3:*", "s3-object-lambda:*"]))),
    "AmazonS3ReadOnlyAccess": ("2023-08-10", 3, document(allow(["s3:Get*", "s3:List*", "s3:Describe*"]))),
    "AmazonEC2FullAccess": (
        "2018-11-27",
        5,
        document(allow(["ec2:*", "elasticloadbalancing:*", "cloudwatch:*", "autoscaling:*"])),
    ),
    "AmazonSSMManagedInstanceCore": (
        "2019-05-23",
        2,
        document(
            allow(
                [
                    "ssm:DescribeAssociation",
                    "ssm:GetDocument",
                    "ssm:UpdateInstanceInformation",
                    "ssmmessages:*",
                    "ec2messages:*",
                ]
            )
        ),
    ),
    "AmazonSageMakerFullAccess": (
        "2026-01-22",
        32,
        document(
            allow(["sagemaker:*", "ecr:GetAuthorizationToken", "s3:GetObject", "s3:PutObject"]),
            allow(
                "iam:PassRole",
                "arn:aws:iam::*:role/*AmazonSageMaker*",
                when={"StringEquals": {"iam:PassedToService": ["glue.amazonaws.com", "sagemaker.amazonaws.com"]}},
            ),
        ),
    ),
    "job-function/Billing": (
        "2025-02-11",
        11,
        document(allow(["aws-portal:*Billing", "budgets:*", "ce:*", "cur:*", "invoicing:*", "payments:List*"])),
    ),
    "job-function/ViewOnlyAccess": (
        "2026-02-27",
        25,
        document(allow(["ec2:Describe*", "iam:List*", "lambda:List*", "s3:ListAllMyBuckets", "sqs:List*"])),
    ),
    "service-role/AWSLambdaBasicExecutionRole": (
        "2015-04-09",
        1,
        document(allow(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"])),
    ),
    "service-role/AmazonECSTaskExecutionRolePolicy": (
        "2017-11-16",
        1,
        document(
            allow(
                [
                    "ecr:BatchCheckLayerAvailability",
                    "ecr:BatchGetImage",
                    "ecr:GetAuthorizationToken",
                    "ecr:GetDownloadUrlForLayer",
                    "logs:CreateLogStream",
                    "logs:PutLogEvents",
                ]
            )
        ),
    ),
    "service-role/AWSGlueServiceRole": (
        "2023-03-08",
        5,
        document(allow(["glue:*", "s3:GetBucketLocation", "s3:ListBucket", "cloudwatch:PutMetricData"])),
    ),
    "aws-service-role/AWSSupportServiceRolePolicy": (
        "2026-08-20",
        52,
        document(allow(["ec2:Describe*", "iam:GetRole", "s3:GetBucketLocation"])),
    ),
    "aws-service-role/AWSTrustedAdvisorServiceRolePolicy": (
        "2026-03-05",
        22,
        document(allow(["ec2:DescribeInstances", "s3:ListAllMyBuckets"])),
    ),
    "aws-service-role/AWSOrganizationsServiceTrustPolicy": (
        "2018-11-01",
        2,
        document(
            allow("iam:DeleteRole", "arn:aws:iam::*:role/aws-service-role/organizations.amazonaws.com/*"),
            allow("iam:CreateServiceLinkedRole"),
        ),
    ),
    "aws-service-role/AWSSSOServiceRolePolicy": (
        "2025-09-30",
        19,
        document(
            allow(
                ["iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePolicy", "iam:UpdateRole"],
                ["arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*"],
            ),
            allow(["iam:CreateSAMLProvider", "iam:UpdateSAMLProvider"], ["arn:aws:iam::*:saml-provider/AWSSSO_*"]),
        ),
    ),
    "aws-service-role/AmazonGuardDutyServiceRolePolicy": (
        "2026-05-07",
        12,
        document(allow(["ec2:DescribeInstances", "organizations:ListAccounts", "s3:GetBucketPolicy"])),
    ),
    "aws-service-role/AmazonECSServiceRolePolicy": (
        "2026-02-12",
        16,
        document(allow(["ec2:CreateNetworkInterface", "elasticloadbalancing:RegisterTargets"])),
    ),
}
