"""Makes clusters of EKS in one account of a moto server.

Usage: seed_eks.py ENDPOINT ACCOUNT

Two clusters in eu-west-1 and one in us-east-1. moto knows no access entries.
"""

import sys

import boto3

HUB = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}


def main():
    endpoint, account = sys.argv[1:]
    sts = boto3.client("sts", endpoint_url=endpoint, **HUB)
    issued = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/auditor", RoleSessionName="seed")["Credentials"]
    for region, name in (("eu-west-1", "prod"), ("eu-west-1", "test"), ("us-east-1", "batch")):
        session = boto3.Session(
            issued["AccessKeyId"], issued["SecretAccessKey"], issued["SessionToken"], region_name=region
        )
        session.client("eks", endpoint_url=endpoint).create_cluster(
            name=name,
            roleArn=f"arn:aws:iam::{account}:role/eks",
            resourcesVpcConfig={"subnetIds": [], "endpointPublicAccess": True},
            logging={"clusterLogging": [{"types": ["audit"], "enabled": True}]},
        )


if __name__ == "__main__":
    main()
