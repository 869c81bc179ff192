//! What agents are, remembered by their `User-Agent`: few are new.

use std::sync::Arc;

use hopline_domain::click::{Agent, BotReason, cut};
use quick_cache::sync::Cache;

use super::{agent, bots};

/// Agents remembered at once.
const AGENTS_MAX: usize = 20_000;
/// No more of a `User-Agent` is read.
const USER_AGENT_BYTES_MAX: usize = 512;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) agent: Agent,
    pub(super) bot: Option<BotReason>,
}

#[derive(Debug)]
pub(super) struct Agents {
    known: Cache<String, Arc<Known>>,
}

impl Agents {
    pub(super) fn new() -> Self {
        Self { known: Cache::new(AGENTS_MAX) }
    }

    pub(super) fn of(&self, user_agent: Option<&str>) -> Arc<Known> {
        let text = user_agent.unwrap_or_default();
        let text = cut(text, USER_AGENT_BYTES_MAX);
        if let Some(known) = self.known.get(text) {
            return known;
        }
        let lower = text.trim().to_lowercase();
        let known = Arc::new(Known { agent: agent::read(&lower), bot: bots::reason(&lower) });
        self.known.insert(text.to_owned(), Arc::clone(&known));
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_are_remembered_and_no_more_than_fit() {
        let agents = Agents::new();
        let first = agents.of(Some("curl/8.0"));
        assert!(Arc::ptr_eq(&first, &agents.of(Some("curl/8.0"))));
        assert_eq!(agents.of(None).bot, Some(BotReason::NoAgent));
        for number in 0..AGENTS_MAX + 500 {
            agents.of(Some(&format!("agent {number}")));
        }
        assert!(agents.known.len() <= AGENTS_MAX);
        agents.of(Some(&"ä".repeat(4_000)));
    }
}
