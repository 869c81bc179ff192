//! How a finished chain becomes the end of a job: its own verdicts, evidence first, then the one finishing call.

use hopline_domain::{
    chain::Chain,
    id::{CreditEntryId, DeliveryId, EventId},
    job::JobStatus,
    outcome::Outcome,
    store::{ClaimedJob, EvidenceDigest, Finished, JobEnd, NewDelivery, StoreError},
    verdict::{self, Verdict, Verdicts},
};
use tokio_util::sync::CancellationToken;

use super::held::HeldLease;
use crate::{insist::Insist, meters, parts::EngineParts};

/// Ends a job with its chain, insisting while the lease holds. Meanwhile the chain waits here, in the job's slot.
pub(crate) async fn finish(parts: &EngineParts, held: &HeldLease, chain: Chain, abandon: &CancellationToken) {
    match record(parts, held, &chain, abandon).await {
        Ok(Finished::Recorded) => {
            let status: &'static str = JobStatus::of(&Outcome::of(&chain)).into();
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
    chain: &Chain,
    abandon: &CancellationToken,
) -> Result<Finished, StoreError> {
    let insist = |operation| Insist { parts, abandon, operation };
    let until = || held.until();
    let put = |now| parts.store.evidence_put(document(chain), now);
    let evidence = insist("evidence_put").on(until, put).await?;
    let end = end_of(parts, chain, evidence);
    let finish = |now| parts.store.job_finish(held.lease, end.clone(), now);
    insist("job_finish").on(until, finish).await
}

/// Written again for each try: a second copy would cost every job what only a failing store needs.
fn document(chain: &Chain) -> Vec<u8> {
    // A chain is made of text, numbers and lists of them: writing it cannot fail.
    serde_json::to_vec(chain).unwrap_or_default()
}

fn end_of(parts: &EngineParts, chain: &Chain, evidence: EvidenceDigest) -> JobEnd {
    let (now, entropy) = (parts.now(), &*parts.entropy);
    JobEnd {
        outcome: Outcome::of(chain),
        hops_count: Some(hops_count(chain)),
        verdicts: Some(chain.verdicts.clone()),
        evidence: Some(evidence),
        ledger_ids: [(); 2].map(|()| CreditEntryId::generate(now, entropy)),
        event_id: EventId::generate(now, entropy),
        delivery: NewDelivery { id: DeliveryId::generate(now, entropy) },
    }
}

/// A shared chain as the chain of this job: its own text of the link, its own expectation.
pub(crate) fn chain_of(job: &ClaimedJob, mut chain: Chain) -> Chain {
    chain.url.clone_from(&job.url);
    let expected = job.options.expected_domain.as_deref();
    chain.verdicts = Verdicts {
        expected_domain: Some(verdict::expected_domain(expected, chain.final_url.as_deref())),
        hop_count: Some(Verdict { value: Some(hops_count(&chain)), detail: None }),
    };
    chain
}

fn hops_count(chain: &Chain) -> u32 {
    u32::try_from(chain.hops.len()).unwrap_or(u32::MAX)
}
