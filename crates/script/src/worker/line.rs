//! The worker's end of the line, and the page's questions asked over it.

use std::{
    cell::RefCell,
    io::{Read, Write},
    process,
    rc::Rc,
    time::Duration,
};

use rustix::time::{ClockId, clock_gettime};

use crate::{
    page::PageCalls,
    protocol::{
        EXIT_LINE_BROKEN, FROM_WORKER_BYTES_MAX, FrameError, FromWorker, MESSAGES_BYTES_MAX, MESSAGES_MAX,
        TO_WORKER_BYTES_MAX, ToWorker, encode, read,
    },
    task::{FetchAnswer, FetchFailure, FetchRequest, PageTask},
};

/// A page that computes longer is stopped and reported as far as it came; the kernel's own, higher limit ends one that can't be stopped.
const PROCESSOR_TIME_MAX: Duration = Duration::from_secs(2);

/// What a page may say leaves room for its report.
const QUESTIONS_MAX: u32 = MESSAGES_MAX - 1;
const QUESTIONS_BYTES_MAX: usize = MESSAGES_BYTES_MAX - FROM_WORKER_BYTES_MAX;

pub(super) struct Line<R, W> {
    input: R,
    output: W,
    questions_left: u32,
    bytes_left: usize,
}

/// The page asks on it, and the worker reports on it afterwards.
pub(super) type SharedLine<R, W> = Rc<RefCell<Line<R, W>>>;

impl<R: Read, W: Write> Line<R, W> {
    pub(super) fn new(input: R, output: W) -> Self {
        Self { input, output, questions_left: QUESTIONS_MAX, bytes_left: QUESTIONS_BYTES_MAX }
    }

    /// The page to run; `None` when none will come.
    pub(super) fn page(&mut self) -> Result<Option<PageTask>, FrameError> {
        match read(&mut self.input, TO_WORKER_BYTES_MAX)? {
            Some(ToWorker::Page(task)) => Ok(Some(task)),
            None => Ok(None),
            Some(_) => Err(FrameError::Unexpected),
        }
    }

    /// What the worker says of itself.
    pub(super) fn say(&mut self, message: &FromWorker) -> Result<(), FrameError> {
        self.write(&encode(message, FROM_WORKER_BYTES_MAX)?)
    }

    /// What the page wants said, as long as it may.
    fn tell(&mut self, wish: &FromWorker) -> Result<(), FrameError> {
        let frame = encode(wish, FROM_WORKER_BYTES_MAX)?;
        let left = self.questions_left.checked_sub(1).zip(self.bytes_left.checked_sub(frame.len()));
        (self.questions_left, self.bytes_left) = left.ok_or(FrameError::Spent)?;
        self.write(&frame)
    }

    fn write(&mut self, frame: &[u8]) -> Result<(), FrameError> {
        self.output.write_all(frame)?;
        Ok(self.output.flush()?)
    }

    fn ask(&mut self, question: &FromWorker) -> Result<ToWorker, FrameError> {
        self.tell(question)?;
        read(&mut self.input, TO_WORKER_BYTES_MAX)?.ok_or(FrameError::Cut)
    }
}

/// Whoever started this process is gone or mad: nobody would read what the page comes to.
fn hang_up() -> ! {
    process::exit(i32::from(EXIT_LINE_BROKEN))
}

impl<R: Read, W: Write> PageCalls for SharedLine<R, W> {
    fn fetch(&mut self, request: FetchRequest) -> Result<FetchAnswer, FetchFailure> {
        match self.borrow_mut().ask(&FromWorker::Fetch(request)) {
            Ok(ToWorker::Fetched(answer)) => answer,
            // Nothing was sent.
            Err(FrameError::TooLong { .. } | FrameError::Spent) => Err(FetchFailure::Budget),
            _ => hang_up(),
        }
    }

