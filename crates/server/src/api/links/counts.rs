//! The numbers of links: kept with their clicks, not with the links.

use hopline_domain::{short_link::ShortLink, store::LinkCount};

use crate::{app::App, problem::Problem};

impl App {
    /// The numbers of these links, in their order.
    pub(super) async fn link_counts(&self, links: &[ShortLink]) -> Result<Vec<LinkCount>, Problem> {
        Ok(self.parts.store.link_counts(links.iter().map(|link| link.id).collect()).await?)
    }
}
