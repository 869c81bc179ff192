//! Custom headers of an endpoint: which names and values may be sent along.

/// Headers of the connection, of the message, or of the delivery itself.
const RESERVED: [&str; 15] = [
    "host",
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
    "accept-encoding",
    "user-agent",
    "date",
    "x-hopline-seq",
];

/// Why a header is not sent along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderRefusal {
    #[error("this is no header name")]
    NoName,
    #[error("this header belongs to the delivery itself")]
    Reserved,
    #[error("this header carries the signature")]
    Signature,
    #[error("a header's value is visible ASCII, spaces and tabs, and neither begins nor ends with a blank")]
    NoValue,
}

/// Whether a header may be sent with every delivery, given the names of those that carry the signature.
pub fn judge_header(name: &str, value: &str, signature_headers: &[String]) -> Result<(), HeaderRefusal> {
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(HeaderRefusal::NoName);
    }
    let lower = name.to_ascii_lowercase();
    if RESERVED.contains(&lower.as_str())
        || ["webhook-", "content-"].iter().any(|begin| lower.starts_with(begin))
    {
        return Err(HeaderRefusal::Reserved);
    }
    if signature_headers.iter().any(|other| other.eq_ignore_ascii_case(name)) {
        return Err(HeaderRefusal::Signature);
    }
    let blank = |byte: u8| byte == b' ' || byte == b'\t';
    let sound = value.bytes().all(|byte| byte.is_ascii_graphic() || blank(byte));
    let edges = [value.bytes().next(), value.bytes().last()];
    if sound && !edges.into_iter().flatten().any(blank) { Ok(()) } else { Err(HeaderRefusal::NoValue) }
}

/// RFC 9110 §5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_connection_the_message_and_the_signature_are_not_the_endpoints() {
        let signed = ["X-Mine".to_owned()];
        let judged = |name: &str, value: &str| judge_header(name, value, &signed);
        for good in [("Authorization", "Bearer a"), ("X-Api-Key", "k"), ("Cookie", "a=b"), ("X-Empty", "")] {
            assert_eq!(judged(good.0, good.1), Ok(()), "{good:?}");
        }
        for name in
            ["Host", "Content-Length", "content-type", "Webhook-Id", "webhook-x", "Transfer-Encoding", "TE"]
        {
            assert_eq!(judged(name, "x"), Err(HeaderRefusal::Reserved), "{name}");
        }
        assert_eq!(judged("x-MINE", "x"), Err(HeaderRefusal::Signature));
        for name in ["", "a b", "a:b", "a\r\nb", "é"] {
            assert_eq!(judged(name, "x"), Err(HeaderRefusal::NoName), "{name:?}");
        }
        for value in ["a\r\nX: b", "a\0", " a", "a ", "é", "a\n"] {
            assert_eq!(judged("X-A", value), Err(HeaderRefusal::NoValue), "{value:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_ends_a_line_passes(name in ".{0,12}", value in ".{0,12}") {
            if judge_header(&name, &value, &[]).is_ok() {
                prop_assert!(![&name, &value].iter().any(|text| text.contains(['\r', '\n', '\0'])));
            }
        }
    }
}
