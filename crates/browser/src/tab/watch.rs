//! Opening a link and watching until it is clear where it led.

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

use super::clock::{self, Clock, Expired, Judged};
use super::commands;
use super::pace::{Ground, Moment, Pace, Run};
use super::room::Room;
use crate::cdp::{CdpError, Event};
use crate::record::{End, Limits, Move, Recorder, Reply, Seen};
use crate::visit::Visit;

/// A refresh or timer of just the longest wait has to fit in.
const BUDGET_SLACK_MS: u64 = 250;
/// Of virtual time, for a page to load.
const LOAD_BUDGET_MS: f64 = 50.0;
/// The browser's names for how a clock runs ahead.
const BETWEEN_REQUESTS: &str = "pauseIfNetworkFetchesPending";
const REGARDLESS: &str = "advance";
const DIALOGS_MAX: usize = 30;
/// Chromium's own measure against pages that starve virtual time with tasks.
const STARVATION_TASKS_MAX: u32 = 10_000;

/// How watching ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Watched {
    End(End),
    /// The page that is shown stays.
    Page,
    /// The first navigation came to nothing.
    NoPage,
    TimedOut,
    PageCrashed,
    BrowserGone,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Source {
    body: String,
    base64_encoded: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Navigated {
    error_text: Option<String>,
}

/// An answer that watching goes on without.
enum Answered {
    Source(String, Option<String>),
    Navigated(Option<String>),
    /// A run asked for on this page began, at this place among all messages, with the clock here.
    ClockRuns {
        page: u64,
        place: u64,
        from_s: Option<f64>,
    },
    /// Where the clock of this page stands.
    ClockAt {
        page: u64,
        now_s: Option<f64>,
    },
    Calm,
}

/// Whether a run of the clock is one that a loaded page's timers are measured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    Noted,
    /// It goes on with the one before, or no page has loaded.
    Kept,
}

/// Whether silence means that nothing happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Calm {
    Unknown,
    Asked,
    Certain,
}

pub(super) struct Watch<'a> {
    visit: &'a Visit,
    room: &'a mut Room,
    pub(super) recorder: Recorder,
    pace: Pace,
    answers: FuturesUnordered<BoxFuture<'static, Answered>>,
    sources_awaited: usize,
    clock: Clock,
    run_policy: &'static str,
    calm: Calm,
    dialogs: usize,
    /// The page has loaded; its clock waits for its source to be safe.
    has_stopped: bool,
}

impl<'a> Watch<'a> {
    pub(super) fn new(visit: &'a Visit, room: &'a mut Room) -> Self {
        let limits = Limits { hops_max: visit.hops_max, hosts_max: visit.hosts_max };
        let recorder = Recorder::new(room.frame.clone(), limits);
        let pace = Pace::new(Instant::now());
        Self {
            visit,
            room,
            recorder,
            pace,
            answers: FuturesUnordered::new(),
            sources_awaited: 0,
            clock: Clock::default(),
            run_policy: BETWEEN_REQUESTS,
            calm: Calm::Unknown,
            dialogs: 0,
            has_stopped: false,
        }
    }

    /// Opens the link and watches, until `deadline` at the latest.
    pub(super) async fn run(&mut self, deadline: Instant) -> Watched {
        self.navigate();
        loop {
            if let Some(end) = self.recorder.end() {
                return Watched::End(end.clone());
            }
            // Events that never cease are no reason to go on.
            let now = Instant::now();
            if now >= deadline {
                return self.out_of_time();
            }
            if self.pace.is_overdue(now)
                && let Some(watched) = self.quiet()
            {
                return watched;
            }
            tokio::select! {
                biased;
                Some(answered) = self.answers.next() => if let Some(watched) = self.answered(answered) { return watched; },
                event = self.room.events.recv() => {
                    let Some(event) = event else { return self.out_of_events() };
                    if self.note(&event) == Move::Crashed { return Watched::PageCrashed; }
                }
                () = sleep_until(deadline) => return self.out_of_time(),
                () = sleep_until(self.pace.next()) => if let Some(watched) = self.quiet() { return watched; },
            }
        }
    }

