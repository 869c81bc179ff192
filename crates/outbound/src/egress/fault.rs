//! How a proxy fails us. Texts name no address and no secret: they reach the evidence of whoever used the egress.

use std::io;

use crate::error::ExchangeError;

use super::EgressName;

/// Reads on from "the proxy of egress …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ProxyFault {
    #[error("can't be reached: {detail}")]
    Unreachable { detail: String },
    #[error("broke off: {detail}")]
    Broken { detail: String },
    #[error("wants credentials that are not configured")]
    CredentialsWanted,
    #[error("refused the configured credentials")]
    CredentialsRefused,
    /// It serves us, but not this address; another one may do.
    #[error("did not connect: {detail}")]
    Refused { detail: String },
    #[error("does not speak its protocol: {detail}")]
    Protocol { detail: &'static str },
}

impl ProxyFault {
    pub(crate) fn of(self, egress: &EgressName) -> ExchangeError {
        ExchangeError::Connect { detail: format!("the proxy of egress {egress} {self}") }
    }
}

impl From<io::Error> for ProxyFault {
    fn from(error: io::Error) -> Self {
        Self::Broken { detail: error.to_string() }
    }
}
