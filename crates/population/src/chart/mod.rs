//! What happens to a patient: the disorders, the visits, and what each visit leaves behind.

mod disorders;
mod room;
mod vaccinations;
mod visits;

use crate::body::State;
use crate::datatype::Coding;
use crate::day::Day;
use crate::person::Person;
use crate::random::Random;
use crate::table::allergy::{ALLERGIES, Allergy};
use crate::table::disorder::Kind;
use crate::table::laboratory::Panel;
use crate::table::medication::Medication;
use crate::table::vaccine::Vaccine;
use crate::table::vital::Vital;

/// A patient's record before it is written.
pub(crate) struct Chart {
    pub(crate) problems: Vec<Problem>,
    pub(crate) allergies: Vec<KnownAllergy>,
    /// From the first to the last.
    pub(crate) vaccinations: Vec<Vaccination>,
    /// From the first to the last.
    pub(crate) visits: Vec<Visit>,
}

/// A disorder that the patient has or had.
pub(crate) struct Problem {
    pub(crate) kind: Kind,
    pub(crate) code: &'static Coding,
    pub(crate) onset: Day,
    /// Whether it is of those that pass.
    pub(crate) passes: bool,
    pub(crate) abatement: Option<Day>,
    pub(crate) treatment: Option<&'static Medication>,
    /// The visit, by its place in the chart, that it was recorded at.
    pub(crate) recorded_at: Option<usize>,
    /// The visit at which the treatment was last prescribed.
    pub(crate) prescribed_at: Option<usize>,
}

/// An allergy and since when it has been known.
pub(crate) struct KnownAllergy {
    pub(crate) allergy: &'static Allergy,
    pub(crate) since: Day,
}

/// A dose of a vaccine.
pub(crate) struct Vaccination {
    pub(crate) vaccine: &'static Vaccine,
    pub(crate) day: Day,
    /// Which one of its series, from 1.
    pub(crate) dose: i64,
}

/// A visit to the hospital.
pub(crate) struct Visit {
    pub(crate) day: Day,
    /// The minute of the day.
    pub(crate) minute: i64,
    pub(crate) reason: Reason,
    pub(crate) fever: bool,
    /// Which of the hospital's practitioners.
    pub(crate) practitioner: usize,
    pub(crate) vitals: &'static [Vital],
    /// In the order of [`PANELS`](crate::table::laboratory::PANELS).
    pub(crate) panels: Vec<&'static Panel>,
}

/// Why a patient comes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// To see that all is well.
    CheckUp,
    /// To see how a lasting disorder goes.
    FollowUp,
    /// With something new, which is a problem of the same day.
    Ill,
    /// The same, and it cannot wait.
    Emergency,
}

impl Reason {
    pub(crate) const fn is_new(self) -> bool {
        matches!(self, Self::Ill | Self::Emergency)
    }
}

impl Chart {
    /// Makes up a record of so many resources, the Patient included, at most.
    pub(crate) fn draw(random: &mut Random, person: &Person, limit: usize) -> Self {
        let mut room = room::Room(limit.saturating_sub(1));
        let mut problems = disorders::lasting(random, person);
        problems.retain(|_| room.take(1));
        let mut allergies = allergies(random, person);
        allergies.retain(|_| room.take(1));

        let mut chart = Self { problems, allergies, vaccinations: Vec::new(), visits: Vec::new() };
        visits::draw(random, person, &mut chart, &mut room);
        chart.attribute();
        chart.vaccinations = vaccinations::draw(random, person);
        room.fill(&mut chart);
        chart
    }

    /// The patient's body at a visit.
    pub(crate) fn state<'a>(&'a self, person: &'a Person, visit: &Visit) -> State<'a> {
        State::new(&person.body, &self.problems, (person.birth, visit.day, person.end), visit.fever)
    }

    /// Says of each disorder which visit recorded it, the first one since, and which was the last to prescribe for
    /// it.
    fn attribute(&mut self) {
        for problem in &mut self.problems {
            let (onset, over) = (problem.onset, problem.abatement);
            problem.recorded_at = self.visits.iter().position(|visit| visit.day >= onset);
            let treated = |visit: &Visit| visit.day >= onset && over.is_none_or(|over| visit.day <= over);
            problem.prescribed_at = self.visits.iter().rposition(treated);
        }
    }
}

/// How many of a thousand have an allergy.
const ALLERGIC: i64 = 220;

fn allergies(random: &mut Random, person: &Person) -> Vec<KnownAllergy> {
    let mut known: Vec<KnownAllergy> = Vec::new();
    while known.len() < 3 && random.chance(ALLERGIC) {
        let allergy = random.pick(&ALLERGIES);
        let life = person.last_recorded().since(person.birth);
        let since = person.birth.plus(random.between(life / 10, life * 7 / 10));
        if known.iter().all(|other| other.allergy.code.code != allergy.code.code) {
            known.push(KnownAllergy { allergy, since });
        }
    }
    known
}
