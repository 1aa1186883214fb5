-- Run once by an administrator on an empty database. Generated; `auditor db migrate` does the same.
BEGIN;

CREATE TABLE auditor_migration (
    version bigint PRIMARY KEY,
    description text NOT NULL,
    installed_on timestamptz NOT NULL DEFAULT now(),
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

-- The store. The program's role needs SELECT, INSERT and UPDATE as granted in deploy/create_tables.sql, nothing else:
-- no DELETE, no DDL, no sequence, no ownership.

-- Accounts to audit. Settings are kept by people (`auditor targets import`), the rest by runs.
CREATE TABLE aws_cross_account_arn (
    account text PRIMARY KEY,
    name text,
    role_arn text NOT NULL,
    external_id_ref text,
    enabled boolean NOT NULL DEFAULT true,
    working boolean,
    last_used_at timestamptz,
    last_error text
);

-- The ledger, kept for good.
CREATE TABLE run (
    id uuid PRIMARY KEY,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    version text NOT NULL,
    status text NOT NULL,
    summary jsonb,
    previous_run uuid,
    digest bytea
);
CREATE INDEX run_started_at ON run (started_at);

CREATE TABLE task (
    run uuid NOT NULL REFERENCES run (id),
    source text NOT NULL,
    target text NOT NULL,
    target_name text NOT NULL,
    account text NOT NULL,
    observed_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    scopes jsonb NOT NULL,
    PRIMARY KEY (run, source, target)
);
CREATE INDEX task_target ON task (source, target, observed_at);

-- One row per target: when all of its scopes together were last found as they are, so that a task that changes nothing
-- writes one row here and none for its scopes. `digest` covers the digests of every scope of the target; null unless the
-- last task listed all of them completely and stored all it saw.
CREATE TABLE target (
    source text NOT NULL,
    target text NOT NULL,
    observed_at timestamptz NOT NULL,
    last_run uuid NOT NULL,
    digest bytea,
    PRIMARY KEY (source, target)
) WITH (fillfactor = 50);

-- One row per (source, target, kind): what was known of its listing when it last changed; `scope` tells what is known now.
-- `digest` covers the rows present in `resource`.
CREATE TABLE scope_state (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL,
    target text NOT NULL,
    kind text NOT NULL,
    account text NOT NULL,
    outcome text NOT NULL,
    observed_at timestamptz NOT NULL,
    last_complete_at timestamptz,
    last_run uuid NOT NULL,
    present bigint NOT NULL,
    digest bytea NOT NULL,
    activity_digest bytea NOT NULL,
    UNIQUE (source, target, kind)
) WITH (fillfactor = 50);
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

-- The current state of each record, without its document: narrow, so that a change costs little. Native ids are compared
-- by bytes, as digests are made. No foreign key to `scope`: its check costs more than the row, and whoever writes a row
-- holds the scope's lock.
CREATE TABLE resource (
    scope bigint NOT NULL,
    native_id text COLLATE "C" NOT NULL,
    account text NOT NULL,
    name text,
    fingerprint bytea NOT NULL,
    version integer NOT NULL,
    first_seen_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    seen_at timestamptz,
    missing_since timestamptz,
    PRIMARY KEY (scope, native_id)
) WITH (fillfactor = 90);
CREATE INDEX resource_account ON resource (account, scope);

-- Every state a record ever had. A tombstone has no document. Rows are never changed or removed.
CREATE TABLE resource_version (
    scope bigint NOT NULL,
    native_id text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    run uuid NOT NULL,
    observed_at timestamptz NOT NULL,
    account text NOT NULL,
    name text,
    provider_created_at timestamptz,
    provider_updated_at timestamptz,
    fingerprint bytea,
    document jsonb,
    PRIMARY KEY (scope, native_id, version)
);

-- The latest volatile facts of each record that has any.
CREATE TABLE resource_activity (
    scope bigint NOT NULL,
    native_id text COLLATE "C" NOT NULL,
    observed_at timestamptz NOT NULL,
    fingerprint bytea NOT NULL,
    activity jsonb NOT NULL,
    PRIMARY KEY (scope, native_id)
);

-- The present state of everything. A record of a complete scope was audited when its scope was; one that a later
-- incomplete listing still saw, when it was seen.
CREATE VIEW resource_current AS
SELECT s.source, s.target, s.kind, r.account, r.native_id, r.name, r.version,
       r.first_seen_at, r.changed_at,
       greatest(r.seen_at, r.changed_at, s.last_complete_at) AS last_audited_at,
       s.outcome AS scope_outcome,
       v.provider_created_at, v.provider_updated_at, v.document, a.activity, r.fingerprint, r.scope
FROM resource r
JOIN scope s ON s.id = r.scope
JOIN resource_version v ON v.scope = r.scope AND v.native_id = r.native_id AND v.version = r.version
LEFT JOIN resource_activity a ON a.scope = r.scope AND a.native_id = r.native_id
WHERE r.missing_since IS NULL;

INSERT INTO auditor_migration (version, description, success, checksum, execution_time)
VALUES (1, 'store', true, '\x869da6c54d1af8b78a1b01a450f55dfe6169e65e5cdf9a318fd0d09282e8bec052ee003a6db5c1c822f43c96ed9f19db', -1);

DROP VIEW IF EXISTS "account";

CREATE VIEW "account" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"provider"}'::text[]) AS "provider",
       (document #>> '{"alias"}'::text[]) AS "alias",
       (document #>> '{"partition"}'::text[]) AS "partition",
       (document #>> '{"status"}'::text[]) AS "status",
       (document #>> '{"owner"}'::text[]) AS "owner",
       (document #>> '{"business_unit"}'::text[]) AS "business_unit",
       (document #>> '{"support_team"}'::text[]) AS "support_team",
       (document #>> '{"security_contact"}'::text[]) AS "security_contact",
       (document #>> '{"email"}'::text[]) AS "email",
       nullif((document #> '{"tags"}'::text[]), 'null'::jsonb) AS "tags",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'account';

DROP VIEW IF EXISTS "account_cost";

CREATE VIEW "account_cost" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"provider"}'::text[]) AS "provider",
       (document #>> '{"month"}'::text[]) AS "month",
       CASE jsonb_typeof(document #> '{"amount"}'::text[]) WHEN 'number' THEN CASE WHEN (document #> '{"amount"}'::text[])::numeric = 0 OR abs((document #> '{"amount"}'::text[])::numeric) BETWEEN 2.3e-308 AND 1.79e308 THEN (document #> '{"amount"}'::text[])::numeric::float8 END END AS "amount",
       CASE jsonb_typeof(activity #> '{"amount_so_far"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"amount_so_far"}'::text[])::numeric = 0 OR abs((activity #> '{"amount_so_far"}'::text[])::numeric) BETWEEN 2.3e-308 AND 1.79e308 THEN (activity #> '{"amount_so_far"}'::text[])::numeric::float8 END END AS "amount_so_far",
       (document #>> '{"currency"}'::text[]) AS "currency",
       (document #>> '{"measure"}'::text[]) AS "measure",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'account_cost';

DROP VIEW IF EXISTS "alertlogic_access_key";

CREATE VIEW "alertlogic_access_key" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"user_id"}'::text[]) AS "user_id",
       (document #>> '{"user_name"}'::text[]) AS "user_name",
       CASE jsonb_typeof(document #> '{"user_active"}'::text[]) WHEN 'boolean' THEN (document #> '{"user_active"}'::text[])::boolean END AS "user_active",
       CASE WHEN (activity #>> '{"last_used_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"last_used_at"}'::text[])::timestamptz END AS "last_used_at",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'alertlogic_access_key';

DROP VIEW IF EXISTS "alertlogic_account";

CREATE VIEW "alertlogic_account" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"relation"}'::text[]) AS "relation",
       CASE jsonb_typeof(document #> '{"active"}'::text[]) WHEN 'boolean' THEN (document #> '{"active"}'::text[])::boolean END AS "active",
       (document #>> '{"default_location"}'::text[]) AS "default_location",
       nullif((document #> '{"accessible_locations"}'::text[]), 'null'::jsonb) AS "accessible_locations",
       CASE jsonb_typeof(document #> '{"mfa_required"}'::text[]) WHEN 'boolean' THEN (document #> '{"mfa_required"}'::text[])::boolean END AS "mfa_required",
       CASE jsonb_typeof(document #> '{"federated_login_required"}'::text[]) WHEN 'boolean' THEN (document #> '{"federated_login_required"}'::text[])::boolean END AS "federated_login_required",
       CASE jsonb_typeof(document #> '{"idle_session_timeout"}'::text[]) WHEN 'number' THEN CASE WHEN (document #> '{"idle_session_timeout"}'::text[])::numeric % 1 = 0 AND (document #> '{"idle_session_timeout"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (document #> '{"idle_session_timeout"}'::text[])::numeric::bigint END END AS "idle_session_timeout",
       nullif((document #> '{"managed_account_ids"}'::text[]), 'null'::jsonb) AS "managed_account_ids",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'alertlogic_account';

DROP VIEW IF EXISTS "alertlogic_agent";

CREATE VIEW "alertlogic_agent" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"deployment_id"}'::text[]) AS "deployment_id",
       (document #>> '{"host_name"}'::text[]) AS "host_name",
       (document #>> '{"instance_id"}'::text[]) AS "instance_id",
       (document #>> '{"region"}'::text[]) AS "region",
       (document #>> '{"vpc"}'::text[]) AS "vpc",
       (document #>> '{"protection_level"}'::text[]) AS "protection_level",
       (document #>> '{"host_id"}'::text[]) AS "host_id",
       (document #>> '{"key"}'::text[]) AS "key",
       CASE jsonb_typeof(activity #> '{"health_level"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"health_level"}'::text[])::numeric % 1 = 0 AND (activity #> '{"health_level"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"health_level"}'::text[])::numeric::bigint END END AS "health_level",
       (activity #>> '{"status"}'::text[]) AS "status",
       CASE WHEN (activity #>> '{"status_updated_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"status_updated_at"}'::text[])::timestamptz END AS "status_updated_at",
       CASE WHEN (activity #>> '{"modified_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"modified_at"}'::text[])::timestamptz END AS "modified_at",
       nullif((activity #> '{"problems"}'::text[]), 'null'::jsonb) AS "problems",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'alertlogic_agent';

DROP VIEW IF EXISTS "alertlogic_appliance";

CREATE VIEW "alertlogic_appliance" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"deployment_id"}'::text[]) AS "deployment_id",
       (document #>> '{"host_name"}'::text[]) AS "host_name",
       (document #>> '{"instance_id"}'::text[]) AS "instance_id",
       (document #>> '{"region"}'::text[]) AS "region",
       (document #>> '{"vpc"}'::text[]) AS "vpc",
       (document #>> '{"protection_level"}'::text[]) AS "protection_level",
       (document #>> '{"host_id"}'::text[]) AS "host_id",
       (document #>> '{"key"}'::text[]) AS "key",
       CASE jsonb_typeof(activity #> '{"health_level"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"health_level"}'::text[])::numeric % 1 = 0 AND (activity #> '{"health_level"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"health_level"}'::text[])::numeric::bigint END END AS "health_level",
       (activity #>> '{"status"}'::text[]) AS "status",
       CASE WHEN (activity #>> '{"status_updated_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"status_updated_at"}'::text[])::timestamptz END AS "status_updated_at",
       CASE WHEN (activity #>> '{"modified_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"modified_at"}'::text[])::timestamptz END AS "modified_at",
       nullif((activity #> '{"problems"}'::text[]), 'null'::jsonb) AS "problems",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'alertlogic_appliance';

DROP VIEW IF EXISTS "alertlogic_collection_health";

CREATE VIEW "alertlogic_collection_health" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"deployment_id"}'::text[]) AS "deployment_id",
       CASE jsonb_typeof(activity #> '{"agents_total"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"agents_total"}'::text[])::numeric % 1 = 0 AND (activity #> '{"agents_total"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"agents_total"}'::text[])::numeric::bigint END END AS "agents_total",
       CASE jsonb_typeof(activity #> '{"agents_protected"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"agents_protected"}'::text[])::numeric % 1 = 0 AND (activity #> '{"agents_protected"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"agents_protected"}'::text[])::numeric::bigint END END AS "agents_protected",
       CASE jsonb_typeof(activity #> '{"agents_healthy"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"agents_healthy"}'::text[])::numeric % 1 = 0 AND (activity #> '{"agents_healthy"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"agents_healthy"}'::text[])::numeric::bigint END END AS "agents_healthy",
       CASE jsonb_typeof(activity #> '{"agents_unhealthy"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"agents_unhealthy"}'::text[])::numeric % 1 = 0 AND (activity #> '{"agents_unhealthy"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"agents_unhealthy"}'::text[])::numeric::bigint END END AS "agents_unhealthy",
       CASE jsonb_typeof(activity #> '{"appliances_total"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"appliances_total"}'::text[])::numeric % 1 = 0 AND (activity #> '{"appliances_total"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"appliances_total"}'::text[])::numeric::bigint END END AS "appliances_total",
       CASE jsonb_typeof(activity #> '{"appliances_unhealthy"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"appliances_unhealthy"}'::text[])::numeric % 1 = 0 AND (activity #> '{"appliances_unhealthy"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"appliances_unhealthy"}'::text[])::numeric::bigint END END AS "appliances_unhealthy",
       CASE jsonb_typeof(activity #> '{"collectors_total"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"collectors_total"}'::text[])::numeric % 1 = 0 AND (activity #> '{"collectors_total"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"collectors_total"}'::text[])::numeric::bigint END END AS "collectors_total",
       CASE jsonb_typeof(activity #> '{"collectors_unhealthy"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"collectors_unhealthy"}'::text[])::numeric % 1 = 0 AND (activity #> '{"collectors_unhealthy"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"collectors_unhealthy"}'::text[])::numeric::bigint END END AS "collectors_unhealthy",
       CASE jsonb_typeof(activity #> '{"networks_total"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"networks_total"}'::text[])::numeric % 1 = 0 AND (activity #> '{"networks_total"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"networks_total"}'::text[])::numeric::bigint END END AS "networks_total",
       CASE jsonb_typeof(activity #> '{"networks_protected"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"networks_protected"}'::text[])::numeric % 1 = 0 AND (activity #> '{"networks_protected"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"networks_protected"}'::text[])::numeric::bigint END END AS "networks_protected",
       CASE jsonb_typeof(activity #> '{"networks_unhealthy"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"networks_unhealthy"}'::text[])::numeric % 1 = 0 AND (activity #> '{"networks_unhealthy"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"networks_unhealthy"}'::text[])::numeric::bigint END END AS "networks_unhealthy",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'alertlogic_collection_health';

DROP VIEW IF EXISTS "alertlogic_collector";

CREATE VIEW "alertlogic_collector" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"deployment_id"}'::text[]) AS "deployment_id",
       (document #>> '{"host_name"}'::text[]) AS "host_name",
       (document #>> '{"instance_id"}'::text[]) AS "instance_id",
       (document #>> '{"region"}'::text[]) AS "region",
       (document #>> '{"vpc"}'::text[]) AS "vpc",
       (document #>> '{"protection_level"}'::text[]) AS "protection_level",
       (document #>> '{"host_id"}'::text[]) AS "host_id",
       (document #>> '{"key"}'::text[]) AS "key",
       CASE jsonb_typeof(activity #> '{"health_level"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"health_level"}'::text[])::numeric % 1 = 0 AND (activity #> '{"health_level"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"health_level"}'::text[])::numeric::bigint END END AS "health_level",
       (activity #>> '{"status"}'::text[]) AS "status",
       CASE WHEN (activity #>> '{"status_updated_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"status_updated_at"}'::text[])::timestamptz END AS "status_updated_at",
       CASE WHEN (activity #>> '{"modified_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"modified_at"}'::text[])::timestamptz END AS "modified_at",
       nullif((activity #> '{"problems"}'::text[]), 'null'::jsonb) AS "problems",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'alertlogic_collector';

DROP VIEW IF EXISTS "alertlogic_credential";

CREATE VIEW "alertlogic_credential" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"type"}'::text[]) AS "type",
       (document #>> '{"role_arn"}'::text[]) AS "role_arn",
       (document #>> '{"directory_id"}'::text[]) AS "directory_id",
       (document #>> '{"username"}'::text[]) AS "username",
       nullif((document #> '{"deployments"}'::text[]), 'null'::jsonb) AS "deployments",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'alertlogic_credential';

DROP VIEW IF EXISTS "alertlogic_deployment";

CREATE VIEW "alertlogic_deployment" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"platform_type"}'::text[]) AS "platform_type",
       (document #>> '{"platform_id"}'::text[]) AS "platform_id",
       CASE jsonb_typeof(document #> '{"enabled"}'::text[]) WHEN 'boolean' THEN (document #> '{"enabled"}'::text[])::boolean END AS "enabled",
       (document #>> '{"status"}'::text[]) AS "status",
       (document #>> '{"status_message"}'::text[]) AS "status_message",
       (document #>> '{"mode"}'::text[]) AS "mode",
       CASE jsonb_typeof(document #> '{"discover"}'::text[]) WHEN 'boolean' THEN (document #> '{"discover"}'::text[])::boolean END AS "discover",
       CASE jsonb_typeof(document #> '{"scan"}'::text[]) WHEN 'boolean' THEN (document #> '{"scan"}'::text[])::boolean END AS "scan",
       nullif((document #> '{"protection_levels"}'::text[]), 'null'::jsonb) AS "protection_levels",
       (document #>> '{"protection_levels","0"}'::text[]) AS "highest_level",
       CASE jsonb_typeof(document #> '{"without_level"}'::text[]) WHEN 'number' THEN CASE WHEN (document #> '{"without_level"}'::text[])::numeric % 1 = 0 AND (document #> '{"without_level"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (document #> '{"without_level"}'::text[])::numeric::bigint END END AS "without_level",
       nullif((document #> '{"scope_include"}'::text[]), 'null'::jsonb) AS "scope_include",
       nullif((document #> '{"scope_exclude"}'::text[]), 'null'::jsonb) AS "scope_exclude",
       CASE jsonb_typeof(document #> '{"monitor_enabled"}'::text[]) WHEN 'boolean' THEN (document #> '{"monitor_enabled"}'::text[])::boolean END AS "monitor_enabled",
       (document #>> '{"monitor_region"}'::text[]) AS "monitor_region",
       nullif((document #> '{"credentials"}'::text[]), 'null'::jsonb) AS "credentials",
       CASE jsonb_typeof(document #> '{"control_tower"}'::text[]) WHEN 'boolean' THEN (document #> '{"control_tower"}'::text[])::boolean END AS "control_tower",
       (document #>> '{"control_tower_master_account"}'::text[]) AS "control_tower_master_account",
       CASE jsonb_typeof(document #> '{"cloud_defender"}'::text[]) WHEN 'boolean' THEN (document #> '{"cloud_defender"}'::text[])::boolean END AS "cloud_defender",
       nullif((document #> '{"features"}'::text[]), 'null'::jsonb) AS "features",
       CASE WHEN (activity #>> '{"status_updated_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"status_updated_at"}'::text[])::timestamptz END AS "status_updated_at",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'alertlogic_deployment';

DROP VIEW IF EXISTS "alertlogic_entitlement";

CREATE VIEW "alertlogic_entitlement" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"product_family"}'::text[]) AS "product_family",
       (document #>> '{"status"}'::text[]) AS "status",
       CASE jsonb_typeof(document #> '{"value"}'::text[]) WHEN 'number' THEN CASE WHEN (document #> '{"value"}'::text[])::numeric = 0 OR abs((document #> '{"value"}'::text[])::numeric) BETWEEN 2.3e-308 AND 1.79e308 THEN (document #> '{"value"}'::text[])::numeric::float8 END END AS "value",
       (document #>> '{"value_type"}'::text[]) AS "value_type",
       CASE jsonb_typeof(document #> '{"usage_based"}'::text[]) WHEN 'boolean' THEN (document #> '{"usage_based"}'::text[])::boolean END AS "usage_based",
       CASE WHEN (document #>> '{"starts_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"starts_at"}'::text[])::timestamptz END AS "starts_at",
       CASE WHEN (document #>> '{"ends_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"ends_at"}'::text[])::timestamptz END AS "ends_at",
       (document #>> '{"subscription_id"}'::text[]) AS "subscription_id",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'alertlogic_entitlement';

DROP VIEW IF EXISTS "alertlogic_exposure";

CREATE VIEW "alertlogic_exposure" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"severity"}'::text[]) AS "severity",
       (document #>> '{"deployment_id"}'::text[]) AS "deployment_id",
       (document #>> '{"vulnerability_id"}'::text[]) AS "vulnerability_id",
       (document #>> '{"cve"}'::text[]) AS "cve",
       CASE jsonb_typeof(document #> '{"cvss_score"}'::text[]) WHEN 'number' THEN CASE WHEN (document #> '{"cvss_score"}'::text[])::numeric = 0 OR abs((document #> '{"cvss_score"}'::text[])::numeric) BETWEEN 2.3e-308 AND 1.79e308 THEN (document #> '{"cvss_score"}'::text[])::numeric::float8 END END AS "cvss_score",
       nullif((document #> '{"categories"}'::text[]), 'null'::jsonb) AS "categories",
       nullif((document #> '{"remediations"}'::text[]), 'null'::jsonb) AS "remediations",
       CASE jsonb_typeof(activity #> '{"asset_count"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"asset_count"}'::text[])::numeric % 1 = 0 AND (activity #> '{"asset_count"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"asset_count"}'::text[])::numeric::bigint END END AS "asset_count",
       CASE jsonb_typeof(activity #> '{"instance_count"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"instance_count"}'::text[])::numeric % 1 = 0 AND (activity #> '{"instance_count"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"instance_count"}'::text[])::numeric::bigint END END AS "instance_count",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'alertlogic_exposure';

DROP VIEW IF EXISTS "alertlogic_exposure_summary";

CREATE VIEW "alertlogic_exposure_summary" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"deployment_id"}'::text[]) AS "deployment_id",
       CASE jsonb_typeof(activity #> '{"critical"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"critical"}'::text[])::numeric % 1 = 0 AND (activity #> '{"critical"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"critical"}'::text[])::numeric::bigint END END AS "critical",
       CASE jsonb_typeof(activity #> '{"high"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"high"}'::text[])::numeric % 1 = 0 AND (activity #> '{"high"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"high"}'::text[])::numeric::bigint END END AS "high",
       CASE jsonb_typeof(activity #> '{"medium"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"medium"}'::text[])::numeric % 1 = 0 AND (activity #> '{"medium"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"medium"}'::text[])::numeric::bigint END END AS "medium",
       CASE jsonb_typeof(activity #> '{"low"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"low"}'::text[])::numeric % 1 = 0 AND (activity #> '{"low"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"low"}'::text[])::numeric::bigint END END AS "low",
       CASE jsonb_typeof(activity #> '{"info"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"info"}'::text[])::numeric % 1 = 0 AND (activity #> '{"info"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"info"}'::text[])::numeric::bigint END END AS "info",
       CASE jsonb_typeof(activity #> '{"total"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"total"}'::text[])::numeric % 1 = 0 AND (activity #> '{"total"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"total"}'::text[])::numeric::bigint END END AS "total",
       CASE jsonb_typeof(activity #> '{"asset_count"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"asset_count"}'::text[])::numeric % 1 = 0 AND (activity #> '{"asset_count"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"asset_count"}'::text[])::numeric::bigint END END AS "asset_count",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'alertlogic_exposure_summary';

DROP VIEW IF EXISTS "alertlogic_incident";

CREATE VIEW "alertlogic_incident" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"rating"}'::text[]) AS "rating",
       (document #>> '{"status"}'::text[]) AS "status",
       CASE WHEN (document #>> '{"status_changed_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"status_changed_at"}'::text[])::timestamptz END AS "status_changed_at",
       (document #>> '{"status_reason"}'::text[]) AS "status_reason",
       CASE jsonb_typeof(document #> '{"escalated"}'::text[]) WHEN 'boolean' THEN (document #> '{"escalated"}'::text[])::boolean END AS "escalated",
       (document #>> '{"class"}'::text[]) AS "class",
       (document #>> '{"type"}'::text[]) AS "type",
       (document #>> '{"friendly_id"}'::text[]) AS "friendly_id",
       (document #>> '{"deployment_name"}'::text[]) AS "deployment_name",
       (document #>> '{"deployment_type"}'::text[]) AS "deployment_type",
       (document #>> '{"account_from"}'::text[]) AS "account_from",
       CASE jsonb_typeof(document #> '{"snoozed"}'::text[]) WHEN 'boolean' THEN (document #> '{"snoozed"}'::text[])::boolean END AS "snoozed",
       (document #>> '{"detection_source"}'::text[]) AS "detection_source",
       CASE WHEN (document #>> '{"closed_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"closed_at"}'::text[])::timestamptz END AS "closed_at",
       CASE WHEN (activity #>> '{"updated_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"updated_at"}'::text[])::timestamptz END AS "updated_at",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'alertlogic_incident';

DROP VIEW IF EXISTS "alertlogic_incident_summary";

CREATE VIEW "alertlogic_incident_summary" AS
SELECT account, name, native_id, source, target,
       CASE jsonb_typeof(document #> '{"days"}'::text[]) WHEN 'number' THEN CASE WHEN (document #> '{"days"}'::text[])::numeric % 1 = 0 AND (document #> '{"days"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (document #> '{"days"}'::text[])::numeric::bigint END END AS "days",
       CASE jsonb_typeof(activity #> '{"total"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"total"}'::text[])::numeric % 1 = 0 AND (activity #> '{"total"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"total"}'::text[])::numeric::bigint END END AS "total",
       CASE jsonb_typeof(activity #> '{"open"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"open"}'::text[])::numeric % 1 = 0 AND (activity #> '{"open"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"open"}'::text[])::numeric::bigint END END AS "open",
       CASE jsonb_typeof(activity #> '{"escalated"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"escalated"}'::text[])::numeric % 1 = 0 AND (activity #> '{"escalated"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"escalated"}'::text[])::numeric::bigint END END AS "escalated",
       CASE jsonb_typeof(activity #> '{"critical"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"critical"}'::text[])::numeric % 1 = 0 AND (activity #> '{"critical"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"critical"}'::text[])::numeric::bigint END END AS "critical",
       CASE jsonb_typeof(activity #> '{"high"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"high"}'::text[])::numeric % 1 = 0 AND (activity #> '{"high"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"high"}'::text[])::numeric::bigint END END AS "high",
       CASE jsonb_typeof(activity #> '{"medium"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"medium"}'::text[])::numeric % 1 = 0 AND (activity #> '{"medium"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"medium"}'::text[])::numeric::bigint END END AS "medium",
       CASE jsonb_typeof(activity #> '{"low"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"low"}'::text[])::numeric % 1 = 0 AND (activity #> '{"low"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"low"}'::text[])::numeric::bigint END END AS "low",
       CASE jsonb_typeof(activity #> '{"info"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"info"}'::text[])::numeric % 1 = 0 AND (activity #> '{"info"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"info"}'::text[])::numeric::bigint END END AS "info",
       CASE jsonb_typeof(activity #> '{"other"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"other"}'::text[])::numeric % 1 = 0 AND (activity #> '{"other"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"other"}'::text[])::numeric::bigint END END AS "other",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'alertlogic_incident_summary';

DROP VIEW IF EXISTS "alertlogic_protection_policy";

CREATE VIEW "alertlogic_protection_policy" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"product_family"}'::text[]) AS "product_family",
       nullif((document #> '{"features"}'::text[]), 'null'::jsonb) AS "features",
       CASE jsonb_typeof(document #> '{"rank"}'::text[]) WHEN 'number' THEN CASE WHEN (document #> '{"rank"}'::text[])::numeric % 1 = 0 AND (document #> '{"rank"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (document #> '{"rank"}'::text[])::numeric::bigint END END AS "rank",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'alertlogic_protection_policy';

DROP VIEW IF EXISTS "alertlogic_risk_acceptance";

CREATE VIEW "alertlogic_risk_acceptance" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"deployment_id"}'::text[]) AS "deployment_id",
       (document #>> '{"reason"}'::text[]) AS "reason",
       (document #>> '{"comment"}'::text[]) AS "comment",
       (document #>> '{"user_id"}'::text[]) AS "user_id",
       CASE WHEN (document #>> '{"expires_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"expires_at"}'::text[])::timestamptz END AS "expires_at",
       CASE jsonb_typeof(document #> '{"for_good"}'::text[]) WHEN 'boolean' THEN (document #> '{"for_good"}'::text[])::boolean END AS "for_good",
       (document #>> '{"state"}'::text[]) AS "state",
       (document #>> '{"remediation_id"}'::text[]) AS "remediation_id",
       (document #>> '{"vulnerability_id"}'::text[]) AS "vulnerability_id",
       nullif((document #> '{"filters"}'::text[]), 'null'::jsonb) AS "filters",
       nullif((activity #> '{"severities"}'::text[]), 'null'::jsonb) AS "severities",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'alertlogic_risk_acceptance';

DROP VIEW IF EXISTS "alertlogic_role";

CREATE VIEW "alertlogic_role" AS
SELECT account, name, native_id, source, target,
       CASE jsonb_typeof(document #> '{"global"}'::text[]) WHEN 'boolean' THEN (document #> '{"global"}'::text[])::boolean END AS "global",
       CASE jsonb_typeof(document #> '{"can_write"}'::text[]) WHEN 'boolean' THEN (document #> '{"can_write"}'::text[])::boolean END AS "can_write",
       nullif((document #> '{"permissions"}'::text[]), 'null'::jsonb) AS "permissions",
       nullif((document #> '{"legacy_permissions"}'::text[]), 'null'::jsonb) AS "legacy_permissions",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'alertlogic_role';

DROP VIEW IF EXISTS "alertlogic_scan_schedule";

CREATE VIEW "alertlogic_scan_schedule" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"deployment_id"}'::text[]) AS "deployment_id",
       (document #>> '{"type"}'::text[]) AS "type",
       CASE jsonb_typeof(document #> '{"enabled"}'::text[]) WHEN 'boolean' THEN (document #> '{"enabled"}'::text[])::boolean END AS "enabled",
       CASE jsonb_typeof(document #> '{"default"}'::text[]) WHEN 'boolean' THEN (document #> '{"default"}'::text[])::boolean END AS "default",
       (document #>> '{"frequency"}'::text[]) AS "frequency",
       (document #>> '{"timezone"}'::text[]) AS "timezone",
       nullif((document #> '{"windows"}'::text[]), 'null'::jsonb) AS "windows",
       nullif((document #> '{"scope"}'::text[]), 'null'::jsonb) AS "scope",
       (activity #>> '{"status"}'::text[]) AS "status",
       CASE WHEN (activity #>> '{"last_scan_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"last_scan_at"}'::text[])::timestamptz END AS "last_scan_at",
       CASE WHEN (activity #>> '{"next_scan_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"next_scan_at"}'::text[])::timestamptz END AS "next_scan_at",
       CASE jsonb_typeof(activity #> '{"assets"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"assets"}'::text[])::numeric % 1 = 0 AND (activity #> '{"assets"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"assets"}'::text[])::numeric::bigint END END AS "assets",
       CASE jsonb_typeof(activity #> '{"assets_in_time"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"assets_in_time"}'::text[])::numeric % 1 = 0 AND (activity #> '{"assets_in_time"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"assets_in_time"}'::text[])::numeric::bigint END END AS "assets_in_time",
       CASE jsonb_typeof(activity #> '{"assets_excluded"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"assets_excluded"}'::text[])::numeric % 1 = 0 AND (activity #> '{"assets_excluded"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"assets_excluded"}'::text[])::numeric::bigint END END AS "assets_excluded",
       CASE jsonb_typeof(activity #> '{"assets_to_scan"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"assets_to_scan"}'::text[])::numeric % 1 = 0 AND (activity #> '{"assets_to_scan"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"assets_to_scan"}'::text[])::numeric::bigint END END AS "assets_to_scan",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'alertlogic_scan_schedule';

DROP VIEW IF EXISTS "alertlogic_user";

CREATE VIEW "alertlogic_user" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"email"}'::text[]) AS "email",
       (document #>> '{"username"}'::text[]) AS "username",
       CASE jsonb_typeof(document #> '{"active"}'::text[]) WHEN 'boolean' THEN (document #> '{"active"}'::text[])::boolean END AS "active",
       CASE jsonb_typeof(document #> '{"locked"}'::text[]) WHEN 'boolean' THEN (document #> '{"locked"}'::text[])::boolean END AS "locked",
       CASE jsonb_typeof(document #> '{"mfa_enabled"}'::text[]) WHEN 'boolean' THEN (document #> '{"mfa_enabled"}'::text[])::boolean END AS "mfa_enabled",
       nullif((document #> '{"roles"}'::text[]), 'null'::jsonb) AS "roles",
       nullif((document #> '{"role_ids"}'::text[]), 'null'::jsonb) AS "role_ids",
       CASE jsonb_typeof(document #> '{"has_password"}'::text[]) WHEN 'boolean' THEN (document #> '{"has_password"}'::text[])::boolean END AS "has_password",
       CASE jsonb_typeof(document #> '{"one_time_password"}'::text[]) WHEN 'boolean' THEN (document #> '{"one_time_password"}'::text[])::boolean END AS "one_time_password",
       CASE WHEN (document #>> '{"password_changed_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"password_changed_at"}'::text[])::timestamptz END AS "password_changed_at",
       CASE jsonb_typeof(document #> '{"access_key_count"}'::text[]) WHEN 'number' THEN CASE WHEN (document #> '{"access_key_count"}'::text[])::numeric % 1 = 0 AND (document #> '{"access_key_count"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (document #> '{"access_key_count"}'::text[])::numeric::bigint END END AS "access_key_count",
       CASE jsonb_typeof(document #> '{"notifications_only"}'::text[]) WHEN 'boolean' THEN (document #> '{"notifications_only"}'::text[])::boolean END AS "notifications_only",
       CASE WHEN (activity #>> '{"last_login_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"last_login_at"}'::text[])::timestamptz END AS "last_login_at",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'alertlogic_user';

DROP VIEW IF EXISTS "analysis";

CREATE VIEW "analysis" AS
SELECT account, name, native_id, source, target,
       CASE jsonb_typeof(document #> '{"rules"}'::text[]) WHEN 'number' THEN CASE WHEN (document #> '{"rules"}'::text[])::numeric % 1 = 0 AND (document #> '{"rules"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (document #> '{"rules"}'::text[])::numeric::bigint END END AS "rules",
       CASE WHEN (activity #>> '{"holds_until"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"holds_until"}'::text[])::timestamptz END AS "holds_until",
       (activity #>> '{"inputs"}'::text[]) AS "inputs",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'analysis';

DROP VIEW IF EXISTS "aws_account_contact";

CREATE VIEW "aws_account_contact" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"type"}'::text[]) AS "type",
       CASE jsonb_typeof(document #> '{"registered"}'::text[]) WHEN 'boolean' THEN (document #> '{"registered"}'::text[])::boolean END AS "registered",
       (document #>> '{"contact"}'::text[]) AS "contact",
       (document #>> '{"title"}'::text[]) AS "title",
       (document #>> '{"email"}'::text[]) AS "email",
       (document #>> '{"phone"}'::text[]) AS "phone",
       (document #>> '{"company"}'::text[]) AS "company",
       nullif((document #> '{"address"}'::text[]), 'null'::jsonb) AS "address",
       (document #>> '{"website"}'::text[]) AS "website",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_account_contact';

DROP VIEW IF EXISTS "aws_assume_edge";

CREATE VIEW "aws_assume_edge" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"direction"}'::text[]) AS "direction",
       (document #>> '{"from_type"}'::text[]) AS "from_type",
       (document #>> '{"from"}'::text[]) AS "from",
       (document #>> '{"from_account"}'::text[]) AS "from_account",
       CASE jsonb_typeof(document #> '{"external"}'::text[]) WHEN 'boolean' THEN (document #> '{"external"}'::text[])::boolean END AS "external",
       (document #>> '{"to"}'::text[]) AS "to",
       nullif((document #> '{"to_patterns"}'::text[]), 'null'::jsonb) AS "to_patterns",
       nullif((document #> '{"except_patterns"}'::text[]), 'null'::jsonb) AS "except_patterns",
       (document #>> '{"grade"}'::text[]) AS "grade",
       nullif((document #> '{"statements"}'::text[]), 'null'::jsonb) AS "statements",
       nullif((document #> '{"calls"}'::text[]), 'null'::jsonb) AS "calls",
       nullif((document #> '{"conditions"}'::text[]), 'null'::jsonb) AS "conditions",
       CASE jsonb_typeof(document #> '{"has_external_id"}'::text[]) WHEN 'boolean' THEN (document #> '{"has_external_id"}'::text[])::boolean END AS "has_external_id",
       CASE jsonb_typeof(document #> '{"has_mfa"}'::text[]) WHEN 'boolean' THEN (document #> '{"has_mfa"}'::text[])::boolean END AS "has_mfa",
       nullif((document #> '{"organizations"}'::text[]), 'null'::jsonb) AS "organizations",
       nullif((document #> '{"accounts"}'::text[]), 'null'::jsonb) AS "accounts",
       nullif((document #> '{"principal_arns"}'::text[]), 'null'::jsonb) AS "principal_arns",
       nullif((document #> '{"source_arns"}'::text[]), 'null'::jsonb) AS "source_arns",
       nullif((document #> '{"subjects"}'::text[]), 'null'::jsonb) AS "subjects",
       nullif((document #> '{"audiences"}'::text[]), 'null'::jsonb) AS "audiences",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_assume_edge';

DROP VIEW IF EXISTS "aws_delegated_administrator";

CREATE VIEW "aws_delegated_administrator" AS
SELECT account, name, native_id, source, target,
       nullif((document #> '{"services"}'::text[]), 'null'::jsonb) AS "services",
       CASE WHEN (document #>> '{"delegated_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"delegated_at"}'::text[])::timestamptz END AS "delegated_at",
       (document #>> '{"state"}'::text[]) AS "state",
       (document #>> '{"email"}'::text[]) AS "email",
       (document #>> '{"arn"}'::text[]) AS "arn",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_delegated_administrator';

DROP VIEW IF EXISTS "aws_eks_access_entry";

CREATE VIEW "aws_eks_access_entry" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"cluster"}'::text[]) AS "cluster",
       (document #>> '{"region"}'::text[]) AS "region",
       (document #>> '{"cluster_arn"}'::text[]) AS "cluster_arn",
       (document #>> '{"principal_arn"}'::text[]) AS "principal_arn",
       (document #>> '{"type"}'::text[]) AS "type",
       (document #>> '{"username"}'::text[]) AS "username",
       nullif((document #> '{"kubernetes_groups"}'::text[]), 'null'::jsonb) AS "kubernetes_groups",
       nullif((document #> '{"access_policies"}'::text[]), 'null'::jsonb) AS "access_policies",
       CASE WHEN (document #>> '{"created_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"created_at"}'::text[])::timestamptz END AS "created_at",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_eks_access_entry';

DROP VIEW IF EXISTS "aws_eks_cluster";

CREATE VIEW "aws_eks_cluster" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"arn"}'::text[]) AS "arn",
       (document #>> '{"region"}'::text[]) AS "region",
       (document #>> '{"authentication_mode"}'::text[]) AS "authentication_mode",
       CASE jsonb_typeof(document #> '{"creator_is_admin"}'::text[]) WHEN 'boolean' THEN (document #> '{"creator_is_admin"}'::text[])::boolean END AS "creator_is_admin",
       (document #>> '{"endpoint"}'::text[]) AS "endpoint",
       CASE jsonb_typeof(document #> '{"public_access"}'::text[]) WHEN 'boolean' THEN (document #> '{"public_access"}'::text[])::boolean END AS "public_access",
       nullif((document #> '{"public_access_cidrs"}'::text[]), 'null'::jsonb) AS "public_access_cidrs",
       CASE jsonb_typeof(document #> '{"private_access"}'::text[]) WHEN 'boolean' THEN (document #> '{"private_access"}'::text[])::boolean END AS "private_access",
       nullif((document #> '{"logging"}'::text[]), 'null'::jsonb) AS "logging",
       nullif((document #> '{"encryption"}'::text[]), 'null'::jsonb) AS "encryption",
       (document #>> '{"oidc_issuer"}'::text[]) AS "oidc_issuer",
       (document #>> '{"role_arn"}'::text[]) AS "role_arn",
       (document #>> '{"vpc_id"}'::text[]) AS "vpc_id",
       CASE jsonb_typeof(document #> '{"deletion_protection"}'::text[]) WHEN 'boolean' THEN (document #> '{"deletion_protection"}'::text[])::boolean END AS "deletion_protection",
       CASE WHEN (document #>> '{"created_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"created_at"}'::text[])::timestamptz END AS "created_at",
       (activity #>> '{"status"}'::text[]) AS "status",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_eks_cluster';

DROP VIEW IF EXISTS "aws_escalation_path";

CREATE VIEW "aws_escalation_path" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"principal"}'::text[]) AS "principal",
       (document #>> '{"method"}'::text[]) AS "method",
       (document #>> '{"summary"}'::text[]) AS "summary",
       (document #>> '{"tier"}'::text[]) AS "tier",
       (document #>> '{"target_admin"}'::text[]) AS "target_admin",
       CASE jsonb_typeof(document #> '{"target_count"}'::text[]) WHEN 'number' THEN CASE WHEN (document #> '{"target_count"}'::text[])::numeric % 1 = 0 AND (document #> '{"target_count"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (document #> '{"target_count"}'::text[])::numeric::bigint END END AS "target_count",
       nullif((document #> '{"targets"}'::text[]), 'null'::jsonb) AS "targets",
       nullif((document #> '{"steps"}'::text[]), 'null'::jsonb) AS "steps",
       nullif((document #> '{"conditions"}'::text[]), 'null'::jsonb) AS "conditions",
       nullif((document #> '{"policies"}'::text[]), 'null'::jsonb) AS "policies",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_escalation_path';

DROP VIEW IF EXISTS "aws_iam_access_key";

CREATE VIEW "aws_iam_access_key" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"user_name"}'::text[]) AS "user_name",
       CASE jsonb_typeof(document #> '{"active"}'::text[]) WHEN 'boolean' THEN (document #> '{"active"}'::text[])::boolean END AS "active",
       CASE WHEN (activity #>> '{"last_used_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"last_used_at"}'::text[])::timestamptz END AS "last_used_at",
       (activity #>> '{"last_used_service"}'::text[]) AS "last_used_service",
       (activity #>> '{"last_used_region"}'::text[]) AS "last_used_region",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_iam_access_key';

DROP VIEW IF EXISTS "aws_iam_account_settings";

CREATE VIEW "aws_iam_account_settings" AS
SELECT account, name, native_id, source, target,
       CASE jsonb_typeof(document #> '{"root_mfa"}'::text[]) WHEN 'boolean' THEN (document #> '{"root_mfa"}'::text[])::boolean END AS "root_mfa",
       CASE jsonb_typeof(document #> '{"root_access_keys"}'::text[]) WHEN 'boolean' THEN (document #> '{"root_access_keys"}'::text[])::boolean END AS "root_access_keys",
       CASE jsonb_typeof(document #> '{"root_signing_certificates"}'::text[]) WHEN 'boolean' THEN (document #> '{"root_signing_certificates"}'::text[])::boolean END AS "root_signing_certificates",
       CASE jsonb_typeof(document #> '{"root_password"}'::text[]) WHEN 'boolean' THEN (document #> '{"root_password"}'::text[])::boolean END AS "root_password",
       CASE jsonb_typeof(document #> '{"password_policy_set"}'::text[]) WHEN 'boolean' THEN (document #> '{"password_policy_set"}'::text[])::boolean END AS "password_policy_set",
       CASE jsonb_typeof(document #> '{"password_policy","minimum_length"}'::text[]) WHEN 'number' THEN CASE WHEN (document #> '{"password_policy","minimum_length"}'::text[])::numeric % 1 = 0 AND (document #> '{"password_policy","minimum_length"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (document #> '{"password_policy","minimum_length"}'::text[])::numeric::bigint END END AS "minimum_password_length",
       CASE jsonb_typeof(document #> '{"password_policy","max_age_days"}'::text[]) WHEN 'number' THEN CASE WHEN (document #> '{"password_policy","max_age_days"}'::text[])::numeric % 1 = 0 AND (document #> '{"password_policy","max_age_days"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (document #> '{"password_policy","max_age_days"}'::text[])::numeric::bigint END END AS "max_password_age_days",
       CASE jsonb_typeof(document #> '{"password_policy","reuse_prevention"}'::text[]) WHEN 'number' THEN CASE WHEN (document #> '{"password_policy","reuse_prevention"}'::text[])::numeric % 1 = 0 AND (document #> '{"password_policy","reuse_prevention"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (document #> '{"password_policy","reuse_prevention"}'::text[])::numeric::bigint END END AS "password_reuse_prevention",
       nullif((document #> '{"password_policy"}'::text[]), 'null'::jsonb) AS "password_policy",
       (document #>> '{"alias"}'::text[]) AS "alias",
       nullif((document #> '{"quotas"}'::text[]), 'null'::jsonb) AS "quotas",
       nullif((activity #> '{"counts"}'::text[]), 'null'::jsonb) AS "counts",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_iam_account_settings';

DROP VIEW IF EXISTS "aws_iam_credential";

CREATE VIEW "aws_iam_credential" AS
SELECT account, name, native_id, source, target,
       CASE jsonb_typeof(document #> '{"root"}'::text[]) WHEN 'boolean' THEN (document #> '{"root"}'::text[])::boolean END AS "root",
       CASE jsonb_typeof(document #> '{"password_enabled"}'::text[]) WHEN 'boolean' THEN (document #> '{"password_enabled"}'::text[])::boolean END AS "password_enabled",
       CASE jsonb_typeof(document #> '{"mfa_active"}'::text[]) WHEN 'boolean' THEN (document #> '{"mfa_active"}'::text[])::boolean END AS "mfa_active",
       CASE jsonb_typeof(document #> '{"access_key_1_active"}'::text[]) WHEN 'boolean' THEN (document #> '{"access_key_1_active"}'::text[])::boolean END AS "access_key_1_active",
       CASE jsonb_typeof(document #> '{"access_key_2_active"}'::text[]) WHEN 'boolean' THEN (document #> '{"access_key_2_active"}'::text[])::boolean END AS "access_key_2_active",
       CASE jsonb_typeof(document #> '{"cert_1_active"}'::text[]) WHEN 'boolean' THEN (document #> '{"cert_1_active"}'::text[])::boolean END AS "cert_1_active",
       CASE jsonb_typeof(document #> '{"cert_2_active"}'::text[]) WHEN 'boolean' THEN (document #> '{"cert_2_active"}'::text[])::boolean END AS "cert_2_active",
       CASE WHEN (document #>> '{"password_changed_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"password_changed_at"}'::text[])::timestamptz END AS "password_changed_at",
       CASE WHEN (document #>> '{"password_expires_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"password_expires_at"}'::text[])::timestamptz END AS "password_expires_at",
       CASE WHEN (document #>> '{"access_key_1_rotated_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"access_key_1_rotated_at"}'::text[])::timestamptz END AS "access_key_1_rotated_at",
       CASE WHEN (document #>> '{"access_key_2_rotated_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"access_key_2_rotated_at"}'::text[])::timestamptz END AS "access_key_2_rotated_at",
       CASE WHEN (document #>> '{"cert_1_rotated_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"cert_1_rotated_at"}'::text[])::timestamptz END AS "cert_1_rotated_at",
       CASE WHEN (document #>> '{"cert_2_rotated_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"cert_2_rotated_at"}'::text[])::timestamptz END AS "cert_2_rotated_at",
       CASE WHEN (activity #>> '{"password_last_used_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"password_last_used_at"}'::text[])::timestamptz END AS "password_last_used_at",
       CASE WHEN (activity #>> '{"access_key_1_last_used_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"access_key_1_last_used_at"}'::text[])::timestamptz END AS "access_key_1_last_used_at",
       (activity #>> '{"access_key_1_last_used_service"}'::text[]) AS "access_key_1_last_used_service",
       (activity #>> '{"access_key_1_last_used_region"}'::text[]) AS "access_key_1_last_used_region",
       CASE WHEN (activity #>> '{"access_key_2_last_used_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"access_key_2_last_used_at"}'::text[])::timestamptz END AS "access_key_2_last_used_at",
       (activity #>> '{"access_key_2_last_used_service"}'::text[]) AS "access_key_2_last_used_service",
       (activity #>> '{"access_key_2_last_used_region"}'::text[]) AS "access_key_2_last_used_region",
       CASE WHEN (activity #>> '{"report_generated_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"report_generated_at"}'::text[])::timestamptz END AS "report_generated_at",
       (document #>> '{"arn"}'::text[]) AS "arn",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_iam_credential';

DROP VIEW IF EXISTS "aws_iam_group";

CREATE VIEW "aws_iam_group" AS
SELECT account, name, native_id, source, target,
       nullif((document #> '{"members"}'::text[]), 'null'::jsonb) AS "members",
       nullif((document #> '{"policies"}'::text[]), 'null'::jsonb) AS "policies",
       nullif((document #> '{"inline_policies"}'::text[]), 'null'::jsonb) AS "inline_policies",
       (document #>> '{"path"}'::text[]) AS "path",
       (document #>> '{"arn"}'::text[]) AS "arn",
       nullif((document #> '{"policy_arns"}'::text[]), 'null'::jsonb) AS "policy_arns",
       nullif((document #> '{"inline_policy_documents"}'::text[]), 'null'::jsonb) AS "inline_policy_documents",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_iam_group';

DROP VIEW IF EXISTS "aws_iam_mfa_device";

CREATE VIEW "aws_iam_mfa_device" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"type"}'::text[]) AS "type",
       (document #>> '{"user_name"}'::text[]) AS "user_name",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_iam_mfa_device';

DROP VIEW IF EXISTS "aws_iam_oidc_provider";

CREATE VIEW "aws_iam_oidc_provider" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"url"}'::text[]) AS "url",
       nullif((document #> '{"client_ids"}'::text[]), 'null'::jsonb) AS "client_ids",
       nullif((document #> '{"thumbprints"}'::text[]), 'null'::jsonb) AS "thumbprints",
       nullif((document #> '{"tags"}'::text[]), 'null'::jsonb) AS "tags",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_iam_oidc_provider';

DROP VIEW IF EXISTS "aws_iam_policy";

CREATE VIEW "aws_iam_policy" AS
SELECT account, name, native_id, source, target,
       CASE jsonb_typeof(document #> '{"aws_managed"}'::text[]) WHEN 'boolean' THEN (document #> '{"aws_managed"}'::text[])::boolean END AS "aws_managed",
       nullif((document #> '{"attached_to"}'::text[]), 'null'::jsonb) AS "attached_to",
       nullif((document #> '{"boundary_of"}'::text[]), 'null'::jsonb) AS "boundary_of",
       (document #>> '{"default_version","version_id"}'::text[]) AS "default_version",
       nullif((document #> '{"other_versions"}'::text[]), 'null'::jsonb) AS "other_versions",
       CASE jsonb_typeof(activity #> '{"attachment_count"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"attachment_count"}'::text[])::numeric % 1 = 0 AND (activity #> '{"attachment_count"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"attachment_count"}'::text[])::numeric::bigint END END AS "attachment_count",
       CASE jsonb_typeof(activity #> '{"boundary_count"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"boundary_count"}'::text[])::numeric % 1 = 0 AND (activity #> '{"boundary_count"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"boundary_count"}'::text[])::numeric::bigint END END AS "boundary_count",
       CASE jsonb_typeof(document #> '{"attachable"}'::text[]) WHEN 'boolean' THEN (document #> '{"attachable"}'::text[])::boolean END AS "attachable",
       (document #>> '{"path"}'::text[]) AS "path",
       (document #>> '{"arn"}'::text[]) AS "arn",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_iam_policy';

DROP VIEW IF EXISTS "aws_iam_role";

CREATE VIEW "aws_iam_role" AS
SELECT account, name, native_id, source, target,
       nullif((document #> '{"trust_policy","document"}'::text[]), 'null'::jsonb) AS "trust_policy",
       nullif((document #> '{"policies"}'::text[]), 'null'::jsonb) AS "policies",
       nullif((document #> '{"inline_policies"}'::text[]), 'null'::jsonb) AS "inline_policies",
       (document #>> '{"permissions_boundary"}'::text[]) AS "permissions_boundary",
       CASE jsonb_typeof(document #> '{"service_linked"}'::text[]) WHEN 'boolean' THEN (document #> '{"service_linked"}'::text[])::boolean END AS "service_linked",
       CASE WHEN (activity #>> '{"last_used_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"last_used_at"}'::text[])::timestamptz END AS "last_used_at",
       (activity #>> '{"last_used_region"}'::text[]) AS "last_used_region",
       (document #>> '{"description"}'::text[]) AS "description",
       CASE jsonb_typeof(document #> '{"max_session_duration_secs"}'::text[]) WHEN 'number' THEN CASE WHEN (document #> '{"max_session_duration_secs"}'::text[])::numeric % 1 = 0 AND (document #> '{"max_session_duration_secs"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (document #> '{"max_session_duration_secs"}'::text[])::numeric::bigint END END AS "max_session_duration_secs",
       nullif((document #> '{"instance_profiles"}'::text[]), 'null'::jsonb) AS "instance_profiles",
       (document #>> '{"path"}'::text[]) AS "path",
       (document #>> '{"arn"}'::text[]) AS "arn",
       nullif((document #> '{"policy_arns"}'::text[]), 'null'::jsonb) AS "policy_arns",
       nullif((document #> '{"inline_policy_documents"}'::text[]), 'null'::jsonb) AS "inline_policy_documents",
       nullif((document #> '{"tags"}'::text[]), 'null'::jsonb) AS "tags",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_iam_role';

DROP VIEW IF EXISTS "aws_iam_saml_provider";

CREATE VIEW "aws_iam_saml_provider" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"entity_id"}'::text[]) AS "entity_id",
       CASE WHEN (document #>> '{"valid_until"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"valid_until"}'::text[])::timestamptz END AS "valid_until",
       (document #>> '{"metadata_blake3"}'::text[]) AS "metadata_blake3",
       (document #>> '{"assertion_encryption"}'::text[]) AS "assertion_encryption",
       nullif((document #> '{"tags"}'::text[]), 'null'::jsonb) AS "tags",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_iam_saml_provider';

DROP VIEW IF EXISTS "aws_iam_server_certificate";

CREATE VIEW "aws_iam_server_certificate" AS
SELECT account, name, native_id, source, target,
       CASE WHEN (document #>> '{"expires_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"expires_at"}'::text[])::timestamptz END AS "expires_at",
       (document #>> '{"path"}'::text[]) AS "path",
       (document #>> '{"arn"}'::text[]) AS "arn",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_iam_server_certificate';

DROP VIEW IF EXISTS "aws_iam_service_credential";

CREATE VIEW "aws_iam_service_credential" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"user_name"}'::text[]) AS "user_name",
       (document #>> '{"service"}'::text[]) AS "service",
       CASE jsonb_typeof(document #> '{"active"}'::text[]) WHEN 'boolean' THEN (document #> '{"active"}'::text[])::boolean END AS "active",
       CASE WHEN (document #>> '{"expires_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"expires_at"}'::text[])::timestamptz END AS "expires_at",
       (document #>> '{"alias"}'::text[]) AS "alias",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_iam_service_credential';

DROP VIEW IF EXISTS "aws_iam_signing_certificate";

CREATE VIEW "aws_iam_signing_certificate" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"user_name"}'::text[]) AS "user_name",
       CASE jsonb_typeof(document #> '{"active"}'::text[]) WHEN 'boolean' THEN (document #> '{"active"}'::text[])::boolean END AS "active",
       (document #>> '{"body_blake3"}'::text[]) AS "body_blake3",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_iam_signing_certificate';

DROP VIEW IF EXISTS "aws_iam_ssh_key";

CREATE VIEW "aws_iam_ssh_key" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"user_name"}'::text[]) AS "user_name",
       CASE jsonb_typeof(document #> '{"active"}'::text[]) WHEN 'boolean' THEN (document #> '{"active"}'::text[])::boolean END AS "active",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_iam_ssh_key';

DROP VIEW IF EXISTS "aws_iam_user";

CREATE VIEW "aws_iam_user" AS
SELECT account, name, native_id, source, target,
       CASE jsonb_typeof(document #> '{"console_access"}'::text[]) WHEN 'boolean' THEN (document #> '{"console_access"}'::text[])::boolean END AS "console_access",
       CASE jsonb_typeof(document #> '{"mfa"}'::text[]) WHEN 'boolean' THEN (document #> '{"mfa"}'::text[])::boolean END AS "mfa",
       CASE jsonb_typeof(document #> '{"access_key_1_active"}'::text[]) WHEN 'boolean' THEN (document #> '{"access_key_1_active"}'::text[])::boolean END AS "access_key_1_active",
       CASE jsonb_typeof(document #> '{"access_key_2_active"}'::text[]) WHEN 'boolean' THEN (document #> '{"access_key_2_active"}'::text[])::boolean END AS "access_key_2_active",
       nullif((document #> '{"groups"}'::text[]), 'null'::jsonb) AS "groups",
       nullif((document #> '{"policies"}'::text[]), 'null'::jsonb) AS "policies",
       nullif((document #> '{"inline_policies"}'::text[]), 'null'::jsonb) AS "inline_policies",
       (document #>> '{"permissions_boundary"}'::text[]) AS "permissions_boundary",
       CASE WHEN (activity #>> '{"password_last_used_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"password_last_used_at"}'::text[])::timestamptz END AS "password_last_used_at",
       CASE WHEN (activity #>> '{"access_key_1_last_used_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"access_key_1_last_used_at"}'::text[])::timestamptz END AS "access_key_1_last_used_at",
       CASE WHEN (activity #>> '{"access_key_2_last_used_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"access_key_2_last_used_at"}'::text[])::timestamptz END AS "access_key_2_last_used_at",
       CASE WHEN (document #>> '{"password_changed_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"password_changed_at"}'::text[])::timestamptz END AS "password_changed_at",
       CASE WHEN (document #>> '{"access_key_1_rotated_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"access_key_1_rotated_at"}'::text[])::timestamptz END AS "access_key_1_rotated_at",
       CASE WHEN (document #>> '{"access_key_2_rotated_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"access_key_2_rotated_at"}'::text[])::timestamptz END AS "access_key_2_rotated_at",
       (document #>> '{"path"}'::text[]) AS "path",
       (document #>> '{"arn"}'::text[]) AS "arn",
       nullif((document #> '{"policy_arns"}'::text[]), 'null'::jsonb) AS "policy_arns",
       nullif((document #> '{"inline_policy_documents"}'::text[]), 'null'::jsonb) AS "inline_policy_documents",
       nullif((document #> '{"tags"}'::text[]), 'null'::jsonb) AS "tags",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_iam_user';

DROP VIEW IF EXISTS "aws_identity_store_group";

CREATE VIEW "aws_identity_store_group" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"description"}'::text[]) AS "description",
       nullif((document #> '{"member_ids"}'::text[]), 'null'::jsonb) AS "member_ids",
       nullif((document #> '{"external_ids"}'::text[]), 'null'::jsonb) AS "external_ids",
       (document #>> '{"arn"}'::text[]) AS "arn",
       (document #>> '{"identity_store_id"}'::text[]) AS "identity_store_id",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_identity_store_group';

DROP VIEW IF EXISTS "aws_identity_store_user";

CREATE VIEW "aws_identity_store_user" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"display_name"}'::text[]) AS "display_name",
       (document #>> '{"email"}'::text[]) AS "email",
       (document #>> '{"status"}'::text[]) AS "status",
       (document #>> '{"user_type"}'::text[]) AS "user_type",
       (document #>> '{"title"}'::text[]) AS "title",
       nullif((document #> '{"external_ids"}'::text[]), 'null'::jsonb) AS "external_ids",
       (document #>> '{"arn"}'::text[]) AS "arn",
       (document #>> '{"identity_store_id"}'::text[]) AS "identity_store_id",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_identity_store_user';

DROP VIEW IF EXISTS "aws_organization";

CREATE VIEW "aws_organization" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"feature_set"}'::text[]) AS "feature_set",
       (document #>> '{"management_account_id"}'::text[]) AS "management_account_id",
       (document #>> '{"management_account_email"}'::text[]) AS "management_account_email",
       nullif((document #> '{"root_features"}'::text[]), 'null'::jsonb) AS "root_features",
       (document #>> '{"arn"}'::text[]) AS "arn",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_organization';

DROP VIEW IF EXISTS "aws_organization_account";

CREATE VIEW "aws_organization_account" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"state"}'::text[]) AS "state",
       (document #>> '{"email"}'::text[]) AS "email",
       (document #>> '{"ou_path"}'::text[]) AS "ou_path",
       (document #>> '{"parent_id"}'::text[]) AS "parent_id",
       nullif((document #> '{"tags"}'::text[]), 'null'::jsonb) AS "tags",
       (document #>> '{"owner"}'::text[]) AS "owner",
       (document #>> '{"business_unit"}'::text[]) AS "business_unit",
       (document #>> '{"support_team"}'::text[]) AS "support_team",
       (document #>> '{"joined_method"}'::text[]) AS "joined_method",
       CASE WHEN (document #>> '{"joined_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"joined_at"}'::text[])::timestamptz END AS "joined_at",
       (document #>> '{"arn"}'::text[]) AS "arn",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_organization_account';

DROP VIEW IF EXISTS "aws_organization_policy";

CREATE VIEW "aws_organization_policy" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"type"}'::text[]) AS "type",
       (document #>> '{"description"}'::text[]) AS "description",
       CASE jsonb_typeof(document #> '{"aws_managed"}'::text[]) WHEN 'boolean' THEN (document #> '{"aws_managed"}'::text[])::boolean END AS "aws_managed",
       nullif((document #> '{"targets"}'::text[]), 'null'::jsonb) AS "targets",
       (document #>> '{"content","document_blake3"}'::text[]) AS "document_blake3",
       (document #>> '{"arn"}'::text[]) AS "arn",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_organization_policy';

DROP VIEW IF EXISTS "aws_organizational_unit";

CREATE VIEW "aws_organizational_unit" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"type"}'::text[]) AS "type",
       (document #>> '{"path"}'::text[]) AS "path",
       (document #>> '{"parent_id"}'::text[]) AS "parent_id",
       nullif((document #> '{"policy_types"}'::text[]), 'null'::jsonb) AS "policy_types",
       (document #>> '{"arn"}'::text[]) AS "arn",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_organizational_unit';

DROP VIEW IF EXISTS "aws_principal_access";

CREATE VIEW "aws_principal_access" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"principal"}'::text[]) AS "principal",
       (document #>> '{"principal_type"}'::text[]) AS "principal_type",
       (document #>> '{"admin"}'::text[]) AS "admin",
       (document #>> '{"reason"}'::text[]) AS "reason",
       (document #>> '{"can_escalate"}'::text[]) AS "can_escalate",
       nullif((document #> '{"path"}'::text[]), 'null'::jsonb) AS "path",
       (document #>> '{"highest_level"}'::text[]) AS "highest_level",
       CASE jsonb_typeof(document #> '{"services"}'::text[]) WHEN 'number' THEN CASE WHEN (document #> '{"services"}'::text[])::numeric % 1 = 0 AND (document #> '{"services"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (document #> '{"services"}'::text[])::numeric::bigint END END AS "services",
       nullif((document #> '{"policies"}'::text[]), 'null'::jsonb) AS "policies",
       (document #>> '{"note"}'::text[]) AS "note",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_principal_access';

DROP VIEW IF EXISTS "aws_reach";

CREATE VIEW "aws_reach" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"from_type"}'::text[]) AS "from_type",
       (document #>> '{"from"}'::text[]) AS "from",
       (document #>> '{"from_account"}'::text[]) AS "from_account",
       CASE jsonb_typeof(document #> '{"known"}'::text[]) WHEN 'boolean' THEN (document #> '{"known"}'::text[])::boolean END AS "known",
       (document #>> '{"to"}'::text[]) AS "to",
       (document #>> '{"to_account"}'::text[]) AS "to_account",
       (document #>> '{"to_admin"}'::text[]) AS "to_admin",
       (document #>> '{"to_can_escalate"}'::text[]) AS "to_can_escalate",
       nullif((document #> '{"chain"}'::text[]), 'null'::jsonb) AS "chain",
       CASE jsonb_typeof(document #> '{"hops"}'::text[]) WHEN 'number' THEN CASE WHEN (document #> '{"hops"}'::text[])::numeric % 1 = 0 AND (document #> '{"hops"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (document #> '{"hops"}'::text[])::numeric::bigint END END AS "hops",
       nullif((document #> '{"conditions"}'::text[]), 'null'::jsonb) AS "conditions",
       CASE jsonb_typeof(document #> '{"has_external_id"}'::text[]) WHEN 'boolean' THEN (document #> '{"has_external_id"}'::text[])::boolean END AS "has_external_id",
       nullif((document #> '{"organizations"}'::text[]), 'null'::jsonb) AS "organizations",
       nullif((document #> '{"subjects"}'::text[]), 'null'::jsonb) AS "subjects",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_reach';

DROP VIEW IF EXISTS "aws_sso_assignment";

CREATE VIEW "aws_sso_assignment" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"account_id"}'::text[]) AS "account_id",
       (document #>> '{"permission_set"}'::text[]) AS "permission_set",
       (document #>> '{"principal_type"}'::text[]) AS "principal_type",
       (document #>> '{"principal_id"}'::text[]) AS "principal_id",
       (document #>> '{"permission_set_arn"}'::text[]) AS "permission_set_arn",
       (document #>> '{"instance_arn"}'::text[]) AS "instance_arn",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_sso_assignment';

DROP VIEW IF EXISTS "aws_sso_instance";

CREATE VIEW "aws_sso_instance" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"status"}'::text[]) AS "status",
       (document #>> '{"owner_account_id"}'::text[]) AS "owner_account_id",
       (document #>> '{"identity_store_id"}'::text[]) AS "identity_store_id",
       (document #>> '{"primary_region"}'::text[]) AS "primary_region",
       CASE WHEN (document #>> '{"created_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"created_at"}'::text[])::timestamptz END AS "created_at",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_sso_instance';

DROP VIEW IF EXISTS "aws_sso_permission_set";

CREATE VIEW "aws_sso_permission_set" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"description"}'::text[]) AS "description",
       nullif((document #> '{"managed_policies"}'::text[]), 'null'::jsonb) AS "managed_policies",
       nullif((document #> '{"customer_managed_policies"}'::text[]), 'null'::jsonb) AS "customer_managed_policies",
       nullif((document #> '{"inline_policy","document"}'::text[]), 'null'::jsonb) AS "inline_policy",
       (document #>> '{"inline_policy","document_blake3"}'::text[]) AS "inline_policy_blake3",
       nullif((document #> '{"permissions_boundary"}'::text[]), 'null'::jsonb) AS "permissions_boundary",
       (document #>> '{"session_duration"}'::text[]) AS "session_duration",
       (document #>> '{"relay_state"}'::text[]) AS "relay_state",
       CASE WHEN (document #>> '{"created_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"created_at"}'::text[])::timestamptz END AS "created_at",
       (document #>> '{"instance_arn"}'::text[]) AS "instance_arn",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'aws_sso_permission_set';

DROP VIEW IF EXISTS "cloudhealth_account_assignment";

CREATE VIEW "cloudhealth_account_assignment" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"account_id"}'::text[]) AS "account_id",
       (document #>> '{"customer_id"}'::text[]) AS "customer_id",
       (document #>> '{"payer_account_id"}'::text[]) AS "payer_account_id",
       (document #>> '{"billing_family_id"}'::text[]) AS "billing_family_id",
       (document #>> '{"billing_block_type"}'::text[]) AS "billing_block_type",
       (document #>> '{"billing_block_name"}'::text[]) AS "billing_block_name",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'cloudhealth_account_assignment';

DROP VIEW IF EXISTS "cloudhealth_account_cost";

CREATE VIEW "cloudhealth_account_cost" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"month"}'::text[]) AS "month",
       CASE jsonb_typeof(document #> '{"amount"}'::text[]) WHEN 'number' THEN CASE WHEN (document #> '{"amount"}'::text[])::numeric = 0 OR abs((document #> '{"amount"}'::text[])::numeric) BETWEEN 2.3e-308 AND 1.79e308 THEN (document #> '{"amount"}'::text[])::numeric::float8 END END AS "amount",
       CASE jsonb_typeof(activity #> '{"amount_so_far"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"amount_so_far"}'::text[])::numeric = 0 OR abs((activity #> '{"amount_so_far"}'::text[])::numeric) BETWEEN 2.3e-308 AND 1.79e308 THEN (activity #> '{"amount_so_far"}'::text[])::numeric::float8 END END AS "amount_so_far",
       (document #>> '{"currency"}'::text[]) AS "currency",
       (document #>> '{"measure"}'::text[]) AS "measure",
       (document #>> '{"member"}'::text[]) AS "member",
       (document #>> '{"label"}'::text[]) AS "label",
       (document #>> '{"matched_by"}'::text[]) AS "matched_by",
       CASE WHEN (activity #>> '{"reported_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"reported_at"}'::text[])::timestamptz END AS "reported_at",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'cloudhealth_account_cost';

DROP VIEW IF EXISTS "cloudhealth_aws_account";

CREATE VIEW "cloudhealth_aws_account" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"account_id"}'::text[]) AS "account_id",
       (document #>> '{"account_id_source"}'::text[]) AS "account_id_source",
       (document #>> '{"status"}'::text[]) AS "status",
       CASE WHEN (activity #>> '{"status_changed_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"status_changed_at"}'::text[])::timestamptz END AS "status_changed_at",
       (document #>> '{"owner"}'::text[]) AS "owner",
       (document #>> '{"business_unit"}'::text[]) AS "business_unit",
       (document #>> '{"support_team"}'::text[]) AS "support_team",
       (document #>> '{"account_type"}'::text[]) AS "account_type",
       (document #>> '{"payer_name"}'::text[]) AS "payer_name",
       (document #>> '{"amazon_name"}'::text[]) AS "amazon_name",
       (document #>> '{"authentication","protocol"}'::text[]) AS "authentication",
       (document #>> '{"authentication","assume_role_arn"}'::text[]) AS "assume_role_arn",
       (document #>> '{"authentication","access_key_id"}'::text[]) AS "access_key_id",
       CASE jsonb_typeof(document #> '{"role_in_other_account"}'::text[]) WHEN 'boolean' THEN (document #> '{"role_in_other_account"}'::text[])::boolean END AS "role_in_other_account",
       nullif((document #> '{"groups"}'::text[]), 'null'::jsonb) AS "groups",
       nullif((document #> '{"tags"}'::text[]), 'null'::jsonb) AS "tags",
       nullif((document #> '{"collects"}'::text[]), 'null'::jsonb) AS "collects",
       CASE jsonb_typeof(document #> '{"hide_public_fields"}'::text[]) WHEN 'boolean' THEN (document #> '{"hide_public_fields"}'::text[])::boolean END AS "hide_public_fields",
       (document #>> '{"region"}'::text[]) AS "region",
       CASE jsonb_typeof(document #> '{"vpc_only"}'::text[]) WHEN 'boolean' THEN (document #> '{"vpc_only"}'::text[])::boolean END AS "vpc_only",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'cloudhealth_aws_account';

DROP VIEW IF EXISTS "cloudhealth_customer";

CREATE VIEW "cloudhealth_customer" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"classification"}'::text[]) AS "classification",
       (document #>> '{"billing_status"}'::text[]) AS "billing_status",
       (document #>> '{"billing_contact"}'::text[]) AS "billing_contact",
       CASE jsonb_typeof(document #> '{"partner_billing"}'::text[]) WHEN 'boolean' THEN (document #> '{"partner_billing"}'::text[])::boolean END AS "partner_billing",
       nullif((document #> '{"tags"}'::text[]), 'null'::jsonb) AS "tags",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'cloudhealth_customer';

DROP VIEW IF EXISTS "cloudhealth_iam_user";

CREATE VIEW "cloudhealth_iam_user" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"attributes","arn"}'::text[]) AS "arn",
       (document #>> '{"attributes","user_id"}'::text[]) AS "user_id",
       (document #>> '{"cloudhealth_account"}'::text[]) AS "cloudhealth_account",
       (document #>> '{"account_name"}'::text[]) AS "account_name",
       nullif((document #> '{"attributes"}'::text[]), 'null'::jsonb) AS "attributes",
       nullif((activity #> '{"last_used"}'::text[]), 'null'::jsonb) AS "last_used",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'cloudhealth_iam_user';

DROP VIEW IF EXISTS "cloudhealth_organization";

CREATE VIEW "cloudhealth_organization" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"parent_id"}'::text[]) AS "parent_id",
       (document #>> '{"description"}'::text[]) AS "description",
       CASE jsonb_typeof(document #> '{"users"}'::text[]) WHEN 'number' THEN CASE WHEN (document #> '{"users"}'::text[])::numeric % 1 = 0 AND (document #> '{"users"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (document #> '{"users"}'::text[])::numeric::bigint END END AS "users",
       CASE jsonb_typeof(document #> '{"aws_accounts"}'::text[]) WHEN 'number' THEN CASE WHEN (document #> '{"aws_accounts"}'::text[])::numeric % 1 = 0 AND (document #> '{"aws_accounts"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (document #> '{"aws_accounts"}'::text[])::numeric::bigint END END AS "aws_accounts",
       (document #>> '{"idp_name"}'::text[]) AS "idp_name",
       CASE jsonb_typeof(document #> '{"default"}'::text[]) WHEN 'boolean' THEN (document #> '{"default"}'::text[])::boolean END AS "default",
       CASE jsonb_typeof(document #> '{"flex"}'::text[]) WHEN 'boolean' THEN (document #> '{"flex"}'::text[])::boolean END AS "flex",
       CASE jsonb_typeof(document #> '{"azure_subscriptions"}'::text[]) WHEN 'number' THEN CASE WHEN (document #> '{"azure_subscriptions"}'::text[])::numeric % 1 = 0 AND (document #> '{"azure_subscriptions"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (document #> '{"azure_subscriptions"}'::text[])::numeric::bigint END END AS "azure_subscriptions",
       CASE jsonb_typeof(document #> '{"gcp_projects"}'::text[]) WHEN 'number' THEN CASE WHEN (document #> '{"gcp_projects"}'::text[])::numeric % 1 = 0 AND (document #> '{"gcp_projects"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (document #> '{"gcp_projects"}'::text[])::numeric::bigint END END AS "gcp_projects",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'cloudhealth_organization';

DROP VIEW IF EXISTS "cloudhealth_perspective";

CREATE VIEW "cloudhealth_perspective" AS
SELECT account, name, native_id, source, target,
       CASE jsonb_typeof(document #> '{"active"}'::text[]) WHEN 'boolean' THEN (document #> '{"active"}'::text[])::boolean END AS "active",
       nullif((document #> '{"groups"}'::text[]), 'null'::jsonb) AS "groups",
       CASE jsonb_typeof(document #> '{"groups_count"}'::text[]) WHEN 'number' THEN CASE WHEN (document #> '{"groups_count"}'::text[])::numeric % 1 = 0 AND (document #> '{"groups_count"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (document #> '{"groups_count"}'::text[])::numeric::bigint END END AS "groups_count",
       CASE jsonb_typeof(document #> '{"rules_count"}'::text[]) WHEN 'number' THEN CASE WHEN (document #> '{"rules_count"}'::text[])::numeric % 1 = 0 AND (document #> '{"rules_count"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (document #> '{"rules_count"}'::text[])::numeric::bigint END END AS "rules_count",
       (document #>> '{"rules_digest"}'::text[]) AS "rules_digest",
       CASE jsonb_typeof(document #> '{"include_in_reports"}'::text[]) WHEN 'boolean' THEN (document #> '{"include_in_reports"}'::text[])::boolean END AS "include_in_reports",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'cloudhealth_perspective';

DROP VIEW IF EXISTS "cloudhealth_policy";

CREATE VIEW "cloudhealth_policy" AS
SELECT account, name, native_id, source, target,
       CASE jsonb_typeof(document #> '{"enabled"}'::text[]) WHEN 'boolean' THEN (document #> '{"enabled"}'::text[])::boolean END AS "enabled",
       (document #>> '{"description"}'::text[]) AS "description",
       CASE jsonb_typeof(document #> '{"user_defined"}'::text[]) WHEN 'boolean' THEN (document #> '{"user_defined"}'::text[])::boolean END AS "user_defined",
       (document #>> '{"creator"}'::text[]) AS "creator",
       (document #>> '{"last_editor"}'::text[]) AS "last_editor",
       CASE WHEN (activity #>> '{"last_evaluated_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"last_evaluated_at"}'::text[])::timestamptz END AS "last_evaluated_at",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'cloudhealth_policy';

DROP VIEW IF EXISTS "cloudhealth_sso_configuration";

CREATE VIEW "cloudhealth_sso_configuration" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"provider"}'::text[]) AS "provider",
       nullif((document #> '{"claimed_domains"}'::text[]), 'null'::jsonb) AS "claimed_domains",
       nullif((document #> '{"pending_domains"}'::text[]), 'null'::jsonb) AS "pending_domains",
       (document #>> '{"connection_name"}'::text[]) AS "connection_name",
       (document #>> '{"default_organization"}'::text[]) AS "default_organization",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'cloudhealth_sso_configuration';

DROP VIEW IF EXISTS "entitlement";

CREATE VIEW "entitlement" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"provider"}'::text[]) AS "provider",
       (document #>> '{"principal"}'::text[]) AS "principal",
       (document #>> '{"principal_type"}'::text[]) AS "principal_type",
       (document #>> '{"service"}'::text[]) AS "service",
       (document #>> '{"level"}'::text[]) AS "level",
       (document #>> '{"grade"}'::text[]) AS "grade",
       nullif((document #> '{"services"}'::text[]), 'null'::jsonb) AS "services",
       nullif((document #> '{"actions"}'::text[]), 'null'::jsonb) AS "actions",
       nullif((document #> '{"resources"}'::text[]), 'null'::jsonb) AS "resources",
       nullif((document #> '{"conditions"}'::text[]), 'null'::jsonb) AS "conditions",
       nullif((document #> '{"paths"}'::text[]), 'null'::jsonb) AS "paths",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'entitlement';

DROP VIEW IF EXISTS "finding";

CREATE VIEW "finding" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"check"}'::text[]) AS "check",
       (document #>> '{"title"}'::text[]) AS "title",
       (document #>> '{"status"}'::text[]) AS "status",
       (document #>> '{"severity"}'::text[]) AS "severity",
       (document #>> '{"subject_type"}'::text[]) AS "subject_type",
       (document #>> '{"subject"}'::text[]) AS "subject",
       (document #>> '{"reason"}'::text[]) AS "reason",
       nullif((document #> '{"evidence"}'::text[]), 'null'::jsonb) AS "evidence",
       nullif((document #> '{"exception"}'::text[]), 'null'::jsonb) AS "exception",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'finding';

DROP VIEW IF EXISTS "kubernetes_aws_auth_entry";

CREATE VIEW "kubernetes_aws_auth_entry" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"section"}'::text[]) AS "section",
       (document #>> '{"principal"}'::text[]) AS "principal",
       (document #>> '{"matches"}'::text[]) AS "matches",
       (document #>> '{"username"}'::text[]) AS "username",
       nullif((document #> '{"groups"}'::text[]), 'null'::jsonb) AS "groups",
       (document #>> '{"problem"}'::text[]) AS "problem",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'kubernetes_aws_auth_entry';

DROP VIEW IF EXISTS "kubernetes_cluster";

CREATE VIEW "kubernetes_cluster" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"platform"}'::text[]) AS "platform",
       (document #>> '{"endpoint"}'::text[]) AS "endpoint",
       (document #>> '{"eks_arn"}'::text[]) AS "eks_arn",
       (document #>> '{"account_source"}'::text[]) AS "account_source",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'kubernetes_cluster';

DROP VIEW IF EXISTS "kubernetes_cluster_role";

CREATE VIEW "kubernetes_cluster_role" AS
SELECT account, name, native_id, source, target,
       nullif((document #> '{"rules"}'::text[]), 'null'::jsonb) AS "rules",
       nullif((document #> '{"aggregation_rule"}'::text[]), 'null'::jsonb) AS "aggregation_rule",
       nullif((document #> '{"labels"}'::text[]), 'null'::jsonb) AS "labels",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'kubernetes_cluster_role';

DROP VIEW IF EXISTS "kubernetes_cluster_role_binding";

CREATE VIEW "kubernetes_cluster_role_binding" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"role_kind"}'::text[]) AS "role_kind",
       (document #>> '{"role_name"}'::text[]) AS "role_name",
       nullif((document #> '{"subjects"}'::text[]), 'null'::jsonb) AS "subjects",
       nullif((document #> '{"labels"}'::text[]), 'null'::jsonb) AS "labels",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'kubernetes_cluster_role_binding';

DROP VIEW IF EXISTS "kubernetes_escalation";

CREATE VIEW "kubernetes_escalation" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"cluster"}'::text[]) AS "cluster",
       (document #>> '{"cluster_name"}'::text[]) AS "cluster_name",
       (document #>> '{"subject"}'::text[]) AS "subject",
       (document #>> '{"method"}'::text[]) AS "method",
       (document #>> '{"summary"}'::text[]) AS "summary",
       (document #>> '{"reach"}'::text[]) AS "reach",
       (document #>> '{"admin"}'::text[]) AS "admin",
       nullif((document #> '{"namespaces"}'::text[]), 'null'::jsonb) AS "namespaces",
       nullif((document #> '{"names"}'::text[]), 'null'::jsonb) AS "names",
       nullif((document #> '{"targets"}'::text[]), 'null'::jsonb) AS "targets",
       nullif((document #> '{"paths"}'::text[]), 'null'::jsonb) AS "paths",
       CASE jsonb_typeof(document #> '{"built_in"}'::text[]) WHEN 'boolean' THEN (document #> '{"built_in"}'::text[])::boolean END AS "built_in",
       (document #>> '{"note"}'::text[]) AS "note",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'kubernetes_escalation';

DROP VIEW IF EXISTS "kubernetes_identity_mapping";

CREATE VIEW "kubernetes_identity_mapping" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"cluster"}'::text[]) AS "cluster",
       (document #>> '{"cluster_name"}'::text[]) AS "cluster_name",
       (document #>> '{"cluster_arn"}'::text[]) AS "cluster_arn",
       (document #>> '{"direction"}'::text[]) AS "direction",
       (document #>> '{"via"}'::text[]) AS "via",
       (document #>> '{"iam_principal"}'::text[]) AS "iam_principal",
       (document #>> '{"username"}'::text[]) AS "username",
       nullif((document #> '{"groups"}'::text[]), 'null'::jsonb) AS "groups",
       nullif((document #> '{"access_policies"}'::text[]), 'null'::jsonb) AS "access_policies",
       CASE jsonb_typeof(document #> '{"effective"}'::text[]) WHEN 'boolean' THEN (document #> '{"effective"}'::text[])::boolean END AS "effective",
       (document #>> '{"admin"}'::text[]) AS "admin",
       (document #>> '{"reason"}'::text[]) AS "reason",
       (document #>> '{"note"}'::text[]) AS "note",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'kubernetes_identity_mapping';

DROP VIEW IF EXISTS "kubernetes_namespace";

CREATE VIEW "kubernetes_namespace" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"phase"}'::text[]) AS "phase",
       (document #>> '{"labels","pod-security.kubernetes.io/enforce"}'::text[]) AS "enforced_level",
       nullif((document #> '{"labels"}'::text[]), 'null'::jsonb) AS "labels",
       nullif((document #> '{"annotations"}'::text[]), 'null'::jsonb) AS "annotations",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'kubernetes_namespace';

DROP VIEW IF EXISTS "kubernetes_network_policy";

CREATE VIEW "kubernetes_network_policy" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"namespace"}'::text[]) AS "namespace",
       nullif((document #> '{"pod_selector"}'::text[]), 'null'::jsonb) AS "pod_selector",
       nullif((document #> '{"policy_types"}'::text[]), 'null'::jsonb) AS "policy_types",
       nullif((document #> '{"ingress"}'::text[]), 'null'::jsonb) AS "ingress",
       nullif((document #> '{"egress"}'::text[]), 'null'::jsonb) AS "egress",
       nullif((document #> '{"labels"}'::text[]), 'null'::jsonb) AS "labels",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'kubernetes_network_policy';

DROP VIEW IF EXISTS "kubernetes_node";

CREATE VIEW "kubernetes_node" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"provider_id"}'::text[]) AS "provider_id",
       (document #>> '{"kubelet_version"}'::text[]) AS "kubelet_version",
       (document #>> '{"os_image"}'::text[]) AS "os_image",
       (document #>> '{"kernel_version"}'::text[]) AS "kernel_version",
       (document #>> '{"container_runtime"}'::text[]) AS "container_runtime",
       (document #>> '{"architecture"}'::text[]) AS "architecture",
       nullif((document #> '{"addresses"}'::text[]), 'null'::jsonb) AS "addresses",
       CASE jsonb_typeof(document #> '{"unschedulable"}'::text[]) WHEN 'boolean' THEN (document #> '{"unschedulable"}'::text[])::boolean END AS "unschedulable",
       nullif((document #> '{"taints"}'::text[]), 'null'::jsonb) AS "taints",
       nullif((document #> '{"labels"}'::text[]), 'null'::jsonb) AS "labels",
       CASE jsonb_typeof(activity #> '{"ready"}'::text[]) WHEN 'boolean' THEN (activity #> '{"ready"}'::text[])::boolean END AS "ready",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'kubernetes_node';

DROP VIEW IF EXISTS "kubernetes_role";

CREATE VIEW "kubernetes_role" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"namespace"}'::text[]) AS "namespace",
       nullif((document #> '{"rules"}'::text[]), 'null'::jsonb) AS "rules",
       nullif((document #> '{"labels"}'::text[]), 'null'::jsonb) AS "labels",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'kubernetes_role';

DROP VIEW IF EXISTS "kubernetes_role_binding";

CREATE VIEW "kubernetes_role_binding" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"namespace"}'::text[]) AS "namespace",
       (document #>> '{"role_kind"}'::text[]) AS "role_kind",
       (document #>> '{"role_name"}'::text[]) AS "role_name",
       nullif((document #> '{"subjects"}'::text[]), 'null'::jsonb) AS "subjects",
       nullif((document #> '{"labels"}'::text[]), 'null'::jsonb) AS "labels",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'kubernetes_role_binding';

DROP VIEW IF EXISTS "kubernetes_service_account";

CREATE VIEW "kubernetes_service_account" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"namespace"}'::text[]) AS "namespace",
       (document #>> '{"iam_role_arn"}'::text[]) AS "iam_role_arn",
       CASE jsonb_typeof(document #> '{"automount_token"}'::text[]) WHEN 'boolean' THEN (document #> '{"automount_token"}'::text[])::boolean END AS "automount_token",
       nullif((document #> '{"secret_names"}'::text[]), 'null'::jsonb) AS "secret_names",
       nullif((document #> '{"image_pull_secret_names"}'::text[]), 'null'::jsonb) AS "image_pull_secret_names",
       nullif((document #> '{"labels"}'::text[]), 'null'::jsonb) AS "labels",
       nullif((document #> '{"annotations"}'::text[]), 'null'::jsonb) AS "annotations",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'kubernetes_service_account';

DROP VIEW IF EXISTS "kubernetes_workload";

CREATE VIEW "kubernetes_workload" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"workload_kind"}'::text[]) AS "workload_kind",
       (document #>> '{"namespace"}'::text[]) AS "namespace",
       (document #>> '{"service_account"}'::text[]) AS "service_account",
       CASE jsonb_typeof(document #> '{"automount_token"}'::text[]) WHEN 'boolean' THEN (document #> '{"automount_token"}'::text[])::boolean END AS "automount_token",
       nullif((document #> '{"images"}'::text[]), 'null'::jsonb) AS "images",
       CASE jsonb_typeof(document #> '{"privileged"}'::text[]) WHEN 'boolean' THEN (document #> '{"privileged"}'::text[])::boolean END AS "privileged",
       CASE jsonb_typeof(document #> '{"host_network"}'::text[]) WHEN 'boolean' THEN (document #> '{"host_network"}'::text[])::boolean END AS "host_network",
       CASE jsonb_typeof(document #> '{"host_pid"}'::text[]) WHEN 'boolean' THEN (document #> '{"host_pid"}'::text[])::boolean END AS "host_pid",
       CASE jsonb_typeof(document #> '{"host_ipc"}'::text[]) WHEN 'boolean' THEN (document #> '{"host_ipc"}'::text[])::boolean END AS "host_ipc",
       nullif((document #> '{"host_paths"}'::text[]), 'null'::jsonb) AS "host_paths",
       nullif((document #> '{"host_ports"}'::text[]), 'null'::jsonb) AS "host_ports",
       nullif((document #> '{"capabilities_added"}'::text[]), 'null'::jsonb) AS "capabilities_added",
       CASE jsonb_typeof(document #> '{"run_as_non_root"}'::text[]) WHEN 'boolean' THEN (document #> '{"run_as_non_root"}'::text[])::boolean END AS "run_as_non_root",
       CASE jsonb_typeof(document #> '{"allow_privilege_escalation"}'::text[]) WHEN 'boolean' THEN (document #> '{"allow_privilege_escalation"}'::text[])::boolean END AS "allow_privilege_escalation",
       nullif((document #> '{"secret_names"}'::text[]), 'null'::jsonb) AS "secret_names",
       nullif((document #> '{"containers"}'::text[]), 'null'::jsonb) AS "containers",
       nullif((document #> '{"owner"}'::text[]), 'null'::jsonb) AS "owner",
       (document #>> '{"schedule"}'::text[]) AS "schedule",
       CASE jsonb_typeof(document #> '{"suspended"}'::text[]) WHEN 'boolean' THEN (document #> '{"suspended"}'::text[])::boolean END AS "suspended",
       nullif((document #> '{"labels"}'::text[]), 'null'::jsonb) AS "labels",
       nullif((document #> '{"annotations"}'::text[]), 'null'::jsonb) AS "annotations",
       nullif((document #> '{"pod_annotations"}'::text[]), 'null'::jsonb) AS "pod_annotations",
       CASE jsonb_typeof(activity #> '{"replicas"}'::text[]) WHEN 'number' THEN CASE WHEN (activity #> '{"replicas"}'::text[])::numeric % 1 = 0 AND (activity #> '{"replicas"}'::text[])::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (activity #> '{"replicas"}'::text[])::numeric::bigint END END AS "replicas",
       (activity #>> '{"phase"}'::text[]) AS "phase",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'kubernetes_workload';

DROP VIEW IF EXISTS "principal";

CREATE VIEW "principal" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"type"}'::text[]) AS "type",
       (document #>> '{"provider"}'::text[]) AS "provider",
       (document #>> '{"identifier"}'::text[]) AS "identifier",
       CASE jsonb_typeof(document #> '{"enabled"}'::text[]) WHEN 'boolean' THEN (document #> '{"enabled"}'::text[])::boolean END AS "enabled",
       CASE jsonb_typeof(document #> '{"console_access"}'::text[]) WHEN 'boolean' THEN (document #> '{"console_access"}'::text[])::boolean END AS "console_access",
       CASE jsonb_typeof(document #> '{"mfa"}'::text[]) WHEN 'boolean' THEN (document #> '{"mfa"}'::text[])::boolean END AS "mfa",
       nullif((document #> '{"groups"}'::text[]), 'null'::jsonb) AS "groups",
       nullif((document #> '{"credentials"}'::text[]), 'null'::jsonb) AS "credentials",
       CASE WHEN (activity #>> '{"last_used_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (activity #>> '{"last_used_at"}'::text[])::timestamptz END AS "last_used_at",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'principal';

DROP VIEW IF EXISTS "tool_coverage";

CREATE VIEW "tool_coverage" AS
SELECT account, name, native_id, source, target,
       (document #>> '{"tool"}'::text[]) AS "tool",
       (document #>> '{"status"}'::text[]) AS "status",
       nullif((document #> '{"reasons"}'::text[]), 'null'::jsonb) AS "reasons",
       nullif((document #> '{"levels"}'::text[]), 'null'::jsonb) AS "levels",
       nullif((document #> '{"instances"}'::text[]), 'null'::jsonb) AS "instances",
       CASE WHEN (document #>> '{"since_at"}'::text[]) ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[-+](0[0-9]|1[0-4]):[0-5][0-9])$' THEN (document #>> '{"since_at"}'::text[])::timestamptz END AS "since_at",
       nullif((activity #> '{"measures"}'::text[]), 'null'::jsonb) AS "measures",
       version, first_seen_at, changed_at, last_audited_at, scope_outcome, provider_created_at, provider_updated_at, document, activity
FROM resource_current
WHERE kind = 'tool_coverage';

-- The program's role: no DELETE, no DDL, no ownership.
GRANT SELECT ON auditor_migration TO "auditor_app";
GRANT SELECT, INSERT, UPDATE ON aws_cross_account_arn TO "auditor_app";
GRANT SELECT, INSERT, UPDATE ON run TO "auditor_app";
GRANT SELECT, INSERT, UPDATE ON task TO "auditor_app";
GRANT SELECT, INSERT, UPDATE ON target TO "auditor_app";
GRANT SELECT, INSERT, UPDATE ON scope_state TO "auditor_app";
GRANT SELECT ON scope TO "auditor_app";
GRANT SELECT, INSERT, UPDATE ON resource TO "auditor_app";
GRANT SELECT, INSERT ON resource_version TO "auditor_app";
GRANT SELECT, INSERT, UPDATE ON resource_activity TO "auditor_app";
GRANT SELECT ON resource_current TO "auditor_app";
GRANT SELECT ON "account" TO "auditor_app";
GRANT SELECT ON "account_cost" TO "auditor_app";
GRANT SELECT ON "alertlogic_access_key" TO "auditor_app";
GRANT SELECT ON "alertlogic_account" TO "auditor_app";
GRANT SELECT ON "alertlogic_agent" TO "auditor_app";
GRANT SELECT ON "alertlogic_appliance" TO "auditor_app";
GRANT SELECT ON "alertlogic_collection_health" TO "auditor_app";
GRANT SELECT ON "alertlogic_collector" TO "auditor_app";
GRANT SELECT ON "alertlogic_credential" TO "auditor_app";
GRANT SELECT ON "alertlogic_deployment" TO "auditor_app";
GRANT SELECT ON "alertlogic_entitlement" TO "auditor_app";
GRANT SELECT ON "alertlogic_exposure" TO "auditor_app";
GRANT SELECT ON "alertlogic_exposure_summary" TO "auditor_app";
GRANT SELECT ON "alertlogic_incident" TO "auditor_app";
GRANT SELECT ON "alertlogic_incident_summary" TO "auditor_app";
GRANT SELECT ON "alertlogic_protection_policy" TO "auditor_app";
GRANT SELECT ON "alertlogic_risk_acceptance" TO "auditor_app";
GRANT SELECT ON "alertlogic_role" TO "auditor_app";
GRANT SELECT ON "alertlogic_scan_schedule" TO "auditor_app";
GRANT SELECT ON "alertlogic_user" TO "auditor_app";
GRANT SELECT ON "analysis" TO "auditor_app";
GRANT SELECT ON "aws_account_contact" TO "auditor_app";
GRANT SELECT ON "aws_assume_edge" TO "auditor_app";
GRANT SELECT ON "aws_delegated_administrator" TO "auditor_app";
GRANT SELECT ON "aws_eks_access_entry" TO "auditor_app";
GRANT SELECT ON "aws_eks_cluster" TO "auditor_app";
GRANT SELECT ON "aws_escalation_path" TO "auditor_app";
GRANT SELECT ON "aws_iam_access_key" TO "auditor_app";
GRANT SELECT ON "aws_iam_account_settings" TO "auditor_app";
GRANT SELECT ON "aws_iam_credential" TO "auditor_app";
GRANT SELECT ON "aws_iam_group" TO "auditor_app";
GRANT SELECT ON "aws_iam_mfa_device" TO "auditor_app";
GRANT SELECT ON "aws_iam_oidc_provider" TO "auditor_app";
GRANT SELECT ON "aws_iam_policy" TO "auditor_app";
GRANT SELECT ON "aws_iam_role" TO "auditor_app";
GRANT SELECT ON "aws_iam_saml_provider" TO "auditor_app";
GRANT SELECT ON "aws_iam_server_certificate" TO "auditor_app";
GRANT SELECT ON "aws_iam_service_credential" TO "auditor_app";
GRANT SELECT ON "aws_iam_signing_certificate" TO "auditor_app";
GRANT SELECT ON "aws_iam_ssh_key" TO "auditor_app";
GRANT SELECT ON "aws_iam_user" TO "auditor_app";
GRANT SELECT ON "aws_identity_store_group" TO "auditor_app";
GRANT SELECT ON "aws_identity_store_user" TO "auditor_app";
GRANT SELECT ON "aws_organization" TO "auditor_app";
GRANT SELECT ON "aws_organization_account" TO "auditor_app";
GRANT SELECT ON "aws_organization_policy" TO "auditor_app";
GRANT SELECT ON "aws_organizational_unit" TO "auditor_app";
GRANT SELECT ON "aws_principal_access" TO "auditor_app";
GRANT SELECT ON "aws_reach" TO "auditor_app";
GRANT SELECT ON "aws_sso_assignment" TO "auditor_app";
GRANT SELECT ON "aws_sso_instance" TO "auditor_app";
GRANT SELECT ON "aws_sso_permission_set" TO "auditor_app";
GRANT SELECT ON "cloudhealth_account_assignment" TO "auditor_app";
GRANT SELECT ON "cloudhealth_account_cost" TO "auditor_app";
GRANT SELECT ON "cloudhealth_aws_account" TO "auditor_app";
GRANT SELECT ON "cloudhealth_customer" TO "auditor_app";
GRANT SELECT ON "cloudhealth_iam_user" TO "auditor_app";
GRANT SELECT ON "cloudhealth_organization" TO "auditor_app";
GRANT SELECT ON "cloudhealth_perspective" TO "auditor_app";
GRANT SELECT ON "cloudhealth_policy" TO "auditor_app";
GRANT SELECT ON "cloudhealth_sso_configuration" TO "auditor_app";
GRANT SELECT ON "entitlement" TO "auditor_app";
GRANT SELECT ON "finding" TO "auditor_app";
GRANT SELECT ON "kubernetes_aws_auth_entry" TO "auditor_app";
GRANT SELECT ON "kubernetes_cluster" TO "auditor_app";
GRANT SELECT ON "kubernetes_cluster_role" TO "auditor_app";
GRANT SELECT ON "kubernetes_cluster_role_binding" TO "auditor_app";
GRANT SELECT ON "kubernetes_escalation" TO "auditor_app";
GRANT SELECT ON "kubernetes_identity_mapping" TO "auditor_app";
GRANT SELECT ON "kubernetes_namespace" TO "auditor_app";
GRANT SELECT ON "kubernetes_network_policy" TO "auditor_app";
GRANT SELECT ON "kubernetes_node" TO "auditor_app";
GRANT SELECT ON "kubernetes_role" TO "auditor_app";
GRANT SELECT ON "kubernetes_role_binding" TO "auditor_app";
GRANT SELECT ON "kubernetes_service_account" TO "auditor_app";
GRANT SELECT ON "kubernetes_workload" TO "auditor_app";
GRANT SELECT ON "principal" TO "auditor_app";
GRANT SELECT ON "tool_coverage" TO "auditor_app";

COMMIT;
