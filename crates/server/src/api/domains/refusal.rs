//! Why a domain stays as it is.

use hopline_domain::{problem::ProblemCode, store::Changed};

use crate::problem::Problem;

pub(super) fn stale() -> Problem {
    Problem::new(ProblemCode::PreconditionFailed, "the domain was changed since you read it")
}

/// What a change came to that did not happen; `conflict` says what its state forbids.
pub(super) fn refusal<T>(changed: &Changed<T>, conflict: (&'static str, &str)) -> Problem {
    match changed {
        Changed::NotFound => Problem::not_found("domain"),
        Changed::Stale => stale(),
        Changed::Conflict => Problem::new(ProblemCode::Conflict, conflict.1).reason(conflict.0),
        Changed::Done(_) => Problem::internal(),
    }
}
