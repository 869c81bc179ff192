//! Questions about clicks: what is asked, from which numbers it is answered, and in which buckets of time.

mod answer;
mod dimension;
mod interval;
mod plan;
mod question;
mod tally;
mod values;
mod zone;

pub use answer::{Analysed, AnalyticsRow, AnswerSource, DimensionValue};
pub use dimension::Dimension;
pub use interval::Interval;
pub use plan::{Plan, plan};
pub use question::{Bots, Filter, Group, Metric, Question, Span};
pub use tally::{Bucket, Tally};
pub use zone::{Zone, ZoneError};
