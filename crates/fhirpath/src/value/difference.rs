//! Whether two elements differ at first sight, which is most often enough to know that they are not equal.

use rushlight_model::definitions::TypeDefinition;
use rushlight_model::json::{self, Kind};
use rushlight_model::primitive::Primitive;

use super::Node;

impl<'t> Node<'t> {
    /// Whether two structures differ by their types, by an element that only one has, or by a string. That they don't
    /// does not say that they are equal. Nothing is allocated.
    pub(crate) fn differs(self, other: Self) -> bool {
        match (self.definition(), other.definition()) {
            (Some(one), Some(other)) if one.id != other.id => return true,
            (Some(_), Some(_)) => {}
            _ => return false,
        }
        let (Some(one), Some(two)) = (self.object(), other.object()) else { return false };
        one.children().any(|child| {
            let Some(name) = child.name() else { return false };
            let Some(other_child) = two.get(&name) else { return true };
            let (_, ty) = self.element_of(&name);
            self.at(child, ty).differs_at(other.at(other_child, ty))
        })
    }

    fn at(self, value: json::Value<'t>, ty: Option<&'static TypeDefinition>) -> Self {
        Self { value: Some(value), companion: None, ty, definitions: self.definitions }
    }

    fn differs_at(self, other: Self) -> bool {
        let (Some(one), Some(two)) = (self.value, other.value) else { return false };
        match (one.kind(), two.kind()) {
            (Kind::Array, Kind::Array) => {
                let (mut items, mut others) = (one.children(), two.children());
                loop {
                    match (items.next(), others.next()) {
                        (None, None) => return false,
                        (Some(item), Some(other_item)) => {
                            if self.at(item, self.ty).differs_at(other.at(other_item, self.ty)) {
                                return true;
                            }
                        }
                        _ => return true,
                    }
                }
            }
            (Kind::String, Kind::String) => {
                let plain = |value: json::Value<'_>| !value.raw().contains('\\');
                self.primitive().is_some_and(is_text) && one.raw() != two.raw() && plain(one) && plain(two)
            }
            (Kind::Object, Kind::Object) => self.differs(other),
            _ => false,
        }
    }
}

/// Whether values are equal only if their texts are: dates that are written differently may be the same.
fn is_text(primitive: Primitive) -> bool {
    !matches!(
        primitive,
        Primitive::Date | Primitive::DateTime | Primitive::Instant | Primitive::Time | Primitive::Integer64
    )
}
