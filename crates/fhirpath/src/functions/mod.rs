//! The functions: <https://hl7.org/fhirpath/N1/#functions>, <https://hl7.org/fhir/R4/fhirpath.html#functions>, and
//! those of later drafts that FHIR's test suite asks for.
//!
//! One table names them all.

mod boundary;
mod combine;
mod convert;
mod encode;
mod existence;
mod fhir;
mod filter;
mod input;
mod math;
mod subset;
mod text;
mod tree;

use crate::evaluate::{Evaluator, Input, Result};
use Arguments::{Each, Keys, Pattern, Plain, Type};

/// A function.
pub(crate) struct Function {
    pub(crate) name: &'static str,
    /// How many arguments it takes: at least, and at most.
    count: [u8; 2],
    pub(crate) arguments: Arguments,
    pub(crate) takes: Takes,
    pub(crate) gives: Gives,
    pub(crate) run: for<'t> fn(&mut Evaluator<'t>, Input<'t, '_>) -> Result<'t>,
}

/// What its arguments are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arguments {
    /// Looked at from where the function is called.
    Plain,
    /// Looked at from each item.
    Each,
    /// As `Plain`, the first a regular expression.
    Pattern,
    /// As `Each`, perhaps after a minus, which means descending.
    Keys,
    /// The name of a type.
    Type,
}

/// What a function is called on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// Anything.
    Any,
    /// Anything, but only one.
    One,
    /// Something that has an order.
    Ordered,
    /// One string.
    String,
    /// One number or quantity.
    Number,
    /// Booleans.
    Booleans,
}

/// What a function gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gives {
    /// What can't be said.
    Unknown,
    /// Some of what it is called on.
    Input,
    /// No more than one of what it is called on.
    InputItem,
    /// What it is called on and what its argument gives.
    InputAndArgument,
    /// What its argument gives for each item.
    Argument,
    /// One of what its second argument and its third give.
    Branches,
    /// What is of the type that its argument names.
    OfType,
    /// Children, without order.
    Children,
    /// One value of a type of the namespace `System`.
    One(&'static str),
    /// Several.
    Many(&'static str),
    /// Extensions.
    Extensions,
}

impl Function {
    pub(crate) fn takes(&self, count: usize) -> bool {
        let [least, most] = self.count.map(usize::from);
        (least..=most).contains(&count)
    }

    /// Whether it gives nothing where it is called on nothing, and does nothing else.
    pub(crate) fn gives_nothing_of_nothing(&self) -> bool {
        matches!(self.gives, Gives::Input | Gives::InputItem | Gives::OfType | Gives::Argument)
            && !matches!(self.name, "trace" | "defineVariable")
    }

    /// How many arguments it takes, in words.
    pub(crate) fn expected(&self) -> String {
        match self.count {
            [0, 0] => "no argument".to_owned(),
            [1, 1] => "one argument".to_owned(),
            [least, most] if least == most => format!("{least} arguments"),
            [least, most] => format!("{least} to {most} arguments"),
        }
    }
}

/// The function of a name.
pub(crate) fn named(name: &str) -> Option<&'static Function> {
    ALL.iter().find(|function| function.name == name)
}

const fn row(
    name: &'static str,
    count: [u8; 2],
    arguments: Arguments,
    takes: Takes,
    gives: Gives,
    run: for<'t> fn(&mut Evaluator<'t>, Input<'t, '_>) -> Result<'t>,
) -> Function {
    Function { name, count, arguments, takes, gives, run }
}

const BOOLEAN: Gives = Gives::One("Boolean");
const INTEGER: Gives = Gives::One("Integer");
const DECIMAL: Gives = Gives::One("Decimal");
const STRING: Gives = Gives::One("String");

