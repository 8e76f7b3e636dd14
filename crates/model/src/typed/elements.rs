//! Elements that every type builds on: <https://hl7.org/fhir/R4/element.html>.

use super::datatypes::*;
use super::table::*;

datatype! {
    /// What a primitive value has beside its value: id and extensions only.
    Element {}
}

datatype! {
    /// Something that FHIR has no element for: <https://hl7.org/fhir/R4/extensibility.html>.
    ///
    /// A value of a type that [`AnyValue`] does not have is in `other_members`, under its JSON name.
    Extension {
        /// What it means: the URL of its definition.
        url: primitive(String) = "url",
        /// The value; none if there are extensions inside.
        value: choice(AnyValue) = "value",
    }
}

datatype! {
    /// What is known of a resource as a record: <https://hl7.org/fhir/R4/resource.html#Meta>.
    Meta {
        /// The version, which the server counts.
        version_id: primitive(String) = "versionId",
        /// When the version came to be.
        last_updated: primitive(Instant) = "lastUpdated",
        /// The system that the content comes from.
        source: primitive(String) = "source",
        /// Profiles that the resource claims to follow.
        profile: primitives(String) = "profile",
        /// Labels that say who may see it.
        security: many(Coding) = "security",
        /// Labels for any other purpose.
        tag: many(Coding) = "tag",
    }
}

datatype! {
    /// A text for people to read: <https://hl7.org/fhir/R4/narrative.html>.
    Narrative {
        /// Where the text comes from.
        status: primitive(NarrativeStatus) = "status",
        /// The text: one XHTML `div`.
        div_: primitive(String) = "div",
    }
}

datatype! {
    /// A link to a resource: <https://hl7.org/fhir/R4/references.html>.
    ///
    /// ```
    /// use rushlight_model::typed::Reference;
    ///
    /// assert_eq!(Reference::from("Patient/p1").to_json(), r#"{"reference":"Patient/p1"}"#);
    /// ```
    Reference {
        /// The resource's URL, mostly `Type/id`; `#id` for a contained one.
        reference: primitive(String) = "reference",
        /// The resource's type.
        type_: primitive(String) = "type",
        /// The thing meant, where its resource's URL is not known.
        identifier: one(Box<Identifier>) = "identifier",
        /// The resource in words.
        display: primitive(String) = "display",
    }
}

impl From<&str> for Reference {
    /// The reference to a URL.
    fn from(url: &str) -> Self {
        Self::new().reference(url)
    }
}

choice! {
    /// A value of any type: <https://hl7.org/fhir/R4/datatypes.html#open>.
    ///
    /// Types that few use are not here; values of theirs are kept as they are, in `other_members`.
    AnyValue {
        /// Bytes.
        Base64Binary(Primitive<String>);
        /// True or false.
        Boolean(Primitive<bool>) from bool, Primitive<bool>;
        /// A URL of a definition, perhaps with its version.
        Canonical(Primitive<String>);
        /// A code whose system is known from elsewhere.
        Code(Primitive<String>);
        /// A date.
        Date(Primitive<Date>) from Date, Primitive<Date>;
        /// A date or a time.
        DateTime(Primitive<DateTime>) from DateTime, Primitive<DateTime>;
        /// A decimal number.
        Decimal(Primitive<Decimal>) from Decimal, Primitive<Decimal>;
        /// A logical id.
        Id(Primitive<String>);
        /// A time.
        Instant(Primitive<Instant>) from Instant, Primitive<Instant>;
        /// A whole number.
        Integer(Primitive<i32>) from i32, Primitive<i32>;
        /// A text with Markdown in it.
        Markdown(Primitive<String>);
        /// An OID as a URI.
        Oid(Primitive<String>);
        /// A whole number above zero.
        PositiveInt(Primitive<u32>);
        /// A text.
        String(Primitive<String>) from &str, String, Primitive<String>;
        /// A time of any day.
        Time(Primitive<Time>) from Time, Primitive<Time>;
        /// A whole number from zero.
        UnsignedInt(Primitive<u32>);
        /// A URI.
        Uri(Primitive<String>);
        /// A URI that can be fetched.
        Url(Primitive<String>);
        /// A UUID as a URI.
        Uuid(Primitive<String>);
        /// An address.
        Address(Box<Address>) from Address;
        /// How old.
        Age(Box<Quantity>);
        /// A note with its author.
        Annotation(Box<Annotation>) from Annotation;
        /// A file.
        Attachment(Box<Attachment>) from Attachment;
        /// A concept.
        CodeableConcept(Box<CodeableConcept>) from CodeableConcept;
        /// A code with its system.
        Coding(Box<Coding>) from Coding;
        /// Contact data of somebody.
        ContactDetail(Box<ContactDetail>) from ContactDetail;
        /// A telephone number or the like.
        ContactPoint(Box<ContactPoint>) from ContactPoint;
        /// How many.
        Count(Box<Quantity>);
        /// How far.
        Distance(Box<Quantity>);
        /// How long.
        Duration(Box<Quantity>);
        /// A person's name.
        HumanName(Box<HumanName>) from HumanName;
        /// An identifier.
        Identifier(Box<Identifier>) from Identifier;
        /// A resource's metadata.
        Meta(Box<Meta>) from Meta;
        /// A time with a beginning and an end.
        Period(Box<Period>) from Period;
        /// A measured amount.
        Quantity(Box<Quantity>) from Quantity;
        /// From one amount to another.
        Range(Box<Range>) from Range;
        /// One amount to another.
        Ratio(Box<Ratio>) from Ratio;
        /// A link to a resource.
        Reference(Box<Reference>) from Reference;
        /// A series of measurements.
        SampledData(Box<SampledData>) from SampledData;
        /// A signature.
        Signature(Box<Signature>) from Signature;
        /// When something happens, again and again.
        Timing(Box<Timing>) from Timing;
        /// The context that something is for.
        UsageContext(Box<UsageContext>) from UsageContext;
    }
}
