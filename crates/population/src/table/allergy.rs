//! Allergies and what they do.

use crate::datatype::Coding;

/// An allergy.
pub(crate) struct Allergy {
    pub(crate) code: Coding,
    /// `food`, `medication`, `environment`.
    pub(crate) category: &'static str,
    /// `low`, `high`.
    pub(crate) criticality: &'static str,
    pub(crate) manifestation: Coding,
    /// `mild`, `moderate`, `severe`.
    pub(crate) severity: &'static str,
}

const fn allergy(
    (code, display): (&'static str, &'static str),
    category: &'static str,
    criticality: &'static str,
    (manifestation, shows): (&'static str, &'static str),
    severity: &'static str,
) -> Allergy {
    Allergy {
        code: Coding::snomed(code, display),
        category,
        criticality,
        manifestation: Coding::snomed(manifestation, shows),
        severity,
    }
}

const URTICARIA: (&str, &str) = ("126485001", "Urticaria");
const ANAPHYLAXIS: (&str, &str) = ("39579001", "Anaphylaxis");
const ITCHING: (&str, &str) = ("418290006", "Itching");
const SNEEZING: (&str, &str) = ("76067001", "Sneezing");
const DYSPNEA: (&str, &str) = ("267036007", "Dyspnea");

/// Each as likely as the others.
pub(crate) static ALLERGIES: [Allergy; 10] = [
    allergy(("91936005", "Allergy to penicillin"), "medication", "high", URTICARIA, "moderate"),
    allergy(("293586001", "Allergy to aspirin"), "medication", "low", URTICARIA, "mild"),
    allergy(("91935009", "Allergy to peanut"), "food", "high", ANAPHYLAXIS, "severe"),
    allergy(("91934008", "Allergy to nut"), "food", "high", URTICARIA, "moderate"),
    allergy(("91930004", "Allergy to egg"), "food", "low", ITCHING, "mild"),
    allergy(("417532002", "Allergy to fish"), "food", "low", URTICARIA, "moderate"),
    allergy(("232350006", "House dust mite allergy"), "environment", "low", SNEEZING, "mild"),
    allergy(("418689008", "Allergy to grass pollen"), "environment", "low", SNEEZING, "mild"),
    allergy(("232347008", "Allergy to animal dander"), "environment", "low", SNEEZING, "moderate"),
    allergy(("424213003", "Allergy to bee venom"), "environment", "high", DYSPNEA, "severe"),
];
