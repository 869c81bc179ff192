//! One page from its first byte to the moment it is left, or comes to rest.

use std::rc::Rc;

use rquickjs::Ctx;
use url::Url;

use super::{
    calls::PageCalls,
    dom::NodeId,
    engine::{Engine, Prepared},
    limits::{STORAGE_ENTRIES_MAX, TASKS_MAX},
    parser::DocumentParser,
    policy::{Policies, PolicyOrigin},
    realm::{Realm, RealmTurn},
    state::PageState,
};
use crate::task::{PageReport, PageStorage, PageTask};

/// Runs a page and tells what it showed. It comes to an end: tasks, memory, stack and requests are bounded here, time by
/// `PageCalls::expired`.
pub(crate) fn run(prepared: Prepared, task: PageTask, calls: Box<dyn PageCalls>) -> Finished {
    let still = PageReport { url: task.url.clone(), storage: task.storage.clone(), ..PageReport::default() };
    let Ok(url) = Url::parse(&task.url) else { return Finished { report: still, _engine: None } };
    let mut policies = Policies::default();
    for policy in &task.content_security_policies {
        policies.add(policy, PolicyOrigin::Header);
    }
    if !policies.sandbox().scripts {
        return Finished { report: still, _engine: None };
    }
    let engine = prepared.open(task, calls, &url);
    let report = engine.with(|ctx, realm| {
        realm.sandbox.set(policies.sandbox());
        *realm.policies.borrow_mut() = policies;
        Run { ctx, realm, state: engine.state(), tasks: 0 }.whole()
    });
    Finished { report: report.unwrap_or(still), _engine: Some(engine) }
}

/// A page that came to an end. To drop it takes its engine apart, which a process that ends anyway need not do.
pub(crate) struct Finished {
    pub(crate) report: PageReport,
    _engine: Option<Engine>,
}

struct Run<'a, 'js> {
    ctx: &'a Ctx<'js>,
    realm: &'a Rc<Realm>,
    state: &'a PageState,
    tasks: u32,
}

impl Run<'_, '_> {
    fn whole(mut self) -> PageReport {
        self.realm.call::<_, ()>(self.ctx, "begin", (0_u32,));
        self.parse();
        if self.goes_on() {
            self.realm.call::<_, ()>(self.ctx, "parsed", ());
            self.settle();
        }
        self.run_tasks(TasksUntil::Load);
        if self.goes_on() {
            self.realm.call::<_, ()>(self.ctx, "loaded", ());
            self.settle();
        }
        self.run_tasks(TasksUntil::Rest);
        self.report()
    }

    fn parse(&self) {
        let html = &self.state.task().html;
        let parser = Rc::new(DocumentParser::of_response(Rc::clone(&self.realm.document), html));
        *self.realm.parser.borrow_mut() = Some(Rc::clone(&parser));
        parser.run(&mut RealmTurn { realm: self.realm, ctx: self.ctx });
        self.settle();
    }

    /// Promises' reactions, then news from the parser.
    fn settle(&self) {
        self.realm.settle(self.ctx);
        self.realm.flush(self.ctx);
    }

    fn goes_on(&self) -> bool {
        !self.state.is_leaving() && !self.state.is_expired()
    }

    /// Runs tasks in the order they are due, the clock jumping from one to the next.
    fn run_tasks(&mut self, until: TasksUntil) {
        #[expect(clippy::cast_precision_loss, reason = "a bound of minutes")]
        let last_ms = self.state.now_ms() + self.state.task().timer_ms_max as f64;
        loop {
            if until == TasksUntil::Load && !self.is_load_blocked() {
                return;
            }
            let Some((due_ms, realm)) = self.next_task() else { return };
            let end_ms = self.state.commits_at_ms().unwrap_or(last_ms);
            if due_ms > end_ms || self.is_spent() {
                return;
            }
            self.state.advance_to(due_ms);
            realm.call::<_, ()>(self.ctx, "runTask", ());
            self.settle();
        }
    }

    fn is_load_blocked(&self) -> bool {
        self.state.is_leaving() || self.realm.call(self.ctx, "blocksLoad", ()).unwrap_or(false)
    }

    fn is_spent(&mut self) -> bool {
        self.tasks += 1;
        if self.state.is_expired() {
            self.state.need("time");
            return true;
        }
        if self.tasks > TASKS_MAX {
            self.state.need("tasks");
            return true;
        }
        false
    }

    /// The task due first among all documents.
    fn next_task(&self) -> Option<(f64, Rc<Realm>)> {
        let realms = self.state.realms.borrow().clone();
        let running = realms.into_iter().filter(|realm| realm.index == 0 || realm.taken.get());
        let due = running.filter_map(|realm| Some((realm.call(self.ctx, "nextTask", ())?, realm)));
        due.filter(|(due_ms, _): &(f64, _)| due_ms.is_finite())
            .min_by(|left, right| left.0.total_cmp(&right.0))
    }

    fn report(&self) -> PageReport {
        if self.state.is_expired() {
            self.state.need("time");
        }
        let storage: Option<Vec<Vec<Vec<String>>>> = self.realm.call(self.ctx, "stored", ());
        PageReport {
            navigation: self.state.take_navigation(),
            url: self.realm.url.borrow().to_string(),
            title: title(self.realm),
            refreshes: self.state.refreshes.take(),
            needs: self.state.needs.take(),
            errors: self.state.errors.take(),
            storage: storage.map_or_else(|| self.state.task().storage.clone(), storage_of),
        }
    }
}

/// How long tasks are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TasksUntil {
    /// Until nothing the load event waits for is left.
    Load,
    /// Until nothing is left, or due too late.
    Rest,
}

/// The first `<title>`, white space trimmed and collapsed.
fn title(realm: &Realm) -> Option<String> {
    let tree = realm.document.tree.borrow();
    let is_title = |id: &NodeId| {
        tree.element(*id).is_some_and(|element| element.is_html() && element.local_name() == "title")
    };
    let title = tree.walk(NodeId::DOCUMENT).find(is_title)?;
    Some(tree.text(title).split_ascii_whitespace().collect::<Vec<_>>().join(" "))
}

fn storage_of(areas: Vec<Vec<Vec<String>>>) -> PageStorage {
    let pairs = |area: Vec<Vec<String>>| {
        let pairs = area.into_iter().filter_map(|pair| <[String; 2]>::try_from(pair).ok());
        pairs.map(|[name, value]| (name, value)).take(STORAGE_ENTRIES_MAX).collect()
    };
    let mut areas = areas.into_iter();
    let mut next = || areas.next().map(pairs).unwrap_or_default();
    let (local, session, names): (_, _, Vec<(String, String)>) = (next(), next(), next());
    PageStorage {
        local,
        session,
        window_name: names.into_iter().next().map(|(_, name)| name).unwrap_or_default(),
    }
}
