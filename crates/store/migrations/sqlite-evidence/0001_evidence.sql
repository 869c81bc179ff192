-- The evidence file: chain documents by digest. Losing its last second loses no promise, so it syncs less than the core.

create table evidence (
    seq integer primary key,
    digest blob not null,
    stored_at integer not null,
    -- 1 = not yet seen to be referred to by a job.
    unclaimed integer not null default 1,
    document_bytes integer not null,
    compressed blob not null
) strict;

create unique index evidence_by_digest on evidence (digest);
create index evidence_by_age on evidence (stored_at);
create index evidence_unclaimed on evidence (stored_at) where unclaimed = 1;
