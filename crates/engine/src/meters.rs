//! What the engine counts: every metric by name, said once.

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use hopline_domain::store::QueueDepths;

const JOBS_FINISHED: &str = "hopline_jobs_finished_total";
const JOBS_SHARED: &str = "hopline_jobs_shared_total";
const LEASES_LOST: &str = "hopline_leases_lost_total";
const DELIVERIES_ATTEMPTED: &str = "hopline_deliveries_attempted_total";
const DELIVERY_DURATION: &str = "hopline_delivery_duration_seconds";
const DELIVERIES_RELEASED: &str = "hopline_deliveries_released_total";
const CLICKS_FOLDED: &str = "hopline_clicks_folded_total";
const CLICKS_UNFOLDED_BYTES: &str = "hopline_click_journal_unfolded_bytes";
const CLICKS_RELAYED: &str = "hopline_clicks_relayed_total";
const RELAY_BEHIND: &str = "hopline_click_relay_behind_bytes";
const RELAY_HELD: &str = "hopline_click_relay_held";
const WORKER_DEATHS: &str = "hopline_worker_deaths_total";
const JOBS_QUEUED: &str = "hopline_jobs_queued";
const JOBS_RUNNING: &str = "hopline_jobs_running";
const DELIVERIES_PENDING: &str = "hopline_deliveries_pending";
const DELIVERIES_UNDER_WAY: &str = "hopline_deliveries_under_way";

/// Tells the recorder what each metric means.
pub(crate) fn describe() {
    describe_counter!(JOBS_FINISHED, "Jobs that ended, by outcome");
    describe_counter!(JOBS_SHARED, "Jobs answered by an execution that another job had begun");
    describe_counter!(LEASES_LOST, "Leases that were lost before their work was recorded, by kind");
    describe_counter!(DELIVERIES_ATTEMPTED, "Attempts made, by result");
    describe_histogram!(DELIVERY_DURATION, Unit::Seconds, "How long attempts took");
    describe_counter!(DELIVERIES_RELEASED, "Claimed deliveries given back unsent");
    describe_counter!(CLICKS_FOLDED, "Clicks folded from the journal");
    describe_gauge!(CLICKS_UNFOLDED_BYTES, "Bytes of the click journal that are not folded yet");
    describe_counter!(CLICKS_RELAYED, "Clicks that endpoints were told of, or that none wanted");
    describe_gauge!(RELAY_BEHIND, "Bytes of the click journal that endpoints are still to be told of");
    describe_gauge!(RELAY_HELD, "1 while clicks wait because too many deliveries do");
    describe_counter!(WORKER_DEATHS, "Workers that panicked or ended, by name");
    describe_gauge!(JOBS_QUEUED, "Jobs waiting");
    describe_gauge!(JOBS_RUNNING, "Jobs under a lease");
    describe_gauge!(DELIVERIES_PENDING, "Deliveries waiting for their next attempt");
    describe_gauge!(DELIVERIES_UNDER_WAY, "Deliveries under a lease");
}

pub(crate) fn job_finished(outcome: &'static str) {
    counter!(JOBS_FINISHED, "outcome" => outcome).increment(1);
}

pub(crate) fn job_shared() {
    counter!(JOBS_SHARED).increment(1);
}

pub(crate) fn lease_lost(kind: &'static str) {
    counter!(LEASES_LOST, "kind" => kind).increment(1);
}

pub(crate) fn delivery_attempted(result: &'static str, duration_s: f64) {
    counter!(DELIVERIES_ATTEMPTED, "result" => result).increment(1);
    histogram!(DELIVERY_DURATION).record(duration_s);
}

pub(crate) fn deliveries_released(count: usize) {
    counter!(DELIVERIES_RELEASED).increment(u64::try_from(count).unwrap_or(u64::MAX));
}

pub(crate) fn folded(clicks: u64, unfolded_bytes: u64) {
    counter!(CLICKS_FOLDED).increment(clicks);
    #[expect(clippy::cast_precision_loss, reason = "a gauge of more than 2⁵³ bytes may be off by one")]
    gauge!(CLICKS_UNFOLDED_BYTES).set(unfolded_bytes as f64);
}

pub(crate) fn relayed(clicks: u64, behind_bytes: u64, held: bool) {
    counter!(CLICKS_RELAYED).increment(clicks);
    #[expect(clippy::cast_precision_loss, reason = "a gauge of more than 2⁵³ bytes may be off by one")]
    gauge!(RELAY_BEHIND).set(behind_bytes as f64);
    gauge!(RELAY_HELD).set(if held { 1.0 } else { 0.0 });
}

pub(crate) fn worker_died(name: &'static str) {
    counter!(WORKER_DEATHS, "worker" => name).increment(1);
}

pub(crate) fn depths(depths: QueueDepths) {
    #[expect(clippy::cast_precision_loss, reason = "a gauge of more than 2⁵³ rows may be off by one")]
    let set = |name: &'static str, value: u64| gauge!(name).set(value as f64);
    set(JOBS_QUEUED, depths.jobs_queued);
    set(JOBS_RUNNING, depths.jobs_running);
    set(DELIVERIES_PENDING, depths.deliveries_pending);
    set(DELIVERIES_UNDER_WAY, depths.deliveries_under_way);
}
