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
mod links_model;
mod model;
mod recorder;

mod clicks;
mod deliveries;
mod domains;
mod endpoints;
mod event_log;
mod evidence;
mod jobs;
mod keys;
mod links;
mod maintenance;
mod relay;
mod replays;
mod tags;
mod workspaces;

// What only an engine made of files promises.
mod files;

harness::conformance! {
    tags: [
        a_name_is_taken_in_any_case,
        making_a_tag_is_replayed,
        a_rename_shows_on_links_at_once,
        a_deleted_tag_leaves_its_links,
        another_workspace_sees_no_tag,
        tags_page_newest_first,
    ],
    links: [
        a_link_is_read_back_as_it_was_made,
        a_link_is_told_of_when_it_is_made_changed_and_deleted,
        making_a_link_is_replayed_as_it_is_now,
        a_refusal_leaves_nothing,
        random_slugs_are_tried_until_one_is_free,
        slugs_are_per_domain_and_follow_its_case_rule,
        links_need_a_verified_domain_of_their_workspace,
        no_link_leads_to_a_verified_domain_of_this_server,
        external_ids_are_unique_in_a_workspace,
        the_plan_bounds_links_and_designs,
        a_change_replaces_content_and_tags,
        a_stale_reading_changes_no_link,
        what_changes_nothing_is_not_told,
        a_slug_can_change_and_its_old_one_is_gone,
        a_deleted_slug_is_taken_again_by_its_workspace_alone,
        blocking_is_the_operators_and_outlives_the_link,
        an_upsert_makes_or_replaces,
        another_workspace_sees_no_link,
        lists_filter_by_everything_they_promise,
        links_page_newest_first,
        the_exact_slug_wins_then_the_longest_prefix_that_forwards,
        limited_links_are_listed_by_id,
        an_expiry_is_told_once_and_again_when_it_moves,
        a_bulk_row_that_fails_stops_no_other,
        a_bulk_call_goes_on_where_it_was,
        a_run_that_lost_its_place_is_told_where_to_go_on,
        records_of_bulk_calls_are_swept_with_their_keys,
    ],
    domains: [
        the_default_domain_is_everyones,
        a_host_is_taken_once_on_the_server,
        an_unproven_claim_lapses,
        making_a_domain_is_replayed,
        a_domain_is_verified_by_its_owner_or_the_operator,
        settings_change_under_the_reading_they_were_made_from,
        a_case_rule_stays_while_slugs_are_kept,
        a_domain_with_links_stays,
        domains_page_newest_first_with_the_default_one,
    ],
    clicks: [
        a_batch_is_folded_once_and_in_order,
        questions_agree_with_a_plain_map,
        a_days_long_tail_is_other,
        visitors_are_daily_uniques,
        links_have_numbers,
        exports_come_in_pieces_and_only_to_their_workspace,
        deleting_a_links_clicks_leaves_the_others,
        retention_removes_raw_clicks_and_keeps_rollups,
    ],
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
    endpoints: [
        an_endpoint_is_kept_as_it_was_given,
        the_plan_bounds_endpoints,
        making_an_endpoint_twice_with_one_key_makes_one,
        only_those_that_subscribe_are_told_once,
        a_claim_brings_the_endpoints_own_rules,
        concurrency_and_rate_bound_a_claim,
        a_disabled_endpoints_deliveries_wait_and_one_probe_comes_first,
        a_receiver_that_is_gone_disables_its_endpoint,
        five_days_of_failures_disable_and_one_success_forgives,
        a_batch_is_sent_when_full_or_when_its_first_has_waited,
        a_batch_is_cancelled_and_retried_as_a_whole,
        a_deleted_endpoint_gets_nothing_and_leaves_nothing_waiting,
        what_waits_for_a_disabled_endpoint_expires_with_its_event,
        a_stale_reading_changes_no_endpoint,
        another_workspace_sees_no_endpoint,
        a_test_goes_to_its_endpoint_alone_and_once_per_key,
        at_most_three_secrets_of_an_endpoint_sign,
        a_dead_lane_holds_up_nobody,
    ],
    event_log: [
        the_event_log_pages_and_follows,
    ],
    replays: [
        a_replay_takes_what_it_was_asked_for,
        a_replay_is_moved_on_in_pieces,
        a_rate_holds_a_replay_back,
        a_cancelled_replay_stops_where_it_is,
        a_replay_is_begun_once_per_key_and_only_so_many_run,
    ],
    relay: [
        clicks_are_told_once_to_each_endpoint_that_wants_them,
        what_was_clicked_before_an_endpoint_is_not_for_it,
        a_limit_that_is_reached_is_told_once,
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
