//! Where Bundles go: a store, in this process, or a server.

use super::ids::Ids;
use super::{SOURCES, Tally};
use crate::checks::Checks;
use crate::cli::LoadArgs;
use crate::interactions::bundle::op;
use crate::source::Document;
use rushlight_model::bundle::{Condition, PlannedEntry, PlannedOp};
use rushlight_model::outcome::OperationOutcome;
use rushlight_model::{Id, Limits, ResourceType};
use rushlight_persistence::{
    Actor, Op, Origin, Precondition, Store, StoreOptions, TransactError, Written, WrittenAs,
};
use serde_json::{Value, json};
use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use ureq::tls::{TlsConfig, TlsProvider};

/// What is read is taken.
const LIMITS: Limits = Limits::of_bytes(SOURCES.limit);

/// How often a busy target is tried.
const TRIES: u32 = 30;

/// A target, and what records must be to get there.
pub struct Sink {
    target: Target,
    checks: Checks,
}

enum Target {
    /// A store of this process's own.
    Store(Store),
    /// A server, by its base URL.
    Server(ureq::Agent, String),
}

/// The file of what was refused, made with the first line.
pub struct Rejects {
    path: PathBuf,
    file: Mutex<Option<File>>,
}

impl Rejects {
    /// None so far.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), file: Mutex::new(None) }
    }

    fn add(&self, bundle: &Document, why: &Value) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if file.is_none() {
            *file = File::create(&*self.path).ok();
        }
        let Document { name, line, .. } = bundle;
        let line = json!({"source": **name, "line": line, "outcome": why});
        let written = file.as_mut().map(|file| writeln!(file, "{line}"));
        if !matches!(written, Some(Ok(()))) {
            eprintln!("rejected, and {} can't be written: {name}", self.path.display());
        }
    }
}

impl Sink {
    /// Opens the target that the command line names.
    ///
    /// # Errors
    /// A store that can't be opened, or a server that can't be reached.
    pub fn open(args: &LoadArgs) -> Result<Self, Box<dyn Error>> {
        match &args.url {
            Some(url) => {
                let config = ureq::Agent::config_builder()
                    .http_status_as_error(false)
                    .tls_config(TlsConfig::builder().provider(TlsProvider::NativeTls).build())
                    .timeout_global(Some(Duration::from_secs(300)))
                    .build();
                let (http, base) = (ureq::Agent::from(config), url.trim_end_matches('/').to_owned());
                reach(&http, &base)?;
                let target = Target::Server(http, base);
                Ok(Self { target, checks: Checks::elsewhere(LIMITS) })
            }
            None => {
                // Few large merges: nobody searches meanwhile, and what memory they take is given back.
                let options = args.store.options()?;
                let tail_floor = options.tail_cap;
                let store = Store::open(&StoreOptions { tail_floor, ..options })?;
                let checks = Checks::new(&store, args.validation, LIMITS);
                Ok(Self { target: Target::Store(store), checks })
            }
        }
    }

    /// Ends cleanly.
    pub fn close(&self) {
        if let Target::Store(store) = &self.target {
            store.close();
        }
    }

    /// Loads a Bundle as one transaction.
    pub fn load(&self, bundle: &Document, tally: &Tally, rejects: &Rejects) {
        let mut ids = Ids::new(&bundle.bytes);
        tally.files.fetch_add(1, Ordering::Relaxed);
        let planned = self.checks.transaction(&bundle.bytes, &mut || ids.next());
        let outcomes =
            planned.map_err(|error| whole(&error.outcome())).and_then(|entries| match &self.target {
                Target::Store(store) => into_store(store, entries),
                Target::Server(http, base) => into_server(http, base, entries),
            });
        match outcomes {
            Ok(outcomes) => outcomes.into_iter().for_each(|outcome| {
                let count = match outcome {
                    WrittenAs::Created => &tally.created,
                    WrittenAs::Updated | WrittenAs::Deleted => &tally.updated,
                    WrittenAs::Unchanged | WrittenAs::AlreadyDeleted | WrittenAs::Read => &tally.unchanged,
                };
                count.fetch_add(1, Ordering::Relaxed);
            }),
            Err(why) => {
                tally.rejected.fetch_add(1, Ordering::Relaxed);
                rejects.add(bundle, &why);
            }
        }
    }
}

/// Asks for the metadata once: a wrong address is told at once instead of for each Bundle.
fn reach(http: &ureq::Agent, base: &str) -> Result<(), Box<dyn Error>> {
    match http.get(format!("{base}/metadata")).call() {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => {
            Err(format!("{base}/metadata answers {}; is this a FHIR base URL?", answer.status()).into())
        }
        Err(error) => Err(format!("{base} can't be reached: {error}").into()),
    }
}

