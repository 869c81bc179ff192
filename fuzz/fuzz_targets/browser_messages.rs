//! What comes out of the browser's pipe.
#![no_main]

use hopline_browser::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    assert!(runtime.block_on(fuzzing::message_bytes(data)) <= data.len());
});