    fn navigate(&mut self) {
        let (method, params) = commands::navigate(&self.visit.url, &self.visit.profile);
        let (cdp, session) = (self.room.cdp.clone(), self.room.session.clone());
        self.answers.push(Box::pin(async move {
            let navigated = cdp.call::<Navigated>(Some(&session), method, params).await;
            Answered::Navigated(match navigated {
                Ok(navigated) => navigated.error_text,
                Err(CdpError::Refused { .. }) => Some("net::ERR_INVALID_URL".to_owned()),
                Err(CdpError::Gone | CdpError::NoAnswer { .. }) => None,
            })
        }));
    }

    fn note(&mut self, event: &Event) -> Move {
        self.calm = Calm::Unknown;
        let mut happened = Seen::of(event).map_or(Move::Other, |seen| self.recorder.note(seen));
        match &happened {
            // A page that leaves takes its source with it.
            Move::Stopped if self.sources_awaited > 0 => {
                self.has_stopped = true;
                happened = Move::Other;
            }
            Move::BudgetExpired if self.clock.expired(event.place) == Expired::Earlier => {
                happened = Move::Other;
            }
            Move::BudgetExpired if self.pace.is_running() => {
                self.ask_clock();
                happened = Move::Other;
            }
            Move::Started | Move::Committed => {
                self.has_stopped = false;
                self.clock.page_changes();
            }
            Move::Body(request_id) => self.ask_source(request_id.clone()),
            Move::Dialog(reply) => self.answer_dialog(*reply),
            Move::Paused(held) => {
                let (method, params) = commands::go_on(held.clone(), &self.visit.profile);
                self.room.post(method, &params);
            }
            _ => {}
        }
        self.keep_pace(&happened);
        happened
    }

    /// A page that asks without end is left with its question.
    fn answer_dialog(&mut self, reply: Reply) {
        self.dialogs += 1;
        if self.dialogs <= DIALOGS_MAX {
            let accept = reply == Reply::Accept;
            self.room.post("Page.handleJavaScriptDialog", &json!({"accept": accept}));
        }
    }

    fn keep_pace(&mut self, happened: &Move) {
        if let Some(run) = self.pace.note(happened, self.ground(), Instant::now()) {
            self.run_clock(run);
        }
    }

    fn ground(&self) -> Ground {
        Ground {
            is_underway: self.recorder.is_underway(),
            is_announced: self.recorder.is_announced(),
            has_page: self.recorder.has_page(),
        }
    }

    fn ask_source(&mut self, request_id: String) {
        self.sources_awaited += 1;
        let (cdp, session) = (self.room.cdp.clone(), self.room.session.clone());
        self.answers.push(Box::pin(async move {
            let params = json!({"requestId": request_id});
            let source = cdp.call::<Source>(Some(&session), "Network.getResponseBody", params).await;
            let text = source.ok().filter(|source| !source.base64_encoded).map(|source| source.body);
            Answered::Source(request_id, text)
        }));
    }

    fn answered(&mut self, answered: Answered) -> Option<Watched> {
        match answered {
            Answered::Source(request_id, text) => {
                self.recorder.body(&request_id, text);
                self.sources_awaited -= 1;
                if self.sources_awaited == 0 && std::mem::take(&mut self.has_stopped) {
                    self.keep_pace(&Move::Stopped);
                }
            }
            Answered::ClockRuns { page, place, from_s } => {
                if self.clock.run_begun(page, place, from_s) == Expired::Stands {
                    self.clock_stands();
                }
            }
            Answered::ClockAt { page, now_s } => self.judge_clock(page, now_s),
            Answered::Calm if self.calm == Calm::Asked && self.room.events.is_empty() => {
                self.calm = Calm::Certain;
                return self.quiet();
            }
            // Something happened since.
            Answered::Calm => self.calm = Calm::Unknown,
            // A URL the browser does not even ask for.
            Answered::Navigated(Some(error)) if !self.recorder.has_asked() => {
                return Some(Watched::End(End::Failed { url: self.visit.url.clone(), error }));
            }
            Answered::Navigated(_) => {}
        }
        None
    }

