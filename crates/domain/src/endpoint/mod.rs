//! Subscribed webhook endpoints: what they want to hear, how they are spoken to, and when they are given up.

mod batch;
mod event_filter;
mod headers;
mod notice;
mod pace;
mod replay;
mod subscribed;

pub use batch::{BatchRule, batch_body};
pub use event_filter::{EventFilter, EventPattern, LinkFilter, UnknownEvent};
pub use headers::{HeaderRefusal, judge_header};
pub use notice::{disabled_event, test_event};
pub use pace::{Pace, RateLimit};
pub use replay::{Replay, ReplayFilter, ReplayKind, ReplayOnly, ReplayState};
pub use subscribed::{DisabledReason, Endpoint, EndpointSettings, EndpointState, SealedHeaders};
