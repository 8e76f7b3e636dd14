//! Disorders: <https://hl7.org/fhir/R4/condition.html>.

use super::{Seen, Subject};
use crate::chart::Problem;
use crate::datatype::Coding;
use crate::json::Json;

const fn category(code: &'static str, display: &'static str) -> Coding {
    Coding::new("http://terminology.hl7.org/CodeSystem/condition-category", code, display)
}

const PROBLEM: Coding = category("problem-list-item", "Problem List Item");
const DIAGNOSIS: Coding = category("encounter-diagnosis", "Encounter Diagnosis");

pub(super) fn write(json: &mut Json<'_>, subject: &Subject<'_>, problem: &Problem, seen: Option<Seen<'_>>) {
    let clinical = if problem.abatement.is_some() { "resolved" } else { "active" };
    json.status("clinicalStatus", "http://terminology.hl7.org/CodeSystem/condition-clinical", clinical);
    json.status(
        "verificationStatus",
        "http://terminology.hl7.org/CodeSystem/condition-ver-status",
        "confirmed",
    );
    json.concepts("category", if problem.passes { &DIAGNOSIS } else { &PROBLEM });
    json.concept("code", problem.code);
    json.reference("subject", subject.target());
    if let Some(seen) = seen {
        json.reference("encounter", seen.encounter);
    }
    json.shown("onsetDateTime", problem.onset);
    if let Some(abatement) = problem.abatement {
        json.shown("abatementDateTime", abatement);
    }
    json.shown("recordedDate", seen.map_or(problem.onset, |seen| seen.visit.day));
    json.recorder(seen.map_or(subject.practitioner(), |seen| seen.practitioner));
}
