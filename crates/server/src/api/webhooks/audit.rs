//! The audit line of a call on an endpoint or a replay, and the plan's word on webhooks.

use std::fmt::Display;

use hopline_domain::{id::AuditId, plan::FEATURE_WEBHOOKS, problem::ProblemCode, store::AuditEntry};
use serde_json::Value;

use crate::{app::App, auth::Authorized, problem::Problem};

impl App {
    /// `after` says what changed, without secrets.
    pub(in crate::api) fn webhook_audit<P>(
        &self,
        auth: &Authorized<P>,
        action: &'static str,
        subject: impl Display,
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

    pub(super) fn require_webhooks<P>(&self, auth: &Authorized<P>) -> Result<(), Problem> {
        if self.plan(auth.plan()).features.contains(FEATURE_WEBHOOKS) {
            return Ok(());
        }
        let detail = format!("the plan `{}` has no webhooks", auth.plan());
        Err(Problem::new(ProblemCode::PlanLimit, detail).member("plan", auth.plan()))
    }
}
