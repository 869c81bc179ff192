//! A chain document as a HAR archive.
#![no_main]

use hopline_domain::{chain::Chain, har};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(chain) = serde_json::from_slice::<Chain>(data) else { return };
    let archive = har::archive(&[&chain], "0.0.0");
    let entries = archive["log"]["entries"].as_array().expect("an archive has entries");
    assert_eq!(entries.len(), chain.hops.len());
    assert!(
        entries
            .iter()
            .all(|entry| entry["startedDateTime"].is_string() && entry["request"]["url"].is_string())
    );
});
