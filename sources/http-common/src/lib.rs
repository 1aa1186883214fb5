//! What sources that speak to a REST service share: connections, replies, error classes. Not a plugin.
//!
//! Knows no service. A source describes a call as a [`Request`] and sends it through the engine's
//! [`Caller`](auditor_core::source::Caller); what comes back is a value or a [`SourceError`](auditor_core::error::SourceError)
//! of the class that decides what happens next. Secrets go out in headers marked as such, and show in no error, no
//! `Debug` and no log; neither do addresses, which may carry keys, nor bodies.
//!
//! ```ignore
//! let http = HttpClient::new(&config.http, "https://api.example.com", instance, Standard)?;
//! let key = Credential::bearer(&config.api_key.resolve(instance)?)?;
//! let reply: Reply<Users> = http
//!     .get("GET /v1/users", &["v1", "users"])
//!     .query("page", 2)
//!     .with(&key)
//!     .json(out.caller())
//!     .await?;
//! ```
//!
//! | module | holds |
//! |---|---|
//! | [`settings`](HttpSettings) | what operators set for a connection |
//! | [`client`](HttpClient) | connections: TLS, proxy, no redirects |
//! | [`credential`](Credential) | secrets as headers |
//! | [`request`](Request) | one call and its reply |
//! | [`fault`](HttpFault) | what a service answered instead, and its class |

mod body;
mod client;
mod credential;
mod fault;
mod request;
mod settings;
#[cfg(test)]
mod tests;
mod tls;

pub use client::HttpClient;
pub use credential::{Credential, InvalidCredential};
pub use fault::{Class, Dialect, HttpFault, Standard, clean, common_message, retry_after};
pub use request::{Reply, Request};
pub use reqwest::{
    Method, StatusCode,
    header::{HeaderMap, HeaderName},
};
pub use settings::{HttpSettings, parse_endpoint};
pub use tls::tls_error;
