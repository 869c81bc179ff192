//! Bodies of thousands of rows: JSON, NDJSON or CSV, gzip or not, within bounds of size before and after decompression.

use std::{io::Read, sync::Arc};

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use flate2::read::MultiGzDecoder;
use hopline_domain::{
    idempotency::IdempotencyClaim,
    limits::{BULK_BODIES_MAX, BULK_BODY_BYTES_MAX},
    problem::ProblemCode,
};
use http::{HeaderMap, HeaderValue, header};
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{body, idempotency::header_key};
use crate::{app::AppState, fields::Faults, problem::Problem};

/// How the rows are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BulkFormat {
    /// One array.
    Json,
    /// One object a line.
    Ndjson,
    /// A header, then one row a line.
    Csv,
}

/// Places for bulk bodies: each may take many megabytes while its call lasts.
#[derive(Clone, Debug)]
pub(crate) struct BulkPlaces(Arc<Semaphore>);

impl Default for BulkPlaces {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(BULK_BODIES_MAX)))
    }
}

/// A body of many rows, decompressed.
#[derive(Debug)]
pub(crate) struct BulkBody {
    pub(crate) format: BulkFormat,
    pub(crate) bytes: Bytes,
    pub(crate) idempotency: Option<IdempotencyClaim>,
    /// Held until the call ends.
    pub(crate) place: OwnedSemaphorePermit,
}

impl FromRequest<AppState> for BulkBody {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Problem> {
        app.require_room()?;
        let (parts, body) = request.into_parts();
        let (format, coding) = (format(&parts.headers)?, coding(&parts.headers)?);
        let place = Arc::clone(&app.bulk_places.0).try_acquire_owned().map_err(|_| busy())?;
        let raw = body::read(&parts.headers, body, body::BULK).await?;
        let mut faults = Faults::default();
        let key = header_key(&parts.headers, &mut faults);
        if !faults.is_empty() {
            return Err(Problem::of_faults(faults.into_vec()));
        }
        let idempotency = key.map(|key| app.claim(key, &parts, &Sha256::digest(&raw).into()));
        let bytes = match coding {
            Coding::Identity => raw,
            Coding::Gzip => inflated(raw).await?,
        };
        Ok(Self { format, bytes, idempotency, place })
    }
}

fn busy() -> Problem {
    let detail = format!("{BULK_BODIES_MAX} bulk calls are under way; wait for one to end");
    Problem::new(ProblemCode::Overloaded, detail).retry_after(1)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Identity,
    Gzip,
}

fn coding(headers: &HeaderMap) -> Result<Coding, Problem> {
    let mut codings = headers.get_all(header::CONTENT_ENCODING).iter().map(HeaderValue::as_bytes);
    match (codings.next(), codings.next()) {
        (None, _) => Ok(Coding::Identity),
        (Some(coding), None) if coding.eq_ignore_ascii_case(b"identity") => Ok(Coding::Identity),
        (Some(coding), None) if coding.eq_ignore_ascii_case(b"gzip") => Ok(Coding::Gzip),
        _ => Err(Problem::new(ProblemCode::UnsupportedMediaType, "send the body as it is, or as gzip")),
    }
}

fn format(headers: &HeaderMap) -> Result<BulkFormat, Problem> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|text| text.split(';').next()).unwrap_or_default().trim();
    let is = |names: &[&str]| names.iter().any(|name| media_type.eq_ignore_ascii_case(name));
    if is(&["application/json"]) {
        Ok(BulkFormat::Json)
    } else if is(&["application/x-ndjson", "application/ndjson", "application/jsonl"]) {
        Ok(BulkFormat::Ndjson)
    } else if is(&["text/csv"]) {
        Ok(BulkFormat::Csv)
    } else {
        let detail = "send application/json, application/x-ndjson or text/csv, in UTF-8";
        Err(Problem::new(ProblemCode::UnsupportedMediaType, detail))
    }
}

/// Off the runtime: sixteen megabytes take a while.
async fn inflated(raw: Bytes) -> Result<Bytes, Problem> {
    tokio::task::spawn_blocking(move || inflate(&raw)).await.unwrap_or_else(|_| Err(Problem::internal()))
}

fn inflate(raw: &[u8]) -> Result<Bytes, Problem> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(BULK_BODY_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let read = MultiGzDecoder::new(raw).take(limit).read_to_end(&mut bytes);
    if read.is_err() {
        return Err(Problem::of_fault("", "gzip", "the body says it is gzip, and is not"));
    }
    if bytes.len() > BULK_BODY_BYTES_MAX {
        Err(body::too_large(BULK_BODY_BYTES_MAX))
    } else {
        Ok(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_small_body_that_grows_is_refused_at_the_bound() {
        assert_eq!(inflate(&packed(b"[]")).unwrap(), Bytes::from_static(b"[]"));
        assert!(inflate(&packed(&vec![b' '; BULK_BODY_BYTES_MAX])).is_ok());
        let bomb = packed(&vec![b' '; BULK_BODY_BYTES_MAX + 1]);
        assert!(bomb.len() < 100_000, "a bomb is small");
        assert!(inflate(&bomb).is_err());
        assert!(inflate(b"no gzip").is_err());
        assert!(inflate(&packed(b"cut off")[..10]).is_err());
    }

    #[test]
    fn formats_and_codings_are_named() {
        let of =
            |name: header::HeaderName, value: &str| HeaderMap::from_iter([(name, value.parse().unwrap())]);
        let named = |value| format(&of(header::CONTENT_TYPE, value)).ok();
        assert_eq!(named("text/csv; charset=utf-8"), Some(BulkFormat::Csv));
        assert_eq!(named("Application/X-NDJSON"), Some(BulkFormat::Ndjson));
        assert_eq!(named("application/json"), Some(BulkFormat::Json));
        assert_eq!(named("text/plain"), None);
        assert_eq!(coding(&of(header::CONTENT_ENCODING, "GZIP")).ok(), Some(Coding::Gzip));
        assert_eq!(coding(&HeaderMap::new()).ok(), Some(Coding::Identity));
        assert!(coding(&of(header::CONTENT_ENCODING, "br")).is_err());
    }
}
