//! What a store says of itself, made from the route table and the settings: it can't list what is not there.
//!
//! <https://hl7.org/fhir/R4/capabilitystatement.html>, <https://hl7.org/fhir/R4/terminologycapabilities.html>

use crate::capability::{
    CapabilityStatement, Header, Implementation, Interaction, Resource, Rest, Security, Software,
};
use crate::protocol::coding::Coding;
use crate::routes::{FORMATS, Level, ROUTES};
use crate::searchable::{self, Includes};
use crate::settings::{Settings, UpdateAsCreate};
use actix_web::web::Bytes;
use rushlight_model::ResourceType;
use rushlight_model::definitions::Release;
use rushlight_persistence::Store;
use rushlight_search::Registry;
use serde::Serialize;
use std::sync::{Arc, Mutex, PoisonError};

/// When the statements last changed: with the release.
const DATE: &str = "2026-11-25";

/// The statements of one store, ready to be sent.
pub struct Statements {
    /// The CapabilityStatement.
    pub capabilities: Statement,
    /// The TerminologyCapabilities.
    pub terminology: Statement,
}

/// A statement, ready to be sent.
pub struct Statement {
    /// As it is.
    pub text: Bytes,
    /// Packed in each way that answers are.
    packed: Vec<(Coding, Bytes)>,
    /// Tells it from others, for an entity tag.
    pub tag: String,
    /// When it was made, in microseconds since 1970.
    pub made: i64,
}

impl Statements {
    /// Of a store that is served at `base`, in which this can be searched for.
    pub fn of(base: &str, registry: &Registry, settings: &Settings) -> Self {
        Self {
            capabilities: Statement::of(&capabilities(base, registry, settings)),
            terminology: Statement::of(&terminology(base, registry.definitions().release())),
        }
    }
}

/// The statements of a store as it is: they are made anew when what can be searched for has changed.
pub struct Current {
    base: String,
    settings: Arc<Settings>,
    made: Mutex<(Arc<Registry>, Arc<Statements>)>,
}

impl Current {
    /// Of a store that is served at `base`.
    pub fn new(base: &str, store: &Store, settings: &Arc<Settings>) -> Self {
        let registry = store.registry();
        let statements = Arc::new(Statements::of(base, &registry, settings));
        let made = Mutex::new((registry, statements));
        Self { base: base.to_owned(), settings: Arc::clone(settings), made }
    }

    /// The statements.
    pub fn of(&self, store: &Store) -> Arc<Statements> {
        let registry = store.registry();
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&made.0, &registry) {
            let statements = Arc::new(Statements::of(&self.base, &registry, &self.settings));
            *made = (registry, statements);
        }
        Arc::clone(&made.1)
    }
}

impl Statement {
    fn of(value: &impl Serialize) -> Self {
        // Texts and lists, into memory: nothing of it can fail.
        let text = Bytes::from(serde_json::to_vec(value).unwrap_or_default());
        let tag = openssl::sha::sha256(&text).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let packed =
            Coding::WRITTEN.into_iter().filter_map(|coding| Some((coding, coding.pack(&text).ok()?.into())));
        let packed = packed.collect();
        Self { text, packed, tag, made: chrono::Utc::now().timestamp_micros() }
    }

    /// The text as a client takes it: packed, and how, or as it is.
    pub fn body(&self, wanted: Option<Coding>) -> (Option<Coding>, Bytes) {
        let packed = self.packed.iter().find(|(coding, _)| Some(*coding) == wanted);
        packed.map_or_else(|| (None, self.text.clone()), |(coding, bytes)| (Some(*coding), bytes.clone()))
    }
}

/// The interactions of a level, each once.
fn interactions(level: Level) -> Vec<Interaction> {
    let mut all: Vec<Interaction> = Vec::new();
    for route in ROUTES.iter().filter(|route| route.level == level) {
        if !all.iter().any(|one| one.code == route.code) {
            all.push(Interaction { code: route.code });
        }
    }
    all
}

