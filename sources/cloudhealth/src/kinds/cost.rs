//! `account_cost` and `cloudhealth_account_cost`, from one report.

use std::collections::BTreeMap;

use auditor_core::{
    error::SourceError,
    model::{
        AccountId, Column, Kind, Resource,
        common::{ACCOUNT_COST, AccountCost},
    },
    source::Collector,
};
use chrono::{DateTime, Datelike as _, Months, Utc};
use serde_json::{Map, Value, json};

use super::Work;
use crate::{
    accounts::Accounts,
    client::calls,
    cube::{self, CostReport, hundredths},
};

pub(crate) static ACCOUNT_COST_MONTH: Kind = Kind::new(
    "cloudhealth_account_cost",
    "What an account cost in a month, as CloudHealth's cost report shows it. Months leave the present state after \
     `cost_months`",
)
.native_id("CloudHealth's name of the report's member, and the month")
.columns(&[
    Column::text("month", "/month", "Month in UTC, `YYYY-MM`"),
    Column::number(
        "amount",
        "/amount",
        "Cost of the whole month, rounded to hundredths. Null: CloudHealth has no data, or the month is not over",
    ),
    Column::number(
        "amount_so_far",
        "/amount_so_far",
        "Cost of the running month up to now. Null: no data, or the month is over",
    )
    .activity(),
    Column::text("currency", "/currency", "Currency, or the symbol that CloudHealth prints. Null: not said"),
    Column::text("measure", "/measure", "What is counted, in CloudHealth's word"),
    Column::text("member", "/member", "CloudHealth's name of the report's member"),
    Column::text("label", "/label", "What CloudHealth prints for the member: the account's name, as a rule"),
    Column::text(
        "matched_by",
        "/matched_by",
        "How the member was joined to an account: `id`, `owner_id`, `name`, `amazon_name`, or `unmatched` (a deleted \
         account, as a rule)",
    ),
    Column::timestamp("reported_at", "/reported_at", "When CloudHealth last worked the report out").activity(),
])
.permissions(&["GET /olap_reports/cost/history", "GET /v1/aws_accounts"]);

pub(super) async fn emit(out: &Collector, work: &Work<'_>, accounts: &Result<Accounts, SourceError>) {
    out.scope(&[&ACCOUNT_COST, &ACCOUNT_COST_MONTH], |emit| async move {
        // Money must not move to another account because the list of accounts could not be read.
        let accounts = accounts.as_ref().map_err(SourceError::again)?.whole()?;
        let now = Utc::now();
        let report = read(work, now).await?;
        // Whether a month was over when CloudHealth worked the report out, not when it was fetched.
        let running = month(report.updated_at.unwrap_or(now));
        for resource in records(work, accounts, &report, &running) {
            emit.emit(resource).await?;
        }
        Ok(())
    })
    .await;
}

async fn read(work: &Work<'_>, now: DateTime<Utc>) -> Result<CostReport, SourceError> {
    let action = calls::COST_HISTORY.action;
    let measure = &work.config.cost_measure;
    let request = work
        .reader
        .request(&calls::COST_HISTORY, &[])
        .query("interval", "monthly")
        .query("dimensions[]", "time")
        .query("dimensions[]", "AWS-Account")
        .query("measures[]", measure)
        .query("filters[]", format!("time:select:{}", months(now, work.config.cost_months).join(",")));
    let report = work.reader.get(&request, action).await?;
    cube::decode(&report, measure)
        .map_err(|error| error.into_source_error(action, |words| request.tidy(words)))
}

fn month(time: DateTime<Utc>) -> String {
    format!("{:04}-{:02}", time.year(), time.month())
}

/// The last `count` months, the running one last.
fn months(now: DateTime<Utc>, count: u8) -> Vec<String> {
    let first_day = now.date_naive().with_day(1).unwrap_or_else(|| now.date_naive());
    let months =
        (0..u32::from(count)).rev().filter_map(|back| first_day.checked_sub_months(Months::new(back)));
    months.map(|day| format!("{:04}-{:02}", day.year(), day.month())).collect()
}

/// One record per member and month, and one per account and month with what its members cost together.
fn records(work: &Work<'_>, accounts: &Accounts, report: &CostReport, running: &str) -> Vec<Resource> {
    let currency = work.config.currency.clone().or_else(|| report.unit.clone());
    let mut sums = BTreeMap::<(&AccountId, &str), f64>::new();
    let mut members = Vec::with_capacity(report.rows.len());
    for row in &report.rows {
        let (account, rule) = accounts.member(&row.member, &row.label);
        let aws = account.and_then(|account| account.aws.as_ref()).map_or(work.account, |(aws, _)| aws);
        if let Some(amount) = row.amount {
            *sums.entry((aws, &row.month)).or_default() += amount;
        }
        let over = row.month.as_str() < running;
        let document = json!({
            "month": row.month,
            "amount": row.amount.filter(|_| over),
            "currency": currency,
            "measure": work.config.cost_measure,
            "member": row.member,
            "label": row.label,
            "matched_by": rule.as_str(),
        });
        let mut activity = Map::from_iter([("reported_at".to_owned(), json!(report.updated_at))]);
        if !over {
            activity.insert("amount_so_far".to_owned(), json!(row.amount));
        }
        let id = format!("{}/{}", row.member, row.month);
        members.push(
            Resource::new(&ACCOUNT_COST_MONTH, aws.clone(), id, document)
                .named(&row.label)
                .with_activity(Value::Object(activity)),
        );
    }
    members.sort_by(|a, b| a.native_id.cmp(&b.native_id));
    let sums = sums.into_iter().map(|((account, month), amount)| {
        let (amount, over) = (hundredths(amount), month < running);
        let cost = AccountCost {
            provider: "cloudhealth".to_owned(),
            month: month.to_owned(),
            amount: over.then_some(amount),
            currency: currency.clone(),
            measure: work.config.cost_measure.clone(),
        };
        let resource =
            Resource::new(&ACCOUNT_COST, account.clone(), format!("{account}/{month}"), json!(cost));
        resource.with_activity(if over { json!({}) } else { json!({"amount_so_far": amount}) })
    });
    sums.chain(members).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_go_back_over_the_turn_of_the_year() {
        let now = "2026-03-31T23:59:59Z".parse().unwrap();
        assert_eq!(months(now, 5), ["2025-11", "2025-12", "2026-01", "2026-02", "2026-03"]);
        assert_eq!(months(now, 1), ["2026-03"]);
    }
}
