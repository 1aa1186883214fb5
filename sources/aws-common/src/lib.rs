//! What sources that speak to AWS share: credentials, sessions, connections, paging, error classes. Not a plugin.
//!
//! Knows STS, and of Organizations the list of accounts; no other service. A source makes its clients from a [`Hub`]'s SDK settings and calls them through a
//! [`Session`]; what comes back is a value or a [`SourceError`](auditor_core::error::SourceError) of the class that
//! decides what happens next. The SDK's own retries are off: every call goes through
//! [`Caller::call`](auditor_core::source::Caller::call), which limits, retries and cancels.
//!
//! | module | holds |
//! |---|---|
//! | [`accounts`](AccountList) | which accounts are audited, and a session in each |
//! | [`settings`](Partition) | partitions, and what STS takes in settings |
//! | [`hub`](Hub) | the program's own credentials |
//! | [`assume_role`](SessionRequest) | sessions of other roles |
//! | [`session`](Session) | clients over a session that is renewed when it ends |
//! | [`http`](http_client) | connections: TLS, proxy |
//! | [`input`](Input) | what one call gave: known, denied, failed |
//! | [`pages`](Pages) | lists to their end |
//! | [`each`](for_each) | calls for each of several things |
//! | [`problems`](Problems) | failures of single records, each reason told once |
//! | [`fault`](classify) | what AWS answered instead, and its class |
//! | [`arn`](Arn) | ARNs taken apart |
//! | [`policy_document`](PolicyDocument) | policy documents as they arrive |

mod accounts;
mod arn;
mod assume_role;
mod check;
mod each;
mod fault;
mod http;
mod hub;
mod input;
mod pages;
mod policy_document;
mod problems;
mod session;
mod settings;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;

pub use self::{
    accounts::{
        Access, AccountList, Accounts, ExternalId, ListedAccount, PlannedAccount, Reach, SessionSettings,
        check_status, placeholder,
    },
    arn::{Arn, is_account_id, is_role_name, name_of},
    assume_role::{MAX_SESSION_POLICY, SessionRequest},
    check::check_item,
    each::for_each,
    fault::{classify, code_of},
    http::http_client,
    hub::{Hub, HubSettings, LazyHub},
    input::Input,
    pages::Pages,
    policy_document::PolicyDocument,
    problems::{Problems, Skip},
    session::Session,
    settings::{Partition, check_endpoints, check_external_id, check_session},
};
