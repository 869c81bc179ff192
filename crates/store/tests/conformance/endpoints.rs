//! Subscribed endpoints: who is told what, at which pace, and when an endpoint is given up.

use hopline_domain::{
    delivery::{DeliveryState, MessageId, Next, Receiver, WaitingFor},
    endpoint::{
        BatchRule, DisabledReason, Endpoint, EndpointSettings, EndpointState, EventFilter, LinkFilter, Pace,
        SealedHeaders, test_event,
    },
    entropy::OsEntropy,
    event::{EventType, Occasion},
    id::{DeliveryId, EndpointId, EventId, FamilyId, LinkId},
    lane::LaneEffect,
    limits,
    retry::RetrySchedule,
    store::*,
    time::{DAY_MS, HOUR_MS, Timestamp},
};

use crate::fixtures::*;

const URL: &str = "https://hooks.example/all";

pub(crate) fn settings(events: &[&str]) -> EndpointSettings {
    EndpointSettings {
        url: URL.to_owned(),
        description: "a test's own".to_owned(),
        events: EventFilter::new(events.iter().map(|name| name.parse().unwrap())),
        links: LinkFilter::default(),
        headers: SealedHeaders::default(),
        signature_headers: vec!["X-Hopline-Signature".to_owned()],
        pace: Pace::default(),
        batch: None,
    }
}

fn create(settings: EndpointSettings) -> EndpointCreate {
    EndpointCreate {
        id: EndpointId::generate(NOW, &OsEntropy),
        family_id: FamilyId::generate(NOW, &OsEntropy),
        sealed_secret: b"sealed-e".to_vec(),
        settings,
        endpoints_max: None,
        idempotency: None,
        audit: audit("webhook.create"),
    }
}

pub(crate) async fn subscribe(world: &World, settings: EndpointSettings) -> Endpoint {
    let created = world.store.endpoint_create(world.caller, create(settings), NOW).await.unwrap();
    let Created::New(endpoint) = created else { panic!("{created:?}") };
    endpoint
}

/// Ends a job, which raises `resolve.done`.
pub(crate) async fn raise(world: &World) {
    world.run(&ASK, done()).await;
}

async fn of_endpoint(world: &World, id: EndpointId) -> Vec<DeliveryView> {
    let filter = DeliveryFilter { endpoint_id: Some(id), ..DeliveryFilter::default() };
    world.store.delivery_list(world.caller.workspace_id, filter, page(100)).await.unwrap().items
}

async fn update(world: &World, endpoint: &Endpoint, change: EndpointUpdate) -> Endpoint {
    let changed = world.store.endpoint_update(world.caller, change, NOW).await.unwrap();
    let Changed::Done(changed) = changed else { panic!("{changed:?} of {endpoint:?}") };
    changed
}

fn switched(endpoint: &Endpoint, switch: Switch) -> EndpointUpdate {
    EndpointUpdate { switch: Some(switch), ..set(endpoint, endpoint.settings.clone()) }
}

fn set(endpoint: &Endpoint, settings: EndpointSettings) -> EndpointUpdate {
    EndpointUpdate {
        endpoint_id: endpoint.id,
        settings,
        switch: None,
        expected: Box::new(endpoint.clone()),
        audit: audit("webhook.update"),
    }
}

async fn now_is(world: &World, id: EndpointId) -> Endpoint {
    world.store.endpoint_get(world.caller.workspace_id, id).await.unwrap().expect("the endpoint is there")
}

pub(crate) async fn an_endpoint_is_kept_as_it_was_given(world: World) {
    let mut given = settings(&["link.*", "resolve.done"]);
    given.links.link_ids.insert(LinkId::generate(NOW, &OsEntropy));
    given.headers = SealedHeaders { names: vec!["X-A".to_owned()], sealed: b"sealed".to_vec() };
    given.pace = Pace {
        schedule: RetrySchedule::new(vec![1, 2]).unwrap(),
        timeout_ms: 3_000,
        concurrency: 7,
        rate_per_s: Some(9),
    };
    given.batch = Some(BatchRule { max_events: 5, max_wait_ms: 6 });
    let made = subscribe(&world, given.clone()).await;
    assert_eq!((&made.settings, made.state, made.failing_since), (&given, EndpointState::Active, None));
    assert_eq!(now_is(&world, made.id).await, made);
    let list = world.store.endpoint_list(world.caller.workspace_id, page(10)).await.unwrap();
    assert_eq!(list.items, [made]);
}

