//! The audit line of a call on a domain.

use hopline_domain::{
    id::{AuditId, DomainId},
    store::AuditEntry,
};
use serde_json::Value;

use crate::{app::App, auth::Authorized};

impl App {
    pub(super) fn domain_audit<P>(
        &self,
        auth: &Authorized<P>,
        action: &'static str,
        subject: DomainId,
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
