//! Requests of the page, each waiting for its answer.

use rquickjs::{Ctx, Error, Object, Result, TypedArray};

use super::{
    provide::Host,
    text::{bytes_of, decode},
};
use crate::{
    image::looks_like_image,
    page::realm::Realm,
    task::{
        FetchAnswer, FetchCredentials, FetchFailure, FetchKind, FetchMode, FetchRequest, ResponseTainting,
    },
};

/// What the prelude asks with: kind, URL, method, headers as name, value, name, value …, and the rest of a request.
pub(super) fn provide<'js>(host: &Host<'js>) -> Result<()> {
    host.add("fetch", |realm| {
        move |ctx: Ctx<'js>, request: Object<'js>| -> Result<Option<Object<'js>>> {
            let request = read(&request, &realm)?;
            match realm.state.fetch(request) {
                Ok(answer) => {
                    let mut bodies = realm.state.bodies.borrow_mut();
                    let id = bodies.len();
                    let object = write(&ctx, &answer, id)?;
                    bodies.push(answer.body);
                    Ok(Some(object))
                }
                Err(FetchFailure::Network | FetchFailure::Budget) => Ok(None),
            }
        }
    })?;
    host.add("answerText", |realm| {
        move |id: usize, label: String| realm.state.bodies.borrow().get(id).map(|body| decode(body, &label))
    })?;
    host.add("answerBytes", |realm| {
        move |ctx: Ctx<'js>, id: usize| {
            let body = realm.state.bodies.borrow().get(id).cloned().unwrap_or_default();
            TypedArray::<u8>::new(ctx, body)
        }
    })?;
    host.add("looksLikeImage", |_| move |start: String| looks_like_image(&bytes_of(&start)))?;
    host.add("origin", |realm| move || realm.origin())
}

fn read(request: &Object<'_>, realm: &Realm) -> Result<FetchRequest> {
    let kind: String = request.get("kind")?;
    let flat: Vec<String> = request.get("headers")?;
    let body: Option<String> = request.get("body")?;
    let headers = flat.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
    Ok(FetchRequest {
        kind: match kind.as_str() {
            "script" => FetchKind::Script,
            "frame" => FetchKind::Frame,
            "image" => FetchKind::Image,
            "style" => FetchKind::Style,
            _ => FetchKind::Data,
        },
        url: request.get("url")?,
        method: request.get("method")?,
        headers,
        body: body.map(|body| bytes_of(&body)).unwrap_or_default(),
        mode: mode(&request.get::<_, String>("mode")?)?,
        credentials: credentials(&request.get::<_, String>("credentials")?)?,
        client: realm.fetch_client(),
    })
}

fn mode(word: &str) -> Result<FetchMode> {
    match word {
        "same-origin" => Ok(FetchMode::SameOrigin),
        "cors" => Ok(FetchMode::Cors),
        "no-cors" => Ok(FetchMode::NoCors),
        _ => Err(unknown("mode")),
    }
}

fn credentials(word: &str) -> Result<FetchCredentials> {
    match word {
        "omit" => Ok(FetchCredentials::Omit),
        "same-origin" => Ok(FetchCredentials::SameOrigin),
        "include" => Ok(FetchCredentials::Include),
        _ => Err(unknown("credentials")),
    }
}

/// Scripts see a `TypeError`.
fn unknown(what: &'static str) -> Error {
    Error::new_from_js_message("string", what, "the provided value is not a valid enum value")
}

/// The answer without its body, which stays here under `id`.
fn write<'js>(ctx: &Ctx<'js>, answer: &FetchAnswer, id: usize) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("id", id)?;
    object.set("url", answer.url.as_str())?;
    object.set("status", answer.status)?;
    object.set("crossed", answer.tainting != ResponseTainting::Basic)?;
    let headers: Vec<Vec<String>> =
        answer.headers.iter().map(|(name, value)| vec![name.clone(), value.clone()]).collect();
    object.set("headers", headers)?;
    Ok(object)
}
