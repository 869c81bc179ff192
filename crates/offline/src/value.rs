//! Where in a link a rule finds its value.

use url::Url;

use crate::{
    file::{Place, RuleFile},
    path::PathPattern,
    query,
};

/// The part of a rule that finds values.
#[derive(Debug)]
pub(crate) struct Values {
    paths: Vec<PathPattern>,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Query(Vec<String>),
    Place(Place),
}

impl Values {
    /// Reads `paths`, `query` and `from` of a rule; the error says what is wrong with them.
    pub(crate) fn parse(rule: &RuleFile) -> Result<Self, String> {
        let paths: Vec<_> =
            rule.paths.iter().map(|path| PathPattern::parse(path)).collect::<Result<_, _>>()?;
        let names: Vec<String> = rule.query.iter().map(|name| name.to_ascii_lowercase()).collect();
        let source = match (names.is_empty(), rule.from) {
            (false, None) => Source::Query(names),
            (true, Some(place)) => Source::Place(place),
            _ => return Err("give either `query` or `from`".to_owned()),
        };
        let takes = matches!(source, Source::Place(Place::Path | Place::PathToEnd));
        if paths.iter().any(|path| path.takes() != takes) || (takes && paths.is_empty()) {
            return Err(
                "braces in `paths` belong to `from = \"path\"` and `\"path_to_end\"`, in each".to_owned()
            );
        }
        Ok(Self { paths, source })
    }

    /// The values of `link`, best first.
    pub(crate) fn of(&self, link: &Url) -> Vec<String> {
        match &self.source {
            Source::Place(Place::Path) => self.taken(link.path()),
            Source::Place(Place::PathToEnd) => self.taken(&link[url::Position::BeforePath..]),
            _ if !self.paths.is_empty() && !self.paths.iter().any(|path| path.matches(link.path())) => vec![],
            Source::Query(names) => query::values(link, names).collect(),
            Source::Place(place) => beyond_path(*place, link).into_iter().collect(),
        }
    }

    /// Whether a parameter of the rule is given twice with different values.
    pub(crate) fn contradicts_itself(&self, link: &Url) -> bool {
        matches!(&self.source, Source::Query(names) if query::contradicts_itself(link, names))
    }

    /// The part of the path that is the wrapper's own, and not the destination's.
    pub(crate) fn own_path<'a>(&self, link: &'a Url) -> &'a str {
        let path = link.path();
        let starts = self.paths.iter().filter_map(|pattern| pattern.start(path));
        match self.source {
            Source::Place(Place::Path | Place::PathToEnd) => &path[..starts.min().unwrap_or_default()],
            Source::Place(Place::Link) => "",
            _ => path,
        }
    }

    fn taken(&self, text: &str) -> Vec<String> {
        self.paths.iter().filter_map(|path| path.take(text)).collect()
    }
}

fn beyond_path(place: Place, link: &Url) -> Option<String> {
    match place {
        Place::QueryToEnd => Some(link[url::Position::BeforeQuery..].to_owned()),
        Place::Fragment => link.fragment().map(str::to_owned),
        Place::Link => Some(link.as_str().to_owned()),
        Place::Path | Place::PathToEnd => None,
    }
    .filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(rule: &str, link: &str) -> Vec<String> {
        let rule: RuleFile = toml::from_str(&format!("id='x'\n{rule}")).unwrap();
        Values::parse(&rule).unwrap().of(&Url::parse(link).unwrap())
    }

    #[test]
    fn finds_values_in_every_place() {
        let link = "https://a.com/go/b%2Fc/d?u=1%202&V=3#f";
        for (rule, expected) in [
            ("query=['v','u']", vec!["3", "1 2"]),
            ("query=['v']\npaths=['/go/**']", vec!["3"]),
            ("query=['v']\npaths=['/stay/**']", vec![]),
            ("from='path'\npaths=['/go/{*}/**']", vec!["b%2Fc"]),
            ("from='path'\npaths=['/stay/{*}','/go/{**}']", vec!["b%2Fc/d"]),
            ("from='path_to_end'\npaths=['/go/{**}']", vec!["b%2Fc/d?u=1%202&V=3#f"]),
            ("from='query_to_end'", vec!["u=1%202&V=3#f"]),
            ("from='fragment'", vec!["f"]),
            ("from='link'", vec![link]),
        ] {
            assert_eq!(values(rule, link), expected, "{rule}");
        }
        assert_eq!(values("from='query_to_end'", "https://a.com/"), [""; 0]);
        assert_eq!(values("from='fragment'", "https://a.com/"), [""; 0]);
    }

    #[test]
    fn the_destinations_path_is_not_the_links_own() {
        let rule: RuleFile = toml::from_str("id='x'\nfrom='path'\npaths=['/go/{*}/**']").unwrap();
        let values = Values::parse(&rule).unwrap();
        assert_eq!(values.own_path(&Url::parse("https://a.com/go/login/x").unwrap()), "/go/");
    }
}
