//! Disorders: how common they are, whom they find and what is given for them.

use crate::datatype::Coding;
use crate::table::medication::{self, Medication};

/// A disorder that lasts, as far as others depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Obesity,
    Diabetes,
    Hypertension,
    Hyperlipidemia,
    Hypothyroidism,
    Asthma,
    ChronicLungDisease,
    KidneyDisease,
    HeartFailure,
    Anemia,
    /// Nothing else depends on it.
    Other,
}

/// A disorder that lasts.
pub(crate) struct Disorder {
    pub(crate) kind: Kind,
    pub(crate) code: Coding,
    /// How many of a thousand have it, by [`BANDS`] of age.
    pub(crate) share: [i64; 5],
    /// The age in years before which it does not begin.
    pub(crate) from: i64,
    /// What makes it half as common again, if it came before in the table.
    pub(crate) raised_by: &'static [Kind],
    /// One of these is given.
    pub(crate) treatment: &'static [Medication],
}

/// The years at which a band of age begins.
pub(crate) const BANDS: [i64; 5] = [0, 18, 40, 60, 75];

const fn disorder(
    kind: Kind,
    (code, display): (&'static str, &'static str),
    share: [i64; 5],
    from: i64,
    raised_by: &'static [Kind],
    treatment: &'static [Medication],
) -> Disorder {
    Disorder { kind, code: Coding::snomed(code, display), share, from, raised_by, treatment }
}

/// Whose body mass index makes them obese. It is found by measuring, not by chance.
pub(crate) static OBESITY: Disorder = disorder(Kind::Obesity, ("414916001", "Obesity"), [0; 5], 18, &[], &[]);

/// What is found by chance. The more others depend on one, the earlier it comes.
pub(crate) static DISORDERS: [Disorder; 16] = {
    use Kind::*;
    [
        disorder(
            Diabetes,
            ("44054006", "Diabetes mellitus type 2"),
            [0, 15, 90, 180, 190],
            30,
            &[Obesity],
            &medication::DIABETES,
        ),
        disorder(
            Hypertension,
            ("59621000", "Essential hypertension"),
            [0, 30, 220, 450, 550],
            25,
            &[Obesity, Diabetes],
            &medication::HYPERTENSION,
        ),
        disorder(
            Hyperlipidemia,
            ("55822004", "Hyperlipidemia"),
            [0, 30, 180, 320, 300],
            25,
            &[Diabetes],
            &medication::HYPERLIPIDEMIA,
        ),
        disorder(
            KidneyDisease,
            ("709044004", "Chronic kidney disease"),
            [0, 3, 25, 90, 190],
            40,
            &[Diabetes, Hypertension],
            &[],
        ),
        disorder(
            HeartFailure,
            ("84114007", "Heart failure"),
            [0, 0, 8, 40, 90],
            50,
            &[Hypertension],
            &medication::HEART_FAILURE,
        ),
        disorder(
            Hypothyroidism,
            ("40930008", "Hypothyroidism"),
            [2, 15, 40, 70, 80],
            8,
            &[],
            &medication::HYPOTHYROIDISM,
        ),
        disorder(Asthma, ("195967001", "Asthma"), [85, 75, 70, 60, 50], 3, &[], &medication::ASTHMA),
        disorder(
            ChronicLungDisease,
            ("13645005", "Chronic obstructive lung disease"),
            [0, 0, 35, 90, 110],
            45,
            &[],
            &medication::COPD,
        ),
        disorder(
            Anemia,
            ("87522002", "Iron deficiency anemia"),
            [15, 40, 35, 30, 40],
            1,
            &[],
            &medication::ANEMIA,
        ),
        disorder(
            Other,
            ("49436004", "Atrial fibrillation"),
            [0, 0, 8, 50, 120],
            45,
            &[Hypertension, HeartFailure],
            &medication::ATRIAL_FIBRILLATION,
        ),
        disorder(
            Other,
            ("35489007", "Depressive disorder"),
            [8, 80, 85, 60, 50],
            16,
            &[],
            &medication::DEPRESSION,
        ),
        disorder(
            Other,
            ("396275006", "Osteoarthritis"),
            [0, 5, 80, 220, 300],
            35,
            &[Obesity],
            &medication::PAIN,
        ),
        disorder(
            Other,
            ("64859006", "Osteoporosis"),
            [0, 0, 15, 100, 180],
            50,
            &[],
            &medication::OSTEOPOROSIS,
        ),
        disorder(
            Other,
            ("235595009", "Gastroesophageal reflux disease"),
            [2, 60, 120, 150, 150],
            18,
            &[Obesity],
            &medication::REFLUX,
        ),
        disorder(
            Other,
            ("61582004", "Allergic rhinitis"),
            [90, 110, 90, 60, 40],
            6,
            &[],
            &medication::RHINITIS,
        ),
        disorder(Other, ("24079001", "Atopic dermatitis"), [80, 30, 20, 15, 10], 0, &[], &[]),
    ]
};

/// A disorder that passes.
pub(crate) struct Ailment {
    pub(crate) code: Coding,
    /// The ages in years between which it is seen.
    pub(crate) ages: (i64, i64),
    pub(crate) women_only: bool,
    pub(crate) fever: bool,
    /// The days until it has passed.
    pub(crate) days: (i64, i64),
    /// The first that is not forbidden is given.
    pub(crate) treatment: &'static [Medication],
}

const fn ailment(
    (code, display): (&'static str, &'static str),
    ages: (i64, i64),
    fever: bool,
    days: (i64, i64),
    treatment: &'static [Medication],
) -> Ailment {
    Ailment { code: Coding::snomed(code, display), ages, women_only: false, fever, days, treatment }
}

/// What people come with.
pub(crate) static AILMENTS: [Ailment; 7] = [
    ailment(("54150009", "Upper respiratory infection"), (0, 120), true, (5, 12), &[]),
    ailment(("195662009", "Acute viral pharyngitis"), (3, 120), true, (5, 10), &[]),
    ailment(("10509002", "Acute bronchitis"), (12, 120), true, (7, 21), &medication::PAIN),
    ailment(("6142004", "Influenza"), (12, 120), true, (5, 14), &medication::PAIN),
    ailment(("65363002", "Otitis media"), (0, 9), true, (5, 14), &medication::OTITIS),
    ailment(("44465007", "Sprain of ankle"), (12, 80), false, (14, 42), &medication::PAIN),
    Ailment {
        women_only: true,
        ..ailment(("38822007", "Cystitis"), (16, 120), false, (4, 10), &medication::CYSTITIS)
    },
];
