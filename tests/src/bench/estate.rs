//! A deterministic estate: the same records for the same numbers, in every process.

use auditor_core::model::{Kind, Record, Resource};
use serde_json::{Value, json};

static USER: Kind = Kind::new("bench_user", "A user");
static ROLE: Kind = Kind::new("bench_role", "A role");
static POLICY: Kind = Kind::new("bench_policy", "A policy");
static GROUP: Kind = Kind::new("bench_group", "A group");
static KEY: Kind = Kind::new("bench_access_key", "An access key");

/// The kinds, each with its share of an account's records in percent, in the order of a listing.
const SHARES: [(&Kind, usize); 5] = [(&USER, 20), (&ROLE, 40), (&POLICY, 25), (&GROUP, 5), (&KEY, 10)];

/// What changed since the audit before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scenario {
    FirstLoad,
    Unchanged,
    OnePercentEvenly,
    OnePercentOfAccounts,
    TenPercentEvenly,
}

impl Scenario {
    pub(super) const ALL: [Self; 5] = [
        Self::FirstLoad,
        Self::Unchanged,
        Self::OnePercentEvenly,
        Self::OnePercentOfAccounts,
        Self::TenPercentEvenly,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::FirstLoad => "first load",
            Self::Unchanged => "nothing changed",
            Self::OnePercentEvenly => "1 % changed, evenly spread",
            Self::OnePercentOfAccounts => "1 % changed, within 1 % of the accounts",
            Self::TenPercentEvenly => "10 % changed, evenly spread",
        }
    }

    /// Whether a record is another one than in the audit before.
    fn changes(self, account: usize, record: usize) -> bool {
        match self {
            Self::FirstLoad | Self::Unchanged => false,
            Self::OnePercentEvenly => (record + account).is_multiple_of(100),
            Self::OnePercentOfAccounts => account.is_multiple_of(100),
            Self::TenPercentEvenly => (record + account) % 10 == 1,
        }
    }
}

/// How large the estate is.
#[derive(Debug, Clone, Copy)]
pub struct Estate {
    /// Accounts; each is one task.
    pub accounts: usize,
    /// Records per account.
    pub resources: usize,
    /// Accounts worked on at the same time.
    pub concurrency: usize,
}

impl Estate {
    /// The kinds of its records.
    pub(super) fn kinds() -> Vec<&'static Kind> {
        SHARES.iter().map(|(kind, _)| *kind).collect()
    }

    /// The id of an account.
    pub(super) fn account(account: usize) -> String {
        format!("{:012}", 100_000_000_000 + account)
    }

    /// The records of an account as they are at an audit: each listing by native id, as the sources emit theirs.
    pub(super) fn records(&self, account: usize, scenario: Scenario) -> Vec<Record> {
        let mut records = Vec::with_capacity(self.resources);
        let mut before = 0;
        for (kind, share) in SHARES {
            before += share;
            let end = self.resources * before / 100;
            let mut listing: Vec<_> =
                (records.len()..end).map(|record| record_of(kind, account, record, scenario)).collect();
            listing.sort_by(|a, b| a.native_id.cmp(&b.native_id));
            records.extend(listing);
        }
        records
    }
}

fn record_of(kind: &'static Kind, account: usize, record: usize, scenario: Scenario) -> Record {
    let revision = Scenario::ALL
        .into_iter()
        .filter(|earlier| *earlier <= scenario && earlier.changes(account, record))
        .count();
    let id = scramble((account * 1_000_003 + record) as u64);
    let account_id = Estate::account(account);
    let native_id = format!("AIDA{id:017X}");
    let mut resource = Resource::new(
        kind,
        account_id.parse().expect("twelve digits"),
        native_id,
        document(&account_id, id, revision),
    )
    .named(format!("{}-{record}", kind.name));
    // Users, roles and keys have a last use; it changes with nothing else, to keep the two costs apart.
    if kind.name != POLICY.name && kind.name != GROUP.name {
        resource =
            resource.with_activity(json!({ "last_used_at": null, "region": "eu-central-1", "id": id % 97 }));
    }
    Record::new(resource)
}

/// About 1 KB, of the shape that identity documents have: nested, with long texts that look alike.
fn document(account: &str, id: u64, revision: usize) -> Value {
    let statement = |n: u64| {
        json!({
            "Sid": format!("Statement{n}"),
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:ListBucket", format!("ec2:Describe{:X}", scramble(id + n) % 4096)],
            "Resource": format!("arn:aws:s3:::bucket-{:x}/*", scramble(id ^ n)),
        })
    };
    json!({
        "arn": format!("arn:aws:iam::{account}:role/service/{id:x}"),
        "path": "/service/",
        "revision": revision,
        "max_session_secs": 3600,
        "tags": { "owner": format!("team-{}", id % 40), "cost-centre": id % 1000, "stage": "production" },
        "attached_policies": [
            format!("arn:aws:iam::aws:policy/ReadOnly{:x}", id % 16),
            format!("arn:aws:iam::{account}:policy/baseline-{:x}", id % 256),
        ],
        "policy": { "Version": "2012-10-17", "Statement": [statement(1), statement(2), statement(3)] },
        "description": format!("Invented for measuring, number {id}; carries no meaning whatsoever"),
        "boundary": null,
    })
}

/// Spreads numbers over all 64 bits (the finaliser of `SplitMix64`), so that ids come in no order.
fn scramble(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_have_about_a_kilobyte_and_change_as_announced() {
        let estate = Estate { accounts: 200, resources: 1000, concurrency: 1 };
        let changed = |account: usize, before: Scenario, after: Scenario| {
            let (before, after) = (estate.records(account, before), estate.records(account, after));
            before.iter().zip(&after).filter(|(a, b)| a.fingerprint != b.fingerprint).count()
        };
        let first = estate.records(0, Scenario::FirstLoad);
        let bytes: usize = first.iter().map(|record| record.content.document.len()).sum();
        assert!((900..1100).contains(&(bytes / first.len())), "{} bytes each", bytes / first.len());
        assert_eq!(first.len(), 1000);
        assert_eq!(changed(7, Scenario::FirstLoad, Scenario::Unchanged), 0);
        assert_eq!(changed(7, Scenario::Unchanged, Scenario::OnePercentEvenly), 10);
        assert_eq!(changed(7, Scenario::OnePercentEvenly, Scenario::OnePercentOfAccounts), 0);
        assert_eq!(changed(100, Scenario::OnePercentEvenly, Scenario::OnePercentOfAccounts), 1000);
        assert_eq!(changed(7, Scenario::OnePercentOfAccounts, Scenario::TenPercentEvenly), 100);
    }
}
