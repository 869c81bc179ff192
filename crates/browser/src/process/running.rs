//! A browser while it runs: what it costs is watched, and it ends when it costs too much, idles, or nobody needs it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitOptions, kill_process, kill_process_group, waitpgid};
use tokio::process::Child;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::folder::Folder;
use super::memory::{self, Held};
use crate::cdp::Cdp;
use crate::config::BrowserBounds;

/// Between two looks at what it costs.
const WATCH_INTERVAL_MS: u64 = 500;
/// Killed processes end at once, unless the system is in trouble.
const REAP_INTERVAL_MS: u64 = 20;
const REAP_TRIES_MAX: usize = 250;

/// What starting left behind.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) child: Child,
    pub(super) cdp: Cdp,
    pub(super) folder: Folder,
}

/// One browser. It ends when the last handle is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Process {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    cdp: Cdp,
    use_count: Arc<Use>,
    links_max: u32,
    _ending: DropGuard,
}

/// How much it is used; the keeper looks at it without holding the process alive.
#[derive(Debug, Default)]
struct Use {
    open: AtomicU32,
    served: AtomicU32,
    /// No new links; it ends when the open ones have.
    retired: CancellationToken,
}

/// One link's stay in a process.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) process: Process,
}

impl Process {
    /// Keeps what was started until it ends, in a task that cleans up after it.
    pub(super) fn keep(started: Started, bounds: BrowserBounds, tasks: &TaskTracker) -> Self {
        let (ending, use_count) = (CancellationToken::new(), Arc::new(Use::default()));
        let cdp = started.cdp.clone();
        let keeper = Keeper { started, bounds, use_count: Arc::clone(&use_count), ending: ending.clone() };
        tasks.spawn(keeper.keep());
        let links_max = bounds.links_per_process_max;
        Self { shared: Arc::new(Shared { cdp, use_count, links_max, _ending: ending.drop_guard() }) }
    }

    pub(crate) fn cdp(&self) -> &Cdp {
        &self.shared.cdp
    }

    /// Takes no more links: it answers no more, or not in time.
    pub(crate) fn retire(&self) {
        self.shared.use_count.retired.cancel();
    }

