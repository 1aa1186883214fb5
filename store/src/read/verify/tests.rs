use auditor_core::{
    model::digest_of,
    outcome::{Counts, Outcome},
};
use serde_json::json;

use super::*;
use crate::{
    fixture::{Fixture, Listing, OTHER, account, listed, on_both, thing, time},
    write::ScopeEntry,
};

on_both!(
    an_untouched_store_agrees,
    tampering_shows,
    a_removed_record_shows_everywhere,
    a_consistent_forgery_needs_an_anchor,
    overlapping_runs_agree,
    a_run_that_was_cut_off_is_counted,
    what_cannot_be_read_is_a_finding,
    findings_are_bounded,
    keeps_to_the_accounts,
);

/// Three months: `b` changes, `c` goes and comes back, one listing is denied, another target stays as it is.
async fn filled(fixture: &mut Fixture) -> Vec<uuid::Uuid> {
    let a = || {
        thing("a", json!({"size": "S", "ratio": 1.5, "deep": {"list": [1, 2, {"k": null}]}}))
            .with_times(Some(time("2020-01-01")), None)
    };
    let b = |size: &str| thing("b", json!({"size": size}));
    let c = || thing("c", json!({}));
    let other = || Listing { kind: &OTHER, ..listed("t", vec![]) };
    let steady = || listed("u", vec![thing("x", json!({"n": 1}))]);
    let january =
        fixture.run("2026-01-01", vec![listed("t", vec![a(), b("S"), c()]), steady(), other()]).await;
    let february = fixture.run("2026-02-01", vec![listed("t", vec![a(), b("M")]), steady(), other()]).await;
    let denied = Listing { outcome: Outcome::Denied, ..listed("t", vec![]) };
    let march = fixture.run("2026-03-01", vec![denied, steady()]).await;
    let april = fixture.run("2026-04-01", vec![listed("t", vec![a(), b("M"), c()]), steady(), other()]).await;
    vec![january, february, march, april]
}

async fn verified(fixture: &Fixture) -> Verification {
    fixture.store.verify(&Verify::default()).await.unwrap()
}

fn checks(verification: &Verification) -> Vec<&'static str> {
    let mut checks: Vec<_> = verification.findings.iter().map(|finding| finding.check).collect();
    checks.sort_unstable();
    checks.dedup();
    checks.into_iter().map(Check::as_str).collect()
}

async fn an_untouched_store_agrees(mut fixture: Fixture) {
    assert!(verified(&fixture).await.agrees(), "an empty one too");
    let runs = filled(&mut fixture).await;
    let result = verified(&fixture).await;
    assert_eq!(result.findings, []);
    assert_eq!((result.runs, result.tasks, result.scopes, result.records, result.versions), (4, 8, 3, 4, 7));
    let (last, digest) = result.last_run.unwrap();
    assert_eq!(Some(&last), runs.last());
    assert!(result.open_runs.is_empty());
    let anchored = Verify { anchor: Some(digest), ..Verify::default() };
    fixture.run("2026-05-01", vec![listed("u", vec![])]).await;
    assert!(
        fixture.store.verify(&anchored).await.unwrap().agrees(),
        "an earlier digest is part of the chain"
    );
}

