//! Search parameters: <https://hl7.org/fhir/R4/searchparameter.html>.

use super::lines::{Fields, lines};

macro_rules! types {
    ($($name:ident = $code:literal,)*) => {
        /// What sort of value a search parameter takes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "each is the specification's code of the same name")]
        pub enum SearchParameterType {
            $($name,)*
        }

        impl SearchParameterType {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code as FHIR spells it.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

types! {
    Number = "number",
    Date = "date",
    String = "string",
    Token = "token",
    Reference = "reference",
    Composite = "composite",
    Quantity = "quantity",
    Uri = "uri",
    Special = "special",
}

impl SearchParameterType {
    /// The type of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|ty| ty.code() == code)
    }
}

/// A search parameter.
#[derive(Debug, PartialEq, Eq)]
pub struct SearchParameter {
    /// Its name in URLs: `birthdate`.
    pub code: &'static str,
    /// What sort of value it takes.
    pub ty: SearchParameterType,
    /// The resource types that it is for; `Resource` means all.
    pub base: Box<[&'static str]>,
    /// The resource types that its references may lead to.
    pub target: Box<[&'static str]>,
    /// Its canonical URL.
    pub url: &'static str,
    /// The FHIRPath expression of what it looks at; parameters that are no property of a resource have none.
    pub expression: Option<&'static str>,
    /// Whether a value may be several with commas; where nothing is said, it may.
    pub multiple_or: Option<bool>,
    /// Whether it may be given several times; where nothing is said, it may.
    pub multiple_and: Option<bool>,
    /// The prefixes that its values may have, if they are listed.
    pub comparators: Box<[&'static str]>,
    /// The modifiers that it may have, if they are listed.
    pub modifiers: Box<[&'static str]>,
    /// The parameters that it may be chained with, if they are listed.
    pub chain: Box<[&'static str]>,
    /// How values relate to what the expression finds: `normal`, `phonetic`…
    pub mode: Option<&'static str>,
    /// The parts of a composite.
    pub components: Vec<Component>,
}

/// A part of a composite search parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Component {
    /// The URL of the parameter that it is like.
    pub definition: &'static str,
    /// Where it looks, from what the composite's expression finds.
    pub expression: &'static str,
}

/// Reads the text of `search.tsv`.
pub(super) fn load(text: &'static str) -> Box<[SearchParameter]> {
    let mut parameters: Vec<SearchParameter> = Vec::new();
    for (kind, mut fields) in lines(text) {
        match (kind, parameters.last_mut()) {
            ("sp", _) => parameters.extend(parameter(&mut fields)),
            ("comp", Some(parameter)) => parameter.components.extend(component(&mut fields)),
            _ => {}
        }
    }
    parameters.into_boxed_slice()
}

fn parameter(fields: &mut Fields) -> Option<SearchParameter> {
    Some(SearchParameter {
        code: fields.next()?,
        ty: SearchParameterType::from_code(fields.next()?)?,
        base: fields.list(),
        target: fields.list(),
        url: fields.next()?,
        expression: fields.value(),
        multiple_or: fields.value().map(|field| field == "Y"),
        multiple_and: fields.value().map(|field| field == "Y"),
        comparators: fields.list(),
        modifiers: fields.list(),
        chain: fields.list(),
        mode: fields.value(),
        components: Vec::new(),
    })
}

fn component(fields: &mut Fields) -> Option<Component> {
    Some(Component { definition: fields.next()?, expression: fields.next()? })
}
