//! `POST /v1/resolve`: accepts a link, or answers what is known of it.

use axum::extract::State;
use hopline_domain::{
    id::{CreditEntryId, JobId},
    job::{self, BrowserUse, JobOptions},
    plan::{FEATURE_BROWSER, FEATURE_WEBHOOKS},
    problem::ProblemCode,
    provider::{GENERIC, Tier},
    store::{Accepted, JobAccept, NewJob, Refused},
    time::{SECOND_MS, Timestamp},
};
use http::{HeaderName, HeaderValue};
use url::Url;
use utoipa::ToSchema;

use super::{
    answer::{self, ResolveAnswer, ResolveQueued},
    held::{Held, hold},
    request::ResolveBody,
};
use crate::{
    api::jobs::view::JobBody,
    app::{App, AppState},
    auth::{Authorized, Resolve, day_exhausted},
    extract::{Creating, PreferWait},
    problem::Problem,
    reply::Reply,
};

const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
/// The drop-in documents a minute; its clients sleep as long as they are told.
const QUOTA_RETRY_AFTER_S: u32 = 60;

/// The body of `POST /v1/resolve`, for the OpenAPI document; `request.rs` reads it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire; the values are read member by member")]
pub(crate) struct ResolveRequest {
    /// The link, http or https.
    #[schema(min_length = 1, max_length = 2048, example = "http://github.com")]
    url: String,
    /// Where the result is pushed: https, a public address.
    #[schema(max_length = 2048, example = "https://hooks.example.com/links")]
    webhook_url: Option<String>,
    /// Accept an answer this old; 0 resolves afresh.
    #[schema(minimum = 0, maximum = 31_536_000, default = 3600)]
    max_age_s: Option<u64>,
    /// The registrable domain you expect to end on.
    #[schema(max_length = 253, example = "github.com")]
    expected_domain: Option<String>,
    /// Where to resolve. This server has no devices: only `server`.
    #[schema(example = "server")]
    runner: Option<String>,
    /// Whether the browser engine may be used: `auto` where nothing less will do, and the plan has it. `always` costs 2
    /// credits, and is refused where `engines.browser` of `GET /v1/meta` is false.
    #[schema(value_type = Option<String>, pattern = "^(auto|never|always)$", default = "auto")]
    browser: Option<String>,
    /// Keep a picture of the last page, taken by the browser engine. Such a job is always resolved afresh.
    #[schema(default = false)]
    screenshot: Option<bool>,
    profile: Option<ProfileRequest>,
}

/// What the sites on the way see; what is left out takes the form factor's preset.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire; the values are read member by member")]
pub(crate) struct ProfileRequest {
    #[schema(max_length = 1024)]
    user_agent: Option<String>,
    #[schema(max_length = 1024, example = "de-DE,de;q=0.9")]
    accept_language: Option<String>,
    #[schema(max_length = 1024)]
    referer: Option<String>,
    #[schema(pattern = "^(desktop|mobile)$", default = "desktop")]
    form_factor: Option<String>,
    /// Further request headers by name, sent on every hop; at most 20.
    #[schema(value_type = Option<Object>, additional_properties, example = json!({"X-Campaign": "spring"}))]
    headers: Option<std::collections::BTreeMap<String, String>>,
    /// Name of a proxy in the operator's configuration; `egresses` of `GET /v1/account` lists them.
    egress: Option<String>,
}

/// Resolve a link
///
/// Follows the link hop by hop to where it really ends. A known answer younger than `max_age_s` is given at once and costs
/// nothing; else a job is made, and its result is pushed to `webhook_url` and told by `poll_url`. With `Prefer: wait=N` the
/// answer is held until the job ends, at most N (and 30) seconds, and is then the job itself.
#[utoipa::path(
    post, path = "/v1/resolve", tag = "resolve", security(("bearer" = ["resolve"])),
    request_body = ResolveRequest,
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request never make two jobs; a key in the body wins."),
        ("Prefer" = Option<String>, Header, description = "`wait=N`: hold the answer until the job ends, at most N seconds.", example = "wait=10"),
    ),
    responses(
        (status = 200, description = "A known answer; or, after `Prefer: wait`, the job.", body = ResolveAnswer),
        (status = 202, description = "Queued.", body = ResolveQueued),
    ),
    extensions(("x-problems" = json!(["invalid_request", "out_of_credits", "plan_limit", "unsupported_link", "idempotency_key_reused", "quota_exceeded"]))),
)]
pub(crate) async fn resolve_link(
    State(app): State<AppState>,
    auth: Authorized<Resolve>,
    PreferWait(wait_s): PreferWait,
    creating: Creating<ResolveBody>,
) -> Result<Reply, Problem> {
    let now = app.now();
    let url = creating.body.url.clone();
    let accept = accept(&app, &auth, creating, now)?;
    let accepted = app.parts.store.job_accept(auth.caller(), accept, now).await?;
    if let (Some(id), Some(wait_s)) = (job_of(&accepted), wait_s)
        && let Held::Until(view) = hold(&app, auth.caller(), id, wait_s).await?
    {
        let reply = Reply::ok(&JobBody::of(*view)).header(PREFERENCE_APPLIED, format!("wait={wait_s}"));
        return Ok(mark_replay(reply, &accepted));
    }
    answer(accepted, url, now)
}

