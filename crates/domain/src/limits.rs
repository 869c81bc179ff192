//! Every bound of the product by name (I12). Units are in the names.

pub const URL_BYTES_MAX: usize = 2_048;
pub const IDEMPOTENCY_KEY_BYTES_MAX: usize = 128;
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
pub const LIST_LIMIT_DEFAULT: u32 = 50;
pub const LIST_LIMIT_MAX: u32 = 100;

pub const IDEMPOTENCY_LIFETIME_MS: i64 = 24 * 3_600_000;
pub const MAX_AGE_S_DEFAULT: u64 = 3_600;
pub const WAIT_S_MAX: u64 = 30;
pub const HELD_WAITS_MAX: usize = 1_000;
/// Event streams open at once.
pub const EVENT_STREAMS_MAX: usize = 256;

pub const PROFILE_HEADERS_MAX: usize = 20;
pub const PROFILE_HEADER_NAME_BYTES_MAX: usize = 128;
pub const PROFILE_VALUE_BYTES_MAX: usize = 1_024;

pub const KEY_NAME_CHARS_MAX: usize = 100;
pub const KEY_ALLOWED_IPS_MAX: usize = 50;
pub const KEY_CREATES_PER_MINUTE_DEFAULT: u32 = 60;
pub const KEY_READS_PER_MINUTE: u32 = 600;
pub const KEY_ROTATION_OVERLAP_S_DEFAULT: u64 = 86_400;
pub const KEY_ROTATION_OVERLAP_S_MAX: u64 = 7 * 86_400;
pub const SIGNATURE_HEADERS_MAX: usize = 3;
pub const WEBHOOK_SECRETS_MAX: usize = 3;

/// A picture of a page, as PNG; larger ones are not kept.
pub const SCREENSHOT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The chain document, serialised.
pub const CHAIN_BYTES_MAX: usize = 256 * 1024;
/// The same before verdicts are added: they take at most the difference.
pub const CHAIN_BYTES_WITHOUT_VERDICTS_MAX: usize = CHAIN_BYTES_MAX - 16 * 1024;

pub const LEASE_MS: i64 = 60_000;
pub const LEASE_SWEEP_MS: u64 = 5_000;
pub const LEASE_ATTEMPTS_MAX: u32 = 3;
/// Back-off of a job whose lease was lost: 5 s · 2ⁿ.
pub const LEASE_BACKOFF_MS: i64 = 5_000;

pub const DELIVERY_LEASE_MS: i64 = 60_000;
pub const DELIVERY_TIMEOUT_MS: u64 = 15_000;
pub const DELIVERY_CONNECT_MS: u64 = 5_000;
pub const DELIVERY_RESPONSE_BYTES_MAX: usize = 16 * 1024;
pub const DELIVERY_RESPONSE_HEADER_BYTES_MAX: usize = 64 * 1024;
pub const DELIVERY_BODY_BYTES_MAX: usize = 64 * 1024;
pub const LANE_CONCURRENCY_DEFAULT: u32 = 4;
pub const RETRY_AFTER_MS_MAX: i64 = 24 * 3_600_000;
pub const LANE_PAUSE_MS_MIN: i64 = 30_000;
/// Jitter only adds, at most this share of the delay, in percent.
pub const RETRY_JITTER_PERCENT: u64 = 10;

/// Retries after the first attempt, and the longest delay before one.
pub const RETRIES_MAX: usize = 20;
pub const RETRY_DELAY_S_MAX: u32 = 24 * 3_600;

pub const ENDPOINT_DESCRIPTION_CHARS_MAX: usize = 500;
pub const ENDPOINT_EVENTS_MAX: usize = 32;
pub const ENDPOINT_LINKS_MAX: usize = 100;
pub const ENDPOINT_TAGS_MAX: usize = 100;
pub const ENDPOINT_HEADERS_MAX: usize = 20;
pub const ENDPOINT_HEADER_VALUE_BYTES_MAX: usize = 4_096;
pub const ENDPOINT_TIMEOUT_S_MAX: u64 = 30;
pub const ENDPOINT_CONCURRENCY_MAX: u32 = 64;
pub const ENDPOINT_RATE_PER_S_MAX: u32 = 1_000;
/// Saving an endpoint looks its host up for so long; no answer is only a warning.
pub const ENDPOINT_LOOKUP_MS: u64 = 2_000;
/// An endpoint with nothing but failures for so long is disabled.
pub const ENDPOINT_FAILING_MS_MAX: i64 = 5 * 24 * 3_600_000;
pub const BATCH_EVENTS_MAX: u32 = 500;
pub const BATCH_WAIT_MS_MAX: u32 = 10_000;
pub const BATCH_BODY_BYTES_MAX: usize = 1024 * 1024;
pub const REPLAY_RATE_PER_S_MAX: u32 = 10_000;
/// Replays of a workspace that run at once.
pub const REPLAYS_RUNNING_MAX: u32 = 10;

