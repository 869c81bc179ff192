//! What all documents of one page run share: its clock, its bounds, and what it has shown so far.

use std::{
    cell::{Cell, OnceCell, RefCell},
    rc::Rc,
};

use rquickjs::{Ctx, Persistent, Value};

use super::{
    calls::PageCalls,
    limits::{
        CLOCK_READ_MS, COMMIT_MS, COMMIT_MS_MAX, ERROR_CHARS_MAX, ERRORS_MAX, NEEDS_MAX, REFRESHES_MAX,
    },
    realm::Realm,
};
use crate::task::{
    FetchAnswer, FetchFailure, FetchRequest, InsertedRefresh, Navigation, PageStorage, PageTask,
};

/// A promise and why it was rejected.
type Rejection = (Persistent<Value<'static>>, Persistent<Value<'static>>);

/// The shared state of a run. Scripts hold it through the functions they are given.
pub(super) struct PageState {
    task: OnceCell<PageTask>,
    calls: RefCell<Option<Box<dyn PageCalls>>>,
    /// Milliseconds since the document began.
    clock_ms: Cell<f64>,
    navigation: RefCell<Option<Navigation>>,
    /// When it was first asked for, by the page's clock.
    leaving_since_ms: Cell<Option<f64>>,
    fetches_left: Cell<u32>,
    random: Cell<u64>,
    pub(super) needs: RefCell<Vec<String>>,
    pub(super) errors: RefCell<Vec<String>>,
    pub(super) refreshes: RefCell<Vec<InsertedRefresh>>,
    /// Bodies of answers, by the number the prelude knows them by.
    pub(super) bodies: RefCell<Vec<Vec<u8>>>,
    /// The top document's first, then those of frames.
    pub(super) realms: RefCell<Vec<Rc<Realm>>>,
    /// Import maps: specifiers, or prefixes that end in `/`, and their addresses.
    pub(super) import_map: RefCell<Vec<(String, String)>>,
    /// Promises that were rejected and have no handler yet, with their reasons.
    pub(super) rejections: RefCell<Vec<Rejection>>,
    /// Documents whose code runs at the moment, the innermost last.
    pub(super) entered: RefCell<Vec<usize>>,
}

/// What the realm of a worker that waits for its page is told when it asks.
static NO_PAGE: PageTask = PageTask {
    url: String::new(),
    html: String::new(),
    charset: String::new(),
    referrer: String::new(),
    user_agent: String::new(),
    languages: Vec::new(),
    is_mobile: false,
    content_security_policies: Vec::new(),
    now_ms: 0,
    seed: 0,
    timer_ms_max: 0,
    fetches_max: 0,
    storage: PageStorage { local: Vec::new(), session: Vec::new(), window_name: String::new() },
};

impl PageState {
    /// Before there is a page.
    pub(super) fn new() -> Self {
        Self {
            task: OnceCell::new(),
            calls: RefCell::default(),
            clock_ms: Cell::new(0.0),
            navigation: RefCell::default(),
            leaving_since_ms: Cell::new(None),
            fetches_left: Cell::new(0),
            random: Cell::new(0),
            needs: RefCell::default(),
            errors: RefCell::default(),
            refreshes: RefCell::default(),
            bodies: RefCell::default(),
            realms: RefCell::default(),
            import_map: RefCell::default(),
            rejections: RefCell::default(),
            entered: RefCell::default(),
        }
    }

    /// The page has come. A state has one page in its life: another one changes nothing.
    pub(super) fn open(&self, task: PageTask, calls: Box<dyn PageCalls>) {
        let (fetches_max, seed) = (task.fetches_max, task.seed);
        if self.task.set(task).is_ok() {
            *self.calls.borrow_mut() = Some(calls);
            self.fetches_left.set(fetches_max);
            self.random.set(seed);
        }
    }

    pub(super) fn task(&self) -> &PageTask {
        self.task.get().unwrap_or(&NO_PAGE)
    }

    /// Whether the time is over; also while a call is under way, when nobody can be asked.
    pub(super) fn is_expired(&self) -> bool {
        self.calls.try_borrow().is_ok_and(|calls| calls.as_ref().is_some_and(|calls| calls.expired()))
    }

    pub(super) fn fetch(&self, request: FetchRequest) -> Result<FetchAnswer, FetchFailure> {
        let Some(left) = self.fetches_left.get().checked_sub(1) else {
            self.need("subresource_budget");
            return Err(FetchFailure::Budget);
        };
        self.fetches_left.set(left);
        let mut calls = self.calls.borrow_mut();
        let answer = calls.as_mut().map_or(Err(FetchFailure::Network), |calls| calls.fetch(request));
        drop(calls);
        if matches!(answer, Err(FetchFailure::Budget)) {
            self.need("subresource_budget");
        }
        answer
    }

