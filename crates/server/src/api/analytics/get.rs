//! `GET /v1/analytics`: clicks or visitors, grouped, filtered and split by time.

use axum::extract::State;
use hopline_domain::{
    click::analytics::{Analysed, Dimension},
    problem::ProblemCode,
};

use super::{query::AnalyticsQuery, view::AnalyticsBody};
use crate::{
    app::AppState,
    auth::{AnalyticsRead, Authorized},
    extract::ListQuery,
    problem::Problem,
    reply::Reply,
};

/// Rows of one answer.
const ROWS_MAX: usize = 50_000;

/// Analyse clicks
///
/// Counts human clicks (`bots=include` counts all) or visitors, grouped by `group_by` and, with `interval`, split by time. Every dimension can be
/// filtered by its name: `country=US,BR` keeps, `country=-US` leaves out. Whole UTC days of one dimension, and whole hours of country, device, os,
/// browser, source and bot in any combination, come from roll-ups and cost what their answer costs; everything else is computed from raw clicks
/// within their retention. Visitors are daily uniques, over several days their sum.
#[utoipa::path(
    get, path = "/v1/analytics", tag = "analytics", security(("bearer" = ["analytics:read"])),
    params(
        ("group_by" = Option<String>, Query, description = "`time` (default), `link`, `tag`, `domain`, `country`, `region`, `city`, `device`, `os`, `browser`, `language`, `referrer`, `utm_source`, `utm_medium`, `utm_campaign`, `utm_term`, `utm_content`, `source`, `rule` or `bot`."),
        ("interval" = Option<String>, Query, description = "`hour`, `day`, `week` or `month`; `day` if grouped by time."),
        ("metric" = Option<String>, Query, description = "`clicks` (default) or `visitors`."),
        ("bots" = Option<String>, Query, description = "`exclude` (default) or `include`."),
        ("from" = Option<String>, Query, description = "A time, or a date in the time zone; 30 days before `until` if left out."),
        ("until" = Option<String>, Query, description = "A time, or a date in the time zone, itself left out; the end of today if left out."),
        ("time_zone" = Option<String>, Query, description = "IANA name, `UTC` if left out."),
        ("link" = Option<String>, Query, description = "Ids of links."),
        ("tag" = Option<String>, Query, description = "Ids of tags, as the links had them when they were clicked."),
        ("domain" = Option<String>, Query, description = "Hosts of short URLs."),
        ("country" = Option<String>, Query, description = "ISO 3166-1 codes."),
        ("region" = Option<String>, Query, description = "ISO 3166-2 codes."),
        ("city" = Option<String>, Query, description = "English names."),
        ("device" = Option<String>, Query, description = "`desktop`, `mobile`, `tablet`, `tv`, `console`, `wearable`, `unknown`."),
        ("os" = Option<String>, Query, description = "Names of operating systems."),
        ("browser" = Option<String>, Query, description = "Names of browsers."),
        ("language" = Option<String>, Query, description = "Primary subtags, as `de`."),
        ("referrer" = Option<String>, Query, description = "Hosts without `www.`."),
        ("utm_source" = Option<String>, Query, description = "Campaign parameter."),
        ("utm_medium" = Option<String>, Query, description = "Campaign parameter."),
        ("utm_campaign" = Option<String>, Query, description = "Campaign parameter."),
        ("utm_term" = Option<String>, Query, description = "Campaign parameter."),
        ("utm_content" = Option<String>, Query, description = "Campaign parameter."),
        ("source" = Option<String>, Query, description = "`link` or `qr`."),
        ("rule" = Option<String>, Query, description = "Places of rules in their links, from 0."),
        ("bot" = Option<String>, Query, description = "`head`, `prefetch`, `preview_bot`, `crawler`, `library`, `no_agent`."),
    ),
    responses((status = 200, description = "The counts.", body = AnalyticsBody)),
    extensions(("x-problems" = json!(["invalid_request", "analytics_too_wide"]))),
)]
pub(crate) async fn get_analytics(
    State(app): State<AppState>,
    auth: Authorized<AnalyticsRead>,
    ListQuery(query): ListQuery<AnalyticsQuery>,
) -> Result<Reply, Problem> {
    let question = query.question(app.now()).ok_or_else(bad_span)?;
    let workspace_id = auth.caller().workspace_id;
    match app.parts.store.click_analyse(workspace_id, question.clone()).await? {
        Analysed::TooWide { rows_max, add } => Err(too_wide(rows_max, add)),
        Analysed::Answer { rows, .. } if rows.len() > ROWS_MAX => Err(too_long()),
        Analysed::Answer { rows, total, source } => {
            Ok(Reply::ok(&AnalyticsBody::of(&question, rows, total, source)))
        }
    }
}

fn bad_span() -> Problem {
    Problem::of_fault("?until", "range", "give a time after `from`, at most 20 years later")
}

fn too_wide(rows_max: u64, add: Option<Dimension>) -> Problem {
    let help = match add {
        Some(dimension) => format!("add the filter `{}`, or narrow `from` and `until`", dimension.as_str()),
        None => "name fewer links, or narrow `from` and `until`".to_owned(),
    };
    let detail = format!("this needs more than {rows_max} raw clicks: {help}");
    Problem::new(ProblemCode::AnalyticsTooWide, detail)
}

fn too_long() -> Problem {
    let detail = format!(
        "the answer has more than {ROWS_MAX} rows: take a longer `interval`, or narrow `from` and `until`"
    );
    Problem::new(ProblemCode::AnalyticsTooWide, detail)
}
