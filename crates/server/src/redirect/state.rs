//! What the redirect path keeps in memory, and how changes made through the API reach it.

use hopline_domain::{click::JournalOffset, short_link::ShortLink};

use super::{limits::Limits, links::Links, sites::Sites, tries::Tries};

#[derive(Debug)]
pub(crate) struct Redirects {
    pub(super) links: Links,
    pub(super) sites: Sites,
    pub(super) limits: Limits,
    pub(super) tries: Tries,
}

impl Redirects {
    /// `journal_end` is where the click journal ends before this process answers anything.
    pub(crate) fn new(journal_end: JournalOffset) -> Self {
        Self {
            links: Links::default(),
            sites: Sites::default(),
            limits: Limits::new(journal_end),
            tries: Tries::default(),
        }
    }

    /// Must be told of every committed change of a link, with the link as it was and as it is: the next visit reads it anew.
    pub(crate) fn link_changed(&self, link: &ShortLink) {
        self.links.forget(link);
    }

    /// Must be told of every committed change of a domain.
    pub(crate) fn domains_changed(&self) {
        self.sites.forget();
    }
}
