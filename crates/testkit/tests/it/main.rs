//! The end-to-end suite: one binary, a real server, real sockets.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that can't go on fails at once")]

// What several files share.
mod problem_document;
mod redaction;
mod resolving;
mod short_links;
mod stage;

// The API, one file a subject.
mod api_analytics;
mod api_credits;
mod api_idempotency;
mod api_jobs;
mod api_key_secrets;
mod api_keys;
mod api_limits;
mod api_meta;
mod api_problems;
mod api_resolve;
mod drop_in;
mod openapi;
mod screenshots;

// Short links as their owners make them.
mod links_bulk;
mod links_change;
mod links_cli;
mod links_create;
mod links_domains;
mod links_keys;
mod links_list;

// Short links as visitors meet them.
mod qr_codes;
mod redirect;
mod redirect_domains;
mod redirect_limits;
mod redirect_passwords;

// Deliveries and their receivers.
mod deliveries;
mod delivery_schedule;
mod delivery_signatures;
mod hostile_receivers;
mod isolation;
mod sdk_verification;
mod webhook_engine;
mod webhooks;

// The process: its command line, its operation, its death.
mod cli;
mod cli_batch;
mod kill;
mod kill_clicks;
mod operation;

// The resolver, the way out and the neighbours by themselves.
mod browser;
mod crowded;
mod egress;
mod neighbours;
mod oracle;
mod peeling;
mod peeling_browser;
mod peeling_crossing;
mod peeling_pages;
mod peeling_scripts;
mod peeling_stays;
mod ssrf;
