-- Clicks folded from the journal, and what is counted of them.

-- Where folding goes on, in bytes of the journal.
create table fold (
    id integer primary key check (id = 1),
    journal_until integer not null
) strict;
insert into fold (id, journal_until) values (1, 0);

-- Who has roll-ups: workspaces (owner is null) and their links.
create table subjects (
    key integer primary key,
    id blob not null unique,
    owner integer references subjects (key),
    humans integer not null default 0,
    bots integer not null default 0,
    -- Human clicks ever, deleted ones too.
    spent integer not null default 0,
    last_clicked_at integer
) strict;

-- Raw clicks. The key is the place in the journal.
create table clicks (
    place integer primary key,
    at integer not null,
    workspace integer not null,
    link integer not null,
    domain text not null,
    tags blob not null,
    rule integer,
    country text,
    region text,
    city text,
    device text not null,
    os text,
    browser text,
    language text,
    referrer text,
    utm_source text,
    utm_medium text,
    utm_campaign text,
    utm_term text,
    utm_content text,
    source text not null,
    bot text,
    visitor blob not null,
    address text
) strict;
create index clicks_of_workspace on clicks (workspace, at);
create index clicks_of_link on clicks (link, at);
create index clicks_by_time on clicks (at);

-- Roll-up (a): combinations that occurred in a UTC hour (hours since 1970). Empty text = not known, a person.
create table hours (
    subject integer not null,
    hour integer not null,
    country text not null,
    device text not null,
    os text not null,
    browser text not null,
    source text not null,
    bot text not null,
    clicks integer not null,
    primary key (subject, hour, country, device, os, browser, source, bot)
) strict, without rowid;

-- Roll-up (b): values of one dimension on a UTC day. `=x` is the value x, `*` the rest, `?` none;
-- dimension 255 counts all clicks.
create table days (
    subject integer not null,
    dimension integer not null,
    day integer not null,
    value text not null,
    humans integer not null,
    bots integer not null,
    primary key (subject, dimension, day, value)
) strict, without rowid;

-- How many values a day has in a dimension.
create table widths (
    subject integer not null,
    dimension integer not null,
    day integer not null,
    width integer not null,
    primary key (subject, dimension, day)
) strict, without rowid;

-- Sketches of a UTC day's visitors; `kind` 0 = people, 1 = bots.
create table visitors (
    subject integer not null,
    day integer not null,
    kind integer not null,
    sketch blob not null,
    primary key (subject, day, kind)
) strict;

-- Links whose clicks before a place were deleted before they were folded.
create table forgotten (
    link blob not null,
    workspace blob not null,
    journal_until integer not null,
    primary key (link, workspace)
) strict, without rowid;
