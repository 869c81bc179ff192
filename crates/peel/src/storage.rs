//! What the pages of one chain keep in `localStorage`, `sessionStorage` and `window.name`, by origin.

use hopline_script::PageStorage;
use sha2::{Digest, Sha256};
use url::{Origin, Url};

/// Origins remembered; a chain has no more hosts than its budget, and each few ports.
const ORIGINS_MAX: usize = 32;
/// Names and values of one origin together; more is forgotten.
const STORAGE_BYTES_MAX: usize = 256 * 1024;

#[derive(Debug, Default)]
pub(crate) struct StorageByOrigin(Vec<(Origin, PageStorage)>);

impl StorageByOrigin {
    pub(crate) fn get(&self, page: &Url) -> PageStorage {
        self.find(page).cloned().unwrap_or_default()
    }

    pub(crate) fn put(&mut self, page: &Url, storage: PageStorage) {
        let storage = if bytes(&storage) > STORAGE_BYTES_MAX { PageStorage::default() } else { storage };
        let origin = page.origin();
        self.0.retain(|(known, _)| *known != origin);
        let is_empty = storage == PageStorage::default();
        if !is_empty && self.0.len() < ORIGINS_MAX {
            self.0.push((origin, storage));
        }
    }

    /// A digest of what a page at `url` would find.
    pub(crate) fn digest(&self, url: &Url) -> [u8; 32] {
        let mut hash = Sha256::new();
        for (area, text) in self.find(url).into_iter().flat_map(texts) {
            hash.update([area]);
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        hash.finalize().into()
    }

    fn find(&self, page: &Url) -> Option<&PageStorage> {
        let origin = page.origin();
        self.0.iter().find(|(known, _)| *known == origin).map(|(_, storage)| storage)
    }
}

fn bytes(storage: &PageStorage) -> usize {
    texts(storage).map(|(_, text)| text.len()).sum()
}

/// Names and values in order, each with the area it stands in.
fn texts(storage: &PageStorage) -> impl Iterator<Item = (u8, &str)> {
    let areas = [(0, &storage.local), (1, &storage.session)];
    let pairs = areas.into_iter().flat_map(|(area, pairs)| pairs.iter().map(move |pair| (area, pair)));
    let texts = pairs.flat_map(|(area, (name, value))| [(area, name.as_str()), (area, value.as_str())]);
    texts.chain(Some((2, storage.window_name.as_str())).filter(|(_, name)| !name.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(pairs: &[(&str, &str)]) -> PageStorage {
        let session = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        PageStorage { session, ..PageStorage::default() }
    }

    #[test]
    fn each_origin_has_its_own_and_no_more_than_its_bound() {
        let mut storage = StorageByOrigin::default();
        let [a, b] = ["http://a.test/x", "https://a.test/x"].map(|text| Url::parse(text).unwrap());
        let before = storage.digest(&a);
        storage.put(&a, session(&[("k", "v")]));
        assert_eq!(storage.get(&a), session(&[("k", "v")]));
        assert_eq!(storage.get(&b), PageStorage::default());
        assert_ne!(storage.digest(&a), before);
        assert_eq!(storage.digest(&b), before);
        storage.put(&a, PageStorage { window_name: "seen".to_owned(), ..session(&[("k", "v")]) });
        let named = storage.digest(&a);
        storage.put(&a, session(&[("k", "v")]));
        assert_ne!(storage.digest(&a), named);
        storage.put(&a, session(&[("kv", "")]));
        assert_ne!(storage.digest(&a), storage.digest(&b));
        storage.put(&a, session(&[("k", &"x".repeat(STORAGE_BYTES_MAX))]));
        assert_eq!((storage.get(&a), storage.digest(&a)), (PageStorage::default(), before));
        for port in 1..=40 {
            let url = Url::parse(&format!("http://a.test:{port}/")).unwrap();
            storage.put(&url, session(&[("k", "v")]));
        }
        assert_eq!(storage.0.len(), ORIGINS_MAX);
    }
}