    /// A place for one more link; `None` when this process takes no more.
    pub(crate) fn link(&self) -> Option<Link> {
        let used = &self.shared.use_count;
        if used.retired.is_cancelled() || self.shared.cdp.gone().is_cancelled() {
            return None;
        }
        let served = used.served.fetch_add(1, Ordering::Relaxed);
        if served + 1 >= self.shared.links_max {
            used.retired.cancel();
        }
        used.open.fetch_add(1, Ordering::Relaxed);
        Some(Link { process: self.clone() })
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.process.shared.use_count.open.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Keeper {
    started: Started,
    bounds: BrowserBounds,
    use_count: Arc<Use>,
    ending: CancellationToken,
}

impl Keeper {
    async fn keep(mut self) {
        let Some(group) = self.started.child.id() else { return };
        let gone = self.started.cdp.gone().clone();
        let mut idle_ms = 0;
        loop {
            tokio::select! {
                _ = self.started.child.wait() => break,
                () = self.ending.cancelled() => break,
                () = gone.cancelled() => break,
                () = tokio::time::sleep(Duration::from_millis(WATCH_INTERVAL_MS)) => {}
            }
            let is_idle = self.use_count.open.load(Ordering::Relaxed) == 0;
            idle_ms = if is_idle { idle_ms + WATCH_INTERVAL_MS } else { 0 };
            if idle_ms > self.bounds.idle_ms || (!is_idle && self.judge(group).await == Verdict::Kill) {
                break;
            }
        }
        self.use_count.retired.cancel();
        gone.cancel();
        kill_group(group);
        self.started.child.wait().await.ok();
        reap(group).await;
        self.started.folder.remove();
    }

    async fn judge(&self, group: u32) -> Verdict {
        let held = tokio::task::spawn_blocking(move || memory::of_group(group)).await.unwrap_or_default();
        let verdict = verdict(&held, &self.bounds, group);
        match &verdict {
            Verdict::Retire => self.use_count.retired.cancel(),
            Verdict::KillPages(pages) => pages.iter().for_each(|page| kill(*page)),
            Verdict::Fine | Verdict::Kill => {}
        }
        verdict
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Fine,
    /// These processes hold one page each, and more than a page may.
    KillPages(Vec<u32>),
    Retire,
    Kill,
}

/// `leader` is the browser itself: it is judged with the whole, never as a page.
fn verdict(held: &[Held], bounds: &BrowserBounds, leader: u32) -> Verdict {
    let total: u64 = held.iter().map(|held| held.bytes).sum();
    let pages = held.iter().filter(|held| held.process_id != leader);
    let greedy: Vec<u32> =
        pages.filter(|held| held.bytes > bounds.page_memory_bytes_max).map(|held| held.process_id).collect();
    if total > bounds.process_memory_bytes_max.saturating_mul(2) {
        Verdict::Kill
    } else if !greedy.is_empty() {
        Verdict::KillPages(greedy)
    } else if total > bounds.process_memory_bytes_max {
        Verdict::Retire
    } else {
        Verdict::Fine
    }
}

fn pid(id: u32) -> Option<Pid> {
    i32::try_from(id).ok().and_then(Pid::from_raw)
}

fn kill(process_id: u32) {
    pid(process_id).map(|pid| kill_process(pid, Signal::KILL).ok());
}

fn kill_group(group: u32) {
    pid(group).map(|pid| kill_process_group(pid, Signal::KILL).ok());
}

/// Where we are process 1, as in a container, the leader's orphans become ours and stay as zombies until they are waited
/// for. Elsewhere there are none.
async fn reap(group: u32) {
    let Some(group) = pid(group) else { return };
    for _ in 0..REAP_TRIES_MAX {
        match waitpgid(group, WaitOptions::NOHANG) {
            Ok(Some(_)) => {}
            Ok(None) => tokio::time::sleep(Duration::from_millis(REAP_INTERVAL_MS)).await,
            // There is no child of ours in that group any more.
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: BrowserBounds = BrowserBounds {
        tabs_max: 4,
        links_per_process_max: 200,
        process_memory_bytes_max: 1_000,
        page_memory_bytes_max: 500,
        link_bytes_max: 1,
        idle_ms: 1,
    };

    fn of(held: &[(u32, u64)]) -> Verdict {
        let held: Vec<Held> =
            held.iter().map(|(process_id, bytes)| Held { process_id: *process_id, bytes: *bytes }).collect();
        verdict(&held, &BOUNDS, 1)
    }

    #[test]
    fn one_greedy_page_costs_itself_many_cost_the_process() {
        assert_eq!(of(&[(1, 600), (2, 300)]), Verdict::Fine);
        assert_eq!(of(&[(1, 300), (2, 501), (3, 100)]), Verdict::KillPages(vec![2]));
        assert_eq!(of(&[(1, 300), (2, 400), (3, 400)]), Verdict::Retire);
        assert_eq!(of(&[(1, 300), (2, 1_800)]), Verdict::Kill);
    }

    #[tokio::test]
    #[cfg(target_os = "linux")]
    async fn orphans_of_a_browser_do_not_stay_as_zombies() {
        // As process 1 is for everybody.
        rustix::process::set_child_subreaper(Some(rustix::process::getpid())).unwrap();
        let mut command = tokio::process::Command::new("sh");
        command.args(["-c", "sleep 600 & sleep 600 & sleep 600 & wait"]).process_group(0);
        let mut leader = command.spawn().unwrap();
        let group = leader.id().unwrap();
        while members(group) < 4 {
            tokio::task::yield_now().await;
        }
        kill_group(group);
        leader.wait().await.unwrap();
        reap(group).await;
        assert_eq!(members(group), 0);
    }

    fn members(group: u32) -> usize {
        let of_group = |status: String| {
            let (_, after_name) = status.rsplit_once(')')?;
            let found: u32 = after_name.split_whitespace().nth(2)?.parse().ok()?;
            (found == group).then_some(())
        };
        let entries = std::fs::read_dir("/proc").unwrap().flatten();
        entries
            .filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok().and_then(of_group))
            .count()
    }
}
