//! The script engine of one page with its bounds, and the realms in it.
//!
//! All that needs no page is done before there is one: the top document's realm waits with the prelude evaluated.

use std::{error::Error, rc::Rc};

use rquickjs::{Context, Ctx, Object, Runtime};
use url::Url;

use super::{
    calls::PageCalls,
    host::host_object,
    limits::{FRAMES_MAX, GARBAGE_BYTES_MIN, MEMORY_BYTES_MAX, STACK_BYTES_MAX},
    modules::{PageLoader, PageResolver},
    prelude,
    realm::{Realm, failure_text},
    state::PageState,
};
use crate::task::PageTask;

/// An engine whose top document has yet to come: to make one takes longer than most pages do.
pub(crate) struct Prepared(Engine);

/// The system's time zone is read from a file at the first look at a local time; a confined process can't.
const READS_THE_TIME_ZONE: &str = "new Date(0).getTimezoneOffset()";
/// The address of the top document until it comes.
const NO_ADDRESS: &str = "about:blank";

impl Prepared {
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        let mut engine = Engine::new()?;
        engine.add_realm(&Url::parse(NO_ADDRESS)?)?;
        Ok(Self(engine))
    }

    /// Gives the engine its page, and the page as many spare realms as it seems to have frames.
    pub(super) fn open(self, task: PageTask, calls: Box<dyn PageCalls>, url: &Url) -> Engine {
        let Self(mut engine) = self;
        let frames = frames_expected(&task.html);
        engine.state.open(task, calls);
        if let Some(top) = engine.state.realm(0) {
            *top.url.borrow_mut() = url.clone();
        }
        // The report names a need where a frame finds no realm.
        let _ = (0..frames).try_for_each(|_| engine.add_realm(url));
        engine
    }
}

/// A runtime, a context for each realm (the top document's first), and the shared state.
pub(super) struct Engine {
    contexts: Vec<Context>,
    runtime: Runtime,
    state: Rc<PageState>,
}

impl Engine {
    fn new() -> rquickjs::Result<Self> {
        let state = Rc::new(PageState::new());
        let runtime = Runtime::new()?;
        runtime.set_memory_limit(MEMORY_BYTES_MAX);
        runtime.set_max_stack_size(STACK_BYTES_MAX);
        runtime.set_gc_threshold(GARBAGE_BYTES_MIN);
        let watched = Rc::clone(&state);
        runtime.set_interrupt_handler(Some(Box::new(move || watched.is_expired())));
        let told = Rc::clone(&state);
        runtime.set_host_promise_rejection_tracker(Some(Box::new(
            move |ctx, promise, reason, is_handled| {
                told.track_rejection(&ctx, &promise, reason, is_handled);
            },
        )));
        runtime.set_loader(PageResolver(Rc::clone(&state)), PageLoader(Rc::clone(&state)));
        Ok(Self { contexts: Vec::new(), runtime, state })
    }

    fn add_realm(&mut self, url: &Url) -> rquickjs::Result<()> {
        let context = Context::full(&self.runtime)?;
        let realm = Rc::new(Realm::new(self.contexts.len(), Rc::clone(&self.state), url.clone()));
        context.with(|ctx| {
            let begun = begin(&ctx, &realm);
            begun.inspect_err(|error| self.state.note_error(&failure_text(&ctx, error)))
        })?;
        self.state.realms.borrow_mut().push(realm);
        self.contexts.push(context);
        Ok(())
    }

    pub(super) fn state(&self) -> &Rc<PageState> {
        &self.state
    }

    /// Works in the top document's realm.
    pub(super) fn with<R>(&self, work: impl FnOnce(&Ctx<'_>, &Rc<Realm>) -> R) -> Option<R> {
        let realm = self.state.realm(0)?;
        let context = self.contexts.first()?;
        Some(context.with(|ctx| work(&ctx, &realm)))
    }
}

/// Builds the page's side of a realm and keeps the way into it.
fn begin<'js>(ctx: &Ctx<'js>, realm: &Rc<Realm>) -> rquickjs::Result<()> {
    ctx.eval::<f64, _>(READS_THE_TIME_ZONE)?;
    let host = host_object(ctx, realm)?;
    let hooks: Object<'js> = prelude::function(ctx)?.call((host, ctx.globals()))?;
    realm.keep(ctx, hooks);
    Ok(())
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.runtime.set_interrupt_handler(None);
        self.runtime.set_host_promise_rejection_tracker(None);
        self.state.rejections.take();
        for realm in self.state.realms.take() {
            realm.release();
        }
    }
}

/// One for each frame in the text, and one more where scripts speak of frames.
fn frames_expected(html: &str) -> usize {
    let lower = html.to_ascii_lowercase();
    let frames = lower.matches("iframe").count() + lower.matches("<frame").count();
    frames.min(FRAMES_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_that_waits_shows_nothing_and_can_be_taken_apart() {
        let Prepared(engine) = Prepared::new().unwrap();
        let state = Rc::clone(engine.state());
        assert!(state.needs.borrow().is_empty() && state.errors.borrow().is_empty());
        assert!(!state.is_expired() && !state.is_leaving());
        drop(engine);
        assert_eq!(Rc::strong_count(&state), 1, "nothing of it is left");
    }
}
