//! General-purpose datatypes: <https://hl7.org/fhir/R4/datatypes.html#complex>.

use super::elements::{Extension, Reference};
use super::table::*;

datatype! {
    /// A number or name that a system knows a thing by: <https://hl7.org/fhir/R4/datatypes.html#Identifier>.
    Identifier {
        /// `usual`, `official`, `temp`, `secondary` or `old`.
        use_: primitive(String) = "use",
        /// The kind of identifier.
        type_: one(CodeableConcept) = "type",
        /// The namespace that the value is unique in.
        system: primitive(String) = "system",
        /// The identifier itself.
        value: primitive(String) = "value",
        /// When it is or was in use.
        period: one(Period) = "period",
        /// Who gave it out.
        assigner: one(Box<Reference>) = "assigner",
    }
}

datatype! {
    /// A person's name: <https://hl7.org/fhir/R4/datatypes.html#HumanName>.
    HumanName {
        /// `usual`, `official`, `temp`, `nickname`, `anonymous`, `old` or `maiden`.
        use_: primitive(String) = "use",
        /// The whole name, as it is shown.
        text: primitive(String) = "text",
        /// The family name.
        family: primitive(String) = "family",
        /// Given names, middle names included.
        given: primitives(String) = "given",
        /// What stands before.
        prefix: primitives(String) = "prefix",
        /// What stands after.
        suffix: primitives(String) = "suffix",
        /// When it is or was in use.
        period: one(Period) = "period",
    }
}

datatype! {
    /// A telephone number, mail address or the like: <https://hl7.org/fhir/R4/datatypes.html#ContactPoint>.
    ContactPoint {
        /// `phone`, `fax`, `email`, `pager`, `url`, `sms` or `other`.
        system: primitive(String) = "system",
        /// The number or address.
        value: primitive(String) = "value",
        /// `home`, `work`, `temp`, `old` or `mobile`.
        use_: primitive(String) = "use",
        /// Which to try first: 1 before 2.
        rank: primitive(u32) = "rank",
        /// When it is or was in use.
        period: one(Period) = "period",
    }
}

datatype! {
    /// A place by the rules of the post: <https://hl7.org/fhir/R4/datatypes.html#Address>.
    Address {
        /// `home`, `work`, `temp`, `old` or `billing`.
        use_: primitive(String) = "use",
        /// `postal`, `physical` or `both`.
        type_: primitive(String) = "type",
        /// The whole address, as it is written on a letter.
        text: primitive(String) = "text",
        /// Street, house, flat, post box.
        line: primitives(String) = "line",
        /// The town.
        city: primitive(String) = "city",
        /// The county or district.
        district: primitive(String) = "district",
        /// The state or province.
        state: primitive(String) = "state",
        /// The post code.
        postal_code: primitive(String) = "postalCode",
        /// The country, its name or ISO 3166 code.
        country: primitive(String) = "country",
        /// When it is or was in use.
        period: one(Period) = "period",
    }
}

datatype! {
    /// A file, or where it is: <https://hl7.org/fhir/R4/datatypes.html#Attachment>.
    Attachment {
        /// The media type.
        content_type: primitive(String) = "contentType",
        /// The language.
        language: primitive(String) = "language",
        /// The bytes, in Base64.
        data: primitive(String) = "data",
        /// Where the bytes are.
        url: primitive(String) = "url",
        /// How many bytes there are at the URL.
        size: primitive(Size) = "size",
        /// The SHA-1 of the bytes, in Base64.
        hash: primitive(String) = "hash",
        /// What to show in place of the file.
        title: primitive(String) = "title",
        /// When it was made.
        creation: primitive(DateTime) = "creation",
    }
}

datatype! {
    /// A code of a code system: <https://hl7.org/fhir/R4/datatypes.html#Coding>.
    Coding {
        /// The code system's URL.
        system: primitive(String) = "system",
        /// The code system's version.
        version: primitive(String) = "version",
        /// The code.
        code: primitive(String) = "code",
        /// The code's meaning in the system's words.
        display: primitive(String) = "display",
        /// Whether a person chose this very code.
        user_selected: primitive(bool) = "userSelected",
    }
}

datatype! {
    /// A concept, by codes and in words: <https://hl7.org/fhir/R4/datatypes.html#CodeableConcept>.
    CodeableConcept {
        /// Codes that all mean it.
        coding: many(Coding) = "coding",
        /// The concept in the writer's words.
        text: primitive(String) = "text",
    }
}

impl From<Coding> for CodeableConcept {
    /// The concept that has one code.
    fn from(coding: Coding) -> Self {
        Self::new().coding(coding)
    }
}

datatype! {
    /// A measured amount: <https://hl7.org/fhir/R4/datatypes.html#Quantity>. Also an Age, a Count, a Distance or a
    /// Duration.
    Quantity {
        /// The number.
        value: primitive(Decimal) = "value",
        /// `<`, `<=`, `>=` or `>`, where the number is only a bound.
        comparator: primitive(String) = "comparator",
        /// The unit for people.
        unit: primitive(String) = "unit",
        /// The system of the unit's code; `http://unitsofmeasure.org` for UCUM.
        system: primitive(String) = "system",
        /// The unit's code.
        code: primitive(String) = "code",
    }
}

datatype! {
    /// From one amount to another: <https://hl7.org/fhir/R4/datatypes.html#Range>.
    Range {
        /// The least.
        low: one(Quantity) = "low",
        /// The most.
        high: one(Quantity) = "high",
    }
}

datatype! {
    /// One amount to another: <https://hl7.org/fhir/R4/datatypes.html#Ratio>.
    Ratio {
        /// What is divided.
        numerator: one(Quantity) = "numerator",
        /// What it is divided by.
        denominator: one(Quantity) = "denominator",
    }
}

