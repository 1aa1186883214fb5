//! Managed policies that the account's details leave out: those that only bound something, above all.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use auditor_aws_common::{Arn, Pages};
use auditor_core::error::SourceError;
use tokio::sync::OnceCell;

use super::{Iam, is_absent};
use crate::{
    kinds,
    wire::{AccountDetails, ManagedPolicy, PolicyVersion},
};

/// Fetched by whoever asks first; the others wait.
type CachedVersion = Arc<OnceCell<PolicyVersion>>;

/// Documents of AWS's own policies, which are the same in every account: each is fetched once for all accounts.
#[derive(Default)]
pub(crate) struct PolicyCache {
    /// By ARN and version.
    versions: Mutex<HashMap<(String, String), CachedVersion>>,
}

impl PolicyCache {
    fn cell(&self, arn: &str, version: &str) -> CachedVersion {
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(versions.entry((arn.to_owned(), version.to_owned())).or_default())
    }
}

/// Completes the managed policies of `details`: drops policies of AWS that nothing uses (unless all are wanted),
/// fetches referenced ones that are missing, and asks for ids that are missing. Returns what stood in the way.
///
/// # Errors
/// Only [`Cancelled`](SourceError::Cancelled): a policy that cannot be fetched is left out and told.
pub(super) async fn complete(
    iam: &Iam,
    cache: &PolicyCache,
    details: &mut AccountDetails,
    all: bool,
) -> Result<Vec<SourceError>, SourceError> {
    let mut problems = Vec::new();
    let mut wanted = kinds::referenced_policies(details);
    if all {
        match list_aws_managed(iam).await {
            Ok(arns) => wanted.extend(arns),
            Err(SourceError::Cancelled) => return Err(SourceError::Cancelled),
            Err(error) => problems.push(error),
        }
    }
    if !all {
        kinds::retain_used_policies(details, &wanted);
    }
    let held: HashSet<_> = details.policies.iter().filter_map(|policy| policy.arn.clone()).collect();
    let missing: Vec<_> = wanted.into_iter().filter(|arn| !held.contains(arn)).collect();

    let known = std::mem::take(&mut details.policies);
    let known = known.into_iter().map(|policy| (policy.arn.clone().unwrap_or_default(), Some(policy)));
    let mut granted = true;
    for (arn, policy) in known.chain(missing.into_iter().map(|arn| (arn, None))) {
        if policy.as_ref().is_some_and(|policy| policy.policy_id.is_some()) {
            details.policies.extend(policy);
            continue;
        }
        if !granted {
            continue;
        }
        match fetch(iam, cache, &arn, policy).await {
            Ok(policy) => details.policies.push(policy),
            Err(error) if is_absent(&error) => {
                tracing::debug!(policy = arn, "deleted since the account's details were read");
            }
            Err(SourceError::Cancelled) => return Err(SourceError::Cancelled),
            Err(error) => {
                // One refusal stands for all: asking again for each policy would only add noise.
                granted = !matches!(error.root(), SourceError::Denied { .. }) && !error.is_transient();
                problems.push(error);
            }
        }
    }
    Ok(problems)
}

/// One policy as `GetPolicy` tells of it, with the versions that `held` has or else those that are fetched.
async fn fetch(
    iam: &Iam,
    cache: &PolicyCache,
    arn: &str,
    held: Option<ManagedPolicy>,
) -> Result<ManagedPolicy, SourceError> {
    const ACTION: &str = "iam:GetPolicy";
    let answer = iam.call(ACTION, |client| client.get_policy().policy_arn(arn).send()).await?;
    let policy = answer.policy.ok_or_else(|| SourceError::malformed(ACTION, "the answer holds no policy"))?;
    let mut policy = ManagedPolicy::from(policy);
    policy.arn = Some(arn.to_owned());
    policy.policy_version_list = match held {
        Some(held) => held.policy_version_list,
        None if Arn::is_aws_managed_policy(arn) => {
            let version = policy.default_version_id.as_deref().unwrap_or("v1");
            let cell = cache.cell(arn, version);
            let document = cell.get_or_try_init(|| get_version(iam, arn, version)).await?;
            std::iter::once(document.clone()).collect()
        }
        None => {
            let mut versions = Vec::new();
            for version in list_versions(iam, arn).await? {
                versions.push(get_version(iam, arn, &version).await?);
            }
            versions.into_iter().collect()
        }
    };
    Ok(policy)
}

async fn get_version(iam: &Iam, arn: &str, version: &str) -> Result<PolicyVersion, SourceError> {
    const ACTION: &str = "iam:GetPolicyVersion";
    let send =
        |client: &aws_sdk_iam::Client| client.get_policy_version().policy_arn(arn).version_id(version).send();
    let answer = iam.call(ACTION, send).await?;
    let found = answer.policy_version.map(PolicyVersion::from);
    found.ok_or_else(|| SourceError::malformed(ACTION, "the answer holds no version"))
}

async fn list_versions(iam: &Iam, arn: &str) -> Result<Vec<String>, SourceError> {
    const ACTION: &str = "iam:ListPolicyVersions";
    let mut versions = Vec::new();
    let mut pages = Pages::new(ACTION);
    while let Some(marker) = pages.next() {
        let send = |client: &aws_sdk_iam::Client| {
            client.list_policy_versions().policy_arn(arn).set_marker(marker.clone()).send()
        };
        let page = iam.call(ACTION, send).await?;
        versions.extend(page.versions.into_iter().flatten().filter_map(|version| version.version_id));
        pages.turn(page.is_truncated, page.marker)?;
    }
    Ok(versions)
}

async fn list_aws_managed(iam: &Iam) -> Result<BTreeSet<String>, SourceError> {
    const ACTION: &str = "iam:ListPolicies";
    let mut arns = BTreeSet::new();
    let mut pages = Pages::new(ACTION);
    while let Some(marker) = pages.next() {
        let send = |client: &aws_sdk_iam::Client| {
            let request = client.list_policies().scope(aws_sdk_iam::types::PolicyScopeType::Aws);
            request.max_items(1000).set_marker(marker.clone()).send()
        };
        let page = iam.call(ACTION, send).await?;
        arns.extend(page.policies.into_iter().flatten().filter_map(|policy| policy.arn));
        pages.turn(page.is_truncated, page.marker)?;
    }
    Ok(arns)
}
