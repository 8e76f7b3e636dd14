//! Which representation the client wants: `Accept`, `_format` and `_pretty`.
//!
//! <https://hl7.org/fhir/R4/http.html#mime-type>, RFC 9110, section 12.5.1.

use super::list::{Word, split};
use crate::error::Error;
use crate::parameters::Parameters;
use crate::respond::shown;
use actix_web::http::header::{ACCEPT, HeaderMap};
use rushlight_model::definitions::Release;
use std::borrow::Cow;

/// The names under which JSON is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Media {
    /// FHIR's own name.
    #[default]
    Fhir,
    /// Where it was asked for.
    Plain,
    /// Where it was asked for.
    Text,
}

impl Media {
    /// The preferred one first.
    const ALL: [Self; 3] = [Self::Fhir, Self::Plain, Self::Text];

    /// The media type, without parameters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fhir => "application/fhir+json",
            Self::Plain => "application/json",
            Self::Text => "text/json",
        }
    }

    /// The one of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|media| media.name().eq_ignore_ascii_case(name))
    }
}

/// What the client wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The name to write JSON under.
    pub media: Media,
    /// Whether it should be laid out for people.
    pub pretty: bool,
    /// Whether the media type should tell the release of FHIR.
    pub versioned: bool,
}

impl Wanted {
    /// Reads the headers and parameters of a request to a store of a release.
    ///
    /// # Errors
    /// 400 for what can't be read; 406 where none of it is JSON in UTF-8 of this release.
    pub fn of(headers: &HeaderMap, parameters: &Parameters, release: Release) -> Result<Self, Error> {
        let pretty = pretty(parameters)?;
        if let Some(format) = parameters.one("_format")? {
            return Ok(Self { pretty, ..by_format(format, release)? });
        }
        let mut values = headers.get_all(ACCEPT);
        let (first, second) = (values.next(), values.next());
        // What most clients send need not be taken apart.
        match (first.map(|value| value.as_bytes()), second) {
            (None | Some(b"*/*" | b"application/fhir+json"), None) => Ok(Self { pretty, ..Self::default() }),
            _ => Ok(Self { pretty, ..Accept::of(headers)?.json(release)?.1 }),
        }
    }
}

fn pretty(parameters: &Parameters) -> Result<bool, Error> {
    match parameters.one("_pretty")? {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Error::BadParameter { name: "_pretty", expected: "true or false" }),
    }
}

/// `_format` goes before `Accept`. A `+` that was not encoded arrives as a space.
fn by_format(format: &str, release: Release) -> Result<Wanted, Error> {
    let word = Word::new(format);
    let name = word.word.to_ascii_lowercase().replace(' ', "+");
    let media = match name.as_str() {
        "json" => Media::Fhir,
        name => Media::named(name).ok_or_else(|| Error::NotAcceptable(unknown_format(name)))?,
    };
    let versioned = suits(&word, release).map_err(Error::NotAcceptable)?;
    Ok(Wanted { media, versioned, pretty: false })
}

fn unknown_format(name: &str) -> String {
    let meant = match name {
        "xml" | "text/xml" | "application/xml" | "application/fhir+xml" => "XML",
        "ttl" | "turtle" | "text/turtle" | "application/fhir+turtle" => "Turtle",
        "html" | "text/html" | "application/xhtml+xml" => "HTML",
        _ => return format!("{} is no format of this server: json is", shown(name)),
    };
    format!("{meant} is not supported yet: json is")
}

/// Whether what a media type's parameters say of the characters can be met.
///
/// # Errors
/// Why not.
pub fn in_utf8(word: &Word<'_>) -> Result<(), String> {
    // All of them: who comes before or after the server may go by another one.
    match word.values("charset").find(|charset| !charset.eq_ignore_ascii_case("utf-8")) {
        Some(charset) => Err(format!("the charset {} is not supported: utf-8 is", shown(&charset))),
        None => Ok(()),
    }
}

