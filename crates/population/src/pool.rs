//! The hospitals, laboratories and practitioners: always the same number, however many patients there are.

use crate::datatype::Target;
use crate::person::{HOMES, Home};
use crate::table::culture::{CITIES, CULTURES};

/// How many practitioners a hospital has.
pub(crate) const STAFF: usize = 3;
/// How many organizations there are: the hospitals of all cities, then a laboratory for each culture.
pub(crate) const ORGANIZATIONS: usize = HOMES + CULTURES.len();

impl Home {
    /// The hospital of the city.
    pub(crate) const fn hospital(self) -> Target {
        Target::Organization(self.number)
    }

    /// The laboratory that works for the hospital.
    pub(crate) const fn laboratory(self) -> Target {
        Target::Organization(HOMES + self.number / CITIES)
    }

    /// One of the hospital's practitioners, by a number below [`STAFF`].
    pub(crate) const fn practitioner(self, number: usize) -> Target {
        Target::Practitioner(self.number * STAFF + number)
    }
}

/// An organization of the pool.
pub(crate) struct Organization {
    pub(crate) name: &'static str,
    /// The city that it is in.
    pub(crate) home: Home,
}

impl Organization {
    /// The organization of a number below [`ORGANIZATIONS`].
    pub(crate) fn numbered(number: usize) -> Self {
        match number.checked_sub(HOMES) {
            None => {
                let home = Home::numbered(number);
                Self { name: home.city.hospital, home }
            }
            Some(culture) => {
                let home = Home::numbered(culture * CITIES);
                Self { name: home.culture.laboratory, home }
            }
        }
    }
}
