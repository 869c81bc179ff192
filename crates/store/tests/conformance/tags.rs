//! Tags of a workspace.

use hopline_domain::{entropy::OsEntropy, id::TagId, short_link::TagName, store::*};

use crate::fixtures::*;

fn name(text: &str) -> TagName {
    TagName::parse(text).unwrap()
}

fn tag_create(text: &str) -> TagCreate {
    TagCreate {
        id: TagId::generate(NOW, &OsEntropy),
        name: name(text),
        idempotency: None,
        audit: audit("tag.create"),
    }
}

async fn create(world: &World, create: TagCreate) -> TagCreated {
    world.store.tag_create(world.caller, create, NOW).await.unwrap()
}

async fn made(world: &World, text: &str) -> TagView {
    let created = create(world, tag_create(text)).await;
    let TagCreated::New(tag) = created else { panic!("{created:?}") };
    tag
}

fn renaming(id: TagId, text: &str) -> TagRename {
    TagRename { id, name: name(text), expected: None, audit: audit("tag.rename") }
}

async fn rename(world: &World, rename: TagRename) -> Changed<TagView> {
    world.store.tag_rename(world.caller, rename, NOW.plus_ms(3)).await.unwrap()
}

pub(crate) async fn a_name_is_taken_in_any_case(world: World) {
    let sale = made(&world, "Sale").await;
    assert_eq!((sale.links, sale.created_at), (0, NOW));
    assert!(matches!(create(&world, tag_create("SALE")).await, TagCreated::NameTaken));
    let spring = made(&world, "spring").await;
    assert!(matches!(rename(&world, renaming(spring.tag.id, "sale")).await, Changed::Conflict));
    // Another spelling of its own name is free.
    let renamed = rename(&world, renaming(sale.tag.id, "SALE")).await;
    assert!(matches!(&renamed, Changed::Done(tag) if tag.tag.name == name("SALE")), "{renamed:?}");
}

pub(crate) async fn making_a_tag_is_replayed(world: World) {
    let first = TagCreate { idempotency: Some(claim_of("t", 1)), ..tag_create("sale") };
    assert!(matches!(create(&world, first.clone()).await, TagCreated::New(_)));
    let again = TagCreate { id: TagId::generate(NOW, &OsEntropy), ..first.clone() };
    let replayed = create(&world, again).await;
    assert!(matches!(&replayed, TagCreated::Replayed(tag) if tag.tag.id == first.id), "{replayed:?}");
    let other = TagCreate { idempotency: Some(claim_of("t", 2)), ..tag_create("other") };
    assert!(matches!(create(&world, other).await, TagCreated::IdempotencyKeyReused));
}

pub(crate) async fn a_rename_shows_on_links_at_once(world: World) {
    let link = crate::links::made(&world, crate::links::tagged("a", &["Sale", "spring"])).await;
    let tag = link.tags[0].clone();
    assert_eq!(tag.name, name("Sale"));
    let stale = TagRename { expected: Some(name("elsewise")), ..renaming(tag.id, "Deals") };
    assert!(matches!(rename(&world, stale).await, Changed::Stale));
    let renamed = rename(&world, renaming(tag.id, "Deals")).await;
    assert!(
        matches!(&renamed, Changed::Done(tag) if tag.links == 1 && tag.updated_at == NOW.plus_ms(3)),
        "{renamed:?}"
    );
    let now = crate::links::get(&world, link.id).await;
    assert_eq!(now.tags.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(), ["Deals", "spring"]);
    assert_eq!(now.revision, link.revision);
}

pub(crate) async fn a_deleted_tag_leaves_its_links(world: World) {
    let link = crate::links::made(&world, crate::links::tagged("a", &["Sale", "spring"])).await;
    let id = link.tags[0].id;
    let delete = |expected| TagDelete { id, expected, audit: audit("tag.delete") };
    let store = &world.store;
    let stale = store.tag_delete(world.caller, delete(Some(name("x"))), NOW).await.unwrap();
    assert!(matches!(stale, Changed::Stale));
    let gone = store.tag_delete(world.caller, delete(Some(name("Sale"))), NOW).await.unwrap();
    assert!(matches!(&gone, Changed::Done(tag) if tag.links == 1), "{gone:?}");
    assert!(matches!(store.tag_delete(world.caller, delete(None), NOW).await.unwrap(), Changed::NotFound));
    assert_eq!(crate::links::get(&world, link.id).await.tags.len(), 1);
}

pub(crate) async fn another_workspace_sees_no_tag(world: World) {
    let tag = made(&world, "sale").await;
    let (stranger, id) = (world.stranger(), tag.tag.id);
    let store = &world.store;
    assert_eq!(store.tag_get(stranger.workspace_id, id).await.unwrap(), None);
    assert!(store.tag_list(stranger.workspace_id, page(9)).await.unwrap().items.is_empty());
    assert!(matches!(store.tag_rename(stranger, renaming(id, "x"), NOW).await.unwrap(), Changed::NotFound));
    let delete = TagDelete { id, expected: None, audit: audit("tag.delete") };
    assert!(matches!(store.tag_delete(stranger, delete, NOW).await.unwrap(), Changed::NotFound));
    assert_eq!(store.tag_get(world.caller.workspace_id, id).await.unwrap(), Some(tag));
}

pub(crate) async fn tags_page_newest_first(world: World) {
    let mut ids = Vec::new();
    for text in ["a", "b", "c"] {
        ids.insert(0, made(&world, text).await.tag.id);
    }
    let first = world.store.tag_list(world.caller.workspace_id, page(2)).await.unwrap();
    let rest = Page { limit: 2, cursor: first.next };
    let second = world.store.tag_list(world.caller.workspace_id, rest).await.unwrap();
    let seen: Vec<_> = first.items.iter().chain(&second.items).map(|tag| tag.tag.id).collect();
    assert_eq!((seen, second.next), (ids, None));
}
