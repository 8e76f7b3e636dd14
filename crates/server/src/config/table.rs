//! The one table of what can be set: what files, environment and flags are read by, and what is shown of them.

use super::shape::{Alone, Count, File, Given, List, Maybe, Shape, Switch, Text, Word};
use super::units::{Size, Time};
use super::url::StoreUrl;
use crate::checks::Validation;
use crate::protocol::prefer::Handling;
use crate::settings::{LogForm, Settings, UpdateAsCreate};
use rushlight_model::definitions::Release;
use rushlight_search::Words;

/// Where a key may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// It is of the process.
    Process,
    /// It is of a store: in the tables of `[[store]]`, and outside of them for those that do not say it.
    Store,
    /// It says where a store is: in a table of `[[store]]`, or for the one store where there are no tables.
    Place,
    /// Only in a table of `[[store]]`.
    Table,
}

/// One thing that can be set.
pub struct Key {
    /// Its name in a file, with its section.
    pub name: &'static str,
    /// Its environment variable.
    pub variable: &'static str,
    /// Its flag of `rushlight serve`, without the hyphens in front.
    pub flag: &'static str,
    /// Where it may stand.
    pub scope: Scope,
    /// What it is.
    pub about: &'static str,
    /// Its shape, and where it is set.
    pub field: &'static (dyn Field + Sync),
}

/// A shape, and the setting that has it.
pub trait Field {
    /// What is expected, in words that follow "must be".
    fn expects(&self) -> String;
    /// Sets it; whether what was given is of its shape.
    fn set(&self, settings: &mut Settings, given: &Given) -> bool;
    /// As TOML; `None` where nothing is set.
    fn show(&self, settings: &Settings) -> Option<String>;
    /// What it means that nothing is set.
    fn unset(&self) -> &'static str;
    /// What a flag means that stands alone.
    fn alone(&self) -> Option<&'static str>;
}

struct At<S: Shape> {
    shape: S,
    get: fn(&Settings) -> &S::Value,
    place: fn(&mut Settings) -> &mut S::Value,
}

impl<S: Shape> Field for At<S> {
    fn expects(&self) -> String {
        self.shape.expects()
    }

    fn set(&self, settings: &mut Settings, given: &Given) -> bool {
        let value = self.shape.read(given);
        let read = value.is_some();
        if let Some(value) = value {
            *(self.place)(settings) = value;
        }
        read
    }

    fn show(&self, settings: &Settings) -> Option<String> {
        self.shape.show((self.get)(settings))
    }

    fn unset(&self) -> &'static str {
        self.shape.unset()
    }

    fn alone(&self) -> Option<&'static str> {
        self.shape.alone()
    }
}

macro_rules! key {
    ($scope:ident $name:literal $variable:literal $flag:literal $($field:ident).+ = $shape:expr, $about:literal) => {
        Key {
            name: $name,
            variable: $variable,
            flag: $flag,
            scope: Scope::$scope,
            about: $about,
            field: &At {
                shape: $shape,
                get: |settings| &settings.$($field).+,
                place: |settings| &mut settings.$($field).+,
            },
        }
    };
}

/// A gibibyte, beyond which no size is sane here.
const GIB: usize = 1 << 30;
/// A day, beyond which no time is, in seconds.
const DAY: u64 = 24 * 3600;

const RELEASES: &[(&str, Release)] = &[("4.0", Release::R4), ("4.3", Release::R4B), ("5.0", Release::R5)];
const VALIDATION: &[(&str, Validation)] = &[("structure", Validation::Structure), ("off", Validation::Off)];
const UPDATE_AS_CREATE: &[(&str, UpdateAsCreate)] =
    &[("allowed", UpdateAsCreate::Allowed), ("refused", UpdateAsCreate::Refused)];
const HANDLING: &[(&str, Handling)] = &[("strict", Handling::Strict), ("lenient", Handling::Lenient)];
const LOG_FORMS: &[(&str, LogForm)] = &[("text", LogForm::Text), ("json", LogForm::Json)];

const ADDRESS: Text =
    Text("an address or a name, and a port, as in 127.0.0.1:8080 or localhost:8080", address);
const BASE: Text = Text("an address without ?, # and @, as in https://fhir.example.org/fhir", base_url);
const PATH: Text = Text("a path of letters, digits, - and _, as in /r5", store_path);
const ORIGINS: List = List("a list of origins, as in https://app.example.org, or *", origin);

