//! Value sets and the hierarchies of code systems: <https://hl7.org/fhir/R4/valueset.html#compositions>,
//! <https://hl7.org/fhir/R4/codesystem.html#hierachy>.
//!
//! Those that are stored come before those of FHIR. Nothing is told of what is not wholly known.

use crate::json::Json;
use crate::world::World;
use rushlight_model::ResourceType;
use std::collections::{BTreeMap, BTreeSet};

/// A system and a code.
pub type Coded = (String, String);

/// The codes of a system.
#[derive(Default)]
pub struct System {
    /// Those right above each code.
    parents: BTreeMap<String, BTreeSet<String>>,
    /// Codes that only stand for those below them.
    groups: BTreeSet<String>,
}

impl System {
    pub fn codes(&self) -> impl Iterator<Item = &String> {
        self.parents.keys()
    }

    /// Whether a code stands below another one.
    pub fn is_tree(&self) -> bool {
        self.parents.values().any(|parents| !parents.is_empty())
    }

    fn add(&mut self, code: &str, parent: Option<&str>) {
        self.parents.entry(code.to_owned()).or_default().extend(parent.map(str::to_owned));
    }

    /// A concept and those within it.
    fn read(&mut self, concept: &Json, parent: Option<&str>) {
        let code = concept.text_of("code").unwrap_or("");
        self.add(code, parent);
        for property in concept.all("property") {
            let value = property.text_of("valueCode").unwrap_or("");
            match property.text_of("code").unwrap_or("") {
                "parent" | "subsumedBy" => self.add(code, Some(value)),
                "child" => self.add(value, Some(code)),
                "notSelectable" if property.get("valueBoolean") == Some(&Json::Boolean(true)) => {
                    self.groups.insert(code.to_owned());
                }
                _ => {}
            }
        }
        concept.all("concept").iter().for_each(|inner| self.read(inner, Some(code)));
    }

    /// Whether a code is another one, or stands below it.
    pub fn is_a(&self, code: &str, other: &str) -> bool {
        let mut seen = BTreeSet::from([code]);
        let mut next = vec![code];
        while let Some(code) = next.pop() {
            if code == other {
                return true;
            }
            let parents = self.parents.get(code).into_iter().flatten();
            next.extend(parents.map(String::as_str).filter(|parent| seen.insert(parent)));
        }
        false
    }
}

impl World {
    /// The stored resource of a canonical; nothing inside, where there is none, nothing at all where there are several.
    fn canonical(&self, ty: &str, canonical: &str) -> Option<Option<&Json>> {
        let (url, version) = canonical.split_once('|').map_or((canonical, None), |(url, v)| (url, Some(v)));
        let all = self.of_type(ResourceType::from_name(ty).unwrap()).iter().map(|at| &self.records[*at].json);
        let named = |json: &&Json| {
            json.text_of("url") == Some(url)
                && version.is_none_or(|version| json.text_of("version") == Some(version))
        };
        let mut found = all.filter(named);
        let first = found.next();
        found.next().is_none().then_some(first)
    }

    /// The codes of a system, if they are known.
    pub fn system(&self, canonical: &str) -> Option<System> {
        let mut system = System::default();
        match self.canonical("CodeSystem", canonical)? {
            Some(stored) if stored.text_of("content") == Some("complete") => {
                stored.all("concept").iter().for_each(|concept| system.read(concept, None));
            }
            Some(_) => return None,
            None => {
                let known = self.definitions.code_system(canonical).filter(|known| known.complete)?;
                known.concepts().iter().for_each(|concept| system.add(concept.code, concept.parent));
            }
        }
        // What has no code is against the rules: nothing is told of such a system.
        (!system.parents.contains_key("")).then_some(system)
    }

    /// The version of a value set, where it has one.
    pub fn version_of_set(&self, url: &str) -> Option<String> {
        match self.canonical("ValueSet", url)? {
            Some(stored) => stored.text_of("version").map(str::to_owned),
            None => self.definitions.value_set(url)?.version.map(str::to_owned),
        }
    }

    /// The codes of a value set, if they are known.
    pub fn value_set(&self, canonical: &str) -> Option<BTreeSet<Coded>> {
        self.set(canonical, 0)
    }

    fn set(&self, canonical: &str, depth: usize) -> Option<BTreeSet<Coded>> {
        if depth > 6 {
            return None;
        }
        let Some(stored) = self.canonical("ValueSet", canonical)? else {
            let (url, version) =
                canonical.split_once('|').map_or((canonical, None), |(url, v)| (url, Some(v)));
            let known = self.definitions.value_set(url).filter(|known| !known.is_open())?;
            let own = |(system, code): (&str, &str)| (system.to_owned(), code.to_owned());
            let is_it = version.is_none() || version == known.version;
            return is_it.then(|| known.codes().map(own).collect());
        };
        let Some(compose) = stored.get("compose") else {
            let expansion = stored.get("expansion")?;
            let mut found = BTreeSet::new();
            expanded(expansion.all("contains"), &mut found);
            return (expansion.get("total").is_none() && expansion.get("offset").is_none()).then_some(found);
        };
        let parts = |name| -> Option<BTreeSet<Coded>> {
            let parts: Option<Vec<_>> = compose.all(name).iter().map(|part| self.part(part, depth)).collect();
            Some(parts?.into_iter().flatten().collect())
        };
        let excluded = parts("exclude")?;
        Some(parts("include")?.difference(&excluded).cloned().collect())
    }

    /// What an `include` or `exclude` says must all hold.
    fn part(&self, part: &Json, depth: usize) -> Option<BTreeSet<Coded>> {
        let mut criteria = Vec::new();
        if part.get("system").is_some() {
            criteria.push(self.of_system(part)?);
        }
        for other in part.all("valueSet") {
            criteria.push(self.set(other.text()?, depth + 1)?);
        }
        criteria.into_iter().reduce(|a, b| a.intersection(&b).cloned().collect())
    }

    fn of_system(&self, part: &Json) -> Option<BTreeSet<Coded>> {
        let url = part.text_of("system")?;
        let own = |code: &str| (url.to_owned(), code.to_owned());
        let listed = part.all("concept");
        if !listed.is_empty() {
            return Some(listed.iter().filter_map(|concept| concept.text_of("code")).map(own).collect());
        }
        let canonical = part.text_of("version").map_or(url.to_owned(), |version| format!("{url}|{version}"));
        let system = self.system(&canonical)?;
        let mut found: BTreeSet<Coded> =
            system.codes().filter(|code| !system.groups.contains(*code)).map(|code| own(code)).collect();
        for filter in part.all("filter") {
            let part = |name| filter.text_of(name).unwrap_or("");
            let [property, op, value] = ["property", "op", "value"].map(part);
            if !matches!(property, "concept" | "code") {
                return None;
            }
            let holds = |code: &str| {
                Some(match op {
                    "is-a" => system.is_a(code, value),
                    "is-not-a" => !system.is_a(code, value),
                    "descendent-of" => system.is_a(code, value) && code != value,
                    _ => return None,
                })
            };
            holds("")?;
            found.retain(|(_, code)| holds(code) == Some(true));
        }
        Some(found)
    }
}

/// What an expansion holds, save for what only groups others.
fn expanded(entries: &[Json], found: &mut BTreeSet<Coded>) {
    for entry in entries {
        let part = |name| entry.text_of(name).unwrap_or("").to_owned();
        if entry.get("code").is_some() && entry.get("abstract") != Some(&Json::Boolean(true)) {
            found.insert((part("system"), part("code")));
        }
        expanded(entry.all("contains"), found);
    }
}
