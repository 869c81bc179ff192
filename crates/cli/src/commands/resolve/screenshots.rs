//! Pictures of last pages, one file a link.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use url::Url;

use super::viewpoint::Ended;

/// Characters of a host or profile in a file's name.
const NAME_CHARS_MAX: usize = 60;

/// A folder that pictures are written to.
#[derive(Debug)]
pub(super) struct Screenshots(PathBuf);

impl Screenshots {
    pub(super) fn open(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("make the folder {}", folder.display()))?;
        Ok(Self(folder.to_owned()))
    }

    /// Writes the pictures of the link that stands at `place` in the input, counted from 1.
    pub(super) fn take(&self, place: usize, ended: &Ended) -> Result<()> {
        for view in &ended.views {
            let Some(picture) = &view.screenshot else { continue };
            let profile = if ended.views.len() > 1 { Some(view.name.as_str()) } else { None };
            let path = self.0.join(file_name(place, view.chain.final_url.as_deref(), profile));
            fs::write(&path, picture).with_context(|| format!("write {}", path.display()))?;
        }
        Ok(())
    }
}

/// `000012-shop.example-mobile.png`: sorted as the input is, and telling what it shows.
fn file_name(place: usize, final_url: Option<&str>, profile: Option<&str>) -> String {
    let host =
        final_url.and_then(|url| Url::parse(url).ok()).and_then(|url| url.host_str().map(str::to_owned));
    let host = plain(host.as_deref().unwrap_or("page"));
    let profile = profile.map(|name| format!("-{}", plain(name))).unwrap_or_default();
    format!("{place:06}-{host}{profile}.png")
}

/// Harmless as a part of a file's name, whatever a page or the settings file calls itself.
fn plain(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    name.chars().map(|c| if is_plain(c) { c } else { '_' }).take(NAME_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_and_are_harmless() {
        assert_eq!(file_name(12, Some("https://shop.example/../x"), None), "000012-shop.example.png");
        assert_eq!(file_name(3, Some("http://[::1]:8/"), Some("mobile")), "000003-___1_-mobile.png");
        assert_eq!(file_name(1, None, None), "000001-page.png");
        assert_eq!(file_name(1, None, Some("../../etc/cron")), "000001-page-.._.._etc_cron.png");
        assert!(file_name(1, Some(&format!("http://{}.example/", "a".repeat(300))), None).len() < 80);
    }
}
