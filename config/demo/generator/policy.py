"""Policy statements and trust policies, written the way they are thought of."""

ORGANIZATION_ID = "o-q7exampl3x"
MANAGEMENT_ACCOUNT = "888899990000"
SECURITY_ACCOUNT = "666677778888"


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action, resource="*", sid=None, when=None):
    return _statement("Allow", {"Action": action, "Resource": resource}, sid, when)


def allow_except(not_action, resource="*", sid=None, when=None):
    return _statement("Allow", {"NotAction": not_action, "Resource": resource}, sid, when)


def deny(action, resource="*", sid=None, when=None):
    return _statement("Deny", {"Action": action, "Resource": resource}, sid, when)


def deny_except(not_action, resource="*", sid=None, when=None):
    return _statement("Deny", {"NotAction": not_action, "Resource": resource}, sid, when)


def deny_elsewhere(action, not_resource, sid=None, when=None):
    return _statement("Deny", {"Action": action, "NotResource": not_resource}, sid, when)


def trust_service(*services):
    names = [f"{service}.amazonaws.com" for service in services]
    return document(_trust({"Service": names[0] if len(names) == 1 else names}, "sts:AssumeRole"))


def trust_principal(*arns, external_id=None, when=None):
    condition = dict(when or {})
    if external_id:
        condition.setdefault("StringEquals", {})["sts:ExternalId"] = external_id
    principal = arns[0] if len(arns) == 1 else list(arns)
    return document(_trust({"AWS": principal}, "sts:AssumeRole", condition))


def trust_saml(provider_arn):
    audience = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
    return document(_trust({"Federated": provider_arn}, ["sts:AssumeRoleWithSAML", "sts:TagSession"], audience))


def trust_github(account, subject, operator="StringEquals"):
    """`subject` None leaves out the condition that says which repository may come in."""
    host = "token.actions.githubusercontent.com"
    condition = {"StringEquals": {f"{host}:aud": "sts.amazonaws.com"}}
    if subject:
        condition.setdefault(operator, {})[f"{host}:sub"] = subject
    provider = f"arn:aws:iam::{account}:oidc-provider/{host}"
    return document(_trust({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", condition))


def root_of(account):
    return f"arn:aws:iam::{account}:root"


def _statement(effect, body, sid, when):
    statement = {"Sid": sid} if sid else {}
    statement |= {"Effect": effect} | body
    if when:
        statement["Condition"] = when
    return statement


def _trust(principal, action, condition=None):
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    if condition:
        statement["Condition"] = condition
    return statement
