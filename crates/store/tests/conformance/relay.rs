//! The relay of clicks: told once to each endpoint that wants them, and never what was before it.

use std::sync::Arc;

use hopline_domain::{
    click::{JournalClick, JournalOffset},
    id::{EventId, LinkId},
    short_link::ShortUrls,
    store::*,
    time::Timestamp,
};

use crate::{
    clicks::plain,
    endpoints::{settings, subscribe},
    fixtures::*,
};

fn click(world: &World, offset: u64, at: Timestamp) -> JournalClick {
    JournalClick { offset: JournalOffset(offset), click: plain(world.caller.workspace_id, 1, at) }
}

async fn tell(world: &World, from: u64, clicks: Vec<JournalClick>, spent: Vec<(LinkId, u64)>) -> Relayed {
    let next = JournalOffset(clicks.last().map_or(from, |click| click.offset.0 + 1));
    let urls = Arc::new(ShortUrls::new(&"https://go.example/".parse().unwrap()));
    let batch = RelayBatch { from: JournalOffset(from), clicks, next, spent, urls };
    world.store.relay_clicks(batch, NOW).await.unwrap()
}

pub(crate) async fn clicks_are_told_once_to_each_endpoint_that_wants_them(world: World) {
    for events in [&["link.*"][..], &["link.clicked"], &["resolve.*"]] {
        subscribe(&world, settings(events)).await;
    }
    assert_eq!(world.store.relay_cursor().await.unwrap(), JournalOffset(0));
    let clicks = || vec![click(&world, 0, NOW), click(&world, 70, NOW)];
    assert_eq!(tell(&world, 0, clicks(), Vec::new()).await, Relayed::Moved { deliveries: 4 });
    assert_eq!(world.store.relay_cursor().await.unwrap(), JournalOffset(71));
    assert_eq!(tell(&world, 0, clicks(), Vec::new()).await, Relayed::Stale);
    assert_eq!(tell(&world, 71, clicks(), Vec::new()).await, Relayed::Moved { deliveries: 0 });
    let claimed = world.claim_deliveries(10, 1, NOW).await;
    assert_eq!(claimed.len(), 4);
    let id = EventId::of_click(click(&world, 70, NOW).id()).to_string();
    assert_eq!(claimed.iter().filter(|one| one.message_id.to_string() == id).count(), 2);
    assert!(claimed.iter().all(|one| one.event_seq.is_none()), "clicks have no place in the event log");
    assert!(String::from_utf8_lossy(&claimed[0].body).contains("\"event\":\"link.clicked\""));
    let log = world.store.event_list(world.caller.workspace_id, None, page(10)).await.unwrap();
    assert!(log.items.is_empty() && world.store.event_last_seq().await.unwrap() == 0);
}

pub(crate) async fn what_was_clicked_before_an_endpoint_is_not_for_it(world: World) {
    subscribe(&world, settings(&["*"])).await;
    let clicks = vec![click(&world, 0, NOW.minus_ms(1)), click(&world, 1, NOW)];
    assert_eq!(tell(&world, 0, clicks, Vec::new()).await, Relayed::Moved { deliveries: 1 });
}

pub(crate) async fn a_limit_that_is_reached_is_told_once(world: World) {
    subscribe(&world, settings(&["link.limit_reached"])).await;
    let mut link = crate::links::plain("limited");
    link.content.max_clicks = Some(2);
    let link = crate::links::made(&world, link).await;
    for (from, spent, events) in [(0, 1, 0), (1, 2, 1), (2, 3, 1)] {
        tell(&world, from, vec![click(&world, from, NOW)], vec![(link.id, spent)]).await;
        let told = world.claim_deliveries(10, 1, NOW).await.len();
        assert_eq!(told, usize::from(spent == 2), "after {spent} clicks, {events} in all");
    }
}
