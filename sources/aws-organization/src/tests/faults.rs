//! What goes wrong, and that it goes no further than it must.

use auditor_core::{
    outcome::{GapReason, Outcome},
    source::Source as _,
    testkit::context,
};
use serde_json::{Value, json};

use super::{
    collected, collected_with,
    fake::{Fake, Reply},
    first_gap, source,
    world::{MANAGEMENT, PAYMENTS},
};

/// Each action, the kinds that are denied or partial without it, and those that must be read all the same.
const NEEDS: [(&str, &str, &[&str]); 20] = [
    ("iam:ListOrganizationsFeatures", "partial", &["aws_organization"]),
    ("organizations:DescribeOrganization", "denied", &["aws_organization"]),
    ("organizations:ListAccounts", "denied", &["account", "aws_account_contact", "aws_organization_account"]),
    (
        "organizations:ListRoots",
        "denied",
        &["aws_organizational_unit", "aws_organization_policy", "aws_organization_account"],
    ),
    (
        "organizations:ListOrganizationalUnitsForParent",
        "denied",
        &["aws_organizational_unit", "aws_organization_account"],
    ),
    ("organizations:ListAccountsForParent", "partial", &["aws_organization_account"]),
    ("organizations:ListTagsForResource", "partial", &["account", "aws_organization_account"]),
    ("account:GetAlternateContact", "partial", &["account", "aws_account_contact"]),
    ("account:GetContactInformation", "partial", &["aws_account_contact"]),
    ("organizations:ListPolicies", "denied", &["aws_organization_policy"]),
    ("organizations:DescribePolicy", "partial", &["aws_organization_policy"]),
    ("organizations:ListTargetsForPolicy", "partial", &["aws_organization_policy"]),
    ("organizations:ListDelegatedAdministrators", "denied", &["aws_delegated_administrator"]),
    ("organizations:ListDelegatedServicesForAccount", "partial", &["aws_delegated_administrator"]),
    ("sso:ListPermissionSets", "denied", &["aws_sso_permission_set", "aws_sso_assignment"]),
    ("sso:GetPermissionsBoundaryForPermissionSet", "partial", &["aws_sso_permission_set"]),
    ("sso:ListAccountAssignments", "denied", &["aws_sso_assignment"]),
    ("identitystore:ListUsers", "denied", &["aws_identity_store_user", "principal"]),
    ("identitystore:ListGroupMemberships", "partial", &["aws_identity_store_group", "principal"]),
    ("ce:GetCostAndUsage", "denied", &["account_cost"]),
];

#[tokio::test]
async fn a_denied_part_is_a_gap_that_names_the_action_and_the_rest_arrives() {
    for (action, expected, kinds) in NEEDS {
        let fake = Fake::start().await;
        let (_, call) = action.split_once(':').unwrap();
        fake.always(call, Reply::access_denied());
        let collected = collected(&fake).await;
        for (kind, outcome) in &collected.outcomes {
            if !kinds.contains(kind) {
                assert_eq!(*outcome, Outcome::Complete, "{action}: {kind}: {:?}", collected.gaps[kind]);
                continue;
            }
            let (reason, text) = first_gap(&collected, kind);
            assert_eq!(reason, GapReason::Denied, "{action}: {kind}");
            assert!(text.contains(&format!("grant `{action}`")), "{action}: {kind}: {text}");
            assert!(text.contains("not authorized"), "{text}");
        }
        let first = collected.outcomes[kinds[0]];
        assert_eq!(first.as_str(), expected, "{action}");
        assert!(fake.calls_of(call).len() <= 9, "{action}: a denial is not tried for everything");
    }
}

#[tokio::test]
async fn what_only_completes_a_record_is_null_where_it_is_denied() {
    let fake = Fake::start().await;
    for call in ["ListTagsForResource", "ListGroupMemberships", "ListRoots"] {
        fake.always(call, Reply::access_denied());
    }
    let collected = collected(&fake).await;
    let document = |kind: &str, id: &str| -> Value {
        let record = collected.of(kind).into_iter().find(|record| record.native_id == id).unwrap();
        serde_json::from_str(&record.content.document).unwrap()
    };
    let account = document("aws_organization_account", PAYMENTS);
    assert_eq!(
        (&account["tags"], &account["owner"], &account["ou_path"], &account["parent_id"]),
        (&Value::Null, &Value::Null, &Value::Null, &json!("ou-1-b"))
    );
    assert_eq!(document("principal", "user-ada")["groups"], Value::Null);
    assert_eq!(document("aws_identity_store_group", "group-ops")["member_ids"], Value::Null);
}

