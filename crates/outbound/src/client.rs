//! The client: one exchange from the caller's request to its evidence, within one deadline.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use hopline_domain::address::AddressPolicy;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::body::{self, Rest};
use crate::config::OutboundConfig;
use crate::connection::{Connection, Starter};
use crate::dial::{Dialler, Target};
use crate::egress::{Egress, EgressName, Proxy};
use crate::error::{ExchangeError, ExchangeFailure, OutboundError, Phase, of_hyper};
use crate::exchange::Exchange;
use crate::names::{NameError, SystemNames};
use crate::politeness::{Politeness, Turn};
use crate::pool::{Pool, Sweeper, Way};
use crate::progress::Progress;
use crate::request::{ExchangeRequest, Purpose, ResponseHead};
use crate::retry_after::retry_after;
use crate::stopwatch;
use crate::tunnel::{Tunnel, TunnelRequest};
use crate::{tls, wire};

/// The guarded client. Cheap to clone; all clones share connections.
#[derive(Clone, Debug)]
pub struct Outbound {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    dialler: Dialler,
    pool: Pool,
    politeness: Option<Politeness>,
    tracker: TaskTracker,
    closing: CancellationToken,
}

impl Outbound {
    pub fn new(config: OutboundConfig) -> Result<Self, OutboundError> {
        let tracker = TaskTracker::new();
        let dialler = Dialler {
            policy: config.policy,
            static_names: config.static_names,
            names: config.names.unwrap_or_else(|| Arc::new(SystemNames::default())),
            tls: tls::client_config(&config.extra_roots)?,
            starter: Starter::new(config.header_bytes_max, tracker.clone()),
            egresses: numbered(config.egresses),
        };
        let pool = Pool::new(config.pool, dialler.egresses.len());
        let politeness = config.politeness.map(Politeness::new);
        Ok(Self {
            inner: Arc::new(Inner { dialler, pool, politeness, tracker, closing: CancellationToken::new() }),
        })
    }

    /// The policy every dial is judged by; acceptance judges texts by the same one.
    pub fn policy(&self) -> &AddressPolicy {
        &self.inner.dialler.policy
    }

    /// The egresses a request may name.
    pub fn egress_names(&self) -> impl Iterator<Item = &EgressName> {
        self.inner.dialler.egresses.iter().map(|egress| &egress.name)
    }

    /// Waits until the host of a link may be asked; for callers who don't count that wait. It has no end but the caller's.
    pub async fn turn(&self, link: &Url) -> Turn {
        match (&self.inner.politeness, link.host_str()) {
            (Some(politeness), Some(host)) => politeness.turn(host).await,
            _ => Turn::free(),
        }
    }

    /// Sends one request and reads its answer. Ends by `limits.total_ms` at the latest, except for the wait for a link's
    /// polite turn, which comes before. An answer whose body broke off is an `Exchange` whose `body_end` says so.
    pub async fn exchange(&self, request: ExchangeRequest) -> Result<Exchange, ExchangeFailure> {
        let turn = match request.purpose {
            Purpose::Link => self.turn(&request.url).await,
            Purpose::Webhook => Turn::free(),
        };
        self.exchange_in_turn(turn, request).await
    }

    /// Sends one request whose turn has come, as `exchange` does.
    pub async fn exchange_in_turn(
        &self,
        turn: Turn,
        request: ExchangeRequest,
    ) -> Result<Exchange, ExchangeFailure> {
        let _turn = turn;
        let deadline = stopwatch::after_ms(request.limits.total_ms);
        let mut progress = Progress::start();
        let begun = timeout_at(deadline, self.begin(&request, &mut progress)).await;
        match begun.unwrap_or(Err(ExchangeError::Timeout { phase: progress.phase() })) {
            Ok(answer) => {
                self.inner.heed(&request, &answer.response);
                Ok(self.finish(&request, answer, progress, deadline).await)
            }
            Err(error) => Err(progress.fail(error)),
        }
    }

    /// Resolves and judges where `url` leads without connecting, within `limit_ms`: what saving a receiver asks.
    pub async fn check_target(
        &self,
        url: &Url,
        purpose: Purpose,
        limit_ms: u64,
    ) -> Result<(), ExchangeError> {
        let dialler = &self.inner.dialler;
        let target = Target::of(url, purpose.reach(url), &dialler.policy)?;
        let judged = timeout(Duration::from_millis(limit_ms), dialler.judged_addresses(&target)).await;
        judged.unwrap_or(Err(ExchangeError::Timeout { phase: Phase::Dns })).map(drop)
    }

    /// The TXT records at a name; none when there is no such name or record. Nothing is dialled but name servers.
    pub async fn text_records(&self, name: &str) -> Result<Vec<String>, NameError> {
        self.inner.dialler.names.texts(name).await
    }

    /// Opens a connection whose bytes are the caller's, judged as a link's would be, within `connect_ms`.
    pub async fn tunnel(&self, request: TunnelRequest<'_>) -> Result<Tunnel, ExchangeError> {
        let dialler = &self.inner.dialler;
        let url = request.url()?;
        let target = Target::of(&url, Purpose::Link.reach(&url), &dialler.policy)?;
        let target = target.through(dialler.egress(request.egress)?);
        dialler.tunnel(&target, request.connect_ms).await
    }

