//! A document: its first line is its `Content-Type`, its second its `Content-Disposition`, the rest its body.
#![no_main]

use hopline_peel::fuzzing;
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|data: &[u8]| {
    let mut parts = data.splitn(3, |byte| *byte == b'\n');
    let (content_type, disposition) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let url = Url::parse("http://a.test/dir/page?q#f").expect("a URL");
    let refreshed = fuzzing::page(&url, &[content_type], disposition, parts.next().unwrap_or_default());
    // A destination is a URL that stays itself, and never a script.
    if let Some(target) = refreshed {
        assert_ne!(target.scheme(), "javascript");
        assert_eq!(Url::parse(target.as_str()).as_ref(), Ok(&target));
    }
});
