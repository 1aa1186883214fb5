"""One AWS account as it is thought of, and its rendering as the files that the AWS CLI exports.

Everything that AWS counts or derives (attachment counts, the account summary, ARNs, unique ids) is derived here too,
so the files of an account agree with each other.
"""

import base64
import csv
import hashlib
import io
import json
from dataclasses import dataclass, field
from datetime import date, timedelta

import managed
from policy import document

REPORT_COLUMNS = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,"
    "mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,"
    "access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,"
    "access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
).split(",")


def digest(*parts):
    return hashlib.sha256("\0".join(map(str, parts)).encode()).digest()


def unique_id(prefix, *parts):
    """The shape of IAM's unique ids: a four-letter prefix and 17 characters of base 32."""
    return prefix + base64.b32encode(digest(prefix, *parts)).decode()[:17]


def stamp(day, *salt):
    """A day as a time in office hours, always the same one for the same salt."""
    noise = digest(day, *salt)
    return f"{day}T{7 + noise[0] % 11:02}:{noise[1] % 60:02}:{noise[2] % 60:02}+00:00"


@dataclass
class Key:
    rotated: str
    used: str | None = None
    service: str = "s3"
    region: str = "eu-west-1"
    active: bool = True


@dataclass
class Password:
    changed: str
    used: str | None = None


@dataclass
class Policy:
    name: str
    created: str
    # (day, statements) for v1, v2 …; the last is the default unless `default` says otherwise.
    versions: list
    default: int | None = None
    path: str = "/"
    description: str | None = None


@dataclass
class Group:
    name: str
    created: str
    attached: list = field(default_factory=list)
    inline: dict = field(default_factory=dict)
    path: str = "/"


@dataclass
class User:
    name: str
    created: str
    groups: list = field(default_factory=list)
    attached: list = field(default_factory=list)
    inline: dict = field(default_factory=dict)
    boundary: str | None = None
    password: Password | None = None
    mfa: bool = False
    keys: list = field(default_factory=list)
    tags: dict = field(default_factory=dict)
    path: str = "/"


@dataclass
class Role:
    name: str
    created: str
    trust: dict
    attached: list = field(default_factory=list)
    inline: dict = field(default_factory=dict)
    boundary: str | None = None
    used: str | None = None
    region: str = "eu-west-1"
    tags: dict = field(default_factory=dict)
    path: str = "/"
    instance_profile: bool = False
    # Told apart by `created` and this: a role that is deleted and made again keeps its ARN, not its unique id.
    incarnation: int = 1


