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
    job_ending(world, JobEnd { evidence: Some(evidence), ..job_end(done()) }).await;
}

async fn job_ending(world: &World, end: JobEnd) {
    world.queue(&ASK).await;
    let lease = world.claim_one().await;
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

async fn is_pictured(world: &World, digest: EvidenceDigest) -> bool {
    world.store.screenshot_get(digest).await.unwrap().is_some()
}

async fn bytes_stored(world: &World) -> u64 {
    world.store.workspace_usage(world.caller, NOW).await.unwrap().evidence_bytes
}

/// A job with a chain and a picture of 2,000 bytes that no compression makes smaller.
async fn pictured_job(world: &World) -> (EvidenceDigest, EvidenceDigest) {
    let png: Vec<u8> = (0..2_000 / 32).flat_map(|_| random_hash()).chain([0; 16]).collect();
    let screenshot = world.store.screenshot_put(png, NOW).await.unwrap();
    let evidence = world.store.evidence_put(b"chain".to_vec(), NOW).await.unwrap();
    let (kept, pictured) = (Some(evidence), Some(screenshot));
    job_ending(world, JobEnd { evidence: kept, screenshot: pictured, ..job_end(done()) }).await;
    (evidence, screenshot)
}

pub(crate) async fn a_screenshot_is_read_back_as_it_was(world: World) {
    assert_eq!(world.store.screenshot_get([1; 32]).await.unwrap(), None);
    for png in [Vec::new(), random_hash().repeat(100_000)] {
        let digest = world.store.screenshot_put(png.clone(), NOW).await.unwrap();
        assert_eq!(digest, world.store.screenshot_put(png.clone(), NOW).await.unwrap());
        assert_eq!(world.store.screenshot_get(digest).await.unwrap(), Some(png));
        assert!(!is_kept(&world, digest).await, "a picture is no chain");
    }
    let (_, screenshot) = pictured_job(&world).await;
    let jobs = world.store.job_list(world.caller, page(1)).await.unwrap();
    assert_eq!(jobs.items[0].job.screenshot, Some(screenshot));
}

pub(crate) async fn a_screenshot_lives_shorter_than_its_chain(world: World) {
    let (evidence, screenshot) = pictured_job(&world).await;
    let both = bytes_stored(&world).await;
    let swept = sweep(&world, Retention { screenshots_before: NOW.plus_ms(1), ..LONG_AGO }).await;
    assert_eq!((swept.screenshots, swept.evidence), (1, 0));
    assert!(!is_pictured(&world, screenshot).await && is_kept(&world, evidence).await);
    assert_eq!(both - bytes_stored(&world).await, 2_000);
}

pub(crate) async fn a_screenshot_goes_with_its_job_and_weighs_nothing(world: World) {
    let (evidence, screenshot) = pictured_job(&world).await;
    world.store.evidence_put(b"newest".to_vec(), NOW.plus_ms(DAY_MS)).await.unwrap();
    assert_eq!(sweep(&world, LONG_AGO).await.total(), 0);
    assert!(is_pictured(&world, screenshot).await);
    let swept = sweep(&world, Retention { jobs_before: NOW.plus_ms(1), ..LONG_AGO }).await;
    assert_eq!((swept.jobs, swept.screenshots, swept.evidence), (1, 1, 1));
    assert!(!is_pictured(&world, screenshot).await && !is_kept(&world, evidence).await);
    assert_eq!(bytes_stored(&world).await, 0);
}

pub(crate) async fn a_screenshot_nobody_refers_to_is_swept(world: World) {
    let orphan = world.store.screenshot_put(b"orphan".to_vec(), NOW).await.unwrap();
    world.store.evidence_put(b"young".to_vec(), NOW.plus_ms(HOUR_MS)).await.unwrap();
    assert_eq!(sweep(&world, LONG_AGO).await.screenshots, 0);
    world.store.evidence_put(b"newest".to_vec(), NOW.plus_ms(HOUR_MS + 1)).await.unwrap();
    assert_eq!(sweep(&world, LONG_AGO).await.screenshots, 1);
    assert!(!is_pictured(&world, orphan).await);
}
