//! What a search asks of its answer: the result parameters. <https://hl7.org/fhir/R4/search.html#return>

use crate::parameters::{EVERYWHERE, Parameters};
use crate::respond::shown;
use crate::settings::Limits;
use crate::subset::Part;
use rushlight_model::definitions::Definitions;
use rushlight_model::outcome::IssueType;
use rushlight_model::{ResourceType, nearest};
use rushlight_persistence::Totals;
use rushlight_search::query::{self, Problem};
use serde::{Deserialize, Serialize};

/// What is asked for; as a page link has it, what is as usual is left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asked {
    /// `_count`, as it is applied.
    #[serde(rename = "c")]
    pub count: usize,
    /// `_total`, where it is given.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Total>,
    /// `_summary`.
    #[serde(rename = "s", default, skip_serializing_if = "is_usual")]
    pub summary: Summary,
    /// `_elements`: names, with the type that each is for, if it is said.
    #[serde(rename = "e", default, skip_serializing_if = "Vec::is_empty")]
    pub elements: Vec<(Option<String>, String)>,
    /// `_contained`.
    #[serde(rename = "i", default, skip_serializing_if = "is_usual")]
    pub contained: Contained,
    /// `_containedType`.
    #[serde(rename = "f", default, skip_serializing_if = "is_usual")]
    pub form: Form,
    /// What a self link says of the others.
    #[serde(rename = "o", default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<(String, String)>,
    /// What says which resources are looked for, without what was passed over.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<(String, String)>,
    /// The time that it is asked at, in microseconds since 1970.
    #[serde(rename = "n")]
    pub now: i64,
}

fn is_usual<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// <https://hl7.org/fhir/R4/valueset-search-entry-mode.html>: why a resource is in the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It matches.
    Match,
    /// It is included.
    Include,
}

/// `_total`: <https://hl7.org/fhir/R4/search.html#total>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Total {
    None,
    Estimate,
    Accurate,
}

/// `_summary`: <https://hl7.org/fhir/R4/search.html#summary>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Summary {
    #[default]
    False,
    True,
    Text,
    Data,
    Count,
}

/// `_contained`: <https://hl7.org/fhir/R4/search.html#contained>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Contained {
    #[default]
    False,
    True,
    Both,
}

/// `_containedType`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    #[default]
    Container,
    Contained,
}

const CONTAINED: [(&str, Contained); 3] =
    [("true", Contained::True), ("both", Contained::Both), ("false", Contained::False)];

const FORMS: [(&str, Form); 2] = [("container", Form::Container), ("contained", Form::Contained)];

const TOTALS: [(&str, Total); 3] =
    [("none", Total::None), ("estimate", Total::Estimate), ("accurate", Total::Accurate)];

const SUMMARIES: [(&str, Summary); 5] = [
    ("true", Summary::True),
    ("text", Summary::Text),
    ("data", Summary::Data),
    ("count", Summary::Count),
    ("false", Summary::False),
];

/// The parameters that are about the answer, and not about which resources are looked for.
pub const RESULT: [&str; 9] = [
    "_count",
    "_total",
    "_summary",
    "_elements",
    "_contained",
    "_containedType",
    "_maxresults",
    "_page",
    "_explain",
];

/// Names in `_elements`, at the most.
const ELEMENTS: usize = 100;

/// Whether a parameter is about the answer.
pub fn is_result(name: &str) -> bool {
    RESULT.contains(&name) || EVERYWHERE.contains(&name)
}

impl Asked {
    /// Reads the result parameters of a search of these types (of all, where there are none), and finds what is wrong
    /// with them.
    pub fn of(
        parameters: &Parameters,
        types: &[ResourceType],
        definitions: &Definitions,
        limits: &Limits,
    ) -> (Self, Vec<Problem>) {
        let mut reader = Reader { parameters, told: Vec::new(), problems: Vec::new() };
        let count = reader.count(limits);
        let total = reader.word("_total", &TOTALS);
        let summary = reader.word("_summary", &SUMMARIES).unwrap_or_default();
        let elements = reader.elements(types, definitions);
        if !elements.is_empty() && summary != Summary::False {
            reader.refuse(
                "_elements",
                "",
                IssueType::Invalid,
                "beside _summary it has no meaning: give one of them",
            );
        }
        let contained = reader.word("_contained", &CONTAINED).unwrap_or_default();
        let form = reader.word("_containedType", &FORMS).unwrap_or_default();
        reader.none_of("_maxresults", "it is not known here; use _count");
        let others = parameters.pairs().iter().filter(|(name, _)| !is_result(name));
        let head = |name: &str| name.split(':').next().is_some_and(is_result);
        let (modified, pairs): (Vec<_>, Vec<_>) = others.cloned().partition(|(name, _)| head(name));
        for (name, value) in &modified {
            reader.refuse(name, value, IssueType::NotSupported, "it has no modifiers");
        }
        if let Some((name, value)) = pairs.iter().find(|(name, _)| {
            summary == Summary::Text && (name.starts_with("_include") || name.starts_with("_revinclude"))
        }) {
            let why = "it can't be combined with _summary=text";
            reader.refuse(name, value, IssueType::Invalid, why);
        }
        const WHOLE: [&str; 3] = ["_sort", "_include", "_revinclude"];
        let is_whole = |name: &str| WHOLE.contains(&name.split(':').next().unwrap_or_default());
        for (name, value) in pairs.iter().filter(|(name, _)| contained != Contained::False && is_whole(name))
        {
            let why = "it can't be combined with _contained=true or both: what is contained comes in the order \
                       of its containers, and by itself";
            reader.refuse(name, value, IssueType::NotSupported, why);
        }
        let now = chrono::Utc::now().timestamp_micros();
        let Reader { told, problems, .. } = reader;
        (Self { count, total, summary, elements, contained, form, told, pairs, now }, problems)
    }

