//! A bulk call, chunk by chunk: rows are read, made together, and told of.

use std::collections::HashMap;

use hopline_domain::{
    id::LeaseToken,
    idempotency::IdempotencyClaim,
    limits::{BULK_CHUNK_ROWS, BULK_PASSWORDS_MAX},
    problem::{Fault, ProblemCode},
    short_link::{ShortDomain, ShortLink},
    store::{BulkChunked, BulkProgress, BulkRecord, BulkRow, LinkBulkChunk, NewLink},
    time::MINUTE_MS,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{domains::DOMAIN_UNKNOWN, rows::Rows, write::LinkWrite};
use crate::{
    app::App,
    auth::{Authorized, LinksCreate},
    fields::{Faults, Fields, Place},
    problem::Problem,
    reply::Reply,
};

/// Longer than any request lasts: a run that is silent for so long is no more.
const RUN_MS: i64 = 2 * MINUTE_MS;

/// What became of the rows of a bulk call.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct BulkResult {
    rows_total: u32,
    created: u32,
    failed: u32,
    /// The links that this very call made, in the order of the rows; those of an earlier run with the same key are not repeated.
    links: Vec<BulkLink>,
    errors: Vec<BulkError>,
}

/// A link that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkLink {
    /// From 1; the header of a CSV is no row.
    row: u32,
    id: String,
    domain: String,
    slug: String,
    short_url: String,
    external_id: Option<String>,
}

/// One fault of one row.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkError {
    /// From 1; the header of a CSV is no row.
    row: u32,
    /// JSON pointer into the row.
    pointer: String,
    code: String,
    detail: String,
}

/// One call under way.
pub(super) struct BulkCall<'a> {
    app: &'a App,
    auth: &'a Authorized<LinksCreate>,
    rows: &'a Rows,
    record: Option<(IdempotencyClaim, LeaseToken)>,
    /// Domains by the host that rows name.
    domains: HashMap<Option<String>, Option<ShortDomain>>,
    passwords: usize,
    result: BulkResult,
}

impl<'a> BulkCall<'a> {
    pub(super) fn new(
        app: &'a App,
        auth: &'a Authorized<LinksCreate>,
        rows: &'a Rows,
        idempotency: Option<IdempotencyClaim>,
    ) -> Self {
        let token = LeaseToken::generate(app.now(), app.parts.entropy.as_ref());
        let rows_total = number(rows.len());
        Self {
            app,
            auth,
            rows,
            record: idempotency.map(|claim| (claim, token)),
            domains: HashMap::new(),
            passwords: 0,
            result: BulkResult { rows_total, ..BulkResult::default() },
        }
    }

    pub(super) async fn run(mut self) -> Result<Reply, Problem> {
        let mut next = 0;
        while next < self.rows.len() {
            let end = self.rows.len().min(next + BULK_CHUNK_ROWS);
            let chunk = self.chunk(next, end).await?;
            match self.app.parts.store.link_bulk_chunk(self.auth.caller(), chunk, self.app.now()).await? {
                BulkChunked::Done(outcomes) => {
                    self.note(next, outcomes);
                    next = end;
                }
                BulkChunked::ContinueAt(progress) => {
                    next = usize::try_from(progress.next_row).unwrap_or(usize::MAX);
                    self.take_over(progress);
                }
                BulkChunked::Replayed(progress) => {
                    self.take_over(progress);
                    return Ok(Reply::ok(&self.result).replayed());
                }
                BulkChunked::InProgress => return Err(in_progress()),
                BulkChunked::IdempotencyKeyReused => return Err(Problem::key_reused()),
            }
        }
        Ok(Reply::ok(&self.result))
    }

