//! What the records say.

use auditor_core::testkit::Collected;
use serde_json::{Value, json};

use super::{Fake, collect_own, world::PAYMENTS};

/// Document and activity of one record, and its account.
fn record(collected: &Collected, kind: &str, id: &str) -> (Value, Value, String) {
    let records = collected.of(kind);
    let record = records.iter().find(|record| record.native_id == id).unwrap_or_else(|| {
        let ids: Vec<_> = records.iter().map(|record| &record.native_id).collect();
        panic!("no {kind} `{id}` among {ids:?}")
    });
    let parse = |text: &str| serde_json::from_str(text).unwrap();
    (
        parse(&record.content.document),
        record.activity.as_deref().map_or(Value::Null, parse),
        record.content.account.to_string(),
    )
}

/// Checks fields of a document or an activity.
fn check(value: &Value, expected: &Value) {
    for (field, expected) in expected.as_object().unwrap() {
        assert_eq!(&value[field], expected, "{field} of {value}");
    }
}

#[tokio::test]
async fn people_and_what_they_hold() {
    let collected = collect_own(&Fake::start().await).await;
    let admin = "715A4EC0-9833-4D6E-9C03-A537E3F98D23";
    let (user, activity, account) = record(&collected, "alertlogic_user", admin);
    assert_eq!(account, "alert-logic:12345678");
    check(
        &user,
        &json!({"mfa_enabled": true, "roles": ["Administrator"], "has_password": true, "access_key_count": 1}),
    );
    assert_eq!(activity, json!({"last_login_at": "2026-09-07T17:05:11Z"}));
    let leaver = "0B1F7C52-6C7C-4A0B-9A51-1F5B1A2C3D4E";
    let (user, activity, _) = record(&collected, "alertlogic_user", leaver);
    check(
        &user,
        &json!({
            "active": false, "locked": true, "mfa_enabled": null, "has_password": null,
            "roles": ["00000000-AAAA-4BBB-8CCC-DDDDDDDDDDDD", "Read Only"],
        }),
    );
    assert_eq!(activity["last_login_at"], Value::Null);

    let (principal, activity, _) = record(&collected, "principal", leaver);
    check(
        &principal,
        &json!({
            "type": "machine", "enabled": false, "mfa": null, "identifier": "leaver@example.org", "provider": "alert-logic",
            "credentials": [{"type": "access_key", "id": "7a0c4df8193e2b65", "active": false, "changed_at": "2018-05-04T05:14:40Z"}],
        }),
    );
    assert_eq!(activity["last_used_at"], json!("2020-05-06T21:31:51Z"));
    let newcomer = "9D0E1F2A-3B4C-4D5E-8F60-718293A4B5C6";
    let (principal, activity, _) = record(&collected, "principal", newcomer);
    check(&principal, &json!({"type": "human", "enabled": true, "console_access": true}));
    assert_eq!(activity["last_used_at"], Value::Null, "0 is never");

    let (key, activity, _) = record(&collected, "alertlogic_access_key", "61fb235617960503");
    check(&key, &json!({"user_id": admin, "user_active": true}));
    assert_eq!(activity["last_used_at"], Value::Null);
    for (role, can_write) in [
        ("4389AB00-BBCC-4EB1-83E9-7A906A452BF0", true),
        ("F578CCE5-9574-4489-BF05-A04075838DE3", false),
        ("5D6C7B8A-0000-4111-8222-333344445555", true),
    ] {
        assert_eq!(record(&collected, "alertlogic_role", role).0["can_write"], json!(can_write));
    }
}

#[tokio::test]
async fn deployments_join_aws_accounts() {
    let collected = collect_own(&Fake::start().await).await;
    let (deployment, activity, account) = record(&collected, "alertlogic_deployment", PAYMENTS);
    assert_eq!(account, "111122223333");
    check(
        &deployment,
        &json!({
            "protection_levels": ["Professional", "Essentials"], "without_level": 0, "status": "ok", "mode": "automatic",
            "monitor_region": "us-east-1", "control_tower": false,
        }),
    );
    assert_eq!(
        deployment["scope_include"][0],
        json!({
            "type": "region", "key": "/aws/us-east-2", "policy_id": "A8E8B104-8F45-411D-A240-A30EA5FE25B0", "level": "Essentials",
        })
    );
    assert_eq!(activity["status_updated_at"], json!("2026-09-06T05:09:02Z"));
    for (id, expected) in [
        ("6E2F0D4C-9B1A-4C7E-A5D3-0F1E2D3C4B5A", "012345678901"),
        ("86975343-2DA7-4E77-9F52-8488C4217191", "alert-logic:12345678"),
        ("50668317-FEB8-49D1-B401-7219BFA22417", "alert-logic:12345678"),
    ] {
        assert_eq!(record(&collected, "alertlogic_deployment", id).2, expected);
    }
    let (credential, _, account) =
        record(&collected, "alertlogic_credential", "B1B2B3B4-0000-4000-8000-000000000001");
    assert_eq!((&credential["deployments"], account.as_str()), (&json!([]), "777788889999"));
}

