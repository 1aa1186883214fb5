//! `auditor check`: one call per kind of data.

use auditor_core::{
    error::{SourceError, chain},
    sink::CheckItem,
};
use serde_json::Value;

use crate::{
    client::{
        Reader,
        calls::{self, Call},
    },
    target::TargetSettings,
};

/// Tries every call that a collection makes, with the smallest page.
pub(crate) async fn calls(reader: &Reader<'_>, on: &str, settings: &TargetSettings) -> Vec<CheckItem> {
    let mut all: Vec<Call> = vec![
        calls::ACCOUNTS.call,
        calls::COST_HISTORY,
        calls::PERSPECTIVES,
        calls::USER_ATTRIBUTES,
        calls::ORGANIZATIONS.call,
        calls::POLICIES.call,
        calls::SSO,
    ];
    if settings.partner {
        all.extend([calls::CUSTOMERS.call, calls::ASSIGNMENTS.call]);
    }
    let mut items = Vec::new();
    for call in all {
        let mut request = reader.request(&call, &[]);
        request = match call.action {
            action if action == calls::COST_HISTORY.action => request
                .query("interval", "monthly")
                .query("dimensions[]", "time")
                .query("dimensions[]", "AWS-Account")
                .query("measures[]", "cost")
                .query("filters[]", "time:select:-1"),
            action if action == calls::SSO.action || action == calls::USER_ATTRIBUTES.action => request,
            action if action == calls::PERSPECTIVES.action => request,
            _ => request.query("page", 1).query("per_page", 1),
        };
        let result: Result<Value, _> = reader.get(&request, call.action).await;
        items.push(item(call.action, on, result.map(drop)));
    }
    items
}

/// A line of the check's result.
pub(crate) fn item(what: &str, on: &str, result: Result<(), SourceError>) -> CheckItem {
    match result {
        Ok(()) => CheckItem::ok(what, on),
        Err(error) => {
            let problem = chain(&error);
            match error.hint() {
                Some(hint) => CheckItem::failed(what, on, format!("{problem}; {hint}")),
                None => CheckItem::failed(what, on, problem),
            }
        }
    }
}
