//! How a journal is kept.

use std::path::PathBuf;

/// A segment is closed at this size.
const SEGMENT_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// A segment is closed at this age, so that folded clicks do not stay in it.
const SEGMENT_AGE_MS_MAX: i64 = 3_600_000;
const SYNC_MS_DEFAULT: u64 = 1_000;

/// What a redirect gets when its click can't be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// Its answer; the click is counted as lost.
    #[default]
    Answer,
    /// 503.
    Refuse,
}

#[derive(Clone, Debug)]
pub struct JournalSettings {
    /// Holds nothing but segments; made when it is not there.
    pub folder: PathBuf,
    /// A written click is on the disk at most this much later; 0 = before its redirect is answered.
    pub sync_ms: u64,
    pub on_failure: OnFailure,
    pub segment_bytes_max: u64,
    pub segment_age_ms_max: i64,
}

impl JournalSettings {
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            sync_ms: SYNC_MS_DEFAULT,
            on_failure: OnFailure::default(),
            segment_bytes_max: SEGMENT_BYTES_MAX,
            segment_age_ms_max: SEGMENT_AGE_MS_MAX,
        }
    }
}
