-- The store, as for PostgreSQL: same tables, same algorithm. Times are RFC 3339 text in UTC, which sorts as time does.

-- Accounts to audit. Settings are kept by people (`auditor targets import`), the rest by runs.
CREATE TABLE aws_cross_account_arn (
    account text PRIMARY KEY,
    name text,
    role_arn text NOT NULL,
    external_id_ref text,
    enabled integer NOT NULL DEFAULT 1,
    working integer,
    last_used_at text,
    last_error text
);

-- The ledger, kept for good.
CREATE TABLE run (
    id blob PRIMARY KEY,
    started_at text NOT NULL,
    finished_at text,
    version text NOT NULL,
    status text NOT NULL,
    summary text,
    previous_run blob,
    digest blob
);
CREATE INDEX run_started_at ON run (started_at);

CREATE TABLE task (
    run blob NOT NULL REFERENCES run (id),
    source text NOT NULL,
    target text NOT NULL,
    target_name text NOT NULL,
    account text NOT NULL,
    observed_at text NOT NULL,
    finished_at text NOT NULL,
    scopes text NOT NULL,
    PRIMARY KEY (run, source, target)
);
CREATE INDEX task_target ON task (source, target, observed_at);

-- One row per target: when all of its scopes together were last found as they are, so that a task that changes nothing
-- writes one row here and none for its scopes. `digest` covers the digests of every scope of the target; null unless the
-- last task listed all of them completely and stored all it saw.
CREATE TABLE target (
    source text NOT NULL,
    target text NOT NULL,
    observed_at text NOT NULL,
    last_run blob NOT NULL,
    digest blob,
    PRIMARY KEY (source, target)
) WITHOUT ROWID;

-- One row per (source, target, kind): what was known of its listing when it last changed; `scope` tells what is known now.
-- `digest` covers the rows present in `resource`.
CREATE TABLE scope_state (
    id integer PRIMARY KEY,
    source text NOT NULL,
    target text NOT NULL,
    kind text NOT NULL,
    account text NOT NULL,
    outcome text NOT NULL,
    observed_at text NOT NULL,
    last_complete_at text,
    last_run blob NOT NULL,
    present integer NOT NULL,
    digest blob NOT NULL,
    activity_digest blob NOT NULL,
    UNIQUE (source, target, kind)
);
CREATE INDEX scope_state_kind ON scope_state (kind);

-- What is known of each listing.
CREATE VIEW scope AS
SELECT s.id, s.source, s.target, s.kind, s.account, s.outcome,
       CASE WHEN t.digest IS NULL THEN s.observed_at ELSE t.observed_at END AS observed_at,
       CASE WHEN t.digest IS NULL THEN s.last_complete_at ELSE t.observed_at END AS last_complete_at,
       CASE WHEN t.digest IS NULL THEN s.last_run ELSE t.last_run END AS last_run,
       s.present, s.digest, s.activity_digest
FROM scope_state s
LEFT JOIN target t ON t.source = s.source AND t.target = s.target;

-- The current state of each record, without its document: narrow, so that a change costs little.
CREATE TABLE resource (
    scope integer NOT NULL,
    native_id text NOT NULL,
    account text NOT NULL,
    name text,
    fingerprint blob NOT NULL,
    version integer NOT NULL,
    first_seen_at text NOT NULL,
    changed_at text NOT NULL,
    seen_at text,
    missing_since text,
    PRIMARY KEY (scope, native_id)
) WITHOUT ROWID;
CREATE INDEX resource_account ON resource (account, scope);

-- Every state a record ever had. A tombstone has no document. Rows are never changed or removed. With row ids, unlike
-- its neighbours: documents are too large for the inner pages of a tree.
CREATE TABLE resource_version (
    scope integer NOT NULL,
    native_id text NOT NULL,
    version integer NOT NULL,
    run blob NOT NULL,
    observed_at text NOT NULL,
    account text NOT NULL,
    name text,
    provider_created_at text,
    provider_updated_at text,
    fingerprint blob,
    document text,
    PRIMARY KEY (scope, native_id, version)
);

-- The latest volatile facts of each record that has any.
CREATE TABLE resource_activity (
    scope integer NOT NULL,
    native_id text NOT NULL,
    observed_at text NOT NULL,
    fingerprint blob NOT NULL,
    activity text NOT NULL,
    PRIMARY KEY (scope, native_id)
) WITHOUT ROWID;

-- The present state of everything. A record of a complete scope was audited when its scope was; one that a later
-- incomplete listing still saw, when it was seen.
CREATE VIEW resource_current AS
SELECT s.source, s.target, s.kind, r.account, r.native_id, r.name, r.version,
       r.first_seen_at, r.changed_at,
       max(coalesce(r.seen_at, ''), r.changed_at, coalesce(s.last_complete_at, '')) AS last_audited_at,
       s.outcome AS scope_outcome,
       v.provider_created_at, v.provider_updated_at, v.document, a.activity, r.fingerprint, r.scope
FROM resource r
JOIN scope s ON s.id = r.scope
JOIN resource_version v ON v.scope = r.scope AND v.native_id = r.native_id AND v.version = r.version
LEFT JOIN resource_activity a ON a.scope = r.scope AND a.native_id = r.native_id
WHERE r.missing_since IS NULL;
