//! Reads the corpus: pages with what Chromium did with them.
//!
//! `=== name` begins a case; `@csp`, `@header`, `@cookie`, `@mobile` and `@route path type status body` set its scene; `>>>` ends its
//! markup with the answer: `none`, `none url=…`, `refresh …`, or `cause METHOD url` with `body=` and `type=` of a form.

use std::{cell::Cell, collections::HashMap, rc::Rc};

use super::fake::{Route, World, run_in, task};
use crate::task::{Navigation, NavigationCause, PageReport, PageTask};

const HOST: &str = "http://a.test:18080";

#[derive(Clone, Debug, Default)]
pub(super) struct Case {
    pub(super) name: String,
    policies: Vec<String>,
    cookies: Vec<(String, String)>,
    routes: HashMap<String, Route>,
    is_mobile: bool,
    html: String,
    pub(super) answer: String,
}

pub(super) fn parse(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("=== ") {
            cases.push(Case { name: name.trim().to_owned(), ..Case::default() });
        } else if let Some(case) = cases.last_mut().filter(|case| case.answer.is_empty()) {
            case.read(line);
        }
    }
    cases
}

impl Case {
    fn read(&mut self, line: &str) {
        if let Some(answer) = line.strip_prefix(">>> ") {
            answer.trim().clone_into(&mut self.answer);
        } else if let Some(policy) = line.strip_prefix("@csp ") {
            self.policies.push(policy.to_owned());
        } else if let Some(cookie) = line.strip_prefix("@cookie ") {
            let (name, value) =
                cookie.split(';').next().unwrap_or_default().split_once('=').unwrap_or_default();
            self.cookies.push((name.to_owned(), value.to_owned()));
        } else if line.starts_with("@header ") {
            // For Chromium's side: what the page itself must not heed.
        } else if line.starts_with("@mobile") {
            self.is_mobile = true;
        } else if let Some(route) = line.strip_prefix("@route ") {
            let mut words = route.splitn(4, ' ');
            let mut word = || words.next().unwrap_or_default().to_owned();
            let (path, content_type, status, body) = (word(), word(), word(), word());
            self.routes.insert(path, Route { content_type, status: status.parse().unwrap(), body });
        } else {
            self.html.push_str(line);
            self.html.push('\n');
        }
    }

    fn task(&self) -> PageTask {
        PageTask {
            url: format!("{HOST}/c/{}", self.name),
            is_mobile: self.is_mobile,
            content_security_policies: self.policies.clone(),
            ..task(&self.html)
        }
    }

    /// Runs the page and says in the corpus's words where it went.
    pub(super) fn run(&self) -> (String, PageReport) {
        let world = World { routes: self.routes.clone(), patience: Cell::new(2_000_000), ..World::default() };
        world.cookies.borrow_mut().extend(self.cookies.clone());
        let report = run_in(&Rc::new(world), &self.task());
        (describe(&report, &self.name), report)
    }
}

fn describe(report: &PageReport, name: &str) -> String {
    if let Some(navigation) = &report.navigation {
        return describe_navigation(navigation);
    }
    if let Some(refresh) = report.refreshes.first() {
        let target = refresh.content.split_once("url=").map_or("", |(_, target)| target);
        let base = url::Url::parse(&refresh.base_url).unwrap();
        return format!("refresh GET {}", short(base.join(target).unwrap().as_str()));
    }
    match short(&report.url) {
        url if url == format!("/c/{name}") => "none".to_owned(),
        url => format!("none url={url}"),
    }
}

fn describe_navigation(navigation: &Navigation) -> String {
    let cause = match navigation.cause {
        NavigationCause::Script => "script",
        NavigationCause::AnchorClick => "anchor",
        NavigationCause::Reload => "reload",
        NavigationCause::Form => "form",
    };
    let mut words = format!("{cause} {} {}", navigation.method, short(&navigation.url));
    if navigation.method == "POST" {
        let body = String::from_utf8_lossy(&navigation.body);
        let content_type = navigation.content_type.as_deref().unwrap_or_default();
        words = format!("{words} body={} type={content_type}", serde_json::json!(body));
    }
    without_boundary(&words)
}

/// Boundaries are drawn by lot.
fn without_boundary(words: &str) -> String {
    let mut kept = String::new();
    let mut rest = words;
    while let Some(at) = rest.find("----WebKitFormBoundary") {
        kept.push_str(&rest[..at]);
        kept.push('B');
        rest = &rest[at + "----WebKitFormBoundary".len() + 16..];
    }
    kept + rest
}

fn short(url: &str) -> &str {
    url.strip_prefix(HOST).filter(|rest| rest.starts_with('/')).unwrap_or(url)
}
