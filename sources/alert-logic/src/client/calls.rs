//! The calls, each written as the vendor's reference writes it. `{account_id}` is the account that is audited; other
//! words in braces are filled in from the call's arguments, in their order.

pub(crate) const LOGIN: &str = "POST /aims/v1/authenticate";
pub(crate) const TOKEN_INFO: &str = "GET /aims/v1/token_info";
pub(crate) const ENDPOINT: &str =
    "GET /endpoints/v1/{account_id}/residency/{residency}/services/{service}/endpoint";
pub(crate) const ACCOUNT: &str = "GET /aims/v1/{account_id}/account";
pub(crate) const MANAGED_ACCOUNTS: &str = "GET /aims/v1/{account_id}/accounts/managed";
pub(crate) const USERS: &str = "GET /aims/v1/{account_id}/users";
pub(crate) const ROLES: &str = "GET /aims/v1/{account_id}/roles";
pub(crate) const DEPLOYMENTS: &str = "GET /deployments/v1/{account_id}/deployments";
pub(crate) const POLICIES: &str = "GET /policies/v1/{account_id}/policies";
pub(crate) const ENTITLEMENTS: &str = "GET /subscriptions/v1/{account_id}/entitlements";
pub(crate) const CREDENTIALS: &str = "GET /credentials/v2/{account_id}/credentials";
pub(crate) const EXPOSURE_SUMMARY: &str = "GET /assets_query/v2/{account_id}/exposures/deployment/summary";
pub(crate) const EXPOSURES: &str = "GET /assets_query/v2/{account_id}/exposures";
pub(crate) const REMEDIATION_ITEMS: &str = "GET /assets_query/v2/{account_id}/remediation-items";
pub(crate) const HEALTH_SUMMARY: &str = "GET /remediations/v1/{account_id}/health/summary";
pub(crate) const HEALTH: &str = "GET /remediations/v1/{account_id}/health/{asset_type}";
pub(crate) const INCIDENTS: &str = "GET /iris/v3/{account_id}/incidents_by_time";
pub(crate) const SCHEDULES: &str = "GET /scheduler/v2/{account_id}/{deployment_id}/schedules";
pub(crate) const SCHEDULE_SUMMARY: &str =
    "GET /scheduler/v2/{account_id}/{deployment_id}/schedules/{id}/summary";

/// Lists that hold nothing but what belongs to the account: one that is not empty shows that the key reaches it.
pub(super) const SHOW_REACH: [&str; 4] = [USERS, DEPLOYMENTS, CREDENTIALS, ENTITLEMENTS];

/// Services that are the same for every residency.
const GLOBAL_SERVICES: [&str; 3] = ["aims", "subscriptions", "endpoints"];

/// The service that answers a call: the first part of its path.
pub(super) fn service(action: &'static str) -> &'static str {
    path(action).split('/').next().unwrap_or_default()
}

/// Whether a service is the same for every residency.
pub(super) fn is_global(service: &str) -> bool {
    GLOBAL_SERVICES.contains(&service)
}

/// The path of a call, in segments.
pub(super) fn segments<'a>(action: &'static str, account: &'a str, args: &[&'a str]) -> Vec<&'a str> {
    let mut args = args.iter().copied();
    path(action)
        .split('/')
        .map(|segment| match segment {
            "{account_id}" => account,
            segment if segment.starts_with('{') => args.next().unwrap_or_default(),
            segment => segment,
        })
        .collect()
}

fn path(action: &'static str) -> &'static str {
    action.split_once(" /").map_or("", |(_, path)| path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_filled_in() {
        assert_eq!(service(SCHEDULE_SUMMARY), "scheduler");
        assert_eq!(
            segments(SCHEDULE_SUMMARY, "12345678", &["AF50", "7d3f"]),
            ["scheduler", "v2", "12345678", "AF50", "schedules", "7d3f", "summary"]
        );
        assert!(is_global(service(USERS)) && !is_global(service(INCIDENTS)));
    }
}
