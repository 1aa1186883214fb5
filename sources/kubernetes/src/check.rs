//! `auditor check`: each right once, with the smallest page.

use auditor_core::{
    error::{SourceError, chain},
    sink::CheckItem,
};
use k8s_openapi::{Metadata, apimachinery::pkg::apis::meta::v1::ObjectMeta};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    client::{ApiFault, Reader, calls},
    kinds::AWS_AUTH_NAME,
};

/// Any object: a check looks at none of its fields.
#[derive(Deserialize)]
struct Anything {
    metadata: ObjectMeta,
}

impl k8s_openapi::Resource for Anything {
    const API_VERSION: &'static str = "";
    const GROUP: &'static str = "";
    const KIND: &'static str = "";
    const VERSION: &'static str = "";
    const URL_PATH_SEGMENT: &'static str = "";
    type Scope = k8s_openapi::ClusterResourceScope;
}

impl Metadata for Anything {
    type Ty = ObjectMeta;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// Tries every call that a collection makes.
pub(crate) async fn calls(reader: &Reader<'_>, on: &str) -> Vec<CheckItem> {
    let mut items = Vec::new();
    let version: Result<Value, _> = reader.get(calls::VERSION, calls::VERSION_PATH).await;
    items.push(item(calls::VERSION, on, version.map(drop)));
    for listing in calls::ALL {
        let first = reader.list::<Anything>(listing).by(1).next().await;
        items.push(item(listing.action, on, first.map(drop)));
    }
    let aws_auth: Result<Value, _> = reader.get(calls::AWS_AUTH, calls::AWS_AUTH_PATH).await;
    let aws_auth = match aws_auth {
        // Most clusters have none.
        Err(error) if ApiFault::of(&error).is_some_and(|fault| fault.is_absent(AWS_AUTH_NAME)) => Ok(()),
        other => other.map(drop),
    };
    items.push(item(calls::AWS_AUTH, on, aws_auth));
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
