//! The patient: <https://hl7.org/fhir/R4/patient.html>.

use super::Subject;
use crate::datatype::Coding;
use crate::json::Json;
use crate::person::telephone;
use crate::random::Random;

const RECORD_NUMBER: Coding =
    Coding::new("http://terminology.hl7.org/CodeSystem/v2-0203", "MR", "Medical record number");

const fn marital(code: &'static str, display: &'static str) -> Coding {
    Coding::new("http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", code, display)
}

/// Grown-ups only.
static MARITAL: [Coding; 4] = [
    marital("M", "Married"),
    marital("S", "Never Married"),
    marital("D", "Divorced"),
    marital("W", "Widowed"),
];

/// How many of a thousand have given a telephone number, a mail address, where they live.
const TELEPHONE: i64 = 860;
const MAIL: i64 = 500;
const ADDRESS: i64 = 940;
const MARITAL_STATUS: i64 = 700;
/// How many of a thousand know only the month of their birth.
const MONTH_ONLY: i64 = 10;
/// How many of a thousand of the dead have a date of death.
const DEATH_DATED: i64 = 850;

pub(super) fn write(json: &mut Json<'_>, subject: &Subject<'_>, random: &mut Random) {
    let person = subject.person;
    let home = person.home;
    json.list("identifier", |json| {
        json.text("use", "usual");
        json.concept("type", &RECORD_NUMBER);
        json.text("system", "https://example.org/mrn");
        let seed = json.seed;
        json.shown("value", format_args!("{seed}-{:08}", subject.number));
        json.object("assigner", |json| json.reference_here(home.hospital()));
    });
    json.boolean("active", !person.died);
    json.list("name", |json| json.human_name(&person.name));
    contact(json, subject, random);
    json.text("gender", person.gender);
    let birth = person.birth.to_string();
    let month = birth.get(..7).filter(|_| random.chance(MONTH_ONLY));
    json.text("birthDate", month.unwrap_or(&birth));
    if person.died && random.chance(DEATH_DATED) {
        json.shown("deceasedDateTime", person.end);
    } else if person.died {
        json.boolean("deceasedBoolean", true);
    }
    if random.chance(ADDRESS) {
        json.list("address", |json| json.address(home, "home", random));
    }
    if person.years(person.end) >= 25 && random.chance(MARITAL_STATUS) {
        json.concept("maritalStatus", random.pick(&MARITAL));
    }
    json.list("communication", |json| {
        let (code, display) = home.culture.language;
        json.concept("language", &Coding::new("urn:ietf:bcp:47", code, display));
        json.boolean("preferred", true);
    });
    json.array("generalPractitioner", |json| {
        json.item(|json| json.reference_here(subject.practitioner()));
    });
    json.reference("managingOrganization", home.hospital());
}

fn contact(json: &mut Json<'_>, subject: &Subject<'_>, random: &mut Random) {
    let phone = random.chance(TELEPHONE).then(|| telephone(random));
    let mail = random.chance(MAIL).then(|| format!("{}@example.org", subject.target().id(json.seed)));
    if phone.is_none() && mail.is_none() {
        return;
    }
    json.array("telecom", |json| {
        for (system, value, r#use) in [("phone", phone, "mobile"), ("email", mail, "home")] {
            if let Some(value) = value {
                json.contact_point(system, &value, r#use);
            }
        }
    });
}
