//! Servers that workloads run against.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// A running server; killed when dropped.
pub struct Process {
    child: Child,
    /// Its number.
    pub pid: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// Milliseconds that it took to say so.
    pub ready_after: f64,
}

impl Process {
    /// Starts a server that says its address in its first line.
    pub fn start(command: &mut Command) -> Result<Self, Box<dyn Error>> {
        let begun = Instant::now();
        let mut child =
            command.env("RUST_LOG", "info").stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut output = BufReader::new(child.stdout.take().ok_or("no output")?);
        let mut line = String::new();
        output.read_line(&mut line)?;
        let ready_after = begun.elapsed().as_secs_f64() * 1e3;
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        let address =
            line.trim().rsplit("//").next().unwrap_or_default().trim_end_matches("/fhir").parse()?;
        let pid = child.id().to_string();
        Ok(Self { child, pid, address, ready_after })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
