//! Webhook signatures, API key format and sealing, for the server, the command line and third parties.
//! Pure: no I/O, no clock, no randomness of its own; the caller passes the time and fills random bytes.

mod checked_secret;
mod mac;

mod api_key;
mod explain;
mod sealing;
mod verify;
mod webhook;
mod webhook_secret;

pub use api_key::ApiKeySecret;
pub use checked_secret::CheckedSecretError;
pub use explain::{Received, Step, explain};
pub use sealing::{MasterKey, MasterKeyError, MasterKeyId, OpenError, SEALING_NONCE_BYTES, Sealed};
pub use verify::{StandardHeaders, TOLERANCE_S_DEFAULT, VerifyError, verify_standard, verify_timestamped};
pub use webhook::{standard_header, timestamped_header};
pub use webhook_secret::{WebhookSecret, WebhookSecretError};
