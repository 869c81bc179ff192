//! What clicks can be grouped and filtered by.

use strum::{EnumIter, EnumString, IntoStaticStr};

/// The names are the wire's; the order is the one kept in files and must not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Dimension {
    Country,
    Device,
    Os,
    Browser,
    Source,
    Bot,
    Link,
    Tag,
    Domain,
    Region,
    City,
    Language,
    Referrer,
    UtmSource,
    UtmMedium,
    UtmCampaign,
    UtmTerm,
    UtmContent,
    Rule,
}

impl Dimension {
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The number that stands for it in files.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// Whether the hourly roll-up has it in every combination.
    pub const fn is_hourly(self) -> bool {
        matches!(self, Self::Country | Self::Device | Self::Os | Self::Browser | Self::Source | Self::Bot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_files_stay_what_they_are() {
        let named = |name: &str| name.parse::<Dimension>().unwrap().number();
        assert_eq!((named("country"), named("bot"), named("link"), named("rule")), (0, 5, 6, 18));
        assert_eq!((named("utm_source"), named("utm_content")), (13, 17));
    }
}
