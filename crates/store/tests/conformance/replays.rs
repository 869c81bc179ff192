//! Replays: which events they take, that they neither lose nor repeat any, and how they are stopped.

use hopline_domain::{
    delivery::DeliveryState,
    endpoint::{Endpoint, Replay, ReplayFilter, ReplayKind, ReplayOnly, ReplayState},
    entropy::OsEntropy,
    id::ReplayId,
    store::*,
};

use crate::{
    endpoints::{settings, subscribe},
    fixtures::*,
};

fn create(endpoint: &Endpoint, only: ReplayOnly) -> ReplayCreate {
    ReplayCreate {
        id: ReplayId::generate(NOW, &OsEntropy),
        endpoint_id: endpoint.id,
        filter: ReplayFilter { only, ..ReplayFilter::default() },
        kind: ReplayKind::Send,
        rate_per_s: None,
        idempotency: None,
        audit: audit("webhook.replay"),
    }
}

async fn begin(world: &World, create: ReplayCreate) -> Replay {
    let created = world.store.replay_create(world.caller, create, NOW).await.unwrap();
    let Created::New(replay) = created else { panic!("{created:?}") };
    replay
}

async fn now_is(world: &World, replay: &Replay) -> Replay {
    let found = world.store.replay_get(world.caller.workspace_id, replay.id).await.unwrap();
    found.expect("the replay is there")
}

/// Steps until nothing runs; answers how the replay ended.
async fn run(world: &World, replay: &Replay, limit: u32) -> Replay {
    for _ in 0..100 {
        if world.store.replay_step(NOW, limit).await.unwrap() == ReplayStep::Idle {
            return now_is(world, replay).await;
        }
    }
    panic!("the replay does not end");
}

async fn replayed(world: &World, endpoint: &Endpoint) -> Vec<DeliveryView> {
    let filter = DeliveryFilter { endpoint_id: Some(endpoint.id), ..DeliveryFilter::default() };
    let all = world.store.delivery_list(world.caller.workspace_id, filter, page(100)).await.unwrap().items;
    all.into_iter().filter(|view| view.delivery.replay_id.is_some()).collect()
}

/// One event that succeeded, one that failed for good, and one from before the endpoint.
async fn three_fates(world: &World) -> Endpoint {
    world.run(&ASK, done()).await;
    let endpoint = subscribe(world, settings(&["*"])).await;
    for ends in [Ends::Well, Ends::Failed] {
        world.run(&ASK, done()).await;
        let claimed = world.claim_delivery(NOW).await;
        world.end_attempt(&claimed, ends, NOW).await;
    }
    endpoint
}

pub(crate) async fn a_replay_takes_what_it_was_asked_for(world: World) {
    let endpoint = three_fates(&world).await;
    for (only, expected) in [(ReplayOnly::Failed, 1), (ReplayOnly::Missing, 1), (ReplayOnly::All, 3)] {
        let dry = ReplayCreate { kind: ReplayKind::DryRun, ..create(&endpoint, only) };
        let counted = run(&world, &begin(&world, dry).await, 10).await;
        assert_eq!((counted.matched, counted.scanned, counted.total), (expected, 3, 3), "{only:?}");
        assert_eq!(counted.state, ReplayState::Finished);
    }
    assert!(replayed(&world, &endpoint).await.is_empty(), "a dry run sends nothing");
    let sent = run(&world, &begin(&world, create(&endpoint, ReplayOnly::Undelivered)).await, 10).await;
    assert_eq!((sent.matched, sent.finished_at), (2, Some(NOW)));
    let views = replayed(&world, &endpoint).await;
    assert_eq!(views.len(), 2);
    assert!(views.iter().all(|view| view.delivery.state == DeliveryState::Pending));
    assert_eq!(world.claim_deliveries(10, 1, NOW).await.len(), 2);
    let again = run(&world, &begin(&world, create(&endpoint, ReplayOnly::Undelivered)).await, 10).await;
    assert_eq!(again.matched, 0, "what waits is not sent twice");
}

pub(crate) async fn a_replay_is_moved_on_in_pieces(world: World) {
    let endpoint = three_fates(&world).await;
    let replay = begin(&world, create(&endpoint, ReplayOnly::All)).await;
    let step = world.store.replay_step(NOW, 2).await.unwrap();
    assert_eq!(step, ReplayStep::Moved { scanned: 2, matched: 2 });
    let half = now_is(&world, &replay).await;
    assert_eq!((half.state, half.scanned, half.finished_at), (ReplayState::Running, 2, None));
    world.run(&ASK, done()).await;
    let ended = run(&world, &replay, 2).await;
    assert_eq!(
        (ended.scanned, ended.matched, ended.state),
        (3, 3, ReplayState::Finished),
        "not what came later"
    );
    assert_eq!(replayed(&world, &endpoint).await.len(), 3);
}

pub(crate) async fn a_rate_holds_a_replay_back(world: World) {
    let endpoint = three_fates(&world).await;
    let slow = ReplayCreate { rate_per_s: Some(1), ..create(&endpoint, ReplayOnly::All) };
    let replay = begin(&world, slow).await;
    let step = async |now| world.store.replay_step(now, 10).await.unwrap();
    assert_eq!(step(NOW).await, ReplayStep::Moved { scanned: 1, matched: 1 });
    assert_eq!(step(NOW).await, ReplayStep::Waits { until: NOW.plus_ms(1_000) });
    assert_eq!(step(NOW.plus_ms(1_000)).await, ReplayStep::Moved { scanned: 1, matched: 1 });
    assert_eq!(step(NOW.plus_ms(2_000)).await, ReplayStep::Moved { scanned: 1, matched: 1 });
    assert_eq!(now_is(&world, &replay).await.state, ReplayState::Finished);
}

pub(crate) async fn a_cancelled_replay_stops_where_it_is(world: World) {
    let endpoint = three_fates(&world).await;
    let replay = begin(&world, create(&endpoint, ReplayOnly::All)).await;
    world.store.replay_step(NOW, 1).await.unwrap();
    let cancel = async |caller| {
        world.store.replay_cancel(caller, replay.id, audit("webhook.replay_cancel"), NOW).await.unwrap()
    };
    assert!(matches!(cancel(world.stranger()).await, Changed::NotFound));
    assert!(
        matches!(cancel(world.caller).await, Changed::Done(done) if done.state == ReplayState::Cancelled)
    );
    assert!(matches!(cancel(world.caller).await, Changed::Conflict));
    assert_eq!(world.store.replay_step(NOW, 10).await.unwrap(), ReplayStep::Idle);
    assert_eq!(replayed(&world, &endpoint).await.len(), 1);
    assert_eq!(world.store.replay_get(world.stranger().workspace_id, replay.id).await.unwrap(), None);
}

pub(crate) async fn a_replay_is_begun_once_per_key_and_only_so_many_run(world: World) {
    let endpoint = three_fates(&world).await;
    let ask =
        |key| ReplayCreate { idempotency: Some(claim_of(key, 1)), ..create(&endpoint, ReplayOnly::All) };
    let made = begin(&world, ask("r")).await;
    let again = world.store.replay_create(world.caller, ask("r"), NOW).await.unwrap();
    assert!(matches!(again, Created::Replayed(same) if same.id == made.id));
    for _ in 1..hopline_domain::limits::REPLAYS_RUNNING_MAX {
        begin(&world, create(&endpoint, ReplayOnly::All)).await;
    }
    let over =
        world.store.replay_create(world.caller, create(&endpoint, ReplayOnly::All), NOW).await.unwrap();
    assert!(matches!(over, Created::Conflict));
}
