//! Monthly cost of each account: one call of Cost Explorer for all accounts and months, and one for each further page.
//! AWS charges for each.

use std::collections::BTreeMap;

use auditor_aws_common::Pages;
use auditor_core::error::SourceError;
use aws_sdk_costexplorer::types::{
    DateInterval, Dimension, Granularity, GroupDefinition, GroupDefinitionType, ResultByTime,
};
use chrono::{DateTime, Datelike as _, Months, NaiveDate, Utc};

use super::{Api, Clients, explain};
use crate::{config::CostMetric, estate::MonthCost};

const ACTION: &str = "ce:GetCostAndUsage";

pub(super) async fn monthly(
    api: &Api,
    months: u8,
    metric: CostMetric,
    now: DateTime<Utc>,
) -> Result<Vec<MonthCost>, SourceError> {
    let (start, end) = period(now.date_naive(), months);
    let mut costs = BTreeMap::new();
    let mut pages = Pages::new(ACTION);
    while let Some(token) = pages.next() {
        let send = |clients: &Clients| {
            let period = DateInterval::builder().start(start.to_string()).end(end.to_string()).build();
            let by_account = GroupDefinition::builder()
                .r#type(GroupDefinitionType::Dimension)
                .key(Dimension::LinkedAccount.as_str())
                .build();
            let request = clients
                .cost_explorer
                .get_cost_and_usage()
                .granularity(Granularity::Monthly)
                .metrics(metric.as_str())
                .group_by(by_account)
                .set_next_page_token(token.clone())
                .set_time_period(period.ok());
            request.send()
        };
        let page = api.call(ACTION, send).await.map_err(explain)?;
        pages.turn_to(page.next_page_token.clone())?;
        for result in page.results_by_time.into_iter().flatten() {
            decode(&result, metric, now.date_naive(), &mut costs)?;
        }
    }
    Ok(costs.into_values().collect())
}

/// From the first day of the earliest month to the first of the month after the running one, which Cost Explorer
/// leaves out.
fn period(today: NaiveDate, months: u8) -> (NaiveDate, NaiveDate) {
    let first = today.with_day(1).unwrap_or(today);
    let back = Months::new(u32::from(months.saturating_sub(1)));
    (
        first.checked_sub_months(back).unwrap_or(first),
        first.checked_add_months(Months::new(1)).unwrap_or(first),
    )
}

/// Adds a month's amounts. An account may come in several parts, on different pages.
fn decode(
    result: &ResultByTime,
    metric: CostMetric,
    today: NaiveDate,
    costs: &mut BTreeMap<(String, String), MonthCost>,
) -> Result<(), SourceError> {
    let malformed = |what: &str| SourceError::malformed(ACTION, what.to_owned());
    let start = result.time_period.as_ref().map(|period| period.start.as_str()).unwrap_or_default();
    let start: NaiveDate = start.parse().map_err(|_| malformed("a month has no beginning"))?;
    let month = format!("{:04}-{:02}", start.year(), start.month());
    let over = (start.year(), start.month()) < (today.year(), today.month());
    for group in result.groups.iter().flatten() {
        let account =
            group.keys.iter().flatten().next().ok_or_else(|| malformed("a group has no account"))?;
        let value = group.metrics.as_ref().and_then(|metrics| metrics.get(metric.as_str()));
        let value = value.ok_or_else(|| malformed("a group lacks the metric that was asked for"))?;
        let amount: f64 = value
            .amount
            .as_deref()
            .and_then(|text| text.trim().parse().ok())
            .filter(|amount: &f64| amount.is_finite())
            .ok_or_else(|| malformed("an amount is no number"))?;
        let cost = costs.entry((account.clone(), month.clone())).or_insert_with(|| MonthCost {
            account: account.clone(),
            month: month.clone(),
            amount: 0.0,
            currency: value.unit.clone(),
            over,
        });
        cost.amount += amount;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use aws_sdk_costexplorer::types::{Group, MetricValue};

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn month(start: &str, amounts: &[(&str, &str)]) -> ResultByTime {
        let groups = amounts.iter().map(|(account, amount)| {
            let value = MetricValue::builder().amount(*amount).unit("USD").build();
            Group::builder().keys(*account).metrics("UnblendedCost", value).build()
        });
        let period = DateInterval::builder().start(start).end("2026-12-01").build().unwrap();
        ResultByTime::builder().time_period(period).set_groups(Some(groups.collect())).build()
    }

    #[test]
    fn the_period_goes_back_over_the_turn_of_the_year() {
        assert_eq!(period(day("2026-01-31"), 13), (day("2025-01-01"), day("2026-02-01")));
        assert_eq!(period(day("2026-11-27"), 1), (day("2026-11-01"), day("2026-12-01")));
    }

    #[test]
    fn parts_of_an_account_add_up_and_zero_is_zero() {
        let mut costs = BTreeMap::new();
        let today = day("2026-11-27");
        let results = [
            month("2026-10-01", &[("111122223333", "10.5"), ("222233334444", "0")]),
            month("2026-10-01", &[("111122223333", "1e-1")]),
            month("2026-11-01", &[("111122223333", "-3")]),
        ];
        for result in &results {
            decode(result, CostMetric::UnblendedCost, today, &mut costs).unwrap();
        }
        let found: Vec<_> =
            costs.values().map(|cost| (cost.month.as_str(), cost.amount, cost.over)).collect();
        assert_eq!(found, [("2026-10", 10.6, true), ("2026-11", -3.0, false), ("2026-10", 0.0, true)]);
    }

    #[test]
    fn what_cannot_be_read_is_no_amount() {
        for result in [month("2026-10-01", &[("111122223333", "NaN")]), month("", &[])] {
            let error = decode(&result, CostMetric::UnblendedCost, day("2026-11-27"), &mut BTreeMap::new());
            assert!(matches!(error, Err(SourceError::Malformed { .. })));
        }
        let other = month("2026-10-01", &[("111122223333", "1")]);
        assert!(decode(&other, CostMetric::BlendedCost, day("2026-11-27"), &mut BTreeMap::new()).is_err());
    }
}
