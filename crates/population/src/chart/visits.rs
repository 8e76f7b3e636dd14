//! When a patient comes, and why.

use super::room::Room;
use super::{Chart, Reason, Visit, disorders};
use crate::body::State;
use crate::day::Day;
use crate::person::Person;
use crate::pool::STAFF;
use crate::random::Random;
use crate::table::laboratory::{PANELS, Panel};
use crate::table::vital::{CHECK_UP, CHILD, FOLLOW_UP, ILL, ILL_CHILD, INFANT, Vital};

/// The most visits of one patient.
const MOST: i64 = 4;
/// How many of a thousand visits are for something new.
const NEW: i64 = 280;
/// How many of a thousand of those are emergencies.
const EMERGENCY: i64 = 160;
/// How many of a thousand visits are to the practitioner whom the patient usually sees, who is the first.
const USUAL: i64 = 800;

/// Adds visits to the chart, the newest for which there is room, and the passing disorders that they are for.
pub(super) fn draw(random: &mut Random, person: &Person, chart: &mut Chart, room: &mut Room) {
    for day in days(random, person, chart.problems.len()) {
        let new = random.chance(NEW).then(|| disorders::passing(random, person, chart, day)).flatten();
        if !room.take(if new.is_some() { 2 } else { 1 }) {
            break;
        }
        let newest = chart.visits.is_empty();
        let reason = reason(random, chart, day, new.is_some());
        let mut visit = Visit {
            day,
            minute: minute(random, reason),
            reason,
            fever: new.as_ref().is_some_and(|(_, fever)| *fever),
            practitioner: if random.chance(USUAL) { 0 } else { random.place(STAFF) },
            vitals: vitals(person.years(day), reason.is_new(), newest),
            panels: Vec::new(),
        };
        if !reason.is_new() {
            visit.panels = panels(random, &chart.state(person, &visit), newest);
        }
        chart.visits.push(visit);
        chart.problems.extend(new.map(|(problem, _)| problem));
    }
    chart.visits.reverse();
}

/// The days of the visits, the newest first.
fn days(random: &mut Random, person: &Person, problems: usize) -> Vec<Day> {
    let last = person.last_recorded();
    let infant = person.years(last) < 2;
    let often = if infant || problems > 0 { 2 } else { 1 };
    let count = random.between(often, MOST.min(often + 2));
    let mut day = last.plus(-random.between(0, if infant { 40 } else { 400 }));
    let mut days = Vec::new();
    while i64::try_from(days.len()).is_ok_and(|length| length < count) && day >= person.birth {
        days.push(day);
        day = day.plus(-if infant { random.between(40, 120) } else { random.between(160, 560) });
    }
    if days.is_empty() {
        days.push(last);
    }
    days
}

fn reason(random: &mut Random, chart: &Chart, day: Day, new: bool) -> Reason {
    if new {
        return if random.chance(EMERGENCY) { Reason::Emergency } else { Reason::Ill };
    }
    let lasting = chart.problems.iter().any(|problem| problem.onset <= day && !problem.passes);
    if lasting { Reason::FollowUp } else { Reason::CheckUp }
}

/// Emergencies come at night as well, but early enough that the laboratory answers on the same day.
fn minute(random: &mut Random, reason: Reason) -> i64 {
    if reason == Reason::Emergency { random.between(0, 1200) } else { random.between(480, 1020) }
}

/// What a disorder calls for, and what belongs to the newest visit.
fn panels(random: &mut Random, state: &State<'_>, newest: bool) -> Vec<&'static Panel> {
    let mut due = |panel: &Panel| {
        let (from, share) = panel.check_up;
        newest && state.years >= from && random.chance(share)
    };
    let watched = |panel: &Panel| panel.watches.iter().any(|kind| state.has(*kind));
    PANELS.iter().filter(|panel| watched(panel) || due(panel)).collect()
}

fn vitals(years: i64, ill: bool, newest: bool) -> &'static [Vital] {
    match (years, ill) {
        (18.., true) => &ILL,
        (18.., false) if newest => &CHECK_UP,
        (18.., false) => &FOLLOW_UP,
        (_, true) => &ILL_CHILD,
        (2.., false) => &CHILD,
        (_, false) => &INFANT,
    }
}
