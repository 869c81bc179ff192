-- Subscribed endpoints, the event log as people read it, batches and replays.

create table endpoints (
    seq integer primary key,
    id blob not null,
    workspace_id blob not null references workspaces (id),
    -- Owns its secrets and the names of its signature headers.
    family_id blob not null references families (id),
    lane_id integer not null references lanes (id),
    url text not null,
    description text not null,
    events text not null,
    links text not null,
    header_names text not null,
    -- Sealed under the master key; empty = none.
    sealed_headers blob not null,
    schedule text not null,
    timeout_ms integer not null,
    -- active, disabled, deleted: kept a while for what still waits and for idempotency records.
    state text not null,
    disabled_reason text,
    disabled_at integer,
    created_by blob not null,
    created_at integer not null,
    updated_at integer not null
) strict;

create unique index endpoints_by_id on endpoints (id);
create index endpoints_of_workspace on endpoints (workspace_id) where state <> 'deleted';
create index endpoints_deleted on endpoints (updated_at) where state = 'deleted';

-- What an event asks when it is raised: no endpoint is here twice for one event.
create table endpoint_subscriptions (
    workspace_id blob not null,
    -- An event, a family as `link.*`, or `*`.
    name text not null,
    endpoint_seq integer not null references endpoints (seq),
    primary key (workspace_id, name, endpoint_seq)
) strict, without rowid;

create index endpoint_subscriptions_of_endpoint on endpoint_subscriptions (endpoint_seq);

-- An endpoint's lane lives as long as the endpoint; null = the receiver of a request.
alter table lanes add column endpoint_id blob;
alter table lanes add column disabled integer not null default 0;
-- The first failure since the last success; for endpoints only.
alter table lanes add column failing_since integer;
alter table lanes add column rate_per_s integer;
-- When everything sent so far would have been due at an even pace, in microseconds.
alter table lanes add column rate_even_until_us integer not null default 0;
alter table lanes add column batch_events integer;
alter table lanes add column batch_wait_ms integer;
-- Deliveries that wait for their batch to fill; never more than there are.
alter table lanes add column gathering integer not null default 0;

-- A click that endpoints are told of has a row with a negative `seq`: the event log does not show it.
alter table events add column link_id blob;
alter table events add column tag_ids text;

create unique index events_by_id on events (id);
create index events_of_workspace on events (workspace_id);
create index events_by_type on events (workspace_id, type);

alter table deliveries add column replay_id blob;
-- The delivery that leads its batch, itself included. `retry` is 1 for the leader and 2 for the others, which nobody claims.
alter table deliveries add column batch_seq integer;
alter table deliveries add column batch_at integer;

create index deliveries_of_lane on deliveries (lane_id);
create index deliveries_of_batch on deliveries (batch_seq) where batch_seq is not null;

create table replays (
    seq integer primary key,
    id blob not null,
    workspace_id blob not null,
    endpoint_id blob not null,
    filter text not null,
    kind text not null,
    rate_per_s integer,
    rate_even_until_us integer not null default 0,
    state text not null,
    -- The last event looked at, and the last there is to look at.
    cursor integer not null,
    last_seq integer not null,
    scanned integer not null default 0,
    total integer not null,
    matched integer not null default 0,
    created_at integer not null,
    finished_at integer
) strict;

create unique index replays_by_id on replays (id);
create index replays_running on replays (workspace_id) where state = 'running';
create index replays_by_end on replays (finished_at) where finished_at is not null;
