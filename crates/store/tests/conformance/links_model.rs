//! The oracle of slugs: which are taken, kept or free, as a plain map. Random sequences of making, renaming and deleting links in two
//! workspaces must get the same answers from it and from an engine.

use std::collections::BTreeMap;

use hopline_domain::{id::LinkId, short_link::*, store::*};
use proptest::{prelude::*, test_runner::TestRunner};

use crate::{
    fixtures::*,
    harness::{EngineUnderTest, block_on},
    links::{deed, plain, scene, slug},
};

const CASES: u32 = 64;
const OPERATIONS_MAX: usize = 40;
const SLUGS: [&str; 6] = ["a", "a/b", "a/b/c", "B", "b", "a/x"];
/// What is asked of an engine after every step: the slugs, and paths below them.
const PATHS: [&str; 9] = ["a", "a/b", "a/b/c", "B", "b", "a/x", "a/b/c/d", "a/y", "b/"];

/// One call; links are picked among those that were ever made.
#[derive(Clone, Debug)]
enum Operation {
    Make { theirs: bool, slug: usize, forward: bool },
    Rename { link: usize, slug: usize },
    Forward { link: usize, forward: bool },
    Block { link: usize, blocked: bool },
    Delete { link: usize },
}

fn operation() -> impl Strategy<Value = Operation> {
    let (link, slug) = (0..8_usize, 0..SLUGS.len());
    prop_oneof![
        4 => (any::<bool>(), slug.clone(), any::<bool>()).prop_map(|(theirs, slug, forward)| Operation::Make { theirs, slug, forward }),
        2 => (link.clone(), slug).prop_map(|(link, slug)| Operation::Rename { link, slug }),
        1 => (link.clone(), any::<bool>()).prop_map(|(link, forward)| Operation::Forward { link, forward }),
        1 => (link.clone(), any::<bool>()).prop_map(|(link, blocked)| Operation::Block { link, blocked }),
        3 => link.prop_map(|link| Operation::Delete { link }),
    ]
}

/// Who may take a slug whose link is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heir {
    Workspace { theirs: bool },
    Nobody,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    Link { id: LinkId, theirs: bool, forward: bool, blocked: bool },
    Gone { heir: Heir, forward: bool },
}

/// Slugs and what holds them.
#[derive(Default)]
struct Model {
    slugs: BTreeMap<&'static str, Held>,
    made: Vec<LinkId>,
}

impl Model {
    fn is_free(&self, slug: &str, theirs: bool) -> bool {
        match self.slugs.get(slug) {
            None => true,
            Some(Held::Link { .. }) => false,
            Some(Held::Gone { heir, .. }) => *heir == Heir::Workspace { theirs },
        }
    }

    /// The slug and state of a link that is there.
    fn find(&self, link: usize) -> Option<(&'static str, Held)> {
        let id = self.made.get(link)?;
        let is_it = |held: &Held| matches!(held, Held::Link { id: held, .. } if held == id);
        self.slugs.iter().find(|(_, held)| is_it(held)).map(|(slug, held)| (*slug, *held))
    }

    fn leave(&mut self, slug: &'static str) {
        let Some(Held::Link { theirs, forward, blocked, .. }) = self.slugs.get(slug).copied() else { return };
        let heir = if blocked { Heir::Nobody } else { Heir::Workspace { theirs } };
        self.slugs.insert(slug, Held::Gone { heir, forward });
    }

