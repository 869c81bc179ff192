//! What a visit has come to so far: the requests of its main frame, the page it shows, and whether it is over.

use std::collections::{HashMap, HashSet};

use hopline_domain::chain::{Hop, HopKind};
use hopline_domain::outcome::Reason;
use sha2::{Digest, Sha256};
use url::Url;

use super::entry::{Entry, document_of, hex};
use super::kind;
use super::moves::{End, Held, HeldOf, Move, Reply};
use super::seen::{
    Dialog, Download, Frame, LoadingFailed, Navigation, Paused, RequestExtra, RequestWillBeSent,
    ResponseExtra, ResponseReceived, Seen,
};

/// A script may load its own page again so often without any cookie changing: it may have noted the first time elsewhere.
const REPEATS_MAX: usize = 3;
/// Errors that are a server's answer, shown as a page of the browser's own: no body, or a password nobody gives.
const OWN_PAGES: [&str; 2] = ["net::ERR_HTTP_RESPONSE_CODE_FAILURE", "net::ERR_INVALID_AUTH_CREDENTIALS"];
/// Raw headers that came before their request is known.
const EXTRAS_WAITING_MAX: usize = 256;
/// Source of a page kept for recognising what it is.
const HTML_BYTES_MAX: usize = 2 * 1024 * 1024;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) hops_max: usize,
    pub(crate) hosts_max: usize,
}

#[derive(Debug)]
struct Page {
    url: String,
    loader_id: String,
    html: String,
    is_parsed: bool,
}

#[derive(Debug)]
pub(crate) struct Recorder {
    main_frame: String,
    limits: Limits,
    entries: Vec<Entry>,
    hosts: HashSet<String>,
    request_extras: Vec<RequestExtra>,
    response_extras: Vec<ResponseExtra>,
    body_bytes: HashMap<String, u64>,
    /// Why the next navigation comes, as the browser announced it.
    reason: Option<String>,
    is_announced: bool,
    /// The request of the navigation that has no page yet.
    underway: Option<String>,
    leads_outside: bool,
    page: Option<Page>,
    external_url: Option<String>,
    end: Option<End>,
}

impl Recorder {
    pub(crate) fn new(main_frame: String, limits: Limits) -> Self {
        Self {
            main_frame,
            limits,
            entries: Vec::new(),
            hosts: HashSet::new(),
            request_extras: Vec::new(),
            response_extras: Vec::new(),
            body_bytes: HashMap::new(),
            reason: None,
            is_announced: false,
            underway: None,
            leads_outside: false,
            page: None,
            external_url: None,
            end: None,
        }
    }

    pub(crate) fn note(&mut self, seen: Seen) -> Move {
        match seen {
            Seen::Request(event) => return self.request(*event),
            Seen::RequestExtra(extra) => self.request_extra(extra),
            Seen::Response(event) => self.response(*event),
            Seen::ResponseExtra(extra) => self.response_extra(extra),
            Seen::Data(event) => self.data(&event.request_id, event.data_length),
            Seen::Finished(event) => {
                let Some(entry) = last_of(&mut self.entries, &event.request_id) else { return Move::Other };
                entry.finish(event.timestamp);
                return Move::Body(event.request_id);
            }
            Seen::Failed(event) => return self.failed(event),
            Seen::Requested(navigation) => self.requested(navigation),
            Seen::Scheduled(navigation) => self.scheduled(&navigation),
            Seen::Committed(frame) => return self.committed(frame),
            Seen::Within(within) if within.frame_id == self.main_frame => self.within(&within.url),
            Seen::Download(download) => self.download(&download),
            Seen::Parsed => self.parsed(),
            // An attempt to leave that comes to nothing can stop a page from being read any further.
            Seen::Stopped(stopped) if stopped.frame_id == self.main_frame => {
                self.parsed();
                return Move::Stopped;
            }
            Seen::Dialog(dialog) => return Move::Dialog(reply(&dialog)),
            Seen::Paused(paused) => return Move::Paused(self.held(paused)),
            Seen::BudgetExpired => return Move::BudgetExpired,
            Seen::Crashed => return Move::Crashed,
            Seen::Within(_) | Seen::Stopped(_) => {}
        }
        Move::Other
    }

    pub(crate) fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// Whether a navigation has no page yet.
    pub(crate) fn is_underway(&self) -> bool {
        self.underway.is_some()
    }

