-- The core file: everything that must survive a power cut.
-- Times are Unix milliseconds, ids 16 raw bytes, `seq` the order in which rows were made.

create table workspaces (
    id blob primary key,
    name text not null,
    plan text not null,
    created_at integer not null,
    -- The month (year * 12 + month) the plan pool was last filled for; 0 = never.
    credit_month integer not null default 0
) strict, without rowid;

create index workspaces_credit_month on workspaces (credit_month);

-- Sums that nearly every write moves, one small row per workspace. The balance equals the sum of its ledger.
create table meters (
    workspace_id blob primary key references workspaces (id),
    balance_plan integer not null default 0,
    balance_pack integer not null default 0,
    jobs_unfinished integer not null default 0,
    deliveries_unfinished integer not null default 0,
    evidence_bytes integer not null default 0
) strict, without rowid;

create table families (
    id blob primary key,
    workspace_id blob not null references workspaces (id),
    signature_headers text not null,
    created_at integer not null
) strict, without rowid;

-- Sealed under the master key. No expiry = the current one.
create table family_secrets (
    seq integer primary key,
    family_id blob not null references families (id),
    sealed blob not null,
    created_at integer not null,
    expires_at integer
) strict;

create index family_secrets_of_family on family_secrets (family_id);

-- Resolve calls by UTC day, for the daily quota.
create table family_days (
    family_id blob not null,
    day integer not null,
    resolves integer not null,
    primary key (family_id, day)
) strict, without rowid;

create index family_days_by_day on family_days (day);

create table keys (
    seq integer primary key,
    id blob not null,
    workspace_id blob not null references workspaces (id),
    family_id blob not null references families (id),
    hash blob not null,
    display text not null,
    name text not null,
    scopes text not null,
    state text not null,
    expires_at integer,
    allowed_ips text not null,
    creates_per_minute integer,
    daily_quota integer,
    created_by blob,
    created_at integer not null,
    last_used_at integer,
    last_used_ip text,
    successor_id blob
) strict;

create unique index keys_by_id on keys (id);
create unique index keys_by_hash on keys (hash);
create index keys_of_workspace on keys (workspace_id);
create index keys_unrevoked on keys (workspace_id) where state <> 'revoked';

create table idempotency (
    family_id blob not null,
    key text not null,
    fingerprint blob not null,
    kind text not null,
    subject blob not null,
    expires_at integer not null,
    primary key (family_id, key)
) strict, without rowid;

create index idempotency_by_expiry on idempotency (expires_at);

create table jobs (
    seq integer primary key,
    id blob not null,
    workspace_id blob not null,
    family_id blob not null,
    key_id blob not null,
    url text not null,
    options text not null,
    webhook_url text,
    provider text not null,
    tier text not null,
    reserved_plan integer not null,
    reserved_pack integer not null,
    cache_key blob not null,
    -- SHA-256 of the request's body, when it had no idempotency key. No index: see `bodies.rs`.
    body_hash blob,
    status text not null,
    due_at integer not null,
    lease_token blob,
    lease_until integer,
    lost_leases integer not null default 0,
    credits_charged integer not null default 0,
    target_url text,
    reason text,
    vendor text,
    hops_count integer,
    verdicts text,
    evidence blob,
    evidence_bytes integer not null default 0,
    created_at integer not null,
    finished_at integer
) strict;

create unique index jobs_by_id on jobs (id);
create index jobs_of_family on jobs (family_id);
create index jobs_queued on jobs (due_at) where status = 'queued';
create index jobs_leased on jobs (lease_until) where status = 'running';
create index jobs_cached on jobs (cache_key, finished_at) where status = 'done';
create index jobs_by_end on jobs (finished_at) where finished_at is not null;
create index jobs_by_evidence on jobs (evidence) where evidence is not null;

-- Append-only.
create table credit_entries (
    seq integer primary key,
    id blob not null,
    workspace_id blob not null,
    pool text not null,
    kind text not null,
    amount integer not null,
    job_id blob,
    note text,
    created_at integer not null
) strict;

create index credit_entries_of_workspace on credit_entries (workspace_id);
create unique index credit_entries_settled on credit_entries (job_id) where kind = 'settle';

-- `seq` is the order of commit: one writer gives it, and never twice.
create table events (
    seq integer primary key autoincrement,
    id blob not null,
    workspace_id blob not null,
    type text not null,
    job_id blob,
    body blob not null,
    created_at integer not null
) strict;

create index events_by_age on events (created_at);

create table lanes (
    id integer primary key,
    workspace_id blob not null,
    key text not null,
    concurrency integer not null,
    paused_until integer,
    -- 1 = after a pause: one attempt at a time until the receiver answers well.
    probing integer not null default 0,
    -- 1 = the last attempt did not succeed.
    failing integer not null default 0,
    -- When it was last picked, as a counter.
    turn integer not null default 0,
    under_way integer not null default 0,
    -- Deliveries that name this lane.
    deliveries integer not null default 0,
    -- When a claim should look at it next; null = nothing waits, or no room until an attempt ends.
    due_at integer
) strict;

create unique index lanes_by_key on lanes (workspace_id, key);
create index lanes_due on lanes (due_at) where due_at is not null;

create table deliveries (
    seq integer primary key,
    id blob not null,
    workspace_id blob not null,
    event_seq integer not null references events (seq),
    job_id blob,
    family_id blob not null,
    lane_id integer not null,
    url text not null,
    body blob not null,
    state text not null,
    attempts integer not null default 0,
    step integer not null default 0,
    -- 1 = attempted before: first attempts go first.
    retry integer not null default 0,
    next_attempt_at integer,
    lease_token blob,
    lease_until integer,
    last_error text,
    created_at integer not null,
    finished_at integer
) strict;

create unique index deliveries_by_id on deliveries (id);
create index deliveries_of_workspace on deliveries (workspace_id);
create index deliveries_not_succeeded on deliveries (workspace_id, state) where state <> 'succeeded';
create index deliveries_of_job on deliveries (job_id) where job_id is not null;
create index deliveries_of_event on deliveries (event_seq);
create index deliveries_pending on deliveries (lane_id, retry, next_attempt_at) where state = 'pending';
create index deliveries_leased on deliveries (lease_until) where state = 'delivering';

create table attempts (
    seq integer primary key,
    id blob not null,
    delivery_seq integer not null references deliveries (seq),
    number integer not null,
    started_at integer not null,
    duration_ms integer not null,
    request_headers text not null,
    response_status integer,
    response_headers text not null,
    response_body blob not null,
    response_truncated integer not null,
    remote_addr text,
    timings text,
    error text,
    error_detail text
) strict;

create index attempts_of_delivery on attempts (delivery_seq);

create table audit (
    seq integer primary key,
    id blob not null,
    workspace_id blob not null,
    at integer not null,
    key_id blob,
    action text not null,
    address text,
    subject text not null,
    state_before text,
    state_after text not null
) strict;

create index audit_of_workspace on audit (workspace_id);

create table counters (
    name text primary key,
    value integer not null
) strict, without rowid;

insert into counters (name, value) values ('lane_turn', 0), ('probe', 0);
