//! The plain way to keep an inventory, to compare with: one table, every row upserted at every audit.

/// The table, in words that both databases take.
pub(super) const TABLE: &str = "\
CREATE TABLE plain_resource (
    kind text NOT NULL,
    native_id text NOT NULL,
    account text NOT NULL,
    name text,
    fingerprint bytea NOT NULL,
    first_seen_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    document jsonb NOT NULL,
    activity jsonb,
    PRIMARY KEY (account, kind, native_id)
)";

/// What follows the rows of an upsert.
pub(super) const ON_CONFLICT: &str = "\
ON CONFLICT (account, kind, native_id) DO UPDATE SET name = excluded.name, fingerprint = excluded.fingerprint,
    seen_at = excluded.seen_at, document = excluded.document, activity = excluded.activity";

/// Rows in one statement.
pub(super) const ROWS: usize = 1000;