fn header<'a>(resource_type: &'static str, base: &'a str) -> Header<'a> {
    Header {
        resource_type,
        version: None,
        status: "active",
        date: DATE,
        kind: "instance",
        software: Software { name: "Rushlight", version: env!("CARGO_PKG_VERSION") },
        implementation: Implementation { description: "Rushlight FHIR server", url: base },
    }
}

fn capabilities<'a>(base: &'a str, registry: &'a Registry, settings: &Settings) -> CapabilityStatement<'a> {
    let (definitions, includes) = (registry.definitions(), Includes::of(registry));
    let interaction = interactions(Level::Type);
    let of_type = |ty: ResourceType| Resource {
        ty: ty.name(),
        interaction: interaction.clone(),
        versioning: "versioned-update",
        read_history: true,
        update_create: settings.update_as_create == UpdateAsCreate::Allowed,
        conditional_create: true,
        conditional_read: "full-support",
        conditional_update: true,
        conditional_delete: if settings.limits.conditional_delete > 1 { "multiple" } else { "single" },
        search_include: includes.from(ty),
        search_rev_include: includes.to(ty),
        search_param: searchable::of_type(registry, ty),
    };
    let rest = Rest {
        mode: "server",
        security: Security { cors: !settings.cors.origins.is_empty() },
        resource: definitions.resource_types().map(of_type).collect(),
        interaction: interactions(Level::System),
        search_param: searchable::of_all(registry),
        compartment: definitions.compartments().iter().map(|one| one.url).collect(),
    };
    CapabilityStatement {
        header: header("CapabilityStatement", base),
        fhir_version: definitions.release().version(),
        format: &FORMATS,
        rest: [rest],
    }
}

/// No code system is known and no operation on one is there: nothing is claimed.
fn terminology(base: &str, release: Release) -> Header<'_> {
    let version = match release {
        // The element came with R5.
        Release::R5 => Some(env!("CARGO_PKG_VERSION")),
        Release::R4 | Release::R4B => None,
    };
    Header { version, ..header("TerminologyCapabilities", base) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Cors;
    use rushlight_model::Limits;
    use rushlight_model::json::Tree;
    use rushlight_validation::Validator;
    use serde_json::Value;

    fn told(registry: &Registry, settings: &Settings) -> Value {
        serde_json::to_value(capabilities("http://x/fhir", registry, settings)).unwrap()
    }

    #[test]
    fn lists_the_routes_and_the_settings_and_nothing_else() {
        let settings = Settings::default();
        for (release, types) in [(Release::R4, 146), (Release::R4B, 141), (Release::R5, 158)] {
            let statement = told(&Registry::standard(release), &settings);
            assert_eq!(statement["rest"][0]["resource"].as_array().unwrap().len(), types);
        }
        let registry = Registry::standard(Release::R4);
        let statement = told(&registry, &settings);
        let codes = |value: &Value| -> Vec<String> {
            value.as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
        };
        let rest = &statement["rest"][0];
        assert_eq!(codes(&rest["interaction"]), ["transaction", "batch", "history-system", "search-system"]);
        let expected = [
            "history-type",
            "search-type",
            "create",
            "read",
            "update",
            "delete",
            "history-instance",
            "vread",
        ];
        assert_eq!(codes(&rest["resource"][0]["interaction"]), expected);
        assert_eq!(rest["resource"][0]["updateCreate"], true);
        assert_eq!(rest["security"]["cors"], false);
        let settings = Settings {
            update_as_create: UpdateAsCreate::Refused,
            cors: Cors { origins: vec!["*".to_owned()] },
            ..settings
        };
        let rest = &told(&registry, &settings)["rest"][0];
        assert_eq!(rest["resource"][0]["updateCreate"], false);
        assert_eq!(rest["security"]["cors"], true);
    }

    #[test]
    fn the_statements_keep_the_rules_of_their_release() {
        for release in Release::ALL {
            let statements =
                Statements::of("http://x/fhir", &Registry::standard(release), &Settings::default());
            for statement in [statements.capabilities, statements.terminology] {
                let tree = Tree::parse(&statement.text, &Limits::default()).unwrap();
                let problems = Validator::new(release).check(tree.root());
                assert!(problems.is_empty(), "{release}: {problems:?}");
            }
        }
    }
}