    fn cookies(&mut self) -> String {
        match self.borrow_mut().ask(&FromWorker::Cookies) {
            Ok(ToWorker::Cookies(cookies)) => cookies,
            Err(FrameError::Spent) => String::new(),
            _ => hang_up(),
        }
    }

    fn set_cookie(&mut self, text: &str) {
        match self.borrow_mut().tell(&FromWorker::SetCookie(text.to_owned())) {
            // No browser keeps a cookie of that length either.
            Ok(()) | Err(FrameError::TooLong { .. } | FrameError::Spent) => {}
            Err(_) => hang_up(),
        }
    }

    fn expired(&self) -> bool {
        self.borrow().questions_left == 0 || processor_time() > PROCESSOR_TIME_MAX
    }
}

/// What this process has computed since it began; it waits for answers without counting.
pub(super) fn processor_time() -> Duration {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(spent).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(messages: &[ToWorker]) -> Vec<u8> {
        messages.iter().flat_map(|message| encode(message, TO_WORKER_BYTES_MAX).unwrap()).collect()
    }

    fn request(url: String) -> FetchRequest {
        FetchRequest {
            kind: crate::task::FetchKind::Script,
            url,
            method: "GET".to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            mode: crate::task::FetchMode::NoCors,
            credentials: crate::task::FetchCredentials::Include,
            client: crate::task::FetchClient::Page,
        }
    }

    #[test]
    fn questions_are_answered_in_turn() {
        let input =
            frames(&[ToWorker::Cookies("a=1".to_owned()), ToWorker::Fetched(Err(FetchFailure::Network))]);
        let mut output = Vec::new();
        let mut line = Rc::new(RefCell::new(Line::new(input.as_slice(), &mut output)));
        line.set_cookie("a=1");
        assert_eq!(line.cookies(), "a=1");
        assert_eq!(line.fetch(request("https://a.test/b.js".to_owned())), Err(FetchFailure::Network));
        drop(line);
        let mut said = output.as_slice();
        let mut next = || read::<FromWorker>(&mut said, FROM_WORKER_BYTES_MAX).unwrap();
        assert!(matches!(next(), Some(FromWorker::SetCookie(_))));
        assert!(matches!(next(), Some(FromWorker::Cookies)));
        assert!(matches!(next(), Some(FromWorker::Fetch(_))));
        assert!(next().is_none());
    }

    #[test]
    fn what_is_too_long_for_a_frame_is_not_sent() {
        let mut output = Vec::new();
        let mut line = Rc::new(RefCell::new(Line::new([].as_slice(), &mut output)));
        let long = "a".repeat(FROM_WORKER_BYTES_MAX);
        line.set_cookie(&long);
        assert_eq!(line.fetch(request(long)), Err(FetchFailure::Budget));
        drop(line);
        assert!(output.is_empty());
    }

    #[test]
    fn a_page_that_asks_without_end_is_stopped() {
        let mut output = Vec::new();
        let mut line = Rc::new(RefCell::new(Line::new([].as_slice(), &mut output)));
        assert!(!line.expired());
        for _ in 0..MESSAGES_MAX {
            line.set_cookie("a=1");
        }
        assert!(line.expired());
        assert_eq!(line.cookies(), "");
        line.borrow_mut().say(&FromWorker::Done(crate::task::PageReport::default())).unwrap();
        drop(line);
        let mut said = output.as_slice();
        let heard = std::iter::from_fn(|| read::<FromWorker>(&mut said, FROM_WORKER_BYTES_MAX).unwrap());
        assert_eq!(heard.count(), MESSAGES_MAX as usize);
    }

    #[test]
    fn anything_but_a_page_first_is_an_error() {
        let input = frames(&[ToWorker::Cookies(String::new())]);
        assert!(matches!(Line::new(input.as_slice(), Vec::new()).page(), Err(FrameError::Unexpected)));
        assert!(Line::new([].as_slice(), Vec::new()).page().unwrap().is_none());
    }
}
