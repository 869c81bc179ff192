//! What every creating call brings beside its body: an idempotency claim, and room on the disk to keep what it makes.

use axum::extract::{FromRequest, Request};
use hopline_domain::idempotency::{IdempotencyClaim, IdempotencyKey};
use http::request::Parts;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{
    idempotency::{self, header_key},
    json::{Presence, read_members, read_object, read_raw},
};
use crate::{
    app::{App, AppState},
    fields::{Faults, Fields, FromFields, Place, parsed},
    problem::Problem,
};

/// A body that makes something.
pub(crate) trait CreatingBody: FromFields {
    const PRESENCE: Presence = Presence::Required;
    const BODY_KEY: BodyKey = BodyKey::MustAgree;
}

/// What an `idempotency_key` in the body means beside the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyKey {
    MustAgree,
    /// The header is then not even read (the drop-in's rule).
    Wins,
}

/// A creating call.
#[derive(Debug)]
pub(crate) struct Creating<T> {
    pub(crate) body: T,
    /// SHA-256 of the body's bytes.
    pub(crate) body_hash: [u8; 32],
    pub(crate) idempotency: Option<IdempotencyClaim>,
}

impl<T: CreatingBody> FromRequest<AppState> for Creating<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Problem> {
        app.require_room()?;
        let (parts, body) = request.into_parts();
        let (raw, object) = read_raw(&parts.headers, body, T::PRESENCE).await?;
        let body_hash = Sha256::digest(&raw).into();
        let mut in_body = None;
        let body = read_object(&object, app, |fields| in_body = body_key(fields))?;
        let key = chosen_key(&parts, in_body, T::BODY_KEY)?;
        let idempotency = key.map(|key| app.claim(key, &parts, &body_hash));
        Ok(Self { body, body_hash, idempotency })
    }
}

/// A creating call whose body its handler reads: what it means depends on the caller.
#[derive(Debug)]
pub(crate) struct CreatingObject {
    object: Map<String, Value>,
    pub(crate) idempotency: Option<IdempotencyClaim>,
}

impl CreatingObject {
    /// Reads the body; members that `read` does not ask for are faults.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&mut Fields<'_, '_>) -> Option<T>) -> Result<T, Problem> {
        read_members(&self.object, |fields| {
            body_key(fields);
            read(fields)
        })
    }
}

impl FromRequest<AppState> for CreatingObject {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Problem> {
        app.require_room()?;
        let (parts, body) = request.into_parts();
        let (raw, object) = read_raw(&parts.headers, body, Presence::Required).await?;
        let mut faults = Faults::default();
        let in_body = body_key(&mut Fields::new(&object, Place::root(&mut faults)));
        let key = chosen_key(&parts, in_body, BodyKey::MustAgree)?;
        let idempotency = key.map(|key| app.claim(key, &parts, &Sha256::digest(&raw).into()));
        Ok(Self { object, idempotency })
    }
}

impl App {
    /// What a creating call with this key brings to the store.
    pub(super) fn claim(&self, key: IdempotencyKey, parts: &Parts, body_hash: &[u8; 32]) -> IdempotencyClaim {
        IdempotencyClaim {
            key,
            fingerprint: idempotency::fingerprint(&parts.method, &parts.uri, body_hash),
            expires_at: self.now().plus_ms(self.parts.limits.idempotency_lifetime_ms),
        }
    }

    /// The full-disk rule of contracts §9.
    pub(crate) fn require_room(&self) -> Result<(), Problem> {
        let free_bytes = self.parts.storage_gate.free_bytes();
        match free_bytes.filter(|free| *free < self.parts.limits.min_free_bytes) {
            None => Ok(()),
            Some(_) => Err(Problem::store_unavailable(
                "the disk is nearly full, so nothing new is accepted; reads go on",
            )),
        }
    }
}

fn body_key(fields: &mut Fields<'_, '_>) -> Option<IdempotencyKey> {
    let parse = |text: &str| {
        IdempotencyKey::parse(text).map_err(|_| "give 1 to 128 visible ASCII characters".to_owned())
    };
    fields.optional("idempotency_key", parsed(256, parse))
}

fn chosen_key(
    parts: &Parts,
    in_body: Option<IdempotencyKey>,
    rule: BodyKey,
) -> Result<Option<IdempotencyKey>, Problem> {
    if in_body.is_some() && rule == BodyKey::Wins {
        return Ok(in_body);
    }
    let mut faults = Faults::default();
    let in_header = header_key(&parts.headers, &mut faults);
    if let (Some(header), Some(body)) = (&in_header, &in_body)
        && header != body
    {
        faults.push(
            "/idempotency_key",
            "conflict",
            "this differs from the header `Idempotency-Key`; give one of them",
        );
    }
    if faults.is_empty() { Ok(in_header.or(in_body)) } else { Err(Problem::of_faults(faults.into_vec())) }
}