pub(crate) async fn the_plan_bounds_endpoints(world: World) {
    subscribe(&world, settings(&["*"])).await;
    let over = EndpointCreate { endpoints_max: Some(1), ..create(settings(&["*"])) };
    let refused = world.store.endpoint_create(world.caller, over, NOW).await.unwrap();
    assert!(matches!(refused, Created::PlanLimit { limit: 1, used: 1 }), "{refused:?}");
}

pub(crate) async fn making_an_endpoint_twice_with_one_key_makes_one(world: World) {
    let ask = |print| EndpointCreate { idempotency: Some(claim_of("k", print)), ..create(settings(&["*"])) };
    let make = async |print| world.store.endpoint_create(world.caller, ask(print), NOW).await.unwrap();
    let Created::New(made) = make(1).await else { panic!("not made") };
    assert!(matches!(make(1).await, Created::Replayed(same) if same == made));
    assert!(matches!(make(2).await, Created::IdempotencyKeyReused));
    let delete = EndpointDelete { endpoint_id: made.id, expected: None, audit: audit("webhook.delete") };
    world.store.endpoint_delete(world.caller, delete, NOW).await.unwrap();
    assert!(
        matches!(make(1).await, Created::Replayed(gone) if gone.id == made.id && gone.state == EndpointState::Deleted)
    );
}

pub(crate) async fn only_those_that_subscribe_are_told_once(world: World) {
    let told = subscribe(&world, settings(&["resolve.*", "resolve.done"])).await;
    let all = subscribe(&world, settings(&["*"])).await;
    let links = subscribe(&world, settings(&["link.*"])).await;
    let mut narrow = settings(&["*"]);
    narrow.links.link_ids.insert(LinkId::generate(NOW, &OsEntropy));
    let narrow = subscribe(&world, narrow).await;
    raise(&world).await;
    let counts = [&told, &all, &links, &narrow].map(|endpoint| of_endpoint(&world, endpoint.id));
    let counts = lengths_of(counts).await;
    assert_eq!(counts, [1, 1, 0, 0]);
    let view = &of_endpoint(&world, told.id).await[0];
    assert_eq!((view.delivery.endpoint_id, view.delivery.url.as_str()), (Some(told.id), URL));
    assert_eq!(view.delivery.event_type, EventType::ResolveDone.as_str());
}

/// Lengths of lists that are still to come.
async fn lengths_of<const N: usize>(lists: [impl Future<Output = Vec<DeliveryView>>; N]) -> Vec<usize> {
    let mut lengths = Vec::new();
    for list in lists {
        lengths.push(list.await.len());
    }
    lengths
}

pub(crate) async fn a_claim_brings_the_endpoints_own_rules(world: World) {
    let mut given = settings(&["*"]);
    given.pace.schedule = RetrySchedule::new(vec![60]).unwrap();
    given.pace.timeout_ms = 3_000;
    given.signature_headers = vec!["X-Mine".to_owned()];
    given.headers = SealedHeaders { names: vec!["X-A".to_owned()], sealed: b"sealed".to_vec() };
    let endpoint = subscribe(&world, given).await;
    raise(&world).await;
    let mut moved = endpoint.settings.clone();
    "https://elsewhere.example/".clone_into(&mut moved.url);
    update(&world, &endpoint, set(&endpoint, moved)).await;
    let claimed = world.claim_delivery(NOW).await;
    assert_eq!(claimed.url, "https://elsewhere.example/", "a change is in force from the next attempt");
    assert_eq!((claimed.rules.receiver, claimed.rules.timeout_ms), (Receiver::Endpoint, 3_000));
    assert_eq!(claimed.rules.schedule.delays_s(), [60]);
    assert_eq!(claimed.rules.sealed_headers, Some((endpoint.id, b"sealed".to_vec())));
    assert_eq!(claimed.signature_headers, ["X-Mine"]);
    assert_eq!(claimed.secrets[0].sealed, b"sealed-e");
    let events = world.store.event_list(world.caller.workspace_id, None, page(1)).await.unwrap();
    assert_eq!(claimed.body, events.items[0].body);
    assert_eq!(claimed.message_id, MessageId::Event(events.items[0].id));
}