/// All of them, in the order in which they are shown; those of a section stand together.
#[rustfmt::skip]
pub static KEYS: &[Key] = &[
    key!(Process "bind" "RUSHLIGHT_BIND" "bind" serving.bind = ADDRESS, "Address or name, and port, to listen on."),
    key!(Process "base-url" "RUSHLIGHT_BASE_URL" "base-url" serving.base_url = Maybe(BASE, "where the server listens, and the store's path"),
        "What links in responses begin with. With tables of [[store]] each one's path follows."),
    key!(Process "allow-anonymous" "RUSHLIGHT_ALLOW_ANONYMOUS" "allow-anonymous" serving.allow_anonymous = Switch,
        "Let anybody who can reach the address read and write: needed beyond loopback unless clients must show a certificate."),
    key!(Process "workers" "RUSHLIGHT_WORKERS" "workers" serving.workers = Maybe(Count(1, 512), "one for each processor"), "Threads that handle HTTP."),
    key!(Process "demo" "RUSHLIGHT_DEMO" "demo" serving.demo = Maybe(Alone(Count(1, 1_000_000_000), "100"), "none"),
        "Synthetic patients that empty stores are filled with before they are served; the flag alone means 100."),
    key!(Table "path" "" "" store.path = PATH, "The path below which the store is served; must be said in each table."),
    key!(Place "data-dir" "RUSHLIGHT_DATA_DIR" "data-dir" store.data_dir = File, "Folder of the embedded store; made if it does not exist."),
    key!(Place "database-url" "RUSHLIGHT_DATABASE_URL" "database-url" store.database_url = Maybe(StoreUrl, "the folder"), "Another place for the store. Goes before data-dir."),
    key!(Store "fhir-version" "RUSHLIGHT_FHIR_VERSION" "fhir-version" store.fhir_version = Maybe(Word(RELEASES), "the store's own, 4.0 for a new one"),
        "Release of FHIR that a new store holds. A store keeps its own."),
    key!(Store "words" "RUSHLIGHT_WORDS" "words" store.words = Maybe(Word(&Words::NAMES), "the store's own, off for a new one"),
        "Whether words of narratives, or of everything, are indexed for _text and _content: each is a row. What is new is built while the store is in use."),
    key!(Store "validation" "RUSHLIGHT_VALIDATION" "validation" store.validation = Word(VALIDATION), "How far records are checked before they are stored."),
    key!(Store "update-as-create" "RUSHLIGHT_UPDATE_AS_CREATE" "update-as-create" update_as_create = Word(UPDATE_AS_CREATE), "Whether a PUT may make a resource under an id of the client's."),
    key!(Store "readers" "RUSHLIGHT_READERS" "readers" store.readers = Count(1, 1000), "Database connections for reads; each to an embedded store may keep 24 MiB of its pages."),
    key!(Store "queue" "RUSHLIGHT_QUEUE" "queue" store.queue = Count(1, 1 << 20), "Writes that may wait before further ones are answered 503."),
    key!(Store "statement-time" "RUSHLIGHT_STATEMENT_TIME" "statement-time" store.statement_time = Time(1, DAY), "How long one statement of a read may take."),
    key!(Process "limits.body" "RUSHLIGHT_MAX_BODY" "max-body" limits.body = Size(1, GIB), "Bytes of a request body as it arrives."),
    key!(Process "limits.unpacked" "RUSHLIGHT_MAX_UNPACKED" "max-unpacked" limits.unpacked = Size(1, GIB), "Bytes of a request body when unpacked; as limits.body where only that is said."),
    key!(Process "limits.ratio" "RUSHLIGHT_MAX_RATIO" "max-ratio" limits.ratio = Count(1, 100_000), "How many times as long as it arrived a body may be when unpacked; short ones may be longer."),
    key!(Process "limits.depth" "RUSHLIGHT_MAX_DEPTH" "max-depth" limits.depth = Count(8, 128), "Levels of nesting in a body."),
    key!(Process "limits.entries" "RUSHLIGHT_MAX_ENTRIES" "max-entries" limits.entries = Count(1, 10_000_000), "Entries of a batch or transaction."),
    key!(Process "limits.conditional-delete" "RUSHLIGHT_CONDITIONAL_DELETE" "conditional-delete" limits.conditional_delete = Count(1, 1000), "Resources that one conditional delete may delete; where more match, none is deleted."),
    key!(Process "limits.page" "RUSHLIGHT_MAX_PAGE" "max-page" limits.page = Count(1, 100_000), "Entries on a page, at the most."),
    key!(Process "limits.default-page" "RUSHLIGHT_DEFAULT_PAGE" "default-page" limits.default_page = Count(1, 100_000), "Entries on a page where the client does not say."),
    key!(Process "limits.page-bytes" "RUSHLIGHT_PAGE_BYTES" "page-bytes" limits.page_bytes = Size(1 << 10, GIB), "Bytes of resources on a page: it ends early rather than be longer, but holds one resource at least."),
    key!(Process "limits.url" "RUSHLIGHT_MAX_URL" "max-url" limits.url = Size(256, 64 << 10), "Bytes of a request's URL."),
    key!(Process "limits.headers" "RUSHLIGHT_MAX_HEADERS" "max-headers" limits.headers = Size(1 << 10, 128 << 10), "Bytes of a request's headers together."),
    key!(Process "limits.head-time" "RUSHLIGHT_HEAD_TIME" "head-time" limits.head_time = Time(1, DAY), "How long a request's head, or a handshake of TLS, may take."),
    key!(Process "limits.body-time" "RUSHLIGHT_BODY_TIME" "body-time" limits.body_time = Time(1, DAY), "How long a request's body may take to arrive."),
    key!(Process "limits.write-time" "RUSHLIGHT_WRITE_TIME" "write-time" limits.write_time = Time(1, DAY), "How long a client may take none of a response."),
    key!(Process "limits.keep-alive" "RUSHLIGHT_KEEP_ALIVE" "keep-alive" limits.keep_alive = Time(1, DAY), "How long an idle connection is kept."),
    key!(Process "limits.shutdown-time" "RUSHLIGHT_SHUTDOWN_TIME" "shutdown-time" limits.shutdown_time = Time(1, DAY), "How long a stop waits for requests under way; rounded up to seconds."),
    key!(Process "limits.heavy" "RUSHLIGHT_HEAVY" "heavy" limits.heavy = Count(1, 512), "Large bodies, transactions, batches and long pages of a store that are worked on at a time; each store has as many."),
    key!(Process "limits.heavy-queue" "RUSHLIGHT_HEAVY_QUEUE" "heavy-queue" limits.heavy_queue = Count(0, 1 << 20), "How many more of them may wait, for each store."),
    key!(Process "limits.large-bodies" "RUSHLIGHT_LARGE_BODIES" "large-bodies" limits.large_bodies = Size(1 << 10, 64 * GIB), "Bytes of large bodies that arrive, wait or are worked on at a time, for each store; further ones are answered 503."),
    key!(Process "limits.connections" "RUSHLIGHT_CONNECTIONS" "connections" limits.connections = Count(1, 1_000_000), "Connections at a time; further ones wait."),
    key!(Process "search.handling" "RUSHLIGHT_SEARCH_HANDLING" "search-handling" search.handling = Word(HANDLING), "Whether unknown parameters are refused, or passed over with a warning, where the client does not say."),
    key!(Process "search.explain" "RUSHLIGHT_SEARCH_EXPLAIN" "search-explain" search.explain = Switch, "Whether _explain is answered to everybody who can reach the server: it tells of the database, and how many rows it looks at."),
    key!(Process "search.included" "RUSHLIGHT_SEARCH_INCLUDED" "search-included" search.included = Count(0, 100_000), "Resources that are included with the matches of a page, at the most."),
    key!(Process "cors.origins" "RUSHLIGHT_CORS_ORIGINS" "cors-origins" cors.origins = ORIGINS, "Origins whose web pages may use the server; with commas between them in the variable and the flag."),
    key!(Process "tls.certificate" "RUSHLIGHT_TLS_CERTIFICATE" "tls-certificate" tls.certificate = Maybe(File, "plain HTTP"), "PEM file of the server's certificate and those that lead to its authority. Read again on SIGHUP, as its key and client-ca."),
    key!(Process "tls.key" "RUSHLIGHT_TLS_KEY" "tls-key" tls.key = Maybe(File, "none"), "PEM file of its key."),
    key!(Process "tls.client-ca" "RUSHLIGHT_TLS_CLIENT_CA" "tls-client-ca" tls.client_ca = Maybe(File, "clients are asked for no certificate"), "PEM file of the authorities of clients' certificates; a client's subject is the actor of its requests."),
    key!(Process "tls.client-required" "RUSHLIGHT_TLS_CLIENT_REQUIRED" "tls-client-required" tls.client_required = Switch, "Whether a client without a certificate is turned away."),
    key!(Process "log.form" "RUSHLIGHT_LOG_FORM" "log-form" log.form = Word(LOG_FORMS), "The form of the log's lines."),
    key!(Process "audit.reads" "RUSHLIGHT_AUDIT_READS" "audit-reads" audit.reads = Switch, "Whether reads and refusals are audited, too; writes always are."),
    key!(Process "audit.queue" "RUSHLIGHT_AUDIT_QUEUE" "audit-queue" audit.queue = Count(1, 1 << 24), "How many of them may wait to be written before further ones are lost, and counted as lost."),
];

impl Key {
    /// Its section, and its name within.
    pub fn parts(&self) -> (&'static str, &'static str) {
        self.name.split_once('.').unwrap_or(("", self.name))
    }

    /// Whether it is one of a table of `[[store]]`.
    pub fn of_store(&self) -> bool {
        self.scope != Scope::Process
    }
}

/// What links can begin with.
fn base_url(text: &str) -> bool {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://")).unwrap_or_default();
    let plain = |c: char| c.is_ascii_graphic() && !"?#@\"<>\\^`{|}".contains(c);
    !rest.is_empty() && !rest.starts_with('/') && rest.chars().all(plain)
}

fn address(text: &str) -> bool {
    let (host, port) = text.rsplit_once(':').unwrap_or_default();
    let bracketed = host.starts_with('[') && host.ends_with(']');
    !host.is_empty() && (bracketed || !host.contains(':')) && port.parse::<u16>().is_ok()
}

fn store_path(text: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(plain))
}

fn origin(text: &str) -> bool {
    let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://")).unwrap_or_default();
    text == "*" || base_url(text) && !host.contains('/')
}