/// Each tampering shows in the named checks, and nowhere else is anything said to be wrong.
async fn tampering_shows(mut fixture: Fixture) {
    filled(&mut fixture).await;
    let b2 = "native_id = 'b' AND version = 2";
    let february = "observed_at >= '2026-02-01' AND observed_at < '2026-02-02'";
    let x_fingerprint = "(SELECT fingerprint FROM resource WHERE native_id = 'x')";
    for (what, tampering, undo, expected) in [
        (
            "document",
            format!("UPDATE resource_version SET document = '{{\"size\":\"XXL\"}}' WHERE {b2}"),
            format!("UPDATE resource_version SET document = '{{\"size\":\"M\"}}' WHERE {b2}"),
            "content",
        ),
        (
            "name",
            format!("UPDATE resource_version SET name = 'z' WHERE {b2}"),
            format!("UPDATE resource_version SET name = 'b' WHERE {b2}"),
            "content head",
        ),
        (
            "account of an earlier version",
            "UPDATE resource_version SET account = '444455556666' WHERE native_id = 'b' AND version = 1".to_owned(),
            "UPDATE resource_version SET account = '111122223333' WHERE native_id = 'b' AND version = 1".to_owned(),
            "content",
        ),
        (
            "observation time",
            format!("UPDATE resource_version SET observed_at = '2026-03-01T00:00:00+00:00' WHERE {b2}"),
            format!("UPDATE resource_version SET observed_at = '2026-02-01T00:00:00+00:00' WHERE {b2}"),
            "head ledger",
        ),
        (
            "fingerprint",
            format!("UPDATE resource_version SET fingerprint = {x_fingerprint} WHERE {b2}"),
            format!("UPDATE resource_version SET fingerprint = (SELECT fingerprint FROM resource WHERE native_id = 'b') WHERE {b2}"),
            "content head ledger",
        ),
        (
            "fingerprint of a head",
            format!("UPDATE resource SET fingerprint = {x_fingerprint} WHERE native_id = 'b'"),
            "UPDATE resource SET fingerprint = (SELECT fingerprint FROM resource_version WHERE native_id = 'b' AND version = 2) WHERE native_id = 'b'".to_owned(),
            "head scope",
        ),
        (
            "head hidden as removed",
            "UPDATE resource SET missing_since = '2026-04-01T00:00:00+00:00' WHERE native_id = 'b'".to_owned(),
            "UPDATE resource SET missing_since = NULL WHERE native_id = 'b'".to_owned(),
            "head scope",
        ),
        (
            "outcome in the ledger",
            "UPDATE task SET scopes = CAST(replace(CAST(scopes AS text), 'denied', 'failed') AS TYPE) WHERE target = 't' AND CAST(scopes AS text) LIKE '%denied%'".to_owned(),
            "UPDATE task SET scopes = CAST(replace(CAST(scopes AS text), 'failed', 'denied') AS TYPE) WHERE target = 't' AND CAST(scopes AS text) LIKE '%failed%'".to_owned(),
            "run",
        ),
        (
            "counts in the ledger",
            "UPDATE task SET scopes = CAST(replace(CAST(scopes AS text), 'seen', 'sight') AS TYPE) WHERE target = 't'".to_owned(),
            "UPDATE task SET scopes = CAST(replace(CAST(scopes AS text), 'sight', 'seen') AS TYPE) WHERE target = 't'".to_owned(),
            "run",
        ),
        (
            "time of a task",
            format!("UPDATE task SET observed_at = '2026-02-01T01:00:00+00:00' WHERE target = 't' AND {february}"),
            format!("UPDATE task SET observed_at = '2026-02-01T00:00:00+00:00' WHERE target = 't' AND {february}"),
            "run",
        ),
        (
            "account of a task",
            format!("UPDATE task SET account = '444455556666' WHERE target = 't' AND {february}"),
            format!("UPDATE task SET account = '111122223333' WHERE target = 't' AND {february}"),
            "run",
        ),
        (
            "scope made fresher",
            "UPDATE scope_state SET last_complete_at = '2026-06-01T00:00:00+00:00' WHERE target = 'u'".to_owned(),
            "UPDATE scope_state SET last_complete_at = '2026-04-01T00:00:00+00:00' WHERE target = 'u'".to_owned(),
            "scope",
        ),
        (
            "fork of runs",
            "UPDATE run SET previous_run = (SELECT id FROM run WHERE started_at < '2026-01-02') WHERE started_at > '2026-03-31'".to_owned(),
            "UPDATE run SET previous_run = (SELECT id FROM run WHERE started_at > '2026-02-28' AND started_at < '2026-03-02') WHERE started_at > '2026-03-31'".to_owned(),
            "run chain",
        ),
        (
            "order of runs",
            "UPDATE run SET previous_run = NULL WHERE started_at > '2026-03-31'".to_owned(),
            "UPDATE run SET previous_run = (SELECT id FROM run WHERE started_at > '2026-02-28' AND started_at < '2026-03-02') WHERE started_at > '2026-03-31'".to_owned(),
            "run chain",
        ),
    ] {
        let ty = if fixture.store.backend() == DatabaseBackend::Postgres { "jsonb" } else { "text" };
        fixture.tamper(&tampering.replace("TYPE", ty)).await;
        let result = verified(&fixture).await;
        assert_eq!(checks(&result).join(" "), expected, "{what}: {:#?}", result.findings);
        fixture.tamper(&undo.replace("TYPE", ty)).await;
        assert_eq!(verified(&fixture).await.findings, [], "{what}: undone");
    }
}

