//! What the operator can set while serving, a struct for each concern, with its defaults.

use crate::checks::Validation;
use crate::protocol::prefer::Handling;
use rushlight_model::definitions::Release;
use rushlight_search::Words;
use std::path::PathBuf;
use std::time::Duration;

/// All of it. Each store has one of its own, with what its table in the configuration says differently.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Where and how the process serves.
    pub serving: Serving,
    /// The store, where it lies and what it takes.
    pub store: StoreSettings,
    /// What a request, and all of them together, may cost.
    pub limits: Limits,
    /// Which web pages of other origins may use the server.
    pub cors: Cors,
    /// Encryption.
    pub tls: Tls,
    /// What is written of each request for the operator.
    pub log: Log,
    /// What is kept of each request for the auditor.
    pub audit: Audit,
    /// Whether a PUT may make a resource under an id of the client's.
    pub update_as_create: UpdateAsCreate,
    /// How searches are answered where the client does not say.
    pub search: Search,
}

/// How searches are answered.
#[derive(Clone, Debug)]
pub struct Search {
    /// How strictly parameters are taken where the client has no preference.
    pub handling: Handling,
    /// Whether `_explain` is answered: it tells of the database, and how many rows it looks at.
    pub explain: bool,
    /// Resources that are included on a page, at the most.
    pub included: usize,
}

impl Default for Search {
    fn default() -> Self {
        Self { handling: Handling::Strict, explain: false, included: 1000 }
    }
}

/// Where and how the process serves.
#[derive(Clone, Debug)]
pub struct Serving {
    /// Address or name, and port, to listen on.
    pub bind: String,
    /// What links in responses begin with; `None`: where the server listens.
    pub base_url: Option<String>,
    /// Whether anybody who can reach an address beyond loopback may read and write.
    pub allow_anonymous: bool,
    /// Threads that handle HTTP; `None`: one for each processor.
    pub workers: Option<usize>,
    /// Synthetic patients that empty stores are filled with.
    pub demo: Option<u64>,
}

impl Default for Serving {
    fn default() -> Self {
        let bind = "127.0.0.1:8080".to_owned();
        Self { bind, base_url: None, allow_anonymous: false, workers: None, demo: None }
    }
}

/// A store: where it lies, where it is served, what it takes.
#[derive(Clone, Debug)]
pub struct StoreSettings {
    /// The path of its base, as `/fhir`.
    pub path: String,
    /// Folder of an embedded store.
    pub data_dir: PathBuf,
    /// Another place, which goes before the folder.
    pub database_url: Option<String>,
    /// Release of FHIR; `None`: the store's own, R4 for a new one.
    pub fhir_version: Option<Release>,
    /// Which words are indexed; `None`: what the store says.
    pub words: Option<Words>,
    /// How far records are checked.
    pub validation: Validation,
    /// Connections for reads.
    pub readers: u32,
    /// Writes that may wait.
    pub queue: usize,
    /// How long a statement of a read may take.
    pub statement_time: Duration,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            path: "/fhir".to_owned(),
            data_dir: PathBuf::from("rushlight-data"),
            database_url: None,
            fhir_version: None,
            words: None,
            validation: Validation::default(),
            readers: 8,
            queue: 1024,
            statement_time: Duration::from_secs(30),
        }
    }
}

/// What a request, and all of them together, may cost.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of a request body as it arrives.
    pub body: usize,
    /// Bytes of a request body when unpacked.
    pub unpacked: usize,
    /// How many times as long as it arrived a body may be when unpacked; short ones may be longer.
    pub ratio: usize,
    /// Levels of nesting in a body.
    pub depth: usize,
    /// Entries of a batch or transaction.
    pub entries: usize,
    /// Resources that one conditional delete may delete.
    pub conditional_delete: usize,
    /// Entries on a page, at the most, and where the client does not say.
    pub page: usize,
    /// See [`Self::page`].
    pub default_page: usize,
    /// Bytes of resources on a page: a page ends early rather than be longer, but holds one resource at least.
    pub page_bytes: usize,
    /// Bytes of a request's URL.
    pub url: usize,
    /// Bytes of a request's headers together.
    pub headers: usize,
    /// How long a request's head may take to arrive.
    pub head_time: Duration,
    /// How long a request's body may take to arrive.
    pub body_time: Duration,
    /// How long a client may take none of a response.
    pub write_time: Duration,
    /// How long an idle connection is kept.
    pub keep_alive: Duration,
    /// How long a stop waits for requests under way.
    pub shutdown_time: Duration,
    /// Bodies that are large, transactions, batches and long pages that are worked on at a time.
    pub heavy: usize,
    /// How many more of them may wait.
    pub heavy_queue: usize,
    /// Bytes of large bodies that arrive, wait or are worked on at a time.
    pub large_bodies: usize,
    /// Connections at a time.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 64 << 20,
            unpacked: 64 << 20,
            ratio: 100,
            depth: 64,
            entries: 100_000,
            conditional_delete: 1,
            page: 1000,
            default_page: 100,
            page_bytes: 8 << 20,
            url: 8 << 10,
            headers: 16 << 10,
            head_time: Duration::from_secs(10),
            body_time: Duration::from_secs(30),
            write_time: Duration::from_secs(30),
            keep_alive: Duration::from_secs(75),
            shutdown_time: Duration::from_secs(8),
            heavy: 8,
            heavy_queue: 64,
            large_bodies: 1 << 30,
            connections: 10_000,
        }
    }
}

/// Which web pages of other origins may use the server: <https://fetch.spec.whatwg.org/#http-cors-protocol>.
#[derive(Clone, Debug, Default)]
pub struct Cors {
    /// Origins as browsers send them, or `*`; none: no other origin.
    pub origins: Vec<String>,
}

/// Encryption.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// The certificate and those that lead to its authority, PEM; `None`: plain HTTP.
    pub certificate: Option<PathBuf>,
    /// Its key, PEM.
    pub key: Option<PathBuf>,
    /// The authorities of clients' certificates, PEM; `None`: clients are not asked for one.
    pub client_ca: Option<PathBuf>,
    /// Whether a client without a certificate is turned away.
    pub client_required: bool,
}

/// What is written of each request for the operator.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// The form of a line.
    pub form: LogForm,
}

/// The form of a line of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogForm {
    /// For people.
    #[default]
    Text,
    /// An object for each line.
    Json,
}

/// What is kept of each request for the auditor. Writes always are.
#[derive(Clone, Debug)]
pub struct Audit {
    /// Whether reads and refusals are kept, too.
    pub reads: bool,
    /// How many of them may wait to be written before further ones are lost, and counted as lost.
    pub queue: usize,
}

impl Default for Audit {
    fn default() -> Self {
        Self { reads: true, queue: 65_536 }
    }
}

/// Whether a PUT may make a resource under an id of the client's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UpdateAsCreate {
    /// It may.
    #[default]
    Allowed,
    /// It is answered 405.
    Refused,
}
