//! Real neighbours for tests: a local web, a receiver, a clock, a faulty wire, a whole server.
//!
//! Everything listens on a free loopback port and ends when it is dropped. Nothing here imitates a part of Hopline.
#![expect(clippy::expect_used, reason = "a neighbour that cannot start must fail the test at once")]
#![expect(clippy::missing_panics_doc, reason = "every function may fail the test that calls it")]

// What all neighbours are made of.
mod answer;
mod listening;
mod received_request;
mod tls;
mod wire;

// What a real browser did.
pub mod oracle;

// The neighbours.
mod chaos_proxy;
mod egress_proxy;
mod hopline_process;
mod link_farm;
mod manual_clock;
mod seeded_entropy;
mod test_app;
mod test_client;
mod webhook_sink;

pub use answer::{Answer, Step};
pub use chaos_proxy::ChaosProxy;
pub use egress_proxy::{EgressProxy, ProxyAsk, ProxyMood};
pub use hopline_process::{HoplineOutput, HoplineProcess, ServingProcess, script_command};
pub use link_farm::LinkFarm;
pub use manual_clock::ManualClock;
pub use received_request::ReceivedRequest;
pub use seeded_entropy::SeededEntropy;
pub use test_app::{Books, MadeKey, TestApp, TestAppBuilder};
pub use test_client::{TestClient, TestRequest, TestResponse};
pub use tls::ServedCertificate;
pub use webhook_sink::WebhookSink;
