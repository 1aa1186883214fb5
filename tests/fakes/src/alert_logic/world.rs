//! What the fake answers when nothing is in the way. All of it is invented.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::Reply;

/// The account of the key.
pub const OWN: &str = "12345678";
/// A managed account; its id begins with a zero.
pub const MANAGED: &str = "01000001";
/// The own account's deployment that has most to show.
pub const PAYMENTS: &str = "AF50CF2D-3E77-46E3-B003-0262D77B2A65";
/// The managed account's deployment.
const SUBSIDIARY: &str = "2F2F2F2F-3E77-46E3-B003-0262D77B2A65";
/// Incidents of the own account that lie in one window, and take two pages.
const BURST: usize = 130;
/// Incidents of the own account within the last 90 days.
pub const INCIDENTS: usize = BURST + 2;

/// A fixture.
pub fn file(name: &str) -> Value {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/alert-logic").join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Answers a `GET`.
pub fn answer(path: &str, query: &[(String, String)], host: &str, made: DateTime<Utc>) -> Reply {
    let segments: Vec<_> = path.trim_start_matches('/').split('/').collect();
    let of = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let found = match segments.as_slice() {
        ["aims", "v1", "token_info"] => Some(file("token-info")),
        ["endpoints", "v1", _, "residency", "default" | "us" | "emea", "services", service, "endpoint"] => {
            let mut map = serde_json::Map::new();
            map.insert((*service).to_owned(), host.into());
            Some(Value::Object(map))
        }
        ["iris", "v3", account, "incidents_by_time"] => return incidents(account, made, &of),
        [service, _, OWN, rest @ ..] => own(service, rest, &of),
        [service, _, MANAGED, rest @ ..] => managed(service, rest),
        _ => None,
    };
    found.map_or(Reply::Empty(404), |value| Reply::Json(200, value))
}

fn own<'a>(service: &str, rest: &[&str], of: &impl Fn(&str) -> Option<&'a str>) -> Option<Value> {
    let of_payments = |name: &str, otherwise: Value| {
        let filter = of("filter").unwrap_or_default();
        if filter.ends_with(PAYMENTS) { file(name) } else { otherwise }
    };
    Some(match (service, rest) {
        ("aims", ["account"]) => file("account"),
        ("aims", ["accounts", "managed"]) => file("managed-accounts"),
        ("aims", ["users"]) => {
            let mut users = file("users");
            // All three are left out unless asked for.
            for (parameter, field) in [
                ("include_role_ids", "role_ids"),
                ("include_user_credential", "user_credential"),
                ("include_access_keys", "access_keys"),
            ] {
                if of(parameter) != Some("true") {
                    for user in users["users"].as_array_mut().unwrap() {
                        user.as_object_mut().unwrap().remove(field);
                    }
                }
            }
            users
        }
        ("aims", ["roles"]) => file("roles"),
        ("deployments", ["deployments"]) => file("deployments"),
        ("policies", ["policies"]) => file("policies"),
        ("subscriptions", ["entitlements"]) => file("entitlements"),
        ("credentials", ["credentials"]) => file("credentials"),
        ("assets_query", ["exposures", "deployment", "summary"]) => file("exposure-summary"),
        ("assets_query", ["exposures"]) => match of("continue") {
            None => of_payments("exposures-1", no_exposures()),
            Some("g2gDZAAT+b2Zmc2V0==") => file("exposures-2"),
            Some(_) => return None,
        },
        ("assets_query", ["remediation-items"]) => file("remediation-items"),
        ("remediations", ["health", "summary"]) => of_payments("health-summary", all_well()),
        ("remediations", ["health", asset @ ("agent" | "appliance" | "collector")]) => {
            of_payments(&format!("health-{asset}"), no_health())
        }
        ("scheduler", [PAYMENTS, "schedules"]) => file("schedules"),
        ("scheduler", [PAYMENTS, "schedules", _, "summary"]) => file("schedule-summary"),
        ("scheduler", [_, "schedules"]) => json!([]),
        _ => return None,
    })
}

