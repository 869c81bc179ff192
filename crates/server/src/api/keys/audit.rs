//! The audit line of a call on a key.

use hopline_domain::{
    id::{AuditId, KeyId},
    store::AuditEntry,
};
use serde_json::Value;

use crate::{app::App, auth::Authorized};

impl App {
    /// `after` says what changed, without secrets.
    pub(super) fn key_audit<P>(
        &self,
        auth: &Authorized<P>,
        action: &'static str,
        subject: KeyId,
        after: Value,
    ) -> AuditEntry {
        AuditEntry {
            id: AuditId::generate(self.now(), self.parts.entropy.as_ref()),
            action,
            address: auth.address,
            subject: subject.to_string(),
            after,
        }
    }
}
