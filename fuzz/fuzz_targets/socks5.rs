//! What a SOCKS5 proxy replies.
#![no_main]

use hopline_outbound::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    // The shortest replies that connect: a method, and an address of four bytes.
    let connects = runtime.block_on(fuzzing::socks5_connects(data));
    assert!(!connects || data.len() >= 2 + 4 + 2 + 1);
});
