//! What the packages say, counted there, is what is loaded.

use std::collections::BTreeSet;

use super::lines::lines;
use super::*;

/// As counted in the packages' own StructureDefinitions, SearchParameters and so on.
struct Counts {
    types: usize,
    elements: usize,
    members: usize,
    search_parameters: usize,
    /// Parts of composite search parameters, and those of them whose definition is not in the package.
    components: [usize; 2],
    compartments: usize,
    compartment_members: usize,
    operations: usize,
    operation_parameters: usize,
    /// Value sets with a required binding that are whole, that are open, and that no package has.
    required: [usize; 3],
}

#[rustfmt::skip]
const COUNTS: [(Release, Counts); 3] = [
    (Release::R4, Counts {
        types: 684, elements: 7460, members: 8261, search_parameters: 1375, components: [96, 0], compartments: 5,
        compartment_members: 214, operations: 46, operation_parameters: 275, required: [220, 3, 1],
    }),
    (Release::R4B, Counts {
        types: 704, elements: 7573, members: 8412, search_parameters: 1436, components: [96, 0], compartments: 5,
        compartment_members: 214, operations: 46, operation_parameters: 275, required: [229, 4, 1],
    }),
    (Release::R5, Counts {
        types: 863, elements: 9317, members: 10415, search_parameters: 1240, components: [53, 18], compartments: 5,
        compartment_members: 216, operations: 59, operation_parameters: 371, required: [252, 7, 1],
    }),
];

fn all() -> [&'static Definitions; 3] {
    Release::ALL.map(Definitions::of)
}

#[test]
fn nothing_is_lost() {
    for (release, counts) in COUNTS {
        let found = Definitions::of(release);
        let elements = || found.types().iter().flat_map(|ty| ty.elements());
        assert_eq!(found.types().len(), counts.types, "{release}");
        assert_eq!(elements().count(), counts.elements, "{release}");
        assert_eq!(elements().map(|element| element.types.len()).sum::<usize>(), counts.members, "{release}");
        assert_eq!(found.search_parameters().len(), counts.search_parameters, "{release}");
        let urls: BTreeSet<&str> = found.search_parameters().iter().map(|one| one.url).collect();
        let components = || found.search_parameters().iter().flat_map(|one| &one.components);
        let lost = components().filter(|component| !urls.contains(component.definition)).count();
        assert_eq!([components().count(), lost], counts.components, "{release}");
        assert_eq!(found.compartments().len(), counts.compartments, "{release}");
        let members = found.compartments().iter().map(|one| one.members.len());
        assert_eq!(members.sum::<usize>(), counts.compartment_members, "{release}");
        assert_eq!(found.operations().len(), counts.operations, "{release}");
        let parameters = found.operations().iter().map(|one| one.parameters.len());
        assert_eq!(parameters.sum::<usize>(), counts.operation_parameters, "{release}");
    }
}

#[test]
fn every_line_is_read() {
    for found in all() {
        let texts = found.release().texts();
        let count = |text, wanted| lines(text).filter(|(kind, _)| *kind == wanted).count();
        assert_eq!(found.types().len(), count(texts.types, "type"));
        let regexes = found.types().iter().filter(|ty| ty.regex.is_some()).count();
        assert_eq!(regexes, count(texts.types, "regex"));
        assert_eq!(found.code_systems().count(), count(texts.codes, "cs"));
        let concepts = found.code_systems().map(|system| system.concepts().len());
        assert_eq!(concepts.sum::<usize>(), count(texts.codes, "c"));
        assert_eq!(found.value_sets().len(), count(texts.codes, "vs"));
        let open = found.value_sets().iter().map(|set| set.open_systems().len());
        assert_eq!(open.sum::<usize>(), count(texts.codes, "open"));
        let mut owner = "";
        for (kind, mut fields) in lines(texts.types) {
            match kind {
                "type" => owner = fields.next().unwrap(),
                "el" => {
                    let name = fields.next().unwrap();
                    let types = fields.rest()[3].split(',').count();
                    assert_eq!(
                        found.ty(owner).unwrap().element(name).unwrap().types.len(),
                        types,
                        "{owner}.{name}"
                    );
                }
                "inv" => {
                    let key = fields.next().unwrap();
                    let ty = found.ty(owner).unwrap();
                    let mut keys =
                        ty.constraints.iter().chain(ty.elements().iter().flat_map(|one| &*one.constraints));
                    assert!(keys.any(|one| one.key == key), "{owner}: {key}");
                }
                _ => {}
            }
        }
    }
}

