//! The resource types of FHIR R4, each with a number that never changes.
//!
//! Specification: <https://hl7.org/fhir/R4/resourcelist.html>. `Resource` and `DomainResource` are abstract
//! and have no number.

use std::fmt;

/// A concrete FHIR R4 resource type.
///
/// The number is what stores keep: it is explicit in the table below, starts at 1, and is never given to
/// another type, so that a later FHIR release can only add numbers.
///
/// ```
/// use rushlight_model::ResourceType;
///
/// let patient = ResourceType::from_name("Patient").ok_or("unknown")?;
/// assert_eq!(patient.name(), "Patient");
/// assert_eq!(ResourceType::from_number(patient.number()), Some(patient));
/// assert_eq!(ResourceType::from_name("patient"), None);
/// assert_eq!(ResourceType::nearest("Patinet"), Some(patient));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceType(u16);

impl ResourceType {
    /// The type of this exact name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let at = TYPES.binary_search_by(|(_, known)| known.cmp(&name)).ok()?;
        TYPES.get(at).map(|(number, _)| Self(*number))
    }

    /// The type that has this number.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Self> {
        row(number).map(|_| Self(number))
    }

    /// The type's name, as in `resourceType` and in URLs.
    #[must_use]
    pub fn name(self) -> &'static str {
        row(self.0).unwrap_or_default()
    }

    /// The type's number: 1 or more, the same in every release and store.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// All types, in the order of their names.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        TYPES.iter().map(|(number, _)| Self(*number))
    }

    /// The type whose name is most like `name`, if one is like it at all: what the writer may have meant.
    ///
    /// Case does not count, and at most a third of the letters may differ.
    #[must_use]
    pub fn nearest(name: &str) -> Option<Self> {
        if name.len() > 64 {
            return None;
        }
        let wanted = name.to_ascii_lowercase();
        let (distance, found) = Self::all()
            .map(|known| (distance(&wanted, &known.name().to_ascii_lowercase()), known))
            .min_by_key(|(distance, _)| *distance)?;
        (distance * 3 <= wanted.chars().count()).then_some(found)
    }
}

impl fmt::Display for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResourceType({})", self.name())
    }
}

/// The name of a number. A release that appends names out of order replaces this with a second table.
fn row(number: u16) -> Option<&'static str> {
    let at = usize::from(number).checked_sub(1)?;
    TYPES.get(at).filter(|(known, _)| *known == number).map(|(_, name)| *name)
}

