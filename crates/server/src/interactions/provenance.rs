//! A Provenance that comes with what it is about, in the header `X-Provenance`, and is stored with it:
//! <https://hl7.org/fhir/R4/provenance.html#header>

use crate::app::App;
use crate::context::Context;
use crate::error::Error;
use rushlight_model::outcome::OperationOutcome;
use rushlight_model::{Body, Id, ResourceType, tree};
use rushlight_persistence::{Op, Precondition, Read};

const HEADER: &str = "X-Provenance";

/// The op that stores the Provenance of a create.
///
/// # Errors
/// As of [`op`].
pub fn of_create(context: &Context, ty: ResourceType, id: &Id) -> Result<Option<Op>, Error> {
    op(context, || format!("{}/{id}/_history/1", ty.name()))
}

/// The op that stores the Provenance of an update. Which version that makes is known where the client says which one
/// was current; otherwise the target is the resource.
///
/// # Errors
/// As of [`op`], and of a read.
pub async fn of_update(
    context: &Context,
    ty: ResourceType,
    id: &Id,
    body: &Body,
    condition: Precondition,
) -> Result<Option<Op>, Error> {
    if !context.request.headers().contains_key(HEADER) {
        return Ok(None);
    }
    let Precondition::IfMatch(current) = condition else {
        return op(context, || format!("{}/{id}", ty.name()));
    };
    let wanted = id.clone();
    let found = context.read(move |store, access| store.vread(access, ty, &wanted, current)).await?;
    // What changes nothing makes no version.
    let same = matches!(found, Read::Found(version) if version.body == body.text());
    let version = if same { current } else { current.saturating_add(1) };
    op(context, || format!("{}/{id}/_history/{version}", ty.name()))
}

/// Reads the header, if it is there.
///
/// # Errors
/// 400 for what is no Provenance without a target; 422 for one that breaks rules.
fn op(context: &Context, target: impl FnOnce() -> String) -> Result<Option<Op>, Error> {
    let mut values = context.request.headers().get_all(HEADER);
    let Some(value) = values.next() else { return Ok(None) };
    let text = std::str::from_utf8(value.as_bytes()).ok().filter(|_| values.next().is_none());
    let expected = "one Provenance in JSON, in UTF-8, without a target";
    let bad = || Error::BadHeader { name: HEADER, expected };
    let whole = with_target(text.ok_or_else(bad)?, &target()).map_err(told)?.ok_or_else(bad)?;
    let ty = ResourceType::from_name("Provenance").ok_or_else(bad)?;
    let id = App::new_id();
    let body = context.app.checks.resource(whole.as_bytes(), ty, None).map_err(told)?.with_id(&id);
    Ok(Some(Op::Create { id, body }))
}

/// The Provenance with its target right after its type; `None` where it has one already, or has no type.
fn with_target(text: &str, target: &str) -> Result<Option<String>, Error> {
    // Within the bounds of headers.
    let tree = tree(text.as_bytes(), &rushlight_model::Limits::default())?;
    let root = tree.root();
    let Some(ty) = root.get("resourceType") else { return Ok(None) };
    if root.get("target").is_some() || root.get("_target").is_some() {
        return Ok(None);
    }
    let (before, after) = tree.text().split_at(ty.span().end);
    // Types and ids need no escaping.
    Ok(Some(format!(r#"{before},"target":[{{"reference":"{target}"}}]{after}"#)))
}

/// The same error, said of the header.
fn told(error: Error) -> Error {
    let broken = matches!(error, Error::BreaksRules(_));
    let OperationOutcome { mut issues } = error.outcome();
    for issue in &mut issues {
        issue.diagnostics.insert_str(0, "in the header X-Provenance: ");
    }
    match broken {
        true => Error::BreaksRules(issues),
        false => Error::Invalid(OperationOutcome { issues }),
    }
}

#[cfg(test)]
mod tests {
    use super::with_target;

    #[test]
    fn the_target_is_put_in_once() {
        let text = r#"{ "resourceType": "Provenance", "recorded": "2026-01-01T00:00:00Z" }"#;
        let expected = r#"{"resourceType":"Provenance","target":[{"reference":"Patient/p"}],"recorded":"2026-01-01T00:00:00Z"}"#;
        assert_eq!(with_target(text, "Patient/p").unwrap().as_deref(), Some(expected));
        assert_eq!(with_target(expected, "Patient/p").unwrap(), None);
        assert_eq!(with_target("{}", "Patient/p").unwrap(), None);
        assert!(with_target("{", "Patient/p").is_err());
    }
}
