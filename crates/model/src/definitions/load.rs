//! The types of a release, from the text of `types.tsv`.

use std::sync::Arc;

use super::index::Index;
use super::lines::{Fields, lines};
use super::types::{
    Binding, Constraint, ElementDefinition, Member, Severity, Strength, TypeDefinition, TypeId, TypeKind,
    TypeRef, packed,
};

/// All types of a release.
#[derive(Debug)]
pub(super) struct Types {
    all: Box<[TypeDefinition]>,
    by_name: Index,
}

impl Types {
    pub(super) fn named(&self, name: &str) -> Option<&TypeDefinition> {
        let has = |number| self.all.get(number as usize).is_some_and(|ty| ty.name == name);
        self.by_name.find(name, has).and_then(|number| self.all.get(number as usize))
    }

    pub(super) fn at(&self, id: TypeId) -> Option<&TypeDefinition> {
        self.all.get(id.index())
    }

    pub(super) fn all(&self) -> &[TypeDefinition] {
        &self.all
    }
}

/// Reads the text. What is not as it should be is left out: a test sees to it that nothing is.
pub(super) fn load(text: &'static str) -> Types {
    let names = Names::new(text);
    let mut drafts: Vec<Option<Draft>> = drafts(text, &names).into_iter().map(Some).collect();
    let mut done: Vec<Option<TypeDefinition>> = drafts.iter().map(|_| None).collect();
    for at in 0..drafts.len() {
        complete(at, &mut drafts, &mut done);
    }
    Types { all: done.into_iter().flatten().collect(), by_name: names.index }
}

/// The types' names, which others refer to before and after.
struct Names {
    names: Vec<&'static str>,
    index: Index,
}

impl Names {
    fn new(text: &'static str) -> Self {
        let names: Vec<&str> = lines(text)
            .filter(|(kind, _)| *kind == "type")
            .map(|(_, mut fields)| fields.next().unwrap_or_default())
            .collect();
        let index = Index::new(names.iter().copied().zip(0..names.len() as u32));
        Self { names, index }
    }

    fn id(&self, name: &str) -> Option<TypeId> {
        let has = |number| self.names.get(number as usize).is_some_and(|known| *known == name);
        self.index.find(name, has).and_then(|number| u16::try_from(number).ok()).map(TypeId)
    }
}

/// A type with what is its own only.
struct Draft {
    name: &'static str,
    kind: TypeKind,
    base: Option<TypeId>,
    is_abstract: bool,
    regex: Option<&'static str>,
    constraints: Vec<Constraint>,
    elements: Vec<(ElementDefinition, Vec<Constraint>)>,
}

/// One draft for each name, in the same order.
fn drafts(text: &'static str, names: &Names) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::with_capacity(names.names.len());
    for (kind, mut fields) in lines(text) {
        if kind == "type" {
            drafts.push(draft(&mut fields, names));
            continue;
        }
        let Some(draft) = drafts.last_mut() else { continue };
        match kind {
            "regex" => draft.regex = fields.next(),
            "el" => draft.elements.extend(element(&mut fields, names).map(|element| (element, Vec::new()))),
            "inv" => {
                let constraints = match draft.elements.last_mut() {
                    Some((_, constraints)) => constraints,
                    None => &mut draft.constraints,
                };
                constraints.extend(constraint(&mut fields));
            }
            _ => {}
        }
    }
    drafts
}

fn draft(fields: &mut Fields, names: &Names) -> Draft {
    let name = fields.next().unwrap_or_default();
    let kind = match fields.next() {
        Some("primitive") => TypeKind::Primitive,
        Some("resource") => TypeKind::Resource,
        Some("backbone") => TypeKind::Backbone,
        _ => TypeKind::Datatype,
    };
    Draft {
        name,
        kind,
        base: fields.value().and_then(|base| names.id(base)),
        is_abstract: fields.next() == Some("A"),
        regex: None,
        constraints: Vec::new(),
        elements: Vec::new(),
    }
}

