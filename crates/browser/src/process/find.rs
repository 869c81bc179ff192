//! Finding an installed Chromium. It looks at files; it runs none.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::error::BrowserError;

/// Best first: the headless shells start three times faster than a whole browser and need less than half its memory.
const NAMES: [&str; 9] = [
    "chromium-headless-shell",
    "chrome-headless-shell",
    "headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
    "microsoft-edge-stable",
];

/// Where `PATH` is not told, or too short.
const FOLDERS: [&str; 5] =
    ["/usr/bin", "/usr/local/bin", "/opt/google/chrome", "/headless-shell", "/snap/bin"];

const APPLICATIONS: [&str; 2] = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// The programs that distributions put behind a shell script, whose extra flags we do not want.
const BEHIND_SCRIPTS: [(&str, &str); 7] = [
    ("chromium-headless-shell", "/usr/lib/chromium/chromium-headless-shell"),
    ("chromium", "/usr/lib/chromium/chromium"),
    ("chromium", "/usr/lib64/chromium/chromium"),
    ("chromium-browser", "/usr/lib64/chromium-browser/chromium-browser"),
    ("chromium-browser", "/usr/lib/chromium-browser/chromium-browser"),
    ("google-chrome-stable", "/opt/google/chrome/chrome"),
    ("google-chrome", "/opt/google/chrome/chrome"),
];

/// The configured program as it is, else the best known one on `search_path` or at a well-known place.
pub(crate) fn find(configured: Option<&Path>, search_path: Option<&OsStr>) -> Result<PathBuf, BrowserError> {
    if let Some(path) = configured {
        let not_executable = || BrowserError::NotExecutable { path: path.to_owned() };
        return is_executable(path).then(|| path.to_owned()).ok_or_else(not_executable);
    }
    let listed: Vec<PathBuf> = search_path.map(std::env::split_paths).into_iter().flatten().collect();
    let folders: Vec<PathBuf> = listed.into_iter().chain(FOLDERS.iter().map(PathBuf::from)).collect();
    let named = NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    let mut candidates = named.chain(APPLICATIONS.iter().map(PathBuf::from));
    let found = candidates.find(|path| is_executable(path));
    found
        .map(|path| behind_script(&path).unwrap_or(path))
        .ok_or_else(|| BrowserError::NotFound { looked_for: NAMES.join(", ") })
}

fn behind_script(path: &Path) -> Option<PathBuf> {
    let mut start = [0; 2];
    File::open(path).ok()?.read_exact(&mut start).ok()?;
    let name = path.file_name()?;
    let mut programs = BEHIND_SCRIPTS.iter().filter(|(script, _)| name == *script);
    let program = programs.find(|(_, program)| is_executable(Path::new(program)));
    program.filter(|_| start == *b"#!").map(|(_, program)| PathBuf::from(program))
}

fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|entry| entry.is_file() && entry.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn put(folder: &Path, name: &str, mode: u32) -> PathBuf {
        let path = folder.join(name);
        File::create(&path).unwrap().write_all(b"\x7fELF").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    #[test]
    fn the_configured_program_is_taken_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let other = put(folder.path(), "chromium", 0o755);
        let mine = put(folder.path(), "my-browser", 0o755);
        assert_eq!(find(Some(&mine), Some(folder.path().as_os_str())).unwrap(), mine);
        let plain = put(folder.path(), "notes.txt", 0o644);
        for bad in [plain, folder.path().to_owned(), other.join("x")] {
            let error = find(Some(&bad), Some(folder.path().as_os_str())).unwrap_err();
            assert!(matches!(error, BrowserError::NotExecutable { .. }), "{error}");
        }
    }

    #[test]
    fn the_best_name_wins_over_the_first_folder() {
        let [first, second] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        put(first.path(), "google-chrome", 0o755);
        put(first.path(), "chromium-headless-shell", 0o644);
        let best = put(second.path(), "chromium-headless-shell", 0o755);
        let search_path = std::env::join_paths([first.path(), second.path()]).unwrap();
        assert_eq!(find(None, Some(&search_path)).unwrap(), best);
    }
}
