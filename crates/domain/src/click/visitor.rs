//! A visitor without a name: equal on one day, unknowable on the next.

use std::fmt;

/// The first 16 bytes of HMAC-SHA-256 over address and agent under the salt of the UTC day.
///
/// The salt is destroyed after its day: then nobody can tell whose hash it is, nor compare two days.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VisitorHash(pub [u8; 16]);

impl VisitorHash {
    /// Its first 64 bits, as evenly spread as the whole.
    pub fn prefix(self) -> u64 {
        let (prefix, _) = self.0.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
        u64::from_be_bytes(*prefix)
    }
}

impl fmt::Display for VisitorHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for VisitorHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
