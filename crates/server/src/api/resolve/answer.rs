//! The two shapes in which `POST /v1/resolve` answers: done, and queued. Drop-in clients know no third.

use hopline_domain::{
    job::{Job, JobStatus},
    store::JobView,
};
use http::StatusCode;
use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{Ref, RefOr, Schema, schema::AnyOfBuilder},
};

use crate::{api::jobs::view::JobBody, reply::Reply};

/// An answer that was known, or that a known idempotency key leads to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResolveDone {
    /// `null` for a cached answer: nothing was made.
    #[schema(value_type = Option<String>, format = "uuid")]
    job_id: Option<String>,
    #[schema(value_type = String, pattern = "^done$")]
    status: JobStatus,
    /// The link as you gave it.
    url: String,
    /// Where it really ends.
    target_url: String,
    /// Id of the provider of the link, or `generic`.
    provider: String,
    #[schema(value_type = String, example = "standard")]
    tier: &'static str,
    /// 0 for a cached answer.
    credits_charged: i64,
    cached: bool,
    /// Credits left.
    balance: i64,
}

/// A job that is under way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResolveQueued {
    #[schema(format = "uuid")]
    job_id: String,
    #[schema(value_type = String, pattern = "^queued$")]
    status: JobStatus,
    /// 1 is next; 0 for a job that was asked for before.
    queue_position: u64,
    /// Where to ask for the job, relative to the server.
    #[schema(example = "/v1/jobs/019e9780-3c00-7000-8000-000000000001")]
    poll_url: String,
}

/// Either of the bodies of a 200: a known answer, or the job after a wait.
pub(crate) struct ResolveAnswer;

impl ToSchema for ResolveAnswer {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((ResolveDone::name().into_owned(), ResolveDone::schema()));
        schemas.push((JobBody::name().into_owned(), JobBody::schema()));
    }
}

impl PartialSchema for ResolveAnswer {
    fn schema() -> RefOr<Schema> {
        let either = [ResolveDone::name(), JobBody::name()].map(Ref::from_schema_name);
        let all = either.into_iter().fold(AnyOfBuilder::new(), AnyOfBuilder::item);
        Schema::AnyOf(all.build()).into()
    }
}

/// `url` is the link of this request: the cached job may have been asked for another spelling of it.
pub(super) fn cached(job: Job, url: String, balance: i64) -> Reply {
    Reply::ok(&done(job, url, balance, None))
}

fn done(job: Job, url: String, balance: i64, job_id: Option<String>) -> ResolveDone {
    ResolveDone {
        cached: job_id.is_none(),
        credits_charged: if job_id.is_none() { 0 } else { job.credits_charged },
        job_id,
        status: JobStatus::Done,
        url,
        target_url: job.target_url.unwrap_or_default(),
        provider: job.provider,
        tier: job.tier.as_str(),
        balance,
    }
}

pub(super) fn queued(job_id: impl std::fmt::Display, queue_position: u64) -> Reply {
    let (job_id, poll_url) = (job_id.to_string(), format!("/v1/jobs/{job_id}"));
    Reply::json(
        StatusCode::ACCEPTED,
        &ResolveQueued { job_id, status: JobStatus::Queued, queue_position, poll_url },
    )
}

/// A job that was asked for before: done in the cached shape, anything else as queued; polling tells the rest.
pub(super) fn known(view: JobView) -> Reply {
    let job_id = view.job.id.to_string();
    if view.job.status == JobStatus::Done {
        let url = view.job.url.clone();
        return Reply::ok(&done(view.job, url, view.balance, Some(job_id)));
    }
    queued(job_id, 0)
}
