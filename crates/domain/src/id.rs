//! Opaque identifiers: a type prefix and a `UUIDv7`, so that ids made later sort later.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use crate::{entropy::Entropy, time::Timestamp};

/// What was given is not an id of that kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read the id: expected one that begins with `{expected_prefix}` as the API gave it")]
pub struct IdError {
    pub expected_prefix: &'static str,
}

/// `UUIDv7` (RFC 9562 §5.7) of `now` with random bits from `entropy`.
fn uuid_v7(now: Timestamp, entropy: &dyn Entropy) -> Uuid {
    let mut random = [0_u8; 10];
    entropy.fill(&mut random);
    Builder::from_unix_timestamp_millis(u64::try_from(now.0).unwrap_or(0), &random).into_uuid()
}

/// An id that follows from another one and a purpose: the same again whenever it is asked for, sorted as its source is.
///
/// It keeps the source's time; what is random in a `UUIDv7` is taken from SHA-256(purpose, source).
pub fn derive(source: Uuid, purpose: &[u8]) -> Uuid {
    let digest = Sha256::new().chain_update(purpose).chain_update(source.as_bytes()).finalize();
    let mut random = [0_u8; 10];
    random.copy_from_slice(&digest[..10]);
    let mut millis = [0_u8; 8];
    millis[2..].copy_from_slice(&source.as_bytes()[..6]);
    let millis = u64::from_be_bytes(millis);
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

macro_rules! prefixed_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl $name {
            pub const PREFIX: &'static str = $prefix;

            pub fn generate(now: Timestamp, entropy: &dyn Entropy) -> Self {
                Self(uuid_v7(now, entropy))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", $prefix, self.0.simple())
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let error = IdError { expected_prefix: $prefix };
                let hex = text.strip_prefix($prefix).ok_or(error)?;
                if hex.len() != 32 || hex.bytes().any(|b| b.is_ascii_uppercase()) {
                    return Err(error);
                }
                Uuid::try_parse(hex).map(Self).map_err(|_| error)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

prefixed_ids! {
    /// A tenant.
    WorkspaceId = "ws_";
    /// One bearer key.
    KeyId = "key_";
    /// A key and its successors by rotation: owns quota, jobs, idempotency records and the webhook secret.
    FamilyId = "fam_";
    /// Something that happened; also the `webhook-id` of its deliveries.
    EventId = "evt_";
    /// One event to one receiver.
    DeliveryId = "dlv_";
    /// One try of a delivery.
    AttemptId = "att_";
    /// A line of the credit ledger.
    CreditEntryId = "crd_";
    /// A line of the audit log.
    AuditId = "aud_";
    /// A short link.
    LinkId = "lnk_";
    /// A domain that short links live on.
    DomainId = "dom_";
    /// A word that short links are sorted by.
    TagId = "tag_";
    /// One visit of a short link.
    ClickId = "clk_";
    /// A subscribed webhook endpoint.
    EndpointId = "whe_";
    /// Sending events to an endpoint once more.
    ReplayId = "rpl_";
    /// Several events in one request.
    BatchId = "bat_";
}

/// The execution of resolving one URL. A bare UUID on the wire: drop-in clients expect one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct JobId(pub Uuid);

impl JobId {
    pub fn generate(now: Timestamp, entropy: &dyn Entropy) -> Self {
        Self(uuid_v7(now, entropy))
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.hyphenated())
    }
}

impl FromStr for JobId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let error = IdError { expected_prefix: "" };
        if text.len() != 36 {
            return Err(error);
        }
        Uuid::try_parse(text).map(Self).map_err(|_| error)
    }
}

/// The fence of a lease: new for every lease, compared on every finish and extension (I06).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LeaseToken(pub Uuid);

impl LeaseToken {
    pub fn generate(now: Timestamp, entropy: &dyn Entropy) -> Self {
        Self(uuid_v7(now, entropy))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::OsEntropy;

    #[test]
    fn ids_round_trip_and_refuse_each_other() {
        let id = KeyId::generate(Timestamp(1), &OsEntropy);
        assert_eq!(id.to_string().parse::<KeyId>(), Ok(id));
        assert!(id.to_string().parse::<EventId>().is_err());
        assert!(id.to_string().to_uppercase().parse::<KeyId>().is_err());
        let job = JobId::generate(Timestamp(1), &OsEntropy);
        assert_eq!(job.to_string().parse::<JobId>(), Ok(job));
        assert!("not-an-id".parse::<JobId>().is_err());
    }

    #[test]
    fn derived_ids_repeat_differ_by_purpose_and_keep_their_time() {
        let (early, late) = (
            JobId::generate(Timestamp(1_000), &OsEntropy).0,
            JobId::generate(Timestamp(2_000), &OsEntropy).0,
        );
        assert_eq!(derive(early, b"a"), derive(early, b"a"));
        assert_ne!(derive(early, b"a"), derive(early, b"b"));
        assert!(derive(early, b"b") < derive(late, b"a"));
        assert_eq!(derive(early, b"a").get_version_num(), 7);
    }

    #[test]
    fn later_ids_sort_later() {
        let earlier = JobId::generate(Timestamp(1_000), &OsEntropy).to_string();
        let later = JobId::generate(Timestamp(2_000), &OsEntropy).to_string();
        assert!(earlier < later);
    }
}