    /// Whether a page said it would leave, and has not begun to.
    pub(crate) fn is_announced(&self) -> bool {
        self.is_announced
    }

    /// Whether there is a page whose source was read as far as it will be.
    pub(crate) fn has_parsed_page(&self) -> bool {
        self.page.as_ref().is_some_and(|page| page.is_parsed)
    }

    /// Whether the browser asked for anything at all.
    pub(crate) fn has_asked(&self) -> bool {
        !self.entries.is_empty()
    }

    pub(crate) fn has_page(&self) -> bool {
        self.page.is_some()
    }

    /// Address and source of the page that is shown.
    pub(crate) fn page(&self) -> Option<(String, String)> {
        self.page.as_ref().map(|page| (page.url.clone(), page.html.clone()))
    }

    /// What it means that the first navigation ended without a page, a download or an error.
    pub(crate) fn no_page(&self) -> Reason {
        match self.entries.last().and_then(|entry| entry.hop.status) {
            Some(204 | 205 | 304) => Reason::NoDocument,
            // To a scheme no navigation may be redirected to, `javascript:` for one.
            Some(301 | 302 | 303 | 307 | 308) => Reason::UnsupportedScheme,
            _ => Reason::Protocol,
        }
    }

    /// The source of a request, decoded to text by the browser. Its digest is that of the bytes only where the text is the bytes.
    pub(crate) fn body(&mut self, request_id: &str, text: Option<String>) {
        let bytes = self.body_bytes.get(request_id).copied().unwrap_or_default();
        let Some(entry) = last_of(&mut self.entries, request_id) else { return };
        let Some(text) = text else { return };
        entry.hop.body_bytes = bytes;
        if text.len() as u64 == bytes && !text.contains('\u{fffd}') {
            entry.hop.body_sha256 = Some(hex(&Sha256::digest(&text)));
        }
        if let Some(page) = self.page.as_mut().filter(|page| page.loader_id == request_id) {
            page.html = start_of(text, HTML_BYTES_MAX);
        }
    }

    /// The hops, and the last address of another program's scheme.
    pub(crate) fn into_hops(self) -> (Vec<Hop>, Option<String>) {
        let mut hops: Vec<Hop> = self.entries.into_iter().map(|entry| entry.hop).collect();
        for (index, hop) in (0..).zip(&mut hops) {
            hop.index = index;
        }
        (hops, self.external_url)
    }

    fn request(&mut self, event: RequestWillBeSent) -> Move {
        if event.resource_type != "Document" || event.frame_id != self.main_frame {
            return Move::Other;
        }
        let mut event = event;
        let is_navigation = event.request_id == event.loader_id;
        let kind = match event.redirect_response.take() {
            Some(response) => {
                let headers: Vec<_> = response.headers.clone().into_iter().collect();
                if let Some(entry) = last_of(&mut self.entries, &event.request_id) {
                    entry.answer(response, event.redirect_has_extra_info);
                }
                kind::of_redirect(&headers)
            }
            None if self.entries.is_empty() => HopKind::Start,
            None => kind::of_reason(&self.reason.take().unwrap_or_default()),
        };
        if !is_navigation {
            return Move::Other;
        }
        let entry = Entry::asked(&event, kind);
        let is_redirect = matches!(kind, HopKind::HttpRedirect | HopKind::Hsts);
        if !entry.is_http() {
            self.leads_outside = is_redirect;
            self.external_url =
                Some(entry.hop.url).filter(|url| is_external(url)).or(self.external_url.take());
            return Move::Other;
        }
        self.is_announced = false;
        self.underway = Some(event.request_id);
        self.admit(entry);
        if is_redirect { Move::Other } else { Move::Started }
    }

    fn admit(&mut self, mut entry: Entry) {
        let host = Url::parse(&entry.hop.url).ok().and_then(|url| url.host_str().map(str::to_owned));
        self.hosts.insert(host.unwrap_or_default());
        if self.entries.len() >= self.limits.hops_max || self.hosts.len() > self.limits.hosts_max {
            self.end.get_or_insert(End::Refused(Reason::TooManyHops));
            return;
        }
        let waiting = self.request_extras.iter().position(|extra| extra.request_id == entry.request_id);
        if let Some(at) = waiting {
            entry.add_request_extra(&self.request_extras.remove(at));
        }
        if let Some(at) = self.response_extras.iter().position(|extra| extra.request_id == entry.request_id) {
            entry.add_response_extra(&self.response_extras.remove(at));
        }
        let request_id = entry.request_id.clone();
        self.entries.push(entry);
        if waiting.is_some() {
            self.judge_repeat(&request_id);
        }
    }

