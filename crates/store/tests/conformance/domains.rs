//! Domains: hosts, verification, the default one, case rules.

use hopline_domain::{
    entropy::OsEntropy,
    id::{DomainId, WorkspaceId},
    limits,
    short_link::{CaseRule, DomainHost, ShortDomain},
    store::*,
};

use crate::fixtures::*;

fn host(text: &str) -> DomainHost {
    DomainHost::parse(text).unwrap()
}

pub(crate) fn domain_create(text: &str) -> DomainCreate {
    DomainCreate {
        id: DomainId::generate(NOW, &OsEntropy),
        host: host(text),
        settings: DomainSettings::default(),
        verification_token: format!("token-of-{text}"),
        idempotency: None,
        audit: audit("domain.create"),
    }
}

async fn create(world: &World, create: DomainCreate) -> DomainCreated {
    world.store.domain_create(world.caller, create, NOW).await.unwrap()
}

async fn made(world: &World, text: &str) -> ShortDomain {
    let created = create(world, domain_create(text)).await;
    let DomainCreated::New(domain) = created else { panic!("{created:?}") };
    domain
}

fn verification(id: DomainId, authority: DomainAuthority) -> DomainVerify {
    DomainVerify { id, authority, audit: audit("domain.verify") }
}

/// A domain that serves.
pub(crate) async fn verified(world: &World, create: DomainCreate) -> ShortDomain {
    let created = self::create(world, create).await;
    let DomainCreated::New(domain) = created else { panic!("{created:?}") };
    let verify = verification(domain.id, DomainAuthority::Owner);
    match world.store.domain_verify(world.caller, verify, NOW).await.unwrap() {
        Changed::Done(domain) => domain,
        other => panic!("{other:?}"),
    }
}

fn change(domain: &ShortDomain, settings: DomainSettings) -> DomainUpdate {
    DomainUpdate {
        id: domain.id,
        authority: DomainAuthority::Owner,
        settings,
        expected_revision: domain.revision,
        audit: audit("domain.update"),
    }
}

async fn update(world: &World, update: DomainUpdate) -> Changed<ShortDomain> {
    world.store.domain_update(world.caller, update, NOW.plus_ms(5)).await.unwrap()
}

fn removal(id: DomainId) -> DomainDelete {
    DomainDelete { id, expected_revision: None, audit: audit("domain.delete") }
}

pub(crate) async fn the_default_domain_is_everyones(world: World) {
    for workspace_id in [world.caller.workspace_id, WorkspaceId::generate(NOW, &OsEntropy)] {
        let domain = world.store.domain_get(workspace_id, ShortDomain::DEFAULT_ID).await.unwrap().unwrap();
        assert_eq!((domain.workspace_id, domain.host, domain.case_rule), (None, None, CaseRule::Sensitive));
        assert!(domain.verified_at.is_some());
    }
    let settings =
        DomainSettings { root_url: Some("https://example.com/".to_owned()), ..DomainSettings::default() };
    let default =
        world.store.domain_get(world.caller.workspace_id, ShortDomain::DEFAULT_ID).await.unwrap().unwrap();
    let by_owner = update(&world, change(&default, settings.clone())).await;
    assert!(matches!(by_owner, Changed::NotFound), "{by_owner:?}");
    let by_operator = DomainUpdate { authority: DomainAuthority::Operator, ..change(&default, settings) };
    let changed = update(&world, by_operator).await;
    assert!(matches!(&changed, Changed::Done(domain) if domain.root_url.is_some()), "{changed:?}");
    let gone = world.store.domain_delete(world.caller, removal(ShortDomain::DEFAULT_ID), NOW).await.unwrap();
    assert!(matches!(gone, Changed::NotFound), "{gone:?}");
}

pub(crate) async fn a_host_is_taken_once_on_the_server(world: World) {
    let domain = made(&world, "go.example").await;
    assert_eq!((domain.verified_at, domain.workspace_id), (None, Some(world.caller.workspace_id)));
    assert!(matches!(create(&world, domain_create("go.example")).await, DomainCreated::HostTaken));
    assert_eq!(world.store.domain_by_host(host("go.example")).await.unwrap().unwrap(), domain);
    assert_eq!(world.store.domain_by_host(host("no.example")).await.unwrap(), None);
}

pub(crate) async fn an_unproven_claim_lapses(world: World) {
    let stranger = world.stranger();
    let claim =
        async |caller, at| world.store.domain_create(caller, domain_create("go.example"), at).await.unwrap();
    let until = NOW.plus_ms(limits::DOMAIN_CLAIM_MS);
    assert!(matches!(claim(stranger, NOW).await, DomainCreated::New(_)));
    assert!(matches!(claim(world.caller, until.minus_ms(1)).await, DomainCreated::HostTaken));
    assert!(matches!(claim(stranger, until).await, DomainCreated::HostTaken), "its own claim stands");
    let proven = claim(world.caller, until).await;
    let DomainCreated::New(domain) = proven else { panic!("{proven:?}") };
    let verify = verification(domain.id, DomainAuthority::Owner);
    world.store.domain_verify(world.caller, verify, until).await.unwrap();
    assert!(matches!(
        claim(stranger, until.plus_ms(limits::DOMAIN_CLAIM_MS)).await,
        DomainCreated::HostTaken
    ));
}

