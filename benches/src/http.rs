//! Requests against the server and the floor server: what a request costs the server's process.

use crate::bare;
use crate::figures::{cpu, median, memory, peak_memory, percentile, written};
use crate::floor::RESOURCES;
use crate::load::{self, Connection, request};
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// Turns of server and floor for each row of the table.
const SLICES: usize = 5;

/// Resources of the bare layout, written in the same run.
const BARE: u64 = 100_000;

/// An Observation of about 700 bytes; `number` makes it one of its own.
pub fn observation(id: &str, number: usize) -> String {
    let value = number % 2000;
    format!(
        r#"{{"resourceType":"Observation","id":"{id}","status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"Vital Signs"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"8480-6","display":"Systolic blood pressure"}}],"text":"Systolic blood pressure"}},"subject":{{"reference":"Patient/p{}"}},"encounter":{{"reference":"Encounter/e{number}"}},"effectiveDateTime":"2026-03-0{}T08:30:00+01:00","issued":"2026-03-01T08:31:22.123+01:00","performer":[{{"reference":"Practitioner/d{}"}}],"valueQuantity":{{"value":{}.{},"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}}}"#,
        number / 25,
        number % 9 + 1,
        number % 500,
        value / 10,
        value % 10
    )
}

struct Process {
    child: Child,
    pid: String,
    address: SocketAddr,
    ready_after: f64,
}

impl Process {
    /// Starts a server that says its address in its first line.
    fn start(command: &mut Command) -> Result<Self, Box<dyn Error>> {
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

type Make<'a> = Box<dyn Fn(usize, usize) -> Vec<u8> + Sync + 'a>;

struct Workload<'a> {
    name: &'static str,
    make: Make<'a>,
    floor: Floor<'a>,
}

/// What a workload is judged by: a request to the floor server, and so many resources of the bare layout.
struct Floor<'a> {
    make: Make<'a>,
    written: f64,
}

struct Row {
    cpu: f64,
    rate: f64,
    p50: f64,
    p99: f64,
    bytes: f64,
}

fn measure(
    server: &Process,
    name: &str,
    make: &Make<'_>,
    clients: usize,
    seconds: u64,
    slice: usize,
) -> Result<Row, Box<dyn Error>> {
    let (cpu_before, written_before) = (cpu(&server.pid), written(&server.pid));
    // No two turns repeat a request: an update that changes nothing is none.
    let found = load::run(server.address, clients, seconds, slice * 100_000, &**make)?;
    if found.failures > 0 {
        return Err(format!("{name}: {} answers were failures", found.failures).into());
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
    let requests = found.requests.max(1) as f64;
    Ok(Row {
        cpu: (cpu(&server.pid) - cpu_before) / requests * 1e6,
        rate: requests / found.seconds,
        p50: percentile(&found.times, 0.5),
        p99: percentile(&found.times, 0.99),
        bytes: (written(&server.pid) - written_before) / requests,
    })
}

/// The whole table.
pub fn run(
    binary: &Path,
    url: Option<&str>,
    clients: &[usize],
    seconds: u64,
    only: &str,
) -> Result<(), Box<dyn Error>> {
    // Of PostgreSQL's work nothing is done in the server's process: there the bare layout counts for nothing.
    let bare = match url {
        Some(_) => 0.0,
        None => bare::measure(BARE, 20, 1)?.0,
    };
    let folder = tempfile::tempdir()?;
    let own = format!("sqlite:{}", folder.path().join("store").display());
    let mut command = Command::new(binary);
    command.args(["serve", "--bind", "127.0.0.1:0", "--database-url", url.unwrap_or(&own)]);
    let server = Process::start(&mut command)?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("floor-server").arg(folder.path());
    if let Some(url) = url {
        command.args(["--database-url", url]);
    }
    let floor = Process::start(&mut command)?;
    println!("cold start {:.0} ms, idle {:.0} MB", server.ready_after, memory(&server.pid));
    println!("bare layout: {bare:.1} µs of CPU for a resource with 20 rows");
    fill(&server)?;
    println!(
        "\n| workload | clients | server CPU µs | floor CPU µs | floor/server | requests/s | p50 ms | p99 ms | bytes written |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let body = observation("x", 7).replace(r#""id":"x","#, "");
    for workload in workloads(&body).into_iter().filter(|workload| workload.name.starts_with(only)) {
        for &count in clients {
            // In turns, so that a machine that slows down slows both; the median of the pairs counts.
            let mut rows = Vec::new();
            for slice in 0..SLICES {
                let row = measure(&server, workload.name, &workload.make, count, seconds, slice)?;
                let accept = measure(&floor, workload.name, &workload.floor.make, count, seconds, slice)?.cpu;
                rows.push((row, accept + bare * workload.floor.written));
            }
            let of = |figure: &dyn Fn(&(Row, f64)) -> f64| median(rows.iter().map(figure).collect());
            println!(
                "| {} | {count} | {:.0} | {:.0} | {:.2} | {:.0} | {:.2} | {:.2} | {:.0} |",
                workload.name,
                of(&|(row, _)| row.cpu),
                of(&|(_, least)| *least),
                of(&|(row, least)| least / row.cpu),
                of(&|(row, _)| row.rate),
                of(&|(row, _)| row.p50),
                of(&|(row, _)| row.p99),
                of(&|(row, _)| row.bytes)
            );
        }
    }
    println!("\npeak {:.0} MB", peak_memory(&server.pid));
    Ok(())
}

fn spread(client: usize, round: usize) -> usize {
    (client * 7919 + round * 104_729) % RESOURCES
}

/// Resources to read and update, by transactions.
fn fill(server: &Process) -> Result<(), Box<dyn Error>> {
    let mut connection = Connection::new(server.address)?;
    for block in 0..RESOURCES / 500 {
        let entries: Vec<String> = (block * 500..(block + 1) * 500)
            .map(|number| {
                let id = format!("r{number}");
                format!(
                    r#"{{"resource":{},"request":{{"method":"PUT","url":"Observation/{id}"}}}}"#,
                    observation(&id, number)
                )
            })
            .collect();
        let bundle =
            format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{}]}}"#, entries.join(","));
        let (status, text) = connection.send(&request("POST", "/fhir", &bundle))?;
        if status != 200 {
            return Err(text.into());
        }
    }
    Ok(())
}