    fn request_extra(&mut self, extra: RequestExtra) {
        let mut own = self.entries.iter_mut().filter(|entry| entry.request_id == extra.request_id);
        if let Some(entry) = own.find(|entry| entry.wants_request_extra()) {
            entry.add_request_extra(&extra);
            self.judge_repeat(&extra.request_id);
        } else if is_navigation_id(&extra.request_id) && self.request_extras.len() < EXTRAS_WAITING_MAX {
            self.request_extras.push(extra);
        }
    }

    fn response_extra(&mut self, extra: ResponseExtra) {
        let mut own = self.entries.iter_mut().filter(|entry| entry.request_id == extra.request_id);
        if let Some(entry) = own.find(|entry| entry.wants_response_extra()) {
            entry.add_response_extra(&extra);
        } else if is_navigation_id(&extra.request_id) && self.response_extras.len() < EXTRAS_WAITING_MAX {
            self.response_extras.push(extra);
        }
    }

    fn response(&mut self, event: ResponseReceived) {
        if let Some(entry) = last_of(&mut self.entries, &event.request_id) {
            entry.answer(event.response, event.has_extra_info);
        }
    }

    fn data(&mut self, request_id: &str, bytes: u64) {
        if last_of(&mut self.entries, request_id).is_some() {
            *self.body_bytes.entry(request_id.to_owned()).or_default() += bytes;
        }
    }

    /// A navigation to where we have been with the same cookies leads nowhere new. Redirects are left to the browser's limit.
    fn judge_repeat(&mut self, request_id: &str) {
        let Some((entry, before)) =
            self.entries.split_last().filter(|(entry, _)| entry.request_id == request_id)
        else {
            return;
        };
        let allowed = match entry.hop.kind {
            HopKind::RefreshHeader | HopKind::MetaRefresh => 1,
            HopKind::Script | HopKind::Form => REPEATS_MAX,
            _ => return,
        };
        if before.iter().filter(|earlier| entry.is_repeat_of(earlier)).count() < allowed {
            return;
        }
        let shown = self.page.as_ref().map(|page| document_of(&page.url));
        let asks_for_itself = shown == Some(document_of(&entry.hop.url));
        self.end.get_or_insert(if asks_for_itself { End::Stay } else { End::Refused(Reason::Loop) });
        self.entries.pop();
    }

    fn failed(&mut self, event: LoadingFailed) -> Move {
        self.is_announced &= !is_navigation_id(&event.request_id);
        let is_underway = self.underway.as_ref() == Some(&event.request_id);
        let leads_outside = std::mem::take(&mut self.leads_outside);
        if is_underway {
            self.underway = None;
        }
        let has_page = self.page.is_some();
        let Some(at) = self.entries.iter().rposition(|entry| entry.request_id == event.request_id) else {
            // Another program's address, asked for by a page.
            return if is_navigation_id(&event.request_id) { Move::Aborted } else { Move::Other };
        };
        if self.page.as_ref().is_some_and(|page| page.loader_id == event.request_id) {
            return Move::Other;
        }
        if self.entries[at].is_answered() && OWN_PAGES.contains(&event.error_text.as_str()) {
            return Move::Other;
        }
        if event.error_text != "net::ERR_ABORTED" {
            self.end.get_or_insert(self.failure(at, event.error_text));
        } else if leads_outside {
            self.end.get_or_insert(End::Refused(Reason::UnsupportedScheme));
        } else if has_page && !self.entries[at].is_answered() {
            self.entries.remove(at);
        }
        Move::Aborted
    }

    fn failure(&self, at: usize, error: String) -> End {
        let entry = &self.entries[at];
        if error != "net::ERR_TOO_MANY_REDIRECTS" {
            return End::Failed { url: entry.hop.url.clone(), error };
        }
        let navigation: Vec<_> =
            self.entries.iter().filter(|other| other.request_id == entry.request_id).collect();
        let is_loop = navigation
            .iter()
            .enumerate()
            .any(|(at, one)| navigation[..at].iter().any(|other| one.is_repeat_of(other)));
        End::Refused(if is_loop { Reason::Loop } else { Reason::TooManyHops })
    }

