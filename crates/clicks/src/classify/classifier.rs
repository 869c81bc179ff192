//! Classifies visits: what tables, the address database and the salt say, put together.

use std::{net::IpAddr, path::PathBuf, sync::Arc};

use hmac::{Hmac, KeyInit as _, Mac as _};
use hopline_domain::{
    click::{BotReason, ClassifyVisit, ClickSource, Utm, VisitMethod, VisitRequest, Visitor, VisitorHash},
    entropy::Entropy,
    limits::CLICK_TEXT_BYTES_MAX,
    time::Timestamp,
};
use sha2::Sha256;
use url::Url;

use super::{ClassifierError, agents::Agents, language, places::Places, salt::Salt};

/// What classifying needs from outside.
#[derive(Clone, Debug)]
pub struct ClassifierSettings {
    /// Where the salt is kept.
    pub folder: PathBuf,
    /// A `MaxMind` DB file with countries or cities.
    pub mmdb: Option<PathBuf>,
    pub keep_addresses: bool,
}

#[derive(Debug)]
pub struct Classifier {
    agents: Agents,
    places: Places,
    salt: Salt,
    entropy: Arc<dyn Entropy>,
    keep_addresses: bool,
}

impl Classifier {
    /// Refuses an address database that can't be read.
    pub fn open(
        settings: ClassifierSettings,
        entropy: Arc<dyn Entropy>,
        now: Timestamp,
    ) -> Result<Self, ClassifierError> {
        Ok(Self {
            agents: Agents::new(),
            places: Places::open(settings.mmdb)?,
            salt: Salt::open(&settings.folder, entropy.as_ref(), now)?,
            entropy,
            keep_addresses: settings.keep_addresses,
        })
    }

    /// Takes the address database up again if its file changed; failing that, the old one stays in use. Reads files.
    pub fn reload_places(&self) -> Result<bool, ClassifierError> {
        self.places.reload()
    }

    fn visitor_hash(&self, address: IpAddr, user_agent: &str, now: Timestamp) -> VisitorHash {
        self.salt.with(self.entropy.as_ref(), now, |salt| {
            // Invariant: HMAC takes keys of any length.
            let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(salt) else { return VisitorHash([0; 16]) };
            match address {
                IpAddr::V4(v4) => mac.update(&v4.octets()),
                IpAddr::V6(v6) => mac.update(&v6.octets()),
            }
            mac.update(user_agent.as_bytes());
            let mut hash = [0; 16];
            hash.copy_from_slice(&mac.finalize().into_bytes()[..16]);
            VisitorHash(hash)
        })
    }
}

impl ClassifyVisit for Classifier {
    fn classify(&self, request: &VisitRequest<'_>, now: Timestamp) -> Visitor {
        let known = self.agents.of(request.user_agent);
        let address = request.address.to_canonical();
        Visitor {
            agent: known.agent.clone(),
            place: self.places.of(address),
            language: request.accept_language.and_then(language::preferred),
            referrer: request.referrer.and_then(referrer_host),
            utm: Utm::of_query(request.query.unwrap_or_default()),
            source: ClickSource::of_query(request.query),
            bot: of_request(request).or(known.bot),
            hash: self.visitor_hash(address, request.user_agent.unwrap_or_default(), now),
            address: self.keep_addresses.then_some(address),
        }
    }
}

/// What the request itself says, whoever sends it.
fn of_request(request: &VisitRequest<'_>) -> Option<BotReason> {
    if request.method == VisitMethod::Head {
        return Some(BotReason::Head);
    }
    let purpose = request.purpose?.to_ascii_lowercase();
    // `prefetch;prerender`: the page was shown to nobody yet. `preview` is Safari's, `prefetch` Firefox's old `X-Moz`.
    let ahead = ["prefetch", "prerender", "preview"].iter().any(|word| purpose.contains(word));
    ahead.then_some(BotReason::Prefetch)
}

