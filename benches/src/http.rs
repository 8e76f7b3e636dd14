//! Requests against the server and the floor server: what a request costs the server's process.

use crate::bare;
use crate::figures::{cpu, family_cpu, median, memory, peak_memory, percentile, written};
use crate::floor::{RESOURCES, STATEMENT};
use crate::load::{self, Connection, request};
use crate::process::Process;
use std::error::Error;
use std::path::Path;
use std::process::Command;

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

/// Makes the request of a client's turn.
pub type Make<'a> = Box<dyn Fn(usize, usize) -> Vec<u8> + Sync + 'a>;

struct Workload<'a> {
    name: &'static str,
    make: Make<'a>,
    floor: Floor<'a>,
    /// Clients at a time, at the most: of what keeps a processor busy by itself, more only wait.
    clients: usize,
}

/// What a workload is judged by: a request to the floor server, and so many resources of the bare layout.
struct Floor<'a> {
    make: Make<'a>,
    written: f64,
}

/// What a turn came to.
pub struct Row {
    /// Microseconds of CPU for a request.
    pub cpu: f64,
    /// Requests in a second.
    pub rate: f64,
    /// Milliseconds of half of the requests, at the most.
    pub p50: f64,
    /// Milliseconds of 99 of 100 requests, at the most.
    pub p99: f64,
    /// Bytes written for a request.
    pub bytes: f64,
}

/// What counts beside the server's own process.
#[derive(Default)]
pub struct Meter {
    /// The process whose children work for it.
    pub database: Option<String>,
}

impl Meter {
    fn cpu(&self, server: &Process) -> f64 {
        cpu(&server.pid) + self.database.as_deref().map_or(0.0, family_cpu)
    }
}

/// A turn: so many clients for so many seconds. No two turns repeat a request: an update that changes nothing is none.
pub fn measure(
    server: &Process,
    meter: &Meter,
    name: &str,
    make: &Make<'_>,
    (clients, seconds, slice): (usize, f64, usize),
) -> Result<Row, Box<dyn Error>> {
    let (cpu_before, written_before) = (meter.cpu(server), written(&server.pid));
    let found = load::run(server.address, clients, seconds, slice * 100_000, &**make)?;
    if found.failures > 0 {
        return Err(format!("{name}: {} answers were failures", found.failures).into());
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
    let requests = found.requests.max(1) as f64;
    Ok(Row {
        cpu: (meter.cpu(server) - cpu_before) / requests * 1e6,
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
    seconds: f64,
    only: &str,
) -> Result<(), Box<dyn Error>> {
    // Of PostgreSQL's work nothing is done in the server's process: there the bare layout counts for nothing.
    let bare = match url {
        Some(_) => 0.0,
        None => bare::measure(BARE, usize::MAX, 1)?.0,
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
    println!("bare layout: {bare:.1} µs of CPU for a resource");
    fill(&server)?;
    println!(
        "\n| workload | clients | server CPU µs | floor CPU µs | floor/server | requests/s | p50 ms | p99 ms | bytes written |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let body = observation("x", 7).replace(r#""id":"x","#, "");
    for workload in workloads(&body).into_iter().filter(|workload| workload.name.starts_with(only)) {
        for &count in clients.iter().filter(|count| **count <= workload.clients) {
            // In turns, so that a machine that slows down slows both; the median of the pairs counts.
            let mut rows = Vec::new();
            for slice in 0..SLICES {
                let (meter, load) = (Meter::default(), (count, seconds, slice));
                let row = measure(&server, &meter, workload.name, &workload.make, load)?;
                let accept = measure(&floor, &meter, workload.name, &workload.floor.make, load)?.cpu;
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

/// Versions of the one resource that has many.
const VERSIONS: usize = 250;

/// Resources to read and update, by transactions, and one with many versions.
pub fn fill(server: &Process) -> Result<(), Box<dyn Error>> {
    let mut connection = Connection::new(server.address)?;
    for number in 0..VERSIONS {
        connection.send(&request("PUT", "/fhir/Observation/many", &observation("many", number)))?;
    }
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

/// A GET whose answer may be packed.
fn packed(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n").into_bytes()
}

/// A Bundle of as many creates of one body.
fn bundle(kind: &str, body: &str, entries: usize) -> String {
    let entry = format!(r#"{{"resource":{body},"request":{{"method":"POST","url":"Observation"}}}}"#);
    format!(r#"{{"resourceType":"Bundle","type":"{kind}","entry":[{}]}}"#, vec![entry; entries].join(","))
}

fn workloads(body: &str) -> Vec<Workload<'_>> {
    const ALL: usize = usize::MAX;
    let get = |path: String| -> Make<'static> { Box::new(move |_, _| request("GET", &path, "")) };
    let point =
        || -> Make<'static> { Box::new(|c, r| request("GET", &format!("/point/r{}", spread(c, r)), "")) };
    let read =
        |name, make, floor| Workload { name, make, floor: Floor { make: floor, written: 0.0 }, clients: ALL };
    let write = |name, path: &'static str, text: String, written, clients| {
        let accepted = text.clone();
        Workload {
            name,
            make: Box::new(move |_, _| request("POST", path, &text)),
            floor: Floor { make: Box::new(move |_, _| request("POST", "/accept", &accepted)), written },
            clients,
        }
    };
    let page = |name, path: &str, count: usize| {
        read(name, get(format!("/fhir{path}/_history?_count={count}")), get(format!("/page/{count}")))
    };
    let accepted = body.to_owned();
    vec![
        read("metadata", get("/fhir/metadata".to_owned()), get(format!("/cached/{}", STATEMENT[0]))),
        read(
            "metadata, packed",
            Box::new(|_, _| packed("/fhir/metadata")),
            get(format!("/cached/{}", STATEMENT[1])),
        ),
        read(
            "read",
            Box::new(|c, r| request("GET", &format!("/fhir/Observation/r{}", spread(c, r)), "")),
            point(),
        ),
        write("create", "/fhir/Observation", body.to_owned(), 1.0, ALL),
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
            floor: Floor { make: Box::new(move |_, _| request("POST", "/accept", &accepted)), written: 1.0 },
            clients: ALL,
        },
        write("transaction of 10", "/fhir", bundle("transaction", body, 10), 10.0, ALL),
        write("transaction of 1000", "/fhir", bundle("transaction", body, 1000), 1000.0, 4),
        write("batch of 1000", "/fhir", bundle("batch", body, 1000), 1000.0, 4),
        read(
            "history of an instance",
            Box::new(|c, r| request("GET", &format!("/fhir/Observation/r{}/_history", spread(c, r)), "")),
            point(),
        ),
        page("history page of 20", "/Observation", 20),
        page("instance's history page of 100", "/Observation/many", 100),
        page("type's history page of 100", "/Observation", 100),
        page("system's history page of 100", "", 100),
    ]
}
