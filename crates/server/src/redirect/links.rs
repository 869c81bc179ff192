//! Which link a path of a domain means, from memory: links, deleted ones, and that there is nothing.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use hopline_domain::{
    id::DomainId,
    short_link::{LinkContent, ShortDomain, ShortLink, lookup_keys},
    store::{RedirectEntry, Store, StoreError},
};

use super::recent::{Moment, Outage, Recent, Weighed};
use crate::app::App;

/// Memory for what is known of paths.
const CACHE_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// A link without rules takes about this.
const LINK_BYTES: usize = 1_536;
const CACHE_ENTRIES: usize = 160_000;
/// Changes are told apart by domain and first segment, as far as these places do.
const GENERATIONS: usize = 4_096;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    domain_id: DomainId,
    /// The longest part of the path that slugs can be made of, under the domain's case rule; with a `/` if more follows.
    head: String,
}

#[derive(Debug)]
pub(super) struct Links {
    recent: Recent<Key, RedirectEntry>,
    generations: Box<[AtomicU64]>,
}

impl Default for Links {
    fn default() -> Self {
        Self {
            recent: Recent::new(CACHE_ENTRIES, CACHE_BYTES_MAX),
            generations: (0..GENERATIONS).map(|_| AtomicU64::new(0)).collect(),
        }
    }
}

impl Links {
    /// What lies at a path, given without its leading `/`.
    pub(super) async fn find(
        &self,
        app: &App,
        domain: &ShortDomain,
        path: &str,
    ) -> Result<RedirectEntry, Outage> {
        let Some(head) = head_of(path, domain) else { return Ok(RedirectEntry::Nothing) };
        let generation = self.generation(domain.id, &head).load(Ordering::Acquire);
        let moment = Moment { now: app.now(), generation };
        let key = Key { domain_id: domain.id, head };
        let read = read(app.parts.store.as_ref(), domain.id, key.head.clone());
        self.recent.find(&key, moment, read).await
    }

    /// Every path that may lead to this link is read anew.
    pub(super) fn forget(&self, link: &ShortLink) {
        self.generation(link.domain_id, link.slug.as_str()).fetch_add(1, Ordering::AcqRel);
    }

    /// Slugs that a path may mean, and so all that a change of one can bear upon, have their first segment in common.
    fn generation(&self, domain_id: DomainId, path: &str) -> &AtomicU64 {
        let first = path.split('/').next().unwrap_or_default();
        let bytes =
            domain_id.0.as_bytes().iter().copied().chain(first.bytes().map(|b| b.to_ascii_lowercase()));
        // FNV-1a.
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let place = usize::try_from(hash % GENERATIONS as u64).unwrap_or_default();
        &self.generations[place]
    }
}

/// What a path is looked up by; `None` when no slug can be meant.
fn head_of(path: &str, domain: &ShortDomain) -> Option<String> {
    let best = lookup_keys(path, domain.case_rule).into_iter().next()?;
    let mut head = best.key.as_str().to_owned();
    if best.matched_bytes < path.len() {
        head.push('/');
    }
    Some(head)
}

async fn read(
    store: &dyn Store,
    domain_id: DomainId,
    head: String,
) -> Result<Weighed<RedirectEntry>, StoreError> {
    Ok(match store.redirect_lookup(domain_id, head).await? {
        RedirectEntry::Link { mut link, matched_bytes } => {
            slim(Arc::make_mut(&mut link));
            let bytes = weight(&link.content);
            Weighed { value: RedirectEntry::Link { link, matched_bytes }, bytes }
        }
        other => Weighed { value: other, bytes: 512 },
    })
}

/// Takes out what no visit needs.
fn slim(link: &mut ShortLink) {
    link.content.qr = None;
    link.content.note = None;
    link.content.external_id = None;
}

fn weight(content: &LinkContent) -> u32 {
    let rules = if content.rules.is_empty() {
        0
    } else {
        serde_json::to_vec(&content.rules).map_or(0, |json| json.len())
    };
    let bytes = LINK_BYTES + content.url.len() + 2 * rules;
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use hopline_domain::{short_link::CaseRule, time::Timestamp};

    use super::*;

    fn domain(case_rule: CaseRule) -> ShortDomain {
        ShortDomain {
            id: ShortDomain::DEFAULT_ID,
            workspace_id: None,
            host: None,
            case_rule,
            root_url: None,
            not_found_url: None,
            verification_token: String::new(),
            verified_at: Some(Timestamp(0)),
            revision: 1,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        }
    }

    #[test]
    fn paths_with_one_answer_share_a_place() {
        let of = |path, rule| head_of(path, &domain(rule));
        assert_eq!(of("Go", CaseRule::Sensitive).as_deref(), Some("Go"));
        assert_eq!(of("Go/x", CaseRule::Insensitive).as_deref(), Some("go/x"));
        // What follows the part that slugs can be made of does not matter, but that something does.
        assert_eq!(of("go/a.html", CaseRule::Sensitive).as_deref(), Some("go/"));
        assert_eq!(of("go/b.html", CaseRule::Sensitive).as_deref(), Some("go/"));
        assert_eq!(of("%41", CaseRule::Sensitive), None);
    }

    #[test]
    fn a_change_reaches_every_spelling_and_what_lies_below() {
        let links = Links::default();
        let place = |path| std::ptr::from_ref(links.generation(ShortDomain::DEFAULT_ID, path));
        assert_eq!(place("sale"), place("SALE/summer/"));
        assert_eq!(place("sale/winter"), place("sale"));
        assert_ne!(place("sale"), place("sales"));
    }
}
