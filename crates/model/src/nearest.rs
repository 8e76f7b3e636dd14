//! What a writer may have meant by a name that there is not.

/// Names that are compared, at most: a suggestion is worth so much work and no more.
const MOST: usize = 2000;

/// The name that is most like `wanted`, if one is like it at all: at most a third of its letters may differ. Case
/// does not count.
///
/// ```
/// use rushlight_model::nearest;
///
/// assert_eq!(nearest("identifer", ["active", "identifier"].into_iter()), Some("identifier"));
/// assert_eq!(nearest("x", ["active", "identifier"].into_iter()), None);
/// ```
pub fn nearest<Name: AsRef<str>>(wanted: &str, names: impl Iterator<Item = Name>) -> Option<Name> {
    if wanted.len() > 64 {
        return None;
    }
    let wanted = wanted.to_ascii_lowercase();
    let length = wanted.chars().count();
    let near = |name: &Name| name.as_ref().chars().count().abs_diff(length) * 3 <= length;
    let (distance, found) = names
        .take(MOST)
        .filter(near)
        .map(|name| (distance(&wanted, &name.as_ref().to_ascii_lowercase()), name))
        .min_by_key(|(distance, _)| *distance)?;
    (distance * 3 <= length).then_some(found)
}

/// Edit distance in which two swapped neighbours count as one step (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut previous = None;
    for (i, x) in a.chars().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
        for (j, y) in b.iter().enumerate() {
            let swap = previous == Some(*y) && j > 0 && b.get(j - 1) == Some(&x);
            let mut least =
                (cell(&last, j) + usize::from(x != *y)).min(cell(&last, j + 1) + 1).min(cell(&row, j) + 1);
            if swap {
                least = least.min(cell(&before, j - 1) + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
        previous = Some(x);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_near() {
        let known = ["_count", "_since", "Patient", "Observation"];
        for (name, expected) in [
            ("count", Some("_count")),
            ("_Count", Some("_count")),
            ("_sinse", Some("_since")),
            ("Patinet", Some("Patient")),
            ("x", None),
            ("", None),
            ("practitioner", None),
        ] {
            assert_eq!(nearest(name, known.into_iter()), expected, "{name}");
        }
        let long = "a".repeat(65);
        assert_eq!(nearest(&long, [&long].into_iter()), None);
    }
}
