//! Links as the command line writes them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use hopline_client::LinkWrite;
use serde_json::{Map, Value};

#[derive(Debug, Args)]
pub(super) struct CreateArgs {
    /// Where the link leads
    destination: String,
    /// Host of one of your domains [default: the server's own]
    #[arg(long, value_name = "HOST")]
    domain: Option<String>,
    #[command(flatten)]
    members: MemberArgs,
    /// Repeating the call with the same key makes no second link
    #[arg(long, value_name = "KEY")]
    pub(super) idempotency_key: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct UpdateArgs {
    pub(super) id: String,
    /// Where the link leads
    #[arg(long, value_name = "URL")]
    destination: Option<String>,
    #[command(flatten)]
    members: MemberArgs,
    /// Member to clear, such as `expires_at`; repeat for more
    #[arg(long = "clear", value_name = "MEMBER")]
    cleared: Vec<String>,
}

#[derive(Debug, Args)]
struct MemberArgs {
    /// Name in the short URL [default: random]
    #[arg(long)]
    slug: Option<String>,
    #[arg(long)]
    title: Option<String>,
    /// Tag, by name; repeat for more
    #[arg(long = "tag", value_name = "NAME")]
    tags: Option<Vec<String>>,
    #[arg(long, value_parser = ["active", "disabled", "draft", "archived"])]
    status: Option<String>,
    /// When the link begins to redirect, ISO 8601
    #[arg(long, value_name = "TIME")]
    starts_at: Option<String>,
    /// When it ends, ISO 8601
    #[arg(long, value_name = "TIME")]
    expires_at: Option<String>,
    /// Where visits go once it has expired
    #[arg(long, value_name = "URL")]
    expired_url: Option<String>,
    /// Clicks of people after which it ends
    #[arg(long, value_name = "N")]
    max_clicks: Option<u64>,
    /// Where visits go once that many were made
    #[arg(long, value_name = "URL")]
    limit_url: Option<String>,
    /// File with the password visitors must know; on the command line every user of the machine could read it
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// 301, 302, 307 or 308
    #[arg(long, value_name = "CODE")]
    redirect_status: Option<u16>,
    /// Your own id
    #[arg(long, value_name = "ID")]
    external_id: Option<String>,
    #[arg(long)]
    note: Option<String>,
    /// Any other members as a JSON object, such as `{"forward_path": true}`
    #[arg(long, value_name = "JSON")]
    members: Option<String>,
}

impl MemberArgs {
    fn link(self) -> Result<LinkWrite> {
        Ok(LinkWrite {
            url: None,
            domain: None,
            slug: self.slug,
            title: self.title,
            tags: self.tags,
            status: self.status,
            starts_at: self.starts_at,
            expires_at: self.expires_at,
            expired_url: self.expired_url,
            max_clicks: self.max_clicks,
            limit_url: self.limit_url,
            password: self.password_file.as_deref().map(password).transpose()?,
            redirect_status: self.redirect_status,
            external_id: self.external_id,
            note: self.note,
            more: self.members.as_deref().map_or_else(|| Ok(Map::new()), object)?,
        })
    }
}

/// The first line of the file.
fn password(path: &Path) -> Result<String> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("read the password in {}", path.display()))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn object(text: &str) -> Result<Map<String, Value>> {
    serde_json::from_str(text).context("read --members: give a JSON object")
}

impl CreateArgs {
    pub(super) fn link(self) -> Result<LinkWrite> {
        Ok(LinkWrite { url: Some(self.destination), domain: self.domain, ..self.members.link()? })
    }
}

impl UpdateArgs {
    /// As a merge patch.
    pub(super) fn changes(self) -> Result<Map<String, Value>> {
        let link = LinkWrite { url: self.destination, ..self.members.link()? };
        let Value::Object(mut changes) = serde_json::to_value(link)? else { return Ok(Map::new()) };
        changes.extend(self.cleared.into_iter().map(|name| (name, Value::Null)));
        if changes.is_empty() {
            bail!("change the link: say what to change, as --title or --clear");
        }
        Ok(changes)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        update: UpdateArgs,
    }

    fn changes(words: &[&str]) -> Result<Value> {
        let line = Line::try_parse_from([&["x", "lnk_1"], words].concat())?;
        line.update.changes().map(Value::Object)
    }

    #[test]
    fn changes_say_what_was_said_and_no_more() {
        let said =
            changes(&["--title", "T", "--tag", "a", "--tag", "b", "--clear", "note", "--max-clicks", "5"]);
        assert_eq!(said.unwrap(), json!({"title": "T", "tags": ["a", "b"], "max_clicks": 5, "note": null}));
        let elsewhere = changes(&["--destination", "https://a.example/"]).unwrap();
        assert_eq!(elsewhere, json!({"url": "https://a.example/"}));
        let other = changes(&["--members", r#"{"forward_path": true, "og": {"title": null}}"#]).unwrap();
        assert_eq!(other, json!({"forward_path": true, "og": {"title": null}}));
        assert!(changes(&[]).is_err(), "nothing to change");
        assert!(changes(&["--members", "[]"]).is_err());
    }

    #[test]
    fn a_password_is_the_first_line_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        std::fs::write(&path, "open sesame\n").unwrap();
        let said = changes(&["--password-file", path.to_str().unwrap()]).unwrap();
        assert_eq!(said, json!({"password": "open sesame"}));
    }
}
