//! Workspaces: the first one, its use, its credits.

use hopline_domain::{
    credit::{EntryKind, Pool},
    entropy::OsEntropy,
    id::{FamilyId, WorkspaceId},
    store::*,
    time::{DAY_MS, Timestamp},
};

use crate::fixtures::*;

pub(crate) async fn the_first_workspace_is_made_once(world: World) {
    let id = WorkspaceId::generate(NOW, &OsEntropy);
    let again = Bootstrap {
        workspace: Workspace { id, name: "again".to_owned(), plan: "pro".to_owned(), created_at: NOW },
        key: new_key("again"),
        family_id: FamilyId::generate(NOW, &OsEntropy),
        sealed_secret: Vec::new(),
        grant_id: ledger_id(),
        credits: 5,
    };
    let hash = again.key.hash;
    let existing = world.store.workspace_bootstrap(again, NOW).await.unwrap();
    assert_eq!(existing, Bootstrapped::Existing(world.caller.workspace_id));
    assert!(world.store.workspace_get(id).await.unwrap().is_none());
    assert!(world.store.key_authenticate(hash).await.unwrap().is_none());
    let (workspace, balance) = world.store.workspace_get(world.caller.workspace_id).await.unwrap().unwrap();
    assert_eq!((workspace.name.as_str(), workspace.plan.as_str()), ("first", "free"));
    assert_eq!((balance.plan, balance.pack), (0, CREDITS));
}

pub(crate) async fn usage_counts_keys_jobs_and_resolves(world: World) {
    let other = world.second_family().await;
    world.run(&ASK, done()).await;
    world.queue(&ASK).await;
    queued(world.ask_at(other, &ASK, NOW).await);
    let usage = world.store.workspace_usage(world.caller, NOW).await.unwrap();
    assert_eq!((usage.keys, usage.jobs_unfinished, usage.resolves_today), (2, 2, 2));
    assert_eq!(world.store.workspace_usage(other, NOW).await.unwrap().resolves_today, 1);
    assert_eq!(world.store.workspace_usage(other, NOW.plus_ms(DAY_MS)).await.unwrap().resolves_today, 0);
}

fn grant(world: &World, amount: i64) -> Grant {
    Grant {
        id: ledger_id(),
        workspace_id: world.caller.workspace_id,
        pool: Pool::Pack,
        amount,
        note: Some("thanks".to_owned()),
        idempotency: None,
        audit: audit("credits.grant"),
    }
}

pub(crate) async fn a_grant_adds_to_ledger_and_balance(world: World) {
    let grant = grant(&world, 7);
    let created = world.store.credit_grant(world.caller, grant.clone(), NOW).await.unwrap();
    let Created::New(entry) = created else { panic!("{created:?}") };
    assert_eq!(
        (entry.id, entry.kind, entry.amount, entry.note.as_deref()),
        (grant.id, EntryKind::Grant, 7, Some("thanks"))
    );
    assert_eq!(world.ledger().await[0], entry);
    assert_eq!(world.balance().await, CREDITS + 7);
}

pub(crate) async fn a_grant_is_replayed(world: World) {
    let first = Grant { idempotency: Some(claim_of("g", 1)), ..grant(&world, 7) };
    world.store.credit_grant(world.caller, first.clone(), NOW).await.unwrap();
    let again = Grant { id: ledger_id(), ..first.clone() };
    let replayed = world.store.credit_grant(world.caller, again, NOW).await.unwrap();
    assert!(matches!(&replayed, Created::Replayed(entry) if entry.id == first.id), "{replayed:?}");
    let other = Grant { idempotency: Some(claim_of("g", 2)), ..grant(&world, 8) };
    let reused = world.store.credit_grant(world.caller, other, NOW).await.unwrap();
    assert!(matches!(reused, Created::IdempotencyKeyReused), "{reused:?}");
    assert_eq!(world.balance().await, CREDITS + 7);
}

pub(crate) async fn an_unknown_workspace_gets_no_grant(world: World) {
    let nobody = Grant { workspace_id: world.stranger().workspace_id, ..grant(&world, 7) };
    assert!(matches!(world.store.credit_grant(world.caller, nobody, NOW).await.unwrap(), Created::NotFound));
}

pub(crate) async fn the_ledger_pages_newest_first(world: World) {
    for amount in 1..=3 {
        world.store.credit_grant(world.caller, grant(&world, amount), NOW).await.unwrap();
    }
    let first = world.store.credit_list(world.caller.workspace_id, page(2)).await.unwrap();
    let rest = Page { limit: 2, cursor: first.next };
    let second = world.store.credit_list(world.caller.workspace_id, rest).await.unwrap();
    let amounts: Vec<_> = first.items.iter().chain(&second.items).map(|entry| entry.amount).collect();
    assert_eq!(amounts, [3, 2, 1, CREDITS]);
    let stranger = world.stranger().workspace_id;
    assert!(world.store.credit_list(stranger, page(2)).await.unwrap().items.is_empty());
}

pub(crate) async fn a_month_turns_once_and_expires_the_rest(world: World) {
    let id = world.caller.workspace_id;
    let turn = async |credits, now| {
        world.store.credit_month_turn(id, credits, [ledger_id(), ledger_id()], now).await.unwrap();
        let (_, balance) = world.store.workspace_get(id).await.unwrap().unwrap();
        (balance.plan, balance.pack)
    };
    assert_eq!(turn(10, NOW).await, (10, CREDITS));
    assert_eq!(turn(10, NOW).await, (10, CREDITS));
    world.queue(&Ask { price: 4, ..ASK }).await;
    let july = NOW.plus_ms(30 * DAY_MS);
    assert_eq!(turn(10, july).await, (10, CREDITS));
    // An earlier month does not turn it back.
    assert_eq!(turn(10, NOW).await, (10, CREDITS));
    let kinds: Vec<_> = world.ledger().await.into_iter().map(|entry| (entry.kind, entry.amount)).collect();
    assert_eq!(kinds[..2], [(EntryKind::Grant, 10), (EntryKind::Expire, -6)]);
    assert_eq!(world.balance().await, CREDITS + 10);
}

pub(crate) async fn months_that_are_due_are_found(world: World) {
    let due = async |now: Timestamp| world.store.credit_month_due(now, 10).await.unwrap();
    assert_eq!(due(NOW).await.len(), 1);
    let ids = [ledger_id(), ledger_id()];
    world.store.credit_month_turn(world.caller.workspace_id, 0, ids, NOW).await.unwrap();
    assert!(due(NOW.plus_ms(DAY_MS)).await.is_empty());
    assert_eq!(due(NOW.plus_ms(30 * DAY_MS)).await[0].id, world.caller.workspace_id);
    assert_eq!(world.balance().await, CREDITS);
}
