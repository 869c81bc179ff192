//! A JSON object read into a typed body, with every fault found at once.

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Request},
};
use http::HeaderMap;
use serde_json::{Map, Value};

use super::{body, strict_json::StrictJson};
use crate::{
    app::{App, AppState},
    fields::{Faults, Fields, FromFields, Place},
    problem::Problem,
};

/// A body of type `T`; it has to be there.
#[derive(Debug)]
pub(crate) struct JsonFields<T>(pub(crate) T);

impl<T: FromFields> FromRequest<AppState> for JsonFields<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let (_, object) = read_raw(&parts.headers, body, Presence::Required).await?;
        read_object(&object, app, |_| {}).map(Self)
    }
}

/// An object that is read by the handler: what it means depends on what is there already.
#[derive(Debug)]
pub(crate) struct JsonObject(pub(crate) Map<String, Value>);

impl FromRequest<AppState> for JsonObject {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let (_, object) = read_raw(&parts.headers, body, Presence::Required).await?;
        Ok(Self(object))
    }
}

/// The raw bytes and the object in them. No body at all is an empty object where it is optional.
pub(super) async fn read_raw(
    headers: &HeaderMap,
    body: Body,
    presence: Presence,
) -> Result<(Bytes, Map<String, Value>), Problem> {
    if presence == Presence::Required {
        body::require_json(headers)?;
    }
    let raw = body::read(headers, body, body::SINGLE).await?;
    if raw.is_empty() && presence == Presence::Optional {
        return Ok((raw, Map::new()));
    }
    body::require_json(headers)?;
    let object = parse(&raw)?;
    Ok((raw, object))
}

/// Whether a call can be made without a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Required,
    Optional,
}

/// Reads `T`; `before` may read members that every such body has.
pub(super) fn read_object<T: FromFields>(
    object: &Map<String, Value>,
    app: &App,
    before: impl FnOnce(&mut Fields<'_, '_>),
) -> Result<T, Problem> {
    read_members(object, |fields| {
        before(fields);
        T::read(fields, app)
    })
}

/// Reads an object by a function; members it does not ask for are faults.
pub(crate) fn read_members<T>(
    object: &Map<String, Value>,
    read: impl FnOnce(&mut Fields<'_, '_>) -> Option<T>,
) -> Result<T, Problem> {
    let mut faults = Faults::default();
    let mut fields = Fields::new(object, Place::root(&mut faults));
    let value = read(&mut fields);
    fields.finish();
    match value {
        Some(value) if faults.is_empty() => Ok(value),
        _ => Err(Problem::of_faults(faults.into_vec())),
    }
}

fn parse(raw: &[u8]) -> Result<Map<String, Value>, Problem> {
    if raw.is_empty() {
        return Err(Problem::of_fault("", "required", "send a JSON object"));
    }
    match serde_json::from_slice(raw) {
        Ok(StrictJson(Value::Object(object))) => Ok(object),
        Ok(StrictJson(_)) => Err(Problem::of_fault("", "type", "send a JSON object")),
        Err(error) => Err(Problem::of_fault("", "json", format!("that is no JSON: {error}"))),
    }
}
