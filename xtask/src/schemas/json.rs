//! Members of a definition, where a missing one is empty.

use serde_json::Value;

/// The text of a member; empty where there is none.
pub fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The items of a member; none where there is none.
pub fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The items of a member that are texts.
pub fn texts<'v>(value: &'v Value, name: &str) -> Vec<&'v str> {
    list(value, name).iter().filter_map(Value::as_str).collect()
}

/// Whether a member is there and true.
pub fn truth(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// What an extension of this URL says.
pub fn extension<'v>(value: &'v Value, url: &str) -> Option<&'v str> {
    let extension = list(value, "extension").iter().find(|one| text(one, "url") == url)?;
    extension.as_object()?.iter().find(|(name, _)| name.starts_with("value"))?.1.as_str()
}

/// The last part of a URL's path: the name in `http://hl7.org/fhir/StructureDefinition/Patient`.
pub fn last_part(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

/// A canonical URL without `|version`.
pub fn unversioned(url: &str) -> &str {
    url.split('|').next().unwrap_or(url)
}
