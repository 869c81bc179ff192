//! Waiting for the turn that politeness gives a link's host, off the chain's clock.

use std::time::Duration;

use hopline_outbound::{Outbound, Turn};
use tokio::time::{Instant, timeout};
use url::Url;

use crate::deadline::{Deadline, TURN_WAIT_MS_MAX};

/// Waits until the host of `link` may be asked; `deadline` stands still meanwhile, as long as it does for turns.
pub(crate) async fn polite_turn(outbound: &Outbound, deadline: &Deadline, link: &Url) -> Turn {
    let _waiting = deadline.await_turn();
    outbound.turn(link).await
}

/// Waits until a browser may begin at the host of `link`, and tells how long that took. What it asks there afterwards takes no
/// turns: a page that is held up shows something else.
pub(crate) async fn visit_turn(outbound: &Outbound, link: &Url) -> Duration {
    let begun = Instant::now();
    // Past the bound the visit begins all the same.
    drop(timeout(Duration::from_millis(TURN_WAIT_MS_MAX), outbound.turn(link)).await);
    begun.elapsed()
}
