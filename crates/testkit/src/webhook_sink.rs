//! A webhook receiver that answers as told, path by path, and keeps every request it got.

mod recorder;

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_rustls::TlsAcceptor;

use crate::answer::Answer;
use crate::listening::Listening;
use crate::received_request::ReceivedRequest;
use crate::tls::{Identity, ServedCertificate};
use crate::wire::{self, Responder};
use recorder::Recorder;

#[derive(Debug)]
pub struct WebhookSink {
    listening: Listening,
    receiver: Arc<Receiver>,
    root_der: Option<Vec<u8>>,
}

impl WebhookSink {
    /// A receiver that speaks plain HTTP and answers 200 until told otherwise.
    pub async fn start() -> Self {
        Self::serve(None, None).await
    }

    /// A receiver that speaks TLS with a right certificate.
    pub async fn start_tls() -> Self {
        Self::start_tls_with(ServedCertificate::Valid).await
    }

    pub async fn start_tls_with(served: ServedCertificate) -> Self {
        let identity = Identity::make(served);
        Self::serve(Some(identity.acceptor), Some(identity.root_der)).await
    }

    async fn serve(acceptor: Option<TlsAcceptor>, root_der: Option<Vec<u8>>) -> Self {
        let receiver = Arc::new(Receiver::default());
        let serving = Arc::clone(&receiver);
        let listening = Listening::start(move |stream| {
            let (acceptor, receiver) = (acceptor.clone(), Arc::clone(&serving));
            async move { wire::serve_connection(stream, acceptor, &*receiver).await }
        });
        Self { listening: listening.await, receiver, root_der }
    }

    pub fn address(&self) -> SocketAddr {
        self.listening.address()
    }

    /// The URL of a path on this receiver, by address.
    pub fn url(&self, path: &str) -> String {
        let scheme = if self.root_der.is_some() { "https" } else { "http" };
        format!("{scheme}://{}{path}", self.address())
    }

    /// The root certificate to trust, DER, when this receiver speaks TLS.
    pub fn root_certificate_der(&self) -> Option<&[u8]> {
        self.root_der.as_deref()
    }

    /// What every request to `path` gets from now on.
    pub fn answer(&self, path: &str, answer: Answer) {
        self.answer_in_turn(path, [answer]);
    }

    /// What the next requests to `path` get, one each; the last answer stays.
    pub fn answer_in_turn(&self, path: &str, answers: impl IntoIterator<Item = Answer>) {
        let answers: VecDeque<Answer> = answers.into_iter().collect();
        self.receiver.answers().insert(path.to_owned(), answers);
    }

    /// Every request so far, in order of arrival.
    pub fn received(&self) -> Vec<Arc<ReceivedRequest>> {
        self.receiver.recorder.received()
    }

    /// Waits until `count` requests in all have arrived and returns every request so far; fails the test after a minute.
    pub async fn wait_for(&self, count: usize) -> Vec<Arc<ReceivedRequest>> {
        self.receiver.recorder.wait_for(count).await;
        self.received()
    }

    /// Requests that arrived at `path`.
    pub fn count(&self, path: &str) -> usize {
        self.receiver.recorder.count(path)
    }

    /// The most requests that ever waited for their answer's first byte at the same time.
    pub fn unanswered_max(&self) -> usize {
        self.receiver.unanswered().most
    }

    /// Closes the port and every connection.
    pub async fn stop(&self) {
        self.listening.stop().await;
    }
}

#[derive(Debug, Default)]
struct Receiver {
    answers: Mutex<HashMap<String, VecDeque<Answer>>>,
    recorder: Recorder,
    unanswered: Mutex<Unanswered>,
}

#[derive(Debug, Default)]
struct Unanswered {
    now: usize,
    most: usize,
}

impl Receiver {
    fn answers(&self) -> std::sync::MutexGuard<'_, HashMap<String, VecDeque<Answer>>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unanswered(&self) -> std::sync::MutexGuard<'_, Unanswered> {
        self.unanswered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_answer(&self, path: &str) -> Answer {
        let mut answers = self.answers();
        let Some(waiting) = answers.get_mut(path) else { return Answer::status(200) };
        let next = if waiting.len() > 1 { waiting.pop_front() } else { waiting.front().cloned() };
        next.unwrap_or_else(|| Answer::status(200))
    }
}

impl Responder for Receiver {
    fn answer(&self, request: ReceivedRequest) -> Answer {
        let answer = self.next_answer(request.path());
        let mut unanswered = self.unanswered();
        unanswered.now += 1;
        unanswered.most = unanswered.most.max(unanswered.now);
        drop(unanswered);
        self.recorder.record(request);
        answer
    }

    fn answering(&self) {
        self.unanswered().now -= 1;
    }
}
