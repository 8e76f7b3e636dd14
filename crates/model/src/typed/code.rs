//! Codes that FHIR fixes: <https://hl7.org/fhir/R4/terminologies.html#required>.
//!
//! A code that is not in the list, of a later release perhaps, is kept as `Other`.

use super::primitive::Scalar;
use crate::json::{Kind, quote};

macro_rules! codes {
    ($( $(#[$doc:meta])* $name:ident { $( $(#[$about:meta])* $variant:ident = $code:literal, )* } )*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $( $(#[$about])* $variant, )*
            /// Another code.
            Other(String),
        }

        impl $name {
            /// The code as FHIR spells it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $code, )*
                    Self::Other(code) => code,
                }
            }
        }

        impl From<&str> for $name {
            fn from(code: &str) -> Self {
                match code {
                    $( $code => Self::$variant, )*
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl Scalar for $name {
            const TYPE: &'static str = "code";
            const KINDS: &'static [Kind] = &[Kind::String];
            const EXPECTED: &'static str = "a string";

            fn read(text: &str, _: Kind) -> Option<Self> {
                Some(Self::from(text))
            }

            fn write(&self, out: &mut String) {
                quote(out, self.as_str());
            }
        }
    )* };
}

codes! {
    /// A person's gender for administration: <https://hl7.org/fhir/R4/valueset-administrative-gender.html>.
    AdministrativeGender {
        /// Male.
        Male = "male",
        /// Female.
        Female = "female",
        /// Neither.
        OtherGender = "other",
        /// Not known.
        Unknown = "unknown",
    }

    /// How far an Observation is: <https://hl7.org/fhir/R4/valueset-observation-status.html>.
    ObservationStatus {
        /// Expected, no result yet.
        Registered = "registered",
        /// A first result that may change.
        Preliminary = "preliminary",
        /// Complete.
        Final = "final",
        /// Changed after it was final.
        Amended = "amended",
        /// Changed after it was final, because it was wrong.
        Corrected = "corrected",
        /// Will not be made.
        Cancelled = "cancelled",
        /// Should never have been there.
        EnteredInError = "entered-in-error",
        /// Nobody knows.
        Unknown = "unknown",
    }

    /// How far a DiagnosticReport is: <https://hl7.org/fhir/R4/valueset-diagnostic-report-status.html>.
    DiagnosticReportStatus {
        /// Expected, nothing in it yet.
        Registered = "registered",
        /// Some results are in it.
        Partial = "partial",
        /// All results are in it, but not verified.
        Preliminary = "preliminary",
        /// Complete and verified.
        Final = "final",
        /// Changed after it was final.
        Amended = "amended",
        /// Changed after it was final, because it was wrong.
        Corrected = "corrected",
        /// Added to after it was final.
        Appended = "appended",
        /// Will not be made.
        Cancelled = "cancelled",
        /// Should never have been there.
        EnteredInError = "entered-in-error",
        /// Nobody knows.
        Unknown = "unknown",
    }

    /// What a Bundle is for: <https://hl7.org/fhir/R4/valueset-bundle-type.html>.
    BundleType {
        /// A document; its Composition comes first.
        Document = "document",
        /// A message; its MessageHeader comes first.
        Message = "message",
        /// Requests that are carried out together or not at all.
        Transaction = "transaction",
        /// The answer to a transaction.
        TransactionResponse = "transaction-response",
        /// Requests that are carried out one by one.
        Batch = "batch",
        /// The answer to a batch.
        BatchResponse = "batch-response",
        /// Versions of resources.
        History = "history",
        /// What a search found.
        Searchset = "searchset",
        /// Resources, for any purpose.
        Collection = "collection",
    }

    /// The method of a request in a Bundle: <https://hl7.org/fhir/R4/valueset-http-verb.html>.
    HttpVerb {
        /// Read or search.
        Get = "GET",
        /// Read or search, without a body in the answer.
        Head = "HEAD",
        /// Create.
        Post = "POST",
        /// Update.
        Put = "PUT",
        /// Delete.
        Delete = "DELETE",
        /// Patch.
        Patch = "PATCH",
    }

    /// Where a narrative comes from: <https://hl7.org/fhir/R4/valueset-narrative-status.html>.
    NarrativeStatus {
        /// Made from the elements alone.
        Generated = "generated",
        /// Made from the elements and extensions.
        Extensions = "extensions",
        /// Says more than the elements.
        Additional = "additional",
        /// Says nothing.
        Empty = "empty",
    }
}
