//! Keys, their families, their secrets.

use hopline_domain::{
    id::KeyId,
    key::{Key, KeyLimits, KeyState, KeyStatus, Scope, Scopes},
    store::*,
    time::{DAY_MS, HOUR_MS, Timestamp},
};

use crate::fixtures::*;

async fn create(world: &World, create: KeyCreate) -> Created<Key> {
    world.store.key_create(world.caller, create, NOW).await.unwrap()
}

async fn made(world: &World, name: &str) -> Key {
    let created = create(world, key_create(name)).await;
    let Created::New(key) = created else { panic!("{created:?}") };
    key
}

async fn get(world: &World, id: KeyId) -> Key {
    world.store.key_get(world.caller.workspace_id, id).await.unwrap().expect("the key is there")
}

fn update(key_id: KeyId, patch: KeyPatch) -> KeyUpdate {
    KeyUpdate { key_id, patch, expected: None, audit: audit("key.update") }
}

async fn change(world: &World, update: KeyUpdate) -> Changed<Key> {
    world.store.key_update(world.caller, update, NOW).await.unwrap()
}

fn revoke() -> KeyPatch {
    KeyPatch { state: Some(KeyState::Revoked), ..KeyPatch::default() }
}

fn rotation(key_id: KeyId) -> Rotation {
    Rotation {
        key_id,
        successor_id: crate::fixtures::key_id(),
        hash: random_hash(),
        display: "sk_live_…next".to_owned(),
        old_until: NOW.plus_ms(DAY_MS),
        idempotency: None,
        audit: audit("key.rotate"),
    }
}

async fn rotate(world: &World, rotation: Rotation) -> Created<Key> {
    world.store.key_rotate(world.caller, rotation, NOW).await.unwrap()
}

async fn secrets(world: &World, key_id: KeyId, now: Timestamp) -> Option<Vec<Vec<u8>>> {
    let read =
        world.store.key_secrets_read(world.caller, key_id, audit("key.secret_read"), now).await.unwrap();
    read.map(|secrets| secrets.into_iter().map(|secret| secret.sealed).collect())
}

async fn rotate_secret(world: &World, sealed: &[u8], old_until: Timestamp) -> Created<Key> {
    let rotation = SecretRotation {
        key_id: world.caller.key_id,
        sealed: sealed.to_vec(),
        old_until,
        idempotency: None,
        audit: audit("key.secret_rotate"),
    };
    world.store.key_secret_rotate(world.caller, rotation, NOW).await.unwrap()
}

pub(crate) async fn a_made_key_authenticates(world: World) {
    let new = KeyCreate {
        key: NewKey {
            expires_at: Some(NOW.plus_ms(DAY_MS)),
            limits: KeyLimits { creates_per_minute: None, daily_quota: Some(9) },
            ..new_key("second")
        },
        ..key_create("second")
    };
    let hash = new.key.hash;
    assert!(world.store.key_authenticate(hash).await.unwrap().is_none());
    let created = create(&world, new.clone()).await;
    let Created::New(key) = created else { panic!("{created:?}") };
    let found = world.store.key_authenticate(hash).await.unwrap().unwrap();
    assert_eq!((&found.key, found.plan.as_str()), (&key, "free"));
    assert_eq!(
        (key.id, key.family_id, key.workspace_id),
        (new.key.id, new.family_id, world.caller.workspace_id)
    );
    assert_eq!(
        (&key.scopes, &key.allowed_ips, key.limits),
        (&new.key.scopes, &new.key.allowed_ips, new.key.limits)
    );
    assert_eq!(
        (key.created_by, key.created_at, key.expires_at),
        (Some(world.caller.key_id), NOW, new.key.expires_at)
    );
    let first = world.store.key_authenticate(world.hash).await.unwrap().unwrap().key;
    assert_eq!((first.id, first.created_by), (world.caller.key_id, None));
}

