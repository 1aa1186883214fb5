//! Organizations: `ListAccounts`, from the hub account only.

use serde_json::{Value, json};

use super::{
    HUB,
    server::{ApiError, Call, Shared},
};

pub(super) fn perform(call: &Call, shared: &Shared) -> Result<Value, ApiError> {
    match call.action.as_str() {
        "ListAccounts" => list_accounts(call, shared),
        other => Err(ApiError::new(400, "UnknownOperationException", other)),
    }
}

fn list_accounts(call: &Call, shared: &Shared) -> Result<Value, ApiError> {
    if call.caller.account != HUB {
        return Err(call.access_denied("*"));
    }
    let asked: usize = call.number("MaxResults")?.unwrap_or(20);
    if !(1..=20).contains(&asked) {
        return Err(ApiError::new(400, "InvalidInputException", "MaxResults must be between 1 and 20"));
    }
    let ids = shared.estate.ids();
    let page = shared.paging.page(ids.len(), call.param("NextToken"), Some(asked))?;
    let accounts: Vec<_> = ids[page.range]
        .iter()
        .filter_map(|id| shared.estate.account(id))
        .map(|account| {
            json!({
                "Id": account.id,
                "Arn": format!("arn:aws:organizations::{HUB}:account/o-example123/{}", account.id),
                "Email": format!("aws+{}@example.com", account.id),
                "Name": account.name,
                "Status": account.state,
                "State": account.state,
                "JoinedMethod": "CREATED",
                "JoinedTimestamp": account.root.created.timestamp(),
            })
        })
        .collect();
    let mut answer = json!({ "Accounts": accounts });
    if let Some(next) = page.next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}
