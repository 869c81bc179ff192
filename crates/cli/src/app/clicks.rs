//! Clicks on their way in: the journal in the data folder, and the classifier with the operator's address database.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use hopline_clicks::{Classifier, ClassifierSettings, Journal, JournalSettings};
use hopline_domain::store::ClickStore as _;

use super::{AppConfig, Storage};
use crate::lifecycle::Lifecycle;

/// The journal's folder in the data folder.
const JOURNAL: &str = "click-journal";
/// How often the address database's file is looked at.
const PLACES_LOOK_MS: u64 = 30_000;

#[derive(Clone, Debug)]
pub(super) struct Clicks {
    pub(super) journal: Arc<Journal>,
    pub(super) classifier: Arc<Classifier>,
}

impl Clicks {
    pub(super) async fn open(config: &AppConfig, storage: &Storage) -> Result<Self> {
        let (settings, folder) = (&config.settings.clicks, storage.folder.path());
        let classifier = ClassifierSettings {
            folder: folder.to_owned(),
            mmdb: settings.mmdb.clone(),
            keep_addresses: settings.keep_addresses,
        };
        let classifier = Classifier::open(classifier, Arc::clone(&config.entropy), config.clock.now())?;
        let journal = JournalSettings {
            sync_ms: settings.sync_ms,
            on_failure: settings.on_failure,
            ..JournalSettings::new(folder.join(JOURNAL))
        };
        let folded_until = storage.store.click_folded_until().await?;
        let (journal, _) = Journal::open(journal, folded_until, Arc::clone(&config.clock))?;
        Ok(Self { journal: Arc::new(journal), classifier: Arc::new(classifier) })
    }

    /// Looks after the address database until the server stops: a changed file is taken up, a broken one is not.
    pub(super) fn watch_places(&self, lifecycle: &Lifecycle) {
        let (classifier, stop) = (Arc::clone(&self.classifier), lifecycle.stop.clone());
        lifecycle.tracker.spawn(async move {
            let pause = || tokio::time::sleep(Duration::from_millis(PLACES_LOOK_MS));
            while stop.run_until_cancelled(pause()).await.is_some() {
                let classifier = Arc::clone(&classifier);
                match tokio::task::spawn_blocking(move || classifier.reload_places()).await {
                    Ok(Ok(true)) => tracing::info!("the address database changed and was taken up"),
                    Ok(Ok(false)) => {}
                    Ok(Err(error)) => tracing::warn!(%error, "the address database stays the one of before"),
                    Err(error) => tracing::error!(%error, "looking at the address database failed"),
                }
            }
        });
    }
}
