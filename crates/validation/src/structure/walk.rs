//! The walk: objects, their members, and what each must be.

use super::facts::{Content, Fact, Special, bit};
use super::path::{Path, Step};
use super::reference::Scope;
use super::{MOST, Validator};
use crate::narrative;
use crate::problem::{Problem, Rule, short};
use rushlight_model::definitions::{ElementDefinition, TypeDefinition, TypeKind, TypeRef};
use rushlight_model::json::{Kind, Value};
use rushlight_model::nearest;

/// A walk over one resource and everything in it.
pub(super) struct Walk<'v, 't> {
    pub(super) validator: &'v Validator,
    pub(super) path: Path,
    problems: Vec<Problem>,
    /// The resource that is not contained in another, whose `#` references are looked at.
    pub(super) scope: Scope<'t>,
    /// Whether the resources of a Bundle's entries are walked, too.
    entries: bool,
}

/// How a resource lies in another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// By itself, or as a whole in a Bundle or a parameter.
    Own,
    /// In `contained`.
    Contained,
    /// In `contained` of what is contained.
    Nested,
}

/// An element, and the type that this value of it has.
#[derive(Clone, Copy)]
pub(super) struct Typed<'v> {
    pub(super) element: &'v ElementDefinition,
    pub(super) ty: &'v TypeRef,
}

impl Typed<'_> {
    pub(super) fn step(self, index: Option<usize>) -> Step {
        Step { name: self.element.name, choice: self.element.choice.then_some(self.ty.code), index }
    }
}

/// Which elements of an object were seen.
struct Seen {
    elements: u128,
    /// For a choice, one more than the place of the type seen.
    types: [u8; 128],
}

impl<'v, 't> Walk<'v, 't> {
    /// Of a resource whose place is called `root`.
    pub(super) fn new(validator: &'v Validator, resource: Value<'t>, root: &str, entries: bool) -> Self {
        let (path, scope) = (Path::new(root), Scope::new(resource));
        Self { validator, path, problems: Vec::new(), scope, entries }
    }

    pub(super) fn finish(self) -> Vec<Problem> {
        self.problems
    }

    /// Notes a problem with the element where the walk is.
    pub(super) fn problem(&mut self, rule: Rule, value: Value<'t>, text: String) {
        let expression = self.path.here();
        self.note(rule, expression, value.source(), text);
    }

    /// Notes a problem with an element right below.
    pub(super) fn below(&mut self, rule: Rule, step: Step, value: Value<'t>, text: String) {
        let expression = self.path.below(step);
        self.note(rule, expression, value.source(), text);
    }

    /// Whether more problems would not be told, so that looking further is of no use.
    pub(super) fn is_full(&self) -> bool {
        self.problems.len() > MOST
    }

    fn note(&mut self, rule: Rule, expression: String, offset: usize, text: String) {
        match self.problems.len() {
            MOST => {
                let text = format!("more than {MOST} problems; the rest is not told");
                self.problems.push(Problem { rule: Rule::More, expression, offset, text });
            }
            found if found < MOST => self.problems.push(Problem { rule, expression, offset, text }),
            _ => {}
        }
    }

    /// The whole.
    pub(super) fn root(&mut self, resource: Value<'t>) {
        self.resource(resource, Place::Own);
        self.end_scope();
    }

    fn resource(&mut self, value: Value<'t>, place: Place) {
        if value.kind() != Kind::Object {
            return self.problem(Rule::JsonKind, value, "a resource is a JSON object".to_owned());
        }
        let Some(ty) = self.resource_type(value) else { return };
        if place != Place::Own {
            self.contained_rules(value, place == Place::Nested);
        }
        self.object(value, ty, place);
    }

