//! A parsed text as spans: nothing is decoded until it is asked for.

use std::borrow::Cow;

use super::{JsonError, Kind, Limits, Sink, decode, scan};

/// A JSON text without white space, and where its values are.
///
/// ```
/// use rushlight_model::json::{Limits, Tree};
///
/// let tree = Tree::parse(br#"{ "value": 1.00, "code": ["a", "b"] }"#, &Limits::default())?;
/// let root = tree.root();
/// assert_eq!(root.get("value").map(|value| value.raw()), Some("1.00"));
/// assert_eq!(root.get("code").map(|codes| codes.raw()), Some(r#"["a","b"]"#));
/// assert_eq!(root.get("code").and_then(|codes| codes.children().last()).map(|last| last.path()).as_deref(), Some("code[1]"));
/// # Ok::<(), rushlight_model::json::JsonError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Tree {
    text: String,
    nodes: Vec<Node>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    kind: Kind,
    /// The name as written, without quotes: its offset and length. Length 0 and offset 0: there is none.
    name: (u32, u32),
    start: u32,
    end: u32,
    source: u32,
    parent: u32,
    /// The first node after this one and everything in it.
    next: u32,
}

const NONE: u32 = u32::MAX;

impl Tree {
    /// Reads a text.
    ///
    /// # Errors
    /// When the text is not JSON as [this module](super) wants it, or beyond the limits.
    pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, JsonError> {
        let mut builder = Builder { nodes: Vec::with_capacity(bytes.len() / 24), open: NONE, name: (0, 0) };
        let text = scan(bytes, limits, &mut builder)?;
        Ok(Self { text, nodes: builder.nodes })
    }

    /// The compact text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The compact text, taken out.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }

    /// The whole.
    #[must_use]
    pub fn root(&self) -> Value<'_> {
        Value { tree: self, at: 0 }
    }
}

/// A value of a [`Tree`].
#[derive(Clone, Copy, Debug)]
pub struct Value<'t> {
    tree: &'t Tree,
    at: u32,
}

impl<'t> Value<'t> {
    fn node(self) -> Node {
        const MISSING: Node =
            Node { kind: Kind::Null, name: (0, 0), start: 0, end: 0, source: 0, parent: NONE, next: NONE };
        self.tree.nodes.get(self.at as usize).copied().unwrap_or(MISSING)
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        self.node().kind
    }