    /// Nothing happened for as long as the pace allows.
    fn quiet(&mut self) -> Option<Watched> {
        match self.pace.reached(Instant::now()) {
            Moment::Run(run) => {
                self.run_clock(run);
                None
            }
            Moment::TimedOut => Some(Watched::TimedOut),
            Moment::Done if self.calm != Calm::Certain => {
                self.ask_calm();
                None
            }
            Moment::Done if self.recorder.has_parsed_page() => Some(Watched::Page),
            // A script that holds the parser may yet lead elsewhere.
            Moment::Done if self.recorder.has_page() => Some(Watched::TimedOut),
            Moment::Done => Some(Watched::NoPage),
        }
    }

    /// A page that floods us has its session cut off; nobody else is to suffer for it.
    fn out_of_events(&self) -> Watched {
        if self.room.cdp.gone().is_cancelled() { Watched::BrowserGone } else { Watched::PageCrashed }
    }

    /// A page that was read to its end and never comes to rest is a page; anything less is not known.
    fn out_of_time(&self) -> Watched {
        let is_shown = self.recorder.has_parsed_page() && !self.recorder.is_underway();
        if is_shown { Watched::Page } else { Watched::TimedOut }
    }

    /// On a busy machine silence may only mean that what happened has not reached us yet: whatever came before the answer
    /// to this question has.
    fn ask_calm(&mut self) {
        if self.calm == Calm::Asked {
            return;
        }
        self.calm = Calm::Asked;
        let (cdp, session) = (self.room.cdp.clone(), self.room.session.clone());
        self.answers.push(Box::pin(async move {
            cdp.call::<Value>(Some(&session), "Page.getLayoutMetrics", json!({})).await.ok();
            Answered::Calm
        }));
    }

    fn clock_stands(&mut self) {
        if self.pace.is_running() {
            self.ask_clock();
        } else {
            self.keep_pace(&Move::BudgetExpired);
        }
    }

    fn ask_clock(&mut self) {
        let (cdp, session, page) = (self.room.cdp.clone(), self.room.session.clone(), self.clock.page());
        self.answers.push(Box::pin(async move {
            Answered::ClockAt { page, now_s: clock::read(&cdp, &session).await }
        }));
    }

    fn judge_clock(&mut self, page: u64, now_s: Option<f64>) {
        let budget_s = f64::from(self.longest_wait_ms()) / 1_000.0;
        match self.clock.judge(page, now_s, budget_s) {
            Judged::Left(left_s) => self.set_clock(self.run_policy, left_s * 1_000.0, Start::Kept),
            Judged::Over => self.keep_pace(&Move::BudgetExpired),
            // The page that is there now must not be stopped in the stead of the one that was asked about.
            Judged::Unknown if self.pace.is_running() => self.ask_clock(),
            Judged::Unknown | Judged::Moving => {}
        }
    }

    fn set_clock(&mut self, policy: &'static str, budget_ms: f64, start: Start) {
        let params: Value = json!({
            "policy": policy,
            "budget": budget_ms,
            "maxVirtualTimeTaskStarvationCount": STARVATION_TASKS_MAX,
        });
        let (cdp, session, page) = (self.room.cdp.clone(), self.room.session.clone(), self.clock.page());
        self.clock.run_asked();
        self.run_policy = policy;
        self.answers.push(Box::pin(async move {
            let from_s =
                async { if start == Start::Noted { clock::read(&cdp, &session).await } else { None } };
            let begun = cdp.call_placed::<Value>(Some(&session), "Emulation.setVirtualTimePolicy", params);
            // Sent one after the other, so that the clock is read before it runs.
            let (from_s, begun) = futures_util::future::join(from_s, begun).await;
            Answered::ClockRuns { page, place: begun.map_or(0, |(place, _)| place), from_s }
        }));
    }

    fn longest_wait_ms(&self) -> u32 {
        let waited_ms = self.visit.delay_s_max.saturating_mul(1_000).saturating_add(BUDGET_SLACK_MS);
        u32::try_from(waited_ms).unwrap_or(u32::MAX)
    }

    fn run_clock(&mut self, run: Run) {
        let longest_ms = f64::from(self.longest_wait_ms());
        match run {
            Run::BetweenRequests => self.set_clock(BETWEEN_REQUESTS, longest_ms, Start::Noted),
            Run::ToLoad => self.set_clock(BETWEEN_REQUESTS, LOAD_BUDGET_MS, Start::Kept),
            Run::Regardless => self.set_clock(REGARDLESS, longest_ms, Start::Noted),
        }
    }
}
