//! A link as events and exports show it: the fields of contracts §7 that do not come from its clicks.

use serde::Serialize;
use serde_json::Value;
use url::Url;

use crate::{
    click::Utm,
    id::{KeyId, LinkId},
    short_link::{
        LinkHealth, LinkStatus, OpenGraph, QrDesign, RedirectStatus, Rule, ShortLink, Slug, TagName, Watch,
    },
    time::Timestamp,
};

/// What an event tells of a link, serialised; the envelope and a batch around it need room too.
const EVENT_DATA_BYTES_MAX: usize = 60 * 1024;

/// How short URLs are written: from the public URL for the default domain, `https://` for every other one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShortUrls {
    /// Without a `/` at its end.
    base: String,
    host: String,
}

impl ShortUrls {
    pub fn new(public_url: &Url) -> Self {
        let host = public_url.host_str().unwrap_or_default();
        let host = public_url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        Self { base: public_url.as_str().trim_end_matches('/').to_owned(), host }
    }

    /// The host of the default domain, with its port when it has one.
    pub fn default_host(&self) -> &str {
        &self.host
    }

    /// What a link shows as its `domain`.
    pub fn domain<'a>(&'a self, link: &'a ShortLink) -> &'a str {
        link.host.as_ref().map_or(&self.host, |host| host.as_str())
    }

    pub fn short_url(&self, link: &ShortLink) -> String {
        match &link.host {
            None => format!("{}/{}", self.base, link.slug),
            Some(host) => format!("https://{host}/{}", link.slug),
        }
    }
}

/// A link in the words of the API; its password only as whether there is one (I10).
#[derive(Clone, Debug, Serialize)]
pub struct LinkDocument<'a> {
    pub id: LinkId,
    pub domain: &'a str,
    pub slug: &'a Slug,
    pub short_url: String,
    pub url: &'a str,
    pub title: Option<&'a str>,
    pub tags: Vec<&'a TagName>,
    pub status: LinkStatus,
    pub blocked_reason: Option<&'a str>,
    pub starts_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub expired_url: Option<&'a str>,
    pub max_clicks: Option<u64>,
    pub limit_url: Option<&'a str>,
    pub has_password: bool,
    pub redirect_status: RedirectStatus,
    pub cache_max_age_s: Option<u32>,
    pub forward_query: bool,
    pub forward_path: bool,
    pub rules: &'a [Rule],
    pub utm: &'a Utm,
    pub external_id: Option<&'a str>,
    pub note: Option<&'a str>,
    pub og: &'a OpenGraph,
    pub qr: Option<&'a QrDesign>,
    pub watch: Option<&'a Watch>,
    pub health: &'a LinkHealth,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub created_by: Option<KeyId>,
}

impl<'a> LinkDocument<'a> {
    pub fn of(link: &'a ShortLink, urls: &'a ShortUrls) -> Self {
        let content = &link.content;
        Self {
            id: link.id,
            domain: urls.domain(link),
            slug: &link.slug,
            short_url: urls.short_url(link),
            url: &content.url,
            title: content.title.as_deref(),
            tags: link.tags.iter().map(|tag| &tag.name).collect(),
            status: link.status(),
            blocked_reason: link.blocked_reason.as_deref(),
            starts_at: content.starts_at,
            expires_at: content.expires_at,
            expired_url: content.expired_url.as_deref(),
            max_clicks: content.max_clicks,
            limit_url: content.limit_url.as_deref(),
            has_password: content.password.is_some(),
            redirect_status: content.redirect_status,
            cache_max_age_s: content.cache.max_age_s(),
            forward_query: content.forward_query,
            forward_path: content.forward_path,
            rules: &content.rules,
            utm: &content.utm,
            external_id: content.external_id.as_deref(),
            note: content.note.as_deref(),
            og: &content.og,
            qr: content.qr.as_ref(),
            watch: content.watch.as_ref(),
            health: &link.health,
            created_at: link.created_at,
            updated_at: link.updated_at,
            created_by: link.created_by,
        }
    }

