//! From the text of a search to a typed query: <https://hl7.org/fhir/R4/search.html>.
//!
//! Each parameter is either understood, and becomes a clause, or refused with the reason. Nothing is passed over.

mod chain;
mod clause;
mod compartment;
mod fault;
mod filter;
mod group;
mod include;
mod limits;
mod modifier;
mod rows;
mod sort;
mod special;
mod stored;
mod text;
mod values;

use std::cell::Cell;

use rushlight_model::ResourceType;
use rushlight_model::outcome::IssueType;

use super::{Clause, Query};
use crate::Registry;
use fault::{Fault, Result};
pub use limits::SORT_KEYS;
pub use stored::{NothingStored, Stored, Told};

/// Reads searches.
#[derive(Clone, Copy)]
pub struct Reader<'r> {
    /// What can be searched for.
    pub registry: &'r Registry,
    /// The time, in microseconds since 1970: what `ap` is measured by.
    pub now: i64,
    /// The server's base URL, without a slash at its end.
    pub base: &'r str,
    /// What only stored resources can answer.
    pub stored: &'r dyn Stored,
}

/// What a search was understood to be.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Everything that was understood.
    pub query: Query,
    /// Everything that was not.
    pub problems: Vec<Problem>,
}

/// A parameter that is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The parameter, as it was written.
    pub name: String,
    /// Its value, as it was written.
    pub value: String,
    /// What kind of problem it is.
    pub code: IssueType,
    /// What is wrong, for whoever has sent it.
    pub text: String,
    /// It is unknown, so that a lenient server may pass over it.
    pub ignorable: bool,
}

/// Reading one search.
struct Search<'r> {
    reader: Reader<'r>,
    /// References that may still be followed.
    links: Cell<usize>,
}

/// Where the types have nothing to do with it.
const NO_TYPES: &[ResourceType] = &[];

impl Reader<'_> {
    /// Reads a search of these types, of all where there are none; the parameters are decoded, in their order, without
    /// those that are about the answer (`_count`, `_summary`…). `_type` narrows the types.
    ///
    /// ```
    /// use rushlight_model::ResourceType;
    /// use rushlight_model::definitions::Release;
    /// use rushlight_search::Registry;
    /// use rushlight_search::query::{NothingStored, Reader};
    ///
    /// let registry = Registry::standard(Release::R4);
    /// let reader = Reader { registry: &registry, now: 0, base: "http://localhost/fhir", stored: &NothingStored };
    /// let patient = ResourceType::from_name("Patient").ok_or("unknown")?;
    /// let pairs = [("name".to_owned(), "Peter".to_owned()), ("gendr".to_owned(), "male".to_owned())];
    /// let reading = reader.query(&[patient], &pairs);
    /// assert_eq!(reading.query.clauses[0].meaning, "name begins with \"peter\"");
    /// assert_eq!(reading.problems[0].text, "there is no search parameter gendr for Patient; did you mean gender?");
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn query(&self, types: &[ResourceType], pairs: &[(String, String)]) -> Reading {
        let mut problems = Vec::new();
        let mut query = Query::all(types.to_vec());
        let mut say = |name: &str, value: &str, fault: Fault| {
            let Fault { code, text, ignorable, .. } = fault;
            problems.push(Problem { name: name.to_owned(), value: value.to_owned(), code, text, ignorable });
        };
        // An empty value counts as none.
        let said = || pairs.iter().filter(|(_, value)| !value.is_empty());
        for (name, value) in said().filter(|(name, _)| is(name, "_type")) {
            match self.types(&query.types, name, value) {
                Ok(types) => query.types = types,
                Err(fault) => say(name, value, fault),
            }
        }
        query.types.sort_unstable();
        query.types.dedup();
        let searched = self.searched(&query.types);
        let search = Search { reader: *self, links: Cell::new(limits::LINKS) };
        for (name, value) in said().filter(|(name, _)| !is(name, "_type")) {
            if value.contains('\0') {
                say(name, value, Fault::value("no text of FHIR's has the character U+0000"));
                continue;
            }
            if let Err(fault) = search.add(&searched, name, value, &mut query) {
                say(name, value, fault);
            }
        }
        Reading { query, problems }
    }

    /// The types that are searched: all of the release, where none are named.
    fn searched(&self, types: &[ResourceType]) -> Vec<ResourceType> {
        if types.is_empty() { self.registry.definitions().resource_types().collect() } else { types.to_vec() }
    }

    /// `_type`: <https://hl7.org/fhir/R4/search.html#all>
    fn types(&self, within: &[ResourceType], name: &str, value: &str) -> Result<Vec<ResourceType>> {
        if name != "_type" {
            return Err(Fault::unsupported("_type has no modifiers"));
        }
        let read = |name: &str| {
            let ty = self.type_named(name)?;
            if !within.is_empty() && !within.contains(&ty) {
                return Err(Fault::value(format!("{ty} is not among the types that are searched here")));
            }
            Ok(ty)
        };
        value.split(',').map(read).collect()
    }
}

/// Whether a parameter is this one, perhaps with a modifier.
fn is(name: &str, code: &str) -> bool {
    name.strip_prefix(code).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

impl Search<'_> {
    fn add(&self, types: &[ResourceType], name: &str, value: &str, query: &mut Query) -> Result<()> {
        if is(name, "_sort") {
            return self.reader.sort(types, name, value, &mut query.sort);
        }
        if is(name, "_include") {
            return self.reader.include(&query.types, name, value, false, &mut query.includes);
        }
        if is(name, "_revinclude") {
            return self.reader.include(&query.types, name, value, true, &mut query.revincludes);
        }
        if query.clauses.len() >= limits::CLAUSES {
            return Err(Fault::costly(format!("a search has {} parameters at the most", limits::CLAUSES)));
        }
        let meant = self.condition(types, name, value, 0)?;
        query.clauses.push(Clause {
            name: name.to_owned(),
            value: value.to_owned(),
            meaning: meant.words,
            condition: meant.condition,
        });
        Ok(())
    }

    /// Notes that references are followed.
    fn follow(&self, links: usize) -> Result<()> {
        let left = self.links.get().checked_sub(links).ok_or_else(|| {
            let most = limits::LINKS;
            Fault::costly(format!(
                "the search follows more than {most} references: name the types they lead to"
            ))
        })?;
        self.links.set(left);
        Ok(())
    }
}
