//! The event log: in the order of commit, by type, and as a follower reads it.

use hopline_domain::{event::EventType, store::*};

use crate::endpoints::raise;
use crate::fixtures::*;

pub(crate) async fn the_event_log_pages_and_follows(world: World) {
    let workspace_id = world.caller.workspace_id;
    assert_eq!(world.store.event_last_seq().await.unwrap(), 0);
    for _ in 0..3 {
        raise(&world).await;
    }
    let last = world.store.event_last_seq().await.unwrap();
    let all = world.store.event_list(workspace_id, None, page(10)).await.unwrap().items;
    let seqs: Vec<i64> = all.iter().map(|event| event.seq).collect();
    assert_eq!((seqs.len(), seqs[0]), (3, last));
    assert!(seqs.is_sorted_by(|newer, older| newer > older));
    let first = world.store.event_list(workspace_id, Some(EventType::ResolveDone), page(2)).await.unwrap();
    let rest = Page { limit: 2, cursor: first.next };
    let rest = world.store.event_list(workspace_id, Some(EventType::ResolveDone), rest).await.unwrap();
    assert_eq!((first.items.len(), rest.items.len(), rest.next), (2, 1, None));
    let none = world.store.event_list(workspace_id, Some(EventType::LinkCreated), page(2)).await.unwrap();
    assert!(none.items.is_empty());
    let after = world.store.event_after(workspace_id, None, seqs[2], 10).await.unwrap();
    assert_eq!(after.iter().map(|event| event.seq).collect::<Vec<_>>(), [seqs[1], seqs[0]]);
    let typed = world.store.event_after(workspace_id, Some(EventType::LinkCreated), 0, 10).await.unwrap();
    assert!(typed.is_empty());
    assert_eq!(world.store.event_get(workspace_id, all[1].id).await.unwrap().as_ref(), Some(&all[1]));
}
