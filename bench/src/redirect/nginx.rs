//! nginx as a child: two workers, `return 302`, one line of access log for each hit.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

use anyhow::{Context, bail};
use tempfile::TempDir;

const START_TRIES: u32 = 200;
const START_PAUSE_MS: u64 = 20;

pub struct Nginx {
    child: Child,
    pub address: String,
    _folder: TempDir,
}

impl Nginx {
    pub fn start(destination: &str) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let address = format!("127.0.0.1:{port}");
        let config = folder.path().join("nginx.conf");
        fs::write(&config, settings(&folder.path().to_string_lossy(), &address, destination))?;
        let child = Command::new("nginx")
            .args(["-p", &folder.path().to_string_lossy(), "-c", &config.to_string_lossy()])
            .stderr(Stdio::null())
            .spawn()
            .context("start nginx; install it (Debian: nginx-light)")?;
        let nginx = Self { child, address, _folder: folder };
        nginx.wait()?;
        Ok(nginx)
    }

    fn wait(&self) -> anyhow::Result<()> {
        for _ in 0..START_TRIES {
            if TcpStream::connect(&self.address).is_ok() {
                return Ok(());
            }
            sleep(Duration::from_millis(START_PAUSE_MS));
        }
        bail!("nginx does not listen on {}", self.address)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // SIGTERM lets the master end its workers; SIGKILL would leave them behind.
        let ended = Command::new("kill").arg(self.child.id().to_string()).status();
        if ended.is_ok() {
            let _status = self.child.wait();
        }
    }
}

fn settings(folder: &str, address: &str, destination: &str) -> String {
    format!(
        "daemon off;\nworker_processes 2;\npid {folder}/pid;\nerror_log {folder}/error.log;\n\
         events {{ worker_connections 1024; }}\n\
         http {{\n  access_log {folder}/access.log;\n  keepalive_requests 100000000;\n\
         client_body_temp_path {folder}/body;\n  proxy_temp_path {folder}/proxy;\n  fastcgi_temp_path {folder}/fastcgi;\n\
         uwsgi_temp_path {folder}/uwsgi;\n  scgi_temp_path {folder}/scgi;\n\
         server {{ listen {address}; location / {{ return 302 {destination}; }} }}\n}}\n"
    )
}
