//! Which vaccines a patient was given.

use super::Vaccination;
use crate::day::Day;
use crate::person::Person;
use crate::random::Random;
use crate::table::vaccine::{INFLUENZA, VACCINES};

/// The most that one record has: the newest.
const MOST: usize = 5;
/// How many of a thousand doses that are due are given.
const GIVEN: i64 = 860;
/// How many of a thousand are vaccinated against influenza, by whether they are over sixty.
const INFLUENZA_GIVEN: [i64; 2] = [300, 650];
/// The day of the year on which that begins.
const AUTUMN: i64 = 272;

pub(super) fn draw(random: &mut Random, person: &Person) -> Vec<Vaccination> {
    let last = person.last_recorded();
    let mut given = Vec::new();
    for vaccine in &VACCINES {
        let mut dose = 0;
        for months in vaccine.due {
            let day = person.birth.plus(months * 3044 / 100 + random.between(0, 20));
            if day <= last && day >= Day::year(vaccine.since) && random.chance(GIVEN) {
                dose += 1;
                given.push(Vaccination { vaccine, day, dose });
            }
        }
    }
    let [others, old] = INFLUENZA_GIVEN;
    let autumn = last.plus(-last.since_day_of_year(AUTUMN) + random.between(0, 70));
    let old_enough = autumn.since(person.birth) > 200;
    let share = if person.years(last) > 60 { old } else { others };
    if autumn <= last && old_enough && random.chance(share) {
        given.push(Vaccination { vaccine: &INFLUENZA, day: autumn, dose: 1 });
    }
    given.sort_by_key(|vaccination| vaccination.day);
    given.split_off(given.len().saturating_sub(MOST))
}
