//! A fake AWS: IAM, STS and Organizations of many invented accounts, over HTTP on the loopback interface.
//!
//! It speaks the protocols the SDKs speak (Query/XML, JSON for Organizations), whatever the path, so that it serves as
//! `endpoint_url` of all three services. It does what a mock of single calls cannot: real paging with short and empty
//! pages, throttling, denials in AWS's words, external ids, the states of the credential report, cut connections.
//! Signatures are not checked; who is calling is read from the credentials that `AssumeRole` issued.
//!
//! | module | holds |
//! |---|---|
//! | [`estate`] | what an account consists of, as plain data |
//! | [`Estate`] | many accounts, invented from a seed, changeable, passing from day to day |
//! | [`faults`] | what goes wrong when, and how often each action was called |
//! | `iam`, `sts`, `organizations` | the services |
//! | `server`, `control` | HTTP, and `/_control/…` for what runs in another process |

mod control;
pub mod documents;
pub mod estate;
mod evolve;
pub mod faults;
mod generate;
mod iam;
mod organizations;
mod paging;
mod report;
mod server;
mod sts;
#[cfg(test)]
mod tests;
mod world;
mod xml;

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

pub use estate::{Account, Report};
pub use faults::{Fault, Rule};
pub use generate::Size;
pub use paging::Paging;
pub use world::Estate;

use server::Shared;

/// The account whose credentials the auditor starts with.
pub const HUB: &str = "111111111111";

/// The identity the auditor starts with.
pub const HUB_ARN: &str = "arn:aws:iam::111111111111:user/auditor-hub";

/// Access key id of that identity. The secret key may be anything.
pub const HUB_ACCESS_KEY_ID: &str = "AKIA111111111111HUB0";

/// A running fake. It stops when dropped.
pub struct FakeAws {
    address: SocketAddr,
    shared: Arc<Shared>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl FakeAws {
    /// Starts on a free port of the loopback interface, with awkward pages.
    ///
    /// # Panics
    /// If no port can be had.
    pub fn start(estate: Estate) -> Self {
        Self::listen(SocketAddr::from(([127, 0, 0, 1], 0)), estate, Paging::AWKWARD)
            .expect("a free port on the loopback interface")
    }

    /// Starts on an address.
    ///
    /// # Errors
    /// If the address cannot be had.
    pub fn listen(address: SocketAddr, estate: Estate, paging: Paging) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let shared = Arc::new(Shared::new(estate, paging));
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let app = server::app(Arc::clone(&shared));
        runtime.spawn(async move { axum::serve(tokio::net::TcpListener::from_std(listener)?, app).await });
        Ok(Self { address, shared, runtime: Some(runtime) })
    }

    /// What to configure as endpoint.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The accounts.
    pub fn estate(&self) -> &Estate {
        &self.shared.estate
    }

    /// Makes something go wrong.
    pub fn fault(&self, rule: Rule) {
        self.shared.faults.add(rule);
    }

    /// Makes everything go well again.
    pub fn no_faults(&self) {
        self.shared.faults.clear();
    }

    /// How often an action was called in an account.
    pub fn calls(&self, account: &str, action: &str) -> u64 {
        self.shared.faults.calls(account, action)
    }

    /// Waits until an action was called in an account.
    ///
    /// # Panics
    /// If that does not happen within a minute.
    pub fn wait_for_call(&self, account: &str, action: &str) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while self.calls(account, action) == 0 {
            assert!(Instant::now() < deadline, "`{action}` was not called in {account} within a minute");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Forgets the calls counted.
    pub fn reset_calls(&self) {
        self.shared.faults.reset_calls();
    }
}

impl Drop for FakeAws {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
