//! Where a store is, as a URL that may hold a password.

use super::shape::{Given, Shape, quoted};

/// The URL of a store; a password in it is never shown.
pub struct StoreUrl;

impl Shape for StoreUrl {
    type Value = String;

    fn expects(&self) -> String {
        "sqlite:FOLDER or postgres://USER@HOST/DATABASE".to_owned()
    }

    fn read(&self, given: &Given) -> Option<String> {
        given.text().filter(|text| rushlight_persistence::Location::parse(text).is_ok()).map(str::to_owned)
    }

    fn show(&self, value: &String) -> Option<String> {
        Some(quoted(&masked(value)))
    }
}

/// A URL without its passwords. What might be a part of one is taken for it.
fn masked(url: &str) -> String {
    const MASK: &str = "***";
    let mut out = url.to_owned();
    let begin = out.find("://").map_or(0, |at| at + 3);
    if let Some(end) = out.rfind('@')
        && let Some(colon) = out.get(begin..end).and_then(|user| user.find(':'))
    {
        out.replace_range(begin + colon + 1..end, MASK);
    }
    let Some((address, query)) = out.split_once('?') else { return out };
    let shown = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if name.contains("password") => format!("{name}={MASK}"),
        _ => pair.to_owned(),
    });
    format!("{address}?{}", shown.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        for (url, shown) in [
            ("postgres://u@h/db", "postgres://u@h/db"),
            ("postgres://u:secret@h:5432/db?a=b", "postgres://u:***@h:5432/db?a=b"),
            ("postgres://u:se:c/r@e?t@h/db", "postgres://u:***@h/db"),
            ("postgresql:///db?user=u&password=secret&x=y", "postgresql:///db?user=u&password=***&x=y"),
            ("sqlite:/var/lib/x", "sqlite:/var/lib/x"),
        ] {
            assert_eq!(masked(url), shown);
        }
    }
}
