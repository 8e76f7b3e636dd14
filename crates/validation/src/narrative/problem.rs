//! What can be wrong with a narrative, and where.

use super::DEPTH;

/// One problem of a div.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NarrativeProblem<'a> {
    /// What is wrong.
    pub kind: NarrativeProblemKind<'a>,
    /// The byte of the div where it begins.
    pub offset: usize,
}

/// What is wrong with a div. Texts are parts of it, of at most 64 characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NarrativeProblemKind<'a> {
    /// XML needs something else here.
    #[error("expected {expected}")]
    Expected {
        /// What XML needs.
        expected: &'static str,
    },
    /// A `<` or `&` that begins nothing, or a `]]>`.
    #[error("'{text}' must be written as '{escaped}'")]
    Unescaped {
        /// What is there.
        text: &'static str,
        /// What says the same.
        escaped: &'static str,
    },
    /// A named entity that XML does not define.
    #[error("'&{name};' is not defined in XML: write the character itself or its number, such as '&#160;'")]
    Entity {
        /// Its name.
        name: &'a str,
    },
    /// A character that XML does not allow, written as such or by its number.
    #[error("XML has no character {code:#04x}")]
    Character {
        /// Its number.
        code: u32,
    },
    /// An end tag for an element that is not the innermost open one.
    #[error("'</{found}>' closes nothing here; expected '</{expected}>'")]
    EndTag {
        /// The end tag's name.
        found: &'a str,
        /// The innermost open element.
        expected: &'a str,
    },
    /// An element without its end tag.
    #[error("'<{element}>' is never closed")]
    Unclosed {
        /// Its name.
        element: &'a str,
    },
    /// An attribute that its element has already.
    #[error("attribute '{attribute}' is there twice")]
    DuplicateAttribute {
        /// Its name.
        attribute: &'a str,
    },
    /// Elements inside one another, too many of them.
    #[error("more than {DEPTH} elements inside one another")]
    TooDeep,
    /// A comment that XML refuses, or that HTML ends elsewhere.
    #[error("a comment may not hold '--' nor begin with '>', '->' or '['")]
    Comment,
    /// `<![CDATA[…]]>`, which HTML does not know.
    #[error("CDATA sections are not allowed")]
    CData,
    /// `<!DOCTYPE …>` and its like.
    #[error("document type declarations are not allowed")]
    Declaration,
    /// `<?…?>`
    #[error("processing instructions and XML declarations are not allowed")]
    ProcessingInstruction,
    /// There is no element.
    #[error("expected a div element")]
    NoRoot,
    /// The root is another element.
    #[error("expected a div element, found '{found}'")]
    Root {
        /// Its name.
        found: &'a str,
    },
    /// There is more than one element.
    #[error("only white space may stand before or after the div element")]
    OutsideRoot,
    /// The root does not say that it is XHTML.
    #[error("the div needs xmlns=\"http://www.w3.org/1999/xhtml\"")]
    NoNamespace,
    /// An element is of another namespace.
    #[error("namespace '{found}' is not allowed")]
    Namespace {
        /// The namespace.
        found: &'a str,
    },
    /// An element is written with a namespace's prefix.
    #[error("element '{name}' has a prefix")]
    Prefix {
        /// Its name with the prefix.
        name: &'a str,
    },
    /// An element that a narrative may not have.
    #[error("element '{name}' is not allowed")]
    Element {
        /// Its name.
        name: &'a str,
    },
    /// An attribute that a narrative may not have.
    #[error("attribute '{attribute}' is not allowed")]
    Attribute {
        /// Its name.
        attribute: &'a str,
    },
    /// An attribute that would run a script.
    #[error("event handler '{attribute}' is not allowed")]
    EventHandler {
        /// Its name.
        attribute: &'a str,
    },
    /// A link or image whose scheme is not one of the harmless ones.
    #[error("{attribute}='{value}': this kind of link is not allowed")]
    Link {
        /// The attribute's name.
        attribute: &'a str,
        /// How its value begins.
        value: &'a str,
    },
    /// A style that could run a script, load another style sheet, or hide that it does.
    #[error("a style may not hold '{found}'")]
    Style {
        /// What is refused.
        found: &'static str,
    },
    /// There is neither text nor an image.
    #[error("there is neither text nor an image")]
    Empty,
}

impl NarrativeProblemKind<'_> {
    /// The key of the broken constraint; `None` where the text is no XHTML at all.
    #[must_use]
    pub const fn constraint(&self) -> Option<&'static str> {
        match self {
            Self::Prefix { .. }
            | Self::Element { .. }
            | Self::Attribute { .. }
            | Self::EventHandler { .. }
            | Self::Link { .. }
            | Self::Style { .. } => Some("txt-1"),
            Self::Empty => Some("txt-2"),
            _ => None,
        }
    }
}
