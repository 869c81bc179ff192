//! What a proxy wants to know before it serves: a secret of the operator's, never printed (I10).

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::ProxyError;

/// RFC 1929 §2 counts each in one byte.
const PART_BYTES_MAX: usize = 255;

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    user: String,
    password: String,
}

impl Credentials {
    /// Both protocols must be able to say them: no control characters, no colon in the user name (RFC 7617 §2).
    pub(crate) fn new(user: String, password: String) -> Result<Self, ProxyError> {
        let sound = |part: &str| part.len() <= PART_BYTES_MAX && !part.chars().any(char::is_control);
        if user.is_empty() || user.contains(':') || !sound(&user) || !sound(&password) {
            return Err(ProxyError::Credentials);
        }
        Ok(Self { user, password })
    }

    pub(super) fn with_password(self, password: &str) -> Result<Self, ProxyError> {
        if !self.password.is_empty() {
            return Err(ProxyError::PasswordTwice);
        }
        Self::new(self.user, password.to_owned())
    }

    /// The sub-negotiation's request (RFC 1929 §2).
    pub(crate) fn socks5_request(&self) -> Vec<u8> {
        let mut request = vec![1];
        for part in [&self.user, &self.password] {
            // Invariant: `new` let no part pass that is longer than a byte counts.
            request.push(u8::try_from(part.len()).unwrap_or(u8::MAX));
            request.extend_from_slice(part.as_bytes());
        }
        request
    }

    /// The value of `Proxy-Authorization` (RFC 7617 §2).
    pub(crate) fn basic(&self) -> String {
        format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", self.user, self.password)))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_said_as_the_standards_say_and_never_printed() {
        let credentials = Credentials::new("Aladdin".to_owned(), "open sesame".to_owned()).unwrap();
        assert_eq!(credentials.basic(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(credentials.socks5_request(), b"\x01\x07Aladdin\x0bopen sesame");
        let printed = format!("{credentials:?}");
        assert!(!printed.contains("Aladdin") && !printed.contains("sesame"), "{printed}");
    }

    #[test]
    fn what_a_protocol_cannot_say_is_refused() {
        let long = "x".repeat(256);
        for (user, password) in
            [("", "p"), ("a:b", "p"), (long.as_str(), "p"), ("a", long.as_str()), ("a\r", "p")]
        {
            assert!(Credentials::new(user.to_owned(), password.to_owned()).is_err(), "{user}");
        }
    }
}
