//! The operators and how tightly they bind: <https://hl7.org/fhirpath/N1/#operator-precedence>.

/// Makes [`Operator`] from rows of a variant, how it is written, and how tightly it binds.
macro_rules! operators {
    ($($variant:ident $text:literal $strength:literal;)*) => {
        /// An operator between two expressions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Operator {
            $(#[doc = concat!("`", $text, "`")] $variant,)*
        }

        impl Operator {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// How it is written.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// How tightly it binds: the higher, the tighter. `is` and `as` bind with [`TypeOperator::STRENGTH`].
            #[must_use]
            pub const fn strength(self) -> u8 {
                match self { $(Self::$variant => $strength,)* }
            }
        }
    };
}

operators! {
    Implies "implies" 1;
    Or "or" 2;
    Xor "xor" 2;
    And "and" 3;
    In "in" 4;
    Contains "contains" 4;
    Equal "=" 5;
    NotEqual "!=" 5;
    Equivalent "~" 5;
    NotEquivalent "!~" 5;
    Less "<" 6;
    LessOrEqual "<=" 6;
    Greater ">" 6;
    GreaterOrEqual ">=" 6;
    Union "|" 7;
    Plus "+" 9;
    Minus "-" 9;
    Concatenate "&" 9;
    Times "*" 10;
    Divide "/" 10;
    Div "div" 10;
    Mod "mod" 10;
}

impl Operator {
    pub(crate) fn of(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operator| operator.text() == text)
    }
}

/// An operator between an expression and a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TypeOperator {
    /// `is`
    Is,
    /// `as`
    As,
}

impl TypeOperator {
    /// How tightly it binds.
    pub const STRENGTH: u8 = 8;

    /// How it is written.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::As => "as",
        }
    }

    pub(crate) fn of(text: &str) -> Option<Self> {
        [Self::Is, Self::As].into_iter().find(|operator| operator.text() == text)
    }
}

/// Words that stand for an operator or a value, so that an identifier that is one is written between backticks.
pub(crate) fn is_keyword(word: &str) -> bool {
    matches!(word, "true" | "false") || Operator::of(word).is_some() || TypeOperator::of(word).is_some()
}
