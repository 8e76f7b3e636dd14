//! Elements of a SearchParameter resource, read with all that is wrong with each of them.

use std::borrow::Cow;

use rushlight_model::definitions::{Definitions, Membership};
use rushlight_model::json::{Kind, Value};
use rushlight_model::outcome::IssueType;

use super::problem::{Place, Problem};

/// Items of a list, at most, and characters of each.
const ITEMS: usize = 256;
const ITEM: usize = 64;

/// The resource, and what was found to be wrong with it.
pub(super) struct Elements<'t> {
    pub(super) resource: Value<'t>,
    pub(super) problems: Vec<Problem>,
}

/// A text and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Text<'t> {
    pub(super) text: Cow<'t, str>,
    pub(super) place: Place,
}

impl<'t> Elements<'t> {
    /// What is wrong with an element.
    pub(super) fn say(&mut self, place: &Place, code: IssueType, text: impl Into<String>) {
        self.problems.push(place.problem(code, text));
    }

    /// The string that a structure has under a name, if there is one; of at most so many bytes.
    pub(super) fn text(&mut self, of: Value<'t>, name: &str, most: usize) -> Option<Text<'t>> {
        let value = of.get(name)?;
        self.string(value, most)
    }

    /// The same of a string that has to be there.
    pub(super) fn required(&mut self, of: Value<'t>, name: &str, most: usize) -> Option<Text<'t>> {
        if of.get(name).is_none() {
            self.say(&Place::missing(of, name), IssueType::Required, format!("{name} is missing"));
        }
        self.text(of, name, most)
    }

    fn string(&mut self, value: Value<'t>, most: usize) -> Option<Text<'t>> {
        let place = Place::of(value);
        match value.as_str() {
            None => {
                self.say(&place, IssueType::Structure, "must be a string");
                None
            }
            Some(text) if text.len() > most => {
                self.say(&place, IssueType::TooLong, format!("has more than {most} bytes"));
                None
            }
            Some(text) => Some(Text { text, place }),
        }
    }

    pub(super) fn boolean(&mut self, name: &str) -> Option<bool> {
        let value = self.resource.get(name)?;
        if value.kind() != Kind::Boolean {
            self.say(&Place::of(value), IssueType::Structure, "must be true or false");
        }
        value.raw().parse().ok()
    }

    /// The structures of a list.
    pub(super) fn list(&mut self, name: &str) -> Vec<Value<'t>> {
        let Some(list) = self.resource.get(name) else { return Vec::new() };
        if list.kind() != Kind::Array {
            self.say(&Place::of(list), IssueType::Structure, "must be a list");
            return Vec::new();
        }
        if list.children().count() > ITEMS {
            self.say(&Place::of(list), IssueType::TooLong, format!("has more than {ITEMS} items"));
            return Vec::new();
        }
        list.children().collect()
    }

    /// The strings of a list.
    pub(super) fn texts(&mut self, name: &str) -> Vec<Text<'t>> {
        self.list(name).into_iter().filter_map(|item| self.string(item, ITEM)).collect()
    }

    /// The codes of a list, which are from a value set of FHIR's own.
    pub(super) fn codes(&mut self, name: &str, set: &str, definitions: &Definitions) -> Vec<Text<'t>> {
        let mut codes = self.texts(name);
        let url = format!("http://hl7.org/fhir/ValueSet/{set}");
        let Some(set) = definitions.value_set(&url) else { return codes };
        codes.retain(|code| {
            let known = set.contains(None, &code.text) != Membership::Out;
            if !known {
                let text = format!("{:?} is not of the value set {url}", code.text);
                self.problems.push(code.place.problem(IssueType::CodeInvalid, text));
            }
            known
        });
        codes
    }

    /// Says that something that an element asks for is not done.
    pub(super) fn refuse(&mut self, name: &str, done: Option<&str>, text: &str) {
        let Some(value) = self.resource.get(name) else { return };
        if done.is_none() || value.as_str().as_deref() != done {
            self.say(&Place::of(value), IssueType::NotSupported, text);
        }
    }
}

pub(super) fn owned(texts: &[Text<'_>]) -> Vec<String> {
    texts.iter().map(|text| text.text.clone().into_owned()).collect()
}
