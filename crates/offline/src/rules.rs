//! A whole table of rules: reads it, proves it by its own examples, and takes links apart with it.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use url::Url;

use crate::{
    error::RulesError,
    file::{Example, RuleFile, RulesFile},
    hosts::HostIndex,
    rule::Rule,
    step::Step,
    strict::Strict,
};

/// Links longer than this are not taken apart, in bytes.
pub const LINK_BYTES_MAX: usize = 16 * 1024;
/// Wrappers around wrappers are taken off this often.
pub const LAYERS_MAX: usize = 8;
/// A rules file has at most this many rules.
const RULES_MAX: usize = 2_000;

/// Rules, indexed by host.
#[derive(Debug)]
pub struct Rules {
    table: Vec<Rule>,
    hosts: HostIndex<usize>,
    schemes: HashMap<String, Vec<usize>>,
    strict: Strict,
}

impl Rules {
    /// The rules that come with the program.
    pub fn builtin() -> &'static Self {
        static BUILTIN: LazyLock<Rules> = LazyLock::new(|| {
            #[expect(clippy::expect_used, reason = "Invariant: the file is compiled in and a test parses it")]
            Rules::parse(include_str!("rules.toml")).expect("parse the built-in rules")
        });
        &BUILTIN
    }

    /// Reads a rules file (`docs/offline-rules.md`). Each example of each rule is decoded; a file with a rule that
    /// does not do what its example says, or has none, is refused.
    pub fn parse(text: &str) -> Result<Self, RulesError> {
        let file: RulesFile = toml::from_str(text)?;
        let strict = Strict::parse(file.never).map_err(|fault| RulesError::rule("[never]", fault))?;
        let mut rules = Self { table: vec![], hosts: HostIndex::new(), schemes: HashMap::new(), strict };
        let mut ids = HashSet::new();
        for rule in &file.rules {
            if !ids.insert(&rule.id) || ids.len() > RULES_MAX {
                return Err(RulesError::rule(
                    &rule.id,
                    format!("`id` is there twice, or beyond {RULES_MAX} rules"),
                ));
            }
            rules.add(rule).map_err(|fault| RulesError::rule(&rule.id, fault))?;
        }
        file.rules.iter().try_for_each(|rule| rules.prove(rule))?;
        Ok(rules)
    }

    /// Takes one layer off a link: the destination it carries in itself. None where no rule is certain.
    pub fn step(&self, link: &Url) -> Option<Step> {
        if link.as_str().len() > LINK_BYTES_MAX {
            return None;
        }
        self.candidates(link).into_iter().find_map(|at| self.table[at].step(link, &self.strict))
    }

    /// Takes off all layers, outermost first, at most [`LAYERS_MAX`]. Ends before a URL that was there already. The
    /// last step's URL is the answer; no step means that the link carries no destination.
    pub fn peel(&self, link: &Url) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        while steps.len() < LAYERS_MAX {
            let outer = steps.last().map_or(link, |step| &step.url);
            let Some(step) = self.step(outer) else { break };
            if step.url == *link || steps.iter().any(|earlier| earlier.url == step.url) {
                break;
            }
            steps.push(step);
        }
        steps
    }

    fn add(&mut self, file: &RuleFile) -> Result<(), String> {
        let at = self.table.len();
        self.table.push(Rule::parse(file)?);
        for pattern in &file.hosts {
            self.hosts.insert(pattern, at)?;
        }
        if let Some(scheme) = &file.scheme {
            self.schemes.entry(scheme.clone()).or_default().push(at);
        }
        Ok(())
    }

    fn candidates(&self, link: &Url) -> Vec<usize> {
        match link.scheme() {
            "http" | "https" => self.hosts.matching(link),
            scheme => self.schemes.get(scheme).cloned().unwrap_or_default(),
        }
    }

    fn prove(&self, rule: &RuleFile) -> Result<(), RulesError> {
        rule.examples.iter().try_for_each(|example| {
            let step = Url::parse(&example.from).ok().and_then(|link| self.step(&link));
            let is_proof = |step: &Step| step.rule == rule.id && step.url.as_str() == example.to;
            if step.as_ref().is_some_and(is_proof) { Ok(()) } else { Err(disproof(rule, example, step)) }
        })
    }
}

fn disproof(rule: &RuleFile, example: &Example, step: Option<Step>) -> RulesError {
    let got =
        step.map_or("nothing".to_owned(), |step| format!("{:?} by rule {:?}", step.url.as_str(), step.rule));
    RulesError::Example { rule: rule.id.clone(), from: example.from.clone(), to: example.to.clone(), got }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "id='x'\nhosts=['a.com']\nquery=['u']\n\
        examples=[{from='https://a.com/?u=https://b.com/',to='https://b.com/'}]\n";

    fn fault(rule: &str) -> String {
        let error = Rules::parse(&format!("[[rule]]\n{rule}")).expect_err(rule);
        let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        format!("{error} {source}")
    }

    #[test]
    fn tells_what_is_wrong_with_a_rule() {
        assert!(Rules::parse(&format!("[[rule]]\n{SOUND}")).is_ok());
        for (from, to, expected) in [
            ("id='x'", "id='X y'", "`id` is made of"),
            ("hosts=['a.com']", "", "either `hosts` or `scheme`"),
            ("hosts=['a.com']", "hosts=['a.com']\nscheme='intent'", "either `hosts` or `scheme`"),
            ("hosts=['a.com']", "hosts=['A.com']", "host pattern \"A.com\""),
            ("query=['u']", "", "either `query` or `from`"),
            ("query=['u']", "query=['u']\nfrom='path'", "either `query` or `from`"),
            ("query=['u']", "from='path'", "braces in `paths`"),
            ("query=['u']", "query=['u']\npaths=['/{*}']", "braces in `paths`"),
            ("query=['u']", "from='path'\npaths=['/{*}','/*']", "braces in `paths`"),
            ("query=['u']", "query=['u']\npaths=['x']", "does not begin with `/`"),
            ("query=['u']", "query=['u']\ndecode=['gzip']", "\"gzip\" is no decode step"),
            ("query=['u']", "query=['u']\nkind='other'", "unknown variant"),
            ("query=['u']", "query=['u']\nqueries=['u']", "unknown field"),
            ("query=['u']", "query=['v']", "gives nothing, not \"https://b.com/\""),
            ("to='https://b.com/'", "to='https://c.com/'", "gives \"https://b.com/\" by rule \"x\""),
            ("from='https://a.com/", "from='a.com/", "gives nothing"),
        ] {
            let fault = fault(&SOUND.replace(from, to));
            assert!(fault.contains(expected), "{to}: {fault}");
        }
        let examples = SOUND.find("examples").unwrap();
        assert!(fault(&SOUND[..examples]).contains("at least one example"));
        assert!(fault(&format!("{SOUND}[[rule]]\n{SOUND}")).contains("there twice"));
        let decode = format!("{SOUND}decode={:?}\n", ["percent"; 9]);
        assert!(fault(&decode).contains("more than 8 steps"));
    }

    #[test]
    fn an_example_must_be_of_its_own_rule() {
        let other = SOUND.replace("id='x'", "id='y'");
        assert!(fault(&format!("{SOUND}[[rule]]\n{other}")).contains("by rule \"x\""));
    }
}
