//! History, differences and ledger queries.

use auditor_core::outcome::{Gap, GapReason, Outcome};
use futures::TryStreamExt as _;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::fixture::{Fixture, Listing, OTHER, account, listed, on_both, thing, time};

on_both!(
    a_record_has_a_history,
    times_are_compared,
    the_ledger_answers,
    gaps_are_the_latest,
    gaps_end_with_their_target
);

async fn filled(fixture: &mut Fixture) -> Vec<Uuid> {
    let a = |size: &str| thing("a", json!({"size": size, "groups": ["x"]}));
    let renamed = a("L").named("alpha").with_times(None, Some(time("2026-02-20")));
    vec![
        fixture.run("2026-01-01", vec![listed("t", vec![a("S"), thing("b", json!({}))])]).await,
        fixture.run("2026-02-01", vec![listed("t", vec![a("M")])]).await,
        fixture.run("2026-03-01", vec![listed("t", vec![renamed, thing("c@444455556666", json!({}))])]).await,
        fixture
            .run(
                "2026-04-01",
                vec![listed(
                    "t",
                    vec![a("S"), thing("b", json!({"size": "new"})), thing("c@444455556666", json!({}))],
                )],
            )
            .await,
    ]
}

async fn a_record_has_a_history(mut fixture: Fixture) {
    let runs = filled(&mut fixture).await;
    let of = |id_or_name: &str, accounts| HistoryOf {
        accounts,
        kind: "test_thing".to_owned(),
        id_or_name: id_or_name.to_owned(),
        limit: 10,
    };
    let history = async |of: HistoryOf| fixture.store.history(&of).await.unwrap();
    let found = history(of("b", AccountScope::All)).await;
    assert!(!found.more);
    let b = &found.records[0];
    assert_eq!((b.account.as_str(), b.removed_at), ("111122223333", None));
    let events: Vec<_> = b.states.iter().map(|state| (state.version, state.event, state.run)).collect();
    assert_eq!(
        events,
        [(1, Event::Appeared, runs[0]), (2, Event::Removed, runs[1]), (3, Event::Returned, runs[3])]
    );
    assert_eq!(
        serde_json::to_value(&b.states[2].changes).unwrap(),
        json!([{"path": "/size", "change": "added", "after": "new"}]),
        "compared with the last state that had a document"
    );
    let found = history(of("a", AccountScope::All)).await;
    assert_eq!(
        serde_json::to_value(&found.records[0].states[2].changes).unwrap(),
        json!([
            {"path": "name", "change": "replaced", "before": "a", "after": "alpha"},
            {"path": "provider_updated_at", "change": "added", "after": "2026-02-20T00:00:00Z"},
            {"path": "/size", "change": "replaced", "before": "M", "after": "L"},
        ])
    );
    assert_eq!(history(of("nobody", AccountScope::All)).await.records, []);
    let other = AccountScope::Only(vec![account("444455556666")]);
    assert_eq!(history(of("a", other.clone())).await.records, []);
    assert_eq!(history(of("c", other)).await.records.len(), 1);
    let first = HistoryOf { limit: 1, ..of("b", AccountScope::All) };
    assert!(!history(first).await.more);
}

