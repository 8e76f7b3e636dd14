//! The lines of a definition file and their fields, as `schemas/README.md` describes them.

/// The fields of a line, one after the other.
pub(super) struct Fields(std::str::Split<'static, char>);

impl Fields {
    /// The next field; none at the end of the line.
    pub(super) fn next(&mut self) -> Option<&'static str> {
        self.0.next()
    }

    /// The next field, unless it has nothing to say.
    pub(super) fn value(&mut self) -> Option<&'static str> {
        self.next().filter(|field| *field != "-")
    }

    /// The next field as a number.
    pub(super) fn number<N: std::str::FromStr>(&mut self) -> Option<N> {
        self.next()?.parse().ok()
    }

    /// The next field as a list with commas.
    pub(super) fn list(&mut self) -> Box<[&'static str]> {
        self.value().map(|field| field.split(',').collect()).unwrap_or_default()
    }

    /// The fields that remain.
    pub(super) fn rest(self) -> Box<[&'static str]> {
        self.0.collect()
    }
}

/// The kind of each line and its fields. The first lines, which say where the file is from, are of no kind known.
pub(super) fn lines(text: &'static str) -> impl Iterator<Item = (&'static str, Fields)> {
    text.lines().filter_map(|line| {
        let mut fields = line.split('\t');
        Some((fields.next()?, Fields(fields)))
    })
}
