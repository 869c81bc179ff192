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