/// One user, one deployment, nothing wrong.
fn managed(service: &str, rest: &[&str]) -> Option<Value> {
    Some(match (service, rest) {
        ("aims", ["account"]) => file("managed-accounts")["accounts"][0].clone(),
        ("aims", ["users"]) => {
            let mut users = file("users");
            let user = &mut users["users"].as_array_mut().unwrap()[2];
            user["id"] = json!("AAAA1F2A-3B4C-4D5E-8F60-718293A4B5C6");
            let user = user.take();
            json!({ "users": [user] })
        }
        ("aims", ["roles"]) => file("roles"),
        ("deployments", ["deployments"]) => {
            let mut all = file("deployments");
            let mut deployment = all[0].take();
            deployment["id"] = json!(SUBSIDIARY);
            deployment["platform"]["id"] = json!("777788889999");
            json!([deployment])
        }
        ("policies", ["policies"]) => file("policies"),
        ("subscriptions", ["entitlements"]) => file("entitlements"),
        ("credentials", ["credentials"]) => {
            let mut all = file("credentials");
            json!([all[0].take()])
        }
        ("assets_query", ["exposures", "deployment", "summary"]) => {
            let mut summary = file("exposure-summary");
            let mut row = summary["exposures"][1].take();
            row["deployment_id"] = json!(SUBSIDIARY);
            json!({ "exposures": [row], "summary": summary["summary"] })
        }
        ("assets_query", ["exposures"]) => no_exposures(),
        ("assets_query", ["remediation-items"]) => {
            json!({ "remediation-items": { "assets": [], "rows": 0 } })
        }
        ("remediations", ["health", "summary"]) => all_well(),
        ("remediations", ["health", _]) => no_health(),
        ("scheduler", [_, "schedules"]) => json!([]),
        _ => return None,
    })
}

fn no_exposures() -> Value {
    json!({ "filters": [], "exposures": { "assets": [], "rows": 0 }, "exposures_count": 0, "vinstances_count": 0 })
}

fn no_health() -> Value {
    json!({ "assets": {}, "filters": {}, "list": [] })
}

fn all_well() -> Value {
    let scores = json!([{ "count": 2, "health_level": 0, "unhealthiness": 0 }]);
    json!({ "agents": { "coverage": { "protected": 2, "total": 2 }, "health": { "scores": scores } } })
}

/// Every incident of an account, oldest last.
fn all_incidents(account: &str, made: DateTime<Utc>) -> Vec<Value> {
    let incident = |id: String, age: TimeDelta| {
        let mut incident = file("incident");
        incident["incidentId"] = id.into();
        // On whole seconds, as most are.
        incident["createTime"] = (made - age).timestamp().into();
        incident
    };
    if account != OWN {
        return vec![incident("ABCDEF0123456789".to_owned(), TimeDelta::days(1))];
    }
    let burst = (0..i32::try_from(BURST).unwrap()).map(|i| {
        incident(
            format!("E11111EE-0000-4000-8000-{i:012X}"),
            TimeDelta::days(2) + TimeDelta::minutes(i.into()),
        )
    });
    let mut legacy = incident("0123456789abcdef".to_owned(), TimeDelta::days(20));
    legacy["accountId"] = json!("12345678");
    legacy["asset_native_account_id"] = json!("");
    legacy["incident"]["escalated"] = json!(true);
    legacy["incident"]["threatRating"] = json!("Critical");
    let mut saas = incident("fedcba9876543210".to_owned(), TimeDelta::days(40));
    saas["asset_deployment_type"] = json!("saas");
    saas["assets"] = json!({});
    saas.as_object_mut().unwrap().remove("asset_native_account_id");
    saas["incident"]["escalated"] = json!("false");
    saas["incident"]["threatRating"] = json!("Low");
    saas["customer_status"] = json!({ "status": "completed", "reason_code": "acceptable_risk" });
    let old = incident("00000000FFFFFFFF".to_owned(), TimeDelta::days(100));
    burst.chain([legacy, saas, old]).collect()
}

fn incidents<'a>(account: &str, made: DateTime<Utc>, of: &impl Fn(&str) -> Option<&'a str>) -> Reply {
    let number = |name: &str| of(name).and_then(|text| text.parse::<i64>().ok());
    let (Some(start), Some(end)) = (number("start_time"), number("end_time")) else {
        let error = "start_time and end_time query strings must be provided";
        return Reply::Json(400, json!({ "error": error, "code": 400 }));
    };
    if end - start > 7 * 24 * 3600 {
        return Reply::Json(400, json!({ "error": "Invalid arguments", "code": 400 }));
    }
    let within = |incident: &Value| {
        let time = incident["createTime"].as_i64().unwrap();
        start <= time && time <= end
    };
    let all: Vec<_> = all_incidents(account, made).into_iter().filter(within).collect();
    if of("pagination") != Some("true") || account != OWN {
        return Reply::Json(200, all.into());
    }
    let (limit, offset) = (number("limit").unwrap(), number("offset").unwrap_or(0));
    let page: Vec<_> = all
        .iter()
        .skip(usize::try_from(offset).unwrap())
        .take(usize::try_from(limit).unwrap())
        .cloned()
        .collect();
    let metadata = json!({
        "limit": limit, "offset": offset, "total_count": all.len(),
        "links": { "first": "/iris/v3/…", "prev": null, "next": null, "self": "/iris/v3/…" },
    });
    Reply::Json(200, json!({ "iris_items": page, "metadata": metadata }))
}
