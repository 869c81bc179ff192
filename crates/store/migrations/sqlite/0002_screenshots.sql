-- Jobs may have a picture of the last page; the picture itself is in the evidence file.

alter table jobs add column screenshot blob;
alter table jobs add column screenshot_bytes integer not null default 0;

create index jobs_by_screenshot on jobs (screenshot) where screenshot is not null;
