//! The examination, in the order in which a start would meet what is wrong.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    time::UNIX_EPOCH,
};

use hopline_domain::time::{Clock, MINUTE_MS, SystemClock, Timestamp};
use hopline_server::StorageGate as _;
use hopline_signing::MasterKey;
use hopline_store::sqlite::{self, Severity, schema_versions};

use super::finding::Finding;
use crate::{
    app::{DataFolder, Disk},
    config::{ADMIN_LISTEN_DEFAULT, AdminListen, Settings},
};

/// Permissions of group and others.
const OTHERS_MODE: u32 = 0o077;
/// A file from further ahead means that one of the clocks was wrong.
const CLOCK_AHEAD_MS_MAX: i64 = 5 * MINUTE_MS;
const MEBIBYTE: u64 = 1024 * 1024;

pub(super) fn examine(settings: &Settings) -> Vec<Finding> {
    let data = &settings.folder.data;
    if !data.is_dir() {
        return vec![Finding::fault(
            "data folder",
            format!("{} is not there; serve or init makes it", data.display()),
        )];
    }
    let mut findings = vec![rights(data)];
    let lock = DataFolder::open(data);
    let is_free = lock.is_ok();
    findings.push(match &lock {
        Ok(_) => Finding::well("lock", "free"),
        Err(error) => Finding::doubt("lock", format!("{error:#}")),
    });
    findings.push(master_key(settings));
    findings.extend(database(data));
    findings.push(disk(settings));
    if is_free {
        findings.extend(ports(settings));
    }
    findings.push(clock(data));
    findings
}

fn rights(data: &Path) -> Finding {
    const WHAT: &str = "data folder";
    let mode = match fs::metadata(data) {
        Ok(metadata) => metadata.permissions().mode(),
        Err(error) => return Finding::fault(WHAT, format!("{}: {error}", data.display())),
    };
    if let Err(error) = tempfile_in(data) {
        return Finding::fault(WHAT, format!("{} can't be written: {error}", data.display()));
    }
    if mode & OTHERS_MODE == 0 {
        return Finding::well(WHAT, format!("{} is its owner's and can be written", data.display()));
    }
    Finding::doubt(WHAT, format!("others may look into {}; run chmod 700 on it", data.display()))
}

/// Makes a file and removes it again: rights on paper are not always rights.
fn tempfile_in(data: &Path) -> std::io::Result<()> {
    let probe = data.join(format!(".doctor-{}", std::process::id()));
    fs::File::create_new(&probe)?;
    fs::remove_file(&probe)
}

fn master_key(settings: &Settings) -> Finding {
    const WHAT: &str = "master key";
    let path = &settings.folder.master_key_file;
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => return Finding::fault(WHAT, format!("{}: {error}", path.display())),
    };
    let open = fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & OTHERS_MODE != 0);
    match MasterKey::parse(&text) {
        Err(error) => Finding::fault(WHAT, format!("failed to {error}")),
        Ok(_) if open => {
            Finding::doubt(WHAT, format!("others may read {}; run chmod 600 on it", path.display()))
        }
        Ok(key) => Finding::well(
            WHAT,
            format!("{} holds key {}; keep a copy apart from the data", path.display(), key.id()),
        ),
    }
}

fn database(data: &Path) -> Vec<Finding> {
    const WHAT: &str = "database";
    match schema_versions(data) {
        Err(error) => return vec![Finding::fault(WHAT, format!("failed to {error}"))],
        Ok(versions) if versions.iter().all(|version| version.found == 0) => {
            return vec![Finding::doubt(WHAT, "there is none yet; serve or init makes it")];
        }
        Ok(_) => {}
    }
    let checked = sqlite::check(data);
    let of_store = |finding: sqlite::Finding| match finding.severity {
        Severity::Fine => Finding::well(finding.file, finding.detail),
        Severity::Fault => Finding::fault(finding.file, finding.detail),
    };
    match checked {
        Ok(findings) => findings.into_iter().map(of_store).collect(),
        Err(error) => vec![Finding::fault(WHAT, format!("failed to {error}"))],
    }
}

