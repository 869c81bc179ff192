//! A refresh instruction, from a header or a meta.
#![no_main]

use hopline_peel::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Some((_, Some(target))) = fuzzing::refresh(text) {
        // The target is a part of what was written, and said plainly it is read as itself.
        assert!(text.contains(&target));
        let plainly = format!("0;url='{target}'");
        if !target.contains('\'') {
            assert_eq!(fuzzing::refresh(&plainly), Some((0, Some(target))));
        }
    }
});