/// Host of a `Referer`, without `www.`; apps name themselves by `android-app://`.
fn referrer_host(referrer: &str) -> Option<String> {
    let url = Url::parse(referrer).ok()?;
    let host = url.host_str()?.to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    (!host.is_empty() && host.len() <= CLICK_TEXT_BYTES_MAX).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use hopline_domain::{entropy::OsEntropy, time::DAY_MS};

    use super::*;

    const NOW: Timestamp = Timestamp(DAY_MS * 20_000);

    fn request<'a>() -> VisitRequest<'a> {
        VisitRequest {
            method: VisitMethod::Get,
            address: IpAddr::from([203, 0, 113, 9]),
            user_agent: Some("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"),
            accept_language: Some("de-DE,en;q=0.5"),
            referrer: Some("https://www.News.example/a?b"),
            purpose: None,
            query: Some("src=qr&utm_source=poster"),
        }
    }

    fn classifier(keep_addresses: bool) -> (tempfile::TempDir, Classifier) {
        let folder = tempfile::tempdir().unwrap();
        let settings = ClassifierSettings { folder: folder.path().to_owned(), mmdb: None, keep_addresses };
        let classifier = Classifier::open(settings, Arc::new(OsEntropy), NOW).unwrap();
        (folder, classifier)
    }

    #[test]
    fn a_person_is_one() {
        let (_folder, classifier) = classifier(false);
        let visitor = classifier.classify(&request(), NOW);
        assert_eq!((visitor.bot, visitor.source, visitor.address), (None, ClickSource::Qr, None));
        assert_eq!(visitor.referrer.as_deref(), Some("news.example"));
        assert_eq!(
            (visitor.language.as_deref(), visitor.utm.source.as_deref()),
            (Some("de"), Some("poster"))
        );
        assert_eq!(visitor.agent.browser.as_deref(), Some("Firefox"));
    }

    #[test]
    fn the_request_says_more_than_the_agent() {
        let (_folder, classifier) = classifier(false);
        let bot = |request: VisitRequest<'_>| classifier.classify(&request, NOW).bot;
        assert_eq!(bot(VisitRequest { method: VisitMethod::Head, ..request() }), Some(BotReason::Head));
        for purpose in ["prefetch", "prefetch;prerender", "Prefetch;anonymous-client-ip", "preview"] {
            let ahead = VisitRequest { purpose: Some(purpose), ..request() };
            assert_eq!(bot(ahead), Some(BotReason::Prefetch), "{purpose}");
        }
        let crawler = VisitRequest { user_agent: Some("Twitterbot/1.0"), ..request() };
        assert_eq!(bot(crawler), Some(BotReason::PreviewBot));
        assert_eq!(bot(VisitRequest { user_agent: None, ..request() }), Some(BotReason::NoAgent));
    }

    #[test]
    fn a_visitor_is_the_same_for_one_day_by_address_and_agent() {
        let (_folder, classifier) = classifier(true);
        let first = classifier.classify(&request(), NOW);
        let mapped = VisitRequest { address: "::ffff:203.0.113.9".parse().unwrap(), ..request() };
        let same = classifier.classify(&mapped, NOW.plus_ms(DAY_MS - 1));
        assert_eq!((first.hash, first.address), (same.hash, same.address));
        let other = VisitRequest { user_agent: Some("Mozilla/5.0 other"), ..request() };
        assert_ne!(classifier.classify(&other, NOW).hash, first.hash);
        assert_ne!(classifier.classify(&request(), NOW.plus_ms(DAY_MS)).hash, first.hash);
    }

    #[test]
    fn a_missing_or_broken_database_is_one_clear_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("places.mmdb");
        let open = || {
            let (folder, mmdb) = (folder.path().to_owned(), Some(file.clone()));
            let settings = ClassifierSettings { folder, mmdb, keep_addresses: false };
            Classifier::open(settings, Arc::new(OsEntropy), NOW).map(|_| ())
        };
        let missing = open().unwrap_err().to_string();
        assert!(missing.contains("places.mmdb") && missing.contains("clicks.mmdb"), "{missing}");
        std::fs::write(&file, b"no database").unwrap();
        assert!(open().unwrap_err().to_string().contains("places.mmdb"));
    }
}
