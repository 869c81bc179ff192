//! What the server costs before it does anything: binary size, time to ready, memory.

use crate::{
    hopline::{self, Hopline},
    output::{Goal, Report, median},
    stopwatch::{Stopwatch, resident_mib},
};

const ROUNDS: usize = 5;
const BINARY_MIB_MAX: f64 = 40.0;
const MEMORY_MIB_MAX: f64 = 40.0;
const READY_MS_MAX: f64 = 300.0;

pub fn run(report: &mut Report) -> anyhow::Result<()> {
    Report::heading("Footprint: an idle server");
    let folder = tempfile::tempdir()?;
    hopline::init(folder.path())?;
    let (mut ready_ms, mut memory_mib) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let watch = Stopwatch::start();
        let server = Hopline::start(folder.path(), "")?;
        ready_ms.push(watch.seconds() * 1_000.0);
        memory_mib.push(resident_mib(server.pid())?);
        server.stop()?;
    }
    #[expect(clippy::cast_precision_loss, reason = "a size for people")]
    let binary_mib = std::fs::metadata(hopline::binary()?)?.len() as f64 / (1024.0 * 1024.0);
    let (ready_ms, memory_mib) = (median(ready_ms), median(memory_mib));
    Report::line(&format!(
        "binary {binary_mib:.1} MiB; ready after {ready_ms:.0} ms; {memory_mib:.1} MiB resident (medians of {ROUNDS})"
    ));
    report.ratio("binary against 40 MiB", binary_mib / BINARY_MIB_MAX, Goal::AtMost(1.0));
    report.ratio("time to ready against 300 ms", ready_ms / READY_MS_MAX, Goal::AtMost(1.0));
    report.ratio("idle memory against 40 MiB", memory_mib / MEMORY_MIB_MAX, Goal::AtMost(1.0));
    Ok(())
}
