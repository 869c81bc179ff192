//! Where the binary is: beside the test's own, built when it is not there or older than the code the test was built with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

const NAME: &str = "hopline";
/// What the binary is made of, and the test too.
const LIBRARY: &str = "libhopline_cli-";

pub(super) fn path() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let dependencies = dependencies_folder();
        let path = dependencies.parent().expect("`deps` lies in a profile's folder").join(NAME);
        if modified(&path) < library_modified(&dependencies) {
            build();
        }
        assert!(path.exists(), "{} is not there, and building hopline-cli did not make it", path.display());
        path
    })
}

/// `target/debug/deps`, from `target/debug/deps/it-…`.
fn dependencies_folder() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    let folder = test.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == "deps"));
    folder.expect("a test lives in `deps`").to_owned()
}

/// `None`, which is before any time, when there is no such file.
fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

fn library_modified(dependencies: &Path) -> Option<SystemTime> {
    let files = fs::read_dir(dependencies).expect("`deps` can be read").filter_map(Result::ok);
    let libraries = files.map(|file| file.path()).filter(|path| {
        path.extension().is_some_and(|extension| extension == "rlib")
            && path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(LIBRARY))
    });
    libraries.filter_map(|path| modified(&path)).max()
}

fn build() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo).args(["build", "--package", "hopline-cli", "--bin", NAME]).status();
    assert!(status.expect("cargo runs").success(), "hopline-cli can be built");
}
