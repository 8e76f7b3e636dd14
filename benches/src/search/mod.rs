//! Searches on a growing population, beside the SQL that somebody would write by hand.

mod dialect;
mod fill;
pub mod floor;
mod workloads;

use crate::figures::{self, median};
use crate::http::{Make, Meter, Row, measure};
use crate::load::{Connection, request};
use crate::process::Process;
use diesel::prelude::*;
use std::error::Error;
use std::path::Path;
use std::process::Command;
use workloads::{DEEP, DEEP_PAGING, MIXED, PAGE, SINGLE, Workload};

/// Turns of server and floor; the median of the pairs counts.
const SLICES: usize = 5;

/// What is measured.
pub struct Options<'a> {
    /// The server's binary.
    pub binary: &'a Path,
    /// Another store than a fresh folder; an empty one.
    pub url: Option<&'a str>,
    /// Numbers of patients, ascending.
    pub patients: &'a [u64],
    /// Clients at a time.
    pub clients: usize,
    /// Seconds of each turn.
    pub seconds: f64,
    /// Only the workloads whose names begin so.
    pub only: &'a str,
}

/// The tables.
pub fn run(options: &Options<'_>) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let own = format!("sqlite:{}", folder.path().join("store").display());
    let url = options.url.unwrap_or(&own);
    let mut grown: Vec<(&str, Vec<f64>)> = Vec::new();
    let mut before = 0;
    for &patients in options.patients {
        let (loaded, seconds) = fill::grow(options.binary, url, before, patients)?;
        before = patients;
        println!("\n{patients} patients; the last {loaded} resources were loaded in {seconds:.1} s\n");
        let meter = database(url)?;
        let mut command = Command::new(options.binary);
        let server = Process::start(command.args(["serve", "--bind", "127.0.0.1:0", "--database-url", url]))?;
        let mut command = Command::new(std::env::current_exe()?);
        let floor = Process::start(command.args(["search-floor", url]))?;
        println!(
            "| search | p50 ms | p99 ms | requests/s | CPU µs | floor CPU µs | floor/server | floor p50 ms |"
        );
        println!("|---|---|---|---|---|---|---|---|");
        for workload in SINGLE.iter().filter(|workload| workload.name.starts_with(options.only)) {
            let mut connection = Connection::new(server.address)?;
            let pair = Pair::of(workload, patients, &mut connection)?;
            let p50 = compared(options, &meter, &server, &floor, workload.name, &pair)?;
            match grown.iter_mut().find(|(name, _)| *name == workload.name) {
                Some((_, all)) => all.push(p50),
                None => grown.push((workload.name, vec![p50])),
            }
        }
        if "mixed".starts_with(options.only) {
            mixed(options, &meter, &server, patients)?;
        }
        println!("\npeak {:.0} MB", figures::peak_memory(&server.pid));
    }
    println!("\np50 in ms as the population grows\n");
    let heads: Vec<String> = options.patients.iter().map(|patients| format!(" {patients} |")).collect();
    println!("| search |{} last/first |", heads.concat());
    println!("|---|{}---|", "---|".repeat(heads.len()));
    for (name, all) in grown {
        let cells: Vec<String> = all.iter().map(|p50| format!(" {p50:.2} |")).collect();
        let growth = all.first().zip(all.last()).map_or(0.0, |(first, last)| last / first);
        println!("| {name} |{} {growth:.2} |", cells.concat());
    }
    Ok(())
}

/// What a PostgreSQL of this machine uses, after it has looked at its tables; nothing for SQLite.
fn database(url: &str) -> Result<Meter, Box<dyn Error>> {
    use diesel::connection::{Connection as _, SimpleConnection};
    if url.starts_with("sqlite:") {
        return Ok(Meter::default());
    }
    let mut connection = PgConnection::establish(url)?;
    connection.batch_execute("VACUUM ANALYZE")?;
    let backend: i32 = diesel::select(diesel::dsl::sql::<diesel::sql_types::Integer>("pg_backend_pid()"))
        .get_result(&mut connection)?;
    Ok(Meter { database: figures::parent(&backend.to_string()) })
}

/// A search's requests, to the server and to the floor.
struct Pair {
    server: Make<'static>,
    floor: Make<'static>,
}

/// A patient for a client's turn: one after the other would be neighbours on the disk.
fn patient(client: usize, round: usize, patients: u64) -> u64 {
    let turn = (client * 7919 + round * 104_729) as u64;
    1 + turn % patients
}

fn get(path: &str) -> Vec<u8> {
    request("GET", path, "")
}

