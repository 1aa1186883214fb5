//! Fake services for tests: invented worlds behind real HTTP on loopback ports, with faults on demand.
//!
//! A source's own tests and the end-to-end tests use the same ones. A crate of its own, and a small one, so that testing
//! one source compiles neither a database nor the program. The fake AWS is in `auditor-testbed`, since benchmarks need it.
//!
//! | module | pretends to be |
//! |---|---|
//! | [`alert_logic`] | Alert Logic: two accounts; its replies are the files in `fixtures/alert-logic` |
//! | [`aws_eks`] | EKS with the STS before it: any account, two regions |
//! | [`aws_organization`] | an AWS organization of three accounts, with Identity Center and cost |
//! | [`cloudhealth`] | CloudHealth: a partner's tenant and one customer |
//! | [`kubernetes`] | the API server of one cluster |

#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "for tests: what goes wrong ends the test"
)]

pub mod alert_logic;
pub mod aws_eks;
pub mod aws_organization;
pub mod cloudhealth;
pub mod kubernetes;

use std::ops::Deref;

/// A fake that serves from a thread of its own, for tests that are not asynchronous. Stopped when dropped.
pub struct Background<F> {
    fake: F,
    // Dropped last: the fake may have something to say to its server.
    _runtime: tokio::runtime::Runtime,
}

impl<F> Background<F> {
    /// Starts a fake: `Background::start(cloudhealth::Fake::start())`.
    pub fn start(fake: impl Future<Output = F>) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        Self { fake: runtime.block_on(fake), _runtime: runtime }
    }
}

impl<F> Deref for Background<F> {
    type Target = F;

    fn deref(&self) -> &F {
        &self.fake
    }
}
