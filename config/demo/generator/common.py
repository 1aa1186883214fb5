"""What every account of the organisation has: the audit role, service-linked roles, Identity Center."""

from model import digest
from policy import (
    MANAGEMENT_ACCOUNT,
    ORGANIZATION_ID,
    SECURITY_ACCOUNT,
    allow,
    deny_except,
    root_of,
    trust_principal,
    trust_saml,
    trust_service,
)

PASSWORD_POLICY = {
    "MinimumPasswordLength": 16,
    "RequireSymbols": True,
    "RequireNumbers": True,
    "RequireUppercaseCharacters": True,
    "RequireLowercaseCharacters": True,
    "AllowUsersToChangePassword": True,
    "ExpirePasswords": False,
    "PasswordReusePrevention": 24,
}

SERVICE_LINKED = {
    "Support": ("support", "AWSSupportServiceRolePolicy"),
    "TrustedAdvisor": ("trustedadvisor", "AWSTrustedAdvisorServiceRolePolicy"),
    "Organizations": ("organizations", "AWSOrganizationsServiceTrustPolicy"),
    "SSO": ("sso", "AWSSSOServiceRolePolicy"),
    "AmazonGuardDuty": ("guardduty", "AmazonGuardDutyServiceRolePolicy"),
    "ECS": ("ecs", "AmazonECSServiceRolePolicy"),
}


def person(name, team, **more):
    return {"owner": f"{name}@example.com", "team": team} | more


def owned(team, **more):
    return {"owner": f"{team}@example.com", "team": team} | more


def baseline(
    account,
    joined,
    permission_sets,
    service_linked=("Support", "TrustedAdvisor", "Organizations", "SSO", "AmazonGuardDuty"),
):
    """`permission_sets` maps a name to (attached policies, inline policies, last used)."""
    account.role(
        "auditor",
        joined,
        trust_principal(
            f"arn:aws:iam::{SECURITY_ACCOUNT}:role/security/auditor-hub",
            external_id="set-per-account",
            when={
                "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION_ID},
                "StringLike": {"sts:RoleSessionName": "auditor-*"},
            },
        ),
        path="/security/",
        attached=["aws:SecurityAudit"],
        used="2026-09-30",
        region="us-east-1",
        tags=owned("security"),
    )
    account.role(
        "OrganizationAccountAccessRole",
        joined,
        trust_principal(root_of(MANAGEMENT_ACCOUNT)),
        attached=["aws:AdministratorAccess"],
        used="2026-02-11",
        region="us-east-1",
    )
    for name in service_linked:
        service, policy = SERVICE_LINKED[name]
        account.role(
            f"AWSServiceRoleFor{name}",
            joined,
            trust_service(service),
            path=f"/aws-service-role/{service}.amazonaws.com/",
            attached=[f"aws:aws-service-role/{policy}"],
            used=None if name == "Organizations" else "2026-09-29",
            region="us-east-1",
        )
    if permission_sets:
        provider = f"AWSSSO_{digest('sso', account.id).hex()[:16]}_DO_NOT_DELETE"
        account.saml_providers.append(provider)
        for name, (attached, inline, used) in permission_sets.items():
            suffix = digest("permission-set", account.id, name).hex()[:16]
            account.role(
                f"AWSReservedSSO_{name}_{suffix}",
                joined,
                trust_saml(f"arn:aws:iam::{account.id}:saml-provider/{provider}"),
                path="/aws-reserved/sso.amazonaws.com/eu-west-1/",
                attached=attached,
                inline=inline,
                used=used,
            )


ADMINISTRATOR = (["aws:AdministratorAccess"], {}, "2026-09-28")
READ_ONLY = (["aws:ReadOnlyAccess"], {}, "2026-09-30")

# Everything but these is denied to someone who has not shown a second factor. The right operator is BoolIfExists:
# with Bool, requests by access key carry no such key and pass.
SELF_SERVICE = [
    "iam:CreateVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:GetUser",
    "iam:ListMFADevices",
    "sts:GetSessionToken",
]


def deny_without_mfa(operator="BoolIfExists"):
    return deny_except(SELF_SERVICE, sid="DenyAllWithoutMfa", when={operator: {"aws:MultiFactorAuthPresent": "false"}})


def manage_own_credentials():
    return allow(
        [
            "iam:ChangePassword",
            "iam:CreateVirtualMFADevice",
            "iam:EnableMFADevice",
            "iam:ListMFADevices",
            "iam:ResyncMFADevice",
        ],
        ["arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:mfa/*"],
        sid="OwnCredentials",
    )