pub(crate) async fn concurrency_and_rate_bound_a_claim(world: World) {
    let mut given = settings(&["*"]);
    given.pace.concurrency = 2;
    let wide = subscribe(&world, given.clone()).await;
    given.pace = Pace { concurrency: 10, rate_per_s: Some(10), ..Pace::default() };
    let slow = subscribe(&world, given).await;
    for _ in 0..5 {
        raise(&world).await;
    }
    let claimed = world.claim_deliveries(100, 1, NOW).await;
    let of = |id: EndpointId| claimed.iter().filter(|one| one.lane.as_str() == id.to_string()).count();
    assert_eq!((of(wide.id), of(slow.id)), (2, 1), "one place of ten a second is free at once");
    let waits = of_endpoint(&world, slow.id).await;
    let pending = waits.iter().find(|view| view.delivery.state == DeliveryState::Pending).unwrap();
    assert_eq!(pending.delivery.waiting_for(pending.lane, NOW), Some(WaitingFor::Rate));
    assert_eq!(pending.delivery.attempts, 0);
    assert_eq!(world.store.delivery_next_due(NOW).await.unwrap(), Some(NOW.plus_ms(100)));
    assert_eq!(world.claim_deliveries(100, 1, NOW.plus_ms(99)).await.len(), 0);
    assert_eq!(world.claim_deliveries(100, 1, NOW.plus_ms(100)).await.len(), 1);
}

pub(crate) async fn a_disabled_endpoints_deliveries_wait_and_one_probe_comes_first(world: World) {
    let endpoint = subscribe(&world, settings(&["*"])).await;
    raise(&world).await;
    let off = update(&world, &endpoint, switched(&endpoint, Switch::Off)).await;
    assert_eq!(off.state, EndpointState::Disabled { reason: DisabledReason::Manual, at: NOW });
    raise(&world).await;
    raise(&world).await;
    assert!(world.claim_deliveries(10, 1, NOW.plus_ms(DAY_MS)).await.is_empty());
    let views = of_endpoint(&world, endpoint.id).await;
    assert_eq!(views.len(), 3, "what happens meanwhile waits as well");
    for view in &views {
        assert_eq!(view.delivery.waiting_for(view.lane, NOW), Some(WaitingFor::Disabled));
    }
    let on = update(&world, &off, switched(&off, Switch::On)).await;
    assert_eq!(on.state, EndpointState::Active);
    let probe = world.claim_deliveries(10, 1, NOW).await;
    assert_eq!(probe.len(), 1);
    world.end_attempt(&probe[0], Ends::Well, NOW).await;
    assert_eq!(world.claim_deliveries(10, 1, NOW).await.len(), 2);
}

pub(crate) async fn a_receiver_that_is_gone_disables_its_endpoint(world: World) {
    let gone = subscribe(&world, settings(&["resolve.*"])).await;
    let watcher = subscribe(&world, settings(&["endpoint.disabled"])).await;
    raise(&world).await;
    let claimed = world.claim_delivery(NOW).await;
    let mut end = attempt_end(1, Ends::Failed);
    end.decision.lane = LaneEffect::Disable;
    assert_eq!(
        world.store.delivery_attempt_finish(claimed.lease, end, NOW).await.unwrap(),
        Finished::Recorded
    );
    let endpoint = now_is(&world, gone.id).await;
    assert_eq!(endpoint.state, EndpointState::Disabled { reason: DisabledReason::Gone, at: NOW });
    let told = of_endpoint(&world, watcher.id).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].delivery.event_type, "endpoint.disabled");
}

pub(crate) async fn five_days_of_failures_disable_and_one_success_forgives(world: World) {
    let endpoint = subscribe(&world, settings(&["resolve.*"])).await;
    raise(&world).await;
    let fail_at = async |at: Timestamp| {
        let claimed = world.claim_delivery(at).await;
        let mut end = attempt_end(claimed.attempt_number, Ends::Retry(at.plus_ms(HOUR_MS)));
        end.attempt.started_at = at;
        world.store.delivery_attempt_finish(claimed.lease, end, at).await.unwrap();
        now_is(&world, endpoint.id).await
    };
    assert_eq!(fail_at(NOW).await.failing_since, Some(NOW));
    let short = NOW.plus_ms(limits::ENDPOINT_FAILING_MS_MAX - 1);
    assert_eq!(fail_at(short).await.state, EndpointState::Active);
    let claimed = world.claim_delivery(short.plus_ms(HOUR_MS)).await;
    world.end_attempt(&claimed, Ends::Well, short.plus_ms(HOUR_MS)).await;
    assert_eq!(now_is(&world, endpoint.id).await.failing_since, None, "a success forgives");
    raise(&world).await;
    let again = short.plus_ms(2 * HOUR_MS);
    assert_eq!(fail_at(again).await.state, EndpointState::Active);
    let late = again.plus_ms(limits::ENDPOINT_FAILING_MS_MAX);
    let disabled = EndpointState::Disabled { reason: DisabledReason::Failing, at: late };
    assert_eq!(fail_at(late).await.state, disabled);
}

