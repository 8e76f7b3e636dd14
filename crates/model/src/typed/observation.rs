//! Observation: <https://hl7.org/fhir/R4/observation.html>.

use super::datatypes::*;
use super::elements::*;
use super::resource::Resource;
use super::table::*;

domain_resource! {
    /// Something measured, or otherwise found out.
    ///
    /// ```
    /// use rushlight_model::typed::{
    ///     Coding, DateTime, Observation, ObservationComponent, ObservationStatus, ObservationValue, Quantity,
    /// };
    ///
    /// let loinc = |code, display| Coding::new().system("http://loinc.org").code(code).display(display);
    /// let pressure = |value: i32| {
    ///     Quantity::new().value(value).unit("mmHg").system("http://unitsofmeasure.org").code("mm[Hg]")
    /// };
    /// let observation = Observation::new()
    ///     .status(ObservationStatus::Final)
    ///     .code(loinc("85354-9", "Blood pressure panel"))
    ///     .subject("Patient/p1")
    ///     .effective(DateTime::new("2026-11-24T10:43:30Z")?)
    ///     .component(ObservationComponent::new().code(loinc("8480-6", "Systolic")).value(pressure(128)))
    ///     .component(ObservationComponent::new().code(loinc("8462-4", "Diastolic")).value(pressure(84)));
    ///
    /// let read = Observation::from_json(observation.to_json_pretty().as_bytes())?;
    /// assert_eq!(read, observation);
    /// for component in &read.component {
    ///     let Some(ObservationValue::Quantity(quantity)) = &component.value else { continue };
    ///     println!("{} {}", quantity.value.as_str().unwrap_or("?"), quantity.unit.as_str().unwrap_or_default());
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    Observation {
        /// Numbers that systems know it by.
        identifier: many(Identifier) = "identifier",
        /// The plan or order that it fulfils.
        based_on: many(Reference) = "basedOn",
        /// The larger event that it is a part of.
        part_of: many(Reference) = "partOf",
        /// How far it is.
        status: primitive(ObservationStatus) = "status",
        /// Its broad kind: vital signs, laboratory and so on.
        category: many(CodeableConcept) = "category",
        /// What was observed.
        code: one(CodeableConcept) = "code",
        /// Whose record it belongs to.
        subject: one(Reference) = "subject",
        /// What was looked at, if not the subject.
        focus: many(Reference) = "focus",
        /// The encounter during which it was made.
        encounter: one(Reference) = "encounter",
        /// When the finding is true.
        effective: choice(ObservationEffective) = "effective",
        /// When it was made known.
        issued: primitive(Instant) = "issued",
        /// Who is responsible for it.
        performer: many(Reference) = "performer",
        /// The result.
        value: choice(ObservationValue) = "value",
        /// Why there is no result.
        data_absent_reason: one(CodeableConcept) = "dataAbsentReason",
        /// High, low, normal and so on.
        interpretation: many(CodeableConcept) = "interpretation",
        /// Comments.
        note: many(Annotation) = "note",
        /// The part of the body.
        body_site: one(CodeableConcept) = "bodySite",
        /// How it was done.
        method: one(CodeableConcept) = "method",
        /// What was examined.
        specimen: one(Reference) = "specimen",
        /// What it was measured with.
        device: one(Reference) = "device",
        /// What results are to be expected.
        reference_range: many(ObservationReferenceRange) = "referenceRange",
        /// The members of the group that it stands for.
        has_member: many(Reference) = "hasMember",
        /// What it was worked out from.
        derived_from: many(Reference) = "derivedFrom",
        /// Results that belong together under one code.
        component: many(ObservationComponent) = "component",
    }
}

choice! {
    /// When the finding of an [`Observation`] is true.
    ObservationEffective {
        /// At a time.
        DateTime(Primitive<DateTime>) from DateTime, Primitive<DateTime>;
        /// From one time to another.
        Period(Box<Period>) from Period;
        /// Again and again.
        Timing(Box<Timing>) from Timing;
        /// At a time known at least to the second.
        Instant(Primitive<Instant>) from Instant, Primitive<Instant>;
    }
}

choice! {
    /// The result of an [`Observation`] or a component.
    ObservationValue {
        /// A measured amount.
        Quantity(Box<Quantity>) from Quantity;
        /// A concept.
        CodeableConcept(Box<CodeableConcept>) from CodeableConcept;
        /// A text.
        String(Primitive<String>) from &str, String, Primitive<String>;
        /// Yes or no.
        Boolean(Primitive<bool>) from bool, Primitive<bool>;
        /// A whole number.
        Integer(Primitive<i32>) from i32, Primitive<i32>;
        /// From one amount to another.
        Range(Box<Range>) from Range;
        /// One amount to another.
        Ratio(Box<Ratio>) from Ratio;
        /// A series of measurements.
        SampledData(Box<SampledData>) from SampledData;
        /// A time of any day.
        Time(Primitive<Time>) from Time, Primitive<Time>;
        /// A date or a time.
        DateTime(Primitive<DateTime>) from DateTime, Primitive<DateTime>;
        /// A time with a beginning and an end.
        Period(Box<Period>) from Period;
    }
}

backbone! {
    /// What results of an [`Observation`] are to be expected.
    ObservationReferenceRange {
        /// The least.
        low: one(Quantity) = "low",
        /// The most.
        high: one(Quantity) = "high",
        /// What kind of range it is.
        type_: one(CodeableConcept) = "type",
        /// The people whom it is for.
        applies_to: many(CodeableConcept) = "appliesTo",
        /// The ages that it is for.
        age: one(Range) = "age",
        /// The range in words.
        text: primitive(String) = "text",
    }
}

backbone! {
    /// One of the results of an [`Observation`].
    ObservationComponent {
        /// What was observed.
        code: one(CodeableConcept) = "code",
        /// The result.
        value: choice(ObservationValue) = "value",
        /// Why there is no result.
        data_absent_reason: one(CodeableConcept) = "dataAbsentReason",
        /// High, low, normal and so on.
        interpretation: many(CodeableConcept) = "interpretation",
        /// What results are to be expected.
        reference_range: many(ObservationReferenceRange) = "referenceRange",
    }
}
