//! Content codings (RFC 9110 §8.4): decoding within a byte budget, as forgiving as browsers and no more.

use std::io;

use async_compression::tokio::bufread::{
    BrotliDecoder, DeflateDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder,
};
use async_compression::zstd::DParameter;
use bytes::Bytes;
use futures_util::TryStreamExt;
use http::{HeaderMap, header::CONTENT_ENCODING};
use http_body_util::BodyDataStream;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::time::{Instant, timeout_at};
use tokio_util::io::StreamReader;

use crate::body::{self, ReadBody, Rest};
use crate::connection::DrivenBody;
use crate::error::{ExchangeError, causes, of_hyper};
use crate::exchange::BodyEnd;

/// Nobody encodes more often than this in good faith.
const CODINGS_MAX: usize = 4;
/// RFC 9659: a zstd frame on the web needs at most an 8 MiB window.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

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
pub(crate) async fn read(
    body: DrivenBody<'_>,
    codings: &[Coding],
    bytes_max: usize,
    deadline: Instant,
) -> ReadBody {
    let mut bytes = Vec::new();
    let budget = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    let decoded = timeout_at(deadline, decode(body, codings, budget, &mut bytes)).await;
    let (end, rest) = match decoded {
        _ if bytes.len() > bytes_max => (BodyEnd::Limit, Rest::Unread),
        Ok(Ok(())) => (BodyEnd::Complete, Rest::None),
        // Browsers show what a stream without its end mark decoded to.
        Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof && !bytes.is_empty() => {
            (BodyEnd::Complete, Rest::Unread)
        }
        Ok(Err(error)) => (BodyEnd::Failed(of_read(&error)), Rest::Unread),
        Err(_) => (body::out_of_time(), Rest::Unread),
    };
    bytes.truncate(bytes_max);
    ReadBody { bytes: Bytes::from(bytes), end, rest }
}

async fn decode(
    body: DrivenBody<'_>,
    codings: &[Coding],
    budget: u64,
    bytes: &mut Vec<u8>,
) -> io::Result<()> {
    let coded = StreamReader::new(BodyDataStream::new(body).map_err(io::Error::other));
    let mut reader: Reader<'_> = Box::new(BufReader::new(coded.take(budget)));
    for coding in codings.iter().rev() {
        reader = decoder(*coding, reader).await?;
    }
    reader.take(budget).read_to_end(bytes).await.map(drop)
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
        Coding::Zstd => {
            Box::new(ZstdDecoder::with_params(inner, &[DParameter::window_log_max(ZSTD_WINDOW_LOG_MAX)]))
        }
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
    use crate::receiver::{Receiver, get, loopback_client};

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

    async fn encoded(coding: Coding, plain: &[u8]) -> Vec<u8> {
        use async_compression::tokio::write;
        use tokio::io::AsyncWriteExt;
        macro_rules! encode {
            ($encoder:ident) => {{
                let mut encoder = write::$encoder::new(Vec::new());
                encoder.write_all(plain).await.unwrap();
                encoder.shutdown().await.unwrap();
                encoder.into_inner()
            }};
        }
        match coding {
            Coding::Gzip => encode!(GzipEncoder),
            Coding::Deflate => encode!(DeflateEncoder),
            Coding::Brotli => encode!(BrotliEncoder),
            Coding::Zstd => encode!(ZstdEncoder),
        }
    }

    async fn decoded(content_encoding: &str, coded: &[u8]) -> (Bytes, BodyEnd) {
        let length = coded.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: {content_encoding}\r\nContent-Length: {length}\r\n\r\n"
        );
        let receiver = Receiver::answering([head.as_bytes(), coded].concat());
        let exchange = loopback_client().exchange(get(receiver.url("/"))).await.unwrap();
        (exchange.body, exchange.body_end)
    }

    #[tokio::test]
    async fn every_offered_coding_is_decoded() {
        for (name, coding) in [
            ("gzip", Coding::Gzip),
            ("x-gzip", Coding::Gzip),
            ("deflate", Coding::Deflate),
            ("br", Coding::Brotli),
            ("zstd", Coding::Zstd),
        ] {
            let (body, end) = decoded(name, &encoded(coding, b"hello").await).await;
            assert_eq!(body, "hello", "{name}");
            assert!(matches!(end, BodyEnd::Complete), "{name}");
        }
        let twice = encoded(Coding::Brotli, &encoded(Coding::Gzip, b"hello").await).await;
        assert_eq!(decoded("gzip, br", &twice).await.0, "hello");
    }

    #[tokio::test]
    async fn a_bomb_ends_at_the_budget() {
        let bomb = encoded(Coding::Gzip, &vec![0; 8 * 1024 * 1024]).await;
        assert!(bomb.len() < 64 * 1024);
        let (body, end) = decoded("gzip", &bomb).await;
        assert_eq!(body.len(), 64 * 1024);
        assert!(matches!(end, BodyEnd::Limit));
    }

    #[tokio::test]
    async fn broken_codings_are_typed_and_unknown_ones_are_left_alone() {
        let (_, end) = decoded("gzip", b"this is no gzip").await;
        assert!(matches!(end, BodyEnd::Failed(ExchangeError::ContentEncoding { .. })), "{end:?}");
        assert_eq!(decoded("rot13", b"uryyb").await.0, "uryyb");
        let (body, end) = decoded("gzip", b"").await;
        assert!(body.is_empty() && matches!(end, BodyEnd::Complete));
    }

    #[tokio::test]
    async fn a_stream_without_its_end_mark_gives_what_it_has() {
        let coded = encoded(Coding::Gzip, b"hello").await;
        let (body, end) = decoded("gzip", &coded[..coded.len() - 8]).await;
        assert_eq!(body, "hello");
        assert!(matches!(end, BodyEnd::Complete), "{end:?}");
    }
}