#[tokio::test]
async fn one_account_that_fails_in_passing_is_left_as_it_was() {
    let fake = Fake::start().await;
    // Accounts are asked in the order of their ids: the second is not the first.
    fake.once("ListTagsForResource", Reply::Json(json!({"Tags": []})));
    for _ in 0..10 {
        fake.once("ListTagsForResource", Reply::Throttled("TooManyRequestsException"));
    }
    let collected = collected(&fake).await;
    for kind in ["account", "aws_organization_account"] {
        assert_eq!(collected.outcomes[kind], Outcome::Partial, "{kind}");
        let ids: Vec<_> = collected.of(kind).iter().map(|record| record.native_id.as_str()).collect();
        assert!(ids.contains(&MANAGEMENT) && !ids.contains(&PAYMENTS), "{kind}: {ids:?}");
        let (reason, text) = first_gap(&collected, kind);
        assert_eq!(reason, GapReason::Throttled);
        assert!(text.contains(PAYMENTS), "{text}");
    }
    assert_eq!(collected.outcomes["aws_account_contact"], Outcome::Complete);
}

#[tokio::test]
async fn passing_faults_are_tried_again() {
    for fault in [
        Reply::Throttled("TooManyRequestsException"),
        Reply::Throttled("ThrottlingException"),
        Reply::Raw(429, "slow down"),
        Reply::Raw(503, "<html>busy</html>"),
        Reply::Error(500, "ServiceException", "sorry"),
        Reply::Raw(200, "{\"Accounts\": [{\"Id\": \"1111"),
        Reply::Raw(200, "<html>sign in to the proxy</html>"),
        Reply::Json(json!({"Accounts": []})),
        Reply::Cut,
    ] {
        let fake = Fake::start().await;
        fake.once("ListAccounts", fault.clone());
        let collected = collected(&fake).await;
        let retried = !matches!(fault, Reply::Json(_));
        let expected = if retried { Outcome::Complete } else { Outcome::Failed };
        assert_eq!(collected.outcomes["account"], expected, "{fault:?}: {:?}", collected.gaps);
        assert_eq!(collected.outcomes["aws_sso_assignment"], Outcome::Complete, "{fault:?}");
    }
    let fake = Fake::start().await;
    fake.once("GetCostAndUsage", Reply::Throttled("LimitExceededException"));
    assert_eq!(collected(&fake).await.outcomes["account_cost"], Outcome::Complete);
}

#[tokio::test]
async fn faults_that_stay_are_told_by_their_class_and_nothing_is_recorded() {
    for (fault, reason, word) in [
        (Reply::Throttled("TooManyRequestsException"), GapReason::Throttled, "Rate exceeded"),
        (Reply::Raw(503, "<html>busy</html>"), GapReason::Unreachable, "HTTP 503"),
        (Reply::Raw(429, "slow down"), GapReason::Throttled, "HTTP 429"),
        (Reply::Raw(404, "<html>no such page</html>"), GapReason::Rejected, "HTTP 404"),
        (Reply::Raw(200, "<html>sign in</html>"), GapReason::Malformed, "cannot be read"),
        (Reply::Error(400, "InvalidInputException", "no such thing"), GapReason::Rejected, "no such thing"),
    ] {
        for (call, kinds) in [
            ("ListAccounts", &["account", "aws_account_contact", "aws_organization_account"][..]),
            ("ListPermissionSets", &["aws_sso_assignment", "aws_sso_permission_set"]),
            ("ListUsers", &["aws_identity_store_user"]),
        ] {
            let fake = Fake::start().await;
            fake.always(call, fault.clone());
            let collected = collected(&fake).await;
            for kind in kinds {
                assert_eq!(collected.outcomes[kind], Outcome::Failed, "{call}: {kind}: {fault:?}");
                assert!(collected.of(kind).is_empty(), "{call}: {kind}: {fault:?}");
                let (found, text) = first_gap(&collected, kind);
                assert_eq!(found, reason, "{call}: {kind}: {fault:?}: {text}");
                assert!(text.contains(word), "{call}: {kind}: {fault:?}: {text}");
            }
            assert_eq!(collected.outcomes["aws_organization_policy"], Outcome::Complete);
        }
    }
}