class Account:
    def __init__(self, id, name, alias, created, root_mfa=True, root_used=None, root_keys=(), password_policy=None):
        self.id, self.name, self.alias, self.created = id, name, alias, created
        self.root_mfa, self.root_used, self.root_keys = root_mfa, root_used, list(root_keys)
        self.password_policy = password_policy
        self.users, self.groups, self.roles, self.policies = {}, {}, {}, {}
        self.saml_providers, self.oidc_providers = [], []
        self.october = False

    # -- building --------------------------------------------------------------------------------------------------

    def user(self, name, created, **facts):
        self.users[name] = User(name, created, **facts)

    def group(self, name, created, **facts):
        self.groups[name] = Group(name, created, **facts)

    def role(self, name, created, trust, **facts):
        self.roles[name] = Role(name, created, trust, **facts)

    def policy(self, name, created, *statements, **facts):
        self.policies[name] = Policy(name, created, [(created, statements)], **facts)

    def new_version(self, policy, day, *statements):
        self.policies[policy].versions.append((day, statements))

    def arn(self, sort, name, path="/"):
        return f"arn:aws:iam::{self.id}:{sort}{path}{name}"

    def role_id(self, name):
        role = self.roles[name]
        return unique_id("AROA", self.id, role.path, name, role.incarnation)

    # -- rendering -------------------------------------------------------------------------------------------------

    def files(self):
        files = {
            "authorization-details.json": to_json(self.authorization_details()),
            "credential-report.csv": self.credential_report(),
            "account-summary.json": to_json({"SummaryMap": self.summary()}),
            "account-aliases.json": to_json({"AccountAliases": [self.alias] if self.alias else []}),
        }
        if self.password_policy:
            files["account-password-policy.json"] = to_json({"PasswordPolicy": self.password_policy})
        return files

    def authorization_details(self):
        users = [self._user(user) for user in by_name(self.users)]
        groups = [self._group(group) for group in by_name(self.groups)]
        roles = [self._role(role) for role in by_name(self.roles)]
        policies = [self._policy(policy) for policy in by_name(self.policies)]
        policies += [self._managed(name) for name in sorted(self._attached_managed())]
        return {"UserDetailList": users, "GroupDetailList": groups, "RoleDetailList": roles, "Policies": policies}

    def credential_report(self):
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(REPORT_COLUMNS)
        root = [
            "<root_account>",
            f"arn:aws:iam::{self.id}:root",
            stamp(self.created, self.id),
            "not_supported",
            self._day(self.root_used, "root") or "no_information",
            "not_supported",
            "not_supported",
        ]
        writer.writerow(root + self._report_tail(self.root_mfa, self.root_keys, "root", self.created))
        for user in by_name(self.users):
            row = [user.name, self.arn("user", user.name, user.path), stamp(user.created, self.id, user.name)]
            row += self._report_password(user)
            writer.writerow(row + self._report_tail(user.mfa, user.keys, user.name, user.created))
        return text.getvalue()

    def summary(self):
        users = self.users.values()
        mfa = sum(user.mfa for user in users) + self.root_mfa
        return {
            "GroupPolicySizeQuota": 5120,
            "InstanceProfilesQuota": 1000,
            "Policies": len(self.policies),
            "GroupsPerUserQuota": 10,
            "InstanceProfiles": sum(role.instance_profile for role in self.roles.values()),
            "AttachedPoliciesPerUserQuota": 10,
            "Users": len(self.users),
            "PoliciesQuota": 1500,
            "Providers": len(self.saml_providers) + len(self.oidc_providers),
            "AccountMFAEnabled": int(self.root_mfa),
            "AccessKeysPerUserQuota": 2,
            "AssumeRolePolicySizeQuota": 2048,
            "PolicyVersionsInUseQuota": 10000,
            "GlobalEndpointTokenVersion": 1,
            "VersionsPerPolicyQuota": 5,
            "AttachedPoliciesPerGroupQuota": 10,
            "PolicySizeQuota": 6144,
            "Groups": len(self.groups),
            "AccountSigningCertificatesPresent": 0,
            "UsersQuota": 5000,
            "ServerCertificatesQuota": 20,
            "MFADevices": mfa,
            "UserPolicySizeQuota": 2048,
            "PolicyVersionsInUse": sum(len(policy.versions) for policy in self.policies.values()),
            "ServerCertificates": 0,
            "Roles": len(self.roles),
            "RolesQuota": 1000,
            "SigningCertificatesPerUserQuota": 2,
            "MFADevicesInUse": mfa,
            "RolePolicySizeQuota": 10240,
            "AttachedPoliciesPerRoleQuota": 10,
            "AccountAccessKeysPresent": int(any(key.active for key in self.root_keys)),
            "AccountPasswordPresent": 1,
            "GroupsQuota": 300,
        }

    def _user(self, user):
        out = {
            "Path": user.path,
            "UserName": user.name,
            "UserId": unique_id("AIDA", self.id, user.path, user.name),
            "Arn": self.arn("user", user.name, user.path),
            "CreateDate": stamp(user.created, self.id, user.name),
        }
        if user.inline:
            out["UserPolicyList"] = inline(user.inline)
        for group in user.groups:
            assert group in self.groups, f"{self.name}: {user.name} is in no known group {group}"
        out |= {"GroupList": sorted(user.groups), "AttachedManagedPolicies": self._attached(user.attached)}
        return out | self._boundary(user.boundary) | {"Tags": tags(user.tags)}

    def _group(self, group):
        return {
            "Path": group.path,
            "GroupName": group.name,
            "GroupId": unique_id("AGPA", self.id, group.path, group.name),
            "Arn": self.arn("group", group.name, group.path),
            "CreateDate": stamp(group.created, self.id, group.name),
            "GroupPolicyList": inline(group.inline),
            "AttachedManagedPolicies": self._attached(group.attached),
        }

    def _role(self, role):
        out = {
            "Path": role.path,
            "RoleName": role.name,
            "RoleId": self.role_id(role.name),
            "Arn": self.arn("role", role.name, role.path),
            "CreateDate": stamp(role.created, self.id, role.name),
            "AssumeRolePolicyDocument": role.trust,
        }
        profiles = []
        if role.instance_profile:
            profiles.append(
                {
                    "Path": role.path,
                    "InstanceProfileName": role.name,
                    "InstanceProfileId": unique_id("AIPA", self.id, role.path, role.name),
                    "Arn": self.arn("instance-profile", role.name, role.path),
                    "CreateDate": stamp(role.created, self.id, role.name),
                    "Roles": [dict(out)],
                }
            )
        used = self._day(role.used, role.name)
        out |= {"InstanceProfileList": profiles, "RolePolicyList": inline(role.inline)}
        out |= {"AttachedManagedPolicies": self._attached(role.attached)} | self._boundary(role.boundary)
        last_used = {"LastUsedDate": used, "Region": role.region} if used else {}
        return out | {"Tags": tags(role.tags), "RoleLastUsed": last_used}

    def _policy(self, policy):
        default = policy.default or len(policy.versions)
        versions = [
            version(number, day, document(*statements), number == default, self.id, policy.name)
            for number, (day, statements) in enumerate(policy.versions, 1)
        ]
        out = {
            "PolicyName": policy.name,
            "PolicyId": unique_id("ANPA", self.id, policy.path, policy.name),
            "Arn": self.arn("policy", policy.name, policy.path),
            "Path": policy.path,
            "DefaultVersionId": f"v{default}",
            "AttachmentCount": sum(policy.name in holder.attached for holder in self._holders()),
            "PermissionsBoundaryUsageCount": sum(getattr(h, "boundary", None) == policy.name for h in self._holders()),
            "IsAttachable": True,
        }
        if policy.description:
            out["Description"] = policy.description
        out["CreateDate"] = stamp(policy.created, self.id, policy.name)
        out["UpdateDate"] = versions[-1]["CreateDate"]
        return out | {"PolicyVersionList": versions[::-1]}

    def _managed(self, name):
        day, number, body = managed.POLICIES[name]
        path, _, short = name.rpartition("/")
        created = stamp(min(day, "2015-02-06"), name)
        return {
            "PolicyName": short,
            "PolicyId": unique_id("ANPA", "aws", name),
            "Arn": f"arn:aws:iam::aws:policy/{name}",
            "Path": f"/{path}/" if path else "/",
            "DefaultVersionId": f"v{number}",
            "AttachmentCount": sum(f"aws:{name}" in holder.attached for holder in self._holders()),
            "PermissionsBoundaryUsageCount": 0,
            "IsAttachable": True,
            "CreateDate": created,
            "UpdateDate": stamp(day, name) if number > 1 else created,
            "PolicyVersionList": [
                version(number, day if number > 1 else created[:10], body, True, name)
                | ({} if number > 1 else {"CreateDate": created})
            ],
        }

    def _holders(self):
        return [*self.users.values(), *self.groups.values(), *self.roles.values()]

    def _attached_managed(self):
        return {name[4:] for holder in self._holders() for name in holder.attached if name.startswith("aws:")}

    def _attached(self, names):
        out = []
        for name in sorted(names, key=lambda name: name.rpartition("/")[2].removeprefix("aws:")):
            if name.startswith("aws:"):
                out.append((name[4:].rpartition("/")[2], f"arn:aws:iam::aws:policy/{name[4:]}"))
            else:
                out.append((name, self.arn("policy", name, self.policies[name].path)))
        return [{"PolicyName": name, "PolicyArn": arn} for name, arn in out]

    def _boundary(self, name):
        if not name:
            return {}
        arn = self.arn("policy", name, self.policies[name].path)
        return {"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}}

    def _day(self, day, *salt):
        """What was in use in the second half of September is in use a month later too."""
        if day and self.october and "2026-09-15" <= day <= "2026-09-30":
            day = str(date.fromisoformat(day) + timedelta(days=31))
        return stamp(day, self.id, *salt) if day else None

    def _report_password(self, user):
        if not user.password:
            return ["false", "N/A", "N/A", "N/A"]
        changed = stamp(user.password.changed, self.id, user.name)
        age = (self.password_policy or {}).get("MaxPasswordAge")
        due = (
            stamp(str(date.fromisoformat(user.password.changed) + timedelta(days=age)), self.id, user.name)
            if age
            else "N/A"
        )
        return ["true", self._day(user.password.used, user.name) or "no_information", changed, due]

    def _report_tail(self, mfa, keys, name, created):
        row = [str(mfa).lower()]
        for slot in range(2):
            key = keys[slot] if slot < len(keys) else None
            used = self._day(key.used, name, slot) if key else None
            # A key from the day its user was made was made along with it.
            salt = [name] if key and key.rotated == created else [name, slot]
            row += [str(bool(key and key.active)).lower(), stamp(key.rotated, self.id, *salt) if key else "N/A"]
            row += [used, key.region, key.service] if used else ["N/A"] * 3
        return row + ["false", "N/A", "false", "N/A"]


def version(number, day, body, default, *salt):
    return {"Document": body, "VersionId": f"v{number}", "IsDefaultVersion": default, "CreateDate": stamp(day, *salt)}


def inline(policies):
    return [
        {"PolicyName": name, "PolicyDocument": document(*statements)} for name, statements in sorted(policies.items())
    ]


def tags(pairs):
    return [{"Key": key, "Value": value} for key, value in sorted(pairs.items())]


def by_name(items):
    return [items[name] for name in sorted(items)]


def to_json(value):
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
