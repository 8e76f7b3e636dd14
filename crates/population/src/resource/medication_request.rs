//! Prescriptions: <https://hl7.org/fhir/R4/medicationrequest.html>.

use super::{Seen, Subject};
use crate::Release;
use crate::chart::Problem;
use crate::datatype::Target;
use crate::json::Json;
use crate::table::medication::Medication;

pub(super) fn write(
    json: &mut Json<'_>,
    subject: &Subject<'_>,
    (problem, medication, condition): (&Problem, &Medication, Target),
    seen: Option<Seen<'_>>,
) {
    let r5 = json.release == Release::R5;
    let over = problem.abatement.is_some() || subject.person.died;
    json.text("status", if over { "completed" } else { "active" });
    json.text("intent", "order");
    if r5 {
        json.object("medication", |json| what(json, "concept", medication));
    } else {
        what(json, "medicationCodeableConcept", medication);
    }
    json.reference("subject", subject.target());
    if let Some(seen) = seen {
        json.reference("encounter", seen.encounter);
    }
    json.shown("authoredOn", seen.map_or(problem.onset, |seen| seen.visit.day));
    json.reference("requester", seen.map_or(subject.practitioner(), |seen| seen.practitioner));
    if r5 {
        json.list("reason", |json| json.reference("reference", condition));
    } else {
        json.list("reasonReference", |json| json.reference_here(condition));
    }
    json.list("dosageInstruction", |json| dosage(json, medication));
}

fn what(json: &mut Json<'_>, name: &str, medication: &Medication) {
    json.object(name, |json| {
        json.list("coding", |json| medication.ingredient.write(json));
        json.text("text", medication.text);
    });
}

fn dosage(json: &mut Json<'_>, medication: &Medication) {
    json.text("text", medication.dosage);
    match medication.timing {
        Some((frequency, period, unit)) => json.object("timing", |json| {
            json.object("repeat", |json| {
                json.number("frequency", frequency, 0);
                json.number("period", period, 0);
                json.text("periodUnit", unit);
            });
        }),
        None if json.release == Release::R5 => json.boolean("asNeeded", true),
        None => json.boolean("asNeededBoolean", true),
    }
    json.list("doseAndRate", |json| {
        json.object("doseQuantity", |json| {
            let (value, unit) = medication.dose;
            json.number("value", value, 0);
            json.text("unit", unit);
        });
    });
}
