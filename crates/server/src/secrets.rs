//! Webhook secrets between the wire and the store: sealed for one key family under the master key (I10).

use hopline_domain::{id::FamilyId, store::FamilySecret};
use hopline_signing::{ApiKeySecret, SEALING_NONCE_BYTES, Sealed, WebhookSecret};

use crate::{app::App, problem::Problem};

/// What a sealed secret is bound to: it can't be moved to another family.
fn context(family_id: FamilyId) -> String {
    format!("webhook_secret:{family_id}")
}

impl App {
    pub(crate) fn new_api_key(&self) -> ApiKeySecret {
        ApiKeySecret::generate(&mut |bytes| self.parts.entropy.fill(bytes))
    }

    pub(crate) fn new_webhook_secret(&self) -> WebhookSecret {
        WebhookSecret::generate(&mut |bytes| self.parts.entropy.fill(bytes))
    }

    pub(crate) fn seal(&self, family_id: FamilyId, secret: &WebhookSecret) -> Vec<u8> {
        let mut nonce = [0; SEALING_NONCE_BYTES];
        self.parts.entropy.fill(&mut nonce);
        self.parts.master_key.seal(&context(family_id), secret.expose().as_bytes(), nonce).into_bytes()
    }

    /// Opens a secret for its owner. A failure means another master key or damaged data, and is the operator's to mend.
    pub(crate) fn open(&self, secret: &FamilySecret) -> Result<String, Problem> {
        let sealed = Sealed::from_bytes(secret.sealed.clone());
        let opened = self.parts.master_key.open(&context(secret.family_id), &sealed).map_err(|error| {
            tracing::error!(%error, family_id = %secret.family_id, "a webhook secret can't be opened");
            Problem::internal()
        })?;
        Ok(String::from_utf8_lossy(&opened).into_owned())
    }
}
