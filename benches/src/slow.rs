//! Slow sockets beside a bystander: what they cost it, and the server's memory.

use crate::figures::{cpu, median, memory, percentile};
use crate::http::{fill, observation};
use crate::load::{self, request};
use crate::process::Process;
use std::error::Error;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Turns without and with the slow sockets.
const TURNS: usize = 5;

/// Prints the table: p99 with and without, the median of the turns' ratios, and memory.
pub fn run(binary: &Path, sockets: usize, seconds: f64) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut command = Command::new(binary);
    command.args(["serve", "--bind", "127.0.0.1:0", "--data-dir"]).arg(folder.path().join("store"));
    let server = Process::start(&mut command)?;
    fill(&server)?;
    let idle = memory(&server.pid);
    let (mut ratios, mut most) = (Vec::new(), 0.0_f64);
    println!("| turn | slow sockets | requests/s | p50 ms | p99 ms | memory MB |");
    println!("|---|---|---|---|---|---|");
    for turn in 0..TURNS {
        let alone = bystander(&server, turn, 0, seconds)?;
        let done = AtomicBool::new(false);
        let slow = open(server.address, sockets)?;
        let beside = std::thread::scope(|scope| {
            scope.spawn(|| hold(slow, &done));
            settle(&server.pid);
            let found = bystander(&server, turn, sockets, seconds);
            done.store(true, Ordering::Relaxed);
            found
        })?;
        ratios.push(beside.0 / alone.0);
        most = most.max(beside.1);
    }
    println!(
        "\np99 with / without: {:.2}; memory: {idle:.0} MB before, {most:.0} MB at the most",
        median(ratios)
    );
    Ok(())
}

/// Prints a row; returns p99 and memory.
fn bystander(
    server: &Process,
    turn: usize,
    sockets: usize,
    seconds: f64,
) -> Result<(f64, f64), Box<dyn Error>> {
    let make =
        |_: usize, round: usize| request("GET", &format!("/fhir/Observation/r{}", round * 7919 % 20_000), "");
    let found = load::run(server.address, 1, seconds, 0, &make)?;
    if found.failures > 0 {
        return Err("a bystander's request failed".into());
    }
    let (p99, memory) = (percentile(&found.times, 0.99), memory(&server.pid));
    #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
    let rate = found.requests as f64 / found.seconds;
    println!(
        "| {turn} | {sockets} | {rate:.0} | {:.2} | {p99:.2} | {memory:.0} |",
        percentile(&found.times, 0.5)
    );
    Ok((p99, memory))
}

/// Of four sockets one has sent the beginning of a head, one that of a body, and two ask for more than the system keeps
/// for them, and take nothing.
fn open(address: SocketAddr, sockets: usize) -> std::io::Result<Vec<TcpStream>> {
    let body = request("POST", "/fhir/Observation", &observation("x", 1));
    let large = request("GET", "/fhir/Observation/_history?_count=1000", "").repeat(16);
    let beginnings: [&[u8]; 4] = [
        b"GET /fhir/metadata HTTP/1.1\r\nHost: localhost\r\nX: ",
        body.get(..body.len() / 2).unwrap_or_default(),
        &large,
        &large,
    ];
    let begun = |beginning: &&[u8]| {
        let mut socket = TcpStream::connect(address)?;
        socket.write_all(beginning)?;
        Ok(socket)
    };
    beginnings.iter().cycle().take(sockets).map(begun).collect()
}

/// Waits until the server has done what it can for the slow sockets: what they ask for is work, their slowness none.
fn settle(pid: &str) {
    loop {
        let before = cpu(pid);
        std::thread::sleep(Duration::from_millis(500));
        if cpu(pid) - before < 0.05 {
            return;
        }
    }
}

/// Sends a byte every now and then on those that have not sent all.
fn hold(mut sockets: Vec<TcpStream>, done: &AtomicBool) {
    while !done.load(Ordering::Relaxed) {
        for (_, socket) in sockets.iter_mut().enumerate().filter(|(number, _)| number % 4 < 2) {
            // One that was given up takes nothing more.
            let _ = socket.write_all(b" ");
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}
