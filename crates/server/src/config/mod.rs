//! The configuration: of flag, environment, file and default the first that says something counts.

mod bounds;
mod file;
pub mod flags;
mod print;
mod shape;
mod table;
mod units;
mod url;

use crate::settings::Settings;
use shape::{Given, suggestion};
use std::fmt;
use std::path::PathBuf;
use table::{KEYS, Key, Scope};
use toml::de::DeTable;

pub use bounds::addresses;
pub use print::run;

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// Nobody said anything.
    Default,
    /// A line of the file.
    File(usize),
    /// The key's environment variable.
    Variable,
    /// The key's flag.
    Flag,
}

/// The origin of each value, in the order of [`KEYS`].
type Origins = Vec<Origin>;

/// What the configuration is read from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file.
    pub file: Option<PathBuf>,
    /// The variables that begin with `RUSHLIGHT_`.
    pub environment: Vec<(String, String)>,
    /// The flags that were given, by their names.
    pub flags: Vec<(String, String)>,
}

/// What is set.
#[derive(Debug)]
pub struct Loaded {
    /// What is set for the process.
    pub settings: Settings,
    /// The settings of each store: at least one.
    pub stores: Vec<Settings>,
    /// What an operator should hear of, though it stops nothing; a line each.
    warnings: Vec<String>,
    file: Option<PathBuf>,
    origins: Origins,
    /// With the table's line; empty where the one store has no table.
    tables: Vec<(usize, Origins)>,
}

impl Loaded {
    /// Tells the log what an operator should hear of.
    pub fn warn(&self) {
        self.warnings.iter().for_each(|warning| log::warn!("{warning}"));
    }

    /// The base URL of a store. A base URL that is set is the whole of the one store's; of several it is the beginning.
    pub fn base(&self, store: &Settings, origin: &str) -> String {
        let path = &store.store.path;
        match self.settings.serving.base_url.as_deref().map(|url| url.trim_end_matches('/')) {
            Some(url) if self.tables.is_empty() => url.to_owned(),
            Some(url) => format!("{url}{path}"),
            None => format!("{origin}{path}"),
        }
    }
}

/// Everything that is wrong with a configuration, a line each.
#[derive(Debug)]
pub struct Faults(Vec<String>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.join("\nrushlight: "))
    }
}

impl std::error::Error for Faults {}

/// Variables that are read elsewhere: the file's name, and the switch that says itself that it is for tests.
const OTHER_VARIABLES: [&str; 2] = ["RUSHLIGHT_CONFIG", "RUSHLIGHT_DURABILITY"];

/// Variables of the tests, which the server does not read.
const TEST_VARIABLES: [&str; 7] = [
    "RUSHLIGHT_SUITES",
    "RUSHLIGHT_DATA",
    "RUSHLIGHT_PACKAGES",
    "RUSHLIGHT_CRASH_ROUNDS",
    "RUSHLIGHT_KEYS",
    "RUSHLIGHT_GOLDEN",
    "RUSHLIGHT_PG_BIN",
];

/// Whether Kubernetes sets a variable in every pod beside a Service named `rushlight`:
/// <https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>.
fn of_kubernetes(variable: &str) -> bool {
    variable == "RUSHLIGHT_PORT"
        || ["RUSHLIGHT_PORT_", "RUSHLIGHT_SERVICE_"].iter().any(|prefix| variable.starts_with(prefix))
}

/// Reads all sources.
///
/// # Errors
/// Everything that is wrong with them.
pub fn load(sources: Sources) -> Result<Loaded, Faults> {
    let mut faults = Vec::new();
    let text = match sources.file.as_ref().map(|path| (path, std::fs::read_to_string(path))) {
        None => String::new(),
        Some((_, Ok(text))) => text,
        Some((path, Err(error))) => {
            return Err(Faults(vec![format!("{} can't be read: {error}", path.display())]));
        }
    };
    let name = sources.file.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    let mut in_file = Vec::new();
    let document = DeTable::parse(&text).map_err(|error| in_file.push(file::syntax(&text, &error))).ok();
    let content = document
        .as_ref()
        .map(|document| file::read(&text, document.get_ref(), &mut in_file))
        .unwrap_or_default();
    faults.extend(in_file.into_iter().map(|(line, what)| format!("{name}:{line}: {what}")));

    let mut loaded = Loaded {
        settings: Settings::default(),
        stores: Vec::new(),
        warnings: Vec::new(),
        file: sources.file,
        origins: vec![Origin::Default; KEYS.len()],
        tables: Vec::new(),
    };
    let (settings, origins) = (&mut loaded.settings, &mut loaded.origins);
    for entry in &content.entries {
        let origin = Origin::File(entry.line);
        let said = format!("{name}:{}: {}", entry.line, entry.key.name);
        faults.extend(set(settings, origins, entry.key, &entry.given, origin, &said));
    }
    for (variable, value) in &sources.environment {
        match KEYS.iter().find(|key| key.variable == variable) {
            Some(key) => {
                let given = Given::Text(value);
                faults.extend(set(settings, origins, key, &given, Origin::Variable, variable));
            }
            None if TEST_VARIABLES.contains(&variable.as_str()) => loaded.warnings.push(of_tests(variable)),
            None if OTHER_VARIABLES.contains(&variable.as_str()) || of_kubernetes(variable) => {}
            None => faults.push(unknown_variable(variable)),
        }
    }
    for (flag, value) in &sources.flags {
        if let Some(key) = KEYS.iter().find(|key| key.flag == flag) {
            let said = format!("--{flag}");
            faults.extend(set(settings, origins, key, &Given::Text(value), Origin::Flag, &said));
        }
    }
    if said(origins, "limits.body") && !said(origins, "limits.unpacked") {
        settings.limits.unpacked = settings.limits.body;
    }
    faults.extend(stores(&mut loaded, &content.stores, &name));
    faults.extend(bounds::faults(&loaded));
    if faults.is_empty() { Ok(loaded) } else { Err(Faults(faults)) }
}

