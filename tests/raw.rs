//! A client that sends bytes as they are, and reads what comes back as HTTP/1.1.

use crate::client::Answer;
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

/// How long a server may say nothing before that counts as a fault. No test passes by waiting for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// One connection.
pub struct Raw(TcpStream);

impl Raw {
    /// To the server of a base URL.
    pub fn connect(base: &str) -> Self {
        let authority = base.split('/').nth(2).unwrap();
        let stream = TcpStream::connect(authority).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }

    /// Whether the server still holds its end of it.
    pub fn is_held(&self) -> bool {
        let port =
            |address: std::io::Result<std::net::SocketAddr>| format!(":{:04X}", address.unwrap().port());
        let (mine, its) = (port(self.0.local_addr()), port(self.0.peer_addr()));
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        // The second and third columns are the addresses, as seen from the end whose line it is.
        table.lines().any(|line| {
            let mut columns = line.split_whitespace().skip(1);
            let (local, remote) = (columns.next().unwrap_or_default(), columns.next().unwrap_or_default());
            local.ends_with(&its) && remote.ends_with(&mine)
        })
    }

    /// Sends; a server that has closed the connection already takes nothing more.
    pub fn send(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes);
    }

    /// Sends all of it, says that no more comes, and reads until the server closes: every answer, in order.
    pub fn exchange(self, bytes: &[u8]) -> Result<Vec<Answer>, String> {
        let ending = self.0.try_clone().unwrap();
        self.converse(bytes, move || drop(ending.shutdown(Shutdown::Write)))
    }

    /// The same without saying so: the last request asks for the end.
    pub fn exchange_openly(self, bytes: &[u8]) -> Result<Vec<Answer>, String> {
        self.converse(bytes, || {})
    }

    fn converse(mut self, bytes: &[u8], then: impl FnOnce() + Send) -> Result<Vec<Answer>, String> {
        let mut writer = self.0.try_clone().unwrap();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let _ = writer.write_all(bytes);
                then();
            });
            self.rest()
        })
    }

    /// Reads until the server closes: every answer, in order.
    pub fn rest(&mut self) -> Result<Vec<Answer>, String> {
        let (mut text, mut answers) = (Vec::new(), Vec::new());
        match self.0.read_to_end(&mut text) {
            Ok(_) => {}
            // The server closed while there was more to read for it.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => return Err(format!("no close: {error}, after {}", String::from_utf8_lossy(&text))),
        }
        let mut rest = text.as_slice();
        while !rest.is_empty() {
            answers.push(answer(&mut rest)?);
        }
        Ok(answers)
    }
}

/// Takes one answer off the bytes.
fn answer(rest: &mut &[u8]) -> Result<Answer, String> {
    let fault = |what: &str| format!("{what}: {}", String::from_utf8_lossy(&rest[..rest.len().min(400)]));
    let end = rest.windows(4).position(|four| four == b"\r\n\r\n").ok_or_else(|| fault("no whole head"))?;
    let head = std::str::from_utf8(&rest[..end]).map_err(|_| fault("a head that is not UTF-8"))?;
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap();
    let status = first.strip_prefix("HTTP/1.1 ").or(first.strip_prefix("HTTP/1.0 "));
    let status = status.and_then(|text| text[..3].parse().ok()).ok_or_else(|| fault("no status"))?;
    let mut headers = BTreeMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ").ok_or_else(|| fault("no header"))?;
        if headers.insert(name.to_ascii_lowercase(), value.to_owned()).is_some() {
            return Err(fault("a header twice"));
        }
    }
    let length: usize = match headers.get("content-length") {
        Some(length) => length.parse().map_err(|_| fault("no length"))?,
        None if status < 200 || matches!(status, 204 | 304) => 0,
        None => return Err(fault("neither a length nor a status without a body")),
    };
    let body = rest.get(end + 4..end + 4 + length).ok_or_else(|| fault("a body that is cut"))?;
    let text = String::from_utf8(body.to_vec()).map_err(|_| fault("a body that is not UTF-8"))?;
    *rest = &rest[end + 4 + length..];
    Ok(Answer { status, headers, text, bytes: body.to_vec() })
}
