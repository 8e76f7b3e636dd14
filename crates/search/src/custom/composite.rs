//! The components of a composite: <https://hl7.org/fhir/R4/search.html#composite>.

use rushlight_model::definitions::SearchParameterType;
use rushlight_model::json::Value;
use rushlight_model::outcome::IssueType;

use super::CustomComponent;
use super::expression::Types;
use super::problem::Place;
use super::read::{EXPRESSION, Reader, URL, standard, without_version};
use crate::program::has_table;
use crate::registry::plain_sort;

/// Parts of a composite, at most: there are no wider tables.
const COMPONENTS: usize = 3;

impl<'t> Reader<'t, '_> {
    /// The components of a composite whose expression finds these types; says so where something else has some.
    pub(super) fn components(
        &mut self,
        ty: Option<SearchParameterType>,
        types: &Types,
    ) -> Vec<CustomComponent> {
        let list = self.elements.list("component");
        let is_composite = ty == Some(SearchParameterType::Composite);
        let place = self.elements.resource.get("component").map(Place::of);
        let place = place.unwrap_or_else(|| Place::missing(self.elements.resource, "component"));
        match (is_composite, list.len()) {
            (true, 2..=COMPONENTS) | (false, 0) => {}
            (true, found) => {
                let text = format!("a composite has 2 or {COMPONENTS} components here, found {found}");
                self.elements.say(&place, IssueType::Required, text);
            }
            (false, _) => {
                self.elements.say(&place, IssueType::Invariant, "only composites have components");
            }
        }
        let mut on: Vec<&str> = types.iter().flatten().map(|ty| ty.name).collect();
        on.sort_unstable();
        on.dedup();
        let count = list.len();
        let components: Vec<_> = list.into_iter().filter_map(|item| self.component(item, &on)).collect();
        let sorts: Vec<_> = components.iter().filter_map(|component| plain_sort(component.ty)).collect();
        if is_composite
            && components.len() == count
            && (2..=COMPONENTS).contains(&count)
            && !has_table(&sorts)
        {
            let names: Vec<_> = components.iter().map(|component| component.ty.code()).collect();
            let text = format!("there is no index for composites of {}", names.join(" and "));
            self.elements.say(&place, IssueType::NotSupported, text);
        }
        components
    }

    fn component(&mut self, item: Value<'t>, on: &[&str]) -> Option<CustomComponent> {
        let definition = self.elements.required(item, "definition", URL)?;
        let expression = self.elements.required(item, "expression", EXPRESSION)?;
        let url = without_version(&definition.text);
        let own = self.others.iter().find(|other| other.url == url).map(|other| other.ty);
        let Some(ty) = own.or_else(|| standard(self.definitions, url).map(|other| other.ty)) else {
            let text = "there is no search parameter of this URL, neither in the release nor in the store";
            self.elements.say(&definition.place, IssueType::NotFound, text);
            return None;
        };
        let Some(sort) = plain_sort(ty) else {
            let text = format!("a parameter of type {} can't be part of a composite", ty.code());
            self.elements.say(&definition.place, IssueType::Value, text);
            return None;
        };
        let types = self.elements.found(&expression, on, self.definitions);
        self.elements.fits(&expression, &types, sort, self.definitions);
        Some(CustomComponent { definition: url.to_owned(), ty, expression: expression.text.into_owned() })
    }
}
