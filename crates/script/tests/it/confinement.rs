//! What a confined process can't do: each deed is tried for real, and ends the process.

use std::{
    os::unix::process::ExitStatusExt as _,
    process::{Command, Output, Stdio},
};

use crate::neighbours::WORKER;

fn confined(deed: &str) -> Output {
    let mut command = Command::new(WORKER);
    command.arg(format!("confined-{deed}")).env_clear().stdin(Stdio::null()).output().unwrap()
}

#[test]
fn computing_and_writing_to_standard_output_are_allowed() {
    let output = confined("computes");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stdout.len(), 1024 * 1024);
}

#[test]
fn a_panic_ends_the_process_as_a_panic() {
    assert_eq!(confined("panics").status.code(), Some(101));
}

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#[test]
fn every_forbidden_deed_ends_the_process() {
    for deed in [
        "opens",
        "lists",
        "reads-what-it-inherited",
        "writes-what-it-inherited",
        "listens",
        "connects",
        "starts",
        "forks-a-thread",
        "sleeps",
        "kills",
        "asks-its-parent",
        "raises-its-limit",
    ] {
        let status = confined(deed).status;
        assert_eq!(status.signal(), Some(libc::SIGSYS), "{deed}: {status}");
    }
}