    /// Its text as it was written, without white space; a string with its quotes.
    #[must_use]
    pub fn raw(self) -> &'t str {
        self.tree.text.get(self.span()).unwrap_or_default()
    }

    /// Where [`Value::raw`] is in [`Tree::text`].
    #[must_use]
    pub fn span(self) -> std::ops::Range<usize> {
        let node = self.node();
        node.start as usize..node.end as usize
    }

    /// Where it begins in the text that was parsed.
    #[must_use]
    pub fn source(self) -> usize {
        self.node().source as usize
    }

    /// What it says, if it is a string.
    #[must_use]
    pub fn as_str(self) -> Option<Cow<'t, str>> {
        if self.kind() != Kind::String {
            return None;
        }
        let raw = self.raw();
        Some(decode(raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default()))
    }

    /// The name that it has as a member of an object.
    #[must_use]
    pub fn name(self) -> Option<Cow<'t, str>> {
        self.written_name().map(decode)
    }

    /// Whether it is the member of an object that has this name.
    #[must_use]
    #[inline]
    pub fn is_named(self, name: &str) -> bool {
        // Only an escape makes what is written another text than what it stands for, and a longer one.
        self.written_name().is_some_and(|written| {
            if written.len() > name.len() {
                written.contains('\\') && decode(written) == name
            } else {
                written == name && !written.contains('\\')
            }
        })
    }

    /// Whether it is the member that holds id and extensions of a primitive of this name: `_name`.
    #[must_use]
    #[inline]
    pub fn is_companion_of(self, name: &str) -> bool {
        self.written_name().is_some_and(|written| match written.strip_prefix('_') {
            Some(rest) if !rest.contains('\\') => rest == name,
            None if !written.starts_with('\\') => false,
            _ => decode(written).strip_prefix('_') == Some(name),
        })
    }

    /// The name that it has as a member of an object, with its escapes.
    #[must_use]
    #[inline]
    pub fn written_name(self) -> Option<&'t str> {
        let node = self.tree.nodes.get(self.at as usize)?;
        let (start, length) = (node.name.0 as usize, node.name.1 as usize);
        if start == 0 { None } else { self.tree.text.get(start..start + length) }
    }

    /// The member of this name.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Self> {
        if self.kind() != Kind::Object {
            return None;
        }
        self.children().find(|child| child.is_named(name))
    }

    /// The values right inside: members of an object, items of an array.
    pub fn children(self) -> impl Iterator<Item = Self> + use<'t> {
        let end = self.node().next;
        let mut at = self.at + 1;
        std::iter::from_fn(move || {
            let child = Self { at, ..self };
            (at < end).then(|| {
                at = child.node().next;
                child
            })
        })
    }

    /// Everything inside, at any depth, in the order of the text.
    pub fn descendants(self) -> impl Iterator<Item = Self> + use<'t> {
        (self.at + 1..self.node().next).map(move |at| Self { at, ..self })
    }

    /// The compact text of the whole tree, in which [`Value::span`] says where this value is.
    pub(crate) fn text(self) -> &'t str {
        &self.tree.text
    }

    /// Where its name's first quote is in that text.
    pub(crate) fn name_start(self) -> usize {
        (self.node().name.0 as usize).saturating_sub(1)
    }

    /// Its place among all values in the order of the text.
    pub(crate) fn number(self) -> u32 {
        self.at
    }

    /// The number of the first value that is neither this one nor inside it.
    pub(crate) fn after(self) -> u32 {
        self.node().next
    }

    /// The value of a number.
    pub(crate) fn numbered(self, at: u32) -> Self {
        Self { at, ..self }
    }

    /// The object or array that it is in.
    #[must_use]
    pub fn parent(self) -> Option<Self> {
        let parent = self.node().parent;
        (parent != NONE).then_some(Self { at: parent, ..self })
    }

    /// Its FHIRPath from the root, without the root's own name: `entry[3].request.url`. Of a name, no more than 64
    /// characters are told.
    #[must_use]
    pub fn path(self) -> String {
        let mut steps = Vec::new();
        let mut value = self;
        while let Some(parent) = value.parent() {
            steps.push(match value.name() {
                Some(name) => (name, None),
                None => (Cow::Borrowed(""), parent.children().position(|child| child.at == value.at)),
            });
            value = parent;
        }
        let mut path = String::new();
        for (name, index) in steps.iter().rev() {
            match index {
                Some(index) => path.push_str(&format!("[{index}]")),
                None => {
                    path.push_str(if path.is_empty() { "" } else { "." });
                    path.extend(name.chars().take(64));
                }
            }
        }
        path
    }
}

struct Builder {
    nodes: Vec<Node>,
    /// The innermost object or array that has not ended.
    open: u32,
    name: (u32, u32),
}

impl Builder {
    fn push(&mut self, kind: Kind, start: usize, end: usize, source: usize) {
        let at = short(self.nodes.len());
        let name = std::mem::take(&mut self.name);
        let (start, end, source) = (short(start), short(end), short(source));
        self.nodes.push(Node { kind, name, start, end, source, parent: self.open, next: at + 1 });
    }
}

impl Sink for Builder {
    fn open(&mut self, kind: Kind, at: usize, source: usize) {
        self.push(kind, at, at, source);
        self.open = short(self.nodes.len() - 1);
    }

    fn close(&mut self, end: usize) {
        let next = short(self.nodes.len());
        if let Some(node) = self.nodes.get_mut(self.open as usize) {
            node.end = short(end);
            node.next = next;
            self.open = node.parent;
        }
    }

    fn name(&mut self, _name: &str, at: usize, length: usize) {
        self.name = (short(at + 1), short(length));
    }

    fn scalar(&mut self, kind: Kind, raw: &str, at: usize, source: usize) {
        self.push(kind, at, at + raw.len(), source);
    }
}

/// The scanner takes no text whose offsets do not fit.
fn short(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(NONE)
}
