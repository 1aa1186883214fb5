//! Around the built program: servers it needs, and a runner that keeps what it printed.
//!
//! Everything here is synchronous: a test that drives processes has nothing to await. What goes wrong in a test's
//! surroundings panics with a sentence that says what to do.
//!
//! | module | holds |
//! |---|---|
//! | [`service`] | a process that ends when this one does, however it ends |
//! | [`postgres`] | PostgreSQL: a server, and one database per test with a restricted role |
//! | [`kubernetes`] | a real Kubernetes API server |
//! | [`moto`] | moto: an AWS that this project did not write |
//! | [`program`] | running the built program |
//! | [`tables`] | looking into a store past the program |

pub mod kubernetes;
pub mod moto;
pub mod postgres;
pub mod program;
pub mod service;
pub mod tables;

/// An environment variable that steers the tests; empty counts as absent.
pub fn setting(name: &str) -> Option<String> {
    std::env::var_os(name).and_then(|value| value.into_string().ok()).filter(|value| !value.is_empty())
}