#[tokio::test]
async fn central_root_access_is_known_to_be_off_or_not_known() {
    let answers = |code| Reply::Error(400, code, "told by IAM");
    for (reply, outcome, features) in [
        (None, Outcome::Complete, json!(["RootCredentialsManagement", "RootSessions"])),
        (Some(answers("ServiceAccessNotEnabledException")), Outcome::Complete, json!([])),
        (Some(answers("OrganizationNotInAllFeaturesModeException")), Outcome::Complete, json!([])),
        (
            Some(answers("AccountNotManagementOrDelegatedAdministratorException")),
            Outcome::Partial,
            Value::Null,
        ),
        (Some(answers("InvalidAction")), Outcome::Partial, Value::Null),
    ] {
        let fake = Fake::start().await;
        if let Some(reply) = reply.clone() {
            fake.always("ListOrganizationsFeatures", reply);
        }
        let collected = collected(&fake).await;
        assert_eq!(collected.outcomes["aws_organization"], outcome, "{reply:?}: {:?}", collected.gaps);
        let record = collected.of("aws_organization")[0];
        let document: Value = serde_json::from_str(&record.content.document).unwrap();
        assert_eq!(document["root_features"], features, "{reply:?}");
    }
    // What may pass leaves the record as it was.
    let fake = Fake::start().await;
    fake.always("ListOrganizationsFeatures", Reply::Raw(503, "<html>busy</html>"));
    let collected = collected(&fake).await;
    assert_eq!(collected.outcomes["aws_organization"], Outcome::Failed);
    assert!(collected.of("aws_organization").is_empty());
}

#[tokio::test]
async fn an_account_outside_any_organization_is_told_so() {
    let fake = Fake::start().await;
    for call in ["DescribeOrganization", "ListAccounts", "ListRoots", "ListDelegatedAdministrators"] {
        fake.always(
            call,
            Reply::Error(400, "AWSOrganizationsNotInUseException", "Your account is not a member"),
        );
    }
    let collected = collected(&fake).await;
    for kind in ["account", "aws_organization", "aws_organizational_unit", "aws_organization_policy"] {
        assert_eq!(collected.outcomes[kind], Outcome::Failed, "{kind}");
        let (reason, text) = first_gap(&collected, kind);
        assert_eq!(reason, GapReason::Rejected);
        assert!(text.contains("is in no AWS organization"), "{text}");
    }
    assert_eq!(collected.outcomes["aws_sso_assignment"], Outcome::Complete);
    assert_eq!(collected.outcomes["account_cost"], Outcome::Complete);
}

#[tokio::test]
async fn no_identity_center_is_a_gap_and_not_an_empty_list() {
    let fake = Fake::start().await;
    fake.always("ListInstances", Reply::Json(json!({"Instances": []})));
    let collected = collected_with(&fake, json!({"identity_center_region": "eu-central-1"})).await;
    for kind in ["aws_sso_instance", "aws_sso_assignment", "aws_identity_store_user", "principal"] {
        assert_eq!(collected.outcomes[kind], Outcome::Partial, "{kind}");
        let (reason, text) = first_gap(&collected, kind);
        assert_eq!(reason, GapReason::NotProvided);
        assert!(text.contains("`eu-central-1`") && text.contains("identity_center_region"), "{text}");
    }
}

#[tokio::test]
async fn a_member_accounts_own_instance_has_no_permission_sets() {
    let instance = |owner: &str| {
        Reply::Json(json!({"Instances": [{"InstanceArn": super::world::INSTANCE, "IdentityStoreId": "d-1",
            "OwnerAccountId": owner}]}))
    };
    let refused = Reply::Error(400, "ValidationException", "not supported for account instances");
    let fake = Fake::start().await;
    fake.always("ListInstances", instance(PAYMENTS));
    fake.always("ListPermissionSets", refused.clone());
    let found = collected(&fake).await;
    for kind in ["aws_sso_assignment", "aws_sso_permission_set"] {
        assert_eq!(found.outcomes[kind], Outcome::Complete, "{kind}");
    }
    assert_eq!(found.of("aws_identity_store_user")[0].content.account.as_str(), PAYMENTS);

    let fake = Fake::start().await;
    fake.always("ListInstances", instance(MANAGEMENT));
    fake.always("ListPermissionSets", refused);
    assert_eq!(collected(&fake).await.outcomes["aws_sso_permission_set"], Outcome::Failed);
}