    pub(super) fn cookies(&self) -> String {
        self.calls.borrow_mut().as_mut().map_or_else(String::new, |calls| calls.cookies())
    }

    pub(super) fn set_cookie(&self, text: &str) {
        if let Some(calls) = self.calls.borrow_mut().as_mut() {
            calls.set_cookie(text);
        }
    }

    pub(super) fn now_ms(&self) -> f64 {
        self.clock_ms.get()
    }

    /// The clock as scripts read it: looking takes time, or waiting loops would never end.
    pub(super) fn read_clock_ms(&self) -> f64 {
        let now_ms = self.clock_ms.get() + CLOCK_READ_MS;
        self.clock_ms.set(now_ms);
        now_ms
    }

    /// Moves the clock forward, never back.
    pub(super) fn advance_to(&self, at_ms: f64) {
        self.clock_ms.set(self.clock_ms.get().max(at_ms));
    }

    /// Asks to leave the page. A later request replaces an earlier one that has not been carried out.
    pub(super) fn navigate(&self, navigation: Navigation) {
        *self.navigation.borrow_mut() = Some(navigation);
        if self.leaves_for_the_web() && self.leaving_since_ms.get().is_none() {
            self.leaving_since_ms.set(Some(self.now_ms()));
        }
    }

    /// `window.stop`.
    pub(super) fn stop(&self) {
        self.navigation.take();
        self.leaving_since_ms.set(None);
    }

    /// Whether the page has been asked to leave: parsing ends then, and no load event comes.
    pub(super) fn is_leaving(&self) -> bool {
        self.navigation.borrow().is_some()
    }

    /// Whether the address asked for is a page's, and not another program's.
    fn leaves_for_the_web(&self) -> bool {
        let navigation = self.navigation.borrow();
        let scheme = navigation.as_ref().and_then(|navigation| navigation.url.split(':').next());
        matches!(scheme, Some("http" | "https" | "about" | "blob"))
    }

    /// When the navigation asked for is carried out. `None`: there is none, or it goes to another program and the page stays.
    pub(super) fn commits_at_ms(&self) -> Option<f64> {
        let since_ms = self.leaving_since_ms.get().filter(|_| self.leaves_for_the_web())?;
        let navigation = self.navigation.borrow();
        #[expect(clippy::cast_precision_loss, reason = "a page's clock stays far below 2^52 ms")]
        let asked_ms = navigation.as_ref()?.at_ms as f64;
        Some((asked_ms + COMMIT_MS).min(since_ms + COMMIT_MS_MAX))
    }

    pub(super) fn take_navigation(&self) -> Option<Navigation> {
        self.navigation.take()
    }

    pub(super) fn need(&self, word: &str) {
        let mut needs = self.needs.borrow_mut();
        if needs.len() < NEEDS_MAX && needs.iter().all(|known| known != word) {
            needs.push(word.to_owned());
        }
    }

    pub(super) fn note_error(&self, message: &str) {
        let mut errors = self.errors.borrow_mut();
        if errors.len() < ERRORS_MAX {
            errors.push(message.chars().take(ERROR_CHARS_MAX).collect());
        }
    }

    pub(super) fn note_refresh(&self, refresh: InsertedRefresh) {
        let mut refreshes = self.refreshes.borrow_mut();
        if refreshes.len() < REFRESHES_MAX {
            refreshes.push(refresh);
        }
    }

    /// The next of the seed's numbers (splitmix64).
    pub(super) fn random(&self) -> u64 {
        let seed = self.random.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.random.set(seed);
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The engine's word on a promise: rejected without a handler, or handled after all.
    pub(super) fn track_rejection<'js>(
        &self,
        ctx: &Ctx<'js>,
        promise: &Value<'js>,
        reason: Value<'js>,
        is_handled: bool,
    ) {
        let mut rejections = self.rejections.borrow_mut();
        rejections.retain(|(known, _)| known.clone().restore(ctx).is_ok_and(|known| known != *promise));
        if !is_handled && rejections.len() < ERRORS_MAX {
            rejections.push((Persistent::save(ctx, promise.clone()), Persistent::save(ctx, reason)));
        }
    }

    pub(super) fn realm(&self, index: usize) -> Option<Rc<Realm>> {
        self.realms.borrow().get(index).map(Rc::clone)
    }
}
