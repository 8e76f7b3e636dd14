//! One file for each resource type: what of a chart goes into which element, in each release.

mod allergy_intolerance;
mod condition;
mod diagnostic_report;
mod encounter;
mod immunization;
mod medication_request;
mod observation;
mod organization;
mod patient;
mod practitioner;

use crate::chart::{Chart, Visit};
use crate::datatype::Target;
use crate::day::Moment;
use crate::json::Json;
use crate::person::{Home, Person};
use crate::pool;
use crate::random::Random;
use crate::resources::Sheet;

/// The patient whom all resources of a record are about.
pub(crate) struct Subject<'a> {
    /// From 1.
    pub(crate) number: u64,
    pub(crate) person: &'a Person,
    pub(crate) chart: &'a Chart,
}

impl Subject<'_> {
    fn target(&self) -> Target {
        Target::Patient(self.number)
    }

    fn part(&self, resource_type: &'static str, number: usize) -> Target {
        Target::Part(resource_type, self.number, number)
    }

    /// Who usually treats the patient.
    fn practitioner(&self) -> Target {
        self.person.home.practitioner(0)
    }
}

/// A visit that has been written.
#[derive(Clone, Copy)]
struct Seen<'a> {
    visit: &'a Visit,
    encounter: Target,
    practitioner: Target,
}

impl Seen<'_> {
    fn start(&self) -> Moment {
        self.visit.day.at(self.visit.minute)
    }
}

/// Writes the organizations, then the practitioners.
pub(crate) fn write_pool(sheet: &mut Sheet<'_>) {
    let seed = sheet.seed;
    // The streams of patients begin at 1; those of the pool are counted down from the top.
    let stream = |number: usize| Random::new(seed, u64::MAX - number as u64);
    for number in 0..pool::ORGANIZATIONS {
        let random = &mut stream(number);
        sheet.add(Target::Organization(number), |json| organization::write(json, number, random));
    }
    for home in Home::all() {
        for place in 0..pool::STAFF {
            let target = home.practitioner(place);
            let random = &mut stream(pool::ORGANIZATIONS + home.number * pool::STAFF + place);
            sheet.add(target, |json| practitioner::write(json, home, target, random));
        }
    }
}

/// Writes a patient's record: what is referred to comes first.
pub(crate) fn write_record(sheet: &mut Sheet<'_>, subject: &Subject<'_>, random: &mut Random) {
    let chart = subject.chart;
    sheet.add(subject.target(), |json| patient::write(json, subject, random));
    let mut record = Record { sheet, subject, last: 0, conditions: vec![None; chart.problems.len()] };
    for known in &chart.allergies {
        record.add("AllergyIntolerance", |json| allergy_intolerance::write(json, subject, known));
    }
    record.conditions(None);
    record.prescriptions(None);
    for vaccination in &chart.vaccinations {
        record.add("Immunization", |json| immunization::write(json, subject, vaccination, random));
    }
    for (place, visit) in chart.visits.iter().enumerate() {
        let practitioner = subject.person.home.practitioner(visit.practitioner);
        let encounter = record.add("Encounter", |json| {
            encounter::write(json, subject, visit, practitioner, random);
        });
        let seen = Seen { visit, encounter, practitioner };
        record.conditions(Some((place, seen)));
        record.observations(seen, random);
        record.prescriptions(Some((place, seen)));
    }
}

struct Record<'a, 's> {
    sheet: &'a mut Sheet<'s>,
    subject: &'a Subject<'a>,
    /// The number of the last part.
    last: usize,
    /// The Conditions of the problems that have been written.
    conditions: Vec<Option<Target>>,
}

impl Record<'_, '_> {
    fn add(&mut self, resource_type: &'static str, members: impl FnOnce(&mut Json<'_>)) -> Target {
        self.last += 1;
        let target = self.subject.part(resource_type, self.last);
        self.sheet.add(target, members);
        target
    }

    /// The problems that were recorded at a visit, or at none.
    fn conditions(&mut self, at: Option<(usize, Seen<'_>)>) {
        let subject = self.subject;
        for (place, problem) in subject.chart.problems.iter().enumerate() {
            if problem.recorded_at == at.map(|(visit, _)| visit) {
                let seen = at.map(|(_, seen)| seen);
                let target = self.add("Condition", |json| condition::write(json, subject, problem, seen));
                if let Some(condition) = self.conditions.get_mut(place) {
                    *condition = Some(target);
                }
            }
        }
    }

    /// What was last prescribed at a visit, or at none.
    fn prescriptions(&mut self, at: Option<(usize, Seen<'_>)>) {
        let subject = self.subject;
        for (place, problem) in subject.chart.problems.iter().enumerate() {
            let condition = self.conditions.get(place).copied().flatten();
            if let (Some(treatment), Some(condition)) = (problem.treatment, condition)
                && problem.prescribed_at == at.map(|(visit, _)| visit)
            {
                let seen = at.map(|(_, seen)| seen);
                self.add("MedicationRequest", |json| {
                    medication_request::write(json, subject, (problem, treatment, condition), seen);
                });
            }
        }
    }

    /// Vital signs, and laboratory values with their reports.
    fn observations(&mut self, seen: Seen<'_>, random: &mut Random) {
        let subject = self.subject;
        let state = subject.chart.state(subject.person, seen.visit);
        let mut values = Vec::new();
        for vital in seen.visit.vitals {
            self.add("Observation", |json| {
                observation::write_vital(json, subject, seen, vital, &state, (random, &mut values));
            });
        }
        for panel in &seen.visit.panels {
            values.clear();
            let first = self.last + 1;
            for test in panel.tests {
                let value = (test.outcome)(&state, random, &values);
                values.push(value);
                let normal = test.normal_for(&state);
                self.add("Observation", |json| {
                    observation::write_test(json, subject, seen, test, (value, normal));
                });
            }
            let results = first..=self.last;
            self.add("DiagnosticReport", |json| {
                diagnostic_report::write(json, subject, seen, &panel.code, results);
            });
        }
    }
}