fn accept(
    app: &App,
    auth: &Authorized<Resolve>,
    creating: Creating<ResolveBody>,
    now: Timestamp,
) -> Result<JobAccept, Problem> {
    let Creating { body, body_hash, idempotency } = creating;
    let link = body.link.map_err(|refused| {
        Problem::new(ProblemCode::UnsupportedLink, refused.detail).reason(refused.reason)
    })?;
    let browser_allowed = judge_plan(app, auth, body.webhook_url.as_deref(), &body.options)?;
    let options = JobOptions { browser_allowed, ..body.options };
    // A known answer has no picture.
    let max_age_s = if options.screenshot { 0 } else { body.max_age_s };
    let max_age_ms = i64::try_from(max_age_s).unwrap_or(i64::MAX).saturating_mul(SECOND_MS);
    Ok(JobAccept {
        cached_since: (max_age_ms > 0).then(|| now.minus_ms(max_age_ms)),
        body_hash: idempotency.is_none().then_some(body_hash),
        idempotency,
        daily_quota: auth.key().limits.daily_quota,
        job: new_job(app, auth, (body.url, &link), (options, body.webhook_url), now),
    })
}

/// Refuses what the plan lacks; answers whether it has the browser engine.
fn judge_plan(
    app: &App,
    auth: &Authorized<Resolve>,
    webhook_url: Option<&str>,
    options: &JobOptions,
) -> Result<bool, Problem> {
    let features = &app.plan(auth.plan()).features;
    let wants_browser = options.browser == BrowserUse::Always || options.screenshot;
    let wanted = [
        (FEATURE_WEBHOOKS, "webhooks", webhook_url.is_some()),
        (FEATURE_BROWSER, "the browser engine", wants_browser),
    ];
    for (feature, what, is_wanted) in wanted {
        if is_wanted && !features.contains(feature) {
            let detail = format!("the plan `{}` does not include {what}", auth.plan());
            let problem = Problem::new(ProblemCode::PlanLimit, detail).member("plan", auth.plan());
            return Err(problem.member("feature", feature));
        }
    }
    Ok(features.contains(FEATURE_BROWSER))
}

fn new_job(
    app: &App,
    auth: &Authorized<Resolve>,
    (url, link): (String, &Url),
    (options, webhook_url): (JobOptions, Option<String>),
    now: Timestamp,
) -> NewJob {
    let entropy = app.parts.entropy.as_ref();
    let provider = app.parts.catalogue.lookup(link);
    let tier = provider.map_or(Tier::Standard, |provider| provider.tier);
    NewJob {
        id: JobId::generate(now, entropy),
        reservation_id: CreditEntryId::generate(now, entropy),
        second_reservation_id: CreditEntryId::generate(now, entropy),
        provider: provider.map_or(GENERIC, |provider| &provider.id).to_owned(),
        tier,
        price: job::price(tier, options.browser),
        cache_key: job::cache_key(auth.caller().workspace_id, link.as_str(), &options),
        url,
        options,
        webhook_url,
    }
}

/// The job an answer can be held for.
fn job_of(accepted: &Accepted) -> Option<JobId> {
    match accepted {
        Accepted::Queued { job_id, .. } => Some(*job_id),
        Accepted::Replayed(view) | Accepted::SameBody(view) => Some(view.job.id),
        Accepted::Cached { .. } | Accepted::Refused(_) => None,
    }
}

fn mark_replay(reply: Reply, accepted: &Accepted) -> Reply {
    if matches!(accepted, Accepted::Replayed(_)) { reply.replayed() } else { reply }
}

fn answer(accepted: Accepted, url: String, now: Timestamp) -> Result<Reply, Problem> {
    match accepted {
        Accepted::Queued { job_id, queue_position } => Ok(answer::queued(job_id, queue_position)),
        Accepted::Cached { job, balance } => Ok(answer::cached(*job, url, balance)),
        Accepted::Replayed(view) => Ok(answer::known(*view).replayed()),
        Accepted::SameBody(view) => Ok(answer::known(*view)),
        Accepted::Refused(refused) => Err(refusal(refused, now)),
    }
}

fn refusal(refused: Refused, now: Timestamp) -> Problem {
    match refused {
        Refused::IdempotencyKeyReused => Problem::key_reused(),
        Refused::QuotaExceeded { limit, resets_at } => {
            let resets_in_s = (resets_at.since_ms(now) + SECOND_MS - 1) / SECOND_MS;
            let (name, value): (HeaderName, HeaderValue) = day_exhausted(resets_in_s);
            Problem::new(
                ProblemCode::QuotaExceeded,
                format!("the {limit} resolve calls of this UTC day are used up"),
            )
            .member("resets_at", resets_at.to_string())
            .retry_after(QUOTA_RETRY_AFTER_S)
            .header(name, value)
        }
        Refused::OutOfCredits { price, balance } => {
            Problem::new(ProblemCode::OutOfCredits, format!("this costs {price}, and {balance} is left"))
                .member("balance", balance)
        }
    }
}