datatype! {
    /// A time with a beginning and an end: <https://hl7.org/fhir/R4/datatypes.html#Period>.
    Period {
        /// The first moment.
        start: primitive(DateTime) = "start",
        /// The last moment; none if it goes on.
        end: primitive(DateTime) = "end",
    }
}

datatype! {
    /// A series of measurements: <https://hl7.org/fhir/R4/datatypes.html#SampledData>.
    SampledData {
        /// What zero stands for, and the unit.
        origin: one(Quantity) = "origin",
        /// Milliseconds from one sample to the next.
        period: primitive(Decimal) = "period",
        /// What the samples are multiplied by.
        factor: primitive(Decimal) = "factor",
        /// The least that can be measured.
        lower_limit: primitive(Decimal) = "lowerLimit",
        /// The most that can be measured.
        upper_limit: primitive(Decimal) = "upperLimit",
        /// How many values belong to one moment.
        dimensions: primitive(u32) = "dimensions",
        /// The samples with spaces between them; `E`, `U` and `L` for errors and values out of bounds.
        data: primitive(String) = "data",
    }
}

datatype! {
    /// A note with its author: <https://hl7.org/fhir/R4/datatypes.html#Annotation>.
    Annotation {
        /// Who wrote it.
        author: choice(AnnotationAuthor) = "author",
        /// When.
        time: primitive(DateTime) = "time",
        /// The note, with Markdown in it.
        text: primitive(String) = "text",
    }
}

choice! {
    /// Who wrote an [`Annotation`].
    AnnotationAuthor {
        /// Somebody with a resource.
        Reference(Box<Reference>) from Reference;
        /// Somebody by name.
        String(Primitive<String>) from &str, String, Primitive<String>;
    }
}

datatype! {
    /// A signature: <https://hl7.org/fhir/R4/datatypes.html#Signature>.
    Signature {
        /// Why it was signed.
        type_: many(Coding) = "type",
        /// When.
        when: primitive(Instant) = "when",
        /// Who signed.
        who: one(Reference) = "who",
        /// Whom the signer stood for.
        on_behalf_of: one(Reference) = "onBehalfOf",
        /// The media type of what was signed.
        target_format: primitive(String) = "targetFormat",
        /// The media type of the signature.
        sig_format: primitive(String) = "sigFormat",
        /// The signature, in Base64.
        data: primitive(String) = "data",
    }
}

backbone! {
    /// When something happens, again and again: <https://hl7.org/fhir/R4/datatypes.html#Timing>.
    Timing {
        /// Times at which it happens.
        event: primitives(DateTime) = "event",
        /// The rule by which it happens.
        repeat: one(Box<TimingRepeat>) = "repeat",
        /// The rule as a code.
        code: one(CodeableConcept) = "code",
    }
}

datatype! {
    /// The rule of a [`Timing`].
    TimingRepeat {
        /// The time that the rule is for, or how long it holds.
        bounds: choice(TimingBounds) = "bounds",
        /// How many times.
        count: primitive(u32) = "count",
        /// How many times at most.
        count_max: primitive(u32) = "countMax",
        /// How long each time.
        duration: primitive(Decimal) = "duration",
        /// How long each time at most.
        duration_max: primitive(Decimal) = "durationMax",
        /// The unit of the durations, in UCUM: `s`, `min`, `h`, `d`, `wk`, `mo` or `a`.
        duration_unit: primitive(String) = "durationUnit",
        /// How often in a period.
        frequency: primitive(u32) = "frequency",
        /// How often in a period at most.
        frequency_max: primitive(u32) = "frequencyMax",
        /// The period.
        period: primitive(Decimal) = "period",
        /// The longest that the period may be.
        period_max: primitive(Decimal) = "periodMax",
        /// The unit of the periods, as for durations.
        period_unit: primitive(String) = "periodUnit",
        /// `mon` to `sun`.
        day_of_week: primitives(String) = "dayOfWeek",
        /// Times of the day.
        time_of_day: primitives(Time) = "timeOfDay",
        /// Events of the day, such as `ACM` for before breakfast.
        when: primitives(String) = "when",
        /// Minutes from the event.
        offset: primitive(u32) = "offset",
    }
}

choice! {
    /// The time that a [`TimingRepeat`] is for.
    TimingBounds {
        /// How long it holds.
        Duration(Box<Quantity>) from Quantity;
        /// How long it holds at least and at most.
        Range(Box<Range>) from Range;
        /// From when to when.
        Period(Box<Period>) from Period;
    }
}

datatype! {
    /// Contact data of somebody: <https://hl7.org/fhir/R4/metadatatypes.html#ContactDetail>.
    ContactDetail {
        /// Who it is.
        name: primitive(String) = "name",
        /// Telephone, mail and so on.
        telecom: many(ContactPoint) = "telecom",
    }
}

datatype! {
    /// The context that something is for: <https://hl7.org/fhir/R4/metadatatypes.html#UsageContext>.
    UsageContext {
        /// The kind of context.
        code: one(Coding) = "code",
        /// The context.
        value: choice(UsageContextValue) = "value",
    }
}

choice! {
    /// The value of a [`UsageContext`].
    UsageContextValue {
        /// A concept.
        CodeableConcept(Box<CodeableConcept>) from CodeableConcept;
        /// An amount.
        Quantity(Box<Quantity>) from Quantity;
        /// From one amount to another.
        Range(Box<Range>) from Range;
        /// Something with a resource.
        Reference(Box<Reference>) from Reference;
    }
}
