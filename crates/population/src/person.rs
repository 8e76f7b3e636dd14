//! Who somebody is: a name, a place, a body and a span of life.

use crate::body::{Body, Sex};
use crate::day::{Day, years_in};
use crate::random::Random;
use crate::table::culture::{CITIES, CULTURES, City, Culture};

/// A patient before anything happens.
pub(crate) struct Person {
    pub(crate) name: Name,
    pub(crate) home: Home,
    pub(crate) gender: &'static str,
    pub(crate) body: Body,
    pub(crate) birth: Day,
    /// The last day of the record: that of the death or today.
    pub(crate) end: Day,
    pub(crate) died: bool,
}

/// A name as its culture gives it.
pub(crate) struct Name {
    pub(crate) given: [Option<&'static str>; 2],
    pub(crate) family: [Option<&'static str>; 2],
}

/// A city of [`CULTURES`].
#[derive(Clone, Copy)]
pub(crate) struct Home {
    pub(crate) culture: &'static Culture,
    pub(crate) city: &'static City,
    /// The city's number among all.
    pub(crate) number: usize,
}

/// How many of a hundred are in each ten years of age.
const AGES: [u32; 10] = [12, 12, 13, 13, 13, 13, 11, 8, 4, 1];
/// How many of a thousand died within the last [`YEARS_OF_DEATHS`], by ten years of age.
const DEATHS: [i64; 10] = [2, 2, 5, 8, 14, 30, 70, 140, 300, 500];
const YEARS_OF_DEATHS: i64 = 6;

impl Person {
    pub(crate) fn draw(random: &mut Random, today: Day) -> Self {
        let home = Home::numbered(random.place(HOMES));
        let body = Body::draw(random);
        let decade = random.weighted(&AGES);
        let age = i64::try_from(decade).unwrap_or_default() * 3652 + random.below(3652);
        let died = random.chance(DEATHS.get(decade).copied().unwrap_or_default());
        let end = if died { today.plus(-random.between(1, YEARS_OF_DEATHS * 365)) } else { today };
        let gender = match (random.below(200), body.sex) {
            (0, _) => "other",
            (1, _) => "unknown",
            (_, Sex::Female) => "female",
            (_, Sex::Male) => "male",
        };
        let name = Name::draw(random, home.culture, body.sex);
        Self { name, home, gender, body, birth: end.plus(-age), end, died }
    }

    /// The age in whole years on a day.
    pub(crate) fn years(&self, day: Day) -> i64 {
        years_in(day.since(self.birth)).0
    }

    /// The last day on which something can have been recorded: the day is over, and the patient was alive.
    pub(crate) fn last_recorded(&self) -> Day {
        self.end.plus(-1).max(self.birth)
    }
}

impl Name {
    pub(crate) fn draw(random: &mut Random, culture: &Culture, sex: Sex) -> Self {
        let given = if sex == Sex::Female { &culture.female } else { &culture.male };
        let first = *random.pick(given);
        let second = *random.pick(given);
        let family = *random.pick(&culture.family);
        let other = *random.pick(&culture.family);
        Self {
            given: [Some(first), (second != first && random.chance(200)).then_some(second)],
            family: [Some(family), culture.two_families.then_some(other)],
        }
    }

    /// The family names as one text.
    pub(crate) fn family(&self) -> String {
        self.family.iter().flatten().copied().collect::<Vec<_>>().join(" ")
    }
}

/// How many cities there are.
pub(crate) const HOMES: usize = CULTURES.len() * CITIES;

impl Home {
    /// The city of a number.
    pub(crate) fn numbered(number: usize) -> Self {
        let [any, ..] = &CULTURES;
        let culture = CULTURES.get(number / CITIES).unwrap_or(any);
        let [first, second] = &culture.cities;
        Self { culture, city: if number.is_multiple_of(CITIES) { first } else { second }, number }
    }

    /// All cities.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..HOMES).map(Self::numbered)
    }

    /// A street and a house's number in it.
    pub(crate) fn line(self, random: &mut Random) -> String {
        let street = random.pick(&self.culture.streets);
        let number = random.between(1, 220);
        if self.culture.number_first { format!("{number} {street}") } else { format!("{street} {number}") }
    }

    /// A postal code.
    pub(crate) fn postal_code(self, random: &mut Random) -> String {
        digits(random, self.city.postal_code)
    }
}

/// A telephone number of the blocks that are kept for fiction.
pub(crate) fn telephone(random: &mut Random) -> String {
    digits(random, "+1-2##-555-01##")
}

/// The pattern with a digit for each `#`.
fn digits(random: &mut Random, pattern: &str) -> String {
    let digit = |random: &mut Random| char::from_digit(u32::try_from(random.below(10)).unwrap_or(0), 10);
    pattern.chars().map(|char| if char == '#' { digit(random).unwrap_or('0') } else { char }).collect()
}
