//! A load generator that costs little: a thread per client, one connection each, requests made beforehand.

use std::io::{Error, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// What a load found.
pub struct Load {
    /// Requests answered.
    pub requests: usize,
    /// Seconds.
    pub seconds: f64,
    /// How long each took, ascending.
    pub times: Vec<Duration>,
    /// Answers that were not of a status in 200..300.
    pub failures: usize,
}

/// A request's bytes.
pub fn request(method: &str, path: &str, body: &str) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
    if !body.is_empty() {
        text.push_str(&format!("Content-Type: application/fhir+json\r\nContent-Length: {}\r\n", body.len()));
    }
    format!("{text}\r\n{body}").into_bytes()
}

/// One connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub fn new(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 1 << 20] })
    }

    /// Sends a request and reads its answer: the status, and the text, empty where it is packed.
    pub fn send(&mut self, request: &[u8]) -> Result<(u16, String)> {
        self.stream.write_all(request)?;
        let mut have = 0;
        loop {
            let free = self.buffer.get_mut(have..).unwrap_or_default();
            let got = self.stream.read(free)?;
            if got == 0 {
                return Err(Error::other("closed"));
            }
            have += got;
            let seen = self.buffer.get(..have).unwrap_or_default();
            let Some(head) = seen.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let text = String::from_utf8_lossy(seen.get(..head).unwrap_or_default());
            let status = text.get(9..12).and_then(|digits| digits.parse().ok()).unwrap_or(0);
            let header = |line: &str| {
                line.to_ascii_lowercase().strip_prefix("content-length: ").and_then(|n| n.parse().ok())
            };
            let length: usize = text.lines().find_map(header).unwrap_or(0);
            let end = head + 4 + length;
            if have >= end {
                let body = seen.get(head + 4..end).unwrap_or_default();
                return Ok((status, str::from_utf8(body).unwrap_or_default().to_owned()));
            }
            if end > self.buffer.len() {
                self.buffer.resize(end, 0);
            }
        }
    }
}

/// Runs `clients` for `seconds`; `make(client, round)` gives each request, rounds counted from `first`.
pub fn run(
    address: SocketAddr,
    clients: usize,
    seconds: f64,
    first: usize,
    make: &(dyn Fn(usize, usize) -> Vec<u8> + Sync),
) -> Result<Load> {
    let begun = Instant::now();
    let end = begun + Duration::from_secs_f64(seconds);
    let all: Vec<Result<(Vec<Duration>, usize)>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..clients)
            .map(|client| {
                scope.spawn(move || {
                    let mut connection = Connection::new(address)?;
                    let (mut times, mut failures) = (Vec::new(), 0);
                    for round in first.. {
                        let request = make(client, round);
                        let sent = Instant::now();
                        if sent >= end {
                            break;
                        }
                        let (status, _) = connection.send(&request)?;
                        times.push(sent.elapsed());
                        failures += usize::from(!(200..300).contains(&status));
                    }
                    Ok((times, failures))
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|_| Err(Error::other("a client failed"))))
            .collect()
    });
    let seconds = begun.elapsed().as_secs_f64();
    let (mut times, mut failures) = (Vec::new(), 0);
    for one in all {
        let (more, failed) = one?;
        times.extend(more);
        failures += failed;
    }
    times.sort_unstable();
    Ok(Load { requests: times.len(), seconds, times, failures })
}