fn disk(settings: &Settings) -> Finding {
    const WHAT: &str = "disk";
    let free = Disk::new(settings.folder.data.clone(), std::sync::Arc::new(SystemClock)).free_bytes();
    let least = settings.limits.min_free_bytes;
    match free {
        None => Finding::doubt(WHAT, "the file system does not tell how much room is left"),
        Some(free) if free < least => Finding::doubt(
            WHAT,
            format!(
                "{} MiB free; creating calls are refused below {} MiB",
                free / MEBIBYTE,
                least / MEBIBYTE
            ),
        ),
        Some(free) => Finding::well(WHAT, format!("{} MiB free", free / MEBIBYTE)),
    }
}

fn ports(settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![port("API port", settings.listen.listen, Finding::fault)];
    match settings.listen.admin_listen {
        AdminListen::Off => {}
        AdminListen::At(address) => findings.push(port("admin port", address, Finding::fault)),
        AdminListen::Default => findings.push(port("admin port", ADMIN_LISTEN_DEFAULT, Finding::doubt)),
    }
    findings
}

fn port(what: &str, address: SocketAddr, refused: fn(&str, String) -> Finding) -> Finding {
    match TcpListener::bind(address) {
        Ok(_) => Finding::well(what, format!("{address} is free")),
        Err(error) => refused(what, format!("{address}: {error}")),
    }
}

/// The newest file of the folder can't be from the future.
fn clock(data: &Path) -> Finding {
    const WHAT: &str = "clock";
    let now = SystemClock.now();
    let ahead_ms = newest(data).map_or(0, |newest| newest.since_ms(now));
    if ahead_ms > CLOCK_AHEAD_MS_MAX {
        let minutes = ahead_ms / MINUTE_MS;
        return Finding::doubt(
            WHAT,
            format!("{now}, but a file is {minutes} minutes from the future; set the clock by NTP"),
        );
    }
    Finding::well(WHAT, now.to_string())
}

fn newest(data: &Path) -> Option<Timestamp> {
    let entries = fs::read_dir(data).ok()?.filter_map(Result::ok);
    let modified = entries.filter_map(|entry| entry.metadata().ok()?.modified().ok());
    let since_epoch = modified.filter_map(|time| time.duration_since(UNIX_EPOCH).ok()).max()?;
    i64::try_from(since_epoch.as_millis()).ok().map(Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::finding::State;

    fn state(findings: &[Finding], what: &str) -> Option<State> {
        findings.iter().find(|finding| finding.what == what).map(|finding| finding.state)
    }

    #[test]
    fn a_missing_folder_is_all_there_is_to_say() {
        let mut settings = Settings::default();
        let parent = tempfile::tempdir().unwrap();
        settings.folder.data = parent.path().join("absent");
        assert_eq!(examine(&settings).len(), 1);
    }

    #[test]
    fn an_empty_folder_that_others_can_read_and_files_from_the_future_are_told() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let mut settings = Settings::default();
        settings.folder.data = folder.path().to_owned();
        settings.folder.master_key_file = folder.path().join("master.key");
        settings.listen.listen = "127.0.0.1:0".parse().unwrap();
        settings.listen.admin_listen = AdminListen::Off;
        let future = UNIX_EPOCH + std::time::Duration::from_secs(33_000_000_000);
        let file = fs::File::create(folder.path().join("from-the-future")).unwrap();
        file.set_modified(future).unwrap();
        let findings = examine(&settings);
        assert_eq!(state(&findings, "data folder"), Some(State::Doubt));
        assert_eq!(state(&findings, "lock"), Some(State::Well));
        assert_eq!(state(&findings, "master key"), Some(State::Fault));
        assert_eq!(state(&findings, "database"), Some(State::Doubt));
        assert_eq!(state(&findings, "API port"), Some(State::Well));
        assert_eq!(state(&findings, "clock"), Some(State::Doubt));
    }
}
