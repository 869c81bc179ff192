//! The worker the tests start, and what a worker must never be: one that lies, hangs, dies, or tries to break out.

use std::{
    env, fs,
    io::{self, Read as _, Write as _},
    mem::ManuallyDrop,
    net::TcpListener,
    process::{Command, ExitCode, abort},
};

use hopline_script::{confine, worker_main};
use rustix::process::{Resource, Rlimit, Signal, getpid, getppid, kill_process, setrlimit};

fn main() -> ExitCode {
    let deed = env::args().nth(1).unwrap_or_default();
    if let Some(forbidden) = deed.strip_prefix("confined-") {
        return break_out(forbidden);
    }
    match deed.as_str() {
        "worker" => return worker_main(),
        "ends" => {}
        "aborts" => abort(),
        "garbage" => say(&[0x7B; 512]),
        "no-json" => say(b"\x02\0\0\0{{"),
        "huge-length" => say(b"\xFF\xFF\xFF\xFFabc"),
        "mid-frame" => say(b"\x10\0\0\0{\"Re"),
        "silent" => swallow(),
        "ready-then-ends" => {
            say(&ready());
            let _ = io::stdin().lock().read(&mut [0]);
        }
        "ready-then-silent" => after_ready(&[]),
        "ready-then-mid-frame" => after_ready(b"\x10\0\0\0{\"Do"),
        "ready-then-huge-length" => after_ready(b"\xFF\xFF\xFF\x7Fabc"),
        "ready-twice" => after_ready(&ready()),
        "ready-then-fetches" => after_ready(&fetch().repeat(1_000)),
        "ready-then-flood" => after_ready(&set_cookie().repeat(100_000)),
        _ => return ExitCode::FAILURE,
    }
    ExitCode::SUCCESS
}

/// Confines this process as a worker does, then does what no worker may. Code 0 says that nothing stopped it.
fn break_out(deed: &str) -> ExitCode {
    // To close it would be forbidden too.
    let inherited = fs::File::open("/dev/zero").map(ManuallyDrop::new);
    let (Ok(mut inherited), Ok(())) = (inherited, confine()) else {
        return ExitCode::FAILURE;
    };
    match deed {
        "computes" => say(&vec![b'a'; 1024 * 1024]),
        "panics" => panic!("as told"),
        "opens" => drop(fs::File::open("/etc/hostname")),
        "reads-what-it-inherited" => drop(inherited.read(&mut [0])),
        "writes-what-it-inherited" => drop(inherited.write(&[0])),
        "lists" => drop(fs::read_dir("/")),
        "listens" => drop(TcpListener::bind("127.0.0.1:0")),
        "connects" => drop(std::net::TcpStream::connect("127.0.0.1:9")),
        "starts" => drop(Command::new("/bin/true").spawn()),
        "forks-a-thread" => drop(std::thread::Builder::new().spawn(|| ()).map(std::thread::JoinHandle::join)),
        "sleeps" => std::thread::sleep(std::time::Duration::from_millis(1)),
        "kills" => {
            let _ = kill_process(getpid(), Signal::TERM);
        }
        "asks-its-parent" => {
            let _ = getppid();
        }
        "raises-its-limit" => {
            let _ = setrlimit(Resource::Data, Rlimit { current: None, maximum: None });
        }
        _ => return ExitCode::FAILURE,
    }
    ExitCode::SUCCESS
}

fn say(bytes: &[u8]) {
    let mut output = io::stdout().lock();
    let _ = output.write_all(bytes).and_then(|()| output.flush());
}

fn after_ready(bytes: &[u8]) {
    say(&ready());
    say(bytes);
    swallow();
}

/// Reads until the other side hangs up.
fn swallow() {
    let _ = io::stdin().lock().read_to_end(&mut Vec::new());
}

fn ready() -> Vec<u8> {
    frame(r#"{"Ready":{"protocol":2}}"#)
}

fn set_cookie() -> Vec<u8> {
    frame(r#"{"SetCookie":"a=1"}"#)
}

fn fetch() -> Vec<u8> {
    frame(
        r#"{"Fetch":{"kind":"Data","url":"http://a.test/","method":"GET","headers":[],"body":"","mode":"NoCors","credentials":"Include","client":"Page"}}"#,
    )
}

fn frame(json: &str) -> Vec<u8> {
    let length = u32::try_from(json.len()).unwrap_or_default().to_le_bytes();
    [length.as_slice(), json.as_bytes()].concat()
}
