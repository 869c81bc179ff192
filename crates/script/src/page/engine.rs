//! The script engine of one page with its bounds, and the realms in it.

use std::rc::Rc;

use rquickjs::{Context, Ctx, Function, Object, Persistent, Runtime};
use url::Url;

use super::{
    host::host_object,
    limits::{FRAMES_MAX, GARBAGE_BYTES_MIN, MEMORY_BYTES_MAX, STACK_BYTES_MAX},
    modules::{PageLoader, PageResolver},
    prelude,
    realm::{Realm, failure_text},
    state::PageState,
};

/// What can be made before a page is known, and takes longer than most pages do.
pub(crate) struct Prepared {
    // Let go of before the runtime it belongs to.
    prelude: Persistent<Function<'static>>,
    context: Context,
    runtime: Runtime,
}

/// The system's time zone is read from a file at the first look at a local time; a confined process can't.
const READS_THE_TIME_ZONE: &str = "new Date(0).getTimezoneOffset()";

impl Prepared {
    pub(crate) fn new() -> rquickjs::Result<Self> {
        let runtime = Runtime::new()?;
        runtime.set_memory_limit(MEMORY_BYTES_MAX);
        runtime.set_max_stack_size(STACK_BYTES_MAX);
        runtime.set_gc_threshold(GARBAGE_BYTES_MIN);
        let context = Context::full(&runtime)?;
        let prelude = context.with(|ctx| {
            ctx.eval::<f64, _>(READS_THE_TIME_ZONE)?;
            Ok::<_, rquickjs::Error>(Persistent::save(&ctx, prelude::function(&ctx)?))
        })?;
        Ok(Self { prelude, context, runtime })
    }
}

/// A runtime, a context for each realm (the top document's first), and the shared state.
pub(super) struct Engine {
    contexts: Vec<Context>,
    runtime: Runtime,
    state: Rc<PageState>,
}

impl Engine {
    /// An engine with the top document's realm and as many spare ones as the page seems to have frames.
    pub(super) fn new(prepared: Prepared, state: &Rc<PageState>, url: &Url) -> rquickjs::Result<Self> {
        let Prepared { prelude, context, runtime } = prepared;
        let watched = Rc::clone(state);
        runtime.set_interrupt_handler(Some(Box::new(move || watched.is_expired())));
        let told = Rc::clone(state);
        runtime.set_host_promise_rejection_tracker(Some(Box::new(
            move |ctx, promise, reason, is_handled| {
                told.track_rejection(&ctx, &promise, reason, is_handled);
            },
        )));
        runtime.set_loader(PageResolver(Rc::clone(state)), PageLoader(Rc::clone(state)));
        let mut engine = Self { contexts: Vec::new(), runtime, state: Rc::clone(state) };
        engine.add_realm(context, url, |ctx| prelude.restore(ctx))?;
        for _ in 0..frames_expected(&state.task.html) {
            engine.add_realm(Context::full(&engine.runtime)?, url, prelude::function)?;
        }
        Ok(engine)
    }

    fn add_realm<F>(&mut self, context: Context, url: &Url, prelude: F) -> rquickjs::Result<()>
    where
        F: for<'js> FnOnce(&Ctx<'js>) -> rquickjs::Result<Function<'js>>,
    {
        let realm = Rc::new(Realm::new(self.contexts.len(), Rc::clone(&self.state), url.clone()));
        self.state.realms.borrow_mut().push(Rc::clone(&realm));
        context.with(|ctx| {
            let begun = prelude(&ctx).and_then(|prelude| begin(&ctx, &realm, &prelude));
            begun.inspect_err(|error| self.state.note_error(&failure_text(&ctx, error)))
        })?;
        self.contexts.push(context);
        Ok(())
    }

    /// Works in the top document's realm.
    pub(super) fn with<R>(&self, work: impl FnOnce(&Ctx<'_>, &Rc<Realm>) -> R) -> Option<R> {
        let realm = self.state.realm(0)?;
        let context = self.contexts.first()?;
        Some(context.with(|ctx| work(&ctx, &realm)))
    }
}

/// Builds the page's side of a realm and keeps the way into it.
fn begin<'js>(ctx: &Ctx<'js>, realm: &Rc<Realm>, prelude: &Function<'js>) -> rquickjs::Result<()> {
    let host = host_object(ctx, realm)?;
    let hooks: Object<'js> = prelude.call((host, ctx.globals()))?;
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
