"""Fills one account of a moto server with an organization and IAM Identity Center.

Usage: seed_organization.py ENDPOINT ACCOUNT

The account becomes the management account of an organization of three (two members, one of them closed) with two
organizational units, a service control policy, a resource control policy, a delegated administrator and a security
contact, and gets two permission sets, two users in one group, and assignments. Writes the ids it made as JSON.
"""

import json
import sys

import boto3

HUB = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}


def document(effect, action):
    statement = {"Effect": effect, "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def session_in(endpoint, account):
    sts = boto3.client("sts", endpoint_url=endpoint, **HUB)
    issued = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/auditor", RoleSessionName="seed")["Credentials"]
    session = boto3.Session(
        issued["AccessKeyId"], issued["SecretAccessKey"], issued["SessionToken"], region_name="us-east-1"
    )
    return lambda service: session.client(service, endpoint_url=endpoint)


def organization(client, account):
    made = client.create_organization(FeatureSet="ALL")["Organization"]
    root = client.list_roots()["Roots"][0]["Id"]
    production = client.create_organizational_unit(ParentId=root, Name="Production")["OrganizationalUnit"]["Id"]
    shop = client.create_organizational_unit(ParentId=production, Name="Shop")["OrganizationalUnit"]["Id"]
    members = []
    for name in ("payments", "legacy"):
        status = client.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]
        members.append(status["AccountId"])
    client.move_account(AccountId=members[0], SourceParentId=root, DestinationParentId=shop)
    client.tag_resource(
        ResourceId=members[0],
        Tags=[{"Key": "owner", "Value": "ada@example.com"}, {"Key": "business-unit", "Value": "Shop"}],
    )
    client.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    client.enable_policy_type(RootId=root, PolicyType="RESOURCE_CONTROL_POLICY")
    policies = [
        client.create_policy(Name=name, Description="", Type=kind, Content=content)["Policy"]["PolicySummary"]["Id"]
        for name, kind, content in (
            ("stay", "SERVICE_CONTROL_POLICY", document("Deny", "organizations:LeaveOrganization")),
            ("perimeter", "RESOURCE_CONTROL_POLICY", document("Deny", "s3:*")),
        )
    ]
    client.attach_policy(PolicyId=policies[0], TargetId=production)
    client.register_delegated_administrator(AccountId=members[0], ServicePrincipal="guardduty.amazonaws.com")
    client.close_account(AccountId=members[1])
    return {"organization": made["Id"], "members": members, "policies": policies, "unit": shop}


def identity_center(sso, store, account):
    instance = sso.list_instances()["Instances"][0]
    arn, store_id = instance["InstanceArn"], instance["IdentityStoreId"]
    group = store.create_group(IdentityStoreId=store_id, DisplayName="operators")["GroupId"]
    users = []
    for name in ("ada", "bob"):
        user = store.create_user(
            IdentityStoreId=store_id,
            UserName=name,
            DisplayName=name.title(),
            Name={"GivenName": name, "FamilyName": "Example"},
            Emails=[{"Value": f"{name}@example.com", "Primary": True}],
        )["UserId"]
        store.create_group_membership(IdentityStoreId=store_id, GroupId=group, MemberId={"UserId": user})
        users.append(user)
    sets = [
        sso.create_permission_set(InstanceArn=arn, Name=name, SessionDuration="PT1H")["PermissionSet"]["PermissionSetArn"]
        for name in ("Admin", "Reader")
    ]
    sso.attach_managed_policy_to_permission_set(
        InstanceArn=arn, PermissionSetArn=sets[0], ManagedPolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    sso.put_inline_policy_to_permission_set(
        InstanceArn=arn, PermissionSetArn=sets[1], InlinePolicy=document("Allow", "s3:Get*")
    )
    target = {"InstanceArn": arn, "TargetId": account, "TargetType": "AWS_ACCOUNT"}
    sso.create_account_assignment(PermissionSetArn=sets[0], PrincipalType="GROUP", PrincipalId=group, **target)
    sso.create_account_assignment(PermissionSetArn=sets[1], PrincipalType="USER", PrincipalId=users[0], **target)
    for permission_set in sets:
        sso.provision_permission_set(InstanceArn=arn, PermissionSetArn=permission_set, TargetType="ALL_PROVISIONED_ACCOUNTS")
    return {"group": group, "users": users, "permission_sets": sets}


def main():
    endpoint, account = sys.argv[1:]
    client = session_in(endpoint, account)
    made = organization(client("organizations"), account)
    contact = {"Name": "On Call", "Title": "Team", "PhoneNumber": "+1 555 0100", "EmailAddress": "security@example.com"}
    # moto refuses nothing here; AWS would want the management account's own contacts without its id.
    client("account").put_alternate_contact(AlternateContactType="SECURITY", AccountId=made["members"][0], **contact)
    client("account").put_alternate_contact(AlternateContactType="BILLING", **contact)
    made.update(identity_center(client("sso-admin"), client("identitystore"), account))
    json.dump(made, sys.stdout)


if __name__ == "__main__":
    main()