#[tokio::test]
async fn a_list_that_runs_in_circles_ends() {
    let fake = Fake::start().await;
    fake.always("ListAccounts", Reply::Json(json!({"Accounts": [], "NextToken": "again"})));
    let (reason, text) = first_gap(&collected(&fake).await, "account");
    assert_eq!(reason, GapReason::Malformed);
    assert!(text.contains("leads back"), "{text}");
}

#[tokio::test]
async fn a_misspelt_tag_is_a_gap() {
    let fake = Fake::start().await;
    let settings = json!({"tags": {"owner": "Ownr", "support_team": "support team"}});
    let collected = collected_with(&fake, settings).await;
    let (reason, text) = first_gap(&collected, "account");
    assert_eq!((reason, collected.gaps["account"].len()), (GapReason::NotProvided, 1));
    assert!(
        text.contains("`Ownr`") && text.contains("correct `tags.owner`") && text.contains("`Owner`"),
        "{text}"
    );
    assert_eq!(collected.of("account").len(), 3);
}

#[tokio::test]
async fn one_type_of_policy_that_cannot_be_listed_leaves_the_others() {
    let fake = Fake::start().await;
    fake.once("ListPolicies", Reply::Error(400, "UnsupportedAPIEndpointException", "not here"));
    let collected = collected(&fake).await;
    assert_eq!(collected.outcomes["aws_organization_policy"], Outcome::Partial);
    let (_, text) = first_gap(&collected, "aws_organization_policy");
    assert!(text.contains("NOVEL_POLICY") && text.contains("not here"), "{text}");
    assert_eq!(collected.of("aws_organization_policy").len(), 3);
}

#[tokio::test]
async fn a_session_that_ends_is_opened_again_once() {
    let fake = Fake::start().await;
    fake.once("ListUsers", Reply::Error(400, "ExpiredTokenException", "The security token expired"));
    let collected = collected(&fake).await;
    assert_eq!(collected.outcomes["aws_identity_store_user"], Outcome::Complete);
    assert_eq!(fake.calls_of("AssumeRole").len(), 2);
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_stops_everything_and_says_why() {
    let fake = Fake::start().await;
    fake.always(
        "AssumeRole",
        Reply::Raw(
            403,
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>",
        ),
    );
    let source = source(&fake, json!({})).await;
    let target = source.plan(&context(None)).await.unwrap().remove(0);
    assert_eq!((target.id.as_str(), target.account.as_str()), (MANAGEMENT, MANAGEMENT));
    let collected = auditor_core::testkit::collect(&source, &target, context(None)).await;
    let error = collected.result.unwrap_err();
    assert!(error.hint().unwrap().contains("could not be assumed"), "{error}");
    assert!(collected.outcomes.is_empty() && collected.records.is_empty());
    let items = source.check(&target, &context(None)).await;
    assert!(items.len() == 1 && items[0].problem.as_ref().unwrap().contains("could not be assumed"));
}

#[tokio::test]
async fn the_programs_own_credentials_will_do() {
    let fake = Fake::start().await;
    let found = collected_with(&fake, json!({"role_arn": null, "external_id": null})).await;
    assert!(found.outcomes.values().all(|outcome| *outcome == Outcome::Complete), "{:?}", found.gaps);
    assert!(fake.calls_of("AssumeRole").is_empty());
}

#[tokio::test]
async fn check_tries_every_permission_and_tells_the_missing_one() {
    let fake = Fake::start().await;
    fake.always("ListTagsForResource", Reply::access_denied());
    let source = source(&fake, json!({})).await;
    let target = source.plan(&context(None)).await.unwrap().remove(0);
    let items = source.check(&target, &context(None)).await;
    let mut tried: Vec<_> = items.iter().map(|item| item.what.as_str()).collect();
    tried.sort_unstable();
    let mut needed: Vec<_> = source.kinds().iter().flat_map(|kind| kind.permissions).copied().collect();
    needed.extend(["sts:AssumeRole", "ce:GetCostAndUsage"]);
    needed.sort_unstable();
    needed.dedup();
    assert_eq!(tried, needed);
    let failed: Vec<_> = items.iter().filter(|item| item.problem.is_some()).collect();
    assert_eq!(failed.len(), 1);
    assert!(failed[0].problem.as_ref().unwrap().contains("grant `organizations:ListTagsForResource`"));
}
