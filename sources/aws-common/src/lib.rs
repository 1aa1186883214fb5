//! What sources that speak to AWS share: credentials, sessions, connections, paging, error classes. Not a plugin.
//!
//! Knows STS and no other service. A source makes its clients from a [`Hub`]'s SDK settings and calls them through a
//! [`Session`]; what comes back is a value or a [`SourceError`](auditor_core::error::SourceError) of the class that
//! decides what happens next. The SDK's own retries are off: every call goes through
//! [`Caller::call`](auditor_core::source::Caller::call), which limits, retries and cancels.
//!
//! | module | holds |
//! |---|---|
//! | [`settings`](Partition) | partitions, and what STS takes in settings |
//! | [`hub`](Hub) | the program's own credentials |
//! | [`assume_role`](SessionRequest) | sessions of other roles |
//! | [`session`](Session) | clients over a session that is renewed when it ends |
//! | [`http`](http_client) | connections: TLS, proxy |
//! | [`input`](Input) | what one call gave: known, denied, failed |
//! | [`pages`](Pages) | lists to their end |
//! | [`fault`](classify) | what AWS answered instead, and its class |
//! | [`arn`](Arn) | ARNs taken apart |
//! | [`policy_document`](PolicyDocument) | policy documents as they arrive |

mod arn;
mod assume_role;
mod fault;
mod http;
mod hub;
mod input;
mod pages;
mod policy_document;
mod session;
mod settings;

pub use self::{
    arn::{Arn, is_account_id, is_role_name, name_of},
    assume_role::{MAX_SESSION_POLICY, SessionRequest},
    fault::{classify, code_of},
    http::http_client,
    hub::{Hub, HubSettings, LazyHub},
    input::Input,
    pages::Pages,
    policy_document::PolicyDocument,
    session::Session,
    settings::{Partition, check_endpoints, check_external_id, check_session},
};
