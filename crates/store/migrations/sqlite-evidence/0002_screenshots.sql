-- Pictures of pages by digest, as PNG. They live shorter than the chains beside them.

create table screenshots (
    seq integer primary key,
    digest blob not null,
    stored_at integer not null,
    -- 1 = not yet seen to be referred to by a job.
    unclaimed integer not null default 1,
    png blob not null
) strict;

create unique index screenshots_by_digest on screenshots (digest);
create index screenshots_by_age on screenshots (stored_at);
create index screenshots_unclaimed on screenshots (stored_at) where unclaimed = 1;
