//! Value sets that enumerate codes. <https://hl7.org/fhir/R4/valueset.html>

use super::{MOST, OfStore, Why, items, text};
use rushlight_model::json::Value;
use std::collections::HashSet;

/// Value sets within value sets.
const DEPTH: usize = 8;

/// A system and a code.
pub type Coded = (String, String);

impl OfStore<'_> {
    /// The codes that a value set holds; `None` where it is not known.
    pub(super) fn expanded(&self, url: &str) -> Result<Option<Vec<Coded>>, Why> {
        self.set(url, 0)
    }

    fn set(&self, url: &str, depth: usize) -> Result<Option<Vec<Coded>>, Why> {
        if depth > DEPTH {
            return Err(format!("value sets are more than {DEPTH} deep within each other"));
        }
        if let Some(tree) = self.canonical("ValueSet", url)? {
            return self.of(tree.root(), depth).map(Some);
        }
        let (bare, version) = url.split_once('|').map_or((url, None), |(url, version)| (url, Some(version)));
        let known = self.definitions().value_set(bare);
        match known.filter(|known| version.is_none() || version == known.version) {
            Some(known) if known.is_open() => {
                Err(format!("it holds codes of {}, which is not known here", known.open_systems().join(", ")))
            }
            Some(known) => {
                Ok(Some(known.codes().map(|(system, code)| (system.to_owned(), code.to_owned())).collect()))
            }
            None => Ok(None),
        }
    }

    fn of(&self, set: Value<'_>, depth: usize) -> Result<Vec<Coded>, Why> {
        let Some(compose) = set.get("compose") else {
            let expansion = set.get("expansion").ok_or("it has neither a definition nor an expansion")?;
            return expansion_of(expansion);
        };
        let mut found: Vec<Coded> = Vec::new();
        let mut seen: HashSet<Coded> = HashSet::new();
        for include in items(compose, "include") {
            let codes = self.part(include, depth)?;
            found.extend(codes.into_iter().filter(|code| seen.insert(code.clone())));
            if found.len() > MOST {
                return Err(format!("it holds more than {MOST} codes"));
            }
        }
        for exclude in items(compose, "exclude") {
            let without: HashSet<Coded> = self.part(exclude, depth)?.into_iter().collect();
            found.retain(|code| !without.contains(code));
        }
        Ok(found)
    }

    /// The codes of an `include` or `exclude`: those of its system that are also in all of its value sets.
    fn part(&self, part: Value<'_>, depth: usize) -> Result<Vec<Coded>, Why> {
        let mut found: Option<Vec<Coded>> = None;
        if part.get("system").is_some() {
            found = Some(self.of_system(part)?);
        }
        for other in items(part, "valueSet") {
            let url = other.as_str().unwrap_or_default();
            let codes =
                self.set(&url, depth + 1)?.ok_or_else(|| format!("the value set {url} is not known here"))?;
            found = Some(match found {
                None => codes,
                Some(mut found) => {
                    let within: HashSet<Coded> = codes.into_iter().collect();
                    found.retain(|code| within.contains(code));
                    found
                }
            });
        }
        found.ok_or_else(|| "a part of it names neither a system nor a value set".to_owned())
    }

    fn of_system(&self, part: Value<'_>) -> Result<Vec<Coded>, Why> {
        let system = text(part, "system");
        let of = |code: String| (system.clone(), code);
        let listed: Vec<Coded> = items(part, "concept").map(|concept| of(text(concept, "code"))).collect();
        if !listed.is_empty() {
            return Ok(listed);
        }
        // A version may be another one than is stored under the bare URL.
        let version = text(part, "version");
        let named = if version.is_empty() { system.clone() } else { format!("{system}|{version}") };
        let concepts = self.concepts(&named)?;
        let concepts =
            concepts.ok_or_else(|| format!("the code system {named} is not known here, or not wholly"))?;
        let mut codes: Vec<String> =
            concepts.order.iter().filter(|code| !concepts.not_chosen.contains(*code)).cloned().collect();
        for filter in items(part, "filter") {
            let [property, op, value] = ["property", "op", "value"].map(|name| text(filter, name));
            let hierarchy = ["concept", "code"].contains(&property.as_str());
            let below: HashSet<String> = match op.as_str() {
                "is-a" | "is-not-a" | "descendent-of" if hierarchy => {
                    concepts.related(&value, true).into_iter().collect()
                }
                _ => return Err(format!("it filters codes by {property} {op}, which is not done here")),
            };
            codes.retain(|code| match op.as_str() {
                "is-not-a" => !below.contains(code),
                "descendent-of" => below.contains(code) && *code != value,
                _ => below.contains(code),
            });
        }
        Ok(codes.into_iter().map(of).collect())
    }
}

/// The codes of an expansion that is whole.
fn expansion_of(expansion: Value<'_>) -> Result<Vec<Coded>, Why> {
    let number = |name: &str| expansion.get(name).and_then(|value| value.raw().parse::<usize>().ok());
    let truly = |value: Value<'_>, name: &str| value.get(name).is_some_and(|value| value.raw() == "true");
    let mut waiting: Vec<Value<'_>> = items(expansion, "contains").collect();
    let mut found = Vec::new();
    let mut counted = 0;
    while let Some(entry) = waiting.pop() {
        counted += 1;
        let code = text(entry, "code");
        if !code.is_empty() && !truly(entry, "abstract") {
            found.push((text(entry, "system"), code));
        }
        waiting.extend(items(entry, "contains"));
        if counted > MOST {
            return Err(format!("it holds more than {MOST} codes"));
        }
    }
    match number("total") {
        Some(total) if total > counted => Err("its expansion is not whole".to_owned()),
        _ if number("offset").unwrap_or(0) > 0 => Err("its expansion is not whole".to_owned()),
        _ => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_model::json::{Limits, Tree};

    #[test]
    fn an_expansion_counts_where_it_is_whole() {
        for (text, expected) in [
            (
                r#"{"contains":[{"system":"s","code":"a","contains":[{"system":"s","code":"b"}]},{"abstract":true,"code":"c"}]}"#,
                Ok(2),
            ),
            (r#"{"total":1,"contains":[{"system":"s","code":"a"}]}"#, Ok(1)),
            (r#"{"total":2,"contains":[{"system":"s","code":"a"}]}"#, Err(())),
            (r#"{"offset":5,"contains":[{"system":"s","code":"a"}]}"#, Err(())),
            (r#"{}"#, Ok(0)),
        ] {
            let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
            let found = expansion_of(tree.root()).map(|codes| codes.len()).map_err(drop);
            assert_eq!(found, expected, "{text}");
        }
    }
}