/// All of them.
#[rustfmt::skip]
pub(crate) static ALL: &[Function] = &[
    // Existence.
    row("empty", [0, 0], Plain, Takes::Any, BOOLEAN, existence::empty),
    row("exists", [0, 1], Each, Takes::Any, BOOLEAN, existence::exists),
    row("all", [1, 1], Each, Takes::Any, BOOLEAN, existence::all),
    row("allTrue", [0, 0], Plain, Takes::Booleans, BOOLEAN, existence::all_true),
    row("anyTrue", [0, 0], Plain, Takes::Booleans, BOOLEAN, existence::any_true),
    row("allFalse", [0, 0], Plain, Takes::Booleans, BOOLEAN, existence::all_false),
    row("anyFalse", [0, 0], Plain, Takes::Booleans, BOOLEAN, existence::any_false),
    row("subsetOf", [1, 1], Plain, Takes::Any, BOOLEAN, existence::subset_of),
    row("supersetOf", [1, 1], Plain, Takes::Any, BOOLEAN, existence::superset_of),
    row("count", [0, 0], Plain, Takes::Any, INTEGER, existence::count),
    row("distinct", [0, 0], Plain, Takes::Any, Gives::Input, existence::distinct),
    row("isDistinct", [0, 0], Plain, Takes::Any, BOOLEAN, existence::is_distinct),
    row("not", [0, 0], Plain, Takes::One, BOOLEAN, existence::not),
    // Filtering and projection.
    row("where", [1, 1], Each, Takes::Any, Gives::Input, filter::filter),
    row("select", [1, 1], Each, Takes::Any, Gives::Argument, filter::select),
    row("repeat", [1, 1], Each, Takes::Any, Gives::Argument, filter::repeat),
    row("aggregate", [1, 2], Each, Takes::Any, Gives::Unknown, filter::aggregate),
    row("sort", [0, 16], Keys, Takes::Any, Gives::Input, filter::sort),
    row("iif", [2, 3], Each, Takes::One, Gives::Branches, filter::iif),
    row("ofType", [1, 1], Type, Takes::Any, Gives::OfType, tree::of_type),
    row("is", [1, 1], Type, Takes::One, BOOLEAN, tree::is),
    row("as", [1, 1], Type, Takes::One, Gives::OfType, tree::r#as),
    // Subsetting.
    row("single", [0, 0], Plain, Takes::Any, Gives::InputItem, subset::single),
    row("first", [0, 0], Plain, Takes::Ordered, Gives::InputItem, subset::first),
    row("last", [0, 0], Plain, Takes::Ordered, Gives::InputItem, subset::last),
    row("tail", [0, 0], Plain, Takes::Ordered, Gives::Input, subset::tail),
    row("skip", [1, 1], Plain, Takes::Ordered, Gives::Input, subset::skip),
    row("take", [1, 1], Plain, Takes::Ordered, Gives::Input, subset::take),
    row("intersect", [1, 1], Plain, Takes::Any, Gives::Input, combine::intersect),
    row("exclude", [1, 1], Plain, Takes::Any, Gives::Input, combine::exclude),
    row("union", [1, 1], Plain, Takes::Any, Gives::InputAndArgument, combine::union),
    row("combine", [1, 1], Plain, Takes::Any, Gives::InputAndArgument, combine::combine),
    // Conversion.
    row("toBoolean", [0, 0], Plain, Takes::One, BOOLEAN, convert::to_boolean),
    row("toInteger", [0, 0], Plain, Takes::One, INTEGER, convert::to_integer),
    row("toDecimal", [0, 0], Plain, Takes::One, DECIMAL, convert::to_decimal),
    row("toString", [0, 0], Plain, Takes::One, STRING, convert::to_string),
    row("toDate", [0, 0], Plain, Takes::One, Gives::One("Date"), convert::to_date),
    row("toDateTime", [0, 0], Plain, Takes::One, Gives::One("DateTime"), convert::to_date_time),
    row("toTime", [0, 0], Plain, Takes::One, Gives::One("Time"), convert::to_time),
    row("toQuantity", [0, 1], Plain, Takes::One, Gives::One("Quantity"), convert::to_quantity),
    row("convertsToBoolean", [0, 0], Plain, Takes::One, BOOLEAN, convert::converts_to_boolean),
    row("convertsToInteger", [0, 0], Plain, Takes::One, BOOLEAN, convert::converts_to_integer),
    row("convertsToDecimal", [0, 0], Plain, Takes::One, BOOLEAN, convert::converts_to_decimal),
    row("convertsToString", [0, 0], Plain, Takes::One, BOOLEAN, convert::converts_to_string),
    row("convertsToDate", [0, 0], Plain, Takes::One, BOOLEAN, convert::converts_to_date),
    row("convertsToDateTime", [0, 0], Plain, Takes::One, BOOLEAN, convert::converts_to_date_time),
    row("convertsToTime", [0, 0], Plain, Takes::One, BOOLEAN, convert::converts_to_time),
    row("convertsToQuantity", [0, 1], Plain, Takes::One, BOOLEAN, convert::converts_to_quantity),
    // Strings.
    row("indexOf", [1, 1], Plain, Takes::String, INTEGER, text::index_of),
    row("lastIndexOf", [1, 1], Plain, Takes::String, INTEGER, text::last_index_of),
    row("substring", [1, 2], Plain, Takes::String, STRING, text::substring),
    row("startsWith", [1, 1], Plain, Takes::String, BOOLEAN, text::starts_with),
    row("endsWith", [1, 1], Plain, Takes::String, BOOLEAN, text::ends_with),
    row("contains", [1, 1], Plain, Takes::String, BOOLEAN, text::contains),
    row("upper", [0, 0], Plain, Takes::String, STRING, text::upper),
    row("lower", [0, 0], Plain, Takes::String, STRING, text::lower),
    row("trim", [0, 0], Plain, Takes::String, STRING, text::trim),
    row("length", [0, 0], Plain, Takes::String, INTEGER, text::length),
    row("toChars", [0, 0], Plain, Takes::String, Gives::Many("String"), text::to_chars),
    row("split", [1, 1], Plain, Takes::String, Gives::Many("String"), text::split),
    row("join", [0, 1], Plain, Takes::Any, STRING, text::join),
    row("replace", [2, 2], Plain, Takes::String, STRING, text::replace),
    row("matches", [1, 1], Pattern, Takes::String, BOOLEAN, text::matches),
    row("matchesFull", [1, 1], Pattern, Takes::String, BOOLEAN, text::matches),
    row("replaceMatches", [2, 2], Pattern, Takes::String, STRING, text::replace_matches),
    row("encode", [1, 1], Plain, Takes::String, STRING, encode::encode),
    row("decode", [1, 1], Plain, Takes::String, STRING, encode::decode),
    row("escape", [1, 1], Plain, Takes::String, STRING, encode::escape),
    row("unescape", [1, 1], Plain, Takes::String, STRING, encode::unescape),
    // Mathematics.
    row("abs", [0, 0], Plain, Takes::Number, Gives::InputItem, math::abs),
    row("ceiling", [0, 0], Plain, Takes::Number, INTEGER, math::ceiling),
    row("floor", [0, 0], Plain, Takes::Number, INTEGER, math::floor),
    row("truncate", [0, 0], Plain, Takes::Number, INTEGER, math::truncate),
    row("round", [0, 1], Plain, Takes::Number, DECIMAL, math::round),
    row("exp", [0, 0], Plain, Takes::Number, DECIMAL, math::exp),
    row("ln", [0, 0], Plain, Takes::Number, DECIMAL, math::ln),
    row("log", [1, 1], Plain, Takes::Number, DECIMAL, math::log),
    row("sqrt", [0, 0], Plain, Takes::Number, DECIMAL, math::sqrt),
    row("power", [1, 1], Plain, Takes::Number, Gives::Unknown, math::power),
    // Precision.
    row("lowBoundary", [0, 1], Plain, Takes::One, Gives::InputItem, boundary::low),
    row("highBoundary", [0, 1], Plain, Takes::One, Gives::InputItem, boundary::high),
    row("precision", [0, 0], Plain, Takes::One, INTEGER, boundary::precision),
    row("comparable", [1, 1], Plain, Takes::One, BOOLEAN, boundary::comparable),
    // The tree, and what is beside it.
    row("children", [0, 0], Plain, Takes::Any, Gives::Children, tree::children),
    row("descendants", [0, 0], Plain, Takes::Any, Gives::Children, tree::descendants),
    row("type", [0, 0], Plain, Takes::Any, Gives::Unknown, tree::r#type),
    row("trace", [1, 2], Each, Takes::Any, Gives::Input, tree::trace),
    row("defineVariable", [1, 2], Each, Takes::Any, Gives::Input, tree::define_variable),
    row("now", [0, 0], Plain, Takes::Any, Gives::One("DateTime"), tree::now),
    row("today", [0, 0], Plain, Takes::Any, Gives::One("Date"), tree::today),
    row("timeOfDay", [0, 0], Plain, Takes::Any, Gives::One("Time"), tree::time_of_day),
    // FHIR's own.
    row("extension", [1, 1], Plain, Takes::Any, Gives::Extensions, fhir::extension),
    row("hasExtension", [1, 1], Plain, Takes::Any, BOOLEAN, fhir::has_extension),
    row("hasValue", [0, 0], Plain, Takes::Any, BOOLEAN, fhir::has_value),
    row("getValue", [0, 0], Plain, Takes::Any, Gives::Unknown, fhir::get_value),
    row("resolve", [0, 0], Plain, Takes::Any, Gives::Unknown, fhir::resolve),
    row("conformsTo", [1, 1], Plain, Takes::One, BOOLEAN, fhir::conforms_to),
    row("memberOf", [1, 1], Plain, Takes::One, BOOLEAN, fhir::member_of),
    row("subsumes", [1, 1], Plain, Takes::One, BOOLEAN, fhir::subsumes),
    row("subsumedBy", [1, 1], Plain, Takes::One, BOOLEAN, fhir::subsumed_by),
    row("htmlChecks", [0, 0], Plain, Takes::One, BOOLEAN, fhir::html_checks),
];
