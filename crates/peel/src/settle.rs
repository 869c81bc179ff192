//! What becomes of a page: human verification, a way onward by script, refresh or recipe, or the place where the chain ends.

use std::sync::Arc;

use hopline_domain::{chain::HopKind, outcome::Reason};
use hopline_outbound::{BodyEnd, Exchange, ExchangeError};
use hopline_script::{Navigation, PageReport};
use url::Url;

use crate::{
    answer::{PageMeaning, PageScripts, document_text, is_same_document},
    csp::FormActions,
    departure::{Departure, Leaving, Mover},
    follow::{Certainty, Ending, Next, Stay, Walker, answer_to, body_fault, fail},
    html::{as_html, tidy_title},
    interstitial::interstitial_at,
    location::is_web,
    next_hop::{LeftPage, NextHop},
    page_host::PageNetwork,
    referer::ReferrerPolicy,
    refresh::parse_refresh,
    request_headers::visitor_headers,
    schedule::{BaseUrl, RefreshBase, RefreshOrigin, RefreshSchedule},
    scripted::{Ran, ScriptedPage, Scripts},
    trail::{Admission, Trail, URL_BYTES_MAX},
};

/// A page after its scripts ran, if they did.
struct Settled {
    stay: Stay,
    schedule: RefreshSchedule,
    navigation: Option<Navigation>,
}

impl Walker<'_> {
    pub(crate) async fn settle(
        &self,
        hop: &NextHop,
        exchange: &Exchange,
        page: PageMeaning,
        trail: &mut Trail<'_>,
    ) -> Next {
        if let Some(vendor) = page.gate.filter(|_| !self.leaves_by_itself(&page, &hop.url)) {
            return Next::End(Ending::Verification(vendor));
        }
        let fault = body_fault(exchange);
        if let Some(reason) = fault.filter(|_| page.schedule.winner().is_none()) {
            return fail(reason);
        }
        let page = if is_cut_short(exchange) { without_refresh(page) } else { page };
        let policy = page.referrer_policy;
        let actions = page.form_actions.clone();
        let gate = page.gate_in_the_end;
        let ran = match (fault, page.scripts, self.runner) {
            (None, PageScripts::Html | PageScripts::Xml, Some(_)) => {
                self.run(hop, exchange, &page, trail).await
            }
            _ => None,
        };
        let Settled { mut stay, schedule, navigation } = settled(hop, page, ran);
        for mover in Mover::in_order(schedule.winner(), navigation.as_ref()) {
            trail.note_departure(mover.text(), mover.delay_s());
            if mover.delay_s() > self.budgets.refresh_delay_s_max {
                break;
            }
            match mover.departure(&stay.url, policy) {
                Departure::Stay => {}
                Departure::Fragment(url) => stay = Stay { url, ..stay },
                Departure::LeaveTheWeb => return fail(Reason::UnsupportedScheme),
                Departure::Leave(leaving) => {
                    let actions =
                        if leaving.next.kind == HopKind::Form { actions } else { FormActions::default() };
                    return leave(stay, leaving, actions, trail);
                }
            }
        }
        match gate {
            Some(vendor) => Next::End(Ending::Verification(vendor)),
            None => stay_or_go_on(stay, exchange, trail),
        }
    }

    /// Whether a refresh takes the visitor elsewhere without an act of theirs.
    fn leaves_by_itself(&self, page: &PageMeaning, url: &Url) -> bool {
        page.schedule.winner().is_some_and(|refresh| {
            refresh.delay_s <= self.budgets.refresh_delay_s_max
                && is_web(&refresh.url)
                && !is_same_document(url, &refresh.url)
        })
    }

    async fn run(
        &self,
        hop: &NextHop,
        exchange: &Exchange,
        page: &PageMeaning,
        trail: &mut Trail<'_>,
    ) -> Option<Ran> {
        let (runner, profile, budgets) = (self.runner?, self.profile, self.budgets);
        let scripts = Scripts { runner, profile, budgets, deadline: self.deadline };
        let network = PageNetwork {
            outbound: self.outbound,
            budgets,
            headers: &visitor_headers(profile),
            egress: self.egress(),
            deadline: self.deadline,
        };
        let (text, charset) = document_text(answer_to(&hop.url, exchange, trail));
        let html = if page.scripts == PageScripts::Xml { as_html(&text)? } else { text };
        let (headers, policy) = (&exchange.headers, page.referrer_policy);
        let scripted = ScriptedPage { url: &hop.url, html, charset, headers, policy };
        Some(scripts.run(scripted, network, trail).await)
    }
}

