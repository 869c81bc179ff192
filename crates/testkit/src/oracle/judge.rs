//! Compares an answer to a case with Chromium's.

use hopline_domain::{
    chain::{Chain, ChainStatus},
    outcome::Reason,
};

use super::{
    case::Case,
    recording::{Ending, ExpectedHop},
};

/// Where a program says a link ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    At(String),
    Download(String),
    /// No destination: an error of any kind.
    Nowhere,
    /// Our own word for a first answer that is an error page: it is read, and no destination.
    ErrorPage,
}

/// How an answer differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FaultKind {
    /// Chromium went on; the answer stays at the page or names none.
    Missed,
    /// Chromium went on; the answer is another place.
    WrongDestination,
    /// Chromium stayed, or showed an error; the answer is another place.
    FalseDestination,
    /// The same end by other hops.
    OtherHops,
}

#[derive(Clone, Debug)]
pub struct Fault {
    pub kind: FaultKind,
    /// What was expected and what came.
    pub text: String,
}

impl Answer {
    pub fn of_chain(chain: &Chain) -> Self {
        match (&chain.final_url, chain.status, chain.reason) {
            (Some(url), ..) if chain.download => Self::Download(url.clone()),
            (Some(url), ..) => Self::At(url.clone()),
            (None, ChainStatus::Failed, Some(Reason::HttpStatus | Reason::LinkRemoved)) => Self::ErrorPage,
            (None, ..) => Self::Nowhere,
        }
    }
}

impl Case {
    /// What is wrong with where a program says the link ends, if anything.
    pub fn judge(&self, answer: &Answer) -> Option<Fault> {
        let ending = self.recording.ending();
        if self.agrees(&ending, answer) {
            return None;
        }
        let kind = self.fault_kind(&ending, answer);
        Some(Fault { kind, text: format!("expected {ending:?}, got {answer:?}") })
    }

    /// As [`judge`](Self::judge), and the hops must be the same too.
    pub fn judge_chain(&self, chain: &Chain) -> Option<Fault> {
        let with_reason = |mut fault: Fault| {
            fault.text.push_str(&chain.reason.map_or(String::new(), |reason| format!(" ({reason:?})")));
            fault
        };
        self.judge(&Answer::of_chain(chain)).map(with_reason).or_else(|| self.other_hops(chain))
    }

    fn agrees(&self, ending: &Ending, answer: &Answer) -> bool {
        match (ending, answer) {
            (Ending::Page { url, .. } | Ending::CutShort(url), Answer::At(answered))
            | (
                Ending::Page { download: Some(url), .. } | Ending::Download(url),
                Answer::Download(answered),
            ) => url == answered,
            // The contract calls a first answer of 400 or more a failure with its status; Chromium shows its page.
            (Ending::Page { url, .. }, Answer::ErrorPage) => {
                *url == self.url && self.recording.status().is_some_and(|status| status >= 400)
            }
            (Ending::Error | Ending::Download(_) | Ending::CutShort(_), Answer::Nowhere) => true,
            _ => false,
        }
    }

    fn fault_kind(&self, ending: &Ending, answer: &Answer) -> FaultKind {
        let (Answer::At(answered) | Answer::Download(answered)) = answer else { return FaultKind::Missed };
        match ending {
            Ending::Page { url, .. } if *url == self.url => FaultKind::FalseDestination,
            Ending::Page { .. } | Ending::Download(_) if *answered == self.url => FaultKind::Missed,
            Ending::Page { .. } | Ending::Download(_) => FaultKind::WrongDestination,
            Ending::Error | Ending::CutShort(_) => FaultKind::FalseDestination,
        }
    }

    fn other_hops(&self, chain: &Chain) -> Option<Fault> {
        if chain.status != ChainStatus::Done || chain.download {
            return None;
        }
        let expected = self.recording.hops();
        let got = chain.hops.iter().map(|hop| ExpectedHop { kind: hop.kind, method: hop.method.clone() });
        let got: Vec<ExpectedHop> = got.collect();
        let shown = |hops: &[ExpectedHop]| {
            hops.iter().map(|hop| format!("{} {:?}", hop.method, hop.kind)).collect::<Vec<_>>().join(", ")
        };
        (got != expected).then(|| Fault {
            kind: FaultKind::OtherHops,
            text: format!("expected {}; got {}", shown(&expected), shown(&got)),
        })
    }
}