/// Whether parameters of a media type can be met, and whether they tell a release.
///
/// # Errors
/// Why not.
pub fn suits(word: &Word<'_>, release: Release) -> Result<bool, String> {
    in_utf8(word)?;
    match word.values("fhirVersion").find(|version| version != release.short()) {
        Some(version) => Err(format!(
            "this store holds FHIR {} ({release}), so fhirVersion can't be {}",
            release.short(),
            shown(&version)
        )),
        None => Ok(word.parameter("fhirVersion").is_some()),
    }
}

/// The header `Accept`.
pub struct Accept<'a>(Vec<Range<'a>>);

struct Range<'a> {
    word: Word<'a>,
    quality: u16,
}

/// How well a media type is wanted: first by weight, then by how precisely it is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fit {
    /// From 1 to 1000.
    pub quality: u16,
    /// 1 for `*/*`, 2 for `type/*`, 3 for the type itself, 4 with the release.
    pub precision: u8,
}

impl Fit {
    /// Whether it is named itself, rather than one of many.
    pub const fn is_named(self) -> bool {
        self.precision >= 3
    }
}

impl<'a> Accept<'a> {
    /// Reads it; where it is absent, anything is accepted.
    ///
    /// # Errors
    /// 400 for a weight that is none.
    pub fn of(headers: &'a HeaderMap) -> Result<Self, Error> {
        let bad = || Error::BadHeader {
            name: "Accept",
            expected: "media types in ASCII, whose weights are from 0 to 1, as in application/fhir+json;q=0.9",
        };
        let mut ranges = Vec::new();
        for value in headers.get_all(ACCEPT) {
            for text in split(value.to_str().map_err(|_| bad())?, ',') {
                let word = Word::new(text);
                let slashes = word.word.matches('/').count();
                let quality = word.quality().filter(|_| slashes == 1).ok_or_else(bad)?;
                ranges.push(Range { word, quality });
            }
        }
        Ok(Self(ranges))
    }

    /// The best name for JSON, and how well it is wanted.
    ///
    /// # Errors
    /// 406, saying what was asked for instead.
    pub fn json(&self, release: Release) -> Result<(Fit, Wanted), Error> {
        let mut best: Option<(Fit, Wanted)> = None;
        for media in Media::ALL {
            let found = self.fit_with(media.name(), &|word| suits(word, release).ok());
            if let Some(fit) = found.filter(|fit| best.is_none_or(|(other, _)| *fit > other)) {
                let versioned = fit.precision == 4;
                best = Some((fit, Wanted { media, versioned, pretty: false }));
            }
        }
        best.ok_or_else(|| Error::NotAcceptable(self.unmet(release)))
    }

    /// How well a media type that has no parameters is wanted.
    pub fn fit(&self, name: &str) -> Option<Fit> {
        self.fit_with(name, &|_| Some(false))
    }

