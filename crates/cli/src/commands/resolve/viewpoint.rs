//! From which points of view a link is looked at, and what came of each.

use anyhow::{Result, bail, ensure};
use hopline_domain::{chain::Chain, profile::Profile};

use super::input::Row;

/// Points of view of one comparison.
const VIEWPOINTS_MAX: usize = 8;

/// A profile with the name it is shown by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Viewpoint {
    pub(super) name: String,
    pub(super) profile: Profile,
}

/// What one link showed from one point of view.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) name: String,
    pub(super) chain: Chain,
    /// PNG.
    pub(super) screenshot: Option<Vec<u8>>,
}

/// What came of one link: a view for each point of view, in the order they were asked for.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub(super) row: Row,
    pub(super) views: Vec<View>,
}

/// Picks profiles by name; `known` are those there are.
pub(super) fn chosen(names: &[String], known: &[Viewpoint]) -> Result<Vec<Viewpoint>> {
    ensure!(names.len() <= VIEWPOINTS_MAX, "use --profiles: name at most {VIEWPOINTS_MAX}");
    let mut chosen: Vec<Viewpoint> = Vec::new();
    for name in names {
        let Some(viewpoint) = known.iter().find(|viewpoint| viewpoint.name == *name) else {
            let known: Vec<&str> = known.iter().map(|viewpoint| viewpoint.name.as_str()).collect();
            bail!("use --profiles: there is no profile {name:?}; there are {}", known.join(", "));
        };
        ensure!(!chosen.contains(viewpoint), "use --profiles: {name} is named twice");
        chosen.push(viewpoint.clone());
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<Viewpoint> {
        ["desktop", "mobile"]
            .map(|name| Viewpoint { name: name.to_owned(), profile: Profile::default() })
            .to_vec()
    }

    #[test]
    fn profiles_are_chosen_in_the_order_given() {
        let names = ["mobile".to_owned(), "desktop".to_owned()];
        let chosen = chosen(&names, &known()).unwrap();
        assert_eq!(chosen.iter().map(|viewpoint| &viewpoint.name).collect::<Vec<_>>(), ["mobile", "desktop"]);
    }

    #[test]
    fn an_unknown_or_repeated_name_is_told() {
        let error = chosen(&["tv".to_owned()], &known()).unwrap_err().to_string();
        assert_eq!(error, "use --profiles: there is no profile \"tv\"; there are desktop, mobile");
        assert!(chosen(&["mobile".to_owned(), "mobile".to_owned()], &known()).is_err());
        assert!(chosen(&vec!["mobile".to_owned(); VIEWPOINTS_MAX + 1], &known()).is_err());
    }
}
