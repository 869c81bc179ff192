-- Short links, the domains they live on, and the tags they are sorted by.

create table domains (
    seq integer primary key,
    id blob not null,
    -- Null = the default domain, which every workspace shares; its host is the public URL's.
    workspace_id blob,
    host text,
    case_rule text not null,
    root_url text,
    not_found_url text,
    verification_token text not null,
    verified_at integer,
    revision integer not null default 1,
    created_at integer not null,
    updated_at integer not null
) strict;

create unique index domains_by_id on domains (id);
create unique index domains_by_host on domains (host) where host is not null;
create index domains_of_workspace on domains (workspace_id);

insert into domains (id, case_rule, verification_token, verified_at, created_at, updated_at)
values (zeroblob(16), 'sensitive', '', 0, 0, 0);

create table links (
    seq integer primary key,
    id blob not null,
    workspace_id blob not null,
    domain_seq integer not null references domains (seq),
    slug text not null,
    -- The slug under the case rule of its domain.
    slug_key text not null,
    url text not null,
    title text,
    state text not null,
    starts_at integer,
    expires_at integer,
    expired_url text,
    max_clicks integer,
    limit_url text,
    -- A PHC string.
    password text,
    redirect_status integer not null,
    cache_max_age_s integer,
    forward_query integer not null,
    forward_path integer not null,
    rules text not null,
    utm text not null,
    external_id text,
    note text,
    og text not null,
    qr text,
    watch text,
    blocked_reason text,
    health_status text not null default 'unknown',
    health_reason text,
    checked_at integer,
    final_url text,
    -- 1 = link.expired was raised for this expiry.
    expiry_told integer not null default 0,
    revision integer not null default 1,
    created_at integer not null,
    updated_at integer not null,
    created_by blob
) strict;

create unique index links_by_id on links (id);
create unique index links_by_slug on links (domain_seq, slug_key);
create index links_of_workspace on links (workspace_id);
create unique index links_by_external_id on links (workspace_id, external_id) where external_id is not null;
create index links_limited on links (id, max_clicks) where max_clicks is not null;
create index links_expiring on links (expires_at) where expires_at is not null and expiry_told = 0;

-- Slugs of links that were deleted or renamed: only the same workspace may take one again, nobody that of a blocked link.
create table slug_tombstones (
    domain_seq integer not null references domains (seq),
    slug_key text not null,
    workspace_id blob,
    fallback_url text,
    forward_path integer not null,
    deleted_at integer not null,
    primary key (domain_seq, slug_key)
) strict, without rowid;

create table tags (
    seq integer primary key,
    id blob not null,
    workspace_id blob not null,
    name text not null,
    -- The name without regard to case.
    name_key text not null,
    created_at integer not null,
    updated_at integer not null
) strict;

create unique index tags_by_id on tags (id);
create index tags_of_workspace on tags (workspace_id);
create unique index tags_by_name on tags (workspace_id, name_key);

create table link_tags (
    tag_seq integer not null references tags (seq),
    link_seq integer not null references links (seq),
    primary key (tag_seq, link_seq)
) strict, without rowid;

create index link_tags_of_link on link_tags (link_seq);

-- Bulk calls with an idempotency key: how far each is.
create table link_bulks (
    id blob primary key,
    run_token blob not null,
    -- Null = it came to its end.
    running_until integer,
    rows_total integer not null,
    next_row integer not null,
    created integer not null,
    expires_at integer not null
) strict, without rowid;

create index link_bulks_by_expiry on link_bulks (expires_at);
create index link_bulks_running on link_bulks (running_until) where running_until is not null;

create table link_bulk_faults (
    bulk_id blob not null references link_bulks (id),
    row integer not null,
    faults text not null,
    primary key (bulk_id, row)
) strict, without rowid;

alter table meters add column links integer not null default 0;
alter table meters add column qr_codes integer not null default 0;