    /// What lies at a path: the longest slug that is the path, or forwards what is below it.
    fn at(&self, path: &str) -> Option<(&'static str, Held)> {
        let below = |slug: &str| path.strip_prefix(slug).is_some_and(|rest| rest.starts_with('/'));
        let forwards = |held: &Held| match held {
            Held::Link { forward, .. } | Held::Gone { forward, .. } => *forward,
        };
        let fits = |(slug, held): &(&&'static str, &Held)| **slug == path || (below(slug) && forwards(held));
        self.slugs.iter().filter(fits).max_by_key(|(slug, _)| slug.len()).map(|(slug, held)| (*slug, *held))
    }
}

fn caller(world: &World, stranger: Caller, theirs: bool) -> Caller {
    if theirs { stranger } else { world.caller }
}

async fn step(world: &World, stranger: Caller, model: &mut Model, operation: &Operation) {
    match *operation {
        Operation::Make { theirs, slug, forward } => {
            make(world, caller(world, stranger, theirs), model, (slug, theirs, forward)).await;
        }
        Operation::Rename { link, slug: to } => {
            let Some((from, held)) = model.find(link) else { return };
            let Held::Link { theirs, .. } = held else { return };
            let free = SLUGS[to] == from || model.is_free(SLUGS[to], theirs);
            let who = caller(world, stranger, theirs);
            assert_eq!(
                change(world, who, model.made[link], |update| update.slug = Some(slug(SLUGS[to]))).await,
                free
            );
            if free && SLUGS[to] != from {
                model.leave(from);
                model.slugs.insert(SLUGS[to], held);
            }
        }
        Operation::Forward { link, forward } => {
            let Some((at, Held::Link { id, theirs, blocked, .. })) = model.find(link) else { return };
            let who = caller(world, stranger, theirs);
            assert!(change(world, who, id, |update| update.content.forward_path = forward).await);
            model.slugs.insert(at, Held::Link { id, theirs, forward, blocked });
        }
        Operation::Block { link, blocked } => {
            let Some((at, Held::Link { id, theirs, forward, .. })) = model.find(link) else { return };
            let reason = blocked.then(|| "law".to_owned());
            let block = LinkBlock { link_id: id, reason, deed: deed(), scene: scene() };
            world.store.link_block(world.caller, block, NOW).await.unwrap();
            model.slugs.insert(at, Held::Link { id, theirs, forward, blocked });
        }
        Operation::Delete { link } => {
            let Some((at, Held::Link { id, theirs, .. })) = model.find(link) else { return };
            let delete = LinkDelete { link_id: id, expected_revision: None, deed: deed(), scene: scene() };
            let gone = world.store.link_delete(caller(world, stranger, theirs), delete, NOW).await.unwrap();
            assert!(matches!(gone, LinkDeleted::Done(_)));
            model.leave(at);
        }
    }
}

async fn make(world: &World, caller: Caller, model: &mut Model, (at, theirs, forward): (usize, bool, bool)) {
    let mut link = plain(SLUGS[at]);
    link.content.forward_path = forward;
    let id = link.id;
    let create = LinkCreate { link, deed: deed(), scene: scene(), idempotency: None };
    let made = matches!(world.store.link_create(caller, create, NOW).await.unwrap(), LinkCreated::New(_));
    assert_eq!(made, model.is_free(SLUGS[at], theirs), "{}", SLUGS[at]);
    if made {
        model.made.push(id);
        model.slugs.insert(SLUGS[at], Held::Link { id, theirs, forward, blocked: false });
    }
}

/// Whether a change was made.
async fn change(world: &World, caller: Caller, id: LinkId, change: impl FnOnce(&mut LinkUpdate)) -> bool {
    let link = world.store.link_get(caller.workspace_id, id).await.unwrap().unwrap();
    let mut update = LinkUpdate {
        link_id: id,
        slug: None,
        content: link.content,
        tags: Vec::new(),
        expected_revision: link.revision,
        deed: deed(),
        scene: scene(),
    };
    change(&mut update);
    matches!(world.store.link_update(caller, update, NOW).await.unwrap(), LinkChanged::Done { .. })
}

async fn compare(world: &World, model: &Model) {
    for path in PATHS {
        let found = world.store.redirect_lookup(ShortDomain::DEFAULT_ID, path.to_owned()).await.unwrap();
        match (model.at(path), found) {
            (None, RedirectEntry::Nothing)
            | (Some((_, Held::Gone { .. })), RedirectEntry::Deleted { .. }) => {}
            (Some((slug, Held::Link { id, blocked, .. })), RedirectEntry::Link { link, matched_bytes }) => {
                assert_eq!(
                    (link.id, matched_bytes, link.blocked_reason.is_some()),
                    (id, slug.len(), blocked),
                    "{path}"
                );
            }
            (expected, found) => panic!("{path}: expected {expected:?}, found {found:?}"),
        }
    }
    let mine = model.slugs.values().filter(|held| matches!(held, Held::Link { theirs: false, .. })).count();
    let usage = world.store.workspace_usage(world.caller, NOW).await.unwrap();
    assert_eq!(usage.links as usize, mine);
}

/// The property: an engine and the map never disagree.
pub(crate) fn agrees<E: EngineUnderTest>() {
    let config = ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() };
    let operations = proptest::collection::vec(operation(), 1..OPERATIONS_MAX);
    let ran = TestRunner::new(config).run(&operations, |operations| {
        block_on(async {
            let world = World::new(E::fresh()).await;
            let stranger = world.stranger();
            let mut model = Model::default();
            for operation in &operations {
                step(&world, stranger, &mut model, operation).await;
                compare(&world, &model).await;
            }
        });
        Ok(())
    });
    ran.unwrap();
}