    fn requested(&mut self, navigation: Navigation) {
        if navigation.frame_id != self.main_frame || !navigation.is_here() {
            return;
        }
        self.is_announced = is_web(&navigation.url);
        self.reason = Some(navigation.reason);
        if is_external(&navigation.url) {
            self.external_url = Some(navigation.url);
        }
    }

    fn scheduled(&mut self, navigation: &Navigation) {
        let is_ours = navigation.frame_id == self.main_frame && navigation.is_refresh();
        let Some(page) = self.page.as_ref().filter(|_| is_ours) else { return };
        if let Some(entry) = last_of(&mut self.entries, &page.loader_id) {
            entry.hop.location = Some(navigation.url.clone());
            entry.hop.delay_s = seconds(navigation.delay);
        }
    }

    fn committed(&mut self, frame: Frame) -> Move {
        let is_before_the_first = self.entries.is_empty();
        if frame.id != self.main_frame || is_before_the_first {
            return Move::Other;
        }
        if self.underway.as_ref() == Some(&frame.loader_id) {
            self.underway = None;
        }
        // What the page before called is nothing to this one.
        self.external_url = None;
        let url = match frame.unreachable_url {
            None => format!("{}{}", frame.url, frame.url_fragment.unwrap_or_default()),
            Some(url) => {
                let Some(entry) = self.entries.last_mut().filter(|entry| entry.is_answered()) else {
                    self.end.get_or_insert(End::Failed { url, error: "net::ERR_FAILED".to_owned() });
                    return Move::Committed;
                };
                // The address is the server's; what is loaded under its name from here on is the browser's.
                entry.request_id.clear();
                url
            }
        };
        if !is_web(&url) {
            self.end.get_or_insert(End::Refused(Reason::UnsupportedScheme));
        }
        (self.reason, self.is_announced) = (None, false);
        self.page = Some(Page { url, loader_id: frame.loader_id, html: String::new(), is_parsed: false });
        Move::Committed
    }

    fn held(&self, paused: Paused) -> Held {
        let is_ours = paused.frame_id == self.main_frame && paused.resource_type == "Document";
        let of = if is_ours { HeldOf::Navigation(paused.request.headers) } else { HeldOf::Other };
        Held { id: paused.request_id, of }
    }

    fn parsed(&mut self) {
        self.page.iter_mut().for_each(|page| page.is_parsed = true);
    }

    fn within(&mut self, url: &str) {
        (self.reason, self.is_announced) = (None, false);
        self.page.iter_mut().for_each(|page| url.clone_into(&mut page.url));
    }

    fn download(&mut self, download: &Download) {
        let last = self.entries.last().filter(|_| download.frame_id == self.main_frame);
        let is_the_navigation =
            |entry: &&Entry| document_of(&entry.hop.url) == document_of(&download.url) && entry.is_answered();
        if let Some(entry) = last.filter(is_the_navigation) {
            self.end.get_or_insert(End::Download { url: entry.hop.url.clone() });
        }
    }
}

/// Closed as a visitor closes what they must to see a page: notices, and a page's wish not to be left. Questions are not
/// answered with yes: that is a person's to do.
fn reply(dialog: &Dialog) -> Reply {
    match dialog.kind.as_str() {
        "alert" | "beforeunload" => Reply::Accept,
        _ => Reply::Dismiss,
    }
}

/// As much of a text as fits, in whole characters.
fn start_of(mut text: String, bytes_max: usize) -> String {
    let end = (0..=bytes_max.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    text.truncate(end.unwrap_or_default());
    text
}

fn last_of<'a>(entries: &'a mut [Entry], request_id: &str) -> Option<&'a mut Entry> {
    entries.iter_mut().rev().find(|entry| entry.request_id == request_id)
}

fn is_web(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}

/// Whether another program would be asked to open it; these the browser keeps to itself.
fn is_external(url: &str) -> bool {
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    !matches!(scheme, "about" | "blob" | "data" | "javascript" | "file" | "filesystem")
        && !scheme.starts_with("chrome")
}

/// A navigation's request is named like its loader; any other has a number behind a dot.
fn is_navigation_id(request_id: &str) -> bool {
    !request_id.contains('.')
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, which is what is meant"
)]
fn seconds(value: f64) -> u32 {
    value as u32
}

#[cfg(test)]
mod tests;