    async fn chunk(&mut self, begin: usize, end: usize) -> Result<LinkBulkChunk, Problem> {
        let mut rows = Vec::with_capacity(end - begin);
        for place in begin..end {
            let link = self.row(place).await?.map(Box::new);
            rows.push(BulkRow { link, deed: self.app.link_deed() });
        }
        let running_until = self.app.now().plus_ms(RUN_MS);
        Ok(LinkBulkChunk {
            first_row: number(begin),
            rows,
            rows_total: self.result.rows_total,
            scene: self.app.link_scene(self.auth),
            record: self.record.clone().map(|(claim, token)| BulkRecord { claim, token, running_until }),
        })
    }

    /// The link of a row, or all that is wrong with it.
    async fn row(&mut self, place: usize) -> Result<Result<NewLink, Vec<Fault>>, Problem> {
        let write = match self.read(place) {
            Ok(write) => write,
            Err(faults) => return Ok(Err(faults)),
        };
        if write.password.is_some() {
            self.passwords += 1;
        }
        if self.passwords > BULK_PASSWORDS_MAX && write.password.is_some() {
            let detail = format!("at most {BULK_PASSWORDS_MAX} rows of a call may have a password");
            return Ok(Err(vec![Fault::new("/password", "too_many", detail)]));
        }
        let Some(domain) = self.domain(write.domain.as_ref()).await? else {
            let (code, detail) = DOMAIN_UNKNOWN;
            return Ok(Err(vec![Fault::new("/domain", code, detail)]));
        };
        self.app.new_link(write, &domain).await.map(Ok)
    }

    fn read(&self, place: usize) -> Result<LinkWrite, Vec<Fault>> {
        let object = self.rows.object(place).map_err(|fault| vec![fault])?;
        let mut faults = Faults::default();
        let mut fields = Fields::new(&object, Place::root(&mut faults));
        let write = LinkWrite::new_link(&mut fields, self.app, self.app.link_ground(self.auth));
        fields.finish();
        match write {
            Some(write) if faults.is_empty() => Ok(write),
            _ => Err(faults.into_vec()),
        }
    }

    /// Looked up once for each host.
    async fn domain(&mut self, host: Option<&String>) -> Result<Option<ShortDomain>, Problem> {
        if let Some(known) = self.domains.get(&host.cloned()) {
            return Ok(known.clone());
        }
        let workspace_id = self.auth.caller().workspace_id;
        let found = self.app.link_domain(workspace_id, host.map(String::as_str)).await?;
        self.domains.insert(host.cloned(), found.clone());
        Ok(found)
    }

    fn note(&mut self, begin: usize, outcomes: Vec<Result<Box<ShortLink>, Vec<Fault>>>) {
        for (offset, outcome) in outcomes.into_iter().enumerate() {
            let row = number(begin + offset + 1);
            match outcome {
                Ok(link) => {
                    self.app.redirects.link_changed(&link);
                    self.result.created += 1;
                    self.result.links.push(BulkLink::of(self.app, row, &link));
                }
                Err(faults) => self.result.fail(row, faults),
            }
        }
    }

    /// What an earlier run did.
    fn take_over(&mut self, progress: BulkProgress) {
        let rows_total = self.result.rows_total;
        self.result = BulkResult { rows_total, created: progress.created, ..BulkResult::default() };
        for (place, faults) in progress.failed {
            self.result.fail(place.saturating_add(1), faults);
        }
    }
}

impl BulkResult {
    fn fail(&mut self, row: u32, faults: Vec<Fault>) {
        self.failed += 1;
        let error = |Fault { pointer, code, detail }| BulkError { row, pointer, code, detail };
        self.errors.extend(faults.into_iter().map(error));
    }
}

impl BulkLink {
    fn of(app: &App, row: u32, link: &ShortLink) -> Self {
        Self {
            row,
            id: link.id.to_string(),
            domain: app.urls.domain(link).to_owned(),
            slug: link.slug.to_string(),
            short_url: app.urls.short_url(link),
            external_id: link.content.external_id.clone(),
        }
    }
}

/// Rows are few enough for 32 bits.
fn number(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

fn in_progress() -> Problem {
    let detail = "a call with this key is under way; repeat it in a moment";
    Problem::new(ProblemCode::IdempotencyInProgress, detail).retry_after(1)
}
