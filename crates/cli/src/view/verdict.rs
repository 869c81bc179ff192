//! Verdicts for people: only those somebody should look at.

use hopline_domain::{
    chain::Offline,
    verdict::{Verdict, Verdicts},
};

use crate::output::harmless;

/// What is remarkable about a chain, one phrase each.
pub(crate) fn remarks(verdicts: &Verdicts) -> Vec<String> {
    let lost = verdicts.click_ids.value.iter().flatten().any(|id| !id.survived);
    let several = verdicts.networks.value.as_ref().is_some_and(|networks| networks.several);
    let remarks = [
        remark("not as expected", verdicts.expected_domain.value == Some(false), &verdicts.expected_domain),
        remark("https is left", verdicts.https_downgrade.value == Some(true), &verdicts.https_downgrade),
        remark("click ids are lost", lost, &verdicts.click_ids),
        remark("several networks", several, &verdicts.networks),
        remark("slow", has_items(&verdicts.slow_hops), &verdicts.slow_hops),
        remark("drifted", has_items(&verdicts.drift), &verdicts.drift),
    ];
    remarks.into_iter().flatten().collect()
}

fn has_items<T>(verdict: &Verdict<Vec<T>>) -> bool {
    verdict.value.as_ref().is_some_and(|items| !items.is_empty())
}

fn remark<T>(phrase: &str, applies: bool, verdict: &Verdict<T>) -> Option<String> {
    let detail =
        verdict.detail.as_deref().map(|detail| format!(": {}", harmless(detail))).unwrap_or_default();
    applies.then(|| format!("{phrase}{detail}"))
}

/// What the link says by itself, and whether the network agrees.
pub(crate) fn decoded(offline: &Offline) -> String {
    let (rule, url) = (harmless(&offline.rule), harmless(&offline.url));
    match offline.agrees {
        Some(true) => format!("{rule} says the same"),
        Some(false) => format!("{rule} says another: {url}"),
        None => format!("by {rule}"),
    }
}

#[cfg(test)]
mod tests {
    use hopline_domain::verdict::{self, Expectations};

    use super::*;
    use crate::view::chain::samples;

    #[test]
    fn only_faults_are_remarked() {
        let mut chain = samples::done();
        let none = verdict::of(&chain, &Expectations::default());
        assert_eq!(remarks(&none), Vec::<String>::new());
        chain.hops[2].url = "http://shop.example/offer".to_owned();
        let expectations = Expectations { expected_domain: Some("other.example"), previous: None };
        let all = remarks(&verdict::of(&chain, &expectations));
        assert_eq!(all.len(), 2, "{all:?}");
        assert!(all[0].starts_with("not as expected: ") && all[1].starts_with("https is left: "), "{all:?}");
    }

    #[test]
    fn a_decoded_link_is_held_against_the_network() {
        let offline =
            |agrees| Offline { url: "https://a.example/".to_owned(), rule: "safelinks".to_owned(), agrees };
        assert_eq!(decoded(&offline(Some(true))), "safelinks says the same");
        assert_eq!(decoded(&offline(Some(false))), "safelinks says another: https://a.example/");
        assert_eq!(decoded(&offline(None)), "by safelinks");
    }
}
