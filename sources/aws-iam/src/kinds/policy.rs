//! `aws_iam_policy`.

use std::collections::{BTreeMap, BTreeSet};

use auditor_aws_common::{Arn, PolicyDocument, name_of};
use auditor_core::{
    model::{Column, Kind, Resource},
    source::Collector,
};
use serde_json::{Value, json};

use super::{emit_sorted, note_differences};
use crate::{
    estate::{Estate, again},
    wire::{AccountDetails, AttachedPolicy, Boundary, ManagedPolicy, PolicyVersion, chrono},
};

pub(crate) static POLICY: Kind = Kind::new(
    "aws_iam_policy",
    "A managed policy: the account's own ones with every version, and AWS's own ones that are in use, with their \
     default version",
)
.native_id("`PolicyId` (`ANPA…`); the ARN only where AWS gives no id")
.columns(&[
    Column::boolean("aws_managed", "/aws_managed", "Whether AWS keeps it: its ARN names the account `aws`"),
    Column::json(
        "attached_to",
        "/attached_to",
        "Users, groups and roles it is attached to, each with type, name and id (`GetAccountAuthorizationDetails`, \
         `AttachedManagedPolicies`)",
    ),
    Column::json(
        "boundary_of",
        "/boundary_of",
        "Users and roles whose permissions it bounds, each with type, name and id (`GetAccountAuthorizationDetails`, \
         `PermissionsBoundary`)",
    ),
    Column::text("default_version", "/default_version/version_id", "Version in force (`DefaultVersionId`)"),
    Column::json("document", "/default_version/document", "Document in force, decoded"),
    Column::json(
        "other_versions",
        "/other_versions",
        "Versions that are not in force, oldest first, with their documents. Empty for policies of AWS",
    ),
    Column::integer(
        "attachment_count",
        "/attachment_count",
        "How many users, groups and roles it is attached to, as AWS counts (`AttachmentCount`)",
    )
    .activity(),
    Column::integer(
        "boundary_count",
        "/boundary_count",
        "How many users and roles it bounds, as AWS counts. Null: not known (`PermissionsBoundaryUsageCount`)",
    )
    .activity(),
    Column::boolean("attachable", "/attachable", "Whether it can be attached (`IsAttachable`)"),
    Column::text("path", "/path", "Path (`Path`)"),
    Column::text("arn", "/arn", "ARN (`Arn`)"),
])
.permissions(&[
    "iam:GetAccountAuthorizationDetails",
    "iam:GetAccountSummary",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:ListPolicies",
    "iam:ListPolicyVersions",
]);

pub(super) async fn emit(out: &Collector, estate: &Estate) {
    out.scope(&[&POLICY], |emit| async move {
        let Some(details) = estate.details.required(&emit, &POLICY)? else { return Ok(()) };
        note_differences(&emit, &POLICY, estate, &["Policies"]);
        let users = Users::of(details);
        let policies = details.policies.iter().filter_map(|policy| {
            let arn = policy.arn.as_deref()?;
            Some((policy.policy_id.as_deref().unwrap_or(arn), (arn, policy)))
        });
        emit_sorted(&emit, policies, |id, (arn, policy)| map(estate, id, arn, policy, &users)).await?;
        for gap in &estate.policy_gaps {
            emit.gap(&POLICY, gap.clone());
        }
        for problem in &estate.policy_problems {
            emit.gap_from(&POLICY, again(problem))?;
        }
        Ok(())
    })
    .await;
}

/// Who uses which policy, by the policy's ARN.
#[derive(Default)]
struct Users<'a> {
    attached: BTreeMap<&'a str, BTreeSet<Holder<'a>>>,
    bounded: BTreeMap<&'a str, BTreeSet<Holder<'a>>>,
}

/// Type, name and id of who uses a policy.
type Holder<'a> = (&'static str, &'a str, &'a str);

