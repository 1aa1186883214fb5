//! What goes wrong, and that it goes no further than it must.

use auditor_core::{
    error::SourceError,
    outcome::{GapReason, Outcome},
    source::Source as _,
    testkit::{Collected, collect, context},
};
use auditor_fakes::aws_eks::{Fake, PROD, Reply};
use serde_json::{Value, json};

use super::{collected, document, source};

const CLUSTER: &str = "aws_eks_cluster";
const ENTRY: &str = "aws_eks_access_entry";

fn first_gap(collected: &Collected, kind: &str) -> (GapReason, String) {
    let gap = &collected.gaps[kind][0];
    (gap.reason, format!("{}; {}", gap.detail, gap.hint.clone().unwrap_or_default()))
}

#[tokio::test]
async fn a_denied_part_is_a_gap_that_names_the_action_and_the_rest_arrives() {
    for (action, cluster, entry) in [
        ("ListClusters", Outcome::Denied, Outcome::Denied),
        ("DescribeCluster", Outcome::Denied, Outcome::Partial),
        ("ListAccessEntries", Outcome::Complete, Outcome::Denied),
        ("DescribeAccessEntry", Outcome::Complete, Outcome::Denied),
        ("ListAssociatedAccessPolicies", Outcome::Complete, Outcome::Partial),
    ] {
        let fake = Fake::start().await;
        fake.always(action, Reply::access_denied());
        let collected = collected(&fake).await;
        for (kind, expected) in [(CLUSTER, cluster), (ENTRY, entry)] {
            assert_eq!(collected.outcomes[kind], expected, "{action}: {kind}: {:?}", collected.gaps);
            if expected != Outcome::Complete {
                let (reason, text) = first_gap(&collected, kind);
                assert_eq!(reason, GapReason::Denied, "{action}: {kind}");
                assert!(text.contains(&format!("grant `eks:{action}`")), "{action}: {kind}: {text}");
            }
        }
        if expected_records(action) {
            assert_eq!(collected.of(ENTRY).len(), 3, "{action}");
        }
    }
}

fn expected_records(action: &str) -> bool {
    ["DescribeCluster", "ListAssociatedAccessPolicies"].contains(&action)
}

#[tokio::test]
async fn what_only_completes_an_entry_is_null_where_it_is_denied() {
    let fake = Fake::start().await;
    for action in ["DescribeCluster", "ListAssociatedAccessPolicies"] {
        fake.always(action, Reply::access_denied());
    }
    let collected = collected(&fake).await;
    let entry = document(&collected, ENTRY, "prod: admin");
    assert_eq!((&entry["cluster_arn"], &entry["access_policies"]), (&Value::Null, &Value::Null));
    // Nobody could tell that `aws-auth` alone counts in `legacy`: AWS refuses, and that is told.
    let gaps = format!("{:?}", collected.gaps[ENTRY]);
    assert!(gaps.contains("authentication mode") && gaps.contains("legacy"), "{gaps}");
}

#[tokio::test]
async fn passing_faults_are_tried_again() {
    for fault in [
        Reply::throttled(),
        Reply::Error(400, "ThrottlingException", "Rate exceeded"),
        Reply::Error(503, "ServiceUnavailableException", "sorry"),
        Reply::Error(500, "ServerException", "sorry"),
        Reply::Raw(200, "<html>sign in to the proxy</html>"),
        Reply::Cut,
    ] {
        for action in ["ListClusters", "DescribeCluster", "ListAccessEntries", "DescribeAccessEntry"] {
            let fake = Fake::start().await;
            fake.once(action, fault.clone());
            let collected = collected(&fake).await;
            for kind in [CLUSTER, ENTRY] {
                assert_eq!(
                    collected.outcomes[kind],
                    Outcome::Complete,
                    "{action}: {fault:?}: {:?}",
                    collected.gaps
                );
                assert_eq!(collected.of(kind).len(), 3);
            }
        }
    }
}

#[tokio::test]
async fn a_cluster_that_fails_in_passing_is_left_as_it_was() {
    let fake = Fake::start().await;
    for _ in 0..3 {
        fake.once("DescribeCluster", Reply::throttled());
    }
    let collected = collected(&fake).await;
    for kind in [CLUSTER, ENTRY] {
        assert_eq!(collected.outcomes[kind], Outcome::Partial, "{kind}: {:?}", collected.gaps);
        assert_eq!(first_gap(&collected, kind).0, GapReason::Throttled);
    }
    let names: Vec<_> = collected.of(CLUSTER).iter().filter_map(|r| r.content.name.clone()).collect();
    assert_eq!(names, ["legacy", PROD], "`api-only`, which is first, was throttled");
}

