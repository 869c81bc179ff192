//! How a page is left: by its script, by its refresh, or not at all. The earliest wins; at the same time the script, which
//! runs before any timer. Nothing is asked; the walk judges the hop that comes of it.

use hopline_domain::chain::HopKind;
use hopline_script::{Navigation, NavigationCause};
use url::Url;

use crate::{
    answer::is_same_document,
    app_link::fallback_of,
    location::is_web,
    next_hop::{NextHop, Submission},
    referer::ReferrerPolicy,
    schedule::{RefreshOrigin, ScheduledRefresh},
};

/// What becomes of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Departure {
    Stay,
    /// It stays; only the fragment of its URL changes.
    Fragment(Url),
    Leave(Leaving),
    /// To a document that is no web page.
    LeaveTheWeb,
}

/// The way out of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Leaving {
    pub(crate) next: NextHop,
    pub(crate) policy: ReferrerPolicy,
}

/// What moves a page, whether or not it is let.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mover<'a> {
    Refresh(&'a ScheduledRefresh),
    Script(&'a Navigation),
}

impl<'a> Mover<'a> {
    /// Both in the order they move. A script that only calls another program moves nothing.
    pub(crate) fn in_order(
        refresh: Option<&'a ScheduledRefresh>,
        script: Option<&'a Navigation>,
    ) -> impl Iterator<Item = Self> {
        let script =
            script.filter(|navigation| Url::parse(&navigation.url).is_ok_and(|url| leads_somewhere(&url)));
        let refreshes_first = refresh
            .zip(script)
            .is_some_and(|(refresh, script)| refresh.delay_s.saturating_mul(1_000) < script.at_ms);
        let (refresh, script) = (refresh.map(Self::Refresh), script.map(Self::Script));
        let order = if refreshes_first { [refresh, script] } else { [script, refresh] };
        order.into_iter().flatten()
    }

    /// The target as evidence shows it.
    pub(crate) fn text(self) -> Option<&'a str> {
        match self {
            Self::Refresh(refresh) => refresh.text.as_deref(),
            Self::Script(navigation) => Some(&navigation.url),
        }
    }

    /// Whole seconds the page waits.
    pub(crate) const fn delay_s(self) -> u64 {
        match self {
            Self::Refresh(refresh) => refresh.delay_s,
            Self::Script(navigation) => navigation.at_ms / 1_000,
        }
    }

    /// What comes of it in the document at `page`, whose links follow `policy`.
    pub(crate) fn departure(self, page: &Url, policy: ReferrerPolicy) -> Departure {
        match self {
            Self::Refresh(refresh) => departure(
                page,
                Leaving { next: NextHop::get(refresh.url.clone(), kind_of(refresh.origin)), policy },
            ),
            Self::Script(navigation) => match scripted(page, navigation, policy) {
                Some(leaving) => departure(page, leaving),
                None => Departure::Stay,
            },
        }
    }
}

/// How the next hop of a refresh was got to.
const fn kind_of(origin: RefreshOrigin) -> HopKind {
    match origin {
        RefreshOrigin::Header => HopKind::RefreshHeader,
        RefreshOrigin::Meta => HopKind::MetaRefresh,
    }
}

fn scripted(page: &Url, navigation: &Navigation, policy: ReferrerPolicy) -> Option<Leaving> {
    let url = Url::parse(&navigation.url).ok()?;
    let policy = if navigation.no_referrer { ReferrerPolicy::NoReferrer } else { policy };
    let kind = match navigation.cause {
        NavigationCause::Form => HopKind::Form,
        NavigationCause::Script | NavigationCause::AnchorClick | NavigationCause::Reload => HopKind::Script,
    };
    let is_post = navigation.method.eq_ignore_ascii_case("post") && is_web(&url);
    let submission = is_post.then(|| submission(page, navigation, policy));
    Some(Leaving { next: NextHop { submission, ..NextHop::get(url, kind) }, policy })
}

fn submission(page: &Url, navigation: &Navigation, policy: ReferrerPolicy) -> Submission {
    let content_type = navigation.content_type.clone().filter(|text| is_form_type(text));
    let body = navigation.body.clone();
    match policy {
        ReferrerPolicy::NoReferrer => Submission::without_origin(body, content_type),
        _ => Submission::new(body, content_type, page),
    }
}

/// RFC 2046 §5.1.1.
const BOUNDARY_BYTES_MAX: usize = 70;

/// Whether a form can be sent as this: what the script engine says may be a page's word.
fn is_form_type(text: &str) -> bool {
    let is_boundary = |boundary: &str| {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&byte);
        (1..=BOUNDARY_BYTES_MAX).contains(&boundary.len()) && boundary.bytes().all(is_allowed)
    };
    matches!(text, "application/x-www-form-urlencoded" | "text/plain")
        || text.strip_prefix("multipart/form-data; boundary=").is_some_and(is_boundary)
}

/// Judges where a page wants to go: other programs' links are theirs unless they name a web page.
fn departure(page: &Url, leaving: Leaving) -> Departure {
    let target = &leaving.next.url;
    if let Some(fallback) = fallback_of(target) {
        return Departure::Leave(Leaving { next: NextHop::get(fallback, HopKind::AppLink), ..leaving });
    }
    let only_fragment = leaving.next.submission.is_none()
        && target.fragment().is_some()
        && is_same_document(page, target)
        && page != target;
    match target.scheme() {
        "about" | "blob" => Departure::LeaveTheWeb,
        _ if !is_web(target) => Departure::Stay,
        _ if only_fragment => Departure::Fragment(leaving.next.url),
        _ => Departure::Leave(leaving),
    }
}

