//! Which keys a caller may act on: those of its workspace whose scopes it holds itself (contracts §3).

use hopline_domain::{id::KeyId, key::Key, problem::ProblemCode};

use crate::{
    app::App,
    auth::{Authorized, KeysWrite},
    problem::Problem,
};

impl App {
    /// A key of the caller's workspace, whose scopes it need not hold: enough to look at.
    pub(super) async fn visible_key(&self, auth: &Authorized<KeysWrite>, id: KeyId) -> Result<Key, Problem> {
        let found = self.parts.store.key_get(auth.caller().workspace_id, id).await?;
        found.ok_or_else(|| Problem::not_found("key"))
    }

    /// A key the caller may change, rotate and read secrets of.
    pub(super) async fn governed_key(&self, auth: &Authorized<KeysWrite>, id: KeyId) -> Result<Key, Problem> {
        let key = self.visible_key(auth, id).await?;
        auth.must_hold(&key.scopes).map(|()| key)
    }
}

/// Revocation is final: nothing more can be done with such a key.
pub(super) fn revoked() -> Problem {
    Problem::new(ProblemCode::Conflict, "this key was revoked, which is final").reason("revoked")
}