fn workloads(body: &str) -> Vec<Workload<'_>> {
    let point = || -> Make<'_> { Box::new(|c, r| request("GET", &format!("/point/r{}", spread(c, r)), "")) };
    let accept = |text: String| -> Make<'_> { Box::new(move |_, _| request("POST", "/accept", &text)) };
    let get = |make: Make<'static>| Floor { make, written: 0.0 };
    let entry = format!(r#"{{"resource":{body},"request":{{"method":"POST","url":"Observation"}}}}"#);
    let transaction = format!(
        r#"{{"resourceType":"Bundle","type":"transaction","entry":[{}]}}"#,
        vec![entry; 10].join(",")
    );
    vec![
        Workload {
            name: "read",
            make: Box::new(|c, r| request("GET", &format!("/fhir/Observation/r{}", spread(c, r)), "")),
            floor: get(point()),
        },
        Workload {
            name: "create",
            make: Box::new(|_, _| request("POST", "/fhir/Observation", body)),
            floor: Floor { make: accept(body.to_owned()), written: 1.0 },
        },
        Workload {
            name: "update",
            make: Box::new(|c, r| {
                let id = format!("r{}", spread(c, r));
                request(
                    "PUT",
                    &format!("/fhir/Observation/{id}"),
                    &observation(&id, c * 1_000_003 + r + r / 100_000),
                )
            }),
            floor: Floor { make: accept(body.to_owned()), written: 1.0 },
        },
        Workload {
            name: "transaction of 10",
            floor: Floor { make: accept(transaction.clone()), written: 10.0 },
            make: Box::new(move |_, _| request("POST", "/fhir", &transaction)),
        },
        Workload {
            name: "history of an instance",
            make: Box::new(|c, r| {
                request("GET", &format!("/fhir/Observation/r{}/_history", spread(c, r)), "")
            }),
            floor: get(point()),
        },
        Workload {
            name: "history page of 20",
            make: Box::new(|_, _| request("GET", "/fhir/Observation/_history?_count=20", "")),
            floor: get(Box::new(|_, _| request("GET", "/page", ""))),
        },
    ]
}
