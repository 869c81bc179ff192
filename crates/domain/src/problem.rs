//! The closed catalogue of problems: every 4xx and 5xx of every route is one of these (RFC 9457).
//!
//! The matches are exhaustive on purpose: a new problem does not compile until it has a status, a title and advice.

use serde::{Deserialize, Serialize};
use strum::{EnumIter, EnumString, IntoStaticStr};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, EnumString, IntoStaticStr, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ProblemCode {
    InvalidRequest,
    SignatureMalformed,
    DigestMismatch,
    InvalidKey,
    SignatureMissing,
    SignatureInvalid,
    SignatureStale,
    OutOfCredits,
    ForbiddenScope,
    PlanLimit,
    NotFound,
    MethodNotAllowed,
    Conflict,
    IdempotencyInProgress,
    NonceReused,
    LeaseLost,
    LinkRemoved,
    PreconditionFailed,
    PayloadTooLarge,
    UnsupportedMediaType,
    UnsupportedLink,
    IdempotencyKeyReused,
    AnalyticsTooWide,
    RateLimited,
    QuotaExceeded,
    Internal,
    ResolveFailed,
    ProviderDown,
    Overloaded,
    StoreUnavailable,
}

impl ProblemCode {
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidRequest | Self::SignatureMalformed | Self::DigestMismatch => 400,
            Self::InvalidKey | Self::SignatureMissing | Self::SignatureInvalid | Self::SignatureStale => 401,
            Self::OutOfCredits => 402,
            Self::ForbiddenScope | Self::PlanLimit => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict | Self::IdempotencyInProgress | Self::NonceReused | Self::LeaseLost => 409,
            Self::LinkRemoved => 410,
            Self::PreconditionFailed => 412,
            Self::PayloadTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::UnsupportedLink | Self::IdempotencyKeyReused | Self::AnalyticsTooWide => 422,
            Self::RateLimited | Self::QuotaExceeded => 429,
            Self::Internal => 500,
            Self::ResolveFailed => 502,
            Self::ProviderDown | Self::Overloaded | Self::StoreUnavailable => 503,
        }
    }

    pub const fn title(self) -> &'static str {
        match self {
            Self::InvalidRequest => "Invalid request",
            Self::SignatureMalformed => "Signature malformed",
            Self::DigestMismatch => "Digest mismatch",
            Self::InvalidKey => "Invalid API key",
            Self::SignatureMissing => "Signature missing",
            Self::SignatureInvalid => "Signature invalid",
            Self::SignatureStale => "Signature stale",
            Self::OutOfCredits => "Out of credits",
            Self::ForbiddenScope => "Forbidden scope",
            Self::PlanLimit => "Plan limit reached",
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "Method not allowed",
            Self::Conflict => "Conflict",
            Self::IdempotencyInProgress => "Idempotent request in progress",
            Self::NonceReused => "Nonce reused",
            Self::LeaseLost => "Lease lost",
            Self::LinkRemoved => "Link removed",
            Self::PreconditionFailed => "Precondition failed",
            Self::PayloadTooLarge => "Payload too large",
            Self::UnsupportedMediaType => "Unsupported media type",
            Self::UnsupportedLink => "Unsupported link",
            Self::IdempotencyKeyReused => "Idempotency key reused",
            Self::AnalyticsTooWide => "Analytics question too wide",
            Self::RateLimited => "Rate limited",
            Self::QuotaExceeded => "Daily quota exceeded",
            Self::Internal => "Internal error",
            Self::ResolveFailed => "Resolve failed",
            Self::ProviderDown => "Provider unavailable",
            Self::Overloaded => "Overloaded",
            Self::StoreUnavailable => "Store unavailable",
        }
    }

    /// What happened and what the caller can do, for the problem's page.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::InvalidRequest => "The request breaks the API's grammar. `errors` lists every fault with a JSON pointer; mend them all and send it again. Nothing was stored or charged.",
            Self::SignatureMalformed => "A signature header can't be read. Compare it with `hopline sign` for the same request.",
            Self::DigestMismatch => "The body received is not the one that was signed. Sign the exact bytes you send, and let no proxy rewrite them.",
            Self::InvalidKey => "The bearer key is missing, mistyped or unknown. `reason` says `disabled`, `expired` or `revoked` when the key itself was right. A key's last 6 characters are a checksum, so a mistyped one never matches.",
            Self::SignatureMissing => "This route takes a signed request or a bearer key, and neither was given.",
            Self::SignatureInvalid => "No signature verifies. `server_signature_base` shows what this server signed; compare it with yours line by line.",
            Self::SignatureStale => "The signature is too old or from the future. `server_time` shows this server's clock; set yours by NTP and sign again.",
            Self::OutOfCredits => "The workspace has fewer credits than this costs. `balance` is what is left. Nothing was queued.",
            Self::ForbiddenScope => "The key is good but lacks the scope this route needs, or would give away one it does not hold. Use a key with that scope.",
            Self::PlanLimit => "The workspace's plan does not include this, or its limit is reached: see `limit`, `used` and `plan`.",
            Self::NotFound => "There is no such route, or no such object in this workspace. Objects of other workspaces and key families answer the same.",
            Self::MethodNotAllowed => "The route exists for other methods: see `Allow`.",
            Self::Conflict => "The object's state does not allow this. `reason` says why; read it again and decide.",
            Self::IdempotencyInProgress => "The first request with this idempotency key still runs. Wait a moment and repeat it.",
            Self::NonceReused => "This nonce was used before with other bytes. Make a new nonce for every request.",
            Self::LeaseLost => "The work was given to someone else since. Drop it and poll again.",
            Self::LinkRemoved => "The link existed and was removed.",
            Self::PreconditionFailed => "The object changed since you read it. Read it again and send its new `ETag` in `If-Match`.",
            Self::PayloadTooLarge => "The body is larger than this route takes. Split it.",
            Self::UnsupportedMediaType => "This route takes `application/json`, and no content coding unless it says so.",
            Self::UnsupportedLink => "This server can't resolve that link: it is no http(s) URL, or it leads to an address that must not be reached from here.",
            Self::IdempotencyKeyReused => "This idempotency key was used for another request. Make a new key for a new request; repeat a request byte for byte.",
            Self::AnalyticsTooWide => "The question needs more raw clicks than one answer may read. Add the filter named in `detail`.",
            Self::RateLimited => "Too many calls with this key. `Retry-After` says in how many seconds the next one is welcome.",
            Self::QuotaExceeded => "The key's resolve calls of this UTC day are used up. `resets_at` says when the next day begins.",
            Self::Internal => "Something broke on our side. Give the operator the `request_id`.",
            Self::ResolveFailed => "Reserved for drop-in clients: resolving is queued here, so a failure is told by the job.",
            Self::ProviderDown => "Reserved for drop-in clients.",
            Self::Overloaded => "More work arrives than can be made durable. Nothing was stored; repeat after `Retry-After` seconds.",
            Self::StoreUnavailable => "The store can't be written now (locked, or the disk is nearly full). Nothing was stored; repeat after `Retry-After` seconds.",
        }
    }
}

/// One fault of a request, at a place in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// JSON pointer into the body (RFC 6901), or `?name` for a query parameter, or a header's name.
    pub pointer: String,
    pub code: String,
    pub detail: String,
}

impl Fault {
    pub fn new(pointer: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code: code.to_owned(), detail: detail.into() }
    }
}
