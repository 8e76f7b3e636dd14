//! A buffer of resources, and the forms that it gives them in.

use crate::Release;
use crate::datatype::Target;
use crate::json::Json;

/// Resources that belong together: the pool, or one patient's record. Made to be filled again and again.
#[derive(Debug, Default)]
pub struct Resources {
    /// One resource on each line.
    text: String,
    spans: Vec<Span>,
}

#[derive(Debug)]
struct Span {
    resource_type: &'static str,
    /// Where its id is in the text.
    id: (usize, usize),
    /// Where it is in the text, without the end of the line.
    json: (usize, usize),
}

/// A resource of the population.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generated<'a> {
    /// Its type, such as `Patient`.
    pub resource_type: &'static str,
    /// Its logical id.
    pub id: &'a str,
    /// The resource: compact JSON, with its id.
    pub json: &'a str,
}

impl Resources {
    /// An empty buffer.
    #[must_use]
    pub const fn new() -> Self {
        Self { text: String::new(), spans: Vec::new() }
    }

    /// How many resources there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The resources. None refers to one of a later place.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Generated<'_>> {
        let text = |(start, end)| self.text.get(start..end).unwrap_or_default();
        self.spans.iter().map(move |span| Generated {
            resource_type: span.resource_type,
            id: text(span.id),
            json: text(span.json),
        })
    }

    /// The resources as [NDJSON](https://hl7.org/fhir/R4/nd-json.html): each on a line of its own.
    #[must_use]
    pub fn ndjson(&self) -> &str {
        &self.text
    }

    /// Appends the resources as one transaction Bundle, which puts each at its id:
    /// <https://hl7.org/fhir/R4/http.html#transaction>.
    pub fn write_transaction(&self, out: &mut String) {
        out.reserve(self.text.len() + self.spans.len() * 96);
        out.push_str(r#"{"resourceType":"Bundle","type":"transaction","entry":["#);
        for (at, resource) in self.iter().enumerate() {
            out.push_str(if at == 0 { r#"{"resource":"# } else { r#",{"resource":"# });
            out.push_str(resource.json);
            out.push_str(r#","request":{"method":"PUT","url":""#);
            for part in [resource.resource_type, "/", resource.id, r#""}}"#] {
                out.push_str(part);
            }
        }
        out.push_str("]}");
    }

    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.spans.clear();
    }
}

/// Adds resources of one population to a buffer.
pub(crate) struct Sheet<'a> {
    pub(crate) resources: &'a mut Resources,
    pub(crate) release: Release,
    pub(crate) seed: u64,
}

impl Sheet<'_> {
    /// Adds the resource of which `members` writes all but the type and the id.
    pub(crate) fn add(&mut self, target: Target, members: impl FnOnce(&mut Json<'_>)) {
        let resource_type = target.resource_type();
        let mut json = Json::new(&mut self.resources.text, self.release, self.seed);
        let start = json.length();
        let mut id = (0, 0);
        json.line(|json| {
            json.text("resourceType", resource_type);
            json.shown("id", target.id(json.seed));
            let end = json.length() - 1;
            id = (start + r#"{"resourceType":"","id":""#.len() + resource_type.len(), end);
            members(json);
        });
        let end = json.length() - 1;
        self.resources.spans.push(Span { resource_type, id, json: (start, end) });
    }
}