async fn a_removed_record_shows_everywhere(mut fixture: Fixture) {
    filled(&mut fixture).await;
    // The latest version goes: the head knows better.
    fixture.tamper("DELETE FROM resource_version WHERE native_id = 'b' AND version = 2").await;
    let result = verified(&fixture).await;
    assert_eq!(checks(&result), ["head", "ledger"]);
    let finding = result.findings.iter().find(|finding| finding.check == Check::Ledger).unwrap();
    assert!(finding.detail.contains("entry of 2026-02-01T00:00:00Z"), "names the run it was from: {finding}");
    // The first goes as well: a hole, and no versions at all where there is a head.
    fixture.tamper("DELETE FROM resource_version WHERE native_id = 'c' AND version = 2").await;
    let result = verified(&fixture).await;
    let finding = result.findings.iter().find(|finding| finding.check == Check::Versions).unwrap();
    assert_eq!((finding.place.native_id.as_deref(), finding.place.version), (Some("c"), Some(3)));
    assert!(finding.detail.contains("expected version 2"), "{finding}");
    // Versions and heads both go: the digests still know.
    fixture.tamper("DELETE FROM resource_version WHERE native_id IN ('b', 'c')").await;
    fixture.tamper("DELETE FROM resource WHERE native_id IN ('b', 'c')").await;
    assert_eq!(checks(&verified(&fixture).await), ["scope", "ledger"]);
    // A head alone goes.
    fixture.tamper("DELETE FROM resource WHERE native_id = 'x'").await;
    let result = verified(&fixture).await;
    let finding = result.findings.iter().find(|finding| finding.check == Check::Head).unwrap();
    assert_eq!(
        finding.place.to_string(),
        "source `test`, target `u`, kind `test_thing`, native id `x`, version `1`"
    );
    // A task goes: its run knows, and the versions it wrote.
    fixture.tamper("DELETE FROM task WHERE target = 'u' AND observed_at < '2026-01-02'").await;
    let result = verified(&fixture).await;
    assert_eq!(checks(&result), ["head", "scope", "ledger", "run"]);
    // A scope goes.
    fixture.tamper("DELETE FROM scope_state WHERE target = 'u'").await;
    let result = verified(&fixture).await;
    let details: Vec<_> = result.findings.iter().map(|finding| finding.detail.as_str()).collect();
    assert!(details.iter().any(|detail| detail.contains("the scope is not there")), "{details:#?}");
    assert!(details.iter().any(|detail| detail.contains("1 rows of `resource_version`")), "{details:#?}");
}

async fn a_consistent_forgery_needs_an_anchor(mut fixture: Fixture) {
    filled(&mut fixture).await;
    let (run, anchor) = verified(&fixture).await.last_run.unwrap();
    let may = fixture.run("2026-05-01", vec![listed("u", vec![thing("x", json!({"n": 1}))])]).await;

    // A run and its tasks in the middle of the chain.
    let is_march = "started_at > '2026-02-28' AND started_at < '2026-03-02'";
    fixture.tamper(&format!("DELETE FROM task WHERE run IN (SELECT id FROM run WHERE {is_march})")).await;
    fixture.tamper(&format!("DELETE FROM run WHERE {is_march}")).await;
    let result = verified(&fixture).await;
    assert_eq!(checks(&result), ["chain"], "{:#?}", result.findings);
    assert_eq!(result.findings[0].place.run, Some(run), "the one that built on it");

    // The last run, which nothing in the ledger builds on: its scopes know it.
    fixture.tamper("DELETE FROM task WHERE observed_at > '2026-04-30'").await;
    fixture.tamper("DELETE FROM run WHERE started_at > '2026-04-30'").await;
    let result = verified(&fixture).await;
    let finding = result.findings.iter().find(|finding| finding.check == Check::Scope).unwrap();
    assert_eq!(finding.place.run, Some(may));

    let lost = Verify { anchor: Some(digest_of([])), ..Verify::default() };
    let result = fixture.store.verify(&lost).await.unwrap();
    assert!(result.findings.iter().any(|finding| finding.detail.contains("kept as an anchor")));
    let kept = Verify { anchor: Some(anchor), ..Verify::default() };
    let result = fixture.store.verify(&kept).await.unwrap();
    assert!(!result.findings.iter().any(|finding| finding.detail.contains("kept as an anchor")));
}

