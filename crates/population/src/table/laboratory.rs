//! Laboratory panels, by LOINC.

use crate::body::State;
use crate::datatype::{Coding, Unit};
use crate::measure::{Measure, Range};
use crate::random::Random;
use crate::table::disorder::Kind;

/// What a laboratory reports together.
pub(crate) struct Panel {
    pub(crate) code: Coding,
    pub(crate) tests: &'static [Measure],
    /// The disorders that call for it at each visit.
    pub(crate) watches: &'static [Kind],
    /// The age in years from which it belongs to the newest visit, of so many in a thousand.
    pub(crate) check_up: (i64, i64),
}

/// The more it matters, the earlier it comes.
pub(crate) static PANELS: [Panel; 5] = [
    Panel {
        code: Coding::loinc("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"),
        tests: &[GLYCATED],
        watches: &[Kind::Diabetes],
        check_up: (0, 0),
    },
    Panel {
        code: Coding::loinc("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma"),
        tests: &[THYROTROPIN],
        watches: &[Kind::Hypothyroidism],
        check_up: (0, 0),
    },
    Panel {
        code: Coding::loinc("58410-2", "CBC panel - Blood by Automated count"),
        tests: &[HEMOGLOBIN, HEMATOCRIT, ERYTHROCYTES, LEUKOCYTES, PLATELETS],
        watches: &[Kind::Anemia],
        check_up: (18, 350),
    },
    Panel {
        code: Coding::loinc("24320-4", "Basic metabolic 1998 panel - Serum or Plasma"),
        tests: &[GLUCOSE, UREA_NITROGEN, CREATININE, SODIUM, POTASSIUM],
        watches: &[Kind::KidneyDisease, Kind::HeartFailure, Kind::Diabetes],
        check_up: (60, 1000),
    },
    Panel {
        code: Coding::loinc("24331-1", "Lipid 1996 panel - Serum or Plasma"),
        tests: &[CHOLESTEROL, TRIGLYCERIDE, HDL, LDL],
        watches: &[Kind::Hyperlipidemia],
        check_up: (35, 1000),
    },
];