fn whole(outcome: &OperationOutcome) -> Value {
    serde_json::to_value(outcome).unwrap_or(Value::Null)
}

/// A create under an id that may be there from an earlier run is a put; what reads has no use here.
fn repeatable(entry: PlannedEntry) -> Option<Op> {
    match op(entry.op)? {
        Op::Create { id, body } => {
            Some(Op::Put { ty: body.resource_type(), id, body, precondition: Precondition::None })
        }
        other => Some(other),
    }
}

fn into_store(store: &Store, entries: Vec<PlannedEntry>) -> Result<Vec<WrittenAs>, Value> {
    let ops: Vec<Op> = entries.into_iter().filter_map(repeatable).collect();
    let mut tried = 1;
    loop {
        match store.transact(&Origin::new(Actor::named("load"), "", "load"), ops.clone()) {
            Ok(written) => return Ok(written.iter().map(|written: &Written| written.outcome).collect()),
            Err(TransactError::Busy { .. }) if tried < TRIES => {
                std::thread::sleep(Duration::from_millis(200));
                tried += 1;
            }
            Err(error) => return Err(Value::String(error.to_string())),
        }
    }
}

fn into_server(http: &ureq::Agent, base: &str, entries: Vec<PlannedEntry>) -> Result<Vec<WrittenAs>, Value> {
    let body = request(entries);
    let mut tried = 1;
    loop {
        let answer = http.post(base).header("Content-Type", "application/fhir+json").send(&body);
        let (status, text) = match answer {
            Ok(mut answer) => {
                let status = answer.status().as_u16();
                (status, answer.body_mut().with_config().limit(1 << 30).read_to_string().unwrap_or_default())
            }
            Err(error) => (0, error.to_string()),
        };
        match status {
            200 => {
                return outcomes(&text).ok_or_else(|| {
                    Value::String("the server's answer is no transaction-response".to_owned())
                });
            }
            0 | 429 | 503 if tried < TRIES => {
                std::thread::sleep(Duration::from_millis(500));
                tried += 1;
            }
            _ => return Err(serde_json::from_str(&text).unwrap_or(Value::String(text))),
        }
    }
}

/// A transaction of PUTs and DELETEs, with bodies copied as they are.
fn request(entries: Vec<PlannedEntry>) -> Vec<u8> {
    let mut out = Vec::from(&br#"{"resourceType":"Bundle","type":"transaction","entry":["#[..]);
    for entry in entries {
        let (resource, method, ty, id, condition): (Option<String>, &str, ResourceType, Id, Condition) =
            match entry.op {
                PlannedOp::Create { id, body } => {
                    (Some(body.text().to_owned()), "PUT", body.resource_type(), id, Condition::None)
                }
                PlannedOp::Put { ty, id, body, condition } => {
                    (Some(body.into_text()), "PUT", ty, id, condition)
                }
                PlannedOp::Delete { ty, id, condition } => (None, "DELETE", ty, id, condition),
                // There are none: a Bundle with criteria is refused before.
                PlannedOp::Exists { .. }
                | PlannedOp::DeleteFound { .. }
                | PlannedOp::Conditional { .. }
                | PlannedOp::Get { .. } => continue,
            };
        let condition = match condition {
            Condition::None => String::new(),
            Condition::Version(version) => format!(r#","ifMatch":"W/\"{version}\"""#),
            Condition::Absent => r#","ifNoneMatch":"*""#.to_owned(),
        };
        if out.last() == Some(&b'}') {
            out.push(b',');
        }
        let resource = resource.map(|text| format!(r#""resource":{text},"#)).unwrap_or_default();
        let request = format!(
            r#"{{{resource}"request":{{"method":"{method}","url":"{}/{id}"{condition}}}}}"#,
            ty.name()
        );
        out.extend_from_slice(request.as_bytes());
    }
    out.extend_from_slice(b"]}");
    out
}

/// What a server says of each entry; whether what was there already got a new version, it does not say.
fn outcomes(text: &str) -> Option<Vec<WrittenAs>> {
    let bundle: Value = serde_json::from_str(text).ok()?;
    let Some(entries) = bundle.get("entry") else { return Some(Vec::new()) };
    entries
        .as_array()?
        .iter()
        .map(|entry| {
            let status = entry.get("response")?.get("status")?.as_str()?;
            Some(match status.get(..3)? {
                "201" => WrittenAs::Created,
                "204" => WrittenAs::Deleted,
                _ => WrittenAs::Unchanged,
            })
        })
        .collect()
}