fn batched(max_events: u32, max_wait_ms: u32) -> EndpointSettings {
    EndpointSettings { batch: Some(BatchRule { max_events, max_wait_ms }), ..settings(&["*"]) }
}

pub(crate) async fn a_batch_is_sent_when_full_or_when_its_first_has_waited(world: World) {
    let endpoint = subscribe(&world, batched(3, 1_000)).await;
    for _ in 0..4 {
        raise(&world).await;
    }
    let full = world.claim_deliveries(10, 1, NOW).await;
    assert_eq!(full.len(), 1, "three of four are a batch, the fourth waits");
    let MessageId::Batch(batch_id) = full[0].message_id else { panic!("{:?}", full[0].message_id) };
    let text = String::from_utf8(full[0].body.clone()).unwrap();
    assert_eq!(text.matches("\"event\":\"resolve.done\"").count(), 3);
    assert_eq!(full[0].event_seq, None);
    let later = NOW.plus_ms(1_000);
    assert!(world.claim_deliveries(10, 1, NOW.plus_ms(999)).await.is_empty());
    let waited = world.claim_deliveries(10, 1, later).await;
    assert_eq!(waited.len(), 1);
    world.end_attempt(&full[0], Ends::Retry(later), NOW).await;
    let views = of_endpoint(&world, endpoint.id).await;
    let in_batch = |view: &&DeliveryView| view.delivery.batch_id == Some(batch_id);
    assert_eq!(views.iter().filter(in_batch).count(), 3);
    assert!(views.iter().filter(in_batch).all(|view| view.delivery.attempts == 1));
    raise(&world).await;
    let mut again = world.claim_deliveries(10, 1, later).await;
    again.retain(|one| one.message_id == full[0].message_id);
    assert_eq!((again.len(), &again[0].body), (1, &full[0].body), "its composition is fixed");
    assert_eq!((again[0].message_id, again[0].attempt_number), (MessageId::Batch(batch_id), 2));
    world.end_attempt(&again[0], Ends::Well, later).await;
    let ended = of_endpoint(&world, endpoint.id).await;
    let done = ended.iter().filter(|view| view.delivery.state == DeliveryState::Succeeded).count();
    assert_eq!(done, 3);
    let (_, attempts) = world.delivery(views.iter().find(in_batch).unwrap().delivery.id).await;
    assert_eq!(attempts.len(), 2, "each of a batch shows the attempts of the batch");
}

pub(crate) async fn a_batch_is_cancelled_and_retried_as_a_whole(world: World) {
    let endpoint = subscribe(&world, batched(2, 1_000)).await;
    raise(&world).await;
    raise(&world).await;
    let claimed = world.claim_delivery(NOW).await;
    let ids: Vec<DeliveryId> =
        of_endpoint(&world, endpoint.id).await.iter().map(|view| view.delivery.id).collect();
    let workspace_id = world.caller.workspace_id;
    for id in &ids {
        let busy = world.store.delivery_cancel(workspace_id, *id, NOW).await.unwrap();
        assert_eq!(busy, ManualRetry::UnderWay);
    }
    world.end_attempt(&claimed, Ends::Retry(NOW.plus_ms(HOUR_MS)), NOW).await;
    world.store.delivery_cancel(workspace_id, ids[0], NOW).await.unwrap();
    let states = async || {
        let views = of_endpoint(&world, endpoint.id).await;
        views.iter().map(|view| view.delivery.state).collect::<Vec<_>>()
    };
    assert_eq!(states().await, [DeliveryState::Cancelled; 2]);
    world.store.delivery_retry(workspace_id, ids[1], NOW).await.unwrap();
    assert_eq!(states().await, [DeliveryState::Pending; 2]);
    let again = world.claim_delivery(NOW).await;
    assert_eq!(again.body, claimed.body);
    world.end_attempt(&again, Ends::Well, NOW).await;
    assert_eq!(world.store.queue_depths().await.unwrap().deliveries_pending, 0);
}

