//! Visits: <https://hl7.org/fhir/R4/encounter.html>.

use super::Subject;
use crate::Release;
use crate::chart::{Reason, Visit};
use crate::datatype::{Coding, Target};
use crate::json::Json;
use crate::random::Random;

const fn act(code: &'static str, display: &'static str) -> Coding {
    Coding::new("http://terminology.hl7.org/CodeSystem/v3-ActCode", code, display)
}

const AMBULATORY: Coding = act("AMB", "ambulatory");
const EMERGENCY: Coding = act("EMER", "emergency");
const CHECK_UP: Coding = Coding::snomed("185349003", "Encounter for check up");
const FOLLOW_UP: Coding = Coding::snomed("390906007", "Follow-up encounter");
const SYMPTOM: Coding = Coding::snomed("185345009", "Encounter for symptom");
const ADMISSION: Coding = Coding::snomed("50849002", "Emergency room admission");
const PERFORMER: Coding =
    Coding::new("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "PPRF", "primary performer");

pub(super) fn write(
    json: &mut Json<'_>,
    subject: &Subject<'_>,
    visit: &Visit,
    practitioner: Target,
    random: &mut Random,
) {
    let r5 = json.release == Release::R5;
    let (class, kind) = match visit.reason {
        Reason::CheckUp => (&AMBULATORY, &CHECK_UP),
        Reason::FollowUp => (&AMBULATORY, &FOLLOW_UP),
        Reason::Ill => (&AMBULATORY, &SYMPTOM),
        Reason::Emergency => (&EMERGENCY, &ADMISSION),
    };
    json.text("status", if r5 { "completed" } else { "finished" });
    if r5 {
        json.concepts("class", class);
    } else {
        json.object("class", |json| class.write(json));
    }
    json.concepts("type", kind);
    json.reference("subject", subject.target());
    json.list("participant", |json| {
        json.concepts("type", &PERFORMER);
        json.reference(if r5 { "actor" } else { "individual" }, practitioner);
    });
    let start = visit.day.at(visit.minute);
    let end = start.plus_minutes(random.between(15, 55));
    json.period(if r5 { "actualPeriod" } else { "period" }, start, end);
    let problem = subject.chart.problems.iter().find(|problem| problem.passes && problem.onset == visit.day);
    if let Some(problem) = problem {
        if r5 {
            json.list("reason", |json| json.list("value", |json| json.concept("concept", problem.code)));
        } else {
            json.concepts("reasonCode", problem.code);
        }
    }
    json.reference("serviceProvider", subject.person.home.hospital());
}
