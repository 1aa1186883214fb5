//! Everything read of one organization, with what could not be read, before any record is made of it.

use std::collections::BTreeMap;

use auditor_aws_common::Input;
use aws_sdk_account::types::{AlternateContact, ContactInformation};
use aws_sdk_identitystore::types::{Group, User};
use aws_sdk_organizations::types::{
    Account, DelegatedAdministrator, DelegatedService, Organization, OrganizationalUnit, PolicySummary,
    PolicyTargetSummary, Root,
};
use aws_sdk_ssoadmin::types::{
    AccountAssignment, AttachedManagedPolicy, CustomerManagedPolicyReference, InstanceMetadata,
    PermissionSet, PermissionsBoundary,
};

/// One organization as it was read. Inputs that no wanted kind needs are [`Input::NotProvided`].
#[derive(Debug, Default)]
pub(crate) struct Estate {
    pub(crate) organization: Input<Organization>,
    /// Features of central root access that are switched on.
    pub(crate) root_features: Input<Vec<String>>,
    pub(crate) tree: Input<Tree>,
    pub(crate) accounts: Input<Vec<AccountRead>>,
    pub(crate) policies: Input<Vec<PolicyRead>>,
    /// Policy types whose policies could not be listed, with the type.
    pub(crate) policy_problems: Vec<(String, auditor_core::error::SourceError)>,
    pub(crate) delegated_administrators: Input<Vec<(DelegatedAdministrator, Input<Vec<DelegatedService>>)>>,
    pub(crate) instances: Input<Vec<InstanceRead>>,
    pub(crate) cost: Input<Vec<MonthCost>>,
}

/// Roots and organizational units.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) roots: Vec<Root>,
    /// Each after its parent, whose id comes first.
    pub(crate) units: Vec<(String, OrganizationalUnit)>,
    /// The parent of each account that `Paths` of its listing does not tell, by account.
    pub(crate) parents: Input<BTreeMap<String, String>>,
}

/// An account with what is asked for each one.
#[derive(Debug)]
pub(crate) struct AccountRead {
    pub(crate) account: Account,
    pub(crate) tags: Input<BTreeMap<String, String>>,
    pub(crate) contacts: Contacts,
}

/// Contacts of an account. `None` inside: none is registered.
#[derive(Debug, Default)]
pub(crate) struct Contacts {
    pub(crate) primary: Input<Option<ContactInformation>>,
    pub(crate) billing: Input<Option<AlternateContact>>,
    pub(crate) operations: Input<Option<AlternateContact>>,
    pub(crate) security: Input<Option<AlternateContact>>,
}

/// A policy with its content and what it is attached to.
#[derive(Debug)]
pub(crate) struct PolicyRead {
    pub(crate) summary: PolicySummary,
    pub(crate) content: Input<Option<String>>,
    pub(crate) targets: Input<Vec<PolicyTargetSummary>>,
}

/// An instance of Identity Center.
#[derive(Debug)]
pub(crate) struct InstanceRead {
    pub(crate) instance: InstanceMetadata,
    pub(crate) permission_sets: Input<Vec<PermissionSetRead>>,
    pub(crate) directory: Directory,
}

/// A permission set with its policies and assignments.
#[derive(Debug)]
pub(crate) struct PermissionSetRead {
    pub(crate) arn: String,
    pub(crate) description: Input<PermissionSet>,
    pub(crate) managed_policies: Input<Vec<AttachedManagedPolicy>>,
    pub(crate) customer_managed_policies: Input<Vec<CustomerManagedPolicyReference>>,
    /// Empty inside: it has none.
    pub(crate) inline_policy: Input<String>,
    /// `None` inside: it has none.
    pub(crate) permissions_boundary: Input<Option<PermissionsBoundary>>,
    /// The accounts it was provisioned to, each with who has it there.
    pub(crate) assignments: Input<Vec<(String, Input<Vec<AccountAssignment>>)>>,
}

/// Users and groups of an instance's identity store.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    pub(crate) users: Input<Vec<User>>,
    /// Each group with the ids of the users in it.
    pub(crate) groups: Input<Vec<(Group, Input<Vec<String>>)>>,
}

/// What an account cost in a month.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MonthCost {
    pub(crate) account: String,
    /// `YYYY-MM`.
    pub(crate) month: String,
    pub(crate) amount: f64,
    pub(crate) currency: Option<String>,
    /// Whether the month is over.
    pub(crate) over: bool,
}
