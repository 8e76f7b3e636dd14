//! JSON that is carried along as it is.

use crate::json::{JsonError, Limits, Tree, Value};

/// A JSON value as its text without white space: what the typed structs have no field for.
///
/// ```
/// use rushlight_model::typed::RawJson;
///
/// let raw = RawJson::parse(br#"{ "value": 1.00 }"#)?;
/// assert_eq!(raw.text(), r#"{"value":1.00}"#);
/// # Ok::<(), rushlight_model::json::JsonError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawJson(String);

impl RawJson {
    /// The value that a text has.
    ///
    /// # Errors
    /// When the text is not JSON, or beyond the default [`Limits`].
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        Tree::parse(bytes, &Limits::default()).map(|tree| Self::from(tree.root()))
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl From<Value<'_>> for RawJson {
    fn from(value: Value<'_>) -> Self {
        Self(value.raw().to_owned())
    }
}
