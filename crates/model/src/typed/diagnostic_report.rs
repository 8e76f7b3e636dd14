//! DiagnosticReport: <https://hl7.org/fhir/R4/diagnosticreport.html>.

use super::datatypes::*;
use super::elements::*;
use super::resource::Resource;
use super::table::*;

domain_resource! {
    /// Findings of a laboratory, of imaging or the like, put together and judged.
    ///
    /// ```
    /// use rushlight_model::typed::{
    ///     Attachment, Coding, DateTime, DiagnosticReport, DiagnosticReportStatus, Instant, Reference,
    /// };
    ///
    /// let report = DiagnosticReport::new()
    ///     .status(DiagnosticReportStatus::Final)
    ///     .category(Coding::new().system("http://terminology.hl7.org/CodeSystem/v2-0074").code("HM"))
    ///     .code(Coding::new().system("http://loinc.org").code("58410-2").display("Complete blood count"))
    ///     .subject("Patient/p1")
    ///     .effective(DateTime::new("2026-11-24")?)
    ///     .issued(Instant::new("2026-11-24T18:02:11Z")?)
    ///     .result(Reference::from("Observation/haemoglobin").display("Haemoglobin"))
    ///     .result("Observation/platelets")
    ///     .conclusion("Mild anaemia.")
    ///     .presented_form(Attachment::new().content_type("application/pdf").url("Binary/b1").size(48_213));
    ///
    /// let read = DiagnosticReport::from_json(report.to_json().as_bytes())?;
    /// assert_eq!(read.result.len(), 2);
    /// assert_eq!(read.issued.as_str(), Some("2026-11-24T18:02:11Z"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    DiagnosticReport {
        /// Numbers that systems know it by.
        identifier: many(Identifier) = "identifier",
        /// What was asked for.
        based_on: many(Reference) = "basedOn",
        /// How far it is.
        status: primitive(DiagnosticReportStatus) = "status",
        /// The department or kind of service.
        category: many(CodeableConcept) = "category",
        /// What is reported on.
        code: one(CodeableConcept) = "code",
        /// Whose record it belongs to.
        subject: one(Reference) = "subject",
        /// The encounter in which it was asked for.
        encounter: one(Reference) = "encounter",
        /// When the findings are true.
        effective: choice(DiagnosticReportEffective) = "effective",
        /// When it was made known.
        issued: primitive(Instant) = "issued",
        /// Who is responsible for it.
        performer: many(Reference) = "performer",
        /// Who judged the findings.
        results_interpreter: many(Reference) = "resultsInterpreter",
        /// What was examined.
        specimen: many(Reference) = "specimen",
        /// The findings: Observations.
        result: many(Reference) = "result",
        /// Imaging studies that belong to it.
        imaging_study: many(Reference) = "imagingStudy",
        /// Key images.
        media: many(DiagnosticReportMedia) = "media",
        /// What the findings mean, in words.
        conclusion: primitive(String) = "conclusion",
        /// What the findings mean, by codes.
        conclusion_code: many(CodeableConcept) = "conclusionCode",
        /// The whole report as a file.
        presented_form: many(Attachment) = "presentedForm",
    }
}

choice! {
    /// When the findings of a [`DiagnosticReport`] are true.
    DiagnosticReportEffective {
        /// At a time.
        DateTime(Primitive<DateTime>) from DateTime, Primitive<DateTime>;
        /// From one time to another.
        Period(Box<Period>) from Period;
    }
}

backbone! {
    /// A key image of a [`DiagnosticReport`].
    DiagnosticReportMedia {
        /// What the image is there for.
        comment: primitive(String) = "comment",
        /// The image.
        link: one(Reference) = "link",
    }
}
