//! The first workspace of an installation and its first key, made when there is none.

use std::fmt;

use anyhow::Result;
use hopline_domain::{
    entropy::Entropy,
    id::{CreditEntryId, FamilyId, KeyId, WorkspaceId},
    key::{KeyLimits, Scope, Scopes},
    limits::FIRST_WORKSPACE_CREDITS,
    plan::FIRST_WORKSPACE_PLAN,
    store::{Bootstrap, Bootstrapped, NewKey, Workspace, WorkspaceStore as _},
    time::{Clock, Timestamp},
};
use hopline_signing::{ApiKeySecret, MasterKey, SEALING_NONCE_BYTES, WebhookSecret};

use super::Storage;

const WORKSPACE_NAME: &str = "first workspace";
const KEY_NAME: &str = "first key";
const SIGNATURE_HEADER: &str = "X-Hopline-Signature";

/// The first key with its secrets, which are kept nowhere in clear.
#[derive(Clone)]
pub struct FirstKey {
    pub workspace_id: WorkspaceId,
    pub api_key: ApiKeySecret,
    pub webhook_secret: WebhookSecret,
}

impl fmt::Debug for FirstKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FirstKey").field("workspace_id", &self.workspace_id).finish_non_exhaustive()
    }
}

/// What was found or made.
#[derive(Debug)]
pub(crate) enum First {
    Made(FirstKey),
    Existing(WorkspaceId),
}

/// Makes the first workspace with its key and credits, unless there is a workspace.
pub(crate) async fn bootstrap(storage: &Storage, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<First> {
    let now = clock.now();
    let key = FirstKey {
        workspace_id: WorkspaceId::generate(now, entropy),
        api_key: ApiKeySecret::generate(&mut |bytes| entropy.fill(bytes)),
        webhook_secret: WebhookSecret::generate(&mut |bytes| entropy.fill(bytes)),
    };
    let request = request(&key, &storage.master_key, now, entropy);
    Ok(match storage.store.workspace_bootstrap(request, now).await? {
        Bootstrapped::Made => First::Made(key),
        Bootstrapped::Existing(workspace_id) => First::Existing(workspace_id),
    })
}

fn request(key: &FirstKey, master_key: &MasterKey, now: Timestamp, entropy: &dyn Entropy) -> Bootstrap {
    let family_id = FamilyId::generate(now, entropy);
    Bootstrap {
        workspace: Workspace {
            id: key.workspace_id,
            name: WORKSPACE_NAME.to_owned(),
            plan: FIRST_WORKSPACE_PLAN.to_owned(),
            created_at: now,
        },
        key: new_key(&key.api_key, now, entropy),
        family_id,
        sealed_secret: seal(&key.webhook_secret, family_id, master_key, entropy),
        grant_id: CreditEntryId::generate(now, entropy),
        credits: FIRST_WORKSPACE_CREDITS,
    }
}

fn new_key(secret: &ApiKeySecret, now: Timestamp, entropy: &dyn Entropy) -> NewKey {
    NewKey {
        id: KeyId::generate(now, entropy),
        hash: secret.hash(),
        display: secret.display(),
        name: KEY_NAME.to_owned(),
        scopes: Scopes::new([Scope::All, Scope::Operator]),
        expires_at: None,
        allowed_ips: Vec::new(),
        limits: KeyLimits { creates_per_minute: None, daily_quota: None },
        signature_headers: vec![SIGNATURE_HEADER.to_owned()],
    }
}

/// Sealed as the server seals secrets of later keys: bound to the family (I10).
fn seal(
    secret: &WebhookSecret,
    family_id: FamilyId,
    master_key: &MasterKey,
    entropy: &dyn Entropy,
) -> Vec<u8> {
    let mut nonce = [0; SEALING_NONCE_BYTES];
    entropy.fill(&mut nonce);
    let context = format!("webhook_secret:{family_id}");
    master_key.seal(&context, secret.expose().as_bytes(), nonce).into_bytes()
}