#[test]
fn types_and_members_are_found_by_name() {
    for found in all() {
        for ty in found.types() {
            assert_eq!(found.ty(ty.name).map(|ty| ty.id), Some(ty.id));
            assert_eq!(found.type_at(ty.id).map(|ty| ty.name), Some(ty.name));
            let mut names = BTreeSet::new();
            for (at, element) in (0_u16..).zip(ty.elements()) {
                assert!(!element.types.is_empty());
                assert!(element.choice || element.types.len() == 1, "{}.{}", ty.name, element.name);
                for at_type in 0..u8::try_from(element.types.len()).unwrap() {
                    let name = element.json_name(at_type).unwrap();
                    assert_eq!(
                        ty.member(&name),
                        Some(Member { element: at, ty: at_type }),
                        "{}.{name}",
                        ty.name
                    );
                    assert!(names.insert(name));
                }
                assert!(names.contains(element.name) || ty.member(element.name).is_none());
            }
        }
        assert!(found.ty("patient").is_none());
        assert!(found.ty("").is_none());
    }
}

#[test]
fn members() {
    let r4 = Definitions::of(Release::R4);
    for (ty, name, expected) in [
        ("Observation", "status", Some(("status", "code"))),
        ("Observation", "id", Some(("id", "id"))),
        ("Observation", "valueQuantity", Some(("value", "Quantity"))),
        ("Observation", "valueDateTime", Some(("value", "dateTime"))),
        ("Observation", "valuedateTime", None),
        ("Observation", "valueAddress", None),
        ("Observation", "value", None),
        ("Observation", "_status", None),
        ("Observation", "", None),
        ("Observation", "referenceRange", Some(("referenceRange", "Observation.referenceRange"))),
        ("Observation.component", "referenceRange", Some(("referenceRange", "Observation.referenceRange"))),
        ("Observation.component", "modifierExtension", Some(("modifierExtension", "Extension"))),
        ("Extension", "valueAddress", Some(("value", "Address"))),
        ("Extension", "id", Some(("id", "string"))),
        ("Extension", "url", Some(("url", "uri"))),
        ("string", "extension", Some(("extension", "Extension"))),
        ("Patient", "deceasedBoolean", Some(("deceased", "boolean"))),
    ] {
        let definition = r4.ty(ty).unwrap();
        let found = definition.member(name).map(|member| {
            let element = &definition.elements()[usize::from(member.element)];
            (element.name, element.types[usize::from(member.ty)].code)
        });
        assert_eq!(found, expected, "{ty}.{name}");
    }
}

#[test]
fn elements() {
    let r4 = Definitions::of(Release::R4);
    let patient = r4.ty("Patient").unwrap();
    let names: Vec<&str> = patient.elements().iter().map(|element| element.name).take(10).collect();
    let first =
        ["id", "meta", "implicitRules", "language", "text", "contained", "extension", "modifierExtension"];
    assert_eq!(names, [&first[..], &["identifier", "active"]].concat());
    let keys = |ty: &TypeDefinition| ty.constraints.iter().map(|one| one.key).collect::<Vec<&str>>();
    assert_eq!(keys(patient), ["dom-2", "dom-3", "dom-4", "dom-5", "dom-6"]);
    assert_eq!(keys(r4.ty("Age").unwrap()), ["ele-1", "qty-3", "age-1"]);
    let contact = patient.element("contact").unwrap();
    assert_eq!(contact.constraints.iter().map(|one| one.key).collect::<Vec<&str>>(), ["pat-1"]);
    assert_eq!(
        *patient.element("generalPractitioner").unwrap().types[0].targets,
        ["Organization", "Practitioner", "PractitionerRole"]
    );
    // SimpleQuantity and xhtml forbid an element of their base.
    for (ty, element) in [("SimpleQuantity", "comparator"), ("xhtml", "extension")] {
        assert_eq!(r4.ty(ty).unwrap().element(element).unwrap().max, Some(0), "{ty}");
    }
    let dose = r4.ty("Dosage.doseAndRate").unwrap();
    let member = dose.member("doseQuantity").unwrap();
    let ty = &dose.elements()[usize::from(member.element)].types[usize::from(member.ty)];
    assert_eq!((ty.code, r4.type_at(ty.ty).unwrap().name), ("Quantity", "SimpleQuantity"));
}

