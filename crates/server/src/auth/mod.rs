//! Bearer authentication: finding the key, judging it, limiting its rate, remembering its use.

mod bearer;
mod key_cache;
mod key_uses;
mod permission;
mod rate_limits;
mod rate_report;

pub(crate) use bearer::Authorized;
pub(crate) use key_cache::KeyCache;
pub(crate) use key_uses::{KEY_USES_FLUSH, KeyUses};
pub(crate) use permission::{
    AnalyticsRead, AnyKey, KeysWrite, LinksCreate, LinksRead, LinksWrite, Operator, Resolve, WebhooksRead,
    WebhooksWrite, WorkspaceRead,
};
pub(crate) use rate_limits::RateLimits;
pub(crate) use rate_report::{RateReport, day_exhausted};
