//! What a value set holds, as far as the packages can say.

use std::collections::{BTreeMap, BTreeSet};

/// The codes of a value set, by code system.
#[derive(Clone, Default)]
pub struct Content {
    systems: BTreeMap<String, Codes>,
    /// Part of the set is defined where no package tells: any system may be in it.
    unknown: bool,
}

/// The codes of one system in a value set.
#[derive(Clone, Default)]
pub struct Codes {
    /// Those that are surely in it, in the definition's order.
    pub listed: Vec<String>,
    /// Whether others may be in it.
    pub open: bool,
}

impl Content {
    /// A set of which nothing is known.
    pub fn unknown() -> Self {
        Self { systems: BTreeMap::new(), unknown: true }
    }

    /// A set of codes of one system, `open` where there may be others.
    pub fn of<'c>(system: &str, codes: impl IntoIterator<Item = &'c str>, open: bool) -> Self {
        let listed = codes.into_iter().map(str::to_owned).collect();
        Self { systems: BTreeMap::from([(system.to_owned(), Codes { listed, open })]), unknown: false }
    }

    /// Whether codes of any system may be in it.
    pub fn is_unknown(&self) -> bool {
        self.unknown
    }

    /// Its systems, in the order of their URLs.
    pub fn systems(&self) -> impl Iterator<Item = (&str, &Codes)> {
        self.systems.iter().map(|(url, codes)| (url.as_str(), codes))
    }

    /// Adds what another set holds.
    pub fn add(&mut self, other: Self) {
        self.unknown |= other.unknown;
        for (url, codes) in other.systems {
            let known = self.systems.entry(url).or_default();
            let seen: BTreeSet<String> = known.listed.iter().cloned().collect();
            known.listed.extend(codes.listed.into_iter().filter(|code| !seen.contains(code)));
            known.open |= codes.open;
        }
    }

    /// Keeps what another set holds, too. A code that one of them only may hold is one that the result may hold.
    pub fn keep(self, other: &Self) -> Self {
        let urls: BTreeSet<String> = self.systems.keys().chain(other.systems.keys()).cloned().collect();
        let systems = urls.into_iter().map(|url| {
            let (a, b) = (self.side(&url), other.side(&url));
            let listed = a.listed.iter().filter(|code| b.listed.contains(code)).cloned().collect();
            let open =
                (a.open && (b.open || !b.listed.is_empty())) || (b.open && (a.open || !a.listed.is_empty()));
            (url, Codes { listed, open })
        });
        let systems = systems.filter(|(_, codes)| codes.open || !codes.listed.is_empty()).collect();
        Self { systems, unknown: self.unknown && other.unknown }
    }

    /// Takes away what another set holds. Where that set is open, nothing sure remains.
    pub fn take(&mut self, other: &Self) {
        for (url, codes) in &mut self.systems {
            let away = other.side(url);
            codes.listed.retain(|code| !away.listed.contains(code));
            if away.open && !codes.listed.is_empty() {
                codes.listed.clear();
                codes.open = true;
            }
        }
        self.systems.retain(|_, codes| codes.open || !codes.listed.is_empty());
    }

    fn side(&self, url: &str) -> Codes {
        let mut codes = self.systems.get(url).cloned().unwrap_or_default();
        codes.open |= self.unknown;
        codes
    }
}
