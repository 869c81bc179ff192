//! A link through the built-in offline rules.
#![no_main]

use hopline_offline::{LAYERS_MAX, Rules};
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|text: &str| {
    let Ok(link) = Url::parse(text) else { return };
    let steps = Rules::builtin().peel(&link);
    assert!(steps.len() <= LAYERS_MAX);
    for step in &steps {
        assert!(matches!(step.url.scheme(), "http" | "https"), "{}", step.url);
        assert_eq!(Url::parse(step.url.as_str()).as_ref(), Ok(&step.url));
    }
});