fn leads_somewhere(url: &Url) -> bool {
    is_web(url) || matches!(url.scheme(), "about" | "blob") || fallback_of(url).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTENT: &str = "intent://x#Intent;S.browser_fallback_url=http%3A%2F%2Fb.test%2F;end";

    fn refresh(delay_s: u64, url: &str) -> ScheduledRefresh {
        ScheduledRefresh { origin: RefreshOrigin::Meta, delay_s, text: None, url: Url::parse(url).unwrap() }
    }

    fn navigation(at_ms: u64, url: &str) -> Navigation {
        Navigation {
            url: url.to_owned(),
            cause: NavigationCause::Script,
            method: "GET".to_owned(),
            body: Vec::new(),
            content_type: None,
            at_ms,
            no_referrer: false,
        }
    }

    fn told(mover: Mover<'_>) -> String {
        let page = Url::parse("http://a.test/x?q#f").unwrap();
        match mover.departure(&page, ReferrerPolicy::default()) {
            Departure::Stay => "stay".to_owned(),
            Departure::Fragment(url) => format!("fragment {url}"),
            Departure::Leave(leaving) => {
                format!("{:?} {} {}", leaving.next.kind, leaving.next.method(), leaving.next.url)
            }
            Departure::LeaveTheWeb => "leave the web".to_owned(),
        }
    }

    #[test]
    fn where_pages_lead() {
        for (target, expected) in [
            ("http://a.test/x?q#g", "fragment http://a.test/x?q#g"),
            ("http://a.test/x?q#", "fragment http://a.test/x?q#"),
            ("http://a.test/x?q", "MetaRefresh GET http://a.test/x?q"),
            ("http://a.test/x?q#f", "MetaRefresh GET http://a.test/x?q#f"),
            ("http://a.test/x#f", "MetaRefresh GET http://a.test/x#f"),
            ("mailto:a@b.c", "stay"),
            ("data:text/html,x", "stay"),
            ("file:///etc/passwd", "stay"),
            ("market://details?id=x", "stay"),
            ("intent://x#Intent;end", "stay"),
            (INTENT, "AppLink GET http://b.test/"),
            ("about:blank", "leave the web"),
            ("blob:http://a.test/1", "leave the web"),
        ] {
            assert_eq!(told(Mover::Refresh(&refresh(0, target))), expected, "{target}");
            let scripted = expected.replace("MetaRefresh", "Script");
            assert_eq!(told(Mover::Script(&navigation(0, target))), scripted, "{target}");
        }
    }

    #[test]
    fn the_earliest_moves_and_the_script_at_the_same_time() {
        let first = |refresh: Option<&ScheduledRefresh>, script: Option<&Navigation>| {
            Mover::in_order(refresh, script).next().map(told).unwrap_or_default()
        };
        let (refresh, script) = (refresh(2, "http://a.test/r"), "http://a.test/s");
        let by_script = "Script GET http://a.test/s";
        let by_refresh = "MetaRefresh GET http://a.test/r";
        assert_eq!(first(Some(&refresh), Some(&navigation(1_999, script))), by_script);
        assert_eq!(first(Some(&refresh), Some(&navigation(2_000, script))), by_script);
        assert_eq!(first(Some(&refresh), Some(&navigation(2_001, script))), by_refresh);
        assert_eq!(first(None, Some(&navigation(9, script))), by_script);
        assert_eq!(first(Some(&refresh), None), by_refresh);
        assert_eq!(
            first(Some(&refresh), Some(&navigation(0, "mailto:a@b.c"))),
            by_refresh,
            "calls a program"
        );
        assert_eq!(first(None, Some(&navigation(0, "mailto:a@b.c"))), "");
        assert_eq!(Mover::Script(&navigation(2_900, script)).delay_s(), 2);
    }

    #[test]
    fn forms_carry_what_they_send_and_whose_they_are() {
        let form = Navigation {
            cause: NavigationCause::Form,
            method: "POST".to_owned(),
            body: b"k=v".to_vec(),
            content_type: Some("text/plain".to_owned()),
            ..navigation(0, "http://a.test/x?q#g")
        };
        let page = Url::parse("http://a.test/x?q#f").unwrap();
        let leave = |form: &Navigation| match Mover::Script(form).departure(&page, ReferrerPolicy::default())
        {
            Departure::Leave(leaving) => leaving.next,
            other => panic!("{other:?}"),
        };
        let next = leave(&form);
        assert_eq!(
            (next.kind, next.method().as_str()),
            (HopKind::Form, "POST"),
            "a POST is never a mere fragment"
        );
        let submission = next.submission.unwrap();
        assert_eq!(
            (&submission.body[..], submission.origin_header(&next.url).as_str()),
            (&b"k=v"[..], "http://a.test")
        );
        for (content_type, expected) in [
            ("application/x-www-form-urlencoded", true),
            ("multipart/form-data; boundary=----WebKitFormBoundaryAb0", true),
            ("multipart/form-data; boundary=", false),
            ("multipart/form-data; boundary=a\r\nx-y: z", false),
            ("application/json", false),
            ("text/plain; x=y", false),
        ] {
            let content_type = Some(content_type.to_owned());
            let sent =
                leave(&Navigation { content_type: content_type.clone(), ..form.clone() }).submission.unwrap();
            assert_eq!(sent.content_type, content_type.filter(|_| expected));
        }
        let quiet = leave(&Navigation { no_referrer: true, ..form });
        assert_eq!(quiet.submission.unwrap().origin_header(&quiet.url), "null");
    }
}
