//! Opening a link and watching until it is clear where it led.

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

use super::commands;
use super::pace::{Ground, Moment, Pace, Run};
use super::room::Room;
use crate::cdp::{CdpError, Event};
use crate::record::{End, Limits, Move, Recorder, Seen};
use crate::visit::Visit;

/// A refresh or timer of just the longest wait has to fit in.
const BUDGET_SLACK_MS: u64 = 250;
/// Of virtual time, for a page to load.
const LOAD_BUDGET_MS: u64 = 50;
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
    /// From this place among all messages on.
    ClockRuns(u64),
    Calm,
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
    /// Runs of the clock the browser has not yet begun.
    runs_unanswered: usize,
    /// Where the newest run began among all messages.
    run_place: u64,
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
            runs_unanswered: 0,
            run_place: 0,
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
                    let Some(event) = event else { return Watched::BrowserGone };
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
            Move::BudgetExpired if self.is_of_an_earlier_run(event) => happened = Move::Other,
            Move::Started | Move::Committed => self.has_stopped = false,
            Move::Body(request_id) => self.ask_source(request_id.clone()),
            Move::Dialog => self.answer_dialog(),
            _ => {}
        }
        self.keep_pace(&happened);
        happened
    }

    fn is_of_an_earlier_run(&self, event: &Event) -> bool {
        self.runs_unanswered > 0 || event.place < self.run_place
    }

    /// A page that asks without end is left with its question.
    fn answer_dialog(&mut self) {
        self.dialogs += 1;
        if self.dialogs <= DIALOGS_MAX {
            self.room.post("Page.handleJavaScriptDialog", &json!({"accept": true}));
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
            Answered::ClockRuns(place) => {
                self.runs_unanswered -= 1;
                self.run_place = self.run_place.max(place);
            }
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

    fn run_clock(&mut self, run: Run) {
        let longest_wait_ms = self.visit.delay_s_max.saturating_mul(1_000).saturating_add(BUDGET_SLACK_MS);
        let (policy, budget_ms) = match run {
            Run::BetweenRequests => ("pauseIfNetworkFetchesPending", longest_wait_ms),
            Run::ToLoad => ("pauseIfNetworkFetchesPending", LOAD_BUDGET_MS),
            Run::Regardless => ("advance", longest_wait_ms),
        };
        let params: Value = json!({
            "policy": policy,
            "budget": budget_ms,
            "maxVirtualTimeTaskStarvationCount": STARVATION_TASKS_MAX,
        });
        let (cdp, session) = (self.room.cdp.clone(), self.room.session.clone());
        self.runs_unanswered += 1;
        self.answers.push(Box::pin(async move {
            let began =
                cdp.call_placed::<Value>(Some(&session), "Emulation.setVirtualTimePolicy", params).await;
            Answered::ClockRuns(began.map_or(0, |(place, _)| place))
        }));
    }
}