pub(crate) async fn a_deleted_endpoint_gets_nothing_and_leaves_nothing_waiting(world: World) {
    let endpoint = subscribe(&world, settings(&["*"])).await;
    for _ in 0..3 {
        raise(&world).await;
    }
    let under_way = world.claim_deliveries(1, 1, NOW).await;
    let delete =
        |expected| EndpointDelete { endpoint_id: endpoint.id, expected, audit: audit("webhook.delete") };
    let other = Endpoint { updated_at: NOW.plus_ms(1), ..endpoint.clone() };
    let stale = world.store.endpoint_delete(world.caller, delete(Some(Box::new(other))), NOW).await.unwrap();
    assert!(matches!(stale, Changed::Stale));
    let deleted = world.store.endpoint_delete(world.caller, delete(None), NOW).await.unwrap();
    assert!(matches!(deleted, Changed::Done(_)));
    let twice = world.store.endpoint_delete(world.caller, delete(None), NOW).await.unwrap();
    assert!(matches!(twice, Changed::NotFound));
    assert!(world.claim_deliveries(10, 1, NOW).await.is_empty());
    raise(&world).await;
    assert_eq!(world.store.endpoint_tidy(NOW, 1).await.unwrap(), 1);
    assert_eq!(world.store.endpoint_tidy(NOW, 10).await.unwrap(), 1);
    world.end_attempt(&under_way[0], Ends::Well, NOW).await;
    let states: Vec<_> =
        of_endpoint(&world, endpoint.id).await.iter().map(|view| view.delivery.state).collect();
    let (cancelled, succeeded) = (DeliveryState::Cancelled, DeliveryState::Succeeded);
    assert_eq!(states, [cancelled, cancelled, succeeded]);
    assert_eq!(world.store.queue_depths().await.unwrap().deliveries_pending, 0);
    assert_eq!(world.store.endpoint_get(world.caller.workspace_id, endpoint.id).await.unwrap(), None);
}

pub(crate) async fn what_waits_for_a_disabled_endpoint_expires_with_its_event(world: World) {
    let endpoint = subscribe(&world, settings(&["*"])).await;
    raise(&world).await;
    update(&world, &endpoint, switched(&endpoint, Switch::Off)).await;
    let swept = async |now: Timestamp| {
        let before = now.minus_ms(30 * DAY_MS);
        let retention = Retention {
            jobs_before: Timestamp(0),
            evidence_before: Timestamp(0),
            screenshots_before: Timestamp(0),
            events_before: before,
            attempts_before: before,
            audit_before: Timestamp(0),
            idempotency_before: now,
        };
        world.store.retention_sweep(retention, 100).await.unwrap()
    };
    swept(NOW.plus_ms(30 * DAY_MS)).await;
    assert_eq!(of_endpoint(&world, endpoint.id).await[0].delivery.state, DeliveryState::Pending);
    swept(NOW.plus_ms(30 * DAY_MS + 1)).await;
    let expired = of_endpoint(&world, endpoint.id).await;
    assert_eq!(expired[0].delivery.state, DeliveryState::Expired);
    assert_eq!(expired[0].delivery.attempts, 0);
    assert_eq!(world.store.queue_depths().await.unwrap().deliveries_pending, 0);
    swept(NOW.plus_ms(61 * DAY_MS)).await;
    assert!(of_endpoint(&world, endpoint.id).await.is_empty());
    assert_eq!(now_is(&world, endpoint.id).await.id, endpoint.id, "the endpoint itself stays");
}

pub(crate) async fn a_stale_reading_changes_no_endpoint(world: World) {
    let endpoint = subscribe(&world, settings(&["resolve.*"])).await;
    let mut other = endpoint.settings.clone();
    other.events = EventFilter::new(["link.*".parse().unwrap()]);
    let changed = update(&world, &endpoint, set(&endpoint, other)).await;
    let stale =
        world.store.endpoint_update(world.caller, switched(&endpoint, Switch::Off), NOW).await.unwrap();
    assert!(matches!(stale, Changed::Stale) || changed == endpoint);
    raise(&world).await;
    assert!(of_endpoint(&world, endpoint.id).await.is_empty(), "it subscribes to something else now");
}