    /// The definition that a resource names.
    fn resource_type(&mut self, value: Value<'t>) -> Option<&'v TypeDefinition> {
        let Some(member) = value.get("resourceType") else {
            let step = Step { name: "resourceType", choice: None, index: None };
            self.below(Rule::ResourceType, step, value, "resourceType is missing".to_owned());
            return None;
        };
        let definitions = self.validator.definitions;
        let name = member.as_str().unwrap_or_default();
        let known = definitions.ty(&name).filter(|ty| ty.kind == TypeKind::Resource && !ty.is_abstract);
        if known.is_none() {
            let near = nearest(&name, definitions.resource_types().map(|ty| ty.name()));
            let text = format!(
                "{} is no resource type of FHIR {}{}",
                shown(member),
                definitions.release(),
                did_you_mean(near)
            );
            self.problem(Rule::ResourceType, member, text);
        }
        known
    }

    fn object(&mut self, value: Value<'t>, ty: &'v TypeDefinition, place: Place) {
        let mut seen = Seen { elements: 0, types: [0; 128] };
        let is_resource = ty.kind == TypeKind::Resource;
        let mut empty = true;
        for child in value.children() {
            if self.is_full() {
                return;
            }
            let Some(name) = child.name() else { continue };
            if is_resource && name == "resourceType" {
                continue;
            }
            empty = false;
            let bare = name.strip_prefix('_').unwrap_or(&name);
            let Some((at, typed)) = self.typed(ty, bare) else {
                self.unknown(child, &name, ty);
                continue;
            };
            if !seen.add(at, &typed) {
                let text = format!("{} is there with another type, too; only one can be", typed.element.name);
                self.below(Rule::Choice, typed.step(None), child, text);
            }
            if bare.len() == name.len() {
                self.element(child, typed, place);
            } else {
                self.companion(value, child, bare, typed);
            }
        }
        if empty && !is_resource {
            return self.problem(Rule::Empty, value, "an object has at least one member".to_owned());
        }
        let fact = self.validator.facts.of(ty.id);
        self.minimum(value, ty, &fact, &seen);
        match fact.special {
            Special::None => {}
            Special::Extension => self.extension(value, ty, &seen),
            Special::Reference => {}
        }
    }

    fn typed(&self, ty: &'v TypeDefinition, name: &str) -> Option<(usize, Typed<'v>)> {
        let member = ty.member(name)?;
        let element = ty.elements().get(usize::from(member.element))?;
        let ty = element.types.get(usize::from(member.ty))?;
        Some((usize::from(member.element), Typed { element, ty }))
    }

    #[cold]
    fn unknown(&mut self, child: Value<'t>, name: &str, ty: &TypeDefinition) {
        let bare = name.strip_prefix('_').unwrap_or(name);
        let short = short(name);
        let choice = ty.elements().iter().find(|element| element.choice && element.name == bare);
        let text = match choice.and_then(|element| element.json_name(0)) {
            Some(example) => format!("{short} needs its type in its name, as in {example}"),
            None if bare == "modifierExtension" => {
                format!("{} has no modifierExtension; only backbone elements and resources have", ty.name)
            }
            None => {
                let names = ty.elements().iter().flat_map(|element| {
                    (0..u8::try_from(element.types.len()).unwrap_or(u8::MAX))
                        .take(if element.choice { usize::MAX } else { 1 })
                        .filter_map(|at| element.json_name(at))
                });
                let near = nearest(bare, names);
                format!("there is no element {short} in {}{}", ty.name, did_you_mean(near.as_deref()))
            }
        };
        let expression = format!("{}.{short}", self.path.here());
        self.note(Rule::UnknownElement, expression, child.source(), text);
    }

    fn minimum(&mut self, value: Value<'t>, ty: &'v TypeDefinition, fact: &Fact, seen: &Seen) {
        let mut missing = fact.required & !seen.elements;
        while missing != 0 {
            let at = missing.trailing_zeros() as usize;
            missing &= missing - 1;
            let Some(element) = ty.elements().get(at) else { continue };
            let step = Step { name: element.name, choice: None, index: None };
            let what = if element.choice { "[x]" } else { "" };
            let text = format!("{}{what} is missing; {} has at least {}", element.name, ty.name, element.min);
            self.below(Rule::Minimum, step, value, text);
        }
    }

    /// A member: an array if its element repeats, otherwise one value.
    fn element(&mut self, value: Value<'t>, typed: Typed<'v>, place: Place) {
        let element = typed.element;
        match (element.repeats(), value.kind() == Kind::Array) {
            (false, false) => self.single(value, typed, None, place),
            (true, true) => self.array(value, typed, place),
            (true, false) => {
                let text = format!("{} repeats, so it is a JSON array", element.name);
                self.below(Rule::JsonKind, typed.step(None), value, text);
            }
            (false, true) => {
                let text = format!("{} does not repeat, so it is no JSON array", element.name);
                self.below(Rule::Maximum, typed.step(None), value, text);
            }
        }
        if element.max == Some(0) {
            let text = format!("{} is not allowed here", element.name);
            self.below(Rule::Maximum, typed.step(None), value, text);
        }
    }

    fn array(&mut self, value: Value<'t>, typed: Typed<'v>, place: Place) {
        let element = typed.element;
        let mut count: u32 = 0;
        // Side by side with the array: to find each companion by its number would take too long.
        let mut companions = None;
        for (index, item) in value.children().enumerate() {
            if self.is_full() {
                return;
            }
            count = count.saturating_add(1);
            if item.kind() == Kind::Null {
                let companions = companions.get_or_insert_with(|| companions_of(value).enumerate());
                let companion = companions.find(|(place, _)| *place == index).map(|(_, companion)| companion);
                self.filler(item, companion, typed, index);
            } else {
                self.single(item, typed, Some(index), place);
            }
        }
        if count == 0 {
            self.below(Rule::Empty, typed.step(None), value, "an array has at least one item".to_owned());
        } else if count < element.min || element.max.is_some_and(|max| count > max) {
            let (rule, bound) = if count < element.min {
                (Rule::Minimum, format!("at least {}", element.min))
            } else {
                (Rule::Maximum, format!("at most {}", element.max.unwrap_or_default()))
            };
            let text = format!("{count} of {}, which are {bound}", element.name);
            self.below(rule, typed.step(None), value, text);
        }
    }

    /// One value of an element.
    fn single(&mut self, value: Value<'t>, typed: Typed<'v>, index: Option<usize>, place: Place) {
        match self.validator.facts.of(typed.ty.ty).content {
            Content::Primitive(primitive) => match primitive.check(value) {
                Ok(()) => self.code(value, typed, index),
                Err(error) => {
                    let text = format!("found {}, {error}", shown(value));
                    self.below(Rule::Format, typed.step(index), value, text);
                }
            },
            Content::Narrative => self.narrative(value, typed),
            Content::Resource if !self.entries => {}
            Content::Resource => {
                self.path.push(typed.step(index));
                if typed.element.name == "contained" {
                    let place = if place == Place::Own { Place::Contained } else { Place::Nested };
                    self.resource(value, place);
                } else {
                    let outer = self.begin_scope(value);
                    self.resource(value, Place::Own);
                    self.end_scope();
                    self.scope = outer;
                }
                self.path.pop();
            }
            Content::Object => {
                let Some(ty) = self.validator.definitions.type_at(typed.ty.ty) else { return };
                if value.kind() != Kind::Object {
                    let text = format!("found {}, expected a JSON object: {}", shown(value), ty.name);
                    return self.below(Rule::JsonKind, typed.step(index), value, text);
                }
                self.path.push(typed.step(index));
                self.object(value, ty, place);
                self.concept(value, typed);
                self.reference(value, typed);
                self.path.pop();
            }
        }
    }

    /// `null` in an array holds the place of a value that has only extensions.
    fn filler(&mut self, item: Value<'t>, companion: Option<Value<'t>>, typed: Typed<'v>, index: usize) {
        if companion.is_none_or(|value| value.kind() != Kind::Object) {
            let name = typed.element.name;
            let text = format!("null is only for a value that has an id or extensions in _{name}");
            self.below(Rule::Empty, typed.step(Some(index)), item, text);
        }
    }

    /// The id and extensions of primitive values: `_birthDate`.
    fn companion(&mut self, object: Value<'t>, value: Value<'t>, name: &str, typed: Typed<'v>) {
        let content = self.validator.facts.of(typed.ty.ty).content;
        let Some(element) = self.validator.definitions.ty("Element") else { return };
        if !matches!(content, Content::Primitive(_)) {
            let text = format!("{name} is no primitive, so it has no _{name}");
            return self.below(Rule::PrimitiveExtension, typed.step(None), value, text);
        }
        let repeats = typed.element.repeats();
        if repeats != (value.kind() == Kind::Array) {
            let text = format!(
                "_{name} is {}, as {name} is",
                if repeats { "a JSON array" } else { "no JSON array" }
            );
            return self.below(Rule::JsonKind, typed.step(None), value, text);
        }
        if !repeats {
            return self.one_companion(value, typed, None, element);
        }
        let values = object.get(name);
        let mut count = 0;
        for (index, item) in value.children().enumerate() {
            if self.is_full() {
                return;
            }
            count += 1;
            if item.kind() != Kind::Null {
                self.one_companion(item, typed, Some(index), element);
            } else if values.is_none() {
                let text = format!("null in _{name}, and no value in {name}");
                self.below(Rule::Empty, typed.step(Some(index)), item, text);
            }
        }
        if values.is_some_and(|values| values.children().count() != count) {
            let text = format!("{name} and _{name} are of different length");
            self.below(Rule::PrimitiveExtension, typed.step(None), value, text);
        } else if count == 0 {
            self.below(Rule::Empty, typed.step(None), value, "an array has at least one item".to_owned());
        }
    }

    fn one_companion(
        &mut self,
        value: Value<'t>,
        typed: Typed<'v>,
        index: Option<usize>,
        ty: &'v TypeDefinition,
    ) {
        if value.kind() != Kind::Object {
            let text = format!("found {}, expected a JSON object with id or extension", shown(value));
            return self.below(Rule::JsonKind, typed.step(index), value, text);
        }
        self.path.push(typed.step(index));
        self.object(value, ty, Place::Own);
        self.path.pop();
    }

    fn extension(&mut self, value: Value<'t>, ty: &TypeDefinition, seen: &Seen) {
        let has = |name: &str| {
            let at = ty.elements().iter().position(|element| element.name == name);
            at.is_some_and(|at| seen.elements & bit(at) != 0)
        };
        match (has("extension"), has("value")) {
            (true, true) => {
                let text = "an extension has extensions or a value, and not both".to_owned();
                self.problem(Rule::Extension, value, text);
            }
            (false, false) => {
                self.problem(Rule::Extension, value, "an extension has extensions or a value".to_owned());
            }
            _ => {}
        }
    }

    fn narrative(&mut self, value: Value<'t>, typed: Typed<'v>) {
        let Some(div) = value.as_str() else {
            let text = format!("found {}, expected XHTML in a JSON string", shown(value));
            return self.below(Rule::Format, typed.step(None), value, text);
        };
        let mut texts = Vec::new();
        narrative::check(&div, &mut |problem| {
            let constraint = problem.kind.constraint().map(|key| format!(" ({key})")).unwrap_or_default();
            let at = div.get(..problem.offset).map_or(0, |before| before.chars().count()) + 1;
            texts.push(format!("at character {at} of the narrative: {}{constraint}", problem.kind));
        });
        for text in texts {
            self.below(Rule::Narrative, typed.step(None), value, text);
        }
    }
}

impl Seen {
    /// Notes an element; `false` if it was seen with another type.
    fn add(&mut self, at: usize, typed: &Typed<'_>) -> bool {
        self.elements |= bit(at);
        if !typed.element.choice {
            return true;
        }
        let number = typed.element.types.iter().position(|ty| std::ptr::eq(ty, typed.ty));
        let number = number.and_then(|number| u8::try_from(number + 1).ok()).unwrap_or(u8::MAX);
        match self.types.get_mut(at) {
            Some(known @ 0) => {
                *known = number;
                true
            }
            Some(known) => *known == number,
            None => true,
        }
    }
}

/// The items of `_name` beside the array `name`.
fn companions_of<'t>(array: Value<'t>) -> impl Iterator<Item = Value<'t>> {
    let name = array.name().unwrap_or_default();
    let all = array.parent().and_then(|object| object.get(&format!("_{name}")));
    all.into_iter().flat_map(Value::children)
}

pub(super) fn did_you_mean(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean {near}?"))
}

/// A value, fit to be told: its beginning, on one line; of objects and arrays only what they are.
pub(super) fn shown(value: Value<'_>) -> String {
    match value.kind() {
        Kind::Object => "a JSON object".to_owned(),
        Kind::Array => "a JSON array".to_owned(),
        _ => short(value.raw()).to_owned(),
    }
}
