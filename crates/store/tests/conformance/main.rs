//! One suite for every adapter of the store port: each case runs on each engine as a test of its own.
//!
//! A case is an `async fn(World)` that speaks to the port alone. To add an engine, implement `EngineUnderTest` and
//! add its line to `conformance!` in `harness.rs`; to add a case, write it and name it below.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "cases live outside of #[test] functions; failing is how they tell"
)]

mod fixtures;
mod harness;
mod model;
mod recorder;

mod deliveries;
mod evidence;
mod jobs;
mod keys;
mod maintenance;
mod workspaces;

// What only an engine made of files promises.
mod files;

harness::conformance! {
    jobs: [
        accept_queues_reserves_and_wakes,
        accept_without_credits_leaves_nothing,
        accept_takes_the_plan_pool_first_and_gives_back_where_it_took,
        accept_of_an_unknown_workspace_has_no_credits,
        a_replay_answers_the_job_as_it_is_now,
        a_key_with_another_fingerprint_is_refused,
        an_expired_key_is_free,
        a_refusal_leaves_its_key_free,
        keys_of_two_families_never_meet,
        the_same_body_answers_the_unfinished_job_only,
        the_same_body_of_another_family_is_another_job,
        a_cached_answer_is_no_older_than_asked,
        only_done_jobs_are_cached,
        a_cached_answer_moves_only_the_quota,
        the_quota_refuses_until_midnight,
        replays_do_not_count_for_the_quota,
        concurrent_accepts_never_overspend,
        concurrent_accepts_with_one_key_make_one_job,
        claim_orders_by_due_time,
        claim_skips_leased_and_waiting_jobs,
        claim_hands_over_what_a_worker_needs,
        claim_tells_what_the_last_done_job_found,
        concurrent_claims_never_share_a_job,
        finish_done_settles_once,
        finish_failed_gives_credits_back,
        finish_invalid_keeps_the_vendor,
        a_stale_token_finishes_nothing,
        finish_commits_event_and_delivery_together,
        finish_wakes_whoever_waits,
        requeue_counts_lost_leases_only,
        a_stale_token_requeues_nothing,
        extending_answers_the_lost_leases,
        expired_leases_are_found_oldest_first,
        a_family_sees_its_own_jobs_only,
        lists_page_newest_first_and_stay_right_under_inserts,
        the_queue_position_counts_from_the_head,
    ],
    deliveries: [
        a_delivery_is_visible_from_the_moment_it_exists,
        claim_brings_all_that_sending_needs,
        claim_signs_with_every_live_secret_newest_first,
        first_attempts_go_before_retries,
        a_lane_never_has_more_under_way_than_its_room,
        a_fast_lane_is_served_in_runs,
        a_failing_lane_is_not_served_in_runs,
        lanes_take_turns,
        a_full_lane_does_not_hold_up_the_others,
        success_ends_a_delivery,
        a_retry_waits_for_its_time,
        failure_ends_a_delivery,
        a_pause_holds_the_lane_then_one_probe_opens_it,
        an_attempt_from_before_a_pause_does_not_end_it,
        a_probe_that_teaches_nothing_is_repeated_at_its_next_time,
        a_stale_token_records_nothing,
        a_release_is_due_at_once_and_counts_no_attempt,
        a_lost_lease_returns_to_its_lane,
        attempts_are_kept_as_they_were,
        a_pending_delivery_can_be_hurried,
        an_ended_delivery_gets_a_whole_schedule_again,
        an_attempt_under_way_is_not_disturbed,
        cancel_ends_pending_deliveries_only,
        lists_filter_by_job_and_state,
        another_workspace_sees_no_delivery,
    ],
    keys: [
        a_made_key_authenticates,
        making_a_key_twice_with_one_idempotency_key_makes_one,
        the_plan_bounds_unrevoked_keys,
        a_patch_changes_what_it_names,
        a_stale_reading_changes_nothing,
        being_used_makes_no_reading_stale,
        revoked_is_final,
        signature_headers_are_the_familys,
        another_workspace_sees_no_key,
        lists_page_newest_first,
        a_successor_shares_the_family_and_the_old_key_ends,
        rotating_twice_is_a_conflict,
        a_rotation_is_replayed,
        at_most_three_secrets_sign,
        an_overlap_ends_by_itself,
        secrets_of_an_unknown_key_are_not_there,
        a_secret_rotation_is_replayed,
        the_latest_use_stays,
    ],
    workspaces: [
        the_first_workspace_is_made_once,
        usage_counts_keys_jobs_and_resolves,
        a_grant_adds_to_ledger_and_balance,
        a_grant_is_replayed,
        an_unknown_workspace_gets_no_grant,
        the_ledger_pages_newest_first,
        a_month_turns_once_and_expires_the_rest,
        months_that_are_due_are_found,
    ],
    evidence: [
        evidence_is_read_back_as_it_was,
        unknown_evidence_is_none,
        evidence_nobody_refers_to_is_swept,
        evidence_of_a_job_stays,
        keeping_evidence_again_renews_its_age,
        old_evidence_goes_and_weighs_nothing,
        a_screenshot_is_read_back_as_it_was,
        a_screenshot_lives_shorter_than_its_chain,
        a_screenshot_goes_with_its_job_and_weighs_nothing,
        a_screenshot_nobody_refers_to_is_swept,
    ],
    maintenance: [
        a_probe_writes,
        the_schema_is_told,
        depths_follow_the_work,
        unfinished_work_is_never_swept,
        finished_work_is_swept_with_all_that_hangs_on_it,
        attempts_have_a_shorter_life,
        expired_keys_are_swept,
        a_sweep_is_bounded,
    ],
}
