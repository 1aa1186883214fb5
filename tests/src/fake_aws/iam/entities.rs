//! Users, groups and roles, in full for the authorization details and in short for the lists.

use super::{
    super::{
        estate::{Account, Group, InlinePolicy, Role, Tag, User},
        server::ApiError,
        xml::Xml,
    },
    Request,
};

pub(super) fn list_users(request: &Request<'_>) -> Result<Xml, ApiError> {
    request.paged("Users", &request.account.users, |xml, user| {
        user_head(xml, request.account, user);
        xml.optional_time("PasswordLastUsed", user.password.as_ref().and_then(|password| password.last_used));
    })
}

pub(super) fn list_groups(request: &Request<'_>) -> Result<Xml, ApiError> {
    request.paged("Groups", &request.account.groups, |xml, group| group_head(xml, request.account, group))
}

pub(super) fn list_roles(request: &Request<'_>) -> Result<Xml, ApiError> {
    request.paged("Roles", &request.account.roles, |xml, role| {
        role_head(xml, request.account, role);
        xml.optional("Description", role.description.as_ref());
        xml.text("MaxSessionDuration", role.max_session);
    })
}

pub(super) fn user_head(xml: &mut Xml, account: &Account, user: &User) {
    xml.text("Path", &user.path);
    xml.text("UserName", &user.name);
    xml.text("UserId", &user.id);
    xml.text("Arn", account.arn(&format!("user{}{}", user.path, user.name)));
    xml.time("CreateDate", user.created);
}

fn group_head(xml: &mut Xml, account: &Account, group: &Group) {
    xml.text("Path", &group.path);
    xml.text("GroupName", &group.name);
    xml.text("GroupId", &group.id);
    xml.text("Arn", account.arn(&format!("group{}{}", group.path, group.name)));
    xml.time("CreateDate", group.created);
}

fn role_head(xml: &mut Xml, account: &Account, role: &Role) {
    xml.text("Path", &role.path);
    xml.text("RoleName", &role.name);
    xml.text("RoleId", &role.id);
    xml.text("Arn", account.arn(&format!("role{}{}", role.path, role.name)));
    xml.time("CreateDate", role.created);
    xml.document("AssumeRolePolicyDocument", &role.trust);
}

pub(super) fn user_detail(xml: &mut Xml, account: &Account, user: &User) {
    user_head(xml, account, user);
    inline(xml, "UserPolicyList", &user.inline);
    xml.list("GroupList", &user.groups, Xml::text_only);
    attached(xml, &user.attached);
    boundary(xml, user.boundary.as_deref());
    tags(xml, &user.tags);
}

pub(super) fn group_detail(xml: &mut Xml, account: &Account, group: &Group) {
    group_head(xml, account, group);
    inline(xml, "GroupPolicyList", &group.inline);
    attached(xml, &group.attached);
}

pub(super) fn role_detail(xml: &mut Xml, account: &Account, role: &Role) {
    role_head(xml, account, role);
    xml.list("InstanceProfileList", role.instance_profile.then_some(role), |xml, role| {
        xml.text("Path", &role.path);
        xml.text("InstanceProfileName", &role.name);
        xml.text("InstanceProfileId", format!("AIPA{}", role.id.strip_prefix("AROA").unwrap_or(&role.id)));
        xml.text("Arn", account.arn(&format!("instance-profile{}{}", role.path, role.name)));
        xml.time("CreateDate", role.created);
        xml.list("Roles", [role], |xml, role| role_head(xml, account, role));
    });
    inline(xml, "RolePolicyList", &role.inline);
    attached(xml, &role.attached);
    boundary(xml, role.boundary.as_deref());
    tags(xml, &role.tags);
    xml.element("RoleLastUsed", |xml| {
        if let Some((at, region)) = &role.last_used {
            xml.time("LastUsedDate", *at);
            xml.text("Region", region);
        }
    });
}

fn inline(xml: &mut Xml, name: &str, policies: &[InlinePolicy]) {
    xml.list(name, policies, |xml, policy| {
        xml.text("PolicyName", &policy.name);
        xml.document("PolicyDocument", &policy.document);
    });
}

fn attached(xml: &mut Xml, arns: &[String]) {
    xml.list("AttachedManagedPolicies", arns, |xml, arn| {
        xml.text("PolicyName", arn.rsplit('/').next().unwrap_or(arn));
        xml.text("PolicyArn", arn);
    });
}

fn boundary(xml: &mut Xml, arn: Option<&str>) {
    if let Some(arn) = arn {
        xml.element("PermissionsBoundary", |xml| {
            xml.text("PermissionsBoundaryType", "Policy");
            xml.text("PermissionsBoundaryArn", arn);
        });
    }
}

fn tags(xml: &mut Xml, tags: &[Tag]) {
    xml.list("Tags", tags, |xml, (key, value)| {
        xml.text("Key", key);
        xml.text("Value", value);
    });
}
