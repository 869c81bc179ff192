//! How a finished chain becomes the end of a job: its own verdicts, picture and evidence first, then the one finishing call.

use hopline_domain::{
    chain::Chain,
    id::{CreditEntryId, DeliveryId, EventId},
    job::JobStatus,
    limits::SCREENSHOT_BYTES_MAX,
    outcome::Outcome,
    store::{ClaimedJob, EvidenceDigest, Finished, JobEnd, NewDelivery, StoreError},
    verdict::{self, Expectations},
};
use hopline_peel::Peeled;
use tokio_util::sync::CancellationToken;

use super::held::HeldLease;
use crate::{insist::Insist, meters, parts::EngineParts};

/// Ends a job with its chain, insisting while the lease holds. Meanwhile the chain waits here, in the job's slot.
pub(crate) async fn finish(
    parts: &EngineParts,
    held: &HeldLease,
    peeled: Peeled,
    abandon: &CancellationToken,
) {
    match record(parts, held, &peeled, abandon).await {
        Ok(Finished::Recorded) => {
            let chain = &peeled.chain;
            let status: &'static str = JobStatus::of(&Outcome::of(chain)).into();
            meters::job_finished(status);
            tracing::debug!(job.status = status, chain.hops = chain.hops.len(), "a job ended");
        }
        Ok(Finished::LeaseLost) => meters::lease_lost("job"),
        Err(error) => {
            tracing::warn!(%error, "a finished job could not be recorded under its lease and is resolved again");
        }
    }
}

async fn record(
    parts: &EngineParts,
    held: &HeldLease,
    peeled: &Peeled,
    abandon: &CancellationToken,
) -> Result<Finished, StoreError> {
    let insist = |operation| Insist { parts, abandon, operation };
    let until = || held.until();
    let chain = &peeled.chain;
    let screenshot = match picture(peeled) {
        Some(png) => put_picture(parts, png.to_vec()).await,
        None => None,
    };
    let put = |now| parts.store.evidence_put(document(chain), now);
    let evidence = insist("evidence_put").on(until, put).await?;
    let end = end_of(parts, chain, &Kept { evidence, screenshot });
    let finish = |now| parts.store.job_finish(held.lease, end.clone(), now);
    insist("job_finish").on(until, finish).await
}

/// What was stored for a job before its end.
struct Kept {
    evidence: EvidenceDigest,
    screenshot: Option<EvidenceDigest>,
}

/// The picture, unless it is too large to keep: a job is worth more than its picture.
fn picture(peeled: &Peeled) -> Option<&[u8]> {
    let png = peeled.screenshot.as_deref()?;
    let fits = png.len() <= SCREENSHOT_BYTES_MAX;
    if !fits {
        tracing::warn!(screenshot.bytes = png.len(), "a screenshot is too large and is not kept");
    }
    fits.then_some(png)
}

/// Tried once: a store that does not take the picture keeps no job from its end.
async fn put_picture(parts: &EngineParts, png: Vec<u8>) -> Option<EvidenceDigest> {
    let put = parts.store.screenshot_put(png, parts.now()).await;
    put.inspect_err(|error| tracing::warn!(%error, "a screenshot could not be stored and is not kept")).ok()
}

/// Written again for each try: a second copy would cost every job what only a failing store needs.
fn document(chain: &Chain) -> Vec<u8> {
    // A chain is made of text, numbers and lists of them: writing it cannot fail.
    serde_json::to_vec(chain).unwrap_or_default()
}

fn end_of(parts: &EngineParts, chain: &Chain, kept: &Kept) -> JobEnd {
    let (now, entropy) = (parts.now(), &*parts.entropy);
    JobEnd {
        outcome: Outcome::of(chain),
        hops_count: Some(chain.hops_count()),
        verdicts: Some(chain.verdicts.clone()),
        evidence: Some(kept.evidence),
        screenshot: kept.screenshot,
        ledger_ids: [(); 2].map(|()| CreditEntryId::generate(now, entropy)),
        event_id: EventId::generate(now, entropy),
        delivery: NewDelivery { id: DeliveryId::generate(now, entropy) },
    }
}

/// What was shared, as this job's own: its text of the link, its expectation, what was found before.
pub(crate) fn judged(job: &ClaimedJob, mut peeled: Peeled) -> Peeled {
    let chain = &mut peeled.chain;
    chain.url.clone_from(&job.url);
    let expected_domain = job.options.expected_domain.as_deref();
    chain.verdicts = verdict::of(chain, &Expectations { expected_domain, previous: job.previous.as_ref() });
    peeled
}

#[cfg(test)]
mod tests {
    use hopline_domain::{
        chain::ChainStatus,
        entropy::OsEntropy,
        id::{FamilyId, JobId, KeyId, LeaseToken, WorkspaceId},
        job::JobOptions,
        store::{Caller, JobLease},
        time::Timestamp,
        verdict::{Change, Previous},
    };
    use hopline_peel::Standing;
    use serde_json::json;

    use super::*;

    fn peeled(png_bytes: usize) -> Peeled {
        let profile = json!({"user_agent": "a", "accept_language": "b", "referer": null, "form_factor": "desktop", "egress": null});
        let chain = json!({
            "schema": "hopline.chain/1", "url": "http://a.example", "final_url": "http://b.example/", "status": "done",
            "reason": null, "vendor": null, "download": false, "title": null, "framed_url": null,
            "started_at": "2026-06-05T12:00:00.000Z", "duration_ms": 1, "runner": "server", "engine": "http",
            "truncated": false, "profile": profile, "offline": null, "hops": [], "verdicts": {},
        });
        Peeled {
            chain: serde_json::from_value(chain).unwrap(),
            screenshot: Some(vec![0; png_bytes]),
            standing: Standing::Final,
        }
    }

    fn job() -> ClaimedJob {
        let now = Timestamp(0);
        let lease = JobLease {
            job_id: JobId::generate(now, &OsEntropy),
            token: LeaseToken::generate(now, &OsEntropy),
        };
        let caller = Caller {
            workspace_id: WorkspaceId::generate(now, &OsEntropy),
            family_id: FamilyId::generate(now, &OsEntropy),
            key_id: KeyId::generate(now, &OsEntropy),
        };
        let previous = Previous {
            final_url: Some("http://c.example/".to_owned()),
            status: ChainStatus::Done,
            http_status: None,
            checked_at: now,
        };
        let options = JobOptions { expected_domain: Some("b.example".to_owned()), ..JobOptions::default() };
        let (url, cache_key) = ("HTTP://a.example".to_owned(), [0; 32]);
        ClaimedJob { lease, caller, url, options, cache_key, lost_leases: 0, previous: Some(previous) }
    }

    #[test]
    fn a_picture_that_is_too_large_is_left_out() {
        assert_eq!(picture(&peeled(SCREENSHOT_BYTES_MAX)).map(<[u8]>::len), Some(SCREENSHOT_BYTES_MAX));
        assert_eq!(picture(&peeled(SCREENSHOT_BYTES_MAX + 1)), None);
    }

    #[test]
    fn a_shared_chain_is_judged_by_each_jobs_own_expectations() {
        let chain = judged(&job(), peeled(0)).chain;
        assert_eq!(chain.url, "HTTP://a.example");
        assert_eq!(chain.verdicts.expected_domain.value, Some(true));
        assert_eq!(chain.verdicts.drift.value, Some(vec![Change::Domain, Change::Url]));
    }
}
