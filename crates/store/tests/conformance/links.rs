//! Short links: making, finding, changing, deleting, bulk calls, and what the redirect path reads.

use std::sync::Arc;

use hopline_domain::{
    entropy::OsEntropy,
    event::EventType,
    id::{AuditId, DomainId, EventId, LeaseToken, LinkId, TagId},
    problem::Fault,
    short_link::*,
    store::*,
    time::{HOUR_MS, Timestamp},
};
use serde_json::{Value, json};
use url::Url;

use crate::{
    domains::{domain_create, verified},
    fixtures::*,
};

const TARGET: &str = "https://example.com/";

pub(crate) fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

pub(crate) fn deed() -> LinkDeed {
    LinkDeed { event_id: EventId::generate(NOW, &OsEntropy), audit_id: AuditId::generate(NOW, &OsEntropy) }
}

fn urls() -> Arc<ShortUrls> {
    Arc::new(ShortUrls::new(&Url::parse("https://sho.rt").unwrap()))
}

pub(crate) fn scene() -> LinkScene {
    LinkScene { address: Some("192.0.2.7".parse().unwrap()), urls: urls(), quota: LinkQuota::default() }
}

fn tags(names: &[&str]) -> Vec<TagChoice> {
    let choice =
        |name: &&str| TagChoice { id: TagId::generate(NOW, &OsEntropy), name: TagName::parse(name).unwrap() };
    names.iter().map(choice).collect()
}

pub(crate) fn on(domain_id: DomainId, text: &str) -> NewLink {
    NewLink {
        id: LinkId::generate(NOW, &OsEntropy),
        domain_id,
        slug: SlugChoice::Chosen(slug(text)),
        content: LinkContent::to(TARGET),
        tags: Vec::new(),
    }
}

pub(crate) fn plain(text: &str) -> NewLink {
    on(ShortDomain::DEFAULT_ID, text)
}

pub(crate) fn tagged(text: &str, names: &[&str]) -> NewLink {
    NewLink { tags: tags(names), ..plain(text) }
}

fn with(text: &str, change: impl FnOnce(&mut LinkContent)) -> NewLink {
    let mut link = plain(text);
    change(&mut link.content);
    link
}

fn link_create(link: NewLink) -> LinkCreate {
    LinkCreate { link, deed: deed(), scene: scene(), idempotency: None }
}

async fn create(world: &World, link: NewLink) -> LinkCreated {
    world.store.link_create(world.caller, link_create(link), NOW).await.unwrap()
}

pub(crate) async fn made(world: &World, link: NewLink) -> ShortLink {
    match create(world, link).await {
        LinkCreated::New(link) => *link,
        other => panic!("{other:?}"),
    }
}

