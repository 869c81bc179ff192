//! `GET /v1/meta`: version, schema, limits, windows, retention. Needs no key.

use axum::extract::State;
use hopline_domain::{limits, retry::RetrySchedule, time::SECOND_MS};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::AppState,
    parts::{Capabilities, RetentionDays},
    problem::Problem,
    reply::Reply,
};

/// What the server says of itself.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Meta {
    version: &'static str,
    /// Version of the database schema.
    schema: i64,
    limits: MetaLimits,
    windows: MetaWindows,
    /// How long things are kept, in days.
    retention_days: RetentionDays,
    /// How long an idempotency key is known.
    idempotency_lifetime_s: i64,
    delivery: MetaDelivery,
    /// What links are resolved with beside plain HTTP.
    engines: Capabilities,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MetaLimits {
    body_bytes: usize,
    url_bytes: usize,
    idempotency_key_bytes: usize,
    list_default: u32,
    list_max: u32,
    chain_bytes: usize,
    screenshot_bytes: usize,
    /// Of a key without a choice of its own.
    creates_per_minute_default: u32,
    reads_per_minute: u32,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MetaWindows {
    /// `Prefer: wait` is cut to this.
    wait_s_max: u64,
    max_age_s_default: u64,
    key_rotation_overlap_s_default: u64,
    key_rotation_overlap_s_max: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MetaDelivery {
    /// Seconds before each attempt; up to 10 % is added.
    schedule_s: Vec<i64>,
    connect_ms: u64,
    timeout_ms: u64,
    /// Attempts under way at once to one receiver.
    concurrency: u32,
    /// Bytes of an answer that are kept.
    response_bytes: usize,
}

/// Get the server's limits
///
/// Version, limits, windows and retention of this server. Needs no key.
#[utoipa::path(
    get, path = "/v1/meta", tag = "meta",
    responses((status = 200, description = "What the server says of itself.", body = Meta)),
)]
pub(crate) async fn get_meta(State(app): State<AppState>) -> Result<Reply, Problem> {
    let schema = app.parts.store.store_schema().await?;
    Ok(Reply::ok(&Meta {
        version: app.parts.version,
        schema,
        limits: MetaLimits::in_force(),
        windows: MetaWindows::in_force(),
        retention_days: app.parts.limits.retention,
        idempotency_lifetime_s: app.parts.limits.idempotency_lifetime_ms / SECOND_MS,
        delivery: MetaDelivery::in_force(),
        engines: app.parts.capabilities.clone(),
    }))
}

impl MetaLimits {
    const fn in_force() -> Self {
        Self {
            body_bytes: limits::BODY_BYTES_MAX,
            url_bytes: limits::URL_BYTES_MAX,
            idempotency_key_bytes: limits::IDEMPOTENCY_KEY_BYTES_MAX,
            list_default: limits::LIST_LIMIT_DEFAULT,
            list_max: limits::LIST_LIMIT_MAX,
            chain_bytes: limits::CHAIN_BYTES_MAX,
            screenshot_bytes: limits::SCREENSHOT_BYTES_MAX,
            creates_per_minute_default: limits::KEY_CREATES_PER_MINUTE_DEFAULT,
            reads_per_minute: limits::KEY_READS_PER_MINUTE,
        }
    }
}

impl MetaWindows {
    const fn in_force() -> Self {
        Self {
            wait_s_max: limits::WAIT_S_MAX,
            max_age_s_default: limits::MAX_AGE_S_DEFAULT,
            key_rotation_overlap_s_default: limits::KEY_ROTATION_OVERLAP_S_DEFAULT,
            key_rotation_overlap_s_max: limits::KEY_ROTATION_OVERLAP_S_MAX,
        }
    }
}

impl MetaDelivery {
    fn in_force() -> Self {
        Self {
            schedule_s: std::iter::once(0)
                .chain(RetrySchedule::default().delays_s().iter().map(|delay_s| i64::from(*delay_s)))
                .collect(),
            connect_ms: limits::DELIVERY_CONNECT_MS,
            timeout_ms: limits::DELIVERY_TIMEOUT_MS,
            concurrency: limits::LANE_CONCURRENCY_DEFAULT,
            response_bytes: limits::DELIVERY_RESPONSE_BYTES_MAX,
        }
    }
}
