//! Content codings (RFC 9110 §8.4): decoding within a byte budget, as forgiving as browsers and no more.

use std::io;

use async_compression::tokio::bufread::{
    BrotliDecoder, DeflateDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder,
};
use bytes::Bytes;
use futures_util::TryStreamExt;
use http::{HeaderMap, header::CONTENT_ENCODING};
use http_body_util::BodyDataStream;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio_util::io::StreamReader;

use crate::body::{ReadBody, Rest};
use crate::connection::DrivenBody;
use crate::error::{ExchangeError, causes, of_hyper};
use crate::exchange::BodyEnd;

/// Nobody encodes more often than this in good faith.
const CODINGS_MAX: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// The codings in the order they were applied; none when the bytes are to be taken as they are.
///
/// As in Chromium, one coding that is unknown, or `identity`, means the body is not decoded at all.
pub(crate) fn of(headers: &HeaderMap) -> Result<Vec<Coding>, ExchangeError> {
    let mut codings = Vec::new();
    let values =
        headers.get_all(CONTENT_ENCODING).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    for value in values {
        for name in value.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match named(name) {
                Some(coding) => codings.push(coding),
                None => return Ok(Vec::new()),
            }
        }
    }
    if codings.len() > CODINGS_MAX {
        let detail = format!("it was encoded {} times, at most {CODINGS_MAX} are undone", codings.len());
        return Err(ExchangeError::ContentEncoding { detail });
    }
    Ok(codings)
}

fn named(name: &str) -> Option<Coding> {
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    match () {
        () if is("gzip") || is("x-gzip") => Some(Coding::Gzip),
        () if is("deflate") => Some(Coding::Deflate),
        () if is("br") => Some(Coding::Brotli),
        () if is("zstd") => Some(Coding::Zstd),
        () => None,
    }
}

type Reader<'a> = Box<dyn AsyncBufRead + Send + Unpin + 'a>;

/// Undoes `codings` while reading; a bomb ends at `bytes_max`.
pub(crate) async fn read(body: DrivenBody<'_>, codings: &[Coding], bytes_max: usize) -> ReadBody {
    let budget = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    let coded = StreamReader::new(BodyDataStream::new(body).map_err(io::Error::other));
    let mut reader: Reader<'_> = Box::new(BufReader::new(coded.take(budget)));
    for coding in codings.iter().rev() {
        reader = match decoder(*coding, reader).await {
            Ok(decoder) => decoder,
            Err(error) => return ReadBody::failed(BodyEnd::Failed(of_read(&error))),
        };
    }
    let mut bytes = Vec::new();
    let read = reader.take(budget).read_to_end(&mut bytes).await;
    if bytes.len() > bytes_max {
        bytes.truncate(bytes_max);
        return ReadBody { bytes: Bytes::from(bytes), end: BodyEnd::Limit, rest: Rest::Unread };
    }
    let (end, rest) = match read {
        Ok(_) => (BodyEnd::Complete, Rest::None),
        // Browsers show what a stream without its end mark decoded to.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && !bytes.is_empty() => {
            (BodyEnd::Complete, Rest::Unread)
        }
        Err(error) => (BodyEnd::Failed(of_read(&error)), Rest::Unread),
    };
    ReadBody { bytes: Bytes::from(bytes), end, rest }
}

async fn decoder<'a>(coding: Coding, mut inner: Reader<'a>) -> io::Result<Reader<'a>> {
    let start = inner.fill_buf().await?;
    if start.is_empty() {
        return Ok(inner);
    }
    let zlib = has_zlib_header(start);
    let decoder: Box<dyn AsyncRead + Send + Unpin + 'a> = match coding {
        Coding::Gzip => {
            let mut decoder = GzipDecoder::new(inner);
            decoder.multiple_members(true);
            Box::new(decoder)
        }
        Coding::Deflate if zlib => Box::new(ZlibDecoder::new(inner)),
        Coding::Deflate => Box::new(DeflateDecoder::new(inner)),
        Coding::Brotli => Box::new(BrotliDecoder::new(inner)),
        Coding::Zstd => Box::new(ZstdDecoder::new(inner)),
    };
    Ok(Box::new(BufReader::new(decoder)))
}

/// `deflate` means zlib (RFC 1950), but some servers send bare deflate; browsers look at the first two bytes.
fn has_zlib_header(start: &[u8]) -> bool {
    match start {
        [cmf, flags, ..] => cmf & 0x0f == 8 && u16::from_be_bytes([*cmf, *flags]) % 31 == 0,
        _ => start.first().is_some_and(|cmf| cmf & 0x0f == 8),
    }
}

fn of_read(error: &io::Error) -> ExchangeError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<hyper::Error>()) {
        Some(transport) => of_hyper(transport),
        None => ExchangeError::ContentEncoding { detail: causes(error) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codings(values: &[&'static str]) -> Option<Vec<Coding>> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(CONTENT_ENCODING, http::HeaderValue::from_static(value));
        }
        of(&headers).ok()
    }

    #[test]
    fn names_and_aliases() {
        assert_eq!(codings(&[]), Some(vec![]));
        assert_eq!(codings(&["X-GZIP"]), Some(vec![Coding::Gzip]));
        assert_eq!(codings(&["gzip, br", "zstd"]), Some(vec![Coding::Gzip, Coding::Brotli, Coding::Zstd]));
        assert_eq!(codings(&["gzip, identity"]), Some(vec![]));
        assert_eq!(codings(&["rot13"]), Some(vec![]));
        assert_eq!(codings(&["gzip, gzip, gzip, gzip, gzip"]), None);
    }

    #[test]
    fn zlib_is_told_from_bare_deflate() {
        assert!(has_zlib_header(&[0x78, 0x9c]));
        assert!(has_zlib_header(&[0x78, 0x01]));
        assert!(!has_zlib_header(&[0xcb, 0x48]));
    }
}
