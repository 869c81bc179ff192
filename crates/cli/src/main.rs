//! The `hopline` binary; everything is in the library, where tests reach it.

use std::process::ExitCode;

/// Small, short-lived allocations from many threads are most of what a server allocates; libc's allocator took a tenth
/// of the CPU of an accept.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    hopline_cli::run()
}
