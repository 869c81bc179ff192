//! How a visitor came to a short link.

use serde::{Deserialize, Serialize};
use strum::{EnumIter, EnumString, IntoStaticStr};

#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumIter,
    EnumString,
    IntoStaticStr,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ClickSource {
    #[default]
    Link,
    /// The code was scanned: the URL in it carries `src=qr`.
    Qr,
}

impl ClickSource {
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Reads it from the query of the short URL, given without its `?`.
    pub fn of_query(query: Option<&str>) -> Self {
        let scanned = query.unwrap_or_default().split('&').any(|pair| pair == "src=qr");
        if scanned { Self::Qr } else { Self::Link }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_parameter_is_a_scan() {
        assert_eq!(ClickSource::of_query(Some("a=1&src=qr")), ClickSource::Qr);
        for other in [None, Some(""), Some("src=qrx"), Some("xsrc=qr"), Some("src=link")] {
            assert_eq!(ClickSource::of_query(other), ClickSource::Link, "{other:?}");
        }
    }
}