#[tokio::test]
async fn faults_that_stay_are_told_by_their_class_and_nothing_is_recorded() {
    for (fault, reason, word) in [
        (Reply::throttled(), GapReason::Throttled, "Rate exceeded"),
        (Reply::Raw(503, "<html>busy</html>"), GapReason::Unreachable, "HTTP 503"),
        (Reply::Raw(200, "<html>sign in</html>"), GapReason::Malformed, "cannot be read"),
        (Reply::Error(400, "ClientException", "no such thing"), GapReason::Rejected, "no such thing"),
        (
            Reply::Error(403, "UnrecognizedClientException", "The security token is invalid"),
            GapReason::Rejected,
            "take it out of `regions`",
        ),
        (Reply::Json(json!({ "clusters": [], "nextToken": "again" })), GapReason::Malformed, "leads back"),
    ] {
        let fake = Fake::start().await;
        fake.always("ListClusters", fault.clone());
        let collected = collected(&fake).await;
        for kind in [CLUSTER, ENTRY] {
            assert_eq!(collected.outcomes[kind], Outcome::Failed, "{kind}: {fault:?}");
            assert!(collected.of(kind).is_empty());
            let (found, text) = first_gap(&collected, kind);
            assert_eq!(found, reason, "{fault:?}: {text}");
            assert!(text.contains(word), "{fault:?}: {text}");
        }
    }
}

#[tokio::test]
async fn what_is_deleted_while_it_is_read_is_no_failure() {
    for (action, clusters, entries) in
        [("DescribeCluster", 2, 3), ("ListAccessEntries", 3, 3), ("DescribeAccessEntry", 3, 2)]
    {
        let fake = Fake::start().await;
        fake.once(action, Reply::absent());
        let collected = collected(&fake).await;
        for (kind, count) in [(CLUSTER, clusters), (ENTRY, entries)] {
            assert_eq!(collected.outcomes[kind], Outcome::Complete, "{action}: {:?}", collected.gaps);
            assert_eq!(collected.of(kind).len(), count, "{action}: {kind}");
        }
    }
}

#[tokio::test]
async fn a_cluster_without_what_it_is_known_by_is_a_gap() {
    let fake = Fake::start().await;
    fake.once("DescribeCluster", Reply::Json(json!({ "cluster": { "name": "api-only" } })));
    let collected = collected(&fake).await;
    let (reason, text) = first_gap(&collected, CLUSTER);
    assert!(reason == GapReason::Malformed && text.contains("api-only"), "{text}");
    assert_eq!((collected.outcomes[CLUSTER], collected.of(CLUSTER).len()), (Outcome::Partial, 2));
}

#[tokio::test]
async fn accounts_that_cannot_be_entered_say_why() {
    let fake = Fake::start().await;
    let wrong = source(&fake, json!({ "external_id": "another-external-id" })).await;
    let target = wrong.plan(&context(None)).await.unwrap().remove(0);
    let collected = collect(&wrong, &target, context(None)).await;
    let error = collected.result.unwrap_err();
    assert!(error.hint().unwrap().contains("could not be assumed"), "{error}");
    assert!(collected.outcomes.is_empty() && collected.records.is_empty());
    let items = wrong.check(&target, &context(None)).await;
    assert!(items.len() == 1 && items[0].problem.as_ref().unwrap().contains("could not be assumed"));

    let source = source(&fake, json!({})).await;
    for (status, gone) in [("CLOSED", true), ("SUSPENDED", false)] {
        let mut target = source.plan(&context(None)).await.unwrap().remove(0);
        target.settings["status"] = json!(status);
        let error = collect(&source, &target, context(None)).await.result.unwrap_err();
        assert_eq!(matches!(error, SourceError::Gone), gone, "{status}: {error}");
    }
}

#[tokio::test]
async fn check_tries_every_permission_and_tells_the_missing_one() {
    let fake = Fake::start().await;
    fake.always("DescribeAccessEntry", Reply::access_denied());
    let source = source(&fake, json!({})).await;
    let target = source.plan(&context(None)).await.unwrap().remove(0);
    let items = source.check(&target, &context(None)).await;
    let mut tried: Vec<_> = items.iter().map(|item| item.what.as_str()).collect();
    tried.sort_unstable();
    let mut needed: Vec<_> = source.kinds().iter().flat_map(|kind| kind.permissions).copied().collect();
    needed.push("sts:AssumeRole");
    needed.sort_unstable();
    needed.dedup();
    assert_eq!(tried, needed);
    let failed: Vec<_> = items.iter().filter_map(|item| item.problem.as_ref()).collect();
    assert_eq!(failed.len(), 1);
    assert!(failed[0].contains("grant `eks:DescribeAccessEntry`"), "{failed:?}");
}
