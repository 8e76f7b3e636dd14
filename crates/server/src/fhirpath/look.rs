//! Documents, each looked at with the expression.

use super::explain::Explainer;
use super::host::Answers;
use super::output::Output;
use super::variables::Values;
use crate::cli::FhirpathArgs;
use crate::source::Document;
use crate::terminal::{Pointed, explained, offset_of_error, visible};
use rushlight_fhirpath::{Embedded, Environment, Expression, Node};
use rushlight_model::definitions::{Definitions, TypeDefinition};
use rushlight_model::json::{Kind, Position, Value};
use rushlight_model::primitive::DateTime;
use rushlight_model::{BodyError, BodyErrorKind, Limits, nearest, tree};
use std::ops::ControlFlow;

/// Looks at documents.
pub struct Looker<'a> {
    expression: &'a Expression,
    values: &'a Values<'a>,
    explainer: &'a Explainer<'a>,
    definitions: &'static Definitions,
    limits: Limits,
    /// Whether it is the resources in a Bundle's entries that are looked at.
    entries: bool,
    /// The same for all documents.
    now: Option<DateTime>,
}

impl<'a> Looker<'a> {
    /// As the command line says.
    pub fn new(
        args: &FhirpathArgs,
        expression: &'a Expression,
        values: &'a Values<'a>,
        explainer: &'a Explainer<'a>,
    ) -> Self {
        let now = chrono::Local::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, false);
        Self {
            expression,
            values,
            explainer,
            definitions: Definitions::of(args.fhir_version),
            limits: Limits::of_bytes(args.max_size),
            entries: args.entries,
            now: DateTime::parse(&now).ok(),
        }
    }

    /// Shows what is found in a document; `Break` when nobody wants more.
    pub fn document(&self, document: &Document, output: &mut Output) -> ControlFlow<()> {
        let tree = match tree(&document.bytes, &self.limits) {
            Ok(tree) if tree.root().kind() == Kind::Object => tree,
            Ok(_) => {
                let position = Position { line: 1, column: 1 };
                let error = BodyError { kind: BodyErrorKind::NotAnObject, position, expression: None };
                return self.unreadable(document, &error, output);
            }
            Err(error) => return self.unreadable(document, &error, output),
        };
        let root = tree.root();
        let host = Answers { embedded: Embedded::new(self.definitions).bundle(root) };
        let mut environment = Environment::new().host(&host);
        if let Some(now) = self.now {
            environment = environment.now(now);
        }
        for (name, items) in self.values {
            environment = environment.variable(*name, items.iter().cloned());
        }
        for resource in self.resources(root) {
            let node = Node::resource(resource, self.definitions);
            match self.expression.evaluate(node, &environment) {
                Ok(items) => output.items(document, node, &items)?,
                Err(error) => output.failed(|| {
                    let path = node.path().filter(|path| !path.is_empty()).unwrap_or_default();
                    let place = format!("{}:{} {path}", document.name, document.line);
                    self.explainer.error_with(&error, place.trim_end())
                }),
            }
        }
        ControlFlow::Continue(())
    }

    /// What the expression is evaluated on.
    fn resources<'t>(&self, root: Value<'t>) -> Vec<Value<'t>> {
        let is_bundle = root.get("resourceType").and_then(Value::as_str).is_some_and(|name| name == "Bundle");
        if !(self.entries && is_bundle) {
            return vec![root];
        }
        let entries = root.get("entry").into_iter().flat_map(Value::children);
        entries.filter_map(|entry| entry.get("resource")).collect()
    }

    fn unreadable(&self, document: &Document, error: &BodyError, output: &mut Output) -> ControlFlow<()> {
        let Position { line, column } = error.position;
        output.failed(|| {
            let pointed = Pointed {
                text: &document.bytes,
                offset: offset_of_error(&document.bytes, error),
                position: Position { line: document.line - 1 + line, column },
                source: &document.name,
                beside: error.expression.as_deref(),
            };
            format!("error: {}\n{}", visible(&explained(&error.kind)), pointed.show(self.explainer.painter()))
        });
        ControlFlow::Continue(())
    }
}

/// The type of a name; a backbone element's is its path.
///
/// # Errors
/// None of this name, with the nearest.
pub fn type_named(name: &str, definitions: &'static Definitions) -> Result<&'static TypeDefinition, String> {
    definitions.ty(name).ok_or_else(|| {
        let known = definitions.types().iter().map(|ty| ty.name);
        let meant = nearest(name, known).map(|name| format!("; did you mean {name}?")).unwrap_or_default();
        format!("{} has no type {}{meant}", definitions.release(), visible(name))
    })
}
