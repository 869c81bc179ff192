//! Compiles the page's prelude to the script engine's bytecode: to parse it anew for each page would take most of the page's time.

#[path = "src/page/prelude/source.rs"]
mod source;

use std::{env, error::Error, fs, path::PathBuf};

use rquickjs::{CatchResultExt as _, Context, Ctx, Module, Runtime, WriteOptions};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=src/page/prelude");
    let context = Context::full(&Runtime::new()?)?;
    let code = context.with(|ctx| compile(&ctx).catch(&ctx).map_err(|error| error.to_string()))?;
    let folder = env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    Ok(fs::write(PathBuf::from(folder).join("prelude.bin"), code)?)
}

/// Without its source, so that its functions look as native to a page as a browser's.
fn compile(ctx: &Ctx<'_>) -> rquickjs::Result<Vec<u8>> {
    let options = WriteOptions { strip_source: true, strip_debug: true, ..WriteOptions::default() };
    Module::declare(ctx.clone(), "prelude", source::SOURCE)?.write(options)
}
