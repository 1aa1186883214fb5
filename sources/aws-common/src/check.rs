//! Lines of `auditor check`.

use auditor_core::{
    error::{SourceError, chain},
    sink::CheckItem,
};

/// A line of the check's result.
pub fn check_item(what: &str, on: &str, result: Result<(), SourceError>) -> CheckItem {
    match result {
        Ok(()) => CheckItem::ok(what, on),
        Err(error) => {
            let mut problem = chain(&error);
            if let Some(hint) = error.hint() {
                problem = format!("{problem}; {hint}");
            }
            CheckItem::failed(what, on, problem)
        }
    }
}