#[tokio::test]
async fn coverage_is_told_per_aws_account() {
    let collected = collect_own(&Fake::start().await).await;
    let of = |id: &str| record(&collected, "tool_coverage", id);
    let (coverage, activity, account) = of("111122223333");
    assert_eq!(account, "111122223333");
    check(
        &coverage,
        &json!({
            "tool": "alert-logic", "status": "yellow", "levels": ["Professional", "Essentials"], "since_at": "2017-06-05T14:32:52Z",
            "instances": ["1C3B6C1E-5A3B-4F9F-8F0E-2B7D3C9A4E10", PAYMENTS],
            "reasons": [
                "deployment `Payments Frankfurt`: parts of its scope have no protection level",
                "deployment `Payments Frankfurt`: scanning for vulnerabilities is off",
                "deployment `Payments Production`: agents are unhealthy",
                "deployment `Payments Production`: not all agents protect",
            ],
        }),
    );
    check(&activity["measures"], &json!({"agents_total": 102, "agents_unhealthy": 1, "networks_total": 5}));
    check(
        &of("444455556666").0,
        &json!({"status": "red", "reasons": ["no deployment is enabled"], "since_at": null}),
    );
    check(
        &of("012345678901").0,
        &json!({
            "status": "yellow", "levels": ["77777777-0000-4000-8000-000000000000"],
        }),
    );
    assert_eq!(collected.of("tool_coverage").len(), 3, "Azure and data centres are no AWS accounts");
}

#[tokio::test]
async fn exposures_and_accepted_risks() {
    let collected = collect_own(&Fake::start().await).await;
    let (_, activity, account) = record(&collected, "alertlogic_exposure_summary", PAYMENTS);
    check(&activity, &json!({"critical": 2, "high": 1, "total": 25}));
    assert_eq!(account, "111122223333");
    let sandbox = "0C9BC0E8-1D7A-4B3C-8E35-7B6F3B2A9D11";
    let (_, activity, _) = record(&collected, "alertlogic_exposure_summary", sandbox);
    check(&activity, &json!({"critical": null, "high": 0}));

    let id = format!("{PAYMENTS}/f094ed697c59e1059f7e2a2d5e664e46");
    let (exposure, activity, _) = record(&collected, "alertlogic_exposure", &id);
    check(&exposure, &json!({"severity": "critical", "cve": "CVE-2026-0001", "cvss_score": 9.8}));
    check(&activity, &json!({"asset_count": 3}));

    let (risk, _, account) =
        record(&collected, "alertlogic_risk_acceptance", "6A74878A5BBC9DCE29289258D11D0937");
    check(&risk, &json!({"reason": "acceptable_risk", "for_good": true, "expires_at": null}));
    assert_eq!(account, "111122223333");
}

#[tokio::test]
async fn agents_and_scans() {
    let collected = collect_own(&Fake::start().await).await;
    let agent = |key: &str| record(&collected, "alertlogic_agent", &format!("{PAYMENTS}/{key}"));
    let (document, activity, account) = agent("/agent/DA663430-E658-4F53-932E-DACBFFDE3DE2");
    assert_eq!(account, "111122223333");
    check(
        &document,
        &json!({
            "instance_id": "i-0123456789abcdef0", "region": "/aws/us-east-1", "vpc": null, "protection_level": "Professional",
        }),
    );
    check(
        &activity,
        &json!({"status": "offline", "health_level": 2, "problems": ["Alert Logic Agent is Offline"]}),
    );
    let (document, activity, _) = agent("/agent/0000AAAA-E658-4F53-932E-DACBFFDE3DE2");
    check(
        &document,
        &json!({
            "host_id": "0000AAAA-E658-4F53-932E-DACBFFDE3DE2", "host_key": null, "vpc": "/aws/us-east-1/vpc/vpc-1",
        }),
    );
    check(&activity, &json!({"status": null, "health_level": 0}));

    let (_, activity, _) = record(&collected, "alertlogic_collection_health", PAYMENTS);
    check(&activity, &json!({"agents_total": 100, "agents_protected": 99, "appliances_protected": null}));
    let id = format!("{PAYMENTS}/7D3F2A10-3B0A-4C56-9A40-0D2F9F7A1B11");
    let (schedule, activity, _) = record(&collected, "alertlogic_scan_schedule", &id);
    check(&schedule, &json!({"type": "vulnerability", "frequency": "weekly", "enabled": true}));
    check(&activity, &json!({"assets_in_time": 950, "last_scan_at": "2026-09-01T03:00:00Z"}));
}

#[tokio::test]
async fn incidents_find_their_accounts() {
    let collected = collect_own(&Fake::start().await).await;
    for (id, account, from, escalated) in [
        ("E11111EE-0000-4000-8000-000000000000", "111122223333", "incident", true),
        ("0123456789abcdef", "111122223333", "deployment", true),
        ("fedcba9876543210", "alert-logic:12345678", "none", false),
    ] {
        let (incident, _, found) = record(&collected, "alertlogic_incident", id);
        assert_eq!(found, account);
        check(&incident, &json!({"account_from": from, "escalated": escalated}));
    }
    let (summary, activity, _) = record(&collected, "alertlogic_incident_summary", "111122223333");
    assert_eq!(summary, json!({"days": 90}));
    check(&activity, &json!({"total": 131, "open": 131, "high": 130, "critical": 1, "low": 0}));
    let (_, activity, _) = record(&collected, "alertlogic_incident_summary", "alert-logic:12345678");
    check(&activity, &json!({"total": 1, "open": 0, "low": 1}));
    let (_, activity, _) = record(&collected, "alertlogic_incident_summary", "012345678901");
    check(&activity, &json!({"total": 0, "open": 0}));
}