async fn times_are_compared(mut fixture: Fixture) {
    filled(&mut fixture).await;
    let diff = |from: &str, to: &str| Diff {
        from: time(from),
        to: time(to),
        accounts: AccountScope::All,
        kinds: Vec::new(),
    };
    let compared = async |diff: Diff| {
        let found: Vec<Difference> = fixture.store.diff(&diff).await.unwrap().try_collect().await.unwrap();
        found
            .iter()
            .map(|found| {
                let paths: Vec<_> = found.changes.iter().map(|change| change.path.as_str()).collect();
                format!("{} {} {}", found.native_id, found.event.as_str(), paths.join(","))
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(compared(diff("2025-01-01", "2026-01-15")).await, ["a appeared ", "b appeared "]);
    assert_eq!(compared(diff("2026-01-15", "2026-02-15")).await, ["a changed /size", "b vanished "]);
    assert_eq!(
        compared(diff("2026-02-15", "2026-01-15")).await,
        ["a changed /size", "b vanished "],
        "either order"
    );
    assert_eq!(
        compared(diff("2026-02-15", "2026-03-15")).await,
        ["a changed name,provider_updated_at,/size", "c appeared "]
    );
    assert_eq!(
        compared(diff("2026-01-15", "2026-05-01")).await,
        ["b changed /size", "c appeared "],
        "what was undone in between does not show"
    );
    assert_eq!(compared(diff("2026-04-15", "2026-05-01")).await, [""; 0]);
    let of = |id: &str| AccountScope::Only(vec![account(id)]);
    let whole = diff("2025-01-01", "2026-05-01");
    let other = Diff { accounts: of("444455556666"), ..whole.clone() };
    assert_eq!(compared(other).await, ["c appeared "]);
    assert_eq!(compared(Diff { accounts: AccountScope::Only(vec![]), ..whole.clone() }).await, [""; 0]);
    assert_eq!(compared(Diff { kinds: vec!["test_other".to_owned()], ..whole }).await, [""; 0]);
}

async fn the_ledger_answers(mut fixture: Fixture) {
    let runs = filled(&mut fixture).await;
    let found = fixture.store.runs(2).await.unwrap();
    assert_eq!(found.iter().map(|run| run.id).collect::<Vec<_>>(), [runs[3], runs[2]]);
    assert_eq!(found[0].previous_run, Some(runs[2]));
    let (run, tasks) = fixture.store.run(runs[1], &AccountScope::All).await.unwrap().unwrap();
    assert_eq!((run.status.as_str(), run.started_at), ("complete", time("2026-02-01")));
    assert_eq!(tasks[0].scopes[0].counts.removed, 1);
    let other = AccountScope::Only(vec![account("444455556666")]);
    let (_, tasks) = fixture.store.run(runs[1], &other).await.unwrap().unwrap();
    assert_eq!(tasks, []);
    assert_eq!(fixture.store.run(Uuid::nil(), &AccountScope::All).await.unwrap(), None);
    assert_eq!(fixture.store.kinds().await.unwrap(), ["test_thing"]);
}

/// A target that its source plans no more has no gaps, once a run over the whole source went without it.
async fn gaps_end_with_their_target(mut fixture: Fixture) {
    let gap = Gap::new(GapReason::Unreachable, "no answer");
    let failed =
        |target| Listing { outcome: Outcome::Failed, gaps: vec![gap.clone()], ..listed(target, vec![]) };
    let fine = |target| listed(target, vec![]);
    let first = fixture.run("2026-01-01", vec![failed("unidentified"), failed("away"), fine("t")]).await;
    fixture.whole(first).await;
    let targets = async |fixture: &Fixture| -> Vec<String> {
        let gaps = fixture.store.gaps(&AccountScope::All).await.unwrap();
        gaps.into_iter().map(|gap| gap.scope.target).collect()
    };
    assert_eq!(targets(&fixture).await, ["away", "unidentified"]);

    fixture.run("2026-02-01", vec![fine("t")]).await;
    assert_eq!(
        targets(&fixture).await,
        ["away", "unidentified"],
        "a run over some accounts says nothing of others"
    );

    let third = fixture.run("2026-03-01", vec![failed("away"), fine("t")]).await;
    fixture.whole(third).await;
    assert_eq!(targets(&fixture).await, ["away"]);
    fixture.run("2026-03-02", vec![failed("late")]).await;
    assert_eq!(targets(&fixture).await, ["away", "late"], "looked at since");

    fixture.run("2026-04-01", vec![failed("unidentified")]).await;
    assert_eq!(targets(&fixture).await, ["away", "late", "unidentified"], "it is back");
    let scopes = fixture.store.scopes(&AccountScope::All).await.unwrap();
    assert_eq!(scopes.len(), 4, "what is known of it stays");
}

async fn gaps_are_the_latest(mut fixture: Fixture) {
    let gap = Gap::new(GapReason::Denied, "`test:List` was denied").with_hint("grant `test:List`");
    let denied = || Listing { outcome: Outcome::Denied, gaps: vec![gap.clone()], ..listed("t", vec![]) };
    let other = || Listing { kind: &OTHER, ..listed("t", vec![]) };
    fixture.run("2026-01-01", vec![denied(), other()]).await;
    let gaps = fixture.store.gaps(&AccountScope::All).await.unwrap();
    assert_eq!(gaps.len(), 1);
    assert_eq!((gaps[0].scope.kind.as_str(), gaps[0].scope.outcome), ("test_thing", Outcome::Denied));
    assert_eq!((gaps[0].scope.last_complete_at, &gaps[0].gaps), (None, &vec![gap.clone()]));
    assert_eq!(fixture.store.gaps(&AccountScope::Only(vec![])).await.unwrap(), []);

    fixture.run("2026-02-01", vec![listed("t", vec![thing("a", json!({}))]), other()]).await;
    assert_eq!(fixture.store.gaps(&AccountScope::All).await.unwrap(), [], "closed");
    let scopes = fixture.store.scopes(&AccountScope::All).await.unwrap();
    assert_eq!(scopes.iter().map(|scope| scope.present).collect::<Vec<_>>(), [0, 1]);

    fixture.run("2026-03-01", vec![denied()]).await;
    let gaps = fixture.store.gaps(&AccountScope::All).await.unwrap();
    assert_eq!(gaps[0].scope.last_complete_at, Some(time("2026-02-01")));
    assert_eq!(serde_json::to_value(&gaps[0]).unwrap()["present"], Value::from(1), "nothing was retired");
}