pub(crate) async fn another_workspace_sees_no_endpoint(world: World) {
    let endpoint = subscribe(&world, settings(&["*"])).await;
    let stranger = world.stranger();
    let (workspace_id, id) = (stranger.workspace_id, endpoint.id);
    assert_eq!(world.store.endpoint_get(workspace_id, id).await.unwrap(), None);
    assert!(world.store.endpoint_list(workspace_id, page(10)).await.unwrap().items.is_empty());
    let changed = world.store.endpoint_update(stranger, switched(&endpoint, Switch::Off), NOW).await.unwrap();
    assert!(matches!(changed, Changed::NotFound));
    let delete = EndpointDelete { endpoint_id: id, expected: None, audit: audit("webhook.delete") };
    let deleted = world.store.endpoint_delete(stranger, delete, NOW).await.unwrap();
    assert!(matches!(deleted, Changed::NotFound));
    let test = world.store.endpoint_test(stranger, test_of(&endpoint, None), NOW).await.unwrap();
    assert!(matches!(test, Created::NotFound));
    raise(&world).await;
    let event =
        world.store.event_list(world.caller.workspace_id, None, page(1)).await.unwrap().items.remove(0);
    assert_eq!(world.store.event_get(workspace_id, event.id).await.unwrap(), None);
    assert!(world.store.event_after(workspace_id, None, 0, 10).await.unwrap().is_empty());
}

fn test_of(endpoint: &Endpoint, key: Option<(&'static str, u8)>) -> EndpointTest {
    let occasion = Occasion {
        id: EventId::generate(NOW, &OsEntropy),
        workspace_id: endpoint.workspace_id,
        created_at: NOW,
    };
    EndpointTest {
        endpoint_id: endpoint.id,
        event: test_event(occasion, endpoint.id),
        idempotency: key.map(|(key, print)| claim_of(key, print)),
    }
}

pub(crate) async fn a_test_goes_to_its_endpoint_alone_and_once_per_key(world: World) {
    let endpoint = subscribe(&world, settings(&["link.*"])).await;
    let other = subscribe(&world, settings(&["*"])).await;
    let test =
        async |key| world.store.endpoint_test(world.caller, test_of(&endpoint, key), NOW).await.unwrap();
    let Created::New(view) = test(Some(("t", 1))).await else { panic!("not made") };
    assert_eq!(view.delivery.event_type, "webhook.test");
    assert!(
        matches!(test(Some(("t", 1))).await, Created::Replayed(same) if same.delivery.id == view.delivery.id)
    );
    assert!(matches!(test(Some(("t", 2))).await, Created::IdempotencyKeyReused));
    assert_eq!(of_endpoint(&world, endpoint.id).await.len(), 1);
    assert!(of_endpoint(&world, other.id).await.is_empty());
}

pub(crate) async fn at_most_three_secrets_of_an_endpoint_sign(world: World) {
    let endpoint = subscribe(&world, settings(&["*"])).await;
    for number in 1..=3_u8 {
        let rotation = EndpointSecretRotation {
            endpoint_id: endpoint.id,
            sealed: vec![number],
            old_until: NOW.plus_ms(HOUR_MS),
            idempotency: None,
            audit: audit("webhook.secret_rotate"),
        };
        let rotated = world.store.endpoint_secret_rotate(world.caller, rotation, NOW).await.unwrap();
        assert!(matches!(rotated, Created::New(_)));
    }
    raise(&world).await;
    raise(&world).await;
    let signs = async |now| {
        let claimed = world.claim_delivery(now).await;
        claimed.secrets.into_iter().map(|secret| secret.sealed).collect::<Vec<_>>()
    };
    assert_eq!(signs(NOW).await, [[3], [2], [1]], "newest first, the first one is gone");
    assert_eq!(signs(NOW.plus_ms(HOUR_MS)).await, [[3]]);
}

pub(crate) async fn a_dead_lane_holds_up_nobody(world: World) {
    let hanging = subscribe(&world, settings(&["*"])).await;
    let healthy = subscribe(&world, settings(&["*"])).await;
    for _ in 0..50 {
        raise(&world).await;
    }
    let claimed = world.claim_deliveries(100, 1, NOW).await;
    let of = |id: EndpointId| claimed.iter().filter(move |one| one.lane.as_str() == id.to_string());
    assert_eq!((of(hanging.id).count(), of(healthy.id).count()), (4, 4));
    let mut served = 4;
    let mut batch: Vec<_> = of(healthy.id).cloned().collect();
    while !batch.is_empty() {
        for one in &batch {
            let end = AttemptEnd {
                decision: hopline_domain::delivery::Decision {
                    next: Next::Succeeded,
                    lane: LaneEffect::Open,
                },
                ..attempt_end(1, Ends::Well)
            };
            world.store.delivery_attempt_finish(one.lease, end, NOW).await.unwrap();
        }
        batch = world.claim_deliveries(100, 1, NOW).await;
        assert!(batch.iter().all(|one| one.lane.as_str() == healthy.id.to_string()));
        served += batch.len();
    }
    assert_eq!(served, 50);
}
