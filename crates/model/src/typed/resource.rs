//! A resource of any type: <https://hl7.org/fhir/R4/resource.html>.

use super::table::*;
use super::*;
use crate::json::Value;

macro_rules! resources {
    ($($name:ident),*) => {
        /// A resource of any type, as Bundles, Parameters and `contained` have them.
        ///
        /// ```
        /// use rushlight_model::typed::{Patient, Resource};
        ///
        /// let read = Resource::from_json(br#"{"resourceType":"Patient","id":"p1"}"#)?;
        /// assert_eq!(read, Resource::from(Patient::new().id("p1")));
        /// let Resource::Other(raw) = Resource::from_json(br#"{"resourceType":"Group","id":"g1"}"#)? else { panic!() };
        /// assert_eq!(raw.text(), r#"{"resourceType":"Group","id":"g1"}"#);
        /// # Ok::<(), rushlight_model::typed::ReadError>(())
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Resource {
            $(
                #[doc = concat!("Of type ", stringify!($name), ".")]
                $name(Box<$name>),
            )*
            /// Of a type without a struct: its JSON.
            Other(RawJson),
        }

        impl Composite for Resource {
            const TYPE: &'static str = "Resource";

            fn read(value: Value<'_>, depth: usize) -> Result<Self, ReadError> {
                read::expect(value, crate::json::Kind::Object, "an object")?;
                match read::resource_type(value)?.as_str() {
                    $( stringify!($name) => Composite::read(value, depth).map(Self::$name), )*
                    _ => Ok(Self::Other(RawJson::from(value))),
                }
            }

            fn write(&self, out: &mut Writer) {
                match self {
                    $( Self::$name(resource) => resource.write(out), )*
                    Self::Other(raw) => out.text().push_str(raw.text()),
                }
            }
        }

        $(
            impl From<$name> for Resource {
                fn from(resource: $name) -> Self {
                    Self::$name(Box::new(resource))
                }
            }
        )*
    };
}

resources!(Bundle, CapabilityStatement, DiagnosticReport, Observation, OperationOutcome, Parameters, Patient);
json_methods!(Resource);
