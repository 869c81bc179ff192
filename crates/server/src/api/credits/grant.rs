//! `POST /v1/credits/grants`: the operator gives credits.

use axum::extract::State;
use hopline_domain::{
    credit::Pool,
    id::{AuditId, CreditEntryId, WorkspaceId},
    store::{AuditEntry, Created, Grant},
};
use http::StatusCode;
use serde_json::json;
use utoipa::ToSchema;

use super::view::CreditBody;
use crate::{
    app::{App, AppState},
    auth::{Authorized, Operator},
    extract::{Creating, CreatingBody},
    fields::{Fields, FromFields, integer, parsed, text, word},
    problem::Problem,
    reply::Reply,
};

/// One grant at most: far below what a sum of grants could overflow.
const AMOUNT_MAX: u64 = 1_000_000_000_000;
const NOTE_BYTES_MAX: usize = 200;

/// A grant, as read.
#[derive(Debug)]
pub(crate) struct GrantBody {
    workspace_id: Option<WorkspaceId>,
    amount: i64,
    pool: Pool,
    note: Option<String>,
}

/// Credits to give.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire; the values are read member by member")]
pub(crate) struct GrantCredits {
    /// The caller's own if left out.
    workspace_id: Option<String>,
    #[schema(minimum = 1, maximum = 1_000_000_000_000_u64, example = 1000)]
    amount: u64,
    /// `pack` stays; `plan` expires with the month.
    #[schema(pattern = "^(plan|pack)$", default = "pack")]
    pool: Option<String>,
    #[schema(max_length = 200)]
    note: Option<String>,
}

impl CreatingBody for GrantBody {}

impl FromFields for GrantBody {
    fn read(fields: &mut Fields<'_, '_>, _: &App) -> Option<Self> {
        let amount = fields.required("amount", integer(1, AMOUNT_MAX));
        let id =
            |text: &str| text.parse::<WorkspaceId>().map_err(|_| "give a workspace's id, `ws_…`".to_owned());
        Some(Self {
            workspace_id: fields.optional("workspace_id", parsed(64, id)),
            pool: fields.optional("pool", word("plan, pack")).unwrap_or(Pool::Pack),
            note: fields.optional("note", text(NOTE_BYTES_MAX)),
            amount: i64::try_from(amount?).ok()?,
        })
    }
}

/// Grant credits
///
/// Adds to a workspace's balance. Needs the scope `operator`, which `*` does not include.
#[utoipa::path(
    post, path = "/v1/credits/grants", tag = "account", security(("bearer" = ["operator"])),
    request_body = GrantCredits,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and request make one grant.")),
    responses((status = 201, description = "Granted.", body = CreditBody)),
    extensions(("x-problems" = json!(["invalid_request", "not_found", "idempotency_key_reused"]))),
)]
pub(crate) async fn grant_credits(
    State(app): State<AppState>,
    auth: Authorized<Operator>,
    Creating { body, idempotency, .. }: Creating<GrantBody>,
) -> Result<Reply, Problem> {
    let (now, entropy) = (app.now(), app.parts.entropy.as_ref());
    let workspace_id = body.workspace_id.unwrap_or(auth.caller().workspace_id);
    let audit = AuditEntry {
        id: AuditId::generate(now, entropy),
        action: "credits.grant",
        address: auth.address,
        subject: workspace_id.to_string(),
        after: json!({"amount": body.amount, "pool": body.pool, "note": body.note}),
    };
    let id = CreditEntryId::generate(now, entropy);
    let GrantBody { amount, pool, note, .. } = body;
    let grant = Grant { id, workspace_id, pool, amount, note, idempotency, audit };
    match app.parts.store.credit_grant(auth.caller(), grant, now).await? {
        Created::New(entry) => Ok(Reply::json(StatusCode::CREATED, &CreditBody::of(entry))),
        Created::Replayed(entry) => Ok(Reply::json(StatusCode::CREATED, &CreditBody::of(entry)).replayed()),
        Created::IdempotencyKeyReused => Err(Problem::key_reused()),
        Created::NotFound => Err(Problem::not_found("workspace")),
        Created::Conflict | Created::PlanLimit { .. } => Err(Problem::internal()),
    }
}
