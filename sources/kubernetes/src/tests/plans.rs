//! Which clusters are audited, and under which key.

use auditor_core::{
    outcome::{GapReason, Outcome},
    source::Target,
    testkit::{collect, context},
};
use serde_json::json;

use super::{Fake, SECRETS, fake::Reply, kubeconfig, setup, targets, world::UID};

const OTHER: &str = "5f2c0000-0000-4000-8000-000000000002";
const QUICK: &str = "identify_timeout_secs = 1";

fn summary(targets: &[Target]) -> Vec<(&str, &str)> {
    targets.iter().map(|target| (target.id.as_str(), target.name.as_str())).collect()
}

#[tokio::test]
async fn a_cluster_that_does_not_answer_keeps_no_other_from_being_read() {
    let (good, hung) = (Fake::start().await, Fake::start().await);
    hung.always("", Reply::Hang);
    let file = kubeconfig(&[
        ("hung-1", &hung.url),
        ("hung-2", &hung.url),
        ("gone", "http://127.0.0.1:9"),
        ("good", &good.url),
        ("far", "http://192.0.2.1"),
    ]);
    let setup = setup(&file, QUICK);
    let context = context(None);
    let planned = targets(setup.source.as_ref(), &context).await;
    assert_eq!(
        summary(&planned),
        [
            ("unidentified:config#hung-1", "hung-1"),
            ("unidentified:config#hung-2", "hung-2"),
            ("unidentified:config#gone", "gone"),
            (UID, "good"),
            ("unidentified:config#far", "far"),
        ]
    );
    for target in &planned {
        let collected = collect(setup.source.as_ref(), target, context.clone()).await;
        if target.id == UID {
            collected.result.unwrap();
            assert!(collected.outcomes.values().all(|outcome| *outcome == Outcome::Complete));
        } else {
            // Also when the cluster is back by then: nothing is stored under a key that is not its own.
            assert!(collected.records.is_empty() && collected.outcomes.is_empty());
            let error = collected.result.unwrap_err();
            let expected = if target.name == "far" { GapReason::Rejected } else { GapReason::Unreachable };
            assert_eq!(error.reason(), expected, "{error:?}");
        }
    }
    let text = serde_json::to_string(&planned).unwrap();
    assert!(SECRETS.iter().all(|secret| !text.contains(secret)), "{text}");
}

#[tokio::test]
async fn a_uid_in_the_configuration_is_kept_and_checked() {
    let fake = Fake::start().await;
    let more = |uid: &str| {
        format!(
            "{QUICK}\n[[kubeconfig]]\npath = \"other\"\n[[kubeconfig.context]]\nname = \"prod\"\nuid = \"{uid}\"\naccount = \"111122223333\"\n"
        )
    };
    for (uid, answers, complete) in [(UID, true, true), (OTHER, true, false), (UID, false, false)] {
        if !answers {
            fake.always("", Reply::Status(500, "down"));
        }
        let setup = setup("{}", &more(uid));
        let path = setup.dir.path().join("other");
        std::fs::write(path, kubeconfig(&[("prod", &fake.url), ("unwanted", &fake.url)])).unwrap();
        let context = context(None);
        let planned = targets(setup.source.as_ref(), &context).await;
        // The empty file is a target that says so.
        assert_eq!(summary(&planned), [(uid, "prod"), ("unidentified:config#", "every context of config")]);
        assert_eq!(planned[0].account.as_str(), "111122223333");
        let collected = collect(setup.source.as_ref(), &planned[0], context).await;
        assert_eq!(collected.result.is_ok(), complete, "{:?}", collected.result);
    }
}

#[tokio::test]
async fn a_cluster_is_audited_once_and_two_are_two() {
    let (one, two) = (Fake::start().await, Fake::with_uid(OTHER).await);
    let arn = "arn:aws:eks:eu-west-1:444455556666:cluster/two";
    let file = kubeconfig(&[("one", &one.url), ("again", &one.url), (arn, &two.url)]);
    let setup = setup(&file, "account = \"111122223333\"");
    let context = context(None);
    let planned = targets(setup.source.as_ref(), &context).await;
    assert_eq!(summary(&planned), [(UID, "one"), (OTHER, arn)]);
    let accounts: Vec<_> = planned.iter().map(|target| target.account.as_str()).collect();
    assert_eq!(accounts, ["111122223333", "444455556666"], "an ARN is more exact than the source's account");
    assert_eq!(planned[1].settings["account_source"], json!("eks-arn"));
}

#[tokio::test]
async fn a_context_that_leads_elsewhere_by_now_is_not_believed() {
    let fake = Fake::start().await;
    let setup = setup(&kubeconfig(&[("prod", &fake.url)]), "");
    let context = context(None);
    let target = targets(setup.source.as_ref(), &context).await.remove(0);
    fake.set_uid(OTHER);
    let collected = collect(setup.source.as_ref(), &target, context).await;
    assert!(collected.records.is_empty());
    assert_eq!(collected.result.unwrap_err().reason(), GapReason::Rejected);
}

#[tokio::test]
async fn a_broken_file_or_context_fails_alone() {
    let fake = Fake::start().await;
    let file = format!(
        "{}\ncurrent-context: nowhere\n",
        kubeconfig(&[("prod", &fake.url)]).replace(
            "contexts:\n",
            "contexts:\n- name: orphan\n  context: {cluster: missing, user: auditor}\n"
        )
    );
    let more = "[[kubeconfig]]\npath = \"missing\"\n[[kubeconfig]]\npath = \"broken\"\n";
    let setup = setup(&file, more);
    std::fs::write(setup.dir.path().join("broken"), "users: [{name: a, user: {token: planted-token}}")
        .unwrap();
    let context = context(None);
    let planned = targets(setup.source.as_ref(), &context).await;
    let ids: Vec<_> = planned.iter().map(|target| target.id.as_str()).collect();
    assert_eq!(ids, ["unidentified:missing#", "unidentified:broken#", "unidentified:config#orphan", UID]);
    let text = serde_json::to_string(&planned).unwrap();
    assert!(text.contains("missing") && text.contains("no cluster"), "{text}");
    assert!(SECRETS.iter().all(|secret| !text.contains(secret)), "{text}");
}
