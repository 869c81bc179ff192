//! The worker's main function.

use std::{cell::RefCell, error::Error, io, mem, process::ExitCode, rc::Rc};

use super::line::{Line, processor_time};
use crate::{
    page::{self, Prepared},
    protocol::{EXIT_LINE_BROKEN, EXIT_UNCONFINED, FrameError, FromWorker, PROTOCOL},
    sandbox::confine,
};

/// What a worker process does from start to end. Call it first thing in a process of one thread that was started by
/// [`ScriptEngine`](crate::ScriptEngine), and end the process with its answer.
pub fn worker_main() -> ExitCode {
    let Ok(prepared) = prepare() else { return EXIT_UNCONFINED.into() };
    match serve(prepared) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => EXIT_LINE_BROKEN.into(),
    }
}

/// Makes what needs no page while files can be opened and the kernel be asked where its clock is, then gives all that up.
fn prepare() -> Result<Prepared, Box<dyn Error>> {
    processor_time();
    let prepared = Prepared::new()?;
    confine()?;
    Ok(prepared)
}

fn serve(prepared: Prepared) -> Result<(), FrameError> {
    let line = Rc::new(RefCell::new(Line::new(io::stdin().lock(), io::stdout().lock())));
    line.borrow_mut().say(&FromWorker::Ready { protocol: PROTOCOL })?;
    let page = line.borrow_mut().page()?;
    if let Some(task) = page {
        let mut finished = page::run(prepared, task, Box::new(Rc::clone(&line)));
        line.borrow_mut().say(&FromWorker::Done(mem::take(&mut finished.report)))?;
        // The process ends: nothing need be taken apart.
        mem::forget(finished);
    }
    Ok(())
}
