//! What a change by hand came to, as an answer: shared by retry and cancel.

use hopline_domain::{problem::ProblemCode, store::ManualRetry, time::Timestamp};

use super::view::{DeliveryBody, reply};
use crate::{problem::Problem, reply::Reply};

pub(super) fn answer(outcome: ManualRetry, now: Timestamp) -> Result<Reply, Problem> {
    match outcome {
        ManualRetry::Changed(view) => Ok(reply(&DeliveryBody::of(*view, now))),
        ManualRetry::UnderWay => {
            Err(Problem::new(ProblemCode::Conflict, "an attempt is under way; ask again in a moment")
                .reason("under_way"))
        }
        ManualRetry::Ended(state) => {
            let word: &'static str = state.into();
            Err(Problem::new(ProblemCode::Conflict, format!("this delivery has ended: {word}")).reason(word))
        }
        ManualRetry::NotFound => Err(Problem::not_found("delivery")),
    }
}