/// Commands waiting for the one writer of the store; past it callers get `overloaded`.
pub const STORE_QUEUE_MAX: usize = 8_192;
pub const STORE_BATCH_MAX: usize = 512;
/// Creating calls are refused while the data folder has less room than this.
pub const MIN_FREE_BYTES_DEFAULT: u64 = 256 * 1024 * 1024;

/// Retention defaults of contracts §2, in days.
pub const RETENTION_JOBS_DAYS: u32 = 90;
pub const RETENTION_EVIDENCE_DAYS: u32 = 30;
pub const RETENTION_SCREENSHOTS_DAYS: u32 = 7;
pub const RETENTION_EVENTS_DAYS: u32 = 30;
pub const RETENTION_ATTEMPTS_DAYS: u32 = 14;
pub const RETENTION_AUDIT_DAYS: u32 = 400;
pub const RETENTION_BATCH_ROWS: u32 = 1_000;

/// What the first workspace of an installation is granted: there is no unmetered mode.
pub const FIRST_WORKSPACE_CREDITS: i64 = 1_000_000_000;

/// Longest text of one field of a click; longer ones are cut.
pub const CLICK_TEXT_BYTES_MAX: usize = 255;
/// Raw clicks are kept this long, in days; roll-ups for ever.
pub const RETENTION_CLICKS_DAYS: u32 = 400;
/// Raw clicks one analytics answer may read.
pub const ANALYTICS_ROWS_MAX: u64 = 5_000_000;
/// Values of one dimension kept per day, per link and per workspace; the rest is counted as `other`.
pub const ROLLUP_VALUES_MAX: u32 = 1_000;

/// A slug in bytes, `/` included.
pub const SLUG_BYTES_MAX: usize = 100;
pub const SLUG_SEGMENTS_MAX: usize = 5;
pub const RANDOM_SLUG_CHARS: usize = 7;
/// Random slugs tried before a link is refused for want of a free one.
pub const RANDOM_SLUG_CANDIDATES: usize = 4;
pub const LINK_TITLE_CHARS_MAX: usize = 300;
pub const LINK_NOTE_CHARS_MAX: usize = 2_000;
pub const LINK_EXTERNAL_ID_BYTES_MAX: usize = 128;
pub const LINK_TAGS_MAX: usize = 20;
pub const LINK_RULES_MAX: usize = 50;
/// Values of one condition of a rule.
pub const RULE_VALUES_MAX: usize = 250;
pub const RULE_TEXT_BYTES_MAX: usize = 255;
/// A year: what browsers honour of `max-age`.
pub const LINK_CACHE_S_MAX: u32 = 366 * 86_400;
pub const LINK_MAX_CLICKS_MAX: u64 = 1_000_000_000_000;
pub const OG_TEXT_CHARS_MAX: usize = 1_000;
pub const UTM_VALUE_CHARS_MAX: usize = 255;
/// How often a link may be checked where the plan says nothing, and the most often that any plan may allow.
pub const WATCH_INTERVAL_S_MIN_DEFAULT: u32 = 3_600;
pub const WATCH_INTERVAL_S_MIN: u32 = 300;
pub const WATCH_INTERVAL_S_MAX: u32 = 366 * 86_400;
pub const TAG_NAME_CHARS_MAX: usize = 50;
pub const BLOCKED_REASON_CHARS_MAX: usize = 500;
/// A bulk body as received, and again after decompression.
pub const BULK_BODY_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bulk bodies held in memory at once.
pub const BULK_BODIES_MAX: usize = 4;
/// Rows of one bulk call that may have a password: hashing one is slow on purpose.
pub const BULK_PASSWORDS_MAX: usize = 100;
pub const LINK_PASSWORD_BYTES_MAX: usize = 256;
/// What is searched for in links.
pub const LINK_SEARCH_CHARS_MAX: usize = 200;
/// A saved QR design, as JSON; its logo is most of it.
pub const QR_DESIGN_BYTES_MAX: usize = 256 * 1024;
/// An unproven claim of a domain keeps other workspaces from it this long.
pub const DOMAIN_CLAIM_MS: i64 = 7 * 86_400_000;
/// Rows of one bulk call.
pub const BULK_ROWS_MAX: usize = 10_000;
/// Rows of a bulk call that are committed together.
pub const BULK_CHUNK_ROWS: usize = 500;
/// Links one page of a filtered list looks at.
pub const LINK_LIST_ROWS_MAX: u32 = 50_000;