/// Edit distance in which two swapped neighbours count as one step (optimal string alignment).
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut previous = None;
    for (i, x) in a.chars().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
        for (j, y) in b.iter().enumerate() {
            let swap = previous == Some(*y) && j > 0 && b.get(j - 1) == Some(&x);
            let mut least =
                (cell(&last, j) + usize::from(x != *y)).min(cell(&last, j + 1) + 1).min(cell(&row, j) + 1);
            if swap {
                least = least.min(cell(&before, j - 1) + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
        previous = Some(x);
    }
    last.last().copied().unwrap_or_default()
}

/// Number and name, in the order of the names.
#[rustfmt::skip]
const TYPES: [(u16, &str); 146] = [
    (1, "Account"),
    (2, "ActivityDefinition"),
    (3, "AdverseEvent"),
    (4, "AllergyIntolerance"),
    (5, "Appointment"),
    (6, "AppointmentResponse"),
    (7, "AuditEvent"),
    (8, "Basic"),
    (9, "Binary"),
    (10, "BiologicallyDerivedProduct"),
    (11, "BodyStructure"),
    (12, "Bundle"),
    (13, "CapabilityStatement"),
    (14, "CarePlan"),
    (15, "CareTeam"),
    (16, "CatalogEntry"),
    (17, "ChargeItem"),
    (18, "ChargeItemDefinition"),
    (19, "Claim"),
    (20, "ClaimResponse"),
    (21, "ClinicalImpression"),
    (22, "CodeSystem"),
    (23, "Communication"),
    (24, "CommunicationRequest"),
    (25, "CompartmentDefinition"),
    (26, "Composition"),
    (27, "ConceptMap"),
    (28, "Condition"),
    (29, "Consent"),
    (30, "Contract"),
    (31, "Coverage"),
    (32, "CoverageEligibilityRequest"),
    (33, "CoverageEligibilityResponse"),
    (34, "DetectedIssue"),
    (35, "Device"),
    (36, "DeviceDefinition"),
    (37, "DeviceMetric"),
    (38, "DeviceRequest"),
    (39, "DeviceUseStatement"),
    (40, "DiagnosticReport"),
    (41, "DocumentManifest"),
    (42, "DocumentReference"),
    (43, "EffectEvidenceSynthesis"),
    (44, "Encounter"),
    (45, "Endpoint"),
    (46, "EnrollmentRequest"),
    (47, "EnrollmentResponse"),
    (48, "EpisodeOfCare"),
    (49, "EventDefinition"),
    (50, "Evidence"),
    (51, "EvidenceVariable"),
    (52, "ExampleScenario"),
    (53, "ExplanationOfBenefit"),
    (54, "FamilyMemberHistory"),
    (55, "Flag"),
    (56, "Goal"),
    (57, "GraphDefinition"),
    (58, "Group"),
    (59, "GuidanceResponse"),
    (60, "HealthcareService"),
    (61, "ImagingStudy"),
    (62, "Immunization"),
    (63, "ImmunizationEvaluation"),
    (64, "ImmunizationRecommendation"),
    (65, "ImplementationGuide"),
    (66, "InsurancePlan"),
    (67, "Invoice"),
    (68, "Library"),
    (69, "Linkage"),
    (70, "List"),
    (71, "Location"),
    (72, "Measure"),
    (73, "MeasureReport"),
    (74, "Media"),
    (75, "Medication"),
    (76, "MedicationAdministration"),
    (77, "MedicationDispense"),
    (78, "MedicationKnowledge"),
    (79, "MedicationRequest"),
    (80, "MedicationStatement"),
    (81, "MedicinalProduct"),
    (82, "MedicinalProductAuthorization"),
    (83, "MedicinalProductContraindication"),
    (84, "MedicinalProductIndication"),
    (85, "MedicinalProductIngredient"),
    (86, "MedicinalProductInteraction"),
    (87, "MedicinalProductManufactured"),
    (88, "MedicinalProductPackaged"),
    (89, "MedicinalProductPharmaceutical"),
    (90, "MedicinalProductUndesirableEffect"),
    (91, "MessageDefinition"),
    (92, "MessageHeader"),
    (93, "MolecularSequence"),
    (94, "NamingSystem"),
    (95, "NutritionOrder"),
    (96, "Observation"),
    (97, "ObservationDefinition"),
    (98, "OperationDefinition"),
    (99, "OperationOutcome"),
    (100, "Organization"),
    (101, "OrganizationAffiliation"),
    (102, "Parameters"),
    (103, "Patient"),
    (104, "PaymentNotice"),
    (105, "PaymentReconciliation"),
    (106, "Person"),
    (107, "PlanDefinition"),
    (108, "Practitioner"),
    (109, "PractitionerRole"),
    (110, "Procedure"),
    (111, "Provenance"),
    (112, "Questionnaire"),
    (113, "QuestionnaireResponse"),
    (114, "RelatedPerson"),
    (115, "RequestGroup"),
    (116, "ResearchDefinition"),
    (117, "ResearchElementDefinition"),
    (118, "ResearchStudy"),
    (119, "ResearchSubject"),
    (120, "RiskAssessment"),
    (121, "RiskEvidenceSynthesis"),
    (122, "Schedule"),
    (123, "SearchParameter"),
    (124, "ServiceRequest"),
    (125, "Slot"),
    (126, "Specimen"),
    (127, "SpecimenDefinition"),
    (128, "StructureDefinition"),
    (129, "StructureMap"),
    (130, "Subscription"),
    (131, "Substance"),
    (132, "SubstanceNucleicAcid"),
    (133, "SubstancePolymer"),
    (134, "SubstanceProtein"),
    (135, "SubstanceReferenceInformation"),
    (136, "SubstanceSourceMaterial"),
    (137, "SubstanceSpecification"),
    (138, "SupplyDelivery"),
    (139, "SupplyRequest"),
    (140, "Task"),
    (141, "TerminologyCapabilities"),
    (142, "TestReport"),
    (143, "TestScript"),
    (144, "ValueSet"),
    (145, "VerificationResult"),
    (146, "VisionPrescription"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_unique_and_find_each_other() {
        assert_eq!(ResourceType::all().len(), 146);
        for (at, ty) in ResourceType::all().enumerate() {
            assert_eq!(usize::from(ty.number()), at + 1);
            assert_eq!(ResourceType::from_name(ty.name()), Some(ty));
            assert_eq!(ResourceType::from_number(ty.number()), Some(ty));
        }
        assert!(TYPES.is_sorted_by(|a, b| a.1 < b.1));
        assert_eq!(ResourceType::from_number(0), None);
        assert_eq!(ResourceType::from_number(147), None);
    }

    #[test]
    fn numbers_never_change() {
        for (name, number) in [
            ("Account", 1),
            ("Bundle", 12),
            ("Observation", 96),
            ("Patient", 103),
            ("VisionPrescription", 146),
        ] {
            assert_eq!(ResourceType::from_name(name).map(ResourceType::number), Some(number), "{name}");
        }
    }

    #[test]
    fn nearest_name() {
        for (input, expected) in [
            ("Patient", Some("Patient")),
            ("patient", Some("Patient")),
            ("Patinet", Some("Patient")),
            ("Patients", Some("Patient")),
            ("Observaton", Some("Observation")),
            ("DiagnosticReports", Some("DiagnosticReport")),
            ("Resource", None),
            ("Zebra", None),
            ("", None),
            ("Ünïcödé", None),
        ] {
            assert_eq!(ResourceType::nearest(input).map(ResourceType::name), expected, "{input}");
        }
    }
}
