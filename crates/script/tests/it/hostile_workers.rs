//! Workers that do not keep the protocol, as one does that a page has taken over: each is one clear error, soon.

use std::time::Duration;

use hopline_script::{ScriptCommand, ScriptEngine, ScriptError, ScriptLimits, WorkerEnd};

use crate::neighbours::{Bench, Web, page};

/// Workers that say nothing are waited for this long.
const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(20);

async fn error_of(deed: &str, page_time_max: Duration) -> ScriptError {
    Bench::of(deed, page_time_max).run("").await.unwrap_err()
}

#[tokio::test]
async fn a_program_that_is_not_there_is_unavailable() {
    let command = ScriptCommand { program: "/nowhere/hopline".into(), arguments: Vec::new() };
    let engine = ScriptEngine::new(command, ScriptLimits::default());
    let error = engine.run(page(""), &mut Web::default()).await.unwrap_err();
    assert!(matches!(error, ScriptError::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains("/nowhere/hopline"));
}

#[tokio::test]
async fn a_worker_that_is_never_ready_is_told_apart_from_a_page() {
    for (deed, expected) in [
        ("ends", WorkerEnd::Silent),
        ("unknown", WorkerEnd::Code(1)),
        ("aborts", WorkerEnd::Aborted),
        ("garbage", WorkerEnd::Babbling),
        ("no-json", WorkerEnd::Babbling),
        ("huge-length", WorkerEnd::Babbling),
        ("mid-frame", WorkerEnd::Silent),
    ] {
        let error = error_of(deed, LONG).await;
        assert!(matches!(error, ScriptError::NotReady { end } if end == expected), "{deed}: {error}");
    }
}

#[tokio::test]
async fn a_worker_that_lies_is_a_breach_of_protocol() {
    for deed in ["ready-then-huge-length", "ready-twice", "ready-then-flood"] {
        let error = error_of(deed, LONG).await;
        assert!(matches!(error, ScriptError::Protocol { .. }), "{deed}: {error}");
    }
}

#[tokio::test]
async fn a_worker_that_hangs_is_out_of_time() {
    for deed in ["ready-then-silent", "ready-then-mid-frame"] {
        let error = error_of(deed, SHORT).await;
        assert!(matches!(error, ScriptError::TimedOut { .. }), "{deed}: {error}");
    }
}

#[tokio::test]
async fn a_worker_that_ends_without_a_report_is_an_error() {
    let error = error_of("ready-then-ends", LONG).await;
    assert!(matches!(error, ScriptError::Killed { end: WorkerEnd::Silent }), "{error}");
}

#[tokio::test]
async fn a_worker_gets_no_more_fetches_than_its_page_has() {
    let (bench, mut web) = (Bench::of("ready-then-fetches", SHORT), Web::default());
    let error = bench.engine.run(page(""), &mut web).await.unwrap_err();
    assert!(matches!(error, ScriptError::TimedOut { .. }), "{error}");
    assert_eq!(web.asked.len(), 8);
}

#[tokio::test]
async fn a_page_beyond_the_bound_of_a_frame_is_not_sent() {
    let error = Bench::new().run(&"\u{1}".repeat(5 * 1024 * 1024)).await.unwrap_err();
    assert!(matches!(error, ScriptError::TooLarge), "{error}");
}
