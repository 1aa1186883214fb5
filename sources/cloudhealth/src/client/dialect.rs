//! What CloudHealth's errors mean.

use auditor_http_common::{Dialect, HttpFault};

/// CloudHealth keeps to the usual statuses but for one: a wrong key is 403, and 401 means logged out.
#[derive(Debug)]
pub(super) struct CloudHealthDialect {
    pub(super) tenant: String,
}

impl Dialect for CloudHealthDialect {
    fn hint(&self, fault: &HttpFault) -> Option<String> {
        let tenant = &self.tenant;
        match fault.status.as_u16() {
            403 => Some(format!(
                "check `api_key` of the tenant `{tenant}`: making a new key ends the old one at once; if other calls \
                 work, give the key's user a role that may read this, or leave these kinds out with `kinds`"
            )),
            401 => Some(format!("the user of `api_key` of the tenant `{tenant}` is logged out or disabled")),
            _ => None,
        }
    }
}
