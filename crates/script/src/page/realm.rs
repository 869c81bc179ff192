//! One document with the global scope its scripts live in: the top document, or a frame's.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use rquickjs::{Ctx, FromJs, Function, Object, Persistent, function::IntoArgs};
use url::Url;

use super::{
    dom::{Document, NodeId, TextSource},
    parser::{DocumentParser, ScriptOutcome, ScriptStop, ScriptTurn},
    policy::{Policies, Sandbox},
    state::PageState,
};
use crate::task::FetchClient;

/// Reactions run between two looks at the time.
const JOBS_BETWEEN_LOOKS: usize = 256;

/// A document and what governs its scripts. `hooks` are the functions of the prelude that the engine calls.
pub(super) struct Realm {
    pub(super) index: usize,
    pub(super) state: Rc<PageState>,
    pub(super) document: Rc<Document>,
    pub(super) url: RefCell<Url>,
    /// What relative URLs start from: the document's URL until a `<base>` says otherwise.
    pub(super) base_url: RefCell<Option<Url>>,
    /// The document that holds this one's frame; the top is its own.
    pub(super) parent: Cell<usize>,
    pub(super) policies: RefCell<Policies>,
    pub(super) sandbox: Cell<Sandbox>,
    pub(super) parser: RefCell<Option<Rc<DocumentParser>>>,
    hooks: RefCell<Option<Persistent<Object<'static>>>>,
    global: RefCell<Option<Persistent<Object<'static>>>>,
    /// Whether a frame has taken it; a spare realm has no document yet.
    pub(super) taken: Cell<bool>,
}

impl Realm {
    pub(super) fn new(index: usize, state: Rc<PageState>, url: Url) -> Self {
        Self {
            index,
            state,
            document: Rc::new(Document::new()),
            url: RefCell::new(url),
            base_url: RefCell::default(),
            parent: Cell::new(0),
            policies: RefCell::default(),
            sandbox: Cell::new(Sandbox::OPEN),
            parser: RefCell::default(),
            hooks: RefCell::default(),
            global: RefCell::default(),
            taken: Cell::new(false),
        }
    }

    /// The origin its address gives it; `null` where a sandbox takes it.
    pub(super) fn origin(&self) -> String {
        if !self.sandbox.get().same_origin {
            return "null".to_owned();
        }
        let url = self.url.borrow();
        let from_base = matches!(url.scheme(), "about" | "javascript");
        if from_base { self.base().origin() } else { url.origin() }.ascii_serialization()
    }

    /// Whose requests its document makes: the page's, unless it has no origin.
    pub(super) fn fetch_client(&self) -> FetchClient {
        if self.origin() == "null" { FetchClient::Opaque } else { FetchClient::Page }
    }

    pub(super) fn base(&self) -> Url {
        let base = self.base_url.borrow().clone();
        base.unwrap_or_else(|| self.url.borrow().clone())
    }

    /// Keeps the prelude's functions and the global object until `release`.
    pub(super) fn keep<'js>(&self, ctx: &Ctx<'js>, hooks: Object<'js>) {
        *self.hooks.borrow_mut() = Some(Persistent::save(ctx, hooks));
        *self.global.borrow_mut() = Some(Persistent::save(ctx, ctx.globals()));
    }

    /// Lets go of everything of the engine's, which must not outlive it.
    pub(super) fn release(&self) {
        self.hooks.take();
        self.global.take();
        self.parser.take();
    }

    pub(super) fn global<'js>(&self, ctx: &Ctx<'js>) -> Option<Object<'js>> {
        self.global.borrow().clone()?.restore(ctx).ok()
    }

    /// Calls a function of the prelude, as an entry into this document's code. Errors of the page are the prelude's to
    /// report; what is left is the engine's end (memory, time), and `None`.
    pub(super) fn call<'js, A: IntoArgs<'js>, R: FromJs<'js>>(
        &self,
        ctx: &Ctx<'js>,
        hook: &str,
        args: A,
    ) -> Option<R> {
        let hooks = self.hooks.borrow().clone()?.restore(ctx).ok()?;
        let function: Function<'js> = hooks.get(hook).ok()?;
        self.state.entered.borrow_mut().push(self.index);
        let result = function.call(args);
        self.state.entered.borrow_mut().pop();
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.note_failure(ctx, &error);
                None
            }
        }
    }

    fn note_failure(&self, ctx: &Ctx<'_>, error: &rquickjs::Error) {
        if self.state.is_expired() {
            self.state.need("time");
        }
        let message = failure_text(ctx, error);
        if message.contains("out of memory") {
            self.state.need("memory");
        }
        self.state.note_error(&message);
    }

    /// Promises' reactions, and those they cause, until there are none or the time is over.
    pub(super) fn run_jobs(&self, ctx: &Ctx<'_>) {
        while !self.state.is_expired() {
            for _ in 0..JOBS_BETWEEN_LOOKS {
                if !ctx.execute_pending_job() {
                    return;
                }
            }
        }
    }

    /// Promises' reactions, then those that nobody caught.
    pub(super) fn settle(&self, ctx: &Ctx<'_>) {
        self.run_jobs(ctx);
        for (promise, reason) in self.state.rejections.take() {
            if let (Ok(promise), Ok(reason)) = (promise.restore(ctx), reason.restore(ctx)) {
                self.call::<_, ()>(ctx, "rejected", (promise, reason));
            }
        }
    }

    /// Tells the prelude what the parser did since it last looked.
    pub(super) fn flush(&self, ctx: &Ctx<'_>) {
        if self.document.has_names() {
            self.call::<_, ()>(ctx, "named", ());
        }
        let arrivals = self.document.take_arrivals();
        if !arrivals.is_empty() {
            let ids: Vec<u32> = arrivals.iter().map(|(id, _)| id.0).collect();
            let written: Vec<bool> =
                arrivals.iter().map(|(_, source)| *source == TextSource::Script).collect();
            self.call::<_, ()>(ctx, "arrived", (ids, written));
        }
    }
}

/// What went wrong, with the message of a thrown error.
pub(super) fn failure_text(ctx: &Ctx<'_>, error: &rquickjs::Error) -> String {
    if !matches!(error, rquickjs::Error::Exception) {
        return error.to_string();
    }
    let thrown = ctx.catch();
    thrown.as_exception().map_or_else(|| "thrown value".to_owned(), ToString::to_string)
}

/// The engine's side of a parser's pauses.
pub(super) struct RealmTurn<'a, 'js> {
    pub(super) realm: &'a Realm,
    pub(super) ctx: &'a Ctx<'js>,
}

impl ScriptTurn for RealmTurn<'_, '_> {
    fn script(&mut self, script: NodeId, stop: ScriptStop) -> ScriptOutcome {
        self.realm.flush(self.ctx);
        let may_wait = stop == ScriptStop::Parser;
        let done: Option<bool> = self.realm.call(self.ctx, "script", (script.0, may_wait));
        if stop == ScriptStop::Parser {
            self.realm.settle(self.ctx);
        }
        if done == Some(false) { ScriptOutcome::Later } else { ScriptOutcome::Continue }
    }

    fn is_leaving(&self) -> bool {
        self.realm.state.is_leaving() || self.realm.state.is_expired()
    }
}
