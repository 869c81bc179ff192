//! The floor: axum alone, a map of slugs, nothing recorded. Runs as a child, with a process and threads of its own.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use anyhow::Context;
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    routing::get,
};
use tokio::net::TcpListener;

use super::{DESTINATION, SLUG};

type Links = Arc<HashMap<String, HeaderValue>>;

pub struct PlainAxum {
    child: Child,
    pub address: String,
}

impl PlainAxum {
    /// This program again, as `redirect-from-a-map`.
    pub fn start() -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("redirect-from-a-map")
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("read the floor's output")?;
        let mut address = String::new();
        BufReader::new(stdout).read_line(&mut address)?;
        Ok(Self { child, address: address.trim().to_owned() })
    }
}

impl Drop for PlainAxum {
    fn drop(&mut self) {
        if self.child.kill().is_ok() {
            let _status = self.child.wait();
        }
    }
}

/// Serves until killed; prints its address first.
#[expect(clippy::print_stdout, reason = "the parent reads the address there")]
pub async fn serve() -> anyhow::Result<()> {
    let links: Links = Arc::new(HashMap::from([(SLUG.to_owned(), HeaderValue::from_static(DESTINATION))]));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let router = Router::new().route("/{slug}", get(redirect)).with_state(links);
    Ok(axum::serve(listener, router).await?)
}

async fn redirect(State(links): State<Links>, Path(slug): Path<String>) -> (StatusCode, HeaderMap) {
    let found = links.get(&slug).cloned();
    let status = if found.is_some() { StatusCode::FOUND } else { StatusCode::NOT_FOUND };
    (status, found.map(|location| (header::LOCATION, location)).into_iter().collect())
}
