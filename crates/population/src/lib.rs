//! A synthetic population: patients with the records of their visits, and the hospitals that keep them.
//!
//! A seed and a number go in, resources come out: no clock, no disk, no other source of chance. The same
//! [`Options`] give the same bytes on every machine, and a patient is the same however many others there are, so
//! that a larger population contains the smaller. Nobody in it exists: names, addresses and values are drawn from
//! tables, telephone numbers and mail addresses are of those that are kept for examples.
//!
//! Values fit each other and the patient's age and sex: a diabetic has glycated haemoglobin above the normal, takes
//! metformin, and gets better with it; a child grows. But the shares of disorders are rough, so the population is
//! for tests, demonstrations and measurements, not for epidemiology.
//!
//! ```
//! use rushlight_population::{Day, Options, Population, Release, Resources};
//!
//! let today = Day::parse("2026-11-25").ok_or("not a day")?;
//! let population = Population::new(Options { seed: 7, ..Options::new(Release::R4, today) });
//! let mut resources = Resources::new();
//! population.write_pool(&mut resources);
//! assert_eq!(resources.iter().next().map(|first| first.id), Some("7-org1"));
//! for number in 1..=3 {
//!     population.write_patient(number, &mut resources);
//!     let first = resources.iter().next().ok_or("nothing")?;
//!     assert_eq!((first.resource_type, first.id), ("Patient", format!("7-p{number}").as_str()));
//!     assert!(resources.len() <= 30 && resources.ndjson().lines().count() == resources.len());
//! }
//! # Ok::<(), &str>(())
//! ```

mod body;
mod chart;
mod datatype;
mod day;
mod json;
mod measure;
mod person;
mod pool;
mod random;
mod resource;
mod resources;
mod table;

use chart::Chart;
pub use day::Day;
use person::Person;
use random::Random;
use resources::Sheet;
pub use resources::{Generated, Resources};

pub use rushlight_model::definitions::Release;

/// What decides a population; two that are equal in all of it are the same to the byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Which population. It begins all ids, so that populations of several seeds can be in one store.
    pub seed: u64,
    /// The release to write.
    pub release: Release,
    /// The day on which the records are read: ages count from it, and nothing is dated later. Of the year 200 or
    /// later, so that all years of birth have four digits.
    pub today: Day,
    /// The most resources of one patient; the Patient itself is always there.
    pub limit: usize,
}

impl Options {
    /// Seed 1, at most 30 resources per patient.
    #[must_use]
    pub const fn new(release: Release, today: Day) -> Self {
        Self { seed: 1, release, today, limit: 30 }
    }
}

/// A population, of which any part can be written at any time.
#[derive(Clone, Copy, Debug)]
pub struct Population {
    options: Options,
}

impl Population {
    /// The population of these options.
    #[must_use]
    pub const fn new(options: Options) -> Self {
        Self { options }
    }

    /// Replaces what is in the buffer by the organizations and practitioners that patients' records refer to. They
    /// are the same for every number of patients.
    pub fn write_pool(&self, resources: &mut Resources) {
        resource::write_pool(&mut self.sheet(resources));
    }

    /// Replaces what is in the buffer by the record of the patient of this number, from 1.
    ///
    /// It refers to nothing but itself and the pool.
    pub fn write_patient(&self, number: u64, resources: &mut Resources) {
        let random = &mut Random::new(self.options.seed, number);
        let person = &Person::draw(random, self.options.today);
        let chart = &Chart::draw(random, person, self.options.limit);
        let subject = resource::Subject { number, person, chart };
        resource::write_record(&mut self.sheet(resources), &subject, random);
    }

    fn sheet<'a>(&self, resources: &'a mut Resources) -> Sheet<'a> {
        resources.clear();
        Sheet { resources, release: self.options.release, seed: self.options.seed }
    }
}