    /// The most precise range that fits decides; `suits` says of a range's parameters whether they do, and whether
    /// they name a release. `None`: the type is not wanted.
    fn fit_with(&self, name: &str, suits: &dyn Fn(&Word<'_>) -> Option<bool>) -> Option<Fit> {
        if self.0.is_empty() {
            return Some(Fit { quality: 1000, precision: 1 });
        }
        let kind = name.split('/').next().unwrap_or_default();
        let fitting = self.0.iter().filter_map(|range| {
            let asked = range.word.word;
            let precision = match asked.strip_suffix("/*") {
                Some("*") => 1,
                Some(other) if other.eq_ignore_ascii_case(kind) => 2,
                None if asked.eq_ignore_ascii_case(name) => 3,
                _ => return None,
            };
            let versioned = suits(&range.word)?;
            Some((precision + u8::from(versioned && precision == 3), range.quality))
        });
        let (precision, quality) = fitting.max()?;
        (quality > 0).then_some(Fit { quality, precision })
    }

    /// What stands in the way.
    fn unmet(&self, release: Release) -> String {
        let json = |range: &&Range<'_>| range.quality > 0 && Media::named(range.word.word).is_some();
        let parameters = self.0.iter().filter(json).find_map(|range| suits(&range.word, release).err());
        let known = |range: &Range<'_>| Some(unknown_format(range.word.word)).filter(|_| range.quality > 0);
        let unknown: Option<Cow<'_, str>> = match self.0.as_slice() {
            [only] => known(only).map(Cow::Owned),
            _ => None,
        };
        let why = parameters.map(Cow::Owned).or(unknown);
        format!("{}: accept application/fhir+json", why.unwrap_or(Cow::Borrowed("only JSON can be had")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn wanted(accept: &str, query: &str) -> Result<Wanted, Error> {
        let mut headers = HeaderMap::new();
        for one in accept.split('|').filter(|one| !one.is_empty()) {
            headers.append(ACCEPT, HeaderValue::from_str(one).unwrap());
        }
        Wanted::of(&headers, &Parameters::parse(query).unwrap(), Release::R4)
    }

    #[test]
    fn the_best_name_for_json_is_chosen() {
        use Media::{Fhir, Plain, Text};
        for (accept, query, media, versioned) in [
            ("", "", Fhir, false),
            ("*/*", "", Fhir, false),
            ("application/fhir+json", "", Fhir, false),
            ("application/json", "", Plain, false),
            ("text/json", "", Text, false),
            ("text/*", "", Text, false),
            ("application/*", "", Fhir, false),
            ("application/json, application/fhir+json", "", Fhir, false),
            ("application/json|application/fhir+json", "", Fhir, false),
            ("application/json, */*", "", Plain, false),
            ("application/json, text/plain, */*", "", Plain, false),
            ("application/json;q=0.5, application/fhir+json;q=0.4", "", Plain, false),
            ("application/fhir+json;q=0, */*", "", Plain, false),
            ("application/fhir+xml, application/fhir+json;q=0.1", "", Fhir, false),
            ("APPLICATION/FHIR+JSON; Charset=\"UTF-8\"", "", Fhir, false),
            ("application/fhir+json; fhirVersion=4.0", "", Fhir, true),
            ("application/json;fhirVersion=\"4.0\", application/json;q=0.1", "", Plain, true),
            ("application/fhir+json; fhirVersion=5.0, application/fhir+json;q=0.2", "", Fhir, false),
            ("text/html", "_format=json", Fhir, false),
            ("text/html", "_format=application/json", Plain, false),
            ("text/html", "_format=application/fhir+json", Fhir, false),
            ("text/html", "_format=application/fhir%2Bjson;fhirVersion=4.0", Fhir, true),
            ("", "_format=", Fhir, false),
        ] {
            let expected = Wanted { media, versioned, pretty: false };
            assert_eq!(wanted(accept, query).unwrap(), expected, "{accept} {query}");
        }
        assert!(wanted("", "_pretty=true").unwrap().pretty);
        assert!(!wanted("", "_pretty=false").unwrap().pretty);
    }

    #[test]
    fn what_cannot_be_met_is_named() {
        for (accept, query, says) in [
            ("application/fhir+xml", "", "XML is not supported yet"),
            ("text/html, application/fhir+xml", "", "only JSON"),
            ("application/fhir+json;q=0", "", "only JSON"),
            ("*/*;q=0", "", "JSON"),
            ("application/fhir+json;fhirVersion=5.0", "", "this store holds FHIR 4.0 (R4)"),
            ("application/fhir+json;charset=latin1, text/html", "", "latin1"),
            ("", "_format=xml", "XML is not supported yet"),
            ("", "_format=ttl", "Turtle is not supported yet"),
            ("application/json", "_format=html", "HTML is not supported yet"),
            ("", "_format=yaml", "yaml"),
            ("", "_format=application/fhir+json;fhirVersion=4.3", "4.3"),
        ] {
            match wanted(accept, query) {
                Err(Error::NotAcceptable(why)) => assert!(why.contains(says), "{accept} {query}: {why}"),
                other => panic!("{accept} {query}: {other:?}"),
            }
        }
        for (accept, query) in
            [("*/*;q=2", ""), ("json", ""), ("", "_pretty=yes"), ("", "_format=json&_format=xml")]
        {
            let found = wanted(accept, query);
            assert!(
                matches!(found, Err(Error::BadHeader { .. } | Error::BadParameter { .. })),
                "{accept} {query}: {found:?}"
            );
        }
    }
}
