"""Fills accounts of a moto server with users, groups, roles and policies.

Usage: seed.py ENDPOINT ACCOUNT...

Every account gets the same: 3 users (one with console password and MFA, one with two access keys, one with nothing),
2 groups, 3 roles (one with a permissions boundary) and 2 customer-managed policies, one of them with two versions.
"""

import json
import sys

import boto3

HUB = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}


def document(action, resource="*"):
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(principal):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def client_in(endpoint, account):
    sts = boto3.client("sts", endpoint_url=endpoint, **HUB)
    issued = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/auditor", RoleSessionName="seed")["Credentials"]
    return boto3.client(
        "iam",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=issued["AccessKeyId"],
        aws_secret_access_key=issued["SecretAccessKey"],
        aws_session_token=issued["SessionToken"],
    )


def fill(iam, account):
    iam.create_account_alias(AccountAlias=f"moto-{account}")
    iam.update_account_password_policy(MinimumPasswordLength=14, RequireSymbols=True)

    boundary = iam.create_policy(PolicyName="boundary", PolicyDocument=document(["s3:*", "ec2:*"]))["Policy"]["Arn"]
    deploy = iam.create_policy(PolicyName="deploy", Path="/team/", PolicyDocument=document("s3:Get*"))["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=deploy, PolicyDocument=document("s3:*", "arn:aws:s3:::a+b/*"), SetAsDefault=True)

    iam.create_group(GroupName="admins")
    iam.attach_group_policy(GroupName="admins", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.create_group(GroupName="readers")
    iam.put_group_policy(GroupName="readers", PolicyName="read", PolicyDocument=document("s3:List*"))

    iam.create_user(UserName="alice", Tags=[{"Key": "owner", "Value": "alice@example.com"}])
    iam.create_login_profile(UserName="alice", Password="Invented-Passw0rd!")
    iam.add_user_to_group(UserName="alice", GroupName="admins")
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="alice")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="alice", SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="234567"
    )
    iam.create_user(UserName="robot", Path="/machines/")
    iam.create_access_key(UserName="robot")
    key = iam.create_access_key(UserName="robot")["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName="robot", AccessKeyId=key, Status="Inactive")
    iam.attach_user_policy(UserName="robot", PolicyArn=deploy)
    iam.create_user(UserName="idle")

    iam.create_role(
        RoleName="auditor", AssumeRolePolicyDocument=trust({"AWS": "arn:aws:iam::123456789012:root"}), MaxSessionDuration=7200
    )
    iam.create_role(
        RoleName="developer",
        AssumeRolePolicyDocument=trust({"AWS": f"arn:aws:iam::{account}:root"}),
        PermissionsBoundary=boundary,
        Description="Developers",
    )
    iam.put_role_policy(RoleName="developer", PolicyName="inline", PolicyDocument=document("lambda:*"))
    iam.create_role(RoleName="machine", AssumeRolePolicyDocument=trust({"Service": "ec2.amazonaws.com"}))
    iam.attach_role_policy(RoleName="machine", PolicyArn=deploy)


def main():
    endpoint, accounts = sys.argv[1], sys.argv[2:]
    for account in accounts:
        fill(client_in(endpoint, account), account)


if __name__ == "__main__":
    main()
