//! The fake AWS as a process, to try the program by hand or under load.

use std::net::SocketAddr;

use anyhow::Context as _;
use auditor_testbed::fake_aws::{Estate, FakeAws, HUB_ACCESS_KEY_ID, Paging, Size};
use clap::Parser;

/// Serves invented AWS accounts (IAM, STS, Organizations) until it is stopped.
#[derive(Parser)]
struct Options {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:4580")]
    listen: SocketAddr,
    /// Accounts beside the hub.
    #[arg(long, default_value_t = 5)]
    accounts: usize,
    /// Users, groups, roles and policies per account. Default: a small account with everything in it.
    #[arg(long)]
    resources: Option<usize>,
    /// The same seed gives the same accounts.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Small, short and empty pages, as AWS may give them.
    #[arg(long)]
    awkward_pages: bool,
}

#[expect(clippy::print_stdout, reason = "the program's output")]
fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let size = options.resources.map_or(Size::SMALL, Size::of);
    let paging = if options.awkward_pages { Paging::AWKWARD } else { Paging::PLAIN };
    let estate = Estate::generate(options.seed, options.accounts, size);
    let fake = FakeAws::listen(options.listen, estate, paging)
        .with_context(|| format!("cannot listen on {}", options.listen))?;
    println!("endpoint  {}", fake.url());
    println!("hub       AWS_ACCESS_KEY_ID={HUB_ACCESS_KEY_ID} AWS_SECRET_ACCESS_KEY=any");
    println!("accounts  {0}/_control/accounts", fake.url());
    loop {
        std::thread::park();
    }
}