async fn refused(world: &World, link: NewLink) -> LinkRefused {
    match create(world, link).await {
        LinkCreated::Refused(refused) => refused,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn get(world: &World, id: LinkId) -> ShortLink {
    world.store.link_get(world.caller.workspace_id, id).await.unwrap().expect("the link is there")
}

/// A change that keeps what it does not name.
fn update_of(link: &ShortLink, change: impl FnOnce(&mut LinkContent)) -> LinkUpdate {
    let mut content = link.content.clone();
    change(&mut content);
    let kept = |tag: &Tag| TagChoice { id: TagId::generate(NOW, &OsEntropy), name: tag.name.clone() };
    LinkUpdate {
        link_id: link.id,
        slug: None,
        content,
        tags: link.tags.iter().map(kept).collect(),
        expected_revision: link.revision,
        deed: deed(),
        scene: scene(),
    }
}

async fn update(world: &World, update: LinkUpdate) -> LinkChanged {
    world.store.link_update(world.caller, update, NOW.plus_ms(5)).await.unwrap()
}

async fn changed(world: &World, update: LinkUpdate) -> ShortLink {
    match self::update(world, update).await {
        LinkChanged::Done { link, .. } => *link,
        other => panic!("{other:?}"),
    }
}

fn removal(id: LinkId) -> LinkDelete {
    LinkDelete { link_id: id, expected_revision: None, deed: deed(), scene: scene() }
}

pub(crate) async fn delete(world: &World, id: LinkId) -> LinkDeleted {
    world.store.link_delete(world.caller, removal(id), NOW.plus_ms(9)).await.unwrap()
}

/// Another workspace with its own plan's meters.
fn elsewhere(world: &World) -> Caller {
    world.stranger()
}

async fn block(world: &World, id: LinkId, reason: Option<&str>) -> LinkChanged {
    let block = LinkBlock { link_id: id, reason: reason.map(str::to_owned), deed: deed(), scene: scene() };
    world.store.link_block(world.caller, block, NOW).await.unwrap()
}

async fn lookup(world: &World, path: &str) -> RedirectEntry {
    world.store.redirect_lookup(ShortDomain::DEFAULT_ID, path.to_owned()).await.unwrap()
}

/// What lies at a path, in a word.
async fn found(world: &World, path: &str) -> String {
    match lookup(world, path).await {
        RedirectEntry::Link { link, matched_bytes } => format!("{} {matched_bytes}", link.slug),
        RedirectEntry::Deleted { fallback_url } => format!("deleted {}", fallback_url.unwrap_or_default()),
        RedirectEntry::Nothing => "nothing".to_owned(),
    }
}

/// Events of links, oldest first: type and `data`.
async fn events(world: &World) -> Vec<(EventType, LinkId, Value)> {
    let logged = world.store.event_after(world.caller.workspace_id, None, 0, 100).await.unwrap();
    let of_link = logged.into_iter().filter_map(|event| {
        let body: Value = serde_json::from_slice(&event.body).unwrap();
        Some((event.event_type, event.link_id?, body["data"].clone()))
    });
    of_link.collect()
}

async fn usage(world: &World) -> (u32, u32) {
    let usage = world.store.workspace_usage(world.caller, NOW).await.unwrap();
    (usage.links, usage.qr_codes)
}

/// A link that says everything a link can say.
fn full() -> NewLink {
    let rule = |place: u32| Rule {
        when: serde_json::from_value(
            json!({"country": ["DE"], "percent": 50, "time_window": {"days": ["mon"]}}),
        )
        .unwrap(),
        url: format!("https://example.com/{place}"),
    };
    let content = LinkContent {
        url: "https://example.com/a?b#c".to_owned(),
        title: Some("Title".to_owned()),
        state: LinkState::Archived,
        starts_at: Some(NOW),
        expires_at: Some(NOW.plus_ms(HOUR_MS)),
        expired_url: Some("https://example.com/over".to_owned()),
        max_clicks: Some(50),
        limit_url: Some("https://example.com/full".to_owned()),
        password: Some(LinkSecret("$argon2id$v=19$x".to_owned())),
        redirect_status: RedirectStatus::PermanentRedirect,
        cache: CachePolicy::of_max_age(Some(60)),
        forward_query: false,
        forward_path: true,
        rules: vec![rule(1), rule(2)],
        utm: serde_json::from_value(json!({"source": "mail", "term": "t"})).unwrap(),
        external_id: Some("crm:1".to_owned()),
        note: Some("note".to_owned()),
        og: OpenGraph { title: Some("og".to_owned()), ..OpenGraph::default() },
        qr: Some(QrDesign(json!({"style": "dots"}))),
        watch: Some(Watch { interval_s: 3_600, expected_domain: Some("example.com".to_owned()) }),
    };
    NewLink { content, tags: tags(&["spring", "Autumn"]), ..plain("a/b/c") }
}

pub(crate) async fn a_link_is_read_back_as_it_was_made(world: World) {
    let new = full();
    let link = made(&world, new.clone()).await;
    assert_eq!(link.content, new.content);
    assert_eq!(
        (link.slug.as_str(), link.host.as_ref(), link.domain_id),
        ("a/b/c", None, ShortDomain::DEFAULT_ID)
    );
    assert_eq!(link.tags.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(), ["Autumn", "spring"]);
    assert_eq!((link.revision, link.created_at, link.updated_at), (1, NOW, NOW));
    assert_eq!(
        (link.created_by, link.health.clone(), link.status()),
        (Some(world.caller.key_id), LinkHealth::default(), LinkStatus::Archived)
    );
    let workspace_id = world.caller.workspace_id;
    assert_eq!(get(&world, link.id).await, link);
    let by_slug = world.store.link_by_slug(workspace_id, link.domain_id, slug("a/b/c")).await.unwrap();
    assert_eq!(by_slug.as_ref(), Some(&link));
    let by_id = world.store.link_by_external_id(workspace_id, "crm:1".to_owned()).await.unwrap();
    assert_eq!(by_id.as_ref(), Some(&link));
    assert_eq!(usage(&world).await, (1, 1));
}

pub(crate) async fn a_link_is_told_of_when_it_is_made_changed_and_deleted(world: World) {
    let link = made(&world, full()).await;
    changed(&world, update_of(&link, |content| content.title = Some("New".to_owned()))).await;
    delete(&world, link.id).await;
    let events = events(&world).await;
    let types: Vec<_> = events.iter().map(|(event_type, id, _)| (*event_type, *id)).collect();
    assert_eq!(
        types,
        [
            (EventType::LinkCreated, link.id),
            (EventType::LinkUpdated, link.id),
            (EventType::LinkDeleted, link.id)
        ]
    );
    let titles: Vec<_> = events.iter().map(|(_, _, data)| data["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["Title", "New", "New"]);
    assert_eq!(events[0].2["short_url"], "https://sho.rt/a/b/c");
    assert!(!events[0].2.to_string().contains("argon2"));
}

pub(crate) async fn making_a_link_is_replayed_as_it_is_now(world: World) {
    let with_key = |key, fingerprint| LinkCreate {
        idempotency: Some(claim_of(key, fingerprint)),
        ..link_create(plain("a"))
    };
    let create = async |create| world.store.link_create(world.caller, create, NOW).await.unwrap();
    let LinkCreated::New(link) = create(with_key("k", 1)).await else { panic!("not made") };
    changed(&world, update_of(&link, |content| content.note = Some("later".to_owned()))).await;
    let replayed = create(with_key("k", 1)).await;
    assert!(
        matches!(&replayed, LinkCreated::Replayed(now) if now.id == link.id && now.content.note.is_some()),
        "{replayed:?}"
    );
    assert!(matches!(create(with_key("k", 2)).await, LinkCreated::IdempotencyKeyReused));
    delete(&world, link.id).await;
    let gone = create(with_key("k", 1)).await;
    assert!(matches!(&gone, LinkCreated::ReplayedGone(id) if *id == link.id), "{gone:?}");
    assert_eq!(usage(&world).await.0, 0);
}

pub(crate) async fn a_refusal_leaves_nothing(world: World) {
    made(&world, plain("a")).await;
    let taken = LinkCreate { idempotency: Some(claim_of("k", 1)), ..link_create(tagged("a", &["new"])) };
    let answer = world.store.link_create(world.caller, taken, NOW).await.unwrap();
    assert!(matches!(answer, LinkCreated::Refused(LinkRefused::SlugTaken)), "{answer:?}");
    assert!(world.store.tag_list(world.caller.workspace_id, page(9)).await.unwrap().items.is_empty());
    assert_eq!((usage(&world).await, events(&world).await.len()), ((1, 0), 1));
    let free = LinkCreate { idempotency: Some(claim_of("k", 2)), ..link_create(plain("b")) };
    let answer = world.store.link_create(world.caller, free, NOW).await.unwrap();
    assert!(matches!(answer, LinkCreated::New(_)), "a refused key is free: {answer:?}");
}

pub(crate) async fn random_slugs_are_tried_until_one_is_free(world: World) {
    made(&world, plain("aaa")).await;
    let random = |texts: &[&str]| NewLink {
        slug: SlugChoice::Random(texts.iter().map(|text| slug(text)).collect()),
        ..plain("x")
    };
    assert_eq!(made(&world, random(&["aaa", "bbb"])).await.slug, slug("bbb"));
    assert_eq!(refused(&world, random(&["aaa", "bbb"])).await, LinkRefused::NoFreeSlug);
}

pub(crate) async fn slugs_are_per_domain_and_follow_its_case_rule(world: World) {
    let settings = DomainSettings { case_rule: CaseRule::Insensitive, ..DomainSettings::default() };
    let domain = verified(&world, DomainCreate { settings, ..domain_create("go.example") }).await;
    made(&world, plain("Sale")).await;
    made(&world, plain("sale")).await;
    let link = made(&world, on(domain.id, "Sale")).await;
    assert_eq!((link.host.as_ref().unwrap().as_str(), link.slug.as_str()), ("go.example", "Sale"));
    assert_eq!(refused(&world, on(domain.id, "SALE")).await, LinkRefused::SlugTaken);
    let by_slug = world.store.link_by_slug(world.caller.workspace_id, domain.id, slug("sALE")).await.unwrap();
    assert_eq!(by_slug.map(|link| link.id), Some(link.id));
    let at = world.store.redirect_lookup(domain.id, "SALE".to_owned()).await.unwrap();
    assert!(matches!(at, RedirectEntry::Link { matched_bytes: 4, .. }), "{at:?}");
    // Another spelling of its own slug is no other slug.
    let respelled = LinkUpdate { slug: Some(slug("sale")), ..update_of(&link, |_| ()) };
    assert_eq!(changed(&world, respelled).await.slug, slug("sale"));
    let at = world.store.redirect_lookup(domain.id, "Sale".to_owned()).await.unwrap();
    assert!(matches!(at, RedirectEntry::Link { .. }), "{at:?}");
}

pub(crate) async fn links_need_a_verified_domain_of_their_workspace(world: World) {
    let unknown = DomainId::generate(NOW, &OsEntropy);
    assert_eq!(refused(&world, on(unknown, "a")).await, LinkRefused::DomainUnknown);
    let create = domain_create("go.example");
    let id = create.id;
    world.store.domain_create(world.caller, create, NOW).await.unwrap();
    assert_eq!(refused(&world, on(id, "a")).await, LinkRefused::DomainUnverified);
    let theirs = world.store.link_create(elsewhere(&world), link_create(on(id, "a")), NOW).await.unwrap();
    assert!(matches!(theirs, LinkCreated::Refused(LinkRefused::DomainUnknown)), "{theirs:?}");
    assert_eq!(world.store.redirect_lookup(unknown, "a".to_owned()).await.unwrap(), RedirectEntry::Nothing);
}

pub(crate) async fn no_link_leads_to_a_verified_domain_of_this_server(world: World) {
    let to = |url: &str| with("a", |content| content.limit_url = Some(url.to_owned()));
    let create = domain_create("go.example");
    let id = create.id;
    world.store.domain_create(world.caller, create, NOW).await.unwrap();
    let link = made(&world, to("https://go.example/x")).await;
    let verify = DomainVerify { id, authority: DomainAuthority::Owner, audit: audit("domain.verify") };
    world.store.domain_verify(world.caller, verify, NOW).await.unwrap();
    let circle = LinkRefused::OwnDomain { pointer: "/limit_url".to_owned() };
    assert_eq!(
        refused(
            &world,
            NewLink { slug: SlugChoice::Chosen(slug("b")), ..to("https://GO.example./x").clone() }
        )
        .await,
        circle
    );
    let again = update(&world, update_of(&link, |content| content.note = Some("x".to_owned()))).await;
    assert!(matches!(&again, LinkChanged::Refused(refused) if *refused == circle), "{again:?}");
}

pub(crate) async fn external_ids_are_unique_in_a_workspace(world: World) {
    let named = |text: &str| with(text, |content| content.external_id = Some("crm:1".to_owned()));
    let link = made(&world, named("a")).await;
    assert_eq!(refused(&world, named("b")).await, LinkRefused::ExternalIdTaken);
    let other = made(&world, plain("b")).await;
    let stolen =
        update(&world, update_of(&other, |content| content.external_id = Some("crm:1".to_owned()))).await;
    assert!(matches!(stolen, LinkChanged::Refused(LinkRefused::ExternalIdTaken)), "{stolen:?}");
    changed(&world, update_of(&link, |content| content.title = Some("mine".to_owned()))).await;
}

pub(crate) async fn the_plan_bounds_links_and_designs(world: World) {
    let quota = LinkQuota { links_max: Some(2), qr_codes_max: Some(1) };
    let bounded = |link| LinkCreate { scene: LinkScene { quota, ..scene() }, ..link_create(link) };
    let create = async |link| world.store.link_create(world.caller, bounded(link), NOW).await.unwrap();
    let design = |content: &mut LinkContent| content.qr = Some(QrDesign(json!({})));
    let LinkCreated::New(first) = create(with("a", design)).await else { panic!("not made") };
    let second = create(with("b", design)).await;
    assert!(
        matches!(second, LinkCreated::Refused(LinkRefused::QrCodesLimit { limit: 1, used: 1 })),
        "{second:?}"
    );
    let LinkCreated::New(other) = create(plain("b")).await else { panic!("not made") };
    let third = create(plain("c")).await;
    assert!(
        matches!(third, LinkCreated::Refused(LinkRefused::LinksLimit { limit: 2, used: 2 })),
        "{third:?}"
    );
    let designed = LinkUpdate { scene: LinkScene { quota, ..scene() }, ..update_of(&other, design) };
    assert!(matches!(update(&world, designed).await, LinkChanged::Refused(LinkRefused::QrCodesLimit { .. })));
    changed(&world, update_of(&first, |content| content.qr = None)).await;
    assert_eq!(usage(&world).await, (2, 0));
    delete(&world, first.id).await;
    assert!(matches!(create(plain("c")).await, LinkCreated::New(_)));
    assert_eq!(usage(&world).await, (2, 0));
}

pub(crate) async fn a_change_replaces_content_and_tags(world: World) {
    let link = made(&world, full()).await;
    let update = LinkUpdate {
        content: LinkContent::to("https://example.org/"),
        tags: tags(&["AUTUMN", "new"]),
        ..update_of(&link, |_| ())
    };
    let now = changed(&world, update.clone()).await;
    assert_eq!((&now.content, now.revision, now.updated_at), (&update.content, 2, NOW.plus_ms(5)));
    assert_eq!(now.tags.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(), ["Autumn", "new"]);
    assert_eq!(now.tags[0].id, link.tags[0].id, "a tag the workspace has is taken, not made");
    assert_eq!(get(&world, link.id).await, now);
    assert_eq!(usage(&world).await, (1, 0));
}

pub(crate) async fn a_stale_reading_changes_no_link(world: World) {
    let link = made(&world, plain("a")).await;
    let rename = |title: &str| update_of(&link, |content| content.title = Some(title.to_owned()));
    changed(&world, rename("mine")).await;
    assert!(matches!(update(&world, rename("theirs")).await, LinkChanged::Stale));
    let stale = LinkDelete { expected_revision: Some(1), ..removal(link.id) };
    assert!(matches!(world.store.link_delete(world.caller, stale, NOW).await.unwrap(), LinkDeleted::Stale));
    assert_eq!(get(&world, link.id).await.content.title.as_deref(), Some("mine"));
}

pub(crate) async fn what_changes_nothing_is_not_told(world: World) {
    let link = made(&world, tagged("a", &["x", "y"])).await;
    let again =
        changed(&world, LinkUpdate { tags: tags(&["Y", "x", "x"]), ..update_of(&link, |_| ()) }).await;
    assert_eq!((again, events(&world).await.len()), (link, 1));
}

pub(crate) async fn a_slug_can_change_and_its_old_one_is_gone(world: World) {
    let link = made(&world, with("a", |content| content.expired_url = Some(TARGET.to_owned()))).await;
    made(&world, plain("b")).await;
    let to = |text: &str| LinkUpdate { slug: Some(slug(text)), ..update_of(&link, |_| ()) };
    let taken = update(&world, to("b")).await;
    assert!(matches!(taken, LinkChanged::Refused(LinkRefused::SlugTaken)), "{taken:?}");
    let answer = update(&world, to("c")).await;
    assert!(
        matches!(&answer, LinkChanged::Done { link, before } if link.slug == slug("c") && before.slug == slug("a")),
        "{answer:?}"
    );
    assert_eq!((found(&world, "a").await.as_str(), found(&world, "c").await.as_str()), ("deleted ", "c 1"));
    let back = LinkUpdate { expected_revision: 2, ..to("a") };
    changed(&world, back).await;
    assert_eq!((found(&world, "a").await.as_str(), found(&world, "c").await.as_str()), ("a 1", "deleted "));
}

pub(crate) async fn a_deleted_slug_is_taken_again_by_its_workspace_alone(world: World) {
    let link =
        made(&world, with("a", |content| content.expired_url = Some("https://example.com/over".to_owned())))
            .await;
    let gone = delete(&world, link.id).await;
    assert!(matches!(&gone, LinkDeleted::Done(was) if was.id == link.id), "{gone:?}");
    assert!(matches!(delete(&world, link.id).await, LinkDeleted::NotFound));
    assert_eq!(found(&world, "a").await, "deleted https://example.com/over");
    let theirs = world.store.link_create(elsewhere(&world), link_create(plain("a")), NOW).await.unwrap();
    assert!(matches!(theirs, LinkCreated::Refused(LinkRefused::SlugTaken)), "{theirs:?}");
    made(&world, plain("a")).await;
    assert_eq!(found(&world, "a").await, "a 1");
}

pub(crate) async fn blocking_is_the_operators_and_outlives_the_link(world: World) {
    let link = made(&world, with("a", |content| content.expired_url = Some(TARGET.to_owned()))).await;
    let blocked = block(&world, link.id, Some("phishing")).await;
    let LinkChanged::Done { link: blocked, .. } = blocked else { panic!("{blocked:?}") };
    assert_eq!(
        (blocked.status(), blocked.blocked_reason.as_deref(), blocked.revision),
        (LinkStatus::Blocked, Some("phishing"), 2)
    );
    let undo = update(&world, update_of(&blocked, |content| content.state = LinkState::Disabled)).await;
    assert!(matches!(undo, LinkChanged::Refused(LinkRefused::Blocked)), "{undo:?}");
    let titled = changed(&world, update_of(&blocked, |content| content.title = Some("x".to_owned()))).await;
    assert_eq!(titled.status(), LinkStatus::Blocked);
    let freed = block(&world, link.id, None).await;
    assert!(
        matches!(&freed, LinkChanged::Done { link, .. } if link.status() == LinkStatus::Active),
        "{freed:?}"
    );
    block(&world, link.id, Some("phishing")).await;
    assert!(matches!(block(&world, LinkId::generate(NOW, &OsEntropy), None).await, LinkChanged::NotFound));
    // Deleting it does not make it new.
    delete(&world, link.id).await;
    assert_eq!(found(&world, "a").await, "deleted ");
    assert_eq!(refused(&world, plain("a")).await, LinkRefused::SlugTaken);
}

pub(crate) async fn an_upsert_makes_or_replaces(world: World) {
    let named = |text: &str, title: &str| {
        with(text, |content| {
            content.external_id = Some("crm:1".to_owned());
            content.title = Some(title.to_owned());
        })
    };
    let upsert_of =
        |link, expected_revision| LinkUpsert { link, deed: deed(), scene: scene(), expected_revision };
    let upsert = async |upsert| world.store.link_upsert(world.caller, upsert, NOW).await.unwrap();
    assert!(matches!(upsert(upsert_of(named("a", "1"), Some(1))).await, LinkUpserted::Stale));
    let LinkUpserted::Created(link) = upsert(upsert_of(named("a", "1"), None)).await else {
        panic!("not made")
    };
    let random = NewLink { slug: SlugChoice::Random(vec![slug("zzz")]), ..named("x", "2") };
    let LinkUpserted::Changed { link: now, before } = upsert(upsert_of(random, Some(1))).await else {
        panic!("not changed")
    };
    assert_eq!((now.id, now.slug.as_str(), now.content.title.as_deref()), (link.id, "a", Some("2")));
    assert_eq!(before.revision, 1);
    assert!(matches!(upsert(upsert_of(named("a", "3"), Some(1))).await, LinkUpserted::Stale));
    made(&world, plain("b")).await;
    let taken = upsert(upsert_of(named("b", "3"), None)).await;
    assert!(matches!(taken, LinkUpserted::Refused(LinkRefused::SlugTaken)), "{taken:?}");
    let domain = verified(&world, domain_create("go.example")).await;
    let moved = upsert(upsert_of(NewLink { domain_id: domain.id, ..named("a", "3") }, None)).await;
    assert!(matches!(moved, LinkUpserted::Refused(LinkRefused::DomainFixed)), "{moved:?}");
}

pub(crate) async fn another_workspace_sees_no_link(world: World) {
    let link = made(&world, full()).await;
    let (stranger, store) = (world.stranger(), &world.store);
    assert_eq!(store.link_get(stranger.workspace_id, link.id).await.unwrap(), None);
    assert_eq!(store.link_by_slug(stranger.workspace_id, link.domain_id, slug("a/b/c")).await.unwrap(), None);
    assert_eq!(store.link_by_external_id(stranger.workspace_id, "crm:1".to_owned()).await.unwrap(), None);
    let filter = LinkFilter { status: Some(LinkStatus::Archived), ..LinkFilter::default() };
    assert!(store.link_list(stranger.workspace_id, filter, page(9)).await.unwrap().items.is_empty());
    let tag_filter = LinkFilter {
        tag_id: Some(link.tags[0].id),
        status: Some(LinkStatus::Archived),
        ..LinkFilter::default()
    };
    assert!(store.link_list(stranger.workspace_id, tag_filter, page(9)).await.unwrap().items.is_empty());
    let change = update_of(&link, |content| content.title = None);
    assert!(matches!(store.link_update(stranger, change, NOW).await.unwrap(), LinkChanged::NotFound));
    assert!(matches!(
        store.link_delete(stranger, removal(link.id), NOW).await.unwrap(),
        LinkDeleted::NotFound
    ));
    assert_eq!(get(&world, link.id).await, link);
}

pub(crate) async fn lists_filter_by_everything_they_promise(world: World) {
    let domain = verified(&world, domain_create("go.example")).await;
    made(&world, with("Alpha", |content| content.title = Some("Spring Sale".to_owned()))).await;
    made(
        &world,
        NewLink {
            tags: tags(&["spring"]),
            ..with("beta", |content| "https://shop.example/Spring".clone_into(&mut content.url))
        },
    )
    .await;
    made(
        &world,
        NewLink { tags: tags(&["spring"]), ..with("gamma", |content| content.state = LinkState::Archived) },
    )
    .await;
    made(&world, with("delta", |content| content.state = LinkState::Draft)).await;
    let evil = made(&world, on(domain.id, "epsilon")).await;
    block(&world, evil.id, Some("law")).await;
    let spring = world.store.tag_list(world.caller.workspace_id, page(9)).await.unwrap().items[0].tag.id;
    let list = async |filter| {
        let paged = world.store.link_list(world.caller.workspace_id, filter, page(9)).await.unwrap();
        assert_eq!(paged.next, None);
        paged.items.iter().map(|link| link.slug.to_string()).collect::<Vec<_>>().join(" ")
    };
    let status = |status| LinkFilter { status: Some(status), ..LinkFilter::default() };
    let text = |text: &str| LinkFilter { text: Some(text.to_owned()), ..LinkFilter::default() };
    assert_eq!(list(LinkFilter::default()).await, "epsilon delta beta Alpha");
    assert_eq!(list(status(LinkStatus::Archived)).await, "gamma");
    assert_eq!(list(status(LinkStatus::Draft)).await, "delta");
    assert_eq!(list(status(LinkStatus::Blocked)).await, "epsilon");
    assert_eq!(list(status(LinkStatus::Active)).await, "beta Alpha");
    assert_eq!(list(text("SPRING")).await, "beta Alpha");
    assert_eq!(list(text("alph")).await, "Alpha");
    assert_eq!(list(text("%")).await, "");
    assert_eq!(list(LinkFilter { domain_id: Some(domain.id), ..LinkFilter::default() }).await, "epsilon");
    assert_eq!(list(LinkFilter { tag_id: Some(spring), ..LinkFilter::default() }).await, "beta");
    assert_eq!(list(LinkFilter { tag_id: Some(spring), ..status(LinkStatus::Archived) }).await, "gamma");
    assert_eq!(list(LinkFilter { health: Some(HealthStatus::Broken), ..LinkFilter::default() }).await, "");
    assert_eq!(list(LinkFilter { health: Some(HealthStatus::Unknown), ..text("beta") }).await, "beta");
}

pub(crate) async fn links_page_newest_first(world: World) {
    let mut ids = Vec::new();
    for text in ["a", "b", "c", "d", "e"] {
        ids.insert(0, made(&world, tagged(text, &["all"])).await.id);
    }
    let all = get(&world, ids[0]).await.tags[0].id;
    for filter in [LinkFilter::default(), LinkFilter { tag_id: Some(all), ..LinkFilter::default() }] {
        let (mut seen, mut cursor) = (Vec::new(), None);
        for _ in 0..3 {
            let page = Page { limit: 2, cursor };
            let paged = world.store.link_list(world.caller.workspace_id, filter.clone(), page).await.unwrap();
            seen.extend(paged.items.iter().map(|link| link.id));
            cursor = paged.next;
        }
        assert_eq!((&seen, cursor), (&ids, None));
    }
}

pub(crate) async fn the_exact_slug_wins_then_the_longest_prefix_that_forwards(world: World) {
    let forwarding = |text: &str| with(text, |content| content.forward_path = true);
    made(&world, forwarding("a")).await;
    made(&world, plain("a/b")).await;
    made(&world, forwarding("a/b/c")).await;
    made(&world, plain("x")).await;
    for (path, expected) in [
        ("a", "a 1"),
        ("a/b", "a/b 3"),
        ("a/b/c", "a/b/c 5"),
        ("a/b/c/d/e/f/g", "a/b/c 5"),
        ("a/b/x", "a 1"),
        ("a/", "a 1"),
        ("a/b/", "a 1"),
        ("x", "x 1"),
        ("x/", "nothing"),
        ("x/y", "nothing"),
        ("", "nothing"),
        ("A", "nothing"),
        ("a+", "nothing"),
    ] {
        assert_eq!(found(&world, path).await, expected, "{path}");
    }
    let id = world
        .store
        .link_by_slug(world.caller.workspace_id, ShortDomain::DEFAULT_ID, slug("a/b/c"))
        .await
        .unwrap()
        .unwrap()
        .id;
    delete(&world, id).await;
    assert_eq!(found(&world, "a/b/c").await, "deleted ");
    assert_eq!(
        found(&world, "a/b/c/d").await,
        "deleted ",
        "a deleted link's visits never reach another link"
    );
}

pub(crate) async fn limited_links_are_listed_by_id(world: World) {
    let mut expected = Vec::new();
    for (text, max) in [("a", 5), ("b", 7), ("c", u64::MAX >> 1)] {
        let link = made(&world, with(text, |content| content.max_clicks = Some(max))).await;
        expected.push(LinkLimit { link_id: link.id, max_clicks: max });
    }
    made(&world, plain("d")).await;
    expected.sort_by_key(|limit| limit.link_id);
    let first = world.store.link_limit_list(None, 2).await.unwrap();
    let rest = world.store.link_limit_list(Some(first[1].link_id), 2).await.unwrap();
    assert_eq!([first, rest].concat(), expected);
}

pub(crate) async fn an_expiry_is_told_once_and_again_when_it_moves(world: World) {
    let expiring = |at: Timestamp| move |content: &mut LinkContent| content.expires_at = Some(at);
    let link = made(&world, with("a", expiring(NOW.plus_ms(10)))).await;
    made(&world, with("b", expiring(NOW.plus_ms(50)))).await;
    let sweep = async |at| world.store.link_expiry_sweep(urls(), 10, at).await.unwrap();
    assert_eq!(sweep(NOW.plus_ms(9)).await, 0);
    assert_eq!((sweep(NOW.plus_ms(10)).await, sweep(NOW.plus_ms(11)).await), (1, 0));
    let told =
        events(&world).await.into_iter().filter(|(event_type, ..)| *event_type == EventType::LinkExpired);
    assert_eq!(told.map(|(_, id, _)| id).collect::<Vec<_>>(), [link.id]);
    let titled = changed(&world, update_of(&link, |content| content.title = Some("x".to_owned()))).await;
    assert_eq!(sweep(NOW.plus_ms(12)).await, 0, "another change does not tell it again");
    changed(&world, update_of(&titled, expiring(NOW.plus_ms(40)))).await;
    assert_eq!((sweep(NOW.plus_ms(39)).await, sweep(NOW.plus_ms(60)).await), (0, 2));
}

fn bulk(rows: Vec<Result<NewLink, Vec<Fault>>>, first_row: u32, rows_total: u32) -> LinkBulkChunk {
    let row = |link: Result<NewLink, Vec<Fault>>| BulkRow { link: link.map(Box::new), deed: deed() };
    LinkBulkChunk {
        first_row,
        rows: rows.into_iter().map(row).collect(),
        rows_total,
        scene: scene(),
        record: None,
    }
}

fn recorded(chunk: LinkBulkChunk, token: LeaseToken, fingerprint: u8) -> LinkBulkChunk {
    let record =
        BulkRecord { claim: claim_of("bulk", fingerprint), token, running_until: NOW.plus_ms(LEASE_MS) };
    LinkBulkChunk { record: Some(record), ..chunk }
}

/// The first rows of a call with an idempotency key, each time by another run.
pub(crate) fn bulk_with_record(texts: &[&str], rows_total: u32) -> LinkBulkChunk {
    recorded(bulk(texts.iter().map(|text| Ok(plain(text))).collect(), 0, rows_total), token(), 1)
}

async fn run(world: &World, chunk: LinkBulkChunk, now: Timestamp) -> BulkChunked {
    world.store.link_bulk_chunk(world.caller, chunk, now).await.unwrap()
}

pub(crate) async fn a_bulk_row_that_fails_stops_no_other(world: World) {
    made(&world, plain("taken")).await;
    let faults = vec![Fault::new("/url", "scheme", "no")];
    let rows = vec![
        Ok(plain("a")),
        Ok(plain("taken")),
        Err(faults.clone()),
        Ok(plain("a")),
        Ok(tagged("b", &["t"])),
    ];
    let BulkChunked::Done(outcomes) = run(&world, bulk(rows, 0, 5), NOW).await else { panic!("not done") };
    let told: Vec<_> = outcomes
        .iter()
        .map(|outcome| match outcome {
            Ok(link) => link.slug.to_string(),
            Err(faults) => faults.iter().map(|fault| fault.code.as_str()).collect(),
        })
        .collect();
    assert_eq!(told, ["a", "slug_taken", "scheme", "slug_taken", "b"]);
    assert_eq!(outcomes[2].as_ref().unwrap_err(), &faults);
    assert_eq!((usage(&world).await.0, events(&world).await.len()), (3, 3));
}

pub(crate) async fn a_bulk_call_goes_on_where_it_was(world: World) {
    let (first, second) = (token(), token());
    let rows = |texts: &[&str]| texts.iter().map(|text| Ok(plain(text))).collect::<Vec<_>>();
    let begin = recorded(bulk(rows(&["a", "b"]), 0, 5), first, 1);
    assert!(matches!(run(&world, begin, NOW).await, BulkChunked::Done(_)));
    let other = |token| recorded(bulk(rows(&["a", "b"]), 0, 5), token, 1);
    assert!(matches!(run(&world, other(second), NOW).await, BulkChunked::InProgress));
    let reused = recorded(bulk(rows(&["x"]), 0, 1), second, 2);
    assert!(matches!(run(&world, reused, NOW).await, BulkChunked::IdempotencyKeyReused));
    // The first run is gone: after its time, another takes over, and the first one comes too late.
    let later = NOW.plus_ms(LEASE_MS);
    let takes_over = run(&world, other(second), later).await;
    let BulkChunked::ContinueAt(progress) = takes_over else { panic!("{takes_over:?}") };
    assert_eq!((progress.next_row, progress.rows_total, progress.created), (2, 5, 2));
    let mut chunk = bulk(rows(&["a", "c"]), 2, 5);
    chunk.rows.push(BulkRow { link: Err(vec![Fault::new("/url", "scheme", "no")]), deed: deed() });
    let mut chunk = recorded(chunk, second, 1);
    chunk.record.as_mut().unwrap().running_until = later.plus_ms(LEASE_MS);
    let late = recorded(bulk(rows(&["late"]), 2, 5), first, 1);
    assert!(matches!(run(&world, chunk, later).await, BulkChunked::Done(rows) if rows.len() == 3));
    assert!(matches!(run(&world, late, later).await, BulkChunked::Replayed(_)));
    let replayed = run(&world, other(token()), later).await;
    let BulkChunked::Replayed(progress) = replayed else { panic!("{replayed:?}") };
    assert_eq!((progress.next_row, progress.rows_total, progress.created), (5, 5, 3));
    let failed: Vec<_> =
        progress.failed.iter().map(|(row, faults)| (*row, faults[0].code.as_str())).collect();
    assert_eq!(failed, [(2, "slug_taken"), (4, "scheme")]);
    assert_eq!(usage(&world).await.0, 3);
}

pub(crate) async fn a_run_that_lost_its_place_is_told_where_to_go_on(world: World) {
    let run_token = token();
    let rows = |texts: &[&str]| texts.iter().map(|text| Ok(plain(text))).collect::<Vec<_>>();
    run(&world, recorded(bulk(rows(&["a"]), 0, 2), run_token, 1), NOW).await;
    let again = run(&world, recorded(bulk(rows(&["a"]), 0, 2), run_token, 1), NOW).await;
    assert!(matches!(&again, BulkChunked::ContinueAt(progress) if progress.next_row == 1), "{again:?}");
    let other_family = world.second_family().await;
    let theirs = recorded(bulk(rows(&["z"]), 0, 1), token(), 1);
    let theirs = world.store.link_bulk_chunk(other_family, theirs, NOW).await.unwrap();
    assert!(matches!(theirs, BulkChunked::Done(_)), "keys of two families never meet: {theirs:?}");
}

pub(crate) async fn records_of_bulk_calls_are_swept_with_their_keys(world: World) {
    let chunk =
        || recorded(bulk(vec![Ok(plain("a")), Err(vec![Fault::new("", "x", "y")])], 0, 2), token(), 1);
    run(&world, chunk(), NOW).await;
    let after = NOW.plus_ms(25 * HOUR_MS);
    let before = Timestamp(0);
    let retention = Retention {
        jobs_before: before,
        evidence_before: before,
        screenshots_before: before,
        events_before: before,
        attempts_before: before,
        audit_before: before,
        idempotency_before: after,
    };
    world.store.retention_sweep(retention, 100).await.unwrap();
    let anew = run(&world, chunk(), NOW).await;
    assert!(
        matches!(&anew, BulkChunked::Done(rows) if rows[0].is_err()),
        "a new call, and the slug is taken: {anew:?}"
    );
}
