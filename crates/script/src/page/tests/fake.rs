//! A world for pages under test: canned answers, a cookie jar of one line, a budget of time in asked questions.

use std::{cell::Cell, cell::RefCell, collections::HashMap, rc::Rc};

use super::super::{Prepared, calls::PageCalls, run};
use crate::task::{
    FetchAnswer, FetchClient, FetchFailure, FetchMode, FetchRequest, PageReport, PageStorage, PageTask,
    ResponseTainting,
};

/// An answer by path.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub(super) content_type: String,
    pub(super) status: u16,
    pub(super) body: String,
}

#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) routes: HashMap<String, Route>,
    pub(super) cookies: RefCell<Vec<(String, String)>>,
    pub(super) requests: RefCell<Vec<FetchRequest>>,
    /// How often `expired` is asked before the time is over.
    pub(super) patience: Cell<u64>,
}

pub(super) struct FakeCalls(pub(super) Rc<World>);

impl PageCalls for FakeCalls {
    fn fetch(&mut self, request: FetchRequest) -> Result<FetchAnswer, FetchFailure> {
        let url = url::Url::parse(&request.url).map_err(|_| FetchFailure::Network)?;
        self.0.requests.borrow_mut().push(request.clone());
        let (content_type, status, body) = match self.0.routes.get(url.path()) {
            Some(route) => (route.content_type.clone(), route.status, route.body.clone()),
            None if url.path().starts_with("/nope") => (String::new(), 404, String::new()),
            None => ("text/html; charset=utf-8".to_owned(), 200, "<title>FINAL</title>".to_owned()),
        };
        let mut headers = vec![("content-type".to_owned(), content_type)];
        let is_shared = url.path().contains("cors");
        if is_shared {
            headers.push(("access-control-allow-origin".to_owned(), "*".to_owned()));
        }
        let tainting = tainting(&request, &url);
        if tainting == ResponseTainting::Cors && !is_shared {
            return Err(FetchFailure::Network);
        }
        Ok(FetchAnswer { tainting, url: request.url, status, headers, body: body.into_bytes() })
    }

    fn cookies(&mut self) -> String {
        let cookies = self.0.cookies.borrow();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn set_cookie(&mut self, text: &str) {
        let pair = text.split(';').next().unwrap_or_default();
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        let mut cookies = self.0.cookies.borrow_mut();
        cookies.retain(|(known, _)| known != name.trim());
        if !text.to_ascii_lowercase().contains("max-age=0") {
            cookies.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }

    fn expired(&self) -> bool {
        let left = self.0.patience.get();
        self.0.patience.set(left.saturating_sub(1));
        left == 0
    }
}

/// What the host makes of a request of the page below; it shares what has `cors` in its path.
fn tainting(request: &FetchRequest, url: &url::Url) -> ResponseTainting {
    let is_own = url.origin().ascii_serialization() == "http://a.test:18080";
    match request.mode {
        _ if is_own && request.client == FetchClient::Page => ResponseTainting::Basic,
        FetchMode::NoCors => ResponseTainting::Opaque,
        FetchMode::Cors | FetchMode::SameOrigin => ResponseTainting::Cors,
    }
}

/// A page at a plain address.
pub(super) fn task(html: &str) -> PageTask {
    PageTask {
        url: "http://a.test:18080/c/page".to_owned(),
        html: html.to_owned(),
        charset: "UTF-8".to_owned(),
        referrer: String::new(),
        user_agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36".to_owned(),
        languages: vec!["en-US".to_owned(), "en".to_owned()],
        is_mobile: false,
        content_security_policies: Vec::new(),
        now_ms: 1_780_000_000_000,
        seed: 7,
        timer_ms_max: 30_000,
        fetches_max: 20,
        storage: PageStorage::default(),
    }
}

pub(super) fn run_in(world: &Rc<World>, task: &PageTask) -> PageReport {
    run(Prepared::new().unwrap(), task.clone(), Box::new(FakeCalls(Rc::clone(world)))).report.clone()
}

/// Runs a page in a world without anything of its own.
pub(super) fn run_page(html: &str) -> PageReport {
    let world = World { patience: Cell::new(1_000_000), ..World::default() };
    run_in(&Rc::new(world), &task(html))
}