/// Sets a value, or says what is wrong with it.
fn set(
    settings: &mut Settings,
    origins: &mut Origins,
    key: &Key,
    given: &Given,
    origin: Origin,
    said: &str,
) -> Option<String> {
    if !key.field.set(settings, given) {
        let found = match given {
            Given::Other(what) => format!(", not {what}"),
            // It may hold a password.
            _ if key.name == "database-url" => String::new(),
            Given::Text(text) => format!(", not {text:?}"),
            Given::String(text) => format!(", not the string {text:?}"),
            Given::Integer(number) => format!(", not the number {number}"),
            Given::Bool(value) => format!(", not {value}"),
            Given::List(_) => ", not this list".to_owned(),
        };
        return Some(format!("{said} must be {}{found}", key.field.expects()));
    }
    if let Some(place) = position(key.name).and_then(|at| origins.get_mut(at)) {
        *place = origin;
    }
    None
}

fn position(name: &str) -> Option<usize> {
    KEYS.iter().position(|key| key.name == name)
}

/// Where the value of a key came from.
fn origin(origins: &Origins, name: &str) -> Origin {
    position(name).and_then(|at| origins.get(at)).copied().unwrap_or(Origin::Default)
}

/// Whether anybody has said what a key is.
fn said(origins: &Origins, name: &str) -> bool {
    origin(origins, name) != Origin::Default
}

fn unknown_variable(name: &str) -> String {
    let known = KEYS.iter().map(|key| key.variable).chain(OTHER_VARIABLES).filter(|name| !name.is_empty());
    format!("the environment variable {name} is no setting{}", suggestion(name, known))
}

fn of_tests(name: &str) -> String {
    let meant = if name == "RUSHLIGHT_DATA" { "; RUSHLIGHT_DATA_DIR is the store's folder" } else { "" };
    format!("the environment variable {name} is for tests and sets nothing here{meant}")
}

/// Makes each store's settings: what its table says, and for the rest what is said outside.
fn stores(loaded: &mut Loaded, tables: &[file::StoreTable], name: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if tables.is_empty() {
        loaded.stores.push(loaded.settings.clone());
        return faults;
    }
    for key in KEYS.iter().filter(|key| key.scope == Scope::Place && said(&loaded.origins, key.name)) {
        let place = describe(key, origin(&loaded.origins, key.name), name);
        faults.push(format!("{place}: {} is said in each table of [[store]], where there are any", key.name));
    }
    for table in tables {
        let (mut settings, mut origins) = (loaded.settings.clone(), loaded.origins.clone());
        for entry in &table.entries {
            let outside = origin(&loaded.origins, entry.key.name);
            let place = format!("{name}:{}: {}", entry.line, entry.key.name);
            if matches!(outside, Origin::Variable | Origin::Flag) {
                let other = describe(entry.key, outside, name);
                faults.push(format!("{place} is said here and by {other}: leave one of them out"));
            }
            let origin = Origin::File(entry.line);
            faults.extend(set(&mut settings, &mut origins, entry.key, &entry.given, origin, &place));
        }
        if !said(&origins, "path") {
            faults.push(format!("{name}:{}: the store has no path, as in path = \"/r5\"", table.line));
        }
        if !said(&origins, "data-dir") && !said(&origins, "database-url") {
            let line = table.line;
            faults.push(format!("{name}:{line}: the store has neither data-dir nor database-url"));
        }
        loaded.stores.push(settings);
        loaded.tables.push((table.line, origins));
    }
    faults
}

/// Where a value came from, in words.
fn describe(key: &Key, origin: Origin, file: &str) -> String {
    match origin {
        Origin::Default => "default".to_owned(),
        Origin::File(line) => format!("{file}:{line}"),
        Origin::Variable => key.variable.to_owned(),
        Origin::Flag => format!("--{}", key.flag),
    }
}

#[cfg(test)]
mod tests;
