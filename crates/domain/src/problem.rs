//! The closed catalogue of problems: every 4xx and 5xx of every route is one of these (RFC 9457).
//!
//! The table has one place for each code: a new problem does not compile until it has a status, a title and advice.

use serde::{Deserialize, Serialize};
use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    EnumCount,
    EnumIter,
    EnumString,
    IntoStaticStr,
    Serialize,
    Deserialize,
)]
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

/// What the catalogue says of one code.
struct Entry {
    code: ProblemCode,
    status: u16,
    title: &'static str,
    /// What happened and what the caller can do, for the problem's page.
    advice: &'static str,
}

const fn entry(code: ProblemCode, status: u16, title: &'static str, advice: &'static str) -> Entry {
    Entry { code, status, title, advice }
}

/// In the order of the codes.
const CATALOGUE: [Entry; ProblemCode::COUNT] = [
    entry(
        ProblemCode::InvalidRequest,
        400,
        "Invalid request",
        "The request breaks the API's grammar. `errors` lists every fault with a JSON pointer; mend them all and send it again. Nothing was stored or charged.",
    ),
    entry(
        ProblemCode::SignatureMalformed,
        400,
        "Signature malformed",
        "A signature header can't be read. Compare it with `hopline sign` for the same request.",
    ),
    entry(
        ProblemCode::DigestMismatch,
        400,
        "Digest mismatch",
        "The body received is not the one that was signed. Sign the exact bytes you send, and let no proxy rewrite them.",
    ),
    entry(
        ProblemCode::InvalidKey,
        401,
        "Invalid API key",
        "The bearer key is missing, mistyped or unknown. `reason` says `disabled`, `expired` or `revoked` when the key itself was right. A key's last 6 characters are a checksum, so a mistyped one never matches.",
    ),
    entry(
        ProblemCode::SignatureMissing,
        401,
        "Signature missing",
        "This route takes a signed request or a bearer key, and neither was given.",
    ),
    entry(
        ProblemCode::SignatureInvalid,
        401,
        "Signature invalid",
        "No signature verifies. `server_signature_base` shows what this server signed; compare it with yours line by line.",
    ),
    entry(
        ProblemCode::SignatureStale,
        401,
        "Signature stale",
        "The signature is too old or from the future. `server_time` shows this server's clock; set yours by NTP and sign again.",
    ),
    entry(
        ProblemCode::OutOfCredits,
        402,
        "Out of credits",
        "The workspace has fewer credits than this costs. `balance` is what is left. Nothing was queued.",
    ),
    entry(
        ProblemCode::ForbiddenScope,
        403,
        "Forbidden scope",
        "The key is good but lacks the scope this route needs, or would give away one it does not hold. Use a key with that scope.",
    ),
    entry(
        ProblemCode::PlanLimit,
        403,
        "Plan limit reached",
        "The workspace's plan does not include this, or its limit is reached: see `limit`, `used` and `plan`.",
    ),
    entry(
        ProblemCode::NotFound,
        404,
        "Not found",
        "There is no such route, or no such object in this workspace. Objects of other workspaces and key families answer the same.",
    ),
    entry(
        ProblemCode::MethodNotAllowed,
        405,
        "Method not allowed",
        "The route exists for other methods: see `Allow`.",
    ),
    entry(
        ProblemCode::Conflict,
        409,
        "Conflict",
        "The object's state does not allow this. `reason` says why; read it again and decide.",
    ),
    entry(
        ProblemCode::IdempotencyInProgress,
        409,
        "Idempotent request in progress",
        "The first request with this idempotency key still runs. Wait a moment and repeat it.",
    ),
    entry(
        ProblemCode::NonceReused,
        409,
        "Nonce reused",
        "This nonce was used before with other bytes. Make a new nonce for every request.",
    ),
    entry(
        ProblemCode::LeaseLost,
        409,
        "Lease lost",
        "The work was given to someone else since. Drop it and poll again.",
    ),
    entry(ProblemCode::LinkRemoved, 410, "Link removed", "The link existed and was removed."),
    entry(
        ProblemCode::PreconditionFailed,
        412,
        "Precondition failed",
        "The object changed since you read it. Read it again and send its new `ETag` in `If-Match`.",
    ),
    entry(
        ProblemCode::PayloadTooLarge,
        413,
        "Payload too large",
        "The body is larger than this route takes. Split it.",
    ),
    entry(
        ProblemCode::UnsupportedMediaType,
        415,
        "Unsupported media type",
        "This route takes `application/json`, and no content coding unless it says so.",
    ),
    entry(
        ProblemCode::UnsupportedLink,
        422,
        "Unsupported link",
        "This server can't resolve that link: it is no http(s) URL, or it leads to an address that must not be reached from here.",
    ),
    entry(
        ProblemCode::IdempotencyKeyReused,
        422,
        "Idempotency key reused",
        "This idempotency key was used for another request. Make a new key for a new request; repeat a request byte for byte.",
    ),
    entry(
        ProblemCode::AnalyticsTooWide,
        422,
        "Analytics question too wide",
        "The question needs more raw clicks than one answer may read. Add the filter named in `detail`.",
    ),
    entry(
        ProblemCode::RateLimited,
        429,
        "Rate limited",
        "Too many calls with this key. `Retry-After` says in how many seconds the next one is welcome.",
    ),
    entry(
        ProblemCode::QuotaExceeded,
        429,
        "Daily quota exceeded",
        "The key's resolve calls of this UTC day are used up. `resets_at` says when the next day begins.",
    ),
    entry(
        ProblemCode::Internal,
        500,
        "Internal error",
        "Something broke on our side. Give the operator the `request_id`.",
    ),
    entry(
        ProblemCode::ResolveFailed,
        502,
        "Resolve failed",
        "Reserved for drop-in clients: resolving is queued here, so a failure is told by the job.",
    ),
    entry(ProblemCode::ProviderDown, 503, "Provider unavailable", "Reserved for drop-in clients."),
    entry(
        ProblemCode::Overloaded,
        503,
        "Overloaded",
        "More work arrives than can be made durable. Nothing was stored; repeat after `Retry-After` seconds.",
    ),
    entry(
        ProblemCode::StoreUnavailable,
        503,
        "Store unavailable",
        "The store can't be written now (locked, or the disk is nearly full). Nothing was stored; repeat after `Retry-After` seconds.",
    ),
];

// A code in the wrong place does not compile either.
const _: () = {
    let mut place = 0;
    while place < ProblemCode::COUNT {
        assert!(CATALOGUE[place].code as usize == place);
        place += 1;
    }
};

impl ProblemCode {
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    const fn entry(self) -> &'static Entry {
        &CATALOGUE[self as usize]
    }

    pub const fn status(self) -> u16 {
        self.entry().status
    }

    pub const fn title(self) -> &'static str {
        self.entry().title
    }

    pub const fn advice(self) -> &'static str {
        self.entry().advice
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

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn every_code_is_an_error_with_advice() {
        for code in ProblemCode::iter() {
            assert!((400..600).contains(&code.status()), "{code:?}");
            assert!(code.advice().ends_with('.'), "{code:?}");
        }
    }
}
