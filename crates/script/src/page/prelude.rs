//! The JavaScript half of the page, as the build script compiled it: to parse it costs more than most pages do.

use rquickjs::{
    Ctx, Function,
    loader::{
        Loader as _,
        bundle::{Bundle, ScaBundleData},
    },
};

/// No page can import it: its imports are URLs.
const NAME: &str = "prelude";
/// Bytecode of this very version of the engine, made in this build.
const CODE: ScaBundleData<&'static [u8]> =
    &[(NAME, include_bytes!(concat!(env!("OUT_DIR"), "/prelude.bin")))];

/// The function `(host, window) => hooks` that makes a page of the context.
pub(super) fn function<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Function<'js>> {
    let (module, ready) = Bundle(CODE).load(ctx, NAME, None)?.eval()?;
    ready.finish::<()>()?;
    module.get("default")
}
