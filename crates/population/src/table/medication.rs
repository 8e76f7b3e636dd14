//! Medicines, coded by RxNorm's ingredients.

use crate::datatype::Coding;

/// A medicine as it is prescribed.
pub(crate) struct Medication {
    pub(crate) ingredient: Coding,
    /// The product in words.
    pub(crate) text: &'static str,
    /// How to take it, in words.
    pub(crate) dosage: &'static str,
    /// How much at a time.
    pub(crate) dose: (i64, &'static str),
    /// How often: so many times in so many of a unit of time (UCUM); `None` as needed.
    pub(crate) timing: Option<(i64, i64, &'static str)>,
    /// The allergy, by its SNOMED code, that forbids it.
    pub(crate) forbidden_by: Option<&'static str>,
}

const DAILY: (i64, i64, &str) = (1, 1, "d");
const TWICE_DAILY: (i64, i64, &str) = (2, 1, "d");
const THRICE_DAILY: (i64, i64, &str) = (3, 1, "d");
const ONE_TABLET_DAILY: &str = "One tablet once a day";

const fn medication(
    (code, display): (&'static str, &'static str),
    text: &'static str,
    dosage: &'static str,
    dose: (i64, &'static str),
    timing: Option<(i64, i64, &'static str)>,
) -> Medication {
    let ingredient = Coding::new("http://www.nlm.nih.gov/research/umls/rxnorm", code, display);
    Medication { ingredient, text, dosage, dose, timing, forbidden_by: None }
}

const fn daily_tablet(ingredient: (&'static str, &'static str), text: &'static str) -> Medication {
    medication(ingredient, text, ONE_TABLET_DAILY, (1, "tablet"), Some(DAILY))
}

const fn forbidden_by(allergy: &'static str, medication: Medication) -> Medication {
    Medication { forbidden_by: Some(allergy), ..medication }
}

/// For diabetes mellitus type 2.
pub(crate) static DIABETES: [Medication; 3] = [
    medication(
        ("6809", "metformin"),
        "Metformin 500 mg tablet",
        "One tablet twice a day with meals",
        (1, "tablet"),
        Some(TWICE_DAILY),
    ),
    medication(
        ("6809", "metformin"),
        "Metformin 850 mg tablet",
        "One tablet twice a day with meals",
        (1, "tablet"),
        Some(TWICE_DAILY),
    ),
    medication(
        ("6809", "metformin"),
        "Metformin 1000 mg tablet",
        "One tablet twice a day with meals",
        (1, "tablet"),
        Some(TWICE_DAILY),
    ),
];

/// For hypertension.
pub(crate) static HYPERTENSION: [Medication; 4] = [
    daily_tablet(("29046", "lisinopril"), "Lisinopril 10 mg tablet"),
    daily_tablet(("17767", "amlodipine"), "Amlodipine 5 mg tablet"),
    daily_tablet(("52175", "losartan"), "Losartan 50 mg tablet"),
    daily_tablet(("5487", "hydrochlorothiazide"), "Hydrochlorothiazide 25 mg tablet"),
];

/// For hyperlipidaemia.
pub(crate) static HYPERLIPIDEMIA: [Medication; 2] = [
    daily_tablet(("83367", "atorvastatin"), "Atorvastatin 20 mg tablet"),
    daily_tablet(("36567", "simvastatin"), "Simvastatin 20 mg tablet"),
];

/// For hypothyroidism.
pub(crate) static HYPOTHYROIDISM: [Medication; 2] = [
    daily_tablet(("10582", "levothyroxine"), "Levothyroxine 75 microgram tablet"),
    daily_tablet(("10582", "levothyroxine"), "Levothyroxine 100 microgram tablet"),
];

/// For asthma.
pub(crate) static ASTHMA: [Medication; 1] = [medication(
    ("435", "albuterol"),
    "Albuterol 90 microgram per puff inhaler",
    "Two puffs as needed for shortness of breath",
    (2, "puff"),
    None,
)];

/// For chronic obstructive lung disease.
pub(crate) static COPD: [Medication; 1] = [medication(
    ("69120", "tiotropium"),
    "Tiotropium 18 microgram inhalation capsule",
    "Inhale one capsule once a day",
    (1, "capsule"),
    Some(DAILY),
)];

/// For depression.
pub(crate) static DEPRESSION: [Medication; 1] =
    [daily_tablet(("36437", "sertraline"), "Sertraline 50 mg tablet")];

/// For atrial fibrillation.
pub(crate) static ATRIAL_FIBRILLATION: [Medication; 2] = [
    medication(
        ("1364430", "apixaban"),
        "Apixaban 5 mg tablet",
        "One tablet twice a day",
        (1, "tablet"),
        Some(TWICE_DAILY),
    ),
    daily_tablet(("11289", "warfarin"), "Warfarin 5 mg tablet"),
];

/// For heart failure.
pub(crate) static HEART_FAILURE: [Medication; 1] =
    [daily_tablet(("4603", "furosemide"), "Furosemide 40 mg tablet")];

/// For osteoporosis.
pub(crate) static OSTEOPOROSIS: [Medication; 1] =
    [daily_tablet(("2418", "cholecalciferol"), "Cholecalciferol 1000 unit tablet")];

/// For reflux.
pub(crate) static REFLUX: [Medication; 1] = [medication(
    ("7646", "omeprazole"),
    "Omeprazole 20 mg capsule",
    "One capsule once a day before breakfast",
    (1, "capsule"),
    Some(DAILY),
)];

/// For anaemia by lack of iron.
pub(crate) static ANEMIA: [Medication; 1] =
    [daily_tablet(("24947", "ferrous sulfate"), "Ferrous sulfate 325 mg tablet")];

/// For hay fever.
pub(crate) static RHINITIS: [Medication; 1] =
    [daily_tablet(("20610", "cetirizine"), "Cetirizine 10 mg tablet")];

/// For pain and fever.
pub(crate) static PAIN: [Medication; 2] = [
    medication(
        ("161", "acetaminophen"),
        "Acetaminophen 500 mg tablet",
        "One tablet as needed, at most four a day",
        (1, "tablet"),
        None,
    ),
    medication(
        ("5640", "ibuprofen"),
        "Ibuprofen 200 mg tablet",
        "One tablet as needed, at most four a day",
        (1, "tablet"),
        None,
    ),
];

/// For otitis of children: the second for those who may not have the first.
pub(crate) static OTITIS: [Medication; 2] = [
    forbidden_by(
        "91936005",
        medication(
            ("723", "amoxicillin"),
            "Amoxicillin 50 mg/mL oral suspension",
            "5 mL three times a day for 7 days",
            (5, "mL"),
            Some(THRICE_DAILY),
        ),
    ),
    medication(
        ("18631", "azithromycin"),
        "Azithromycin 40 mg/mL oral suspension",
        "5 mL once a day for 3 days",
        (5, "mL"),
        Some(DAILY),
    ),
];

/// For cystitis.
pub(crate) static CYSTITIS: [Medication; 1] = [medication(
    ("7454", "nitrofurantoin"),
    "Nitrofurantoin 100 mg capsule",
    "One capsule twice a day for 5 days",
    (1, "capsule"),
    Some(TWICE_DAILY),
)];