pub(crate) async fn making_a_key_twice_with_one_idempotency_key_makes_one(world: World) {
    let with = |key, fingerprint| KeyCreate {
        idempotency: Some(claim_of(key, fingerprint)),
        ..key_create("second")
    };
    let created = create(&world, with("k", 1)).await;
    let Created::New(key) = created else { panic!("{created:?}") };
    change(&world, update(key.id, KeyPatch { name: Some("renamed".to_owned()), ..KeyPatch::default() }))
        .await;
    let replayed = create(&world, with("k", 1)).await;
    assert!(
        matches!(&replayed, Created::Replayed(now) if now.id == key.id && now.name == "renamed"),
        "{replayed:?}"
    );
    assert!(matches!(create(&world, with("k", 2)).await, Created::IdempotencyKeyReused));
    assert_eq!(world.store.workspace_usage(world.caller, NOW).await.unwrap().keys, 2);
    // A job's key is not a key's key, even with the same fingerprint.
    world.queue(&Ask { key: Some(("j", 1)), ..ASK }).await;
    assert!(matches!(create(&world, with("j", 1)).await, Created::IdempotencyKeyReused));
}

pub(crate) async fn the_plan_bounds_unrevoked_keys(world: World) {
    let bounded = |name| KeyCreate { keys_max: Some(2), ..key_create(name) };
    let created = create(&world, bounded("second")).await;
    let Created::New(second) = created else { panic!("{created:?}") };
    let refused = create(&world, bounded("third")).await;
    assert!(matches!(refused, Created::PlanLimit { limit: 2, used: 2 }), "{refused:?}");
    change(&world, update(second.id, revoke())).await;
    assert!(matches!(create(&world, bounded("third")).await, Created::New(_)));
}

pub(crate) async fn a_patch_changes_what_it_names(world: World) {
    let key = made(&world, "second").await;
    let patch = KeyPatch {
        name: Some("renamed".to_owned()),
        scopes: Some(Scopes::new([Scope::All])),
        state: Some(KeyState::Disabled),
        expires_at: Some(Some(NOW.plus_ms(HOUR_MS))),
        allowed_ips: Some(Vec::new()),
        creates_per_minute: Some(None),
        daily_quota: Some(Some(5)),
        signature_headers: None,
    };
    let changed = change(&world, update(key.id, patch)).await;
    let Changed::Done(changed) = changed else { panic!("{changed:?}") };
    assert_eq!(changed, get(&world, key.id).await);
    let expected = Key {
        name: "renamed".to_owned(),
        scopes: Scopes::new([Scope::All]),
        state: KeyState::Disabled,
        expires_at: Some(NOW.plus_ms(HOUR_MS)),
        allowed_ips: Vec::new(),
        limits: KeyLimits { creates_per_minute: None, daily_quota: Some(5) },
        ..key.clone()
    };
    assert_eq!(changed, expected);
    let cleared = KeyPatch { expires_at: Some(None), state: Some(KeyState::Active), ..KeyPatch::default() };
    change(&world, update(key.id, cleared)).await;
    let now = get(&world, key.id).await;
    assert_eq!((now.expires_at, now.state, now.name.as_str()), (None, KeyState::Active, "renamed"));
}

pub(crate) async fn a_stale_reading_changes_nothing(world: World) {
    let read = made(&world, "second").await;
    let rename = |name: &str| KeyPatch { name: Some(name.to_owned()), ..KeyPatch::default() };
    let expecting = |patch| KeyUpdate { expected: Some(Box::new(read.clone())), ..update(read.id, patch) };
    assert!(matches!(change(&world, expecting(rename("mine"))).await, Changed::Done(_)));
    assert!(matches!(change(&world, expecting(rename("theirs"))).await, Changed::Stale));
    assert_eq!(get(&world, read.id).await.name, "mine");
}

pub(crate) async fn being_used_makes_no_reading_stale(world: World) {
    let read = made(&world, "second").await;
    let used = KeyUse { key_id: read.id, at: NOW, address: None };
    world.store.key_touch(vec![used]).await.unwrap();
    let patch = KeyPatch { name: Some("mine".to_owned()), ..KeyPatch::default() };
    let expecting = KeyUpdate { expected: Some(Box::new(read.clone())), ..update(read.id, patch) };
    assert!(matches!(change(&world, expecting).await, Changed::Done(_)));
}

pub(crate) async fn revoked_is_final(world: World) {
    let key = made(&world, "second").await;
    assert!(matches!(change(&world, update(key.id, revoke())).await, Changed::Done(_)));
    let back = KeyPatch { state: Some(KeyState::Active), ..KeyPatch::default() };
    assert!(matches!(change(&world, update(key.id, back)).await, Changed::Conflict));
    assert!(
        matches!(change(&world, update(key.id, revoke())).await, Changed::Done(_)),
        "revoking again is no error"
    );
    assert_eq!(get(&world, key.id).await.status(NOW), KeyStatus::Revoked);
    assert!(matches!(rotate(&world, rotation(key.id)).await, Created::Conflict));
    assert!(matches!(change(&world, update(key_id(), revoke())).await, Changed::NotFound));
}

