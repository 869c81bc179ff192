//! Chains of one link beside one another, for people: each in full, then whether they end alike and where they part.

use hopline_domain::{
    chain::Chain,
    compare::{Comparison, Destination, Parting},
};

use super::{
    chain,
    style::{BAD, FAINT, GOOD, STRONG, UNUSUAL, paint},
};
use crate::output::harmless;

/// All chains under their names, and the comparison.
pub(crate) fn render<'a>(
    chains: impl Iterator<Item = (&'a str, &'a Chain)>,
    comparison: &Comparison,
    columns: Option<usize>,
) -> String {
    let blocks = chains
        .map(|(name, chain)| format!("{}\n{}", paint(STRONG, harmless(name)), chain::render(chain, columns)));
    blocks.chain([verdict(comparison)]).collect::<Vec<_>>().join("\n\n")
}

fn verdict(comparison: &Comparison) -> String {
    let (mark, style, phrase) = match comparison.destination {
        Destination::Same => ("=", GOOD, "the same destination"),
        Destination::SameDomain => ("≈", UNUSUAL, "different pages of the same domain"),
        Destination::Different => ("≠", BAD, "different destinations"),
        Destination::Unknown => ("?", UNUSUAL, "not every profile reached a destination"),
    };
    let mut lines = vec![format!("{}   {}", paint(style.bold(), mark), paint(style, phrase))];
    match &comparison.parts_at {
        Some(parting) => lines.extend(ways(parting, comparison)),
        None => lines.push("    all went the same way".to_owned()),
    }
    for difference in &comparison.statuses {
        let labels = comparison.sides.iter().map(|side| harmless(&side.label));
        let statuses = difference
            .statuses
            .iter()
            .map(|status| status.map_or("---".to_owned(), |status| status.to_string()));
        let told: Vec<String> =
            labels.zip(statuses).map(|(label, status)| format!("{label} {status}")).collect();
        lines.push(format!("    hop {} answers {}", difference.hop + 1, told.join(", ")));
    }
    for difference in &comparison.click_ids {
        let (with, without) =
            (harmless(&difference.with.join(", ")), harmless(&difference.without.join(", ")));
        lines.push(format!("    {} reaches {with}, not {without}", difference.id));
    }
    lines.join("\n")
}

fn ways<'a>(parting: &'a Parting, comparison: &'a Comparison) -> impl Iterator<Item = String> + 'a {
    let widest = comparison.sides.iter().map(|side| side.label.chars().count()).max().unwrap_or(0);
    let head = format!("    they part at hop {}:", parting.hop + 1);
    let rows = comparison.sides.iter().zip(&parting.ways).map(move |(side, way)| {
        let label = paint(FAINT, format_args!("{:widest$}", harmless(&side.label)));
        match way {
            Some(way) => format!("      {label}  {} {}", chain::kind(way.kind).0, harmless(&way.url)),
            None => format!("      {label}  had ended before"),
        }
    });
    std::iter::once(head).chain(rows)
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;
    use hopline_domain::{compare::compare, outcome::Reason};

    use super::*;
    use crate::view::chain::samples;

    fn plain(left: &Chain, right: &Chain) -> String {
        let text = verdict(&compare(&[("desktop", left), ("mobile", right)]));
        strip_str(&text).to_string()
    }

    #[test]
    fn says_where_the_chains_part() {
        let mut other = samples::done();
        other.hops[0].status = Some(302);
        other.hops[2].url = "https://m.shop.example/app".to_owned();
        other.final_url = Some("https://m.shop.example/app".to_owned());
        insta::assert_snapshot!(plain(&samples::done(), &other), @r"
        ≈   different pages of the same domain
            they part at hop 3:
              desktop  ↻ meta refresh https://shop.example/offer
              mobile   ↻ meta refresh https://m.shop.example/app
            hop 1 answers desktop 301, mobile 302
        ");
    }

    #[test]
    fn equal_chains_and_broken_ones() {
        insta::assert_snapshot!(plain(&samples::done(), &samples::done()), @r"
        =   the same destination
            all went the same way
        ");
        insta::assert_snapshot!(plain(&samples::done(), &samples::failed(Reason::Dns)), @r"
        ?   not every profile reached a destination
            they part at hop 2:
              desktop  → redirect https://www.shop.example/landing?campaign=a-rather-long-one
              mobile   had ended before
            hop 1 answers desktop 301, mobile 404
        ");
    }

    #[test]
    fn chains_stand_under_their_names() {
        let chain = samples::done();
        let views = [("desktop", &chain), ("mobile", &chain)];
        let text = strip_str(&render(views.into_iter(), &compare(&views), None)).to_string();
        assert!(text.starts_with("desktop\n 1  start"), "{text}");
        assert!(text.contains("\n\nmobile\n 1  start"), "{text}");
    }
}