/// An older observation that is stored after a newer one writes nothing, and both are closed in whatever order.
async fn overlapping_runs_agree(mut fixture: Fixture) {
    fixture.run("2026-01-01", vec![listed("t", vec![thing("a", json!({}))])]).await;
    let slow = fixture.open_run(time("2026-02-01")).await;
    let fast = fixture.open_run(time("2026-02-01T01:00:00Z")).await;
    let at = time("2026-02-01T02:00:00Z");
    let entry = fixture.list(fast, at, listed("t", vec![thing("a", json!({"size": "M"}))])).await;
    fixture.task(fast, "t", at, &[entry]).await;
    fixture.close_run(fast, at).await;
    let superseded = ScopeEntry {
        kind: "test_thing".to_owned(),
        outcome: Outcome::Complete,
        gaps: Vec::new(),
        counts: Counts { seen: 1, ..Counts::default() },
        digest: None,
        superseded: true,
    };
    fixture.task(slow, "t", time("2026-02-01T00:30:00Z"), &[superseded]).await;
    fixture.close_run(slow, time("2026-02-01T03:00:00Z")).await;
    fixture.run("2026-03-01", vec![listed("t", vec![])]).await;
    assert_eq!(verified(&fixture).await.findings, []);

    // The one that overtook it goes: then there is nothing that superseded it.
    fixture.tamper("DELETE FROM task WHERE observed_at > '2026-02-01T01:30:00'").await;
    let result = verified(&fixture).await;
    assert!(
        result.findings.iter().any(|finding| finding.detail.contains("superseded")),
        "{:#?}",
        result.findings
    );
}

async fn a_run_that_was_cut_off_is_counted(mut fixture: Fixture) {
    filled(&mut fixture).await;
    let at = time("2026-05-01");
    let cut = fixture.open_run(at).await;
    let entry = fixture.list(cut, at, listed("u", vec![])).await;
    fixture.task(cut, "u", at, &[entry]).await;
    let result = verified(&fixture).await;
    assert_eq!(result.findings, []);
    assert_eq!(result.open_runs, [cut]);
}

async fn what_cannot_be_read_is_a_finding(mut fixture: Fixture) {
    filled(&mut fixture).await;
    let postgres = fixture.store.backend() == DatabaseBackend::Postgres;
    if !postgres {
        fixture.tamper("UPDATE resource_version SET document = '{cut' WHERE native_id = 'a'").await;
        fixture.tamper("UPDATE resource_version SET observed_at = 'x' WHERE native_id = 'x'").await;
    }
    fixture
        .tamper(
            "UPDATE task SET scopes = '[{\"kind\": 1}]' WHERE target = 'u' AND observed_at < '2026-01-02'",
        )
        .await;
    fixture
        .tamper("UPDATE resource_version SET account = 'nobody' WHERE native_id = 'c' AND version = 1")
        .await;
    let result = verified(&fixture).await;
    let details: Vec<_> = result.findings.iter().map(|finding| finding.detail.as_str()).collect();
    for part in ["the account is none", "the task's scopes cannot be read"] {
        assert!(details.iter().any(|detail| detail.contains(part)), "{part}: {details:#?}");
    }
    for part in ["the document is not JSON", "the version cannot be read"] {
        assert!(postgres || details.iter().any(|detail| detail.contains(part)), "{part}: {details:#?}");
    }
}

async fn findings_are_bounded(mut fixture: Fixture) {
    filled(&mut fixture).await;
    fixture.tamper("UPDATE resource_version SET account = '444455556666' WHERE document IS NOT NULL").await;
    let few = Verify { max_findings: 2, ..Verify::default() };
    let result = fixture.store.verify(&few).await.unwrap();
    assert_eq!(result.findings.len(), 2);
    assert!(result.more_findings > 2);
}

async fn keeps_to_the_accounts(mut fixture: Fixture) {
    filled(&mut fixture).await;
    let of = |id: &str| Verify { accounts: AccountScope::Only(vec![account(id)]), ..Verify::default() };
    assert_eq!(fixture.store.verify(&of("111122223333")).await.unwrap().scopes, 3);
    let none = fixture.store.verify(&of("444455556666")).await.unwrap();
    assert_eq!((none.scopes, none.runs), (0, 4));
}
