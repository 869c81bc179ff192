//! What a finished chain means: the table of contracts §1 as types.

use serde::{Deserialize, Serialize};
use strum::{EnumIter, EnumString, IntoStaticStr};

use crate::chain::{Chain, ChainStatus};

/// Why a chain or job did not end as `done`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Reason {
    // failed: the link may work another time.
    HttpStatus,
    LinkRemoved,
    NoDocument,
    Dns,
    Connect,
    Tls,
    Timeout,
    Loop,
    TooManyHops,
    BadLocation,
    BodyTooLarge,
    /// The answer breaks HTTP or its content coding.
    Protocol,
    /// The browser engine broke, and broke again when tried anew.
    Browser,
    LeaseExhausted,
    Expired,
    Cancelled,
    // invalid: this link can't be resolved by this server.
    UnsupportedScheme,
    ForbiddenAddress,
    HumanVerification,
}

impl Reason {
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// `Invalid` for what no retry can change, else `Failed`.
    pub const fn status(self) -> ChainStatus {
        match self {
            Self::UnsupportedScheme | Self::ForbiddenAddress | Self::HumanVerification => {
                ChainStatus::Invalid
            }
            _ => ChainStatus::Failed,
        }
    }
}

/// The `error` word of a job that failed or is invalid. Closed: drop-in clients read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum JobError {
    ResolveFailed,
    UnsupportedLink,
}

impl JobError {
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// How a job ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done { target_url: String },
    Failed { reason: Reason },
    Invalid { reason: Reason, vendor: Option<String> },
}

impl Outcome {
    /// Reads the outcome off a finished chain.
    pub fn of(chain: &Chain) -> Self {
        let reason = chain.reason.unwrap_or(Reason::Protocol);
        match (chain.status, &chain.final_url) {
            (ChainStatus::Done, Some(target_url)) => Self::Done { target_url: target_url.clone() },
            (ChainStatus::Invalid, _) => Self::Invalid { reason, vendor: chain.vendor.clone() },
            _ => Self::Failed { reason },
        }
    }

    pub const fn error(&self) -> Option<JobError> {
        match self {
            Self::Done { .. } => None,
            Self::Failed { .. } => Some(JobError::ResolveFailed),
            Self::Invalid { .. } => Some(JobError::UnsupportedLink),
        }
    }
}
