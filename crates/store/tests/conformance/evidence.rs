//! Evidence: kept by digest, swept when nothing refers to it or its time has come.

use hopline_domain::{
    store::*,
    time::{DAY_MS, HOUR_MS, Timestamp},
};

use crate::{
    fixtures::*,
    maintenance::{LONG_AGO, sweep},
};

/// Ends a job with this evidence.
async fn job_with(world: &World, evidence: EvidenceDigest) {
    world.queue(&ASK).await;
    let lease = world.claim_one().await;
    let end = JobEnd { evidence: Some(evidence), ..job_end(done()) };
    assert_eq!(world.store.job_finish(lease, end, NOW).await.unwrap(), Finished::Recorded);
}

async fn is_kept(world: &World, digest: EvidenceDigest) -> bool {
    world.store.evidence_get(digest).await.unwrap().is_some()
}

/// Sweeps with everything but evidence older than `before` in force.
async fn sweep_before(world: &World, before: Timestamp) -> u32 {
    sweep(world, Retention { evidence_before: before, ..LONG_AGO }).await.evidence
}

pub(crate) async fn evidence_is_read_back_as_it_was(world: World) {
    for document in [Vec::new(), b"{\"schema\":\"hopline.chain/1\"}".to_vec(), random_hash().repeat(8_192)] {
        let digest = world.store.evidence_put(document.clone(), NOW).await.unwrap();
        assert_eq!(digest, world.store.evidence_put(document.clone(), NOW).await.unwrap());
        assert_eq!(world.store.evidence_get(digest).await.unwrap(), Some(document));
    }
}

pub(crate) async fn unknown_evidence_is_none(world: World) {
    assert_eq!(world.store.evidence_get([1; 32]).await.unwrap(), None);
}

pub(crate) async fn evidence_nobody_refers_to_is_swept(world: World) {
    let orphan = world.store.evidence_put(b"orphan".to_vec(), NOW).await.unwrap();
    let young = world.store.evidence_put(b"young".to_vec(), NOW.plus_ms(HOUR_MS)).await.unwrap();
    assert_eq!(sweep_before(&world, LONG_AGO.evidence_before).await, 0);
    assert!(is_kept(&world, orphan).await);
    let newest = world.store.evidence_put(b"newest".to_vec(), NOW.plus_ms(HOUR_MS + 1)).await.unwrap();
    assert_eq!(sweep_before(&world, LONG_AGO.evidence_before).await, 1);
    assert!(!is_kept(&world, orphan).await);
    assert!(is_kept(&world, young).await && is_kept(&world, newest).await);
}

pub(crate) async fn evidence_of_a_job_stays(world: World) {
    let digest = world.store.evidence_put(b"chain".to_vec(), NOW).await.unwrap();
    job_with(&world, digest).await;
    world.store.evidence_put(b"newest".to_vec(), NOW.plus_ms(DAY_MS)).await.unwrap();
    assert_eq!(sweep_before(&world, LONG_AGO.evidence_before).await, 0);
    assert!(is_kept(&world, digest).await);
    // When its job goes, it goes too.
    let swept = sweep(&world, Retention { jobs_before: NOW.plus_ms(1), ..LONG_AGO }).await;
    assert_eq!((swept.jobs, swept.evidence), (1, 1));
    assert!(!is_kept(&world, digest).await);
    assert_eq!(world.store.workspace_usage(world.caller, NOW).await.unwrap().evidence_bytes, 0);
}

pub(crate) async fn keeping_evidence_again_renews_its_age(world: World) {
    let digest = world.store.evidence_put(b"chain".to_vec(), NOW).await.unwrap();
    let later = NOW.plus_ms(2 * HOUR_MS);
    world.store.evidence_put(b"chain".to_vec(), later).await.unwrap();
    assert_eq!(sweep_before(&world, later).await, 0);
    assert!(is_kept(&world, digest).await);
}

pub(crate) async fn old_evidence_goes_and_weighs_nothing(world: World) {
    let digest = world.store.evidence_put(b"chain ".repeat(1_000), NOW).await.unwrap();
    job_with(&world, digest).await;
    let weight = world.store.workspace_usage(world.caller, NOW).await.unwrap().evidence_bytes;
    assert!(weight > 0 && weight < 1_000, "{weight} bytes are kept of a repetitive document of 6,000");
    assert_eq!(sweep_before(&world, NOW.plus_ms(1)).await, 1);
    assert!(!is_kept(&world, digest).await);
    assert_eq!(world.store.workspace_usage(world.caller, NOW).await.unwrap().evidence_bytes, 0);
}