impl<'a> Users<'a> {
    fn of(details: &'a AccountDetails) -> Self {
        let mut users = Self::default();
        let text = |text: &'a Option<String>| text.as_deref().unwrap_or_default();
        for user in &details.users {
            let holder = ("user", text(&user.user_name), text(&user.user_id));
            users.add(holder, &user.attached_managed_policies, user.permissions_boundary.as_ref());
        }
        for group in &details.groups {
            let holder = ("group", text(&group.group_name), text(&group.group_id));
            users.add(holder, &group.attached_managed_policies, None);
        }
        for role in &details.roles {
            let holder = ("role", text(&role.role_name), text(&role.role_id));
            users.add(holder, &role.attached_managed_policies, role.permissions_boundary.as_ref());
        }
        users
    }

    fn add(&mut self, holder: Holder<'a>, attached: &'a [AttachedPolicy], boundary: Option<&'a Boundary>) {
        for arn in attached.iter().filter_map(|policy| policy.policy_arn.as_deref()) {
            self.attached.entry(arn).or_default().insert(holder);
        }
        if let Some(arn) = boundary.and_then(|boundary| boundary.permissions_boundary_arn.as_deref()) {
            self.bounded.entry(arn).or_default().insert(holder);
        }
    }
}

/// ARNs of every managed policy that is attached to something or bounds something.
pub(crate) fn referenced(details: &AccountDetails) -> BTreeSet<String> {
    let users = Users::of(details);
    users.attached.into_keys().chain(users.bounded.into_keys()).map(str::to_owned).collect()
}

/// Leaves out policies of AWS that nothing uses: some exports and emulators list all of them.
pub(crate) fn retain_used(details: &mut AccountDetails, used: &BTreeSet<String>) {
    details.policies.retain(|policy| {
        let arn = policy.arn.as_deref().unwrap_or_default();
        let counted = policy.attachment_count > Some(0) || policy.permissions_boundary_usage_count > Some(0);
        used.contains(arn) || counted || !Arn::is_aws_managed_policy(arn)
    });
}

fn map(estate: &Estate, id: &str, arn: &str, policy: &ManagedPolicy, users: &Users<'_>) -> Resource {
    let aws_managed = Arn::is_aws_managed_policy(arn);
    let holders = |of: &BTreeMap<&str, BTreeSet<Holder<'_>>>| -> Vec<Value> {
        of.get(arn)
            .into_iter()
            .flatten()
            .map(|(holder, name, id)| json!({ "type": holder, "name": name, "id": id }))
            .collect()
    };
    let is_default = |version: &&PolicyVersion| {
        version.is_default_version
            || policy.default_version_id.is_some() && version.version_id == policy.default_version_id
    };
    let versions = &policy.policy_version_list;
    // Versions of AWS's own policies that are not in force are not the account's, and AWS does not list them reliably.
    let mut others: Vec<_> = versions.iter().filter(|version| !aws_managed && !is_default(version)).collect();
    others.sort_by_key(|version| (version_number(version), version.version_id.clone()));
    let document = json!({
        "arn": arn,
        "path": policy.path,
        "aws_managed": aws_managed,
        "attachable": policy.is_attachable,
        "attached_to": holders(&users.attached),
        "boundary_of": holders(&users.bounded),
        "default_version": versions.iter().find(is_default).map(map_version),
        "other_versions": others.into_iter().map(map_version).collect::<Vec<_>>(),
    });
    Resource::new(&POLICY, estate.account().clone(), id, document)
        .named(policy.policy_name.as_deref().unwrap_or_else(|| name_of(arn)))
        .with_times(chrono(policy.create_date), chrono(policy.update_date))
        .with_activity(json!({
            "attachment_count": policy.attachment_count,
            "boundary_count": policy.permissions_boundary_usage_count,
        }))
}

fn map_version(version: &PolicyVersion) -> Value {
    let mut map = PolicyDocument::decode(version.document.as_ref()).into_map();
    map.insert("version_id".to_owned(), version.version_id.clone().into());
    map.insert("created_at".to_owned(), json!(chrono(version.create_date)));
    map.into()
}

/// `v12` comes after `v9`.
fn version_number(version: &PolicyVersion) -> u64 {
    let digits = version.version_id.as_deref().and_then(|id| id.strip_prefix('v'));
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}
