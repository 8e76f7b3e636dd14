//! The staff of the hospitals: <https://hl7.org/fhir/R4/practitioner.html>.

use crate::body::Sex;
use crate::datatype::{Coding, Target};
use crate::json::Json;
use crate::person::{Home, Name, telephone};
use crate::random::Random;

const DEGREE: Coding =
    Coding::new("http://terminology.hl7.org/CodeSystem/v2-0360", "MD", "Doctor of Medicine");

pub(super) fn write(json: &mut Json<'_>, home: Home, target: Target, random: &mut Random) {
    let sex = if random.chance(500) { Sex::Female } else { Sex::Male };
    let name = Name::draw(random, home.culture, sex);
    let id = target.id(json.seed).to_string();
    json.list("identifier", |json| {
        json.text("system", "https://example.org/practitioner");
        json.text("value", &id);
    });
    json.boolean("active", true);
    json.list("name", |json| json.human_name(&name));
    json.array("telecom", |json| {
        json.contact_point("phone", &telephone(random), "work");
        json.contact_point("email", &format!("{id}@example.org"), "work");
    });
    json.text("gender", if sex == Sex::Female { "female" } else { "male" });
    json.list("qualification", |json| {
        json.concept("code", &DEGREE);
        json.reference("issuer", home.hospital());
    });
}
