//! The parts of an ARN that say whose it is.

/// An ARN, taken apart: `arn:partition:service:region:account:resource`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-us-gov` or `aws-cn`.
    pub partition: &'a str,
    /// `iam`, `sts`.
    pub service: &'a str,
    /// The 12-digit account id; `aws` for what AWS itself owns.
    pub account: &'a str,
    /// `role/path/name`, `root`.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// `None` unless the text has an ARN's six parts.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let (prefix, partition, service, _region, account, resource) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let complete = prefix == "arn" && ![partition, service, resource].contains(&"");
        complete.then_some(Self { partition, service, account, resource })
    }

    /// The ARN of a role that can be assumed.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence about it.
    pub fn parse_role(text: &'a str) -> Result<Self, &'static str> {
        let arn = Self::parse(text).ok_or("is no ARN: expected `arn:aws:iam::<account>:role/<name>`")?;
        if arn.service != "iam" || !arn.resource.starts_with("role/") {
            return Err("is not the ARN of an IAM role: expected `arn:aws:iam::<account>:role/<name>`");
        }
        if !is_account_id(arn.account) {
            return Err("names no account: expected 12 digits as its fifth part");
        }
        if !is_role_name(arn.resource.strip_prefix("role/").unwrap_or_default()) {
            return Err("names no role: letters, digits and `+=,.@_-` after an optional path");
        }
        Ok(arn)
    }

    /// Whether it is a policy that AWS itself keeps.
    pub fn is_aws_managed_policy(text: &str) -> bool {
        Arn::parse(text).is_some_and(|arn| arn.service == "iam" && arn.account == "aws")
    }
}

/// Whether a text is 12 digits.
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text is a role's name, with or without its path (`security/auditor`).
pub fn is_role_name(text: &str) -> bool {
    let name = text.rsplit('/').next().unwrap_or_default();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-/".contains(&byte);
    (1..=64).contains(&name.len()) && text.len() <= 512 && !text.starts_with('/') && text.bytes().all(allowed)
}

/// The last part of an ARN's resource: the name people use.
pub fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_role_arns_apart() {
        let arn = Arn::parse_role("arn:aws-us-gov:iam::111122223333:role/security/auditor").unwrap();
        assert_eq!((arn.partition, arn.account), ("aws-us-gov", "111122223333"));
        for bad in [
            "",
            "arn:aws:iam::111122223333",
            "arn:aws:iam::11112222333:role/a",
            "arn:aws:iam::111122223333:user/a",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::111122223333:role/a b",
            "arn:aws:sts::111122223333:role/a",
        ] {
            assert!(Arn::parse_role(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn knows_policies_of_aws() {
        assert!(Arn::is_aws_managed_policy("arn:aws-cn:iam::aws:policy/ReadOnlyAccess"));
        assert!(!Arn::is_aws_managed_policy("arn:aws:iam::111122223333:policy/ReadOnlyAccess"));
    }
}
