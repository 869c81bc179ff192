//! The names of a test's world: no test ever asks a real name server.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};

use hopline_outbound::{NameError, NameResolver};

/// Names of the farm and of receivers.
const HERE: [&str; 7] = ["a.test", "b.test", "c.test", "bit.ly", "adf.ly", "localhost", "receiver.example"];
const INSIDE: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

/// The answers to the next lookups of a name; the last one stays.
type Answers = Arc<Mutex<VecDeque<Vec<IpAddr>>>>;

#[derive(Clone, Debug)]
pub(super) struct TestNames(HashMap<String, Answers>);

impl Default for TestNames {
    /// Names of this machine, a name inside a private net, and one that is half inside.
    fn default() -> Self {
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let mut names = Self(HashMap::new());
        for name in HERE {
            names.insert(name, [vec![here]]);
        }
        names.insert("inside.test", [vec![INSIDE.into()]]);
        names.insert("mixed.test", [vec![here, INSIDE.into()]]);
        names
    }
}

impl TestNames {
    pub(super) fn insert(&mut self, host: &str, answers: impl IntoIterator<Item = Vec<IpAddr>>) {
        self.0.insert(host.to_owned(), Arc::new(Mutex::new(answers.into_iter().collect())));
    }
}

#[async_trait::async_trait]
impl NameResolver for TestNames {
    async fn lookup(&self, host: &str) -> Result<Vec<IpAddr>, NameError> {
        let answers = self.0.get(host.trim_end_matches('.')).ok_or(NameError::NoSuchName)?;
        let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
        let next = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        next.ok_or(NameError::NoAddress)
    }
}
