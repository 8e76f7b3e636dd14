//! The datatypes that the resources are made of: <https://hl7.org/fhir/R4/datatypes.html>.

use std::fmt;

use crate::Release;
use crate::day::Moment;
use crate::json::Json;
use crate::person::{Home, Name};
use crate::random::Random;

/// A code and where it is from.
pub(crate) struct Coding {
    pub(crate) system: &'static str,
    pub(crate) code: &'static str,
    pub(crate) display: &'static str,
}

impl Coding {
    pub(crate) const fn new(system: &'static str, code: &'static str, display: &'static str) -> Self {
        Self { system, code, display }
    }

    pub(crate) const fn loinc(code: &'static str, display: &'static str) -> Self {
        Self::new("http://loinc.org", code, display)
    }

    pub(crate) const fn snomed(code: &'static str, display: &'static str) -> Self {
        Self::new("http://snomed.info/sct", code, display)
    }

    /// The inside of a Coding.
    pub(crate) fn write(&self, json: &mut Json<'_>) {
        json.text("system", self.system);
        json.text("code", self.code);
        json.text("display", self.display);
    }
}

/// A unit: what people read and its UCUM code.
pub(crate) struct Unit(pub(crate) &'static str, pub(crate) &'static str);

/// A resource of the population, as a reference names it.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// By its number in the pool, from 0.
    Organization(usize),
    /// By its number in the pool, from 0.
    Practitioner(usize),
    /// By the patient's number, from 1.
    Patient(u64),
    /// What belongs to a patient: its type, the patient's number, its own number from 1.
    Part(&'static str, u64, usize),
}

impl Target {
    pub(crate) const fn resource_type(self) -> &'static str {
        match self {
            Self::Organization(_) => "Organization",
            Self::Practitioner(_) => "Practitioner",
            Self::Patient(_) => "Patient",
            Self::Part(resource_type, ..) => resource_type,
        }
    }

    /// The logical id; the seed is in it, so that populations of two seeds can be in one store.
    pub(crate) const fn id(self, seed: u64) -> LocalId {
        LocalId(seed, self)
    }
}

/// What [`Target::id`] shows: `7-org1`, `7-pr1`, `7-p1`, `7-p1-1`.
pub(crate) struct LocalId(u64, Target);

impl fmt::Display for LocalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(seed, target) = self;
        match target {
            Target::Organization(at) => write!(f, "{seed}-org{}", at + 1),
            Target::Practitioner(at) => write!(f, "{seed}-pr{}", at + 1),
            Target::Patient(number) => write!(f, "{seed}-p{number}"),
            Target::Part(_, number, part) => write!(f, "{seed}-p{number}-{part}"),
        }
    }
}

impl Json<'_> {
    /// A CodeableConcept.
    pub(crate) fn concept(&mut self, name: &str, coding: &Coding) {
        self.object(name, |json| json.list("coding", |json| coding.write(json)));
    }

    /// A list of one CodeableConcept.
    pub(crate) fn concepts(&mut self, name: &str, coding: &Coding) {
        self.list(name, |json| json.list("coding", |json| coding.write(json)));
    }

    /// A CodeableConcept of a status, which has no need of a display.
    pub(crate) fn status(&mut self, name: &str, system: &str, code: &str) {
        self.object(name, |json| {
            json.list("coding", |json| {
                json.text("system", system);
                json.text("code", code);
            });
        });
    }

    /// A Reference.
    pub(crate) fn reference(&mut self, name: &str, target: Target) {
        self.object(name, |json| json.reference_here(target));
    }

    /// The inside of a Reference.
    pub(crate) fn reference_here(&mut self, target: Target) {
        let id = target.id(self.seed);
        self.shown("reference", format_args!("{}/{id}", target.resource_type()));
    }

    /// A Quantity of a measured value.
    pub(crate) fn quantity(&mut self, name: &str, value: i64, decimals: u32, unit: &Unit) {
        self.object(name, |json| {
            json.number("value", value, decimals);
            json.text("unit", unit.0);
            json.text("system", "http://unitsofmeasure.org");
            json.text("code", unit.1);
        });
    }

    /// A Period.
    pub(crate) fn period(&mut self, name: &str, start: Moment, end: Moment) {
        self.object(name, |json| {
            json.shown("start", start);
            json.shown("end", end);
        });
    }

    /// A ContactPoint in an array.
    pub(crate) fn contact_point(&mut self, system: &str, value: &str, r#use: &str) {
        self.item(|json| {
            json.text("system", system);
            json.text("value", value);
            json.text("use", r#use);
        });
    }

    /// The inside of a HumanName.
    pub(crate) fn human_name(&mut self, name: &Name) {
        self.text("use", "official");
        self.text("family", &name.family());
        self.array("given", |json| name.given.iter().flatten().for_each(|given| json.text_item(given)));
    }

    /// The inside of an Address in a city.
    pub(crate) fn address(&mut self, home: Home, r#use: &str, random: &mut Random) {
        self.text("use", r#use);
        self.array("line", |json| json.text_item(&home.line(random)));
        self.text("city", home.city.name);
        if let Some(state) = home.city.state {
            self.text("state", state);
        }
        self.text("postalCode", &home.postal_code(random));
        self.text("country", home.culture.country);
    }

    /// Who recorded something: an element of its own before R5, a participant since.
    pub(crate) fn recorder(&mut self, target: Target) {
        if self.release == Release::R5 {
            self.list("participant", |json| {
                json.concept("function", &AUTHOR);
                json.reference("actor", target);
            });
        } else {
            self.reference("recorder", target);
        }
    }
}

const AUTHOR: Coding =
    Coding::new("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "author", "Author");
