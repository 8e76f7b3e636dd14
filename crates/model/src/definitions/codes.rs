//! Code systems and value sets: <https://hl7.org/fhir/R4/codesystem.html>, <https://hl7.org/fhir/R4/valueset.html>.

use std::sync::Arc;

use super::index::Index;
use super::lines::{Fields, lines};

/// A code system that definitions need.
#[derive(Debug)]
pub struct CodeSystem {
    /// Its canonical URL.
    pub url: &'static str,
    /// Its version.
    pub version: Option<&'static str>,
    /// Whether all its codes are here; otherwise it is a part or an example.
    pub complete: bool,
    /// Whether case counts in its codes.
    pub case_sensitive: bool,
    concepts: Box<[Concept]>,
    by_code: Index,
}

/// A concept of a [`CodeSystem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concept {
    /// Its code.
    pub code: &'static str,
    /// What people read.
    pub display: Option<&'static str>,
    /// The code of the concept right above it.
    pub parent: Option<&'static str>,
}

impl CodeSystem {
    /// Its concepts in its own order, a parent before its children.
    #[must_use]
    pub fn concepts(&self) -> &[Concept] {
        &self.concepts
    }

    /// The concept of a code.
    #[must_use]
    pub fn concept(&self, code: &str) -> Option<&Concept> {
        let at = |number: u32| self.concepts.get(number as usize);
        let exact = self.by_code.find(code, |number| at(number).is_some_and(|known| known.code == code));
        match exact {
            Some(number) => at(number),
            None if self.case_sensitive => None,
            None => self.concepts.iter().find(|known| known.code.eq_ignore_ascii_case(code)),
        }
    }

    /// Whether it has the code.
    #[must_use]
    pub fn contains(&self, code: &str) -> bool {
        self.concept(code).is_some()
    }

    /// What people read for a code.
    #[must_use]
    pub fn display(&self, code: &str) -> Option<&'static str> {
        self.concept(code)?.display
    }

    /// The code of the concept right above a code's.
    #[must_use]
    pub fn parent(&self, code: &str) -> Option<&'static str> {
        self.concept(code)?.parent
    }
}

/// Whether a code is in a value set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// It is.
    In,
    /// It is not.
    Out,
    /// It may be: the set holds codes of a system that is not here.
    Unknown,
}

/// A value set, flattened to the codes that it holds.
#[derive(Debug)]
pub struct ValueSet {
    /// Its canonical URL.
    pub url: &'static str,
    /// Its version.
    pub version: Option<&'static str>,
    parts: Vec<Part>,
    open: Vec<&'static str>,
}

/// The codes of one system in a value set.
#[derive(Debug)]
struct Part {
    system: &'static str,
    codes: Codes,
}

#[derive(Debug)]
enum Codes {
    /// All of the code system.
    All(Arc<CodeSystem>),
    Listed {
        codes: Box<[&'static str]>,
        by_code: Index,
        any_case: bool,
    },
}

/// Stands for all systems in [`ValueSet::open_systems`].
pub const ANY_SYSTEM: &str = "*";

impl ValueSet {
    /// Whether it holds a code, of this system or, without one, of any.
    ///
    /// ```
    /// use rushlight_model::definitions::{Definitions, Membership, Release};
    ///
    /// let r4 = Definitions::of(Release::R4);
    /// let genders = r4.value_set("http://hl7.org/fhir/ValueSet/administrative-gender").ok_or("unknown")?;
    /// assert_eq!(genders.contains(None, "female"), Membership::In);
    /// assert_eq!(genders.contains(None, "f"), Membership::Out);
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn contains(&self, system: Option<&str>, code: &str) -> Membership {
        let of = |known: &str| system.is_none_or(|system| system == known);
        if self.parts.iter().any(|part| of(part.system) && part.has(code)) {
            Membership::In
        } else if self.open.iter().any(|open| *open == ANY_SYSTEM || of(open)) {
            Membership::Unknown
        } else {
            Membership::Out
        }
    }

    /// The systems and codes that are surely in it.
    pub fn codes(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.parts.iter().flat_map(|part| {
            let (concepts, listed) = match &part.codes {
                Codes::All(system) => (system.concepts(), [].as_slice()),
                Codes::Listed { codes, .. } => ([].as_slice(), &**codes),
            };
            let codes = concepts.iter().map(|concept| concept.code).chain(listed.iter().copied());
            codes.map(|code| (part.system, code))
        })
    }