pub(crate) async fn signature_headers_are_the_familys(world: World) {
    let rotated = rotate(&world, rotation(world.caller.key_id)).await;
    let Created::New(successor) = rotated else { panic!("{rotated:?}") };
    let headers = vec!["X-LinkSkipper-Signature".to_owned()];
    let patch = KeyPatch { signature_headers: Some(headers.clone()), ..KeyPatch::default() };
    change(&world, update(successor.id, patch)).await;
    assert_eq!(get(&world, world.caller.key_id).await.signature_headers, headers);
    let other = made(&world, "second").await;
    assert_eq!(get(&world, other.id).await.signature_headers, other.signature_headers);
}

pub(crate) async fn another_workspace_sees_no_key(world: World) {
    let (stranger, id) = (world.stranger(), world.caller.key_id);
    let store = &world.store;
    assert!(store.key_get(stranger.workspace_id, id).await.unwrap().is_none());
    assert!(store.key_list(stranger.workspace_id, page(10)).await.unwrap().items.is_empty());
    assert!(matches!(
        store.key_update(stranger, update(id, revoke()), NOW).await.unwrap(),
        Changed::NotFound
    ));
    assert!(matches!(store.key_rotate(stranger, rotation(id), NOW).await.unwrap(), Created::NotFound));
    let read = store.key_secrets_read(stranger, id, audit("key.secret_read"), NOW).await.unwrap();
    assert_eq!(read, None);
    assert_eq!(get(&world, id).await.state, KeyState::Active);
}

pub(crate) async fn lists_page_newest_first(world: World) {
    let mut ids = vec![world.caller.key_id];
    for name in ["a", "b"] {
        ids.insert(0, made(&world, name).await.id);
    }
    let first = world.store.key_list(world.caller.workspace_id, page(2)).await.unwrap();
    let rest = Page { limit: 2, cursor: first.next };
    let second = world.store.key_list(world.caller.workspace_id, rest).await.unwrap();
    let seen: Vec<_> = first.items.iter().chain(&second.items).map(|key| key.id).collect();
    assert_eq!((seen, second.next), (ids, None));
}

pub(crate) async fn a_successor_shares_the_family_and_the_old_key_ends(world: World) {
    let old = get(&world, world.caller.key_id).await;
    let asked = rotation(old.id);
    let rotated = rotate(&world, asked.clone()).await;
    let Created::New(successor) = rotated else { panic!("{rotated:?}") };
    assert_eq!((successor.id, successor.family_id), (asked.successor_id, old.family_id));
    assert_eq!((&successor.scopes, successor.limits, successor.expires_at), (&old.scopes, old.limits, None));
    assert_eq!(world.store.key_authenticate(asked.hash).await.unwrap().unwrap().key, successor);
    let ending = get(&world, old.id).await;
    assert_eq!(ending.expires_at, Some(asked.old_until));
    assert_eq!(ending.status(asked.old_until.minus_ms(1)), KeyStatus::Active);
    assert_eq!(ending.status(asked.old_until), KeyStatus::Expired);
    // Jobs and idempotency records are the family's.
    let id = world.queue(&Ask { key: Some(("k", 1)), ..ASK }).await;
    let next = Caller { key_id: successor.id, ..world.caller };
    let replayed = world.ask_at(next, &Ask { key: Some(("k", 1)), ..ASK }, NOW).await;
    assert!(matches!(&replayed, Accepted::Replayed(view) if view.job.id == id), "{replayed:?}");
}

pub(crate) async fn rotating_twice_is_a_conflict(world: World) {
    let id = world.caller.key_id;
    assert!(matches!(rotate(&world, rotation(id)).await, Created::New(_)));
    assert!(matches!(rotate(&world, rotation(id)).await, Created::Conflict));
    assert!(matches!(rotate(&world, rotation(key_id())).await, Created::NotFound));
    let disabled = made(&world, "second").await;
    let off = KeyPatch { state: Some(KeyState::Disabled), ..KeyPatch::default() };
    change(&world, update(disabled.id, off)).await;
    assert!(matches!(rotate(&world, rotation(disabled.id)).await, Created::Conflict));
}

