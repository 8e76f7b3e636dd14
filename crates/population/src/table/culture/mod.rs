//! Names and places.

mod america;
mod asia;
mod europe;

/// Where somebody is from.
pub(crate) struct Culture {
    /// ISO 3166 code of the country.
    pub(crate) country: &'static str,
    /// BCP 47 code and name of the language.
    pub(crate) language: (&'static str, &'static str),
    pub(crate) female: [&'static str; 12],
    pub(crate) male: [&'static str; 12],
    pub(crate) family: [&'static str; 14],
    /// Whether two family names are usual.
    pub(crate) two_families: bool,
    pub(crate) cities: [City; CITIES],
    pub(crate) streets: [&'static str; 4],
    /// Whether the number of the house comes before the street.
    pub(crate) number_first: bool,
    /// The name of the laboratory.
    pub(crate) laboratory: &'static str,
}

/// A city and its hospital.
pub(crate) struct City {
    pub(crate) name: &'static str,
    pub(crate) state: Option<&'static str>,
    /// The postal code; each `#` stands for a digit.
    pub(crate) postal_code: &'static str,
    pub(crate) hospital: &'static str,
}

/// How many cities a culture has.
pub(crate) const CITIES: usize = 2;

const fn city(
    name: &'static str,
    state: Option<&'static str>,
    postal_code: &'static str,
    hospital: &'static str,
) -> City {
    City { name, state, postal_code, hospital }
}

/// All cultures, each as likely as the others.
pub(crate) static CULTURES: [Culture; 10] = [
    america::UNITED_STATES,
    america::MEXICO,
    europe::FRANCE,
    europe::GERMANY,
    europe::POLAND,
    america::BRAZIL,
    asia::TURKEY,
    asia::VIETNAM,
    asia::JAPAN,
    europe::UKRAINE,
];