fn search(path: &str) -> String {
    let between = if path.ends_with('?') { "" } else { "&" };
    format!("/fhir/{path}{between}_count={PAGE}")
}

fn by_hand(name: &str, binds: &[String]) -> Vec<u8> {
    let query: Vec<String> = binds.iter().map(|bind| format!("b={}", encoded(bind))).collect();
    get(&format!("/{}?{}", encoded(name), query.join("&")))
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

impl Pair {
    fn of(
        workload: &'static Workload,
        patients: u64,
        connection: &mut Connection,
    ) -> Result<Self, Box<dyn Error>> {
        let Workload { name, path, binds, .. } = *workload;
        if name == DEEP_PAGING {
            let (link, id) = deep(&search(&path(1)), connection)?;
            let hand = by_hand(name, &[binds(1), vec![id]].concat());
            return Ok(Self {
                server: Box::new(move |_, _| get(&link)),
                floor: Box::new(move |_, _| hand.clone()),
            });
        }
        Ok(Self {
            server: Box::new(move |client, round| get(&search(&path(patient(client, round, patients))))),
            floor: Box::new(move |client, round| by_hand(name, &binds(patient(client, round, patients)))),
        })
    }
}

/// The link of a page far from the first, and the id that the page before ends with.
fn deep(path: &str, connection: &mut Connection) -> Result<(String, String), Box<dyn Error>> {
    let mut path = path.to_owned();
    let mut last = String::new();
    for _ in 1..DEEP {
        let (_, text) = connection.send(&get(&path))?;
        let bundle: serde_json::Value = serde_json::from_str(&text)?;
        let of = |relation: &str| {
            let links = bundle.get("link")?.as_array()?;
            let link = links.iter().find(|link| link.get("relation").is_some_and(|it| it == relation))?;
            link.get("url")?.as_str()
        };
        let Some(next) = of("next") else { break };
        let end =
            bundle.get("entry").and_then(|all| all.as_array()?.last()?.pointer("/resource/id")?.as_str());
        end.ok_or("a page without matches")?.clone_into(&mut last);
        path = next.split_once("/fhir").map_or_else(|| next.to_owned(), |(_, path)| format!("/fhir{path}"));
    }
    Ok((path, last))
}

/// Prints a row; the server's p50.
fn compared(
    options: &Options<'_>,
    meter: &Meter,
    server: &Process,
    floor: &Process,
    name: &str,
    pair: &Pair,
) -> Result<f64, Box<dyn Error>> {
    let mut rows = Vec::new();
    for slice in 0..SLICES {
        let load = (options.clients, options.seconds, slice);
        let ours = measure(server, meter, name, &pair.server, load)?;
        rows.push((ours, measure(floor, meter, name, &pair.floor, load)?));
    }
    let of = |figure: &dyn Fn(&(Row, Row)) -> f64| median(rows.iter().map(figure).collect());
    let p50 = of(&|(ours, _)| ours.p50);
    println!(
        "| {name} | {p50:.2} | {:.2} | {:.0} | {:.0} | {:.0} | {:.2} | {:.2} |",
        of(&|(ours, _)| ours.p99),
        of(&|(ours, _)| ours.rate),
        of(&|(ours, _)| ours.cpu),
        of(&|(_, floor)| floor.cpu),
        of(&|(ours, floor)| floor.cpu / ours.cpu),
        of(&|(_, floor)| floor.p50),
    );
    Ok(p50)
}

/// All kinds of searches in turn.
fn mixed(
    options: &Options<'_>,
    meter: &Meter,
    server: &Process,
    patients: u64,
) -> Result<(), Box<dyn Error>> {
    let make: Make<'static> = Box::new(move |client, round| {
        let kind = MIXED.get((client * 11 + round) % MIXED.len());
        get(&search(&kind.map_or_else(String::new, |path| path(patient(client, round, patients)))))
    });
    for clients in [options.clients, 16] {
        let rows: Vec<_> = (0..SLICES)
            .map(|slice| measure(server, meter, "mixed", &make, (clients, options.seconds, slice)))
            .collect::<Result<_, _>>()?;
        let of = |figure: &dyn Fn(&Row) -> f64| median(rows.iter().map(figure).collect());
        println!(
            "| 25 parameters, {clients} at a time | {:.2} | {:.2} | {:.0} | {:.0} | | | |",
            of(&|row| row.p50),
            of(&|row| row.p99),
            of(&|row| row.rate),
            of(&|row| row.cpu)
        );
    }
    Ok(())
}
