//! The body behind the measurements. Whole numbers only, so that every machine comes to the same values.

use crate::chart::Problem;
use crate::day::{Day, years_in};
use crate::random::Random;
use crate::table::disorder::Kind;
use crate::table::growth::{BODY_MASS_INDEX, HEIGHT};

/// What decides which values are ordinary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sex {
    Female,
    Male,
}

/// What stays the same in a body.
pub(crate) struct Body {
    pub(crate) sex: Sex,
    /// Grown up, in millimetres.
    height: i64,
    /// The body mass index, in tenths, at the end of the record if the patient is of middle age by then.
    mass_index: i64,
    /// How many tenths the index rises in ten years.
    rise: i64,
    /// By how much this patient's systolic pressure is above that of others, in millimetres of mercury.
    pressure: i64,
    /// By how much the glycated haemoglobin of this patient is above that of others who are as ill, in tenths.
    sugar: i64,
}

/// The mean of adults, in tenths.
const MEAN_INDEX: i64 = 262;
const GROWN_UP: i64 = 18;

impl Body {
    pub(crate) fn draw(random: &mut Random) -> Self {
        let sex = if random.chance(505) { Sex::Female } else { Sex::Male };
        Self {
            sex,
            height: grown_height(sex) + random.bell(0, 66).clamp(-230, 230),
            mass_index: random.bell(MEAN_INDEX, 44).clamp(178, 440),
            rise: random.between(-5, 20),
            pressure: random.bell(0, 7).clamp(-16, 20),
            sugar: random.bell(0, 6).clamp(-10, 18),
        }
    }
}

const fn grown_height(sex: Sex) -> i64 {
    let [female, male] = HEIGHT;
    let [.., height] = match sex {
        Sex::Female => female,
        Sex::Male => male,
    };
    height
}

/// A body on a day.
pub(crate) struct State<'a> {
    pub(crate) body: &'a Body,
    pub(crate) problems: &'a [Problem],
    pub(crate) day: Day,
    /// The age in whole years.
    pub(crate) years: i64,
    /// The days since the last birthday.
    days: i64,
    /// The days until the record's end.
    remaining: i64,
    pub(crate) fever: bool,
}

impl<'a> State<'a> {
    pub(crate) fn new(
        body: &'a Body,
        problems: &'a [Problem],
        (birth, day, end): (Day, Day, Day),
        fever: bool,
    ) -> Self {
        let (years, days) = years_in(day.since(birth));
        Self { body, problems, day, years, days, remaining: end.since(day), fever }
    }

    pub(crate) fn female(&self) -> bool {
        self.body.sex == Sex::Female
    }

    pub(crate) fn grown_up(&self) -> bool {
        self.years >= GROWN_UP
    }

    /// How many days a disorder has been known.
    pub(crate) fn known_for(&self, kind: Kind) -> Option<i64> {
        let problem =
            self.problems.iter().find(|problem| problem.kind == kind && problem.onset <= self.day)?;
        Some(self.day.since(problem.onset))
    }

    pub(crate) fn has(&self, kind: Kind) -> bool {
        self.known_for(kind).is_some()
    }

    /// In millimetres.
    pub(crate) fn height(&self) -> i64 {
        let [female, male] = &HEIGHT;
        let table = if self.female() { female } else { male };
        self.by_age(table) * self.body.height / grown_height(self.body.sex)
    }

    /// In tenths.
    pub(crate) fn mass_index(&self) -> i64 {
        if !self.grown_up() {
            let half_way = 2 * MEAN_INDEX + self.body.mass_index - MEAN_INDEX;
            return self.by_age(&BODY_MASS_INDEX) * half_way / (2 * MEAN_INDEX);
        }
        let youth = (40 - self.years).max(0) * 8 / 10;
        let since = self.body.rise * self.remaining / 3652;
        (self.body.mass_index - youth - since).clamp(172, 450)
    }

    /// In hectograms, from [`State::height`] and [`State::mass_index`].
    pub(crate) fn weight(&self) -> i64 {
        self.mass_index() * self.height() * self.height() / 1_000_000
    }

    /// In millimetres of mercury.
    pub(crate) fn systolic(&self) -> i64 {
        let by_age =
            if self.grown_up() { 106 + self.years.min(85) * 28 / 100 } else { 84 + self.years * 3 / 2 };
        let by_mass = if self.grown_up() { (self.mass_index() - MEAN_INDEX) / 12 } else { 0 };
        let by_illness = match self.known_for(Kind::Hypertension) {
            // A treatment needs a while.
            Some(days) => 24 - (days / 60).min(14),
            None => 0,
        };
        by_age + by_mass + by_illness + self.body.pressure
    }

    /// Glycated haemoglobin in tenths of a percent.
    pub(crate) fn glycated(&self) -> i64 {
        match self.known_for(Kind::Diabetes) {
            // From 8.8 % it falls over two years towards 7.0 %.
            Some(days) => 70 + self.body.sugar + (18 * (730 - days).max(0)) / 730,
            None => 51 + self.body.sugar / 4,
        }
    }

    /// A value between the rows of the years.
    pub(crate) fn by_age(&self, table: &[i64; 19]) -> i64 {
        let [.., last] = table;
        let row = |years| usize::try_from(years).ok().and_then(|at| table.get::<usize>(at)).unwrap_or(last);
        let (low, high) = (row(self.years), row(self.years + 1));
        low + (high - low) * self.days / 366
    }
}