fn element(fields: &mut Fields, names: &Names) -> Option<ElementDefinition> {
    let name = fields.next()?;
    let min = fields.number()?;
    let max = match fields.next()? {
        "*" => None,
        max => Some(max.parse().ok()?),
    };
    let flags = fields.next()?;
    let types = fields.next()?.split(',').filter_map(|ty| type_ref(ty, names)).collect();
    Some(ElementDefinition {
        name,
        min,
        max,
        choice: flags.contains('X'),
        modifier: flags.contains('M'),
        summary: flags.contains('S'),
        types,
        binding: fields.value().and_then(binding),
        constraints: Arc::default(),
    })
}

/// `string`, `Quantity:SimpleQuantity`, `Reference(Patient|Group)`.
fn type_ref(written: &'static str, names: &Names) -> Option<TypeRef> {
    let (name, targets) = match written.split_once('(') {
        Some((name, targets)) => (name, targets.trim_end_matches(')').split('|').collect()),
        None => (written, Box::default()),
    };
    let (code, refined) = name.split_once(':').unwrap_or((name, name));
    Some(TypeRef { code, ty: names.id(refined)?, targets })
}

fn binding(written: &'static str) -> Option<Binding> {
    let (strength, value_set) = written.split_once(':')?;
    let strength = match strength {
        "r" => Strength::Required,
        "x" => Strength::Extensible,
        "p" => Strength::Preferred,
        _ => Strength::Example,
    };
    Some(Binding { strength, value_set })
}

fn constraint(fields: &mut Fields) -> Option<Constraint> {
    let key = fields.next()?;
    let severity = if fields.next()? == "warning" { Severity::Warning } else { Severity::Error };
    Some(Constraint { key, severity, expression: fields.next()? })
}

/// Completes a draft with what its base has, which is completed first. A base that is under way is no base.
fn complete(at: usize, drafts: &mut [Option<Draft>], done: &mut [Option<TypeDefinition>]) {
    let Some(draft) = drafts.get_mut(at).and_then(Option::take) else { return };
    if let Some(base) = draft.base {
        complete(base.index(), drafts, done);
    }
    let base = draft.base.and_then(|base| done.get(base.index())?.as_ref());
    let constraints = joined(base.map(|base| &base.constraints), draft.constraints);
    let mut elements: Vec<ElementDefinition> = base.map(|base| base.elements.to_vec()).unwrap_or_default();
    for (mut element, own) in draft.elements {
        let inherited = elements.iter_mut().find(|inherited| inherited.name == element.name);
        element.constraints = joined(inherited.as_ref().map(|inherited| &inherited.constraints), own);
        match inherited {
            Some(inherited) => *inherited = element,
            None => elements.push(element),
        }
    }
    let ty = TypeDefinition {
        name: draft.name,
        id: TypeId(u16::try_from(at).unwrap_or(u16::MAX)),
        kind: draft.kind,
        base: draft.base,
        is_abstract: draft.is_abstract,
        regex: draft.regex.or_else(|| base.and_then(|base| base.regex)),
        constraints,
        members: members(&elements),
        elements: elements.into_boxed_slice(),
    };
    if let Some(slot) = done.get_mut(at) {
        *slot = Some(ty);
    }
}

fn joined(inherited: Option<&Arc<[Constraint]>>, own: Vec<Constraint>) -> Arc<[Constraint]> {
    match inherited {
        Some(inherited) if own.is_empty() => Arc::clone(inherited),
        Some(inherited) => inherited.iter().copied().chain(own).collect(),
        None => own.into(),
    }
}

fn members(elements: &[ElementDefinition]) -> Index {
    let mut members = Vec::with_capacity(elements.len());
    for (at, element) in (0_u16..).zip(elements) {
        let types = if element.choice { element.types.len() } else { 1 };
        for ty in (0_u8..).take(types) {
            let number = packed(Member { element: at, ty });
            members.extend(element.json_name(ty).map(|name| (name, number)));
        }
    }
    Index::new(members.iter().map(|(name, number)| (name.as_str(), *number)))
}
