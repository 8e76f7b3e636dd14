//! The server as a process that tests start, stop and kill.

use crate::certificates::Certificates;
use crate::client::Client;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tempfile::NamedTempFile;
use ureq::tls::TlsConfig;

/// The binary under test.
pub const RUSHLIGHT: &str = env!("CARGO_BIN_EXE_rushlight");

/// Held by suites that load the machine, so that they take turns.
pub fn heavy() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    base: String,
    log: NamedTempFile,
    tls: TlsConfig,
}

impl Server {
    /// Starts one on a free port, for a database URL.
    pub fn start(url: &str) -> Self {
        Self::start_with(url, &[])
    }

    /// The same with environment variables.
    pub fn start_with(url: &str, environment: &[(&str, &str)]) -> Self {
        Self::try_start(url, environment)
            .unwrap_or_else(|output| panic!("the server did not start: {output}"))
    }

    /// The same through TLS: its clients trust the authority of these certificates.
    pub fn start_encrypted(url: &str, certificates: &Certificates, environment: &[(&str, &str)]) -> Self {
        let files = certificates.environment();
        let mut all: Vec<(&str, &str)> = files.iter().map(|(name, value)| (*name, value.as_str())).collect();
        all.extend(environment);
        let mut server = Self::start_with(url, &all);
        server.tls = certificates.trusted();
        server
    }

    /// The same, or what it said instead of starting.
    pub fn try_start(url: &str, environment: &[(&str, &str)]) -> Result<Self, String> {
        Self::run(&["--database-url", url], environment)
    }

    /// With whatever flags.
    pub fn run(flags: &[&str], environment: &[(&str, &str)]) -> Result<Self, String> {
        let log = NamedTempFile::new().unwrap();
        let mut child = Command::new(RUSHLIGHT)
            .args(["serve", "--bind", "127.0.0.1:0"])
            .args(flags)
            .env("RUST_LOG", "warn")
            // The server takes no variable of its prefix that is not its own.
            .env_remove("RUSHLIGHT_GOLDEN")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(log.path()).unwrap())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        // Whoever writes to a closed pipe fails: keep reading.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        match first.trim().strip_prefix("Rushlight serves FHIR ").and_then(|said| said.split_once(" at ")) {
            Some((_, base)) => Ok(Self { child, base: base.to_owned(), log, tls: TlsConfig::default() }),
            None => {
                let _ = child.wait();
                Err(std::fs::read_to_string(log.path()).unwrap())
            }
        }
    }

    /// A client of it.
    pub fn client(&self) -> Client {
        Client::new(&self.base, self.tls.clone())
    }

    /// A client that trusts and shows other certificates than [`Self::client`].
    pub fn client_with(&self, tls: TlsConfig) -> Client {
        Client::new(&self.base, tls)
    }

    /// What it has said so far on standard error.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log.path()).unwrap()
    }

    /// Waits until it has said something.
    #[track_caller]
    pub fn expect_log(&self, words: &str) {
        let begun = Instant::now();
        while !self.log().contains(words) {
            assert!(begun.elapsed() < Duration::from_secs(60), "{words}: {}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Sends a signal, by its name without SIG.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }

    /// Kilobytes of memory in use, now and at the most since [`Self::forget_most_memory`].
    pub fn memory(&self) -> (usize, usize) {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let of = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim().trim_end_matches(" kB").parse().unwrap()
        };
        (of("VmRSS:"), of("VmHWM:"))
    }

    /// Begins to look anew for the most memory in use.
    pub fn forget_most_memory(&self) {
        std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5").unwrap();
    }

    /// SIGKILL: nothing is written, flushed or said any more.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGTERM; returns whether it ended by itself, cleanly.
    pub fn stop(mut self) -> bool {
        self.signal("TERM");
        self.ended()
    }

    /// Waits for its end; whether it was a clean one.
    pub fn ended(&mut self) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(60) {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Runs a command of the binary to its end; its output, and whether it succeeded.
pub fn rushlight(args: &[&str]) -> (String, bool) {
    let output =
        Command::new(RUSHLIGHT).args(args).env("RUST_LOG", "warn").stdin(Stdio::null()).output().unwrap();
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (text, output.status.success())
}

/// The server's own examination finds no fault. The store must not be in use.
pub fn assert_sound(url: &str) {
    for command in [&["verify"][..], &["audit", "verify"]] {
        let (text, success) = rushlight(&[command, &["--database-url", url]].concat());
        assert!(success, "{text}");
    }
}
