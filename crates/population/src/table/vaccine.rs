//! Vaccines and when they are due, by CVX code.

use crate::datatype::Coding;

/// A vaccine.
pub(crate) struct Vaccine {
    pub(crate) code: Coding,
    /// The ages in months at which its doses are due.
    pub(crate) due: &'static [i64],
    /// The year from which it was in use.
    pub(crate) since: i64,
}

const fn vaccine(code: &'static str, display: &'static str, due: &'static [i64], since: i64) -> Vaccine {
    Vaccine { code: Coding::new("http://hl7.org/fhir/sid/cvx", code, display), due, since }
}

/// What is due once or in a series.
pub(crate) static VACCINES: [Vaccine; 9] = [
    vaccine("08", "Hep B, adolescent or pediatric", &[0, 1, 6], 1995),
    vaccine("20", "DTaP", &[2, 4, 6, 15, 48], 1998),
    vaccine("10", "IPV", &[2, 4, 6, 48], 1990),
    vaccine("133", "Pneumococcal conjugate PCV 13", &[2, 4, 6, 12, 780], 2011),
    vaccine("03", "MMR", &[12, 48], 1980),
    vaccine("21", "varicella", &[12, 48], 1996),
    vaccine("115", "Tdap", &[132, 252, 372, 492, 612, 732], 2006),
    vaccine("165", "HPV9", &[132, 138], 2015),
    vaccine("187", "zoster recombinant", &[600, 604], 2018),
];

/// What is due each autumn.
pub(crate) static INFLUENZA: Vaccine = vaccine("141", "Influenza, seasonal, injectable", &[], 1980);
