//! What a page is given of an answer to its scripts (Fetch "filtered response"): its own whole, another origin's as far as
//! that shares it, and of the rest only whether it is there. Scripts of other origins are run, so their code is given.

use hopline_outbound::{BodyEnd, Exchange};
use hopline_script::{FetchAnswer, FetchFailure, FetchKind, ResponseTainting, looks_like_image};
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::subresource::Subresource;

/// An image in the place of one that the page may show and not read.
const OPAQUE_IMAGE: &[u8] = b"GIF89a";

/// The answer to `part` as the page sees it. A body of which a part is missing is no answer: half a script would be another
/// script.
pub(crate) fn page_answer(part: &Subresource, exchange: &Exchange) -> Result<FetchAnswer, FetchFailure> {
    match exchange.body_end {
        BodyEnd::Complete | BodyEnd::Discarded => {}
        BodyEnd::Limit => return Err(FetchFailure::Budget),
        BodyEnd::Failed(_) => return Err(FetchFailure::Network),
    }
    let is_exposed = exposed(part, &exchange.headers);
    let shown = exchange.headers.iter().filter(|(name, _)| is_exposed(name));
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let is_hidden = part.tainting == ResponseTainting::Opaque && part.kind == FetchKind::Data;
    Ok(FetchAnswer {
        tainting: part.tainting,
        url: part.url.to_string(),
        status: if is_hidden { 0 } else { exchange.status.as_u16() },
        headers: shown.map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
        body: body(part, &exchange.body),
    })
}

fn body(part: &Subresource, bytes: &[u8]) -> Vec<u8> {
    let shown = match (part.tainting, part.kind) {
        (ResponseTainting::Basic | ResponseTainting::Cors, _) => bytes,
        (ResponseTainting::Opaque, FetchKind::Script) if may_be_script(bytes) => bytes,
        (ResponseTainting::Opaque, FetchKind::Image) if looks_like_image(bytes) => OPAQUE_IMAGE,
        (ResponseTainting::Opaque, _) => &[],
    };
    shown.to_vec()
}

/// Documents and data of other origins are no scripts, whoever asks for them as one (Fetch "ORB").
fn may_be_script(bytes: &[u8]) -> bool {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let is_markup = start.starts_with(b"<") && !start.starts_with(b"<!--");
    let is_object = start.strip_prefix(b"{").is_some_and(|rest| rest.trim_ascii_start().starts_with(b"\""));
    !is_markup && !is_object
}

/// Which headers the page may read.
fn exposed(part: &Subresource, headers: &HeaderMap) -> impl Fn(&HeaderName) -> bool {
    let (tainting, kind) = (part.tainting, part.kind);
    let named: Vec<String> = headers
        .get_all(header::ACCESS_CONTROL_EXPOSE_HEADERS)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(|name| name.trim().to_ascii_lowercase()))
        .collect();
    let is_any = !part.has_credentials() && named.iter().any(|name| name == "*");
    move |name| match (tainting, kind) {
        _ if *name == header::SET_COOKIE => false,
        (ResponseTainting::Basic, _) => true,
        (ResponseTainting::Cors, _) => {
            is_any || is_always_shared(name) || named.iter().any(|known| known == name.as_str())
        }
        (ResponseTainting::Opaque, FetchKind::Data | FetchKind::Frame) => false,
        (ResponseTainting::Opaque, _) => {
            *name == header::CONTENT_TYPE || *name == header::X_CONTENT_TYPE_OPTIONS
        }
    }
}

/// Fetch "CORS-safelisted response-header name".
fn is_always_shared(name: &HeaderName) -> bool {
    let names = [
        header::CACHE_CONTROL,
        header::CONTENT_LANGUAGE,
        header::CONTENT_LENGTH,
        header::CONTENT_TYPE,
        header::EXPIRES,
        header::LAST_MODIFIED,
        header::PRAGMA,
        // Not shown to scripts by browsers either, but the engine's own to heed.
        header::X_CONTENT_TYPE_OPTIONS,
    ];
    names.contains(name)
}
