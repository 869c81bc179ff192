//! The events one session has not looked at yet, bounded by number and by bytes: a page decides how long they are.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;

use super::message::Event;

/// One more ends the session's events.
const EVENTS_QUEUED_MAX: usize = 16_384;
/// So much more, of all events that wait, ends them too.
const EVENTS_QUEUED_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Where the events of a session are put.
#[derive(Debug)]
pub(super) struct Queue {
    sender: mpsc::Sender<Event>,
    queued_bytes: Arc<AtomicUsize>,
    is_read: fn(&str) -> bool,
}

/// The events of a session, oldest first.
#[derive(Debug)]
pub(crate) struct Events {
    receiver: mpsc::Receiver<Event>,
    queued_bytes: Arc<AtomicUsize>,
}

pub(super) fn queue(is_read: fn(&str) -> bool) -> (Queue, Events) {
    let (sender, receiver) = mpsc::channel(EVENTS_QUEUED_MAX);
    let queued_bytes = Arc::new(AtomicUsize::new(0));
    (Queue { sender, queued_bytes: Arc::clone(&queued_bytes), is_read }, Events { receiver, queued_bytes })
}

impl Queue {
    /// Whether there was room for it.
    pub(super) fn take(&self, mut event: Event) -> bool {
        if !(self.is_read)(&event.method) {
            event.params = Box::default();
        }
        let bytes = event.bytes();
        let queued = self.queued_bytes.fetch_add(bytes, Ordering::Relaxed);
        queued.saturating_add(bytes) <= EVENTS_QUEUED_BYTES_MAX && self.sender.try_send(event).is_ok()
    }
}

impl Events {
    /// The next one; `None` when the browser is gone or the session was cut off.
    pub(crate) async fn recv(&mut self) -> Option<Event> {
        let event = self.receiver.recv().await?;
        self.queued_bytes.fetch_sub(event.bytes(), Ordering::Relaxed);
        Some(event)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.receiver.is_empty()
    }

    /// Takes no more.
    pub(crate) fn close(&mut self) {
        self.receiver.close();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::to_raw_value;

    use super::*;

    fn event(method: &str, bytes: usize) -> Event {
        let params = to_raw_value(&"x".repeat(bytes)).unwrap();
        Event { place: 0, method: method.to_owned(), params }
    }

    #[tokio::test]
    async fn events_are_bounded_by_their_bytes_while_they_wait() {
        let (queue, mut events) = queue(|method| method == "A.read");
        let third = EVENTS_QUEUED_BYTES_MAX / 3;
        assert!(queue.take(event("A.read", third)) && queue.take(event("A.read", third)));
        events.recv().await.unwrap();
        assert!(queue.take(event("A.read", third)), "what was looked at waits no more");
        assert!(!queue.take(event("A.read", third)));
    }

    #[tokio::test]
    async fn of_what_nobody_reads_only_the_name_is_kept() {
        let (queue, mut events) = queue(|method| method == "A.read");
        let long = event("A.other", EVENTS_QUEUED_BYTES_MAX / 8);
        for _ in 0..12 {
            assert!(queue.take(Event { place: 0, method: long.method.clone(), params: long.params.clone() }));
        }
        let event = events.recv().await.unwrap();
        assert_eq!((event.method.as_str(), event.params.get()), ("A.other", "null"));
    }

    #[test]
    fn events_are_bounded_by_their_number() {
        let (queue, _events) = queue(|_| true);
        let taken = (0..=EVENTS_QUEUED_MAX).filter(|_| queue.take(event("A.a", 0))).count();
        assert_eq!(taken, EVENTS_QUEUED_MAX);
    }
}