    /// Whether only the number of matches is wanted: <https://hl7.org/fhir/R4/search.html#count>
    pub fn counts(&self) -> bool {
        self.count == 0 || self.summary == Summary::Count
    }

    /// What contained resources have to do with the answer.
    pub fn contained(&self) -> query::Contained {
        let form = match self.form {
            Form::Container => query::Form::Container,
            Form::Contained => query::Form::Contained,
        };
        match self.contained {
            Contained::False => query::Contained::No,
            Contained::True => query::Contained::Only(form),
            Contained::Both => query::Contained::Both(form),
        }
    }

    /// The refusal of `_contained` where it has no meaning.
    pub fn only_stored(&self, why: &str) -> Option<Problem> {
        let name = "_contained".to_owned();
        let (text, code) = (format!("the parameter {name}: {why}"), IssueType::NotSupported);
        let problem = Problem { name, value: String::new(), code, text, ignorable: false };
        (self.contained != Contained::False).then_some(problem)
    }

    /// How the matches are to be counted.
    pub fn totals(&self) -> Totals {
        match (self.total, self.counts()) {
            (Some(Total::Estimate), _) => Totals::Estimate,
            (Some(Total::Accurate), _) | (_, true) => Totals::Accurate,
            (Some(Total::None) | None, false) => Totals::None,
        }
    }

    /// What of a resource is wanted; `None` for all of it.
    pub fn part(&self, ty: ResourceType, mode: Mode) -> Option<Part<'_>> {
        match self.summary {
            Summary::True => return Some(Part::Summary),
            Summary::Text => return Some(Part::Text),
            Summary::Data => return Some(Part::Data),
            Summary::False | Summary::Count => {}
        }
        // What is said of no type is said of what is searched for.
        let applies = |of: &Option<String>| match of {
            Some(of) => of == ty.name(),
            None => mode == Mode::Match,
        };
        let names: Vec<&str> =
            self.elements.iter().filter(|(of, _)| applies(of)).map(|(_, name)| name.as_str()).collect();
        (!names.is_empty()).then_some(Part::Elements(names))
    }
}

struct Reader<'p> {
    parameters: &'p Parameters,
    told: Vec<(String, String)>,
    problems: Vec<Problem>,
}

impl<'p> Reader<'p> {
    fn refuse(&mut self, name: &str, value: &str, code: IssueType, text: &str) {
        let text = match value {
            "" => format!("the parameter {name}: {text}"),
            value => format!("the parameter {name} is {}: {text}", shown(value)),
        };
        self.problems.push(Problem {
            name: name.to_owned(),
            value: value.to_owned(),
            code,
            text,
            ignorable: false,
        });
    }

    /// The value of a parameter that may be there once; what is empty counts as absent.
    fn one(&mut self, name: &'static str) -> Option<&'p str> {
        match self.parameters.one(name) {
            Ok(found) => found,
            Err(_) => {
                self.refuse(name, "", IssueType::Value, "it may be there once");
                None
            }
        }
    }

    fn count(&mut self, limits: &Limits) -> usize {
        let count = match self.one("_count") {
            None => limits.default_page.min(limits.page),
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                // Digits that are no number of ours are a number that is too large.
                text.parse::<usize>().unwrap_or(usize::MAX).min(limits.page)
            }
            Some(text) => {
                self.refuse("_count", text, IssueType::Value, "a number is expected");
                0
            }
        };
        self.told.push(("_count".to_owned(), count.to_string()));
        count
    }

    fn word<T: Copy>(&mut self, name: &'static str, words: &[(&str, T)]) -> Option<T> {
        let text = self.one(name)?;
        let found = words.iter().find(|(word, _)| *word == text);
        match found {
            Some(_) => self.told.push((name.to_owned(), text.to_owned())),
            None => {
                let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                let near = nearest(text, known.iter()).map(|near| format!("; did you mean {near}?"));
                let why = format!("{} is expected{}", known.join(" or "), near.unwrap_or_default());
                self.refuse(name, text, IssueType::Value, &why);
            }
        }
        found.map(|(_, value)| *value)
    }

    /// Refuses a parameter that is not supported, whatever it says.
    fn none_of(&mut self, name: &'static str, why: &str) {
        if let Some(text) = self.one(name) {
            self.refuse(name, text, IssueType::NotSupported, why);
        }
    }

