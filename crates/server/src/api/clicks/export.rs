//! `GET /v1/clicks`: raw clicks as a stream, read from the store only as fast as the caller takes them.

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use hopline_domain::{
    click::JournalOffset,
    id::WorkspaceId,
    store::{ClickFilter, StoreError},
    time::Timestamp,
};
use http::{HeaderValue, header};

use super::{
    query::{ExportQuery, Format},
    view::{CSV_COLUMNS, ClickBody},
};
use crate::{
    app::AppState,
    auth::{AnalyticsRead, Authorized},
    extract::ListQuery,
    problem::Problem,
};

/// Clicks of one piece.
const PIECE_CLICKS: u32 = 1_000;

/// Export clicks
///
/// Raw clicks within their retention, oldest first, one a line: NDJSON, or CSV with a header line. Leave `link` out for all links of the workspace.
/// The answer is a stream; a store that fails midway cuts it off.
#[utoipa::path(
    get, path = "/v1/clicks", tag = "analytics", security(("bearer" = ["analytics:read"])),
    params(
        ("link" = Option<String>, Query, description = "`lnk_…`; all links if left out."),
        ("from" = Option<String>, Query, description = "Not before this time."),
        ("until" = Option<String>, Query, description = "Before this time."),
        ("format" = Option<String>, Query, description = "`ndjson` (default) or `csv`."),
    ),
    responses(
        (status = 200, description = "The clicks.", content(
            (ClickBody = "application/x-ndjson"),
            (String = "text/csv"),
        )),
    ),
    extensions(("x-problems" = json!(["invalid_request"]))),
)]
pub(crate) async fn export_clicks(
    State(app): State<AppState>,
    auth: Authorized<AnalyticsRead>,
    ListQuery(query): ListQuery<ExportQuery>,
) -> Result<Response, Problem> {
    let export = Export {
        app,
        workspace_id: auth.caller().workspace_id,
        filter: ClickFilter { link_id: query.link_id, span: query.span },
        format: query.format,
        after: None,
        ended: false,
    };
    // The first piece tells whether the store can be read at all.
    let (first, export) = export.piece().await?;
    let pieces = stream::try_unfold((Some(first), export), |(ready, export)| async move {
        if let Some(ready) = ready {
            return Ok(Some((ready, (None, export))));
        }
        if export.ended {
            return Ok::<_, StoreError>(None);
        }
        let (piece, export) = export.piece().await?;
        Ok(Some((piece, (None, export))))
    });
    let content_type = match query.format {
        Format::Ndjson => "application/x-ndjson",
        Format::Csv => "text/csv; charset=utf-8",
    };
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(content_type))];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// What is still to be sent.
struct Export {
    app: AppState,
    workspace_id: WorkspaceId,
    filter: ClickFilter,
    format: Format,
    after: Option<(Timestamp, JournalOffset)>,
    ended: bool,
}

impl Export {
    async fn piece(mut self) -> Result<(Bytes, Self), StoreError> {
        let mut text = String::new();
        if self.format == Format::Csv && self.after.is_none() {
            text.push_str(CSV_COLUMNS);
        }
        let store = &self.app.parts.store;
        let clicks = store.click_list(self.workspace_id, self.filter, self.after, PIECE_CLICKS).await?;
        self.ended = clicks.len() < PIECE_CLICKS as usize;
        if let Some(last) = clicks.last() {
            self.after = Some((last.click.at, last.offset));
        }
        for click in clicks {
            let body = ClickBody::of(click);
            match self.format {
                Format::Csv => body.csv(&mut text),
                Format::Ndjson => {
                    text.push_str(&serde_json::to_string(&body).unwrap_or_default());
                    text.push('\n');
                }
            }
        }
        Ok((Bytes::from(text), self))
    }
}
