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

/// Texts at names: a test may set them while its server runs.
type Texts = Arc<Mutex<HashMap<String, Vec<String>>>>;

#[derive(Clone, Debug)]
pub(super) struct TestNames {
    addresses: HashMap<String, Answers>,
    texts: Texts,
}

impl Default for TestNames {
    /// Names of this machine, a name inside a private net, and one that is half inside.
    fn default() -> Self {
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let mut names = Self { addresses: HashMap::new(), texts: Texts::default() };
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
        self.addresses.insert(host.to_owned(), Arc::new(Mutex::new(answers.into_iter().collect())));
    }

    pub(super) fn set_texts(&self, name: &str, texts: &[&str]) {
        let texts = texts.iter().map(|&text| text.to_owned()).collect();
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), texts);
    }
}

#[async_trait::async_trait]
impl NameResolver for TestNames {
    async fn lookup(&self, host: &str) -> Result<Vec<IpAddr>, NameError> {
        let answers = self.addresses.get(host.trim_end_matches('.')).ok_or(NameError::NoSuchName)?;
        let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
        let next = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        next.ok_or(NameError::NoAddress)
    }

    async fn texts(&self, name: &str) -> Result<Vec<String>, NameError> {
        let texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(texts.get(name.trim_end_matches('.')).cloned().unwrap_or_default())
    }
}