/// The connection closed before the document's end. Browsers show what came, but a refresh waits for a load that never is.
const fn is_cut_short(exchange: &Exchange) -> bool {
    matches!(exchange.body_end, BodyEnd::Failed(ExchangeError::ConnectionClosed))
}

fn without_refresh(page: PageMeaning) -> PageMeaning {
    PageMeaning { schedule: RefreshSchedule::default(), ..page }
}

/// What is known of a page when nothing more will be run.
fn settled(hop: &NextHop, page: PageMeaning, ran: Option<Ran>) -> Settled {
    let certainty = match (&ran, page.scripts) {
        (_, PageScripts::None) => Certainty::Certain,
        (Some(Ran::Report(report)), _) if report.needs.is_empty() => Certainty::Certain,
        _ => Certainty::BrowserMayKnow,
    };
    let stay = Stay { url: hop.url.clone(), title: page.title, framed_url: page.framed_url, certainty };
    match ran {
        Some(Ran::Report(report)) => reported(stay, page.schedule, *report),
        _ => Settled { stay, schedule: page.schedule, navigation: None },
    }
}

/// A script may move its document's URL within its origin, and no further.
fn reported(stay: Stay, mut schedule: RefreshSchedule, report: PageReport) -> Settled {
    let moved = Url::parse(&report.url).ok().filter(|url| is_own(url, &stay.url));
    let url = moved.unwrap_or(stay.url);
    for inserted in &report.refreshes {
        let base = Url::parse(&inserted.base_url).ok();
        if let Some(refresh) = parse_refresh(&inserted.content) {
            let base = RefreshBase {
                document: &url,
                base: base.as_ref().map_or(BaseUrl::Broken, BaseUrl::Element),
                encoding: encoding_rs::UTF_8,
            };
            schedule.offer(refresh, RefreshOrigin::Meta, base);
        }
    }
    let title = report.title.as_deref().and_then(tidy_title).or(stay.title);
    Settled { stay: Stay { url, title, ..stay }, schedule, navigation: report.navigation }
}

fn is_own(moved: &Url, url: &Url) -> bool {
    moved.origin() == url.origin() && moved.as_str().len() <= URL_BYTES_MAX
}

fn leave(stay: Stay, leaving: Leaving, actions: FormActions, trail: &mut Trail<'_>) -> Next {
    let Leaving { mut next, policy } = leaving;
    next.left = Some(Arc::new(LeftPage { actions, page: left_behind(&stay, next.kind) }));
    match trail.admit(&stay.url, &next) {
        Admission::SameAgain => end(stay),
        Admission::Refused(reason) => fail(reason),
        Admission::New => {
            trail.leave_page(stay.url, policy);
            Next::Hop(next)
        }
    }
}

/// A page that stays after all runs on, and its scripts may try again: a browser knows.
fn left_behind(stay: &Stay, kind: HopKind) -> Stay {
    let is_scripted = matches!(kind, HopKind::Script | HopKind::Form);
    let certainty = if is_scripted { Certainty::BrowserMayKnow } else { stay.certainty };
    Stay { certainty, ..stay.clone() }
}

/// A page that nothing moves may still be one that names its destination in a link.
fn stay_or_go_on(stay: Stay, exchange: &Exchange, trail: &mut Trail<'_>) -> Next {
    let Some(interstitial) = interstitial_at(&stay.url) else { return end(stay) };
    let (html, _) = document_text(answer_to(&stay.url, exchange, trail));
    let Some(next) = interstitial.onward(&stay.url, &html) else { return end(stay) };
    trail.note_departure(Some(next.url.as_str()), 0);
    leave(stay, Leaving { next, policy: ReferrerPolicy::default() }, FormActions::default(), trail)
}

const fn end(stay: Stay) -> Next {
    Next::End(Ending::Page(stay))
}
