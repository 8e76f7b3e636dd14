//! Which disorders a patient has.

use super::{Chart, Problem};
use crate::body::{Sex, State};
use crate::datatype::Coding;
use crate::day::Day;
use crate::person::Person;
use crate::random::Random;
use crate::table::disorder::{AILMENTS, Ailment, BANDS, DISORDERS, Disorder, Kind, OBESITY};
use crate::table::medication::Medication;

/// The most lasting disorders that one patient has.
const MOST: usize = 5;
/// The index, in tenths, from which a body is obese.
const OBESE: i64 = 300;
/// How many of a thousand who are obese have it in their record.
const NOTED: i64 = 700;
/// The most days that a lasting disorder goes back.
const LONGEST: i64 = 20 * 365;

/// Draws the disorders that last.
pub(super) fn lasting(random: &mut Random, person: &Person) -> Vec<Problem> {
    let last = person.last_recorded();
    let body = State::new(&person.body, &[], (person.birth, last, person.end), false);
    let mut problems = Vec::new();
    if body.grown_up() && body.mass_index() >= OBESE && random.chance(NOTED) {
        problems.extend(problem(random, person, &OBESITY));
    }
    let band = BANDS.iter().rposition(|from| body.years >= *from).unwrap_or_default();
    for disorder in &DISORDERS {
        let raised = problems.iter().any(|problem: &Problem| disorder.raised_by.contains(&problem.kind));
        let share = disorder.share.get(band).copied().unwrap_or_default();
        if problems.len() < MOST && random.chance(if raised { share * 3 / 2 } else { share }) {
            problems.extend(problem(random, person, disorder));
        }
    }
    problems
}

/// The disorder since some day; `None` when the patient did not live to the age of it.
fn problem(random: &mut Random, person: &Person, disorder: &'static Disorder) -> Option<Problem> {
    let last = person.last_recorded();
    let first = person.birth.plus_years(disorder.from).max(last.plus(-LONGEST));
    if first > last {
        return None;
    }
    let onset = first.plus(random.between(0, last.since(first)));
    let treatment = (!disorder.treatment.is_empty()).then(|| random.pick(disorder.treatment));
    Some(Problem::new(disorder.kind, &disorder.code, onset, treatment))
}

/// Draws something that the patient comes with on a day, and whether it is with fever.
pub(super) fn passing(
    random: &mut Random,
    person: &Person,
    chart: &Chart,
    day: Day,
) -> Option<(Problem, bool)> {
    let ailment = random.pick(&AILMENTS);
    if !can_have(person, ailment, day) {
        return None;
    }
    let (least, most) = ailment.days;
    let over = day.plus(random.between(least, most));
    let treatment = ailment.treatment.iter().find(|medication| !chart.forbids(medication));
    let mut problem = Problem::new(Kind::Other, &ailment.code, day, treatment);
    problem.passes = true;
    problem.abatement = Some(over).filter(|over| *over <= person.last_recorded());
    Some((problem, ailment.fever))
}

fn can_have(person: &Person, ailment: &Ailment, day: Day) -> bool {
    let (youngest, oldest) = ailment.ages;
    (youngest..=oldest).contains(&person.years(day))
        && (!ailment.women_only || person.body.sex == Sex::Female)
}

impl Chart {
    fn forbids(&self, medication: &Medication) -> bool {
        self.allergies.iter().any(|known| Some(known.allergy.code.code) == medication.forbidden_by)
    }
}

impl Problem {
    fn new(kind: Kind, code: &'static Coding, onset: Day, treatment: Option<&'static Medication>) -> Self {
        Self {
            kind,
            code,
            onset,
            passes: false,
            abatement: None,
            treatment,
            recorded_at: None,
            prescribed_at: None,
        }
    }
}
