//! FHIRPath 2.0 (<http://hl7.org/fhirpath/N1/>) with FHIR's additions (<https://hl7.org/fhir/R4/fhirpath.html>).
//!
//! An expression is compiled once and evaluated on any number of resources. What it gives are places in the tree
//! that it was evaluated on, with their types, and values of its own; nothing is copied. There is no clock, disk or
//! network here: the time is handed in with the [`Environment`], and what the engine can't know is asked of its
//! [`Host`]. Whatever the expression and the tree are, an evaluation ends within its [`Budget`] and does not panic.
//!
//! ```
//! use rushlight_fhirpath::{Environment, Expression, Node};
//! use rushlight_model::definitions::{Definitions, Release};
//! use rushlight_model::json::{Limits, Tree};
//!
//! let r4 = Definitions::of(Release::R4);
//! let expression = Expression::compile("Observation.value.ofType(Quantity).value * 2", r4)?;
//! let text = br#"{"resourceType":"Observation","status":"final","code":{},"valueQuantity":{"value":36.50}}"#;
//! let tree = Tree::parse(text, &Limits::default())?;
//! let environment = Environment::new();
//! let found = expression.evaluate(Node::resource(tree.root(), r4), &environment)?;
//! assert_eq!(found.first().and_then(|item| item.value()).map(|value| value.to_string()).as_deref(), Some("73.00"));
//!
//! // Errors say where and what, and what may be meant.
//! let error = Expression::compile("name.exist()", r4).unwrap_err();
//! assert_eq!(error.to_string(), "column 6: there is no function exist(); did you mean exists()?");
//!
//! // Elements that there are not are empty; whoever writes an expression can ask for more.
//! let expression = Expression::compile("Patient.nmae.given", r4)?;
//! let problems = expression.check("Patient");
//! assert_eq!(problems[0].to_string(), "column 9: Patient has no element nmae; did you mean name?");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod check;
mod embedded;
mod environment;
mod error;
mod evaluate;
mod expression;
mod functions;
mod program;
pub mod syntax;
mod units;
mod value;

pub use embedded::Embedded;
pub use environment::{Budget, Environment, Host, NoHost, is_reserved};
pub use error::{Error, ErrorKind};
pub use expression::Expression;
pub use program::Options;
pub use rust_decimal::Decimal;
pub use units::{BaseUnits, Calendar, Scale, base_units};
pub use value::{Item, Items, Node, Paths, Quantity, QuantityUnit, TypeInfo, Value};
