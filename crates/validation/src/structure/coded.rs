//! Codes that must come from a value set: <https://hl7.org/fhir/R4/terminologies.html#required>.
//!
//! What can't be decided here, because the set holds codes of a system that nobody can list (languages, media types,
//! SNOMED CT), is let pass.

use super::walk::{Typed, Walk, did_you_mean, shown};
use crate::problem::Rule;
use rushlight_model::definitions::{Membership, Strength, ValueSet};
use rushlight_model::json::{Kind, Value};
use rushlight_model::nearest;

impl<'v, 't> Walk<'v, 't> {
    /// A primitive value with a required binding.
    pub(super) fn code(&mut self, value: Value<'t>, typed: Typed<'v>, index: Option<usize>) {
        let Some(set) = self.required(typed) else { return };
        let Some(code) = value.as_str() else { return };
        if set.contains(None, &code) == Membership::Out {
            self.below(Rule::Binding, typed.step(index), value, outside(value, &code, set));
        }
    }

    /// A Coding, or a CodeableConcept of which one Coding must be of the set.
    pub(super) fn concept(&mut self, value: Value<'t>, typed: Typed<'v>) {
        if !matches!(typed.ty.code, "Coding" | "CodeableConcept" | "CodeableReference") {
            return;
        }
        let Some(set) = self.required(typed) else { return };
        let concept = match typed.ty.code {
            "Coding" => return self.coding(value, set),
            "CodeableConcept" => value,
            _ => match value.get("concept") {
                Some(concept) => concept,
                None => return,
            },
        };
        let Some(codings) = concept.get("coding").filter(|codings| codings.kind() == Kind::Array) else {
            if let Some(text) = concept.get("text") {
                let told = format!("a text alone will not do: a code of {} is required", set.url);
                self.problem(Rule::Binding, text, told);
            }
            return;
        };
        if codings.children().all(|coding| membership(coding, set) == Membership::Out) {
            let text = format!("none of the codes is of {}, and one must be", set.url);
            self.problem(Rule::Binding, codings, text);
        }
    }

    fn coding(&mut self, value: Value<'t>, set: &'v ValueSet) {
        if membership(value, set) != Membership::Out {
            return;
        }
        let Some(code) = value.get("code") else { return };
        self.problem(Rule::Binding, code, outside(code, &code.as_str().unwrap_or_default(), set));
    }

    fn required(&self, typed: Typed<'v>) -> Option<&'v ValueSet> {
        let binding = typed.element.binding.filter(|binding| binding.strength == Strength::Required)?;
        self.validator.definitions.value_set(binding.value_set)
    }
}

/// Whether a Coding is of a set; one without a code can't be told.
fn membership(coding: Value<'_>, set: &ValueSet) -> Membership {
    let text = |name: &str| coding.get(name).and_then(Value::as_str);
    match text("code") {
        Some(code) => set.contains(text("system").as_deref(), &code),
        None => Membership::Unknown,
    }
}

fn outside(value: Value<'_>, code: &str, set: &ValueSet) -> String {
    let near = nearest(code, set.codes().map(|(_, code)| code));
    format!("{} is not of the value set {}{}", shown(value), set.url, did_you_mean(near))
}
