//! What the processes of one browser hold of memory, read from `/proc`. Elsewhere nothing is known and nothing is bounded.

use std::fs;
use std::path::Path;

/// Linux counts these in pages; every platform Chromium runs on has pages of at least this size.
const PAGE_BYTES: u64 = 4_096;

/// One process and its private memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) process_id: u32,
    pub(crate) bytes: u64,
}

/// Every process of a process group: the sandbox hides them from each other, not from us.
pub(crate) fn of_group(group: u32) -> Vec<Held> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let ids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter_map(|process_id| held(process_id, group)).collect()
}

fn held(process_id: u32, group: u32) -> Option<Held> {
    let folder = Path::new("/proc").join(process_id.to_string());
    let stat = fs::read_to_string(folder.join("stat")).ok()?;
    if group_in(&stat)? != group {
        return None;
    }
    let bytes = private_bytes_in(&fs::read_to_string(folder.join("statm")).ok()?)?;
    Some(Held { process_id, bytes })
}

/// The fifth field; the second, the program's name, may itself hold blanks and brackets (proc(5)).
fn group_in(stat: &str) -> Option<u32> {
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_ascii_whitespace().nth(2)?.parse().ok()
}

/// Resident pages that are shared with no file: libraries would otherwise be counted once a process.
fn private_bytes_in(statm: &str) -> Option<u64> {
    let mut fields = statm.split_ascii_whitespace().skip(1);
    let (resident, shared): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(resident.saturating_sub(shared) * PAGE_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_program_does_not_move_its_fields() {
        assert_eq!(group_in("4711 (chromium) S 1 4700 4700 0 -1"), Some(4_700));
        assert_eq!(group_in("4711 (a) b 1 (c)) S 1 4700 4700 0 -1"), Some(4_700));
        for broken in ["", "4711 (a", "4711 (a) S", "4711 (a) S 1 x"] {
            assert_eq!(group_in(broken), None, "{broken}");
        }
    }

    #[test]
    fn only_private_pages_count() {
        assert_eq!(private_bytes_in("9000 300 100 1 0 50 0\n"), Some(200 * PAGE_BYTES));
        assert_eq!(private_bytes_in("9000 100 300 1 0 50 0\n"), Some(0));
        assert_eq!(private_bytes_in("9000 x"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn our_own_group_is_found() {
        let own = std::process::id();
        let stat = fs::read_to_string("/proc/self/stat").unwrap();
        let held = of_group(group_in(&stat).unwrap());
        assert!(held.iter().any(|held| held.process_id == own && held.bytes > 0), "{held:?}");
    }
}
