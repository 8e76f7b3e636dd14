//! Patient: <https://hl7.org/fhir/R4/patient.html>.

use super::datatypes::*;
use super::elements::*;
use super::resource::Resource;
use super::table::*;

domain_resource! {
    /// Somebody who gets care.
    ///
    /// ```
    /// use rushlight_model::typed::{
    ///     Address, AdministrativeGender, ContactPoint, Date, HumanName, Identifier, Patient, PatientDeceased,
    /// };
    ///
    /// let patient = Patient::new()
    ///     .id("p1")
    ///     .identifier(Identifier::new().use_("usual").system("http://example.org/mrn").value("12345"))
    ///     .active(true)
    ///     .name(HumanName::new().use_("official").family("Okafor").given("Adaeze").given("Ruth"))
    ///     .telecom(ContactPoint::new().system("phone").value("+44 20 7946 0123").use_("mobile").rank(1))
    ///     .gender(AdministrativeGender::Female)
    ///     .birth_date(Date::new("1974-12-25")?)
    ///     .deceased(false)
    ///     .address(Address::new().line("3 Quay Street").city("Bristol").postal_code("BS1 4DJ").country("GB"));
    ///
    /// let read = Patient::from_json(patient.to_json().as_bytes())?;
    /// assert_eq!(read.name[0].given[1].as_str(), Some("Ruth"));
    /// assert_eq!(read.gender.get(), Some(&AdministrativeGender::Female));
    /// assert_eq!(read.deceased, Some(PatientDeceased::from(false)));
    /// assert_eq!(read, patient);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    Patient {
        /// Numbers that systems know the patient by.
        identifier: many(Identifier) = "identifier",
        /// Whether the record is in use.
        active: primitive(bool) = "active",
        /// Names.
        name: many(HumanName) = "name",
        /// Telephone, mail and so on.
        telecom: many(ContactPoint) = "telecom",
        /// The gender for administration.
        gender: primitive(AdministrativeGender) = "gender",
        /// The day, month or year of birth.
        birth_date: primitive(Date) = "birthDate",
        /// Whether the patient has died, or when.
        deceased: choice(PatientDeceased) = "deceased",
        /// Addresses.
        address: many(Address) = "address",
        /// Whether the patient is married.
        marital_status: one(CodeableConcept) = "maritalStatus",
        /// Whether the patient is a twin or the like, or the how manieth.
        multiple_birth: choice(PatientMultipleBirth) = "multipleBirth",
        /// Pictures of the patient.
        photo: many(Attachment) = "photo",
        /// Whom to turn to.
        contact: many(PatientContact) = "contact",
        /// Languages that the patient can be spoken to in.
        communication: many(PatientCommunication) = "communication",
        /// Who looks after the patient in general.
        general_practitioner: many(Reference) = "generalPractitioner",
        /// Whose record this is.
        managing_organization: one(Reference) = "managingOrganization",
        /// Other records of the same person.
        link: many(PatientLink) = "link",
    }
}

choice! {
    /// Whether a [`Patient`] has died, or when.
    PatientDeceased {
        /// Whether.
        Boolean(Primitive<bool>) from bool, Primitive<bool>;
        /// When.
        DateTime(Primitive<DateTime>) from DateTime, Primitive<DateTime>;
    }
}

choice! {
    /// Whether a [`Patient`] was born with others.
    PatientMultipleBirth {
        /// Whether.
        Boolean(Primitive<bool>) from bool, Primitive<bool>;
        /// As the how manieth.
        Integer(Primitive<i32>) from i32, Primitive<i32>;
    }
}

backbone! {
    /// Somebody to turn to about a [`Patient`].
    PatientContact {
        /// What they are to the patient.
        relationship: many(CodeableConcept) = "relationship",
        /// The name.
        name: one(HumanName) = "name",
        /// Telephone, mail and so on.
        telecom: many(ContactPoint) = "telecom",
        /// The address.
        address: one(Address) = "address",
        /// The gender for administration.
        gender: primitive(AdministrativeGender) = "gender",
        /// The organization that they belong to, or that is the contact.
        organization: one(Reference) = "organization",
        /// When they may be turned to.
        period: one(Period) = "period",
    }
}

backbone! {
    /// A language that a [`Patient`] can be spoken to in.
    PatientCommunication {
        /// The language, as a BCP 47 tag.
        language: one(CodeableConcept) = "language",
        /// Whether it is the one to use.
        preferred: primitive(bool) = "preferred",
    }
}

backbone! {
    /// Another record of the person who a [`Patient`] is.
    PatientLink {
        /// The record.
        other: one(Reference) = "other",
        /// `replaced-by`, `replaces`, `refer` or `seealso`.
        type_: primitive(String) = "type",
    }
}