    /// Closes idle connections and waits for the tasks of shared ones; the caller sets the deadline.
    pub async fn close(&self) {
        self.inner.closing.cancel();
        self.inner.pool.clear();
        self.inner.tracker.close();
        self.inner.tracker.wait().await;
    }

    /// Gets a response head, over a pooled connection or a new one.
    async fn begin(
        &self,
        request: &ExchangeRequest,
        progress: &mut Progress,
    ) -> Result<Answer, ExchangeError> {
        let Inner { dialler, pool, .. } = &*self.inner;
        let target = Target::of(&request.url, request.purpose.reach(&request.url), &dialler.policy)?;
        let target = target.through(dialler.egress(request.egress.as_deref())?);
        let way = target.way();
        if let Some(mut connection) = pool.take(way, target.authority, target.reach).await {
            match ask(&mut connection, request, progress).await? {
                Ok(response) => return Ok(Answer { connection, response, way }),
                Err(failure) if may_be_sent_again(request, &failure) => *progress = Progress::start(),
                Err(failure) => return Err(of_hyper(failure.error())),
            }
        }
        let mut connection = dialler.dial(&target, request.limits.connect_ms, progress).await?;
        if let Some(shared) = connection.share() {
            self.watch(pool.put(way, shared));
        }
        let answered = ask(&mut connection, request, progress).await?;
        let response = answered.map_err(|failure| of_hyper(failure.error()))?;
        Ok(Answer { connection, response, way })
    }

    async fn finish(
        &self,
        request: &ExchangeRequest,
        answer: Answer,
        mut progress: Progress,
        deadline: Instant,
    ) -> Exchange {
        let Answer { mut connection, response, way } = answer;
        let (head, incoming) = response.into_parts();
        progress.enter(Phase::Receive);
        let plan = (request.body_plan)(&ResponseHead { status: head.status, headers: &head.headers });
        let body = connection.body(incoming);
        let read = body::read(body, &head.headers, plan, request.limits.body_bytes_max, deadline).await;
        let timings = progress.end();
        let peer = connection.peer.clone();
        if read.rest == Rest::None {
            self.keep(way, connection).await;
        }
        Exchange {
            status: head.status,
            version: head.version,
            headers: head.headers,
            body: read.bytes,
            body_end: read.end,
            remote_addr: peer.remote_addr,
            tls: peer.tls.clone(),
            timings,
        }
    }

    /// Returns a connection whose answer was read to its end, if it can carry another.
    async fn keep(&self, way: Way, mut connection: Connection) {
        if !connection.is_shared() && connection.is_ready().await {
            self.watch(self.inner.pool.put(way, connection));
        }
    }

    fn watch(&self, sweeper: Sweeper) {
        if sweeper == Sweeper::Needed {
            let sweeping = sweep(Arc::downgrade(&self.inner), self.inner.pool.idle_time());
            let closing = self.inner.closing.clone();
            self.inner.tracker.spawn(closing.run_until_cancelled_owned(sweeping));
        }
    }
}

fn numbered(egresses: BTreeMap<EgressName, Proxy>) -> Vec<Egress> {
    let numbered = egresses.into_iter().enumerate();
    numbered.map(|(position, (name, proxy))| Egress { position, name, proxy }).collect()
}

/// Drops connections that idle too long, until none is left or the client is gone.
async fn sweep(client: Weak<Inner>, idle_time: Duration) {
    loop {
        tokio::time::sleep(idle_time).await;
        match client.upgrade().map(|inner| inner.pool.sweep()) {
            Some(Sweeper::Running) => {}
            Some(Sweeper::Needed) | None => return,
        }
    }
}

/// A response head, and the connection its body comes on.
#[derive(Debug)]
struct Answer {
    connection: Connection,
    response: Response<Incoming>,
    way: Way,
}

impl Inner {
    /// Leaves a host alone that asks for it.
    fn heed(&self, request: &ExchangeRequest, response: &Response<Incoming>) {
        let asked = retry_after(response.status(), response.headers());
        if let (Some(asked), Some((politeness, host))) = (asked, self.host_to_spare(request)) {
            politeness.pause(host, asked);
        }
    }

    fn host_to_spare<'a>(&'a self, request: &'a ExchangeRequest) -> Option<(&'a Politeness, &'a str)> {
        match (&self.politeness, request.purpose, request.url.host_str()) {
            (Some(politeness), Purpose::Link, Some(host)) => Some((politeness, host)),
            _ => None,
        }
    }
}

type Unanswered = TrySendError<Request<Full<Bytes>>>;

async fn ask(
    connection: &mut Connection,
    request: &ExchangeRequest,
    progress: &mut Progress,
) -> Result<Result<Response<Incoming>, Unanswered>, ExchangeError> {
    progress.enter(Phase::Wait);
    progress.remote_addr = Some(connection.peer.remote_addr);
    let wired = wire::request_for(connection, request)?;
    Ok(connection.send(wired).await)
}

/// Whether a request that failed on a reused connection may be sent once more on a new one: when it never left, or when
/// sending it twice changes nothing (RFC 9110 §9.2.2).
fn may_be_sent_again(request: &ExchangeRequest, failure: &Unanswered) -> bool {
    failure.message().is_some() || (request.method.is_safe() && !failure.error().is_parse())
}

#[cfg(test)]
mod tests;
