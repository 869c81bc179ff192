//! A file of offline rules, and links through it.
#![no_main]

use hopline_offline::Rules;
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|text: &str| {
    let Ok(rules) = Rules::parse(text) else { return };
    for link in text.split(['"', '\'', '\n']).filter_map(|part| Url::parse(part).ok()) {
        rules.peel(&link);
    }
});
