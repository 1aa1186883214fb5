//! End to end: the built program against the fake AWS, moto, SQLite and PostgreSQL, as an operator would use it.
//!
//! | module | asks |
//! |---|---|
//! | `audit` | does a run store what is there, and only what changed, on both stores |
//! | `faults` | does what cannot be seen stay told from what is not there |
//! | `interruption` | does a run that is stopped, killed or doubled leave the store right |
//! | `database` | PostgreSQL: rights, schema versions, restarts, unreachable servers |
//! | `disk` | a full disk |
//! | `exports` | exported files, good and bad |
//! | `checks` | findings: what is found stays found, and nothing passes on what could not be seen |
//! | `configuration` | wrong configuration files |
//! | `instances` | several sources of one type, switched on and off one by one |
//! | `access` | effective access: what is found, what changed, as of when |
//! | `accounts` | the account directory: merged facts, facts set by hand, blind spots |
//! | `all_sources` | every source in one run, one of them failing; secrets searched in everything |
//! | `targets` | the table of accounts to audit |
//! | `kube_apiserver` | a real Kubernetes API server |
//! | `moto` | an AWS that this project did not write |
//! | `plugin_example` | a package outside of the workspace, with a source and a program of its own |
//! | `program` | the program itself: plugins, help |

#![expect(clippy::unwrap_used, reason = "the whole binary is tests, helpers included")]

mod access;
mod accounts;
mod all_sources;
mod audit;
mod checks;
mod common;
mod configuration;
mod database;
mod disk;
mod exports;
mod faults;
mod instances;
mod interruption;
mod kube_apiserver;
mod moto;
mod plugin_example;
mod program;
mod targets;
