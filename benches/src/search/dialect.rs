//! Marks in the statements by hand, and what they stand for on each database.

use std::collections::HashMap;

/// A statement, for a database.
///
/// | mark | stands for |
/// |---|---|
/// | `@token` | the table of an index |
/// | `@by_rid(token) t` | the same under a name, found by unit and resource |
/// | `@unit(Patient Token gender)` | the number of a unit |
/// | `@type(Patient)` | the number of a type |
/// | `@in(i)` | that the rows of `i` are on the shard |
/// | `@current(v i.rid)` | that `v` is the current version of the resource with this key |
/// | `?`, `?int`, `?key`, `?hex` | a text that is bound as such, as a number, as the key of an id, as bytes |
pub struct Dialect {
    /// Whether it is PostgreSQL's.
    pub postgres: bool,
    /// The numbers of units by their keys.
    pub units: HashMap<String, i64>,
}

impl Dialect {
    /// The statement with `?` for what is bound.
    pub fn statement(&self, text: &str) -> Result<String, String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['@', '?']) {
            let (before, mark) = rest.split_at(at);
            out.push_str(before);
            let end = mark[1..]
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .map_or(mark.len(), |end| end + 1);
            let (word, after) = mark.split_at(end);
            let (inside, after) = match after.strip_prefix('(').filter(|_| word.starts_with('@')) {
                Some(inner) => inner.split_once(')').map_or(("", after), |(inside, after)| (inside, after)),
                None => ("", after),
            };
            rest = after;
            out.push_str(&self.mark(word, inside, &mut rest)?);
        }
        out.push_str(rest);
        Ok(out)
    }

    fn mark(&self, word: &str, inside: &str, rest: &mut &str) -> Result<String, String> {
        let unknown = || format!("{word}({inside}) stands for nothing");
        Ok(match (word, self.postgres) {
            ("?", _) => "?".to_owned(),
            ("?int", _) => "CAST(? AS BIGINT)".to_owned(),
            ("?key", false) => "CAST(? AS BLOB)".to_owned(),
            ("?key", true) => "convert_to(?, 'UTF8')".to_owned(),
            ("?hex", false) => "unhex(?)".to_owned(),
            ("?hex", true) => "decode(?, 'hex')".to_owned(),
            ("@in", false) => String::new(),
            ("@in", true) => format!(" AND {inside}.shard = 0"),
            ("@current", postgres) => {
                let (version, key) = inside.split_once(' ').ok_or_else(unknown)?;
                let [w, v] = ["w", version].map(|alias| match postgres {
                    true => format!(" AND {alias}.shard = 0"),
                    false => String::new(),
                });
                format!(
                    "{version}.seq = COALESCE((SELECT w.seq FROM version w WHERE w.rid = {key} AND w.version > 1{w} \
                     ORDER BY w.version DESC LIMIT 1), {key}){v}"
                )
            }
            ("@unit", _) => self.units.get(&format!("R4 {inside} 1")).ok_or_else(unknown)?.to_string(),
            ("@type", _) => {
                rushlight_model::ResourceType::from_name(inside).ok_or_else(unknown)?.number().to_string()
            }
            ("@by_rid", false) => {
                // The name goes before the hint.
                let alias = rest.trim_start().split(' ').next().unwrap_or_default();
                *rest = rest.trim_start().strip_prefix(alias).unwrap_or_default();
                format!("ix.{inside} {alias} INDEXED BY {inside}_by_rid")
            }
            ("@by_rid", true) => format!("ix_{inside}"),
            (table, false) => format!("ix.{}", table.trim_start_matches('@')),
            (table, true) => format!("ix_{}", table.trim_start_matches('@')),
        })
    }
}