pub(crate) async fn making_a_domain_is_replayed(world: World) {
    let first = DomainCreate { idempotency: Some(claim_of("d", 1)), ..domain_create("go.example") };
    assert!(matches!(create(&world, first.clone()).await, DomainCreated::New(_)));
    let again = DomainCreate { id: DomainId::generate(NOW, &OsEntropy), ..first.clone() };
    let replayed = create(&world, again).await;
    assert!(matches!(&replayed, DomainCreated::Replayed(domain) if domain.id == first.id), "{replayed:?}");
    let other = DomainCreate { idempotency: Some(claim_of("d", 2)), ..domain_create("b.example") };
    assert!(matches!(create(&world, other).await, DomainCreated::IdempotencyKeyReused));
}

pub(crate) async fn a_domain_is_verified_by_its_owner_or_the_operator(world: World) {
    let domain = made(&world, "go.example").await;
    let stranger = world.stranger();
    let verify = async |caller, authority| {
        let verify = verification(domain.id, authority);
        world.store.domain_verify(caller, verify, NOW.plus_ms(7)).await.unwrap()
    };
    assert!(matches!(verify(stranger, DomainAuthority::Owner).await, Changed::NotFound));
    let done = verify(stranger, DomainAuthority::Operator).await;
    assert!(matches!(&done, Changed::Done(domain) if domain.verified_at == Some(NOW.plus_ms(7))), "{done:?}");
    let again = verify(world.caller, DomainAuthority::Owner).await;
    assert!(matches!(&again, Changed::Done(domain) if domain.revision == 2), "{again:?}");
}

pub(crate) async fn settings_change_under_the_reading_they_were_made_from(world: World) {
    let domain = made(&world, "go.example").await;
    let settings = DomainSettings {
        case_rule: CaseRule::Insensitive,
        root_url: Some("https://example.com/".to_owned()),
        not_found_url: Some("https://example.com/404".to_owned()),
    };
    let changed = update(&world, change(&domain, settings.clone())).await;
    let Changed::Done(changed) = changed else { panic!("{changed:?}") };
    let expected = ShortDomain {
        case_rule: CaseRule::Insensitive,
        root_url: settings.root_url.clone(),
        not_found_url: settings.not_found_url.clone(),
        revision: 2,
        updated_at: NOW.plus_ms(5),
        ..domain.clone()
    };
    assert_eq!(changed, expected);
    assert!(matches!(update(&world, change(&domain, settings.clone())).await, Changed::Stale));
    let same = update(&world, change(&changed, settings)).await;
    assert!(matches!(&same, Changed::Done(domain) if domain.revision == 2), "{same:?}");
}

pub(crate) async fn a_case_rule_stays_while_slugs_are_kept(world: World) {
    let domain = verified(&world, domain_create("go.example")).await;
    let link = crate::links::made(&world, crate::links::on(domain.id, "Sale")).await;
    let insensitive = || DomainSettings { case_rule: CaseRule::Insensitive, ..DomainSettings::default() };
    assert!(matches!(update(&world, change(&domain, insensitive())).await, Changed::Conflict));
    crate::links::delete(&world, link.id).await;
    assert!(matches!(update(&world, change(&domain, insensitive())).await, Changed::Conflict));
}

pub(crate) async fn a_domain_with_links_stays(world: World) {
    let domain = verified(&world, domain_create("go.example")).await;
    let link = crate::links::made(&world, crate::links::on(domain.id, "a")).await;
    let remove = async |caller| world.store.domain_delete(caller, removal(domain.id), NOW).await.unwrap();
    assert!(matches!(remove(world.caller).await, Changed::Conflict));
    crate::links::delete(&world, link.id).await;
    assert!(matches!(remove(world.stranger()).await, Changed::NotFound));
    let stale = DomainDelete { expected_revision: Some(9), ..removal(domain.id) };
    assert!(matches!(world.store.domain_delete(world.caller, stale, NOW).await.unwrap(), Changed::Stale));
    assert!(matches!(remove(world.caller).await, Changed::Done(_)));
    assert_eq!(world.store.domain_by_host(host("go.example")).await.unwrap(), None);
    // Its slugs are free again with it.
    let again = verified(&world, domain_create("go.example")).await;
    crate::links::made(&world, crate::links::on(again.id, "a")).await;
}

pub(crate) async fn domains_page_newest_first_with_the_default_one(world: World) {
    let mut ids = vec![ShortDomain::DEFAULT_ID];
    for text in ["a.example", "b.example"] {
        ids.insert(0, made(&world, text).await.id);
    }
    let store = &world.store;
    let first = store.domain_list(world.caller.workspace_id, page(2)).await.unwrap();
    let rest = Page { limit: 2, cursor: first.next };
    let second = store.domain_list(world.caller.workspace_id, rest).await.unwrap();
    let seen: Vec<_> = first.items.iter().chain(&second.items).map(|domain| domain.id).collect();
    assert_eq!((seen, second.next), (ids, None));
    let theirs = store.domain_list(world.stranger().workspace_id, page(9)).await.unwrap();
    assert_eq!(theirs.items.len(), 1);
    assert_eq!(store.domain_get(world.stranger().workspace_id, first.items[0].id).await.unwrap(), None);
}
