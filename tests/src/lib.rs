//! What end-to-end tests and benchmarks need around the program: servers, estates, a fake AWS.

pub mod bench;
pub mod fake_aws;
pub mod harness;
