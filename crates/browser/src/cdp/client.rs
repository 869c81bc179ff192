//! Sends commands, matches their answers, and hands each session its events.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::events::{self, Events};
use super::frames;
use super::message::{Event, Message};

/// Commands on their way out; the browser reads them at once or hangs.
const COMMANDS_QUEUED_MAX: usize = 1_024;
/// An answer that takes longer will not come.
const ANSWER_MS_MAX: u64 = 10_000;

#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum CdpError {
    #[error("speak to the browser: it is gone")]
    Gone,
    #[error("speak to the browser: {method} was not answered in time")]
    NoAnswer { method: &'static str },
    #[error("speak to the browser: it refused {method}: {detail}")]
    Refused { method: &'static str, detail: String },
}

/// The result and its place among all messages, or what was refused.
type Answer = Result<(u64, Box<RawValue>), String>;

/// What becomes of an answer that comes when nobody waits for it any more.
pub(crate) type Late = fn(&Cdp, &RawValue);

/// Somebody waits for an answer.
#[derive(Debug)]
struct Waiting {
    sender: oneshot::Sender<Answer>,
    late: Option<Late>,
}

/// One browser process on the other end of two pipes. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Cdp {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    outgoing: mpsc::Sender<Vec<u8>>,
    next_id: AtomicU64,
    waiting: Mutex<HashMap<u64, Waiting>>,
    sessions: Mutex<HashMap<String, events::Queue>>,
    gone: CancellationToken,
}

impl Cdp {
    /// Speaks over a pair of pipes, in tasks that end when one of them closes.
    pub(crate) fn start<R, W>(reader: R, writer: W, tasks: &TaskTracker) -> Self
    where
        R: AsyncRead + Unpin + Send + 'static,
        W: AsyncWrite + Unpin + Send + 'static,
    {
        let (outgoing, commands) = mpsc::channel(COMMANDS_QUEUED_MAX);
        let shared = Arc::new(Shared {
            outgoing,
            next_id: AtomicU64::new(1),
            waiting: Mutex::default(),
            sessions: Mutex::default(),
            gone: CancellationToken::new(),
        });
        tasks.spawn(write(writer, commands, shared.gone.clone()));
        let cdp = Self { shared };
        tasks.spawn(read(reader, cdp.clone()));
        cdp
    }

