//! The `Location` values of an answer, one a line; the first two bytes are its status.
#![no_main]

use hopline_peel::fuzzing;
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|data: &[u8]| {
    let Some((status, values)) = data.split_at_checked(2) else { return };
    let status = 300 + u16::from_be_bytes([status[0], status[1]]) % 100;
    let values: Vec<&[u8]> = values.split(|byte| *byte == b'\n').collect();
    let current = Url::parse("http://a.test/dir/page?q#kept").expect("a URL");
    if let Some(target) = fuzzing::location(status, &values, &current) {
        assert!(matches!(target.scheme(), "http" | "https"));
        assert!(target.has_host());
        assert_eq!(Url::parse(target.as_str()).as_ref(), Ok(&target));
    }
});
