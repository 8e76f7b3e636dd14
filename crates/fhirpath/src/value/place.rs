//! Where a node is, in FHIRPath.

use std::collections::HashMap;

use rushlight_model::definitions::TypeKind;
use rushlight_model::json;

use super::Node;

impl<'t> Node<'t> {
    /// The simple path that leads to it from the root of its tree: `Bundle.entry[0].resource.component[1].value`. `None`
    /// where nothing of it is in a tree.
    ///
    /// What the definitions have no name for is called as in JSON; of a name, no more than 64 characters are told.
    ///
    /// ```
    /// use rushlight_fhirpath::Node;
    /// use rushlight_model::definitions::{Definitions, Release};
    /// use rushlight_model::json::{Limits, Tree};
    ///
    /// let r4 = Definitions::of(Release::R4);
    /// let tree = Tree::parse(br#"{"resourceType":"Observation","valueQuantity":{"value":1.0}}"#, &Limits::default())?;
    /// let value = Node::resource(tree.root(), r4).get("value").ok_or("there is no value")?;
    /// assert_eq!(value.path().as_deref(), Some("Observation.value"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn path(self) -> Option<String> {
        Paths::default().of(self)
    }

    /// What is at a value that is of its type; a resource inside another says itself what it is.
    fn typed(self, value: json::Value<'t>) -> Self {
        let named = match self.ty {
            Some(ty) if ty.kind == TypeKind::Resource => Self::resource(value, self.definitions).ty,
            _ => None,
        };
        Self { value: Some(value), companion: None, ty: named.or(self.ty), ..self }
    }
}

/// Tells the paths of many nodes of one tree, for the cost of one walk over each array that they are in.
#[derive(Debug, Default)]
pub struct Paths {
    /// Where the items of an array begin, by where the array does.
    items: HashMap<usize, Vec<usize>>,
}

impl Paths {
    /// The path of a node, as [`Node::path`] tells it.
    pub fn of(&mut self, node: Node<'_>) -> Option<String> {
        let own = node.value.or(node.companion)?;
        let mut steps = Vec::new();
        let (mut at, mut root) = (Some(own), own);
        while let Some(value) = at {
            steps.push(value);
            (at, root) = (value.parent(), value);
        }
        steps.pop();
        let mut node = Node::resource(root, node.definitions);
        let mut path = node.ty.map_or("", |ty| ty.name).to_owned();
        for value in steps.into_iter().rev() {
            node = self.step(node, value, &mut path);
        }
        Some(path)
    }

    /// Appends the step from a node to a member or item of its JSON; gives the node there.
    fn step<'t>(&mut self, node: Node<'t>, value: json::Value<'t>, path: &mut String) -> Node<'t> {
        let Some(written) = value.name() else {
            path.push_str(&format!("[{}]", self.index(value)));
            return node.typed(value);
        };
        let json_name = written.strip_prefix('_').unwrap_or(&written);
        let (name, ty) = node.element_of(json_name);
        path.push_str(if path.is_empty() { "" } else { "." });
        path.extend(name.unwrap_or(json_name).chars().take(64));
        Node { ty, ..node }.typed(value)
    }

    /// Which item of its array a value is.
    fn index(&mut self, item: json::Value<'_>) -> usize {
        let Some(array) = item.parent() else { return 0 };
        let starts = self
            .items
            .entry(array.span().start)
            .or_insert_with(|| array.children().map(|item| item.span().start).collect());
        starts.binary_search(&item.span().start).unwrap_or_else(|next| next)
    }
}
