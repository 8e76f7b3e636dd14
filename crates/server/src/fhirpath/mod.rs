//! `rushlight fhirpath`: what an expression finds in files, without a server or a store.
//!
//! Documents are read and looked at one after the other; one is in memory at a time.

mod explain;
mod host;
mod look;
mod output;
mod tree;
mod variables;

use crate::cli::FhirpathArgs;
use crate::source::{Sources, Taken};
use crate::terminal::{Painter, say};
use explain::Explainer;
use look::Looker;
use output::Output;
use rushlight_fhirpath::Expression;
use rushlight_model::definitions::Definitions;
use std::error::Error;
use std::io;
use std::process::ExitCode;
pub use variables::Variable;
use variables::Variables;

/// The exit status where nothing was found, or where something can be said against an expression that is checked.
const NOTHING: u8 = 1;
/// The exit status where the expression is none, or something could not be read or looked at.
const FAILED: u8 = 2;

/// Shows what is found: status 0 where there is something, 1 where there is nothing, 2 where anything failed.
///
/// # Errors
/// None: an error is told here, because its status is not that of other commands.
pub fn run(args: &FhirpathArgs) -> Result<ExitCode, Box<dyn Error>> {
    let done = match &args.check {
        Some(ty) => check(args, ty),
        None => evaluate(args),
    };
    let status = done.unwrap_or_else(|error| {
        say(&format!("rushlight: {error}\n"));
        FAILED
    });
    Ok(ExitCode::from(status))
}

/// Says what can be said against the expression when it is evaluated on a type.
fn check(args: &FhirpathArgs, ty: &str) -> Result<u8, Box<dyn Error>> {
    let definitions = Definitions::of(args.fhir_version);
    let ty = look::type_named(ty, definitions)?;
    let faults = match Expression::compile(&args.expression, definitions) {
        Ok(expression) => expression.check(ty.name),
        Err(error) => vec![error],
    };
    let explainer = Explainer::new(&args.expression, Painter::of(&io::stdout()));
    let told: String = match (args.json, faults.as_slice()) {
        (true, faults) => faults.iter().map(explain::line).collect(),
        (false, []) => format!("nothing can be said against it on {}\n", ty.name),
        (false, faults) => faults.iter().map(|fault| explainer.error(fault)).collect(),
    };
    output::print(&told).map_err(|error| format!("standard output: {error}"))?;
    Ok(if faults.is_empty() { 0 } else { NOTHING })
}

fn evaluate(args: &FhirpathArgs) -> Result<u8, Box<dyn Error>> {
    let definitions = Definitions::of(args.fhir_version);
    let explainer = Explainer::new(&args.expression, Painter::of(&io::stderr()));
    let expression = match Expression::compile(&args.expression, definitions) {
        Ok(expression) => expression,
        Err(error) => {
            say(&explainer.error(&error));
            return Ok(FAILED);
        }
    };
    let variables = Variables::compile(&args.variable, definitions)?;
    let sources = Sources { taken: Taken::JsonAndNdjson, limit: args.max_size };
    let inputs = sources.find(&args.paths)?;
    let values = variables.values()?;
    let looker = Looker::new(args, &expression, &values, &explainer);
    let mut output = Output::new(args);
    for input in &inputs {
        match sources.read(input, &mut |document| looker.document(&document, &mut output)) {
            Ok(flow) if flow.is_break() => break,
            Ok(_) => {}
            Err(error) => output.failed(|| format!("rushlight: {error}\n")),
        }
    }
    let ended = output.end(|ty| explainer.warnings(&expression.check(ty)));
    ended.map_err(|error| format!("standard output: {error}"))?;
    Ok(output.status())
}