pub(crate) async fn a_rotation_is_replayed(world: World) {
    let first = Rotation { idempotency: Some(claim_of("r", 1)), ..rotation(world.caller.key_id) };
    assert!(matches!(rotate(&world, first.clone()).await, Created::New(_)));
    let again = Rotation { successor_id: key_id(), hash: random_hash(), ..first.clone() };
    let replayed = rotate(&world, again).await;
    assert!(matches!(&replayed, Created::Replayed(key) if key.id == first.successor_id), "{replayed:?}");
    let other = Rotation { idempotency: Some(claim_of("r", 2)), ..rotation(world.caller.key_id) };
    assert!(matches!(rotate(&world, other).await, Created::IdempotencyKeyReused));
}

pub(crate) async fn at_most_three_secrets_sign(world: World) {
    for sealed in [b"sealed-1", b"sealed-2", b"sealed-3"] {
        assert!(matches!(rotate_secret(&world, sealed, NOW.plus_ms(DAY_MS)).await, Created::New(_)));
    }
    let live = secrets(&world, world.caller.key_id, NOW).await.unwrap();
    assert_eq!(live, [b"sealed-3".to_vec(), b"sealed-2".to_vec(), b"sealed-1".to_vec()]);
}

pub(crate) async fn an_overlap_ends_by_itself(world: World) {
    let until = NOW.plus_ms(DAY_MS);
    rotate_secret(&world, b"sealed-1", until).await;
    assert_eq!(secrets(&world, world.caller.key_id, until.minus_ms(1)).await.unwrap().len(), 2);
    assert_eq!(secrets(&world, world.caller.key_id, until).await.unwrap(), [b"sealed-1".to_vec()]);
    // A later rotation never lengthens an overlap, and none at all ends it at once.
    rotate_secret(&world, b"sealed-2", until.plus_ms(DAY_MS)).await;
    assert_eq!(secrets(&world, world.caller.key_id, until).await.unwrap().len(), 2);
    rotate_secret(&world, b"sealed-3", NOW).await;
    assert_eq!(secrets(&world, world.caller.key_id, NOW).await.unwrap(), [b"sealed-3".to_vec()]);
}

pub(crate) async fn secrets_of_an_unknown_key_are_not_there(world: World) {
    assert_eq!(secrets(&world, key_id(), NOW).await, None);
    let nobody = SecretRotation {
        key_id: key_id(),
        sealed: Vec::new(),
        old_until: NOW,
        idempotency: None,
        audit: audit("key.secret_rotate"),
    };
    let rotated = world.store.key_secret_rotate(world.caller, nobody, NOW).await.unwrap();
    assert!(matches!(rotated, Created::NotFound), "{rotated:?}");
}

pub(crate) async fn a_secret_rotation_is_replayed(world: World) {
    let rotation = SecretRotation {
        key_id: world.caller.key_id,
        sealed: b"sealed-1".to_vec(),
        old_until: NOW.plus_ms(DAY_MS),
        idempotency: Some(claim_of("s", 1)),
        audit: audit("key.secret_rotate"),
    };
    let rotate = async |rotation| world.store.key_secret_rotate(world.caller, rotation, NOW).await.unwrap();
    assert!(matches!(rotate(rotation.clone()).await, Created::New(_)));
    assert!(matches!(rotate(rotation.clone()).await, Created::Replayed(_)));
    let other = SecretRotation { idempotency: Some(claim_of("s", 2)), ..rotation };
    assert!(matches!(rotate(other).await, Created::IdempotencyKeyReused));
    assert_eq!(secrets(&world, world.caller.key_id, NOW).await.unwrap().len(), 2);
}

pub(crate) async fn the_latest_use_stays(world: World) {
    let key_id = world.caller.key_id;
    let used = |at, address: &str| KeyUse { key_id, at, address: Some(address.parse().unwrap()) };
    world.store.key_touch(vec![used(NOW.plus_ms(5), "2001:db8::1"), used(NOW, "192.0.2.1")]).await.unwrap();
    let key = get(&world, key_id).await;
    assert_eq!(
        (key.last_used_at, key.last_used_ip),
        (Some(NOW.plus_ms(5)), Some("2001:db8::1".parse().unwrap()))
    );
}
