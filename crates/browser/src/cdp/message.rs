//! What comes through the pipe: answers to commands, and events.

use serde::Deserialize;
use serde_json::value::RawValue;

/// Something that happened in the browser; `params` is parsed by whoever understands the method.
#[derive(Debug)]
pub(crate) struct Event {
    /// Its place among all messages of the browser, answers included.
    pub(crate) place: u64,
    pub(crate) method: String,
    pub(crate) params: Box<RawValue>,
}

impl Event {
    /// What it takes while it waits.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.method.len() + self.params.get().len()
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message {
    pub(super) id: Option<u64>,
    pub(super) method: Option<String>,
    pub(super) session_id: Option<String>,
    pub(super) params: Option<Box<RawValue>>,
    pub(super) result: Option<Box<RawValue>>,
    pub(super) error: Option<Refusal>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Refusal {
    pub(super) message: String,
}
