//! One case: a raw response, what else its page asks for, and what Chromium did with it.

use bytes::Bytes;

use super::recording::Recording;

/// What a case needs to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// Redirects, refreshes, and documents: no script has a say.
    Network,
    /// Scripts and forms lead, or are kept from leading.
    Script,
}

#[derive(Clone, Debug)]
pub struct Case {
    pub name: String,
    pub group: Group,
    /// With its fragment, on the farm.
    pub url: String,
    pub(super) path: String,
    pub(super) response: Bytes,
    /// Further responses by path.
    pub(super) companions: Vec<(String, Bytes)>,
    pub recording: Recording,
}

impl Case {
    /// Every response of the case by path.
    pub fn responses(&self) -> impl Iterator<Item = (&str, Bytes)> {
        let own = (self.path.as_str(), self.response.clone());
        std::iter::once(own).chain(self.companions.iter().map(|(path, bytes)| (path.as_str(), bytes.clone())))
    }
}
