//! Refuses answers that stop in their middle.
//!
//! The SDK's XML reader takes the end of the body for the end of every open element, so that an answer cut by a proxy
//! which then closes it properly would pass for a short list with nothing after it.

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::AfterDeserializationInterceptorContextRef, dyn_dispatch_hint},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;

/// Checks that the document's first element is also the last to be closed.
#[derive(Debug)]
pub(super) struct WholeAnswer;

#[dyn_dispatch_hint]
impl Intercept for WholeAnswer {
    fn name(&self) -> &'static str {
        "WholeAnswer"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        match response.body().bytes() {
            Some(body) if response.status().is_success() && !is_whole(body) => {
                Err("the answer stops in its middle".into())
            }
            _ => Ok(()),
        }
    }
}

fn is_whole(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    let root = text.split('<').skip(1).find(|tag| !tag.starts_with(['?', '!'])).unwrap_or_default();
    let name = root.split([' ', '\t', '\r', '\n', '>']).next().unwrap_or_default();
    text.trim_end()
        .strip_suffix('>')
        .and_then(|end| end.strip_suffix(name))
        .is_some_and(|rest| rest.ends_with("</"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_documents_that_are_closed_are_whole() {
        let answer = "<?xml version=\"1.0\"?>\n<ListUsersResponse xmlns=\"x\"><Users/></ListUsersResponse>\n";
        assert!(is_whole(answer.as_bytes()));
        for cut in 1..answer.len() - "\n".len() {
            assert!(!is_whole(&answer.as_bytes()[..cut]), "{cut}");
        }
        assert!(!is_whole(b""));
    }
}