    /// Whether it may hold codes that are not here.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// The systems of which it may hold codes that are not here; [`ANY_SYSTEM`] where they can't be told.
    #[must_use]
    pub fn open_systems(&self) -> &[&'static str] {
        &self.open
    }
}

impl Part {
    fn has(&self, code: &str) -> bool {
        match &self.codes {
            Codes::All(system) => system.contains(code),
            Codes::Listed { codes, by_code, any_case } => {
                let has = |number: u32| codes.get(number as usize).is_some_and(|known| *known == code);
                by_code.find(code, has).is_some()
                    || (*any_case && codes.iter().any(|known| known.eq_ignore_ascii_case(code)))
            }
        }
    }
}

/// All code systems and value sets of a release.
#[derive(Debug)]
pub(super) struct Terminology {
    systems: Vec<Arc<CodeSystem>>,
    systems_by_url: Index,
    sets: Vec<ValueSet>,
    sets_by_url: Index,
}

impl Terminology {
    /// Reads the text of `codes.tsv`, in which the code systems come before the value sets.
    pub(super) fn load(text: &'static str) -> Self {
        let systems = systems(text);
        let systems_by_url = index(systems.iter().map(|system| system.url));
        let mut terminology =
            Self { systems, systems_by_url, sets: Vec::new(), sets_by_url: index([].iter().copied()) };
        let mut sets: Vec<ValueSet> = Vec::new();
        for (kind, mut fields) in lines(text) {
            match (kind, sets.last_mut()) {
                ("vs", _) => sets.extend(value_set(&mut fields)),
                ("in", Some(set)) => set.parts.extend(terminology.part(fields)),
                ("open", Some(set)) => set.open.extend(fields.next()),
                _ => {}
            }
        }
        terminology.sets_by_url = index(sets.iter().map(|set| set.url));
        terminology.sets = sets;
        terminology
    }

    pub(super) fn system(&self, url: &str) -> Option<&Arc<CodeSystem>> {
        let at = |number: u32| self.systems.get(number as usize);
        at(self.systems_by_url.find(url, |number| at(number).is_some_and(|system| system.url == url))?)
    }

    pub(super) fn set(&self, url: &str) -> Option<&ValueSet> {
        let at = |number: u32| self.sets.get(number as usize);
        at(self.sets_by_url.find(url, |number| at(number).is_some_and(|set| set.url == url))?)
    }

    pub(super) fn sets(&self) -> &[ValueSet] {
        &self.sets
    }

    pub(super) fn systems(&self) -> impl Iterator<Item = &CodeSystem> {
        self.systems.iter().map(AsRef::as_ref)
    }

    fn part(&self, mut fields: Fields) -> Option<Part> {
        let system = fields.next()?;
        let known = self.system(system);
        let codes = fields.rest();
        let codes = match known {
            Some(known) if *codes == ["*"] => Codes::All(Arc::clone(known)),
            _ => Codes::Listed {
                by_code: index(codes.iter().copied()),
                codes,
                any_case: known.is_some_and(|system| !system.case_sensitive),
            },
        };
        Some(Part { system, codes })
    }
}

fn index(names: impl ExactSizeIterator<Item = &'static str>) -> Index {
    let count = names.len() as u32;
    Index::new(names.zip(0..count))
}

fn systems(text: &'static str) -> Vec<Arc<CodeSystem>> {
    let mut systems: Vec<(CodeSystem, Vec<Concept>)> = Vec::new();
    for (kind, mut fields) in lines(text) {
        match (kind, systems.last_mut()) {
            ("cs", _) => systems.extend(code_system(&mut fields).map(|system| (system, Vec::new()))),
            ("c", Some((_, concepts))) => concepts.extend(concept(&mut fields)),
            _ => {}
        }
    }
    let whole = |(mut system, concepts): (CodeSystem, Vec<Concept>)| {
        system.by_code = index(concepts.iter().map(|concept| concept.code));
        system.concepts = concepts.into_boxed_slice();
        Arc::new(system)
    };
    systems.into_iter().map(whole).collect()
}

fn code_system(fields: &mut Fields) -> Option<CodeSystem> {
    Some(CodeSystem {
        url: fields.next()?,
        version: fields.value(),
        complete: fields.next()? == "complete",
        case_sensitive: fields.next()? == "Y",
        concepts: Box::default(),
        by_code: index([].iter().copied()),
    })
}

fn concept(fields: &mut Fields) -> Option<Concept> {
    Some(Concept { code: fields.next()?, display: fields.value(), parent: fields.value() })
}

fn value_set(fields: &mut Fields) -> Option<ValueSet> {
    Some(ValueSet { url: fields.next()?, version: fields.value(), parts: Vec::new(), open: Vec::new() })
}
