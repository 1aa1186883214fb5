//! `account` and `tool_coverage`, made with `cloudhealth_aws_account` from one list.

use std::collections::{BTreeMap, BTreeSet};

use auditor_core::{
    error::SourceError,
    model::{
        AccountId, Resource,
        common::{ACCOUNT, AccountFacts, CoverageStatus, TOOL_COVERAGE, ToolCoverage},
    },
    outcome::{Gap, GapReason},
    source::{Collector, Emitter},
};
use serde_json::json;

use super::{
    Work,
    aws_account::{self, AWS_ACCOUNT, Owners},
    note_without_id,
};
use crate::accounts::{Accounts, CloudAccount, KnownBy};

pub(super) async fn emit(out: &Collector, work: &Work<'_>, accounts: &Result<Accounts, SourceError>) {
    let kinds = [&ACCOUNT, &TOOL_COVERAGE, &AWS_ACCOUNT];
    out.scope(&kinds, |emit| async move {
        let accounts = accounts.as_ref().map_err(SourceError::again)?;
        let owners = Owners::new(&work.config.perspectives);
        for (aws, known) in by_aws_account(accounts) {
            emit.emit(facts(aws, known[0], &owners)).await?;
            emit.emit(coverage(aws, &known)).await?;
        }
        for account in &accounts.all {
            emit.emit(aws_account::map(work.account, account, &owners)).await?;
        }
        note_missing_perspectives(&emit, accounts, &owners);
        for kind in kinds {
            note_without_id(&emit, kind, accounts.without_id);
            if let Some(problem) = &accounts.problem {
                emit.gap_from(kind, problem.again())?;
            }
        }
        Ok(())
    })
    .await;
}

/// CloudHealth's accounts by the AWS account they stand for, the one that is known best first. CloudHealth takes care
/// that there is one for each, but an inferred account may be another's, too.
fn by_aws_account(accounts: &Accounts) -> BTreeMap<&AccountId, Vec<&CloudAccount>> {
    let mut all = BTreeMap::<_, Vec<(KnownBy, &CloudAccount)>>::new();
    for account in &accounts.all {
        if let Some((aws, known_by)) = &account.aws {
            all.entry(aws).or_default().push((*known_by, account));
        }
    }
    all.into_iter()
        .map(|(aws, mut known)| {
            known.sort_by_key(|(known_by, _)| *known_by);
            (aws, known.into_iter().map(|(_, account)| account).collect())
        })
        .collect()
}

fn facts(aws: &AccountId, account: &CloudAccount, owners: &Owners) -> Resource {
    let item = account.item();
    let partition = match item.text("region").as_deref() {
        Some("govcloud") => Some("aws-us-gov"),
        Some("global") => Some("aws"),
        _ => None,
    };
    let facts = AccountFacts {
        provider: "aws".to_owned(),
        partition: partition.map(str::to_owned),
        owner: owners.owner(item),
        business_unit: owners.business_unit(item),
        support_team: owners.support_team(item),
        // CloudHealth's tags are its own, and its status is that of its access: neither is a fact of the account.
        ..AccountFacts::default()
    };
    let resource = Resource::new(&ACCOUNT, aws.clone(), aws.as_str(), json!(facts));
    match item.text("name") {
        Some(name) => resource.named(name),
        None => resource,
    }
}

/// What CloudHealth's word for the health of its access says of coverage. Different calls use different words.
fn status_of(account: &CloudAccount) -> (CoverageStatus, String) {
    let item = account.item();
    let word = item.text("status/level").or_else(|| item.text("status")).unwrap_or_default();
    let status = match word.to_ascii_lowercase().as_str() {
        "green" | "healthy" => CoverageStatus::Green,
        "yellow" | "warning" => CoverageStatus::Yellow,
        "red" | "critical" => CoverageStatus::Red,
        _ => CoverageStatus::Unknown,
    };
    (status, word)
}

fn coverage(aws: &AccountId, known: &[&CloudAccount]) -> Resource {
    let statuses: Vec<_> = known.iter().map(|account| (*account, status_of(account))).collect();
    // One that works is enough.
    let rank = |status: CoverageStatus| match status {
        CoverageStatus::Green => 0,
        CoverageStatus::Yellow => 1,
        CoverageStatus::Red => 2,
        CoverageStatus::Unknown => 3,
    };
    let status = statuses
        .iter()
        .map(|(_, (status, _))| *status)
        .min_by_key(|status| rank(*status))
        .unwrap_or(CoverageStatus::Unknown);
    let reasons: BTreeSet<_> = statuses
        .iter()
        .filter(|_| status != CoverageStatus::Green)
        .map(|(_, (_, word))| match word.as_str() {
            "" => "CloudHealth does not say whether it can read the account".to_owned(),
            word => format!("CloudHealth calls its access to the account `{word}`"),
        })
        .collect();
    let watching = |status| matches!(status, CoverageStatus::Green | CoverageStatus::Yellow);
    let coverage = ToolCoverage {
        tool: "cloudhealth".to_owned(),
        status,
        reasons: reasons.into_iter().collect(),
        levels: Vec::new(),
        instances: known
            .iter()
            .map(|account| account.id.clone())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
        since_at: statuses
            .iter()
            .filter(|(_, (status, _))| watching(*status))
            .filter_map(|(account, _)| account.item().time("created_at"))
            .min(),
    };
    let resource = Resource::new(&TOOL_COVERAGE, aws.clone(), aws.as_str(), json!(coverage));
    match known.first().and_then(|account| account.item().text("name")) {
        Some(name) => resource.named(name),
        None => resource,
    }
}

/// A perspective that was named in the settings and that no account has a group in is a misspelt one: every account
/// would look as if it had no owner.
fn note_missing_perspectives(emit: &Emitter, accounts: &Accounts, owners: &Owners) {
    if accounts.all.is_empty() {
        return;
    }
    let names: BTreeSet<_> = accounts
        .all
        .iter()
        .flat_map(|account| account.item().items("groups"))
        .filter_map(|group| Some(group.text("name")?.trim().to_owned()))
        .collect();
    for (key, perspective) in owners.named() {
        if names.iter().any(|name| Owners::is_same(name, perspective)) {
            continue;
        }
        let known: Vec<_> = names.iter().take(20).map(|name| format!("`{name}`")).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        let detail = format!("no account is in a group of the perspective `{perspective}`");
        let hint = format!("correct `perspectives.{key}`; accounts are in groups of: {known}");
        emit.gap(&ACCOUNT, Gap::new(GapReason::NotProvided, detail).with_hint(hint));
    }
}