    /// The `data` of the link's events. What would not fit into a delivery is left out, and `truncated` says so.
    pub fn event_data(link: &'a ShortLink, urls: &'a ShortUrls) -> Value {
        let mut data = serde_json::to_value(Self::of(link, urls)).unwrap_or_default();
        let is_long = serde_json::to_vec(&data).is_ok_and(|bytes| bytes.len() > EVENT_DATA_BYTES_MAX);
        if let Some(members) = data.as_object_mut().filter(|_| is_long) {
            for long in ["rules", "qr"] {
                members.insert(long.to_owned(), Value::Null);
            }
            members.insert("truncated".to_owned(), Value::Bool(true));
        }
        data
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        id::WorkspaceId,
        limits,
        short_link::{Conditions, DomainHost, LinkContent, LinkSecret, ShortDomain},
    };

    fn link() -> ShortLink {
        ShortLink {
            id: LinkId(Uuid::nil()),
            workspace_id: WorkspaceId(Uuid::nil()),
            domain_id: ShortDomain::DEFAULT_ID,
            host: None,
            slug: Slug::parse("go/deep").unwrap(),
            content: LinkContent {
                password: Some(LinkSecret("$argon2id$secret".to_owned())),
                ..LinkContent::to("https://example.com/")
            },
            tags: Vec::new(),
            blocked_reason: None,
            health: LinkHealth::default(),
            revision: 1,
            created_at: Timestamp(1_780_660_800_000),
            updated_at: Timestamp(1_780_660_800_000),
            created_by: None,
        }
    }

    fn urls(public_url: &str) -> ShortUrls {
        ShortUrls::new(&Url::parse(public_url).unwrap())
    }

    #[test]
    fn short_urls_begin_with_the_public_url_or_the_domain() {
        let mut link = link();
        let public = urls("http://127.0.0.1:8080/s/");
        assert_eq!(public.short_url(&link), "http://127.0.0.1:8080/s/go/deep");
        assert_eq!((public.domain(&link), public.default_host()), ("127.0.0.1:8080", "127.0.0.1:8080"));
        assert_eq!(urls("https://sho.rt").short_url(&link), "https://sho.rt/go/deep");
        link.host = Some(DomainHost::parse("go.example.com").unwrap());
        assert_eq!(public.short_url(&link), "https://go.example.com/go/deep");
        assert_eq!(public.domain(&link), "go.example.com");
    }

    #[test]
    fn every_field_is_told_and_no_password() {
        let data = LinkDocument::event_data(&link(), &urls("https://sho.rt"));
        let expected = serde_json::json!({
            "id": "lnk_00000000000000000000000000000000", "domain": "sho.rt", "slug": "go/deep",
            "short_url": "https://sho.rt/go/deep", "url": "https://example.com/", "title": null, "tags": [],
            "status": "active", "blocked_reason": null, "starts_at": null, "expires_at": null, "expired_url": null,
            "max_clicks": null, "limit_url": null, "has_password": true, "redirect_status": 302,
            "cache_max_age_s": null, "forward_query": true, "forward_path": false, "rules": [],
            "utm": {"source": null, "medium": null, "campaign": null, "term": null, "content": null},
            "external_id": null, "note": null, "og": {"title": null, "description": null, "image": null},
            "qr": null, "watch": null,
            "health": {"status": "unknown", "reason": null, "checked_at": null, "final_url": null},
            "created_at": "2026-06-05T12:00:00.000Z", "updated_at": "2026-06-05T12:00:00.000Z", "created_by": null
        });
        assert_eq!(data, expected);
    }

    #[test]
    fn what_is_too_long_for_a_delivery_is_left_out() {
        let mut link = link();
        let url = format!("https://example.com/{}", "x".repeat(1_900));
        let rule = Rule { when: Conditions { percent: Some(1), ..Conditions::default() }, url };
        link.content.rules = vec![rule; limits::LINK_RULES_MAX];
        let data = LinkDocument::event_data(&link, &urls("https://sho.rt"));
        assert!(serde_json::to_vec(&data).unwrap().len() < EVENT_DATA_BYTES_MAX);
        assert_eq!((&data["truncated"], &data["rules"]), (&Value::Bool(true), &Value::Null));
        assert_eq!(data["url"], "https://example.com/");
    }
}