    fn elements(
        &mut self,
        types: &[ResourceType],
        definitions: &Definitions,
    ) -> Vec<(Option<String>, String)> {
        let Some(text) = self.one("_elements") else { return Vec::new() };
        let mut elements = Vec::new();
        if text.split(',').count() > ELEMENTS {
            let why = format!("{ELEMENTS} elements are the most that can be chosen");
            self.refuse("_elements", "", IssueType::TooCostly, &why);
            return elements;
        }
        for name in text.split(',').map(str::trim) {
            match named(name, types, definitions) {
                Ok(element) => elements.push(element),
                Err(why) => self.refuse("_elements", name, IssueType::Value, &why),
            }
        }
        self.told.push(("_elements".to_owned(), text.to_owned()));
        elements
    }
}

/// The element of a name, and the type that it is said to be of. `value`, `value[x]` and `valueQuantity` are the same.
fn named(
    text: &str,
    types: &[ResourceType],
    definitions: &Definitions,
) -> Result<(Option<String>, String), String> {
    let (of, name) = match text.split_once('.') {
        Some((of, name)) => (Some(of), name),
        None => (None, text),
    };
    let of_type = match of {
        None => None,
        Some(of) => {
            let known = definitions.resource_types().find(|ty| ty.name() == of);
            Some(known.ok_or("only elements of the resource itself can be chosen, as name or Patient.name")?)
        }
    };
    let among: Vec<ResourceType> = match of_type {
        Some(ty) => vec![ty],
        None if types.is_empty() => definitions.resource_types().collect(),
        None => types.to_vec(),
    };
    let bare = name.strip_suffix("[x]").unwrap_or(name);
    let mut known = Vec::new();
    for definition in among.iter().filter_map(|ty| definitions.resource(*ty)) {
        let member =
            definition.member(name).and_then(|member| definition.elements().get(usize::from(member.element)));
        if let Some(element) = definition.element(bare).or(member) {
            return Ok((of.map(str::to_owned), element.name.to_owned()));
        }
        known.extend(definition.elements().iter().map(|element| element.name));
    }
    let near = nearest(bare, known.into_iter()).map(|near| format!("; did you mean {near}?"));
    Err(format!("there is no such element{}", near.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_model::definitions::Release;

    fn asked(query: &str) -> (Asked, Vec<String>) {
        let types = [ResourceType::from_name("Observation").unwrap()];
        let parameters = Parameters::parse(query).unwrap();
        let (asked, problems) =
            Asked::of(&parameters, &types, Definitions::of(Release::R4), &Limits::default());
        (asked, problems.into_iter().map(|problem| problem.text).collect())
    }

    #[test]
    fn what_is_asked_is_read_or_refused_with_everything_that_is_wrong() {
        let (plain, problems) = asked("code=x&_format=json&status=final");
        assert!(problems.is_empty() && plain.count == 100 && plain.totals() == Totals::None);
        assert_eq!(plain.pairs.len(), 2);
        for (query, totals) in [
            ("_count=0", Totals::Accurate),
            ("_summary=count", Totals::Accurate),
            ("_summary=count&_total=estimate", Totals::Estimate),
            ("_total=accurate", Totals::Accurate),
            ("_total=none", Totals::None),
        ] {
            assert_eq!(asked(query).0.totals(), totals, "{query}");
        }
        assert_eq!(asked("_count=99999999999999999999").0.count, 1000);
        let (chosen, problems) = asked("_elements=valueQuantity,Patient.name, code,effective[x]");
        assert!(problems.is_empty(), "{problems:?}");
        let part = |ty: &str, mode| match chosen.part(ResourceType::from_name(ty).unwrap(), mode) {
            Some(Part::Elements(names)) => names.join(" "),
            other => format!("{other:?}"),
        };
        assert_eq!(part("Observation", Mode::Match), "value code effective");
        assert_eq!(part("Patient", Mode::Include), "name");
        assert_eq!(part("Encounter", Mode::Include), "None");
        for (query, says) in [
            ("_count=x", "a number is expected"),
            ("_count=-1", "a number is expected"),
            ("_count=1&_count=2", "once"),
            ("_total=exact", "none or estimate or accurate is expected"),
            ("_summary=tru", "did you mean true?"),
            ("_elements=cod", "did you mean code?"),
            ("_elements=Patient.nam", "did you mean name?"),
            ("_elements=value.code", "only elements of the resource itself"),
            ("_elements=code&_summary=true", "give one of them"),
            ("_contained=yes", "true or both or false is expected"),
            ("_containedType=containd", "did you mean contained?"),
            ("_contained=true&_sort=date", "it can't be combined with _contained"),
            ("_contained=both&_include:iterate=Observation:subject", "can't be combined with _contained"),
            ("_maxresults=3", "_count"),
            ("_summary=text&_include=Observation:subject", "_summary=text"),
        ] {
            let (_, problems) = asked(query);
            assert!(
                problems.len() == 1 && problems.iter().any(|text| text.contains(says)),
                "{query}: {problems:?}"
            );
        }
        assert_eq!(asked("_count=x&_total=y&_elements=zz,yy").1.len(), 4, "all of them at once");
    }
}
