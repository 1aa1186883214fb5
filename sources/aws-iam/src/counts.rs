//! AWS's own counts against what was read: a listing that lacks something shows here.

use std::collections::HashSet;

use auditor_aws_common::Arn;
use auditor_core::model::Kind;

use crate::{
    estate::{Difference, Estate},
    kinds,
    wire::Summary,
};

/// The root user can have this many MFA devices; AWS lists none of them but virtual ones.
const MAX_ROOT_MFA_DEVICES: i64 = 8;

/// Where a summary differs from what was read of the wanted kinds. Lists that were not read whole are not compared:
/// they are gaps already.
pub(crate) fn differences(
    estate: &Estate,
    summary: &Summary,
    wants: impl Fn(&'static Kind) -> bool,
) -> Vec<Difference> {
    counts(estate, wants).iter().filter_map(|count| count.difference(summary)).collect()
}

/// How many of something were read, and how far AWS's count may lie above that.
struct Count {
    key: &'static str,
    read: i64,
    unlisted: i64,
}

impl Count {
    fn new(key: &'static str, read: usize) -> Self {
        Self { key, read: i64::try_from(read).unwrap_or(i64::MAX), unlisted: 0 }
    }

    /// `None` if AWS counts the same, or does not count this.
    fn difference(&self, summary: &Summary) -> Option<Difference> {
        let counted = *summary.get(self.key)?;
        let surplus = counted - self.read;
        (!(0..=self.unlisted).contains(&surplus)).then_some(Difference {
            key: self.key,
            counted,
            read: self.read,
        })
    }
}

fn counts(estate: &Estate, wants: impl Fn(&'static Kind) -> bool) -> Vec<Count> {
    let mut counts = Vec::new();
    if let Some(details) = estate.details.known() {
        counts.push(Count::new("Users", distinct(details.users.iter().map(|user| &user.user_id))));
        counts.push(Count::new("Groups", distinct(details.groups.iter().map(|group| &group.group_id))));
        counts.push(Count::new("Roles", distinct(details.roles.iter().map(|role| &role.role_id))));
        let own = details
            .policies
            .iter()
            .filter(|policy| !policy.arn.as_deref().is_some_and(Arn::is_aws_managed_policy));
        counts.push(Count::new("Policies", distinct(own.map(|policy| &policy.arn))));
    }
    if wants(&kinds::MFA_DEVICE) && estate.mfa_devices.problems.is_empty() {
        counts.push(mfa_count(estate));
    }
    let providers_read =
        estate.saml_providers.problems.is_empty() && estate.oidc_providers.problems.is_empty();
    if wants(&kinds::SAML_PROVIDER) && wants(&kinds::OIDC_PROVIDER) && providers_read {
        counts.push(Count::new(
            "Providers",
            estate.saml_providers.items.len() + estate.oidc_providers.items.len(),
        ));
    }
    if wants(&kinds::SERVER_CERTIFICATE) && estate.server_certificates.problems.is_empty() {
        counts.push(Count::new("ServerCertificates", estate.server_certificates.items.len()));
    }
    counts
}

/// Hardware devices of the root user are counted and not listed.
fn mfa_count(estate: &Estate) -> Count {
    let assigned = estate.mfa_devices.items.iter().filter(|device| device.user_name.is_some());
    let root_has_mfa = estate
        .summary
        .known()
        .and_then(|summary| summary.get("AccountMFAEnabled"))
        .is_some_and(|flag| *flag != 0);
    Count {
        unlisted: if root_has_mfa { MAX_ROOT_MFA_DEVICES } else { 0 },
        ..Count::new("MFADevicesInUse", assigned.count())
    }
}

fn distinct<'a>(ids: impl Iterator<Item = &'a Option<String>>) -> usize {
    ids.collect::<HashSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_counts_that_differ_beyond_the_unlisted_are_told() {
        let summary = Summary::from([("Users".to_owned(), 3), ("MFADevicesInUse".to_owned(), 5)]);
        assert_eq!(Count::new("Users", 3).difference(&summary), None);
        assert_eq!(
            Count::new("Users", 2).difference(&summary),
            Some(Difference { key: "Users", counted: 3, read: 2 })
        );
        assert!(Count::new("Users", 4).difference(&summary).is_some());
        assert_eq!(Count::new("Groups", 4).difference(&summary), None, "AWS does not count them");
        let mfa = Count { unlisted: 8, ..Count::new("MFADevicesInUse", 4) };
        assert_eq!(mfa.difference(&summary), None);
    }
}
