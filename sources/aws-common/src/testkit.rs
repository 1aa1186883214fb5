//! For the tests of AWS sources.

use auditor_core::model::Kind;

use crate::MAX_SESSION_POLICY;

/// Asserts that a session policy is short enough, allows reading and nothing else, and allows every permission of the
/// kinds.
///
/// # Panics
/// If it is not so.
pub fn expect_session_policy(policy: &str, kinds: &[&Kind]) {
    assert!(policy.len() <= MAX_SESSION_POLICY, "{} characters", policy.len());
    let policy: serde_json::Value = serde_json::from_str(policy).expect("JSON");
    let statements = policy["Statement"].as_array().expect("statements");
    let allowed: Vec<_> = statements
        .iter()
        .flat_map(|statement| statement["Action"].as_array().expect("actions"))
        .map(|action| action.as_str().expect("an action"))
        .collect();
    for action in &allowed {
        let (_, verb) = action.split_once(':').expect("service and action");
        let reads = ["Get", "List", "Describe"].iter().any(|read| verb.starts_with(read));
        // IAM makes reports on request, which changes nothing.
        assert!(reads || action.starts_with("iam:Generate"), "{action}");
    }
    for permission in kinds.iter().flat_map(|kind| kind.permissions) {
        let is_covered = |pattern: &&str| match pattern.strip_suffix('*') {
            Some(prefix) => permission.starts_with(prefix),
            None => permission == pattern,
        };
        assert!(allowed.iter().any(is_covered), "{permission} is not allowed");
    }
}