    /// Sends a command and reads its answer.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        session: Option<&str>,
        method: &'static str,
        params: Value,
    ) -> Result<T, CdpError> {
        self.call_placed(session, method, params).await.map(|(_, result)| result)
    }

    /// As [`Self::call`], of the browser itself, with what becomes of the answer when the call was given up before it came.
    pub(crate) async fn call_or<T: DeserializeOwned>(
        &self,
        method: &'static str,
        params: Value,
        late: Late,
    ) -> Result<T, CdpError> {
        let pending = self.ask((None, method), &params, Some(late))?;
        pending.answer(method).await.map(|(_, result)| result)
    }

    /// As [`Self::call`], with the answer's place among all messages: events of a lower place happened before.
    pub(crate) async fn call_placed<T: DeserializeOwned>(
        &self,
        session: Option<&str>,
        method: &'static str,
        params: Value,
    ) -> Result<(u64, T), CdpError> {
        self.ask((session, method), &params, None)?.answer(method).await
    }

    /// Sends a command whose answer nobody waits for.
    pub(crate) fn post(&self, session: Option<&str>, method: &'static str, params: &Value) {
        self.send(self.id(), session, method, params).ok();
    }

    /// The events of a session from now on. Of those that `is_read` does not know, only that they came is kept.
    pub(crate) fn events(&self, session: &str, is_read: fn(&str) -> bool) -> Events {
        let (queue, events) = events::queue(is_read);
        locked(&self.shared.sessions).insert(session.to_owned(), queue);
        events
    }

    pub(crate) fn forget(&self, session: &str) {
        locked(&self.shared.sessions).remove(session);
    }

    /// Cancelled when the browser has closed its end.
    pub(crate) fn gone(&self) -> &CancellationToken {
        &self.shared.gone
    }

    fn ask(
        &self,
        (session, method): (Option<&str>, &'static str),
        params: &Value,
        late: Option<Late>,
    ) -> Result<Pending, CdpError> {
        let (id, (sender, receiver)) = (self.id(), oneshot::channel());
        locked(&self.shared.waiting).insert(id, Waiting { sender, late });
        let pending = Pending { cdp: self.clone(), id, receiver, late };
        if self.send(id, session, method, params).is_err() || self.shared.gone.is_cancelled() {
            locked(&self.shared.waiting).remove(&id);
            return Err(CdpError::Gone);
        }
        Ok(pending)
    }

    fn id(&self) -> u64 {
        self.shared.next_id.fetch_add(1, Ordering::Relaxed)
    }

    fn send(&self, id: u64, session: Option<&str>, method: &str, params: &Value) -> Result<(), CdpError> {
        let mut message = json!({"id": id, "method": method, "params": params});
        if let Some(session) = session {
            message["sessionId"] = Value::from(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        // A queue that is full belongs to a browser that reads no more.
        self.shared.outgoing.try_send(bytes).map_err(|_| {
            self.shared.gone.cancel();
            CdpError::Gone
        })
    }
}

/// A command that was sent. Dropped before its answer came, it leaves nothing behind.
#[derive(Debug)]
struct Pending {
    cdp: Cdp,
    id: u64,
    receiver: oneshot::Receiver<Answer>,
    late: Option<Late>,
}

impl Pending {
    async fn answer<T: DeserializeOwned>(mut self, method: &'static str) -> Result<(u64, T), CdpError> {
        let waited = timeout(Duration::from_millis(ANSWER_MS_MAX), &mut self.receiver).await;
        let answered = waited.map_err(|_| CdpError::NoAnswer { method })?.map_err(|_| CdpError::Gone)?;
        let (place, result) = answered.map_err(|detail| CdpError::Refused { method, detail })?;
        let read = serde_json::from_str(result.get()).map(|result| (place, result));
        read.map_err(|error| CdpError::Refused { method, detail: error.to_string() })
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let Some(late) = self.late else {
            locked(&self.cdp.shared.waiting).remove(&self.id);
            return;
        };
        self.receiver.close();
        // It came, and nobody looked.
        if let Ok(Ok((_, result))) = self.receiver.try_recv() {
            late(&self.cdp, &result);
        }
    }
}

async fn write<W: AsyncWrite + Unpin>(
    mut writer: W,
    mut commands: mpsc::Receiver<Vec<u8>>,
    gone: CancellationToken,
) {
    while let Some(Some(command)) = gone.run_until_cancelled(commands.recv()).await {
        if writer.write_all(&command).await.is_err() {
            gone.cancel();
        }
    }
}

async fn read<R: AsyncRead + Unpin>(reader: R, cdp: Cdp) {
    let mut reader = BufReader::new(reader);
    let gone = cdp.shared.gone.clone();
    let mut place = 0;
    while let Some(Ok(Some(bytes))) = gone.run_until_cancelled(frames::next(&mut reader)).await {
        if let Ok(message) = serde_json::from_slice::<Message>(&bytes) {
            place += 1;
            cdp.take(place, message);
        }
    }
    gone.cancel();
    locked(&cdp.shared.waiting).clear();
    locked(&cdp.shared.sessions).clear();
}

impl Cdp {
    fn take(&self, place: u64, message: Message) {
        let result = message.result.unwrap_or_default();
        match (message.id, message.method, message.session_id) {
            (Some(id), _, _) => {
                let answer = message.error.map_or(Ok((place, result)), |refusal| Err(refusal.message));
                self.answered(id, answer);
            }
            (None, Some(method), Some(session)) => {
                let event = Event { place, method, params: message.params.unwrap_or_default() };
                let mut sessions = locked(&self.shared.sessions);
                if sessions.get(&session).is_some_and(|queue| !queue.take(event)) {
                    // Its reader sees the end of its events: it left, or its page floods it.
                    sessions.remove(&session);
                }
            }
            _ => {}
        }
    }

    fn answered(&self, id: u64, answer: Answer) {
        let Some(waiting) = locked(&self.shared.waiting).remove(&id) else { return };
        let unread = waiting.sender.send(answer);
        if let (Err(Ok((_, result))), Some(late)) = (unread, waiting.late) {
            late(self, &result);
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt, DuplexStream, split};

    use super::*;

    /// A client, and the browser's end of its pipes.
    fn pair() -> (Cdp, BufReader<tokio::io::ReadHalf<DuplexStream>>, tokio::io::WriteHalf<DuplexStream>) {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let (reader, writer) = split(ours);
        let cdp = Cdp::start(reader, writer, &TaskTracker::new());
        let (reader, writer) = split(theirs);
        (cdp, BufReader::new(reader), writer)
    }

    async fn command<R: AsyncBufReadExt + Unpin>(reader: &mut R) -> Value {
        serde_json::from_slice(&frames::next(reader).await.unwrap().unwrap()).unwrap()
    }

    #[tokio::test]
    async fn answers_find_their_commands_in_any_order() {
        let (cdp, mut reader, mut writer) = pair();
        let browser = async {
            let (first, second) = (command(&mut reader).await, command(&mut reader).await);
            assert_eq!((&first["method"], &first["sessionId"]), (&json!("A.a"), &json!("s1")));
            assert_eq!((&second["method"], second.get("sessionId")), (&json!("B.b"), None));
            for (of, value) in [(second, 2), (first, 1)] {
                let answer = json!({"id": of["id"], "result": {"value": value}});
                writer.write_all(format!("{answer}\0").as_bytes()).await.unwrap();
            }
        };
        let a = cdp.call::<Value>(Some("s1"), "A.a", json!({}));
        let b = cdp.call::<Value>(None, "B.b", json!({}));
        let (a, b, ()) = tokio::join!(a, b, browser);
        assert_eq!((a.unwrap(), b.unwrap()), (json!({"value": 1}), json!({"value": 2})));
    }

    #[tokio::test]
    async fn events_go_to_their_session_and_refusals_say_why() {
        let (cdp, mut reader, mut writer) = pair();
        let mut events = cdp.events("s1", |_| true);
        let browser = async {
            let id = command(&mut reader).await["id"].clone();
            for message in [
                json!({"method": "X.other", "sessionId": "s2", "params": {}}),
                json!({"method": "X.mine", "sessionId": "s1", "params": {"a": 1}}),
                json!({"id": id, "error": {"code": -32_000, "message": "no such thing"}}),
            ] {
                writer.write_all(format!("{message}\0").as_bytes()).await.unwrap();
            }
            writer.write_all(b"not json\0").await.unwrap();
        };
        let (refused, ()) = tokio::join!(cdp.call::<Value>(None, "A.a", json!({})), browser);
        assert!(refused.unwrap_err().to_string().ends_with("A.a: no such thing"));
        let event = events.recv().await.unwrap();
        assert_eq!((event.method.as_str(), event.params.get()), ("X.mine", "{\"a\":1}"));
    }

    #[tokio::test]
    async fn a_browser_that_leaves_ends_every_wait() {
        let (cdp, reader, writer) = pair();
        let mut events = cdp.events("s1", |_| true);
        let leave = async {
            drop((reader, writer));
        };
        let (answer, ()) = tokio::join!(cdp.call::<Value>(None, "A.a", json!({})), leave);
        assert!(matches!(answer, Err(CdpError::Gone)));
        assert!(events.recv().await.is_none());
        assert!(matches!(cdp.call::<Value>(None, "A.a", json!({})).await, Err(CdpError::Gone)));
    }

    #[tokio::test]
    async fn a_session_that_is_flooded_is_cut_and_the_others_are_not() {
        let (cdp, _reader, mut writer) = pair();
        let (mut flooded, mut calm) = (cdp.events("s1", |_| true), cdp.events("s2", |_| true));
        let event = |session, text: &str| {
            format!("{}\0", json!({"method": "X.x", "sessionId": session, "params": {"a": text}}))
        };
        let long = "x".repeat(1 << 20);
        for _ in 0..40 {
            writer.write_all(event("s1", &long).as_bytes()).await.unwrap();
        }
        writer.write_all(event("s2", "").as_bytes()).await.unwrap();
        assert_eq!(calm.recv().await.unwrap().method, "X.x");
        let mut seen = 0;
        while flooded.recv().await.is_some() {
            seen += 1;
        }
        assert_eq!(seen, 31, "as many as fit into 32 MiB with what is around them");
        assert!(!cdp.gone().is_cancelled(), "the browser is still there");
    }

    #[tokio::test]
    async fn nothing_stays_of_a_call_that_was_given_up() {
        let (cdp, mut reader, mut writer) = pair();
        let given_up = timeout(Duration::ZERO, cdp.call::<Value>(None, "A.a", json!({}))).await;
        assert!(given_up.is_err());
        assert!(locked(&cdp.shared.waiting).is_empty());
        command(&mut reader).await;

        let dispose: Late = |cdp, result| {
            cdp.post(None, "B.dispose", &serde_json::from_str(result.get()).unwrap_or_default());
        };
        let given_up = timeout(Duration::ZERO, cdp.call_or::<Value>("B.create", json!({}), dispose)).await;
        assert!(given_up.is_err());
        let id = command(&mut reader).await["id"].clone();
        let answer = json!({"id": id, "result": {"made": "c1"}});
        writer.write_all(format!("{answer}\0").as_bytes()).await.unwrap();
        let disposed = command(&mut reader).await;
        assert_eq!((&disposed["method"], &disposed["params"]), (&json!("B.dispose"), &json!({"made": "c1"})));
        assert!(locked(&cdp.shared.waiting).is_empty());
    }
}
