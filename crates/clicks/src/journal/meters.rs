//! What the journal counts: every metric by name, said once.

use metrics::{counter, describe_counter, describe_gauge, gauge};

const WRITTEN: &str = "hopline_clicks_written_total";
const LOST: &str = "hopline_clicks_lost_total";
const SYNC_FAILURES: &str = "hopline_click_journal_sync_failures_total";
const CUT_BYTES: &str = "hopline_click_journal_cut_bytes_total";
const DAMAGED: &str = "hopline_click_journal_damaged_records_total";
const END: &str = "hopline_click_journal_end_bytes";

/// Tells the recorder what each metric means, and shows zeros before the first failure.
pub(super) fn describe() {
    describe_counter!(WRITTEN, "Clicks written to the journal");
    describe_counter!(LOST, "Clicks that could not be written to the journal");
    describe_counter!(SYNC_FAILURES, "Times the disk did not take the journal");
    describe_counter!(CUT_BYTES, "Bytes of the journal that could not be read and were cut or passed over");
    describe_counter!(DAMAGED, "Records of the journal that were damaged and passed over");
    describe_gauge!(END, "Bytes written to the journal since its beginning");
    for name in [WRITTEN, LOST, SYNC_FAILURES, CUT_BYTES, DAMAGED] {
        counter!(name).absolute(0);
    }
}

pub(super) fn written(clicks: usize, end: u64) {
    counter!(WRITTEN).increment(wide(clicks));
    #[expect(clippy::cast_precision_loss, reason = "a gauge of more than 2⁵³ bytes may be off by one")]
    gauge!(END).set(end as f64);
}

pub(super) fn lost() {
    counter!(LOST).increment(1);
}

pub(super) fn sync_failed() {
    counter!(SYNC_FAILURES).increment(1);
}

pub(super) fn cut(bytes: u64) {
    counter!(CUT_BYTES).increment(bytes);
}

pub(super) fn damaged(records: usize) {
    counter!(DAMAGED).increment(wide(records));
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
