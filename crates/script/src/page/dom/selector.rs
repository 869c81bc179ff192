//! Which elements a CSS selector means (Selectors Level 4, the part pages use to find their own elements).

use super::{
    node::{Element, NodeId},
    tree::Tree,
};

/// A comma-separated list of alternatives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::page) struct Selector(pub(super) Vec<Complex>);

/// Compounds from the subject leftwards: the subject first, each further one with what joins it to the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Complex {
    pub(super) subject: Vec<Simple>,
    pub(super) context: Vec<(Combinator, Vec<Simple>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Combinator {
    Descendant,
    Child,
    NextSibling,
    LaterSibling,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Simple {
    Universal,
    Type(String),
    Id(String),
    Class(String),
    Attribute {
        name: String,
        test: AttributeTest,
        ignore_case: bool,
    },
    /// `:nth-child(an+b)` and its relatives.
    Position {
        step: i32,
        offset: i32,
        among: Siblings,
        from: End,
    },
    Not(Selector),
    Is(Selector),
    Has(Selector),
    Empty,
    Root,
    Scope,
    Checked,
    Disabled,
    Enabled,
    Link,
    /// A state no element is ever in here, such as `:hover`.
    Never,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AttributeTest {
    Present,
    Equals(String),
    Word(String),
    Dash(String),
    Prefix(String),
    Suffix(String),
    Contains(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Siblings {
    All,
    SameType,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    First,
    Last,
}

impl Selector {
    /// Whether `id` is meant; `scope` is what `:scope` stands for.
    pub(in crate::page) fn matches(&self, tree: &Tree, id: NodeId, scope: NodeId) -> bool {
        self.0.iter().any(|complex| complex.matches(tree, id, scope))
    }

    /// Elements below `root` that are meant, in document order, at most `count_max`.
    pub(in crate::page) fn select(&self, tree: &Tree, root: NodeId, count_max: usize) -> Vec<NodeId> {
        let below = tree.walk(root).filter(|id| *id != root && tree.element(*id).is_some());
        below.filter(|id| self.matches(tree, *id, root)).take(count_max).collect()
    }
}

impl Complex {
    fn matches(&self, tree: &Tree, id: NodeId, scope: NodeId) -> bool {
        compound_matches(&self.subject, tree, id, scope) && context_matches(&self.context, tree, id, scope)
    }
}

fn context_matches(context: &[(Combinator, Vec<Simple>)], tree: &Tree, id: NodeId, scope: NodeId) -> bool {
    let Some(((combinator, compound), rest)) = context.split_first() else { return true };
    let fits = |candidate: NodeId| {
        compound_matches(compound, tree, candidate, scope) && context_matches(rest, tree, candidate, scope)
    };
    match combinator {
        Combinator::Descendant => tree.ancestors(id).any(fits),
        Combinator::Child => tree.node(id).parent.is_some_and(fits),
        Combinator::NextSibling => earlier_elements(tree, id).next().is_some_and(fits),
        Combinator::LaterSibling => earlier_elements(tree, id).any(fits),
    }
}

fn earlier_elements(tree: &Tree, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
    std::iter::successors(tree.node(id).previous, |earlier| tree.node(*earlier).previous)
        .filter(|earlier| tree.element(*earlier).is_some())
}

fn later_elements(tree: &Tree, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
    std::iter::successors(tree.node(id).next, |later| tree.node(*later).next)
        .filter(|later| tree.element(*later).is_some())
}

fn compound_matches(compound: &[Simple], tree: &Tree, id: NodeId, scope: NodeId) -> bool {
    match tree.element(id) {
        Some(element) => compound.iter().all(|simple| simple.matches(tree, id, element, scope)),
        None => compound == [Simple::Scope] && id == scope,
    }
}

impl Simple {
    fn matches(&self, tree: &Tree, id: NodeId, element: &Element, scope: NodeId) -> bool {
        match self {
            Self::Universal => true,
            Self::Type(name) => element.local_name().eq_ignore_ascii_case(name),
            Self::Id(value) => element.attribute("id") == Some(value),
            Self::Class(class) => has_word(element.attribute("class"), class),
            Self::Attribute { name, test, ignore_case } => {
                element.attribute(name).is_some_and(|value| test.fits(value, *ignore_case))
            }
            Self::Position { step, offset, among, from } => {
                position_fits(*step, *offset, position(tree, id, element, *among, *from))
            }
            Self::Not(selector) => !selector.matches(tree, id, scope),
            Self::Is(selector) => selector.matches(tree, id, scope),
            Self::Has(selector) => !selector.select(tree, id, 1).is_empty(),
            Self::Empty => tree.children(id).next().is_none(),
            Self::Root => tree.node(id).parent == Some(NodeId::DOCUMENT),
            Self::Scope => id == scope || (scope == NodeId::DOCUMENT && tree.node(id).parent == Some(scope)),
            Self::Checked => {
                element.attribute("checked").is_some() || element.attribute("selected").is_some()
            }
            Self::Disabled => is_control(element) && element.attribute("disabled").is_some(),
            Self::Enabled => is_control(element) && element.attribute("disabled").is_none(),
            Self::Link => matches!(element.local_name(), "a" | "area") && element.attribute("href").is_some(),
            Self::Never => false,
        }
    }
}

impl AttributeTest {
    fn fits(&self, value: &str, ignore_case: bool) -> bool {
        let lower = |text: &str| if ignore_case { text.to_ascii_lowercase() } else { text.to_owned() };
        let value = lower(value);
        match self {
            Self::Present => true,
            Self::Equals(want) => value == lower(want),
            Self::Word(want) => has_word(Some(&value), &lower(want)),
            Self::Dash(want) => {
                let want = lower(want);
                value == want || value.strip_prefix(&want).is_some_and(|rest| rest.starts_with('-'))
            }
            Self::Prefix(want) => !want.is_empty() && value.starts_with(&lower(want)),
            Self::Suffix(want) => !want.is_empty() && value.ends_with(&lower(want)),
            Self::Contains(want) => !want.is_empty() && value.contains(&lower(want)),
        }
    }
}

fn has_word(value: Option<&str>, word: &str) -> bool {
    value.is_some_and(|value| value.split_ascii_whitespace().any(|known| known == word))
}

fn is_control(element: &Element) -> bool {
    matches!(
        element.local_name(),
        "button" | "input" | "select" | "textarea" | "option" | "optgroup" | "fieldset"
    )
}

/// The element's place among its siblings, 1 for the first.
fn position(tree: &Tree, id: NodeId, element: &Element, among: Siblings, from: End) -> i32 {
    let counts = |sibling: &NodeId| {
        among == Siblings::All || tree.element(*sibling).is_some_and(|other| other.name == element.name)
    };
    let before = match from {
        End::First => earlier_elements(tree, id).filter(counts).count(),
        End::Last => later_elements(tree, id).filter(counts).count(),
    };
    i32::try_from(before).map_or(i32::MAX, |before| before.saturating_add(1))
}

/// Whether `position` is `step` × n + `offset` for some n ≥ 0.
fn position_fits(step: i32, offset: i32, position: i32) -> bool {
    let distance = i64::from(position) - i64::from(offset);
    match i64::from(step) {
        0 => distance == 0,
        step => distance % step == 0 && distance / step >= 0,
    }
}
