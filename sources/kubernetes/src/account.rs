//! Which AWS account a cluster belongs to.
//!
//! Said by the operator, or by the ARN that `aws eks update-kubeconfig` writes as the name of context and cluster. Never
//! guessed from `aws-auth`: the roles mapped there may be other accounts'.

use auditor_core::model::AccountId;

/// The account of an EKS cluster's ARN, `arn:aws:eks:eu-west-1:111122223333:cluster/prod`.
pub(crate) fn of_eks_arn(text: &str) -> Option<AccountId> {
    let mut parts = text.splitn(6, ':');
    let (arn, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
    let is_cluster = resource.strip_prefix("cluster/").is_some_and(|name| !name.is_empty());
    let is_eks = arn == "arn" && partition.starts_with("aws") && service == "eks" && !region.is_empty();
    if !is_eks || !is_cluster {
        return None;
    }
    account.parse::<AccountId>().ok().filter(AccountId::is_aws)
}

/// `kubernetes:ID`, for clusters of no known AWS account.
pub(crate) fn own(id: &str) -> AccountId {
    let printable: String = id.chars().filter(|char| !char.is_control()).take(60).collect();
    let id = if printable.is_empty() { "unnamed" } else { &printable };
    format!("kubernetes:{id}")
        .parse()
        .expect("a prefix, and up to 60 characters that are no control characters")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_arn_of_a_cluster_names_an_account() {
        let account = of_eks_arn("arn:aws:eks:eu-west-1:111122223333:cluster/prod").unwrap();
        assert_eq!(account.as_str(), "111122223333");
        assert!(of_eks_arn("arn:aws-us-gov:eks:us-gov-west-1:111122223333:cluster/prod").is_some());
        for other in [
            "prod",
            "arn:aws:iam::111122223333:role/admin",
            "arn:aws:eks:eu-west-1:111122223333:cluster/",
            "arn:aws:eks:eu-west-1:1111:cluster/prod",
            "arn:aws:eks:eu-west-1:kubernetes:cluster/prod",
            "arn:aws:eks::111122223333:cluster/prod",
        ] {
            assert_eq!(of_eks_arn(other), None, "{other}");
        }
    }

    #[test]
    fn any_id_makes_an_account() {
        assert_eq!(own("5f2c").as_str(), "kubernetes:5f2c");
        assert_eq!(own("\n").as_str(), "kubernetes:unnamed");
        assert!(own(&"ü".repeat(500)).as_str().len() <= 200);
    }
}
