//! Whether an expression finds what a search parameter can index.

use rushlight_fhirpath::{Error, ErrorKind, Expression, Options, TypeInfo};
use rushlight_model::definitions::{Definitions, SearchParameterType, TypeKind};
use rushlight_model::outcome::IssueType;

use super::elements::{Elements, Text};
use crate::registry::plain_sort;
use crate::values::{Datatype, Sort};

/// The types that an expression can find; `None` where they can't be told.
pub(super) type Types = Option<Vec<TypeInfo>>;

impl Elements<'_> {
    /// What an expression finds that is evaluated on each of these types. Says why it is none, and what can be said
    /// against it.
    pub(super) fn found(&mut self, text: &Text<'_>, on: &[&str], definitions: &'static Definitions) -> Types {
        let options = Options { on: None, as_keeps: true };
        let expression = match Expression::compile_with(&text.text, definitions, options) {
            Ok(expression) => expression,
            Err(error) => {
                self.say(&text.place, IssueType::Invalid, error.to_string());
                return None;
            }
        };
        let mut all: Types = Some(Vec::new());
        let mut said: Vec<Error> = Vec::new();
        for ty in on {
            let errors =
                expression.check(ty).into_iter().filter(|error| !is_for_another(error, on, definitions));
            said.extend(errors);
            let types = expression.types(ty);
            if types.as_ref().is_some_and(Vec::is_empty) && said.is_empty() {
                self.say(&text.place, IssueType::Value, format!("finds nothing in {ty}"));
            }
            all = all.zip(types).map(|(mut all, types)| {
                all.extend(types);
                all
            });
        }
        said.sort_by_key(|error| error.position);
        said.dedup_by_key(|error| error.position);
        for error in &said {
            self.say(&text.place, IssueType::Value, error.to_string());
        }
        all.filter(|_| said.is_empty())
    }

    /// Says so if nothing that an expression can find has entries of a sort.
    pub(super) fn fits(
        &mut self,
        text: &Text<'_>,
        types: &Types,
        sort: Sort,
        definitions: &'static Definitions,
    ) {
        let Some(types) = types.as_ref().filter(|types| !types.is_empty()) else { return };
        let known =
            |ty: &TypeInfo| datatype(ty, definitions).is_none_or(|datatype| datatype.is_known_to(sort));
        if types.iter().any(known) {
            return;
        }
        let mut names: Vec<&str> = types.iter().map(|ty| ty.name).collect();
        names.sort_unstable();
        names.dedup();
        let names = names.join(" or ");
        let fitting = types.iter().filter_map(|ty| datatype(ty, definitions)?.sort()).next();
        let fitting =
            fitting.map(|sort| format!("; of {names} it can be {}", name(sort))).unwrap_or_default();
        let text_of =
            format!("finds {names}, which a parameter of type {} does not index{fitting}", name(sort));
        self.say(&text.place, IssueType::Value, text_of);
    }
}

/// Whether an error only says that a path is for another of several types.
fn is_for_another(error: &Error, on: &[&str], definitions: &'static Definitions) -> bool {
    let ErrorKind::UnknownElement { name, .. } = &error.kind else { return false };
    let Some(ty) = definitions.ty(name).filter(|ty| ty.kind == TypeKind::Resource) else { return false };
    let related = |other: &&str| {
        definitions
            .ty(other)
            .is_some_and(|other| other.is_a(definitions, ty.name) || ty.is_a(definitions, other.name))
    };
    on.iter().any(related)
}

/// The datatype of items of a type; `None` where it is an extension, whose value counts.
fn datatype(ty: &TypeInfo, definitions: &'static Definitions) -> Option<Datatype> {
    if ty.namespace == "FHIR" {
        let ty = definitions.ty(ty.name).filter(|ty| ty.name != "Extension")?;
        return Some(Datatype::of(ty, definitions));
    }
    Some(match ty.name {
        "Boolean" => Datatype::Boolean,
        "Integer" | "Decimal" => Datatype::Number,
        "Date" | "DateTime" => Datatype::Date,
        _ => Datatype::Text,
    })
}

fn name(sort: Sort) -> &'static str {
    let ty = SearchParameterType::ALL.iter().find(|ty| plain_sort(**ty) == Some(sort));
    ty.map_or("special", |ty| ty.code())
}