#[test]
fn bases() {
    for (release, ty, base, expected) in [
        (Release::R4, "Patient", "DomainResource", true),
        (Release::R4, "Patient", "Resource", true),
        (Release::R4, "Bundle", "DomainResource", false),
        (Release::R4, "Age", "Quantity", true),
        (Release::R4, "positiveInt", "integer", true),
        (Release::R4, "Patient.contact", "BackboneElement", true),
        (Release::R4, "Timing.repeat", "BackboneElement", false),
        (Release::R5, "Dosage", "BackboneType", true),
        (Release::R5, "integer64", "PrimitiveType", true),
    ] {
        let found = Definitions::of(release);
        assert_eq!(found.ty(ty).unwrap().is_a(found, base), expected, "{ty} {base}");
    }
}

#[test]
fn resource_types_are_those_of_the_definitions() {
    for found in all() {
        let concrete = found.types().iter().filter(|ty| ty.kind == TypeKind::Resource && !ty.is_abstract);
        let names: Vec<&str> = concrete.map(|ty| ty.name).collect();
        assert_eq!(found.resource_types().map(ResourceType::name).collect::<Vec<&str>>(), names);
        for ty in ResourceType::all() {
            assert_eq!(found.resource(ty).is_some(), ty.in_release(found.release()), "{ty}");
        }
    }
}

#[test]
fn required_bindings_have_value_sets() {
    for (release, counts) in COUNTS {
        let found = Definitions::of(release);
        let bindings =
            found.types().iter().flat_map(|ty| ty.elements()).filter_map(|element| element.binding);
        let required = bindings.filter(|binding| binding.strength == Strength::Required);
        let urls: BTreeSet<&str> = required.map(|binding| binding.value_set).collect();
        let missing: Vec<&str> = urls.iter().copied().filter(|url| found.value_set(url).is_none()).collect();
        // Answer lists of LOINC are in none of HL7's packages.
        assert!(missing.iter().all(|url| url.starts_with("http://loinc.org/")), "{missing:?}");
        let open = urls.iter().filter_map(|url| found.value_set(url)).filter(|set| set.is_open()).count();
        let whole = urls.iter().filter_map(|url| found.value_set(url)).filter(|set| !set.is_open());
        assert!(whole.clone().all(|set| set.codes().next().is_some()));
        assert_eq!([whole.count(), open, missing.len()], counts.required, "{release}");
    }
}

#[test]
fn value_sets() {
    use Membership::{In, Out, Unknown};
    const GENDERS: &str = "http://hl7.org/fhir/ValueSet/administrative-gender";
    const INTERPRETATIONS: &str = "http://hl7.org/fhir/ValueSet/observation-interpretation";
    for found in all() {
        for (set, system, code, expected) in [
            (GENDERS, None, "male", In),
            (GENDERS, Some("http://hl7.org/fhir/administrative-gender"), "male", In),
            (GENDERS, Some("http://hl7.org/fhir/other"), "male", Out),
            (GENDERS, None, "Male", Out),
            (GENDERS, None, "", Out),
            ("http://hl7.org/fhir/ValueSet/currencies", None, "EUR", Unknown),
            ("http://hl7.org/fhir/ValueSet/currencies", Some("urn:iso:std:iso:4217"), "EUR", Unknown),
            ("http://hl7.org/fhir/ValueSet/currencies", Some("http://example.org"), "EUR", Out),
            (
                "http://hl7.org/fhir/ValueSet/all-types",
                None,
                "Patient",
                if found.release() == Release::R5 { Out } else { In },
            ),
            ("http://hl7.org/fhir/ValueSet/item-type", None, "group", In),
            // Only groups others.
            ("http://hl7.org/fhir/ValueSet/item-type", None, "question", Out),
            (
                INTERPRETATIONS,
                Some("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"),
                "HH",
                In,
            ),
            (INTERPRETATIONS, None, "nothing", Out),
        ] {
            let Some(set) = found.value_set(set) else { continue };
            assert_eq!(set.contains(system, code), expected, "{} {} {code}", found.release(), set.url);
        }
        for set in found.value_sets() {
            assert!(set.codes().all(|(system, code)| set.contains(Some(system), code) == In), "{}", set.url);
        }
    }
}