const fn test(
    (code, display): (&'static str, &'static str),
    (unit, decimals): (&'static str, u32),
    normal: [Range; 2],
    outcome: fn(&State<'_>, &mut Random, &[i64]) -> i64,
) -> Measure {
    Measure {
        code: Coding::loinc(code, display),
        unit: Unit(unit, unit),
        decimals,
        normal: Some(normal),
        outcome,
    }
}

const fn range(low: i64, high: i64) -> Range {
    Range(Some(low), Some(high))
}

const fn below(high: i64) -> [Range; 2] {
    [Range(None, Some(high)); 2]
}

const GLYCATED: Measure = test(
    ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"),
    ("%", 1),
    [range(40, 56); 2],
    |state, random, _| {
        let low = if state.has(Kind::Diabetes) { 58 } else { 44 };
        (state.glycated() + random.bell(0, 3)).clamp(low, 130)
    },
);

const GLUCOSE: Measure = test(
    ("2345-7", "Glucose [Mass/volume] in Serum or Plasma"),
    ("mg/dL", 0),
    [range(70, 99); 2],
    |state, random, _| match state.known_for(Kind::Diabetes) {
        // The mean that belongs to the glycated haemoglobin.
        Some(_) => (state.glycated() * 287 / 100 - 47 + random.bell(0, 16)).clamp(84, 340),
        None => random.bell(88, 7).clamp(68, 115),
    },
);

const CHOLESTEROL: Measure = test(
    ("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma"),
    ("mg/dL", 0),
    below(200),
    |state, random, _| {
        let mean = match state.known_for(Kind::Hyperlipidemia) {
            Some(days) if days < 90 => 252,
            Some(_) => 196,
            None => 180,
        };
        (mean + random.bell(0, 20)).clamp(118, 350)
    },
);

const TRIGLYCERIDE: Measure = test(
    ("2571-8", "Triglyceride [Mass/volume] in Serum or Plasma"),
    ("mg/dL", 0),
    below(150),
    |state, random, _| {
        let raised = [Kind::Diabetes, Kind::Hyperlipidemia, Kind::Obesity];
        let more = raised.iter().filter(|kind| state.has(**kind)).count();
        let mean = 102 + 26 * i64::try_from(more).unwrap_or_default();
        (mean + random.bell(0, 26)).clamp(42, 340)
    },
);

const HDL: Measure = test(
    ("2085-9", "Cholesterol in HDL [Mass/volume] in Serum or Plasma"),
    ("mg/dL", 0),
    [Range(Some(50), None), Range(Some(40), None)],
    |state, random, _| (if state.female() { 58 } else { 49 } + random.bell(0, 8)).clamp(27, 95),
);

/// After cholesterol, triglyceride and HDL.
const LDL: Measure = test(
    ("13457-7", "Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation"),
    ("mg/dL", 0),
    below(130),
    |_, _, before| match before {
        [total, triglyceride, hdl, ..] => (total - hdl - triglyceride / 5).max(20),
        _ => 100,
    },
);

const UREA_NITROGEN: Measure = test(
    ("3094-0", "Urea nitrogen [Mass/volume] in Serum or Plasma"),
    ("mg/dL", 0),
    [range(7, 20); 2],
    |state, random, _| {
        let mean = if state.has(Kind::KidneyDisease) { 31 } else { 13 };
        (mean + random.bell(0, 3)).clamp(5, 60)
    },
);

const CREATININE: Measure = test(
    ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma"),
    ("mg/dL", 2),
    [range(50, 110), range(70, 130)],
    |state, random, _| {
        let healthy = match (state.grown_up(), state.female()) {
            (false, _) => 28 + state.years * 3,
            (true, true) => 76,
            (true, false) => 95,
        };
        let mean = if state.has(Kind::KidneyDisease) { healthy + 75 } else { healthy };
        (mean + random.bell(0, mean / 9)).clamp(18, 450)
    },
);

const SODIUM: Measure = test(
    ("2951-2", "Sodium [Moles/volume] in Serum or Plasma"),
    ("mmol/L", 0),
    [range(135, 145); 2],
    |_, random, _| random.bell(140, 2).clamp(128, 150),
);

const POTASSIUM: Measure = test(
    ("2823-3", "Potassium [Moles/volume] in Serum or Plasma"),
    ("mmol/L", 1),
    [range(35, 51); 2],
    |state, random, _| {
        let mean = if state.has(Kind::KidneyDisease) { 46 } else { 42 };
        (mean + random.bell(0, 3)).clamp(30, 60)
    },
);

const HEMOGLOBIN: Measure = test(
    ("718-7", "Hemoglobin [Mass/volume] in Blood"),
    ("g/dL", 1),
    [range(120, 155), range(135, 175)],
    |state, random, _| {
        let healthy = match (state.grown_up(), state.female()) {
            (false, _) => 124,
            (true, true) => 135,
            (true, false) => 150,
        };
        let lack = match state.known_for(Kind::Anemia) {
            Some(days) => 30 - (days / 30).min(22),
            None => 0,
        };
        (healthy - lack + random.bell(0, 6)).clamp(72, 180)
    },
);

/// After haemoglobin: about three times its number.
const HEMATOCRIT: Measure = test(
    ("4544-3", "Hematocrit [Volume Fraction] of Blood by Automated count"),
    ("%", 1),
    [range(360, 460), range(410, 530)],
    |_, random, before| before.first().map_or(420, |hemoglobin| hemoglobin * 3 + random.between(-6, 6)),
);

/// After haemoglobin: so many cells of ordinary size hold that much.
const ERYTHROCYTES: Measure = test(
    ("789-8", "Erythrocytes [#/volume] in Blood by Automated count"),
    ("10*6/uL", 2),
    [range(390, 510), range(450, 590)],
    |_, random, before| {
        before.first().map_or(450, |hemoglobin| hemoglobin * 33 / 10 + random.between(-14, 14))
    },
);

const LEUKOCYTES: Measure = test(
    ("6690-2", "Leukocytes [#/volume] in Blood by Automated count"),
    ("10*3/uL", 1),
    [range(45, 110); 2],
    |state, random, _| {
        let mean = if state.fever { 96 } else { 69 };
        (mean + random.bell(0, 14)).clamp(28, 185)
    },
);

const PLATELETS: Measure = test(
    ("777-3", "Platelets [#/volume] in Blood by Automated count"),
    ("10*3/uL", 0),
    [range(150, 400); 2],
    |_, random, _| random.bell(255, 46).clamp(105, 470),
);

const THYROTROPIN: Measure = test(
    ("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma"),
    ("m[IU]/L", 2),
    [range(45, 450); 2],
    |state, random, _| {
        let mean = match state.known_for(Kind::Hypothyroidism) {
            Some(days) if days < 60 => 860,
            Some(_) => 290,
            None => 200,
        };
        (mean + random.bell(0, mean / 4)).clamp(20, 2400)
    },
);
