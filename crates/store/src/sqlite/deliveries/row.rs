//! A delivery with its event and lane as columns, and its attempts.

use hopline_domain::{
    delivery::{Attempt, Delivery, LaneState},
    id::{AttemptId, DeliveryId, EndpointId, EventId, JobId, ReplayId, WorkspaceId},
    lane::LaneKey,
    store::DeliveryView,
    time::Timestamp,
};

use super::batch;
use crate::sqlite::{fault::SqlResult, lanes, rows::Columns};

/// The columns [`read`] takes, in its order, with the tables they come from. While its batch is under way, so is it.
macro_rules! delivery_view {
    () => {
        "d.seq, d.id, d.workspace_id, e.id, e.type, d.event_seq, d.job_id, l.endpoint_id, d.replay_id, b.id,
    ifnull(p.url, d.url), l.key, iif(b.state = 'delivering', b.state, d.state), d.attempts, d.next_attempt_at,
    d.created_at, d.finished_at, d.last_error, l.disabled, l.paused_until, l.under_way, iif(l.probing, 1, l.concurrency),
    l.rate_per_s, l.rate_even_until_us
from deliveries d join events e on e.seq = d.event_seq join lanes l on l.id = d.lane_id
    left join deliveries b on b.seq = d.batch_seq left join endpoints p on p.id = l.endpoint_id"
    };
}
pub(super) use delivery_view;

/// A delivery and its lane's state, with its row number.
pub(super) fn read(columns: &mut Columns<'_, '_>) -> SqlResult<(i64, DeliveryView)> {
    let seq = columns.take()?;
    let delivery = Delivery {
        id: DeliveryId(columns.take()?),
        workspace_id: WorkspaceId(columns.take()?),
        event_id: EventId(columns.take()?),
        event_type: columns.take()?,
        event_seq: Some(columns.take()?).filter(|seq| *seq > 0),
        job_id: columns.take::<Option<_>>()?.map(JobId),
        endpoint_id: columns.take::<Option<_>>()?.map(EndpointId),
        replay_id: columns.take::<Option<_>>()?.map(ReplayId),
        batch_id: columns.take::<Option<_>>()?.map(|leader| batch::id_of(DeliveryId(leader))),
        url: columns.take()?,
        lane: LaneKey::from_stored(columns.take()?),
        state: columns.word("a delivery's state")?,
        attempts: columns.take()?,
        next_attempt_at: columns.time_or_none()?,
        created_at: columns.time()?,
        finished_at: columns.time_or_none()?,
        last_error: columns.take()?,
    };
    Ok((seq, DeliveryView { delivery, lane: read_lane(columns)? }))
}

fn read_lane(columns: &mut Columns<'_, '_>) -> SqlResult<LaneState> {
    Ok(LaneState {
        disabled: columns.take()?,
        paused_until: columns.time_or_none()?,
        under_way: columns.take()?,
        concurrency: columns.take()?,
        rate_until: lanes::read_rate(columns)?.map(|rate| rate.free_at(Timestamp(0))),
    })
}

pub(super) fn read_attempt(columns: &mut Columns<'_, '_>) -> SqlResult<Attempt> {
    Ok(Attempt {
        id: AttemptId(columns.take()?),
        number: columns.take()?,
        started_at: columns.time()?,
        duration_ms: u64::try_from(columns.take::<i64>()?).unwrap_or(0),
        request_headers: columns.json("an attempt's request headers")?,
        response_status: columns.take()?,
        response_headers: columns.json("an attempt's response headers")?,
        response_body: columns.take()?,
        response_truncated: columns.take()?,
        remote_addr: columns.take()?,
        timings: columns.json_or_none("an attempt's timings")?,
        error: columns.word_or_none("an attempt's error")?,
        error_detail: columns.take()?,
    })
}