#[test]
fn code_systems() {
    const ENCOUNTERS: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
    for found in all() {
        let genders = found.code_system("http://hl7.org/fhir/administrative-gender").unwrap();
        assert_eq!(genders.display("female"), Some("Female"));
        assert!(!genders.contains("FEMALE") && genders.case_sensitive && genders.complete);
        let acts = found.code_system(ENCOUNTERS).unwrap();
        assert_eq!(acts.parent("AMB"), Some("_ActEncounterCode"));
        for system in found.code_systems() {
            for concept in system.concepts() {
                assert_eq!(system.concept(concept.code), Some(concept), "{}", system.url);
                assert!(
                    concept.parent.is_none_or(|parent| system.contains(parent)),
                    "{} {}",
                    system.url,
                    concept.code
                );
            }
        }
    }
}

#[test]
fn search_parameters_lead_somewhere() {
    for found in all() {
        let parameters = found.search_parameters();
        let urls: BTreeSet<&str> = parameters.iter().map(|parameter| parameter.url).collect();
        assert_eq!(urls.len(), parameters.len());
        for parameter in parameters {
            for name in parameter.base.iter().chain(&parameter.target) {
                assert!(found.ty(name).is_some(), "{}: {name}", parameter.url);
            }
            assert_eq!(
                parameter.components.is_empty(),
                parameter.ty != SearchParameterType::Composite,
                "{}",
                parameter.url
            );
        }
        let gender = parameters.iter().find(|one| one.url.ends_with("/individual-gender")).unwrap();
        assert_eq!((gender.code, gender.ty), ("gender", SearchParameterType::Token));
        assert!(gender.base.contains(&"Patient"));
        assert!(gender.expression.unwrap().contains("Patient.gender"));
    }
}

#[test]
fn compartments_name_search_parameters() {
    for found in all() {
        for compartment in found.compartments() {
            for member in &compartment.members {
                assert!(found.ty(member.resource).is_some(), "{}", member.resource);
                assert!(!member.parameters.is_empty());
            }
        }
        let patient = found.compartments().iter().find(|one| one.code == "Patient").unwrap();
        let observation = patient.members.iter().find(|one| one.resource == "Observation").unwrap();
        assert_eq!(*observation.parameters, ["subject", "performer"]);
    }
}

#[test]
fn operations() {
    for found in all() {
        let everything =
            found.operations().iter().find(|one| one.url.ends_with("/Patient-everything")).unwrap();
        assert_eq!(
            (everything.code, everything.system, everything.on_type, everything.instance),
            ("everything", false, true, true)
        );
        assert_eq!(*everything.resources, ["Patient"]);
        let start = &everything.parameters[0];
        assert_eq!(
            (start.name, start.out, start.min, start.max, start.ty),
            ("start", false, 0, Some(1), Some("date"))
        );
    }
}

#[test]
fn two_loads_agree() {
    for found in all() {
        let again = Definitions::load(found.release());
        assert_eq!(format!("{:?}", found.types), format!("{:?}", again.types));
        assert_eq!(format!("{:?}", found.terminology()), format!("{:?}", again.terminology()));
        assert_eq!(found.search_parameters(), again.search_parameters());
        assert_eq!(found.compartments(), again.compartments());
        assert_eq!(found.operations(), again.operations());
    }
}

#[test]
fn releases() {
    for release in Release::ALL {
        assert!(release.version().starts_with(release.short()));
        assert_eq!(Release::from_short(release.short()), Some(release));
        assert!(release.texts().types.contains(&format!("\nrelease\t{}\n", release.version())));
    }
    assert_eq!(Release::from_short("3.0"), None);
}
