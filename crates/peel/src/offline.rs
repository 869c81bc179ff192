//! What a link's own text says of its destination: beside a chain that the network told, or as the whole answer.

use hopline_domain::{
    chain::{Chain, ChainStatus, HopKind, Offline},
    outcome::Reason,
    provider::Catalogue,
};
use hopline_offline::{Rules, Step, StepKind};
use url::Url;

use crate::{answer::is_same_document, evidence, location::is_web, next_hop::NextHop};

/// What the submitted link embeds, and whether the finished `chain` came by there. A chain that ended early proves nothing
/// against it.
pub(crate) fn offline_answer(chain: &Chain) -> Option<Offline> {
    let link = Url::parse(&chain.url).ok()?;
    let Step { url, rule, .. } = Rules::builtin().peel(&link).pop()?;
    let is_it = |text: &str| Url::parse(text).is_ok_and(|other| is_same_document(&other, &url));
    let came_by =
        chain.hops.iter().skip(1).map(|hop| hop.url.as_str()).chain(chain.final_url.as_deref()).any(is_it);
    let is_known = came_by || chain.status == ChainStatus::Done;
    Some(Offline { url: url.into(), rule, agrees: is_known.then_some(came_by) })
}

/// Makes `chain` the answer of the link's text alone.
pub(crate) fn decode(chain: &mut Chain, catalogue: &Catalogue) {
    let Ok(link) = Url::parse(&chain.url) else { return refuse(chain) };
    let steps = Rules::builtin().peel(&link);
    if !is_web(&link) && steps.is_empty() {
        return refuse(chain);
    }
    let hops = steps.iter().map(|step| NextHop {
        rule: Some(step.rule.clone()),
        ..NextHop::get(step.url.clone(), kind_of(step.kind))
    });
    let hops = [NextHop::get(link.clone(), HopKind::Start)].into_iter().chain(hops).enumerate();
    let provider = |hop: &NextHop| catalogue.lookup(&hop.url).map(|provider| provider.id.as_str());
    chain.hops = hops.map(|(index, hop)| evidence::asked(index, &hop, provider(&hop))).collect();
    let last = steps.last();
    chain.offline =
        last.map(|step| Offline { url: step.url.to_string(), rule: step.rule.clone(), agrees: None });
    chain.final_url = Some(last.map_or(link, |step| step.url.clone()).into());
}

fn refuse(chain: &mut Chain) {
    chain.reason = Some(Reason::UnsupportedScheme);
    chain.status = Reason::UnsupportedScheme.status();
}

const fn kind_of(kind: StepKind) -> HopKind {
    match kind {
        StepKind::Wrapper => HopKind::Offline,
        StepKind::Amp => HopKind::Amp,
        StepKind::AppLink => HopKind::AppLink,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peeler::blank_for_tests;

    const WRAPPED: &str = "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttps%253A%252F%252Fb.example%252Fx%26sa%3DD&data=05&reserved=0";

    fn decoded(url: &str) -> Chain {
        let mut chain = blank_for_tests(url);
        decode(&mut chain, Catalogue::builtin());
        chain
    }

    #[test]
    fn every_layer_is_a_hop_with_its_rule() {
        let chain = decoded(WRAPPED);
        assert_eq!(chain.final_url.as_deref(), Some("https://b.example/x"));
        let kinds: Vec<_> = chain.hops.iter().map(|hop| hop.kind).collect();
        assert_eq!(kinds, [HopKind::Start, HopKind::Offline, HopKind::Offline]);
        assert!(chain.hops[1].rule.is_some() && chain.hops[1].status.is_none());
        assert_eq!(chain.hops[1].provider.as_deref(), Some("google"));
        let offline = chain.offline.unwrap();
        assert_eq!((offline.url.as_str(), offline.agrees), ("https://b.example/x", None));
        assert_eq!(Some(offline.rule), chain.hops[2].rule);
    }

    #[test]
    fn a_link_that_wraps_nothing_is_its_own_answer_and_what_is_no_link_has_none() {
        let plain = decoded("https://b.example/x#f");
        assert_eq!(
            (plain.status, plain.final_url.as_deref()),
            (ChainStatus::Done, Some("https://b.example/x#f"))
        );
        assert_eq!((plain.hops.len(), plain.offline), (1, None));
        for text in ["no url", "mailto:a@b.example", "intent://x#Intent;end"] {
            let chain = decoded(text);
            assert_eq!((chain.reason, chain.final_url), (Some(Reason::UnsupportedScheme), None), "{text}");
            assert_eq!(chain.status, ChainStatus::Invalid);
        }
    }

    #[test]
    fn the_network_agrees_when_it_came_by() {
        let mut chain = blank_for_tests(WRAPPED);
        let agrees = |chain: &Chain| offline_answer(chain).unwrap().agrees;
        chain.final_url = Some("https://c.example/".to_owned());
        assert_eq!(agrees(&chain), Some(false));
        chain.status = ChainStatus::Failed;
        assert_eq!(agrees(&chain), None);
        let start = NextHop::get(Url::parse(WRAPPED).unwrap(), HopKind::Start);
        let passed = NextHop::get(Url::parse("https://b.example/x#here").unwrap(), HopKind::HttpRedirect);
        chain.hops = vec![evidence::asked(0, &start, None), evidence::asked(1, &passed, None)];
        assert_eq!(agrees(&chain), Some(true));
        assert_eq!(offline_answer(&blank_for_tests("https://b.example/")), None);
    }
}
