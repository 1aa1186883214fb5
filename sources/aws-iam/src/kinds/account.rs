//! The common kind `account`, as this source knows it.

use auditor_core::{
    model::{
        Resource,
        common::{ACCOUNT, AccountFacts},
    },
    source::Collector,
};
use serde_json::json;

use crate::estate::{Estate, Input};

pub(super) async fn emit(out: &Collector, estate: &Estate) {
    out.scope(&[&ACCOUNT], |emit| async move {
        let aliases = match &estate.aliases {
            // One column of many: an export without it is whole enough.
            Input::NotProvided(_) => None,
            input => input.optional(&emit, &ACCOUNT)?,
        };
        let profile = &estate.profile;
        let facts = AccountFacts {
            provider: "aws".to_owned(),
            alias: aliases.and_then(|aliases| aliases.iter().min().cloned()),
            partition: Some(profile.partition.clone()),
            status: profile.status.clone(),
            email: profile.email.clone(),
            ..AccountFacts::default()
        };
        let account = profile.account.clone();
        let id = account.as_str().to_owned();
        let unnamed = profile.name == id;
        let name = facts.alias.clone().filter(|_| unnamed).unwrap_or_else(|| profile.name.clone());
        emit.emit(Resource::new(&ACCOUNT, account, id, json!(facts)).named(name)).await
    })
    .await;
}
