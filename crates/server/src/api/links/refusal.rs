//! Why a link can't be as asked, as problems.

use hopline_domain::{problem::ProblemCode, store::LinkRefused};

use crate::problem::Problem;

/// A refusal of one link; `plan` is the name of the caller's plan.
pub(super) fn refusal(refused: &LinkRefused, plan: &str) -> Problem {
    let fault = refused.fault();
    let conflict =
        |reason| Problem::new(ProblemCode::Conflict, &*fault.detail).reason(reason).fault(refused.fault());
    match refused {
        LinkRefused::SlugTaken => conflict("slug_taken"),
        LinkRefused::NoFreeSlug => conflict("no_free_slug"),
        LinkRefused::ExternalIdTaken => conflict("external_id_taken"),
        LinkRefused::DomainUnverified => conflict("domain_unverified"),
        LinkRefused::Blocked => conflict("blocked"),
        LinkRefused::DomainUnknown | LinkRefused::DomainFixed | LinkRefused::OwnDomain { .. } => {
            Problem::of_faults(vec![fault])
        }
        LinkRefused::LinksLimit { limit, used } | LinkRefused::QrCodesLimit { limit, used } => {
            Problem::new(ProblemCode::PlanLimit, fault.detail)
                .member("limit", *limit)
                .member("used", *used)
                .member("plan", plan)
        }
    }
}

pub(super) fn stale() -> Problem {
    Problem::new(ProblemCode::PreconditionFailed, "the link was changed since you read it")
}
