//! The common kind `account_cost`, by Cost Explorer.

use auditor_core::{
    model::{
        Resource,
        common::{ACCOUNT_COST, AccountCost},
    },
    source::Collector,
};
use serde_json::json;

use super::{Work, account_id, emit_sorted};
use crate::estate::MonthCost;

const PROVIDER: &str = "aws-cost-explorer";

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&ACCOUNT_COST], |emit| async move {
        let Some(costs) = work.estate.cost.required(&emit, &ACCOUNT_COST)? else { return Ok(()) };
        let resources = costs.iter().map(|cost| map(work, cost)).collect();
        emit_sorted(&emit, resources).await.map(drop)
    })
    .await;
}

fn map(work: &Work<'_>, cost: &MonthCost) -> Resource {
    let amount = (cost.amount * 100.0).round() / 100.0;
    let document = AccountCost {
        provider: PROVIDER.to_owned(),
        month: cost.month.clone(),
        amount: cost.over.then_some(amount),
        currency: cost.currency.clone(),
        measure: work.config.cost_metric.as_str().to_owned(),
    };
    // What Cost Explorer attributes to no account is filed under the payer's.
    let account = account_id(&cost.account).unwrap_or_else(|| work.account.clone());
    let native_id = format!("{}/{}", cost.account, cost.month);
    let activity = if cost.over { json!({}) } else { json!({"amount_so_far": amount}) };
    Resource::new(&ACCOUNT_COST, account, native_id, json!(document)).with_activity(activity)
}
