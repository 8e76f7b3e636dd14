//! From a SearchParameter resource to what the index needs of it.

use rushlight_model::ResourceType;
use rushlight_model::definitions::{Definitions, SearchParameter, SearchParameterType, TypeKind};
use rushlight_model::json::{Limits, Tree, Value};
use rushlight_model::nearest;
use rushlight_model::outcome::IssueType;

use super::Custom;
use super::elements::{Elements, Text, owned};
use super::problem::{Place, Problem};
use crate::registry::plain_sort;

/// Bytes of a URL, of a code and of an expression, at most.
pub(super) const URL: usize = 1024;
const CODE: usize = 64;
pub(super) const EXPRESSION: usize = 8192;

impl Custom {
    /// Search parameters of one store, at most.
    pub const MOST: usize = 1000;

    /// Reads a SearchParameter resource that has this id, or will get one; `others` are those that the store has. `None`
    /// if it is not active, so that nothing is to be indexed for it, is no SearchParameter, or repeats one of the
    /// release, which then is left as it is.
    ///
    /// # Errors
    /// All that is wrong with it.
    ///
    /// ```
    /// use rushlight_model::definitions::{Definitions, Release};
    /// use rushlight_model::json::{Limits, Tree};
    /// use rushlight_search::Custom;
    ///
    /// let tree = Tree::parse(br#"{"resourceType":"SearchParameter","url":"http://example.org/age","status":"active",
    ///     "code":"age","base":["Observation"],"type":"quantity","expression":"Observation.value.ofType(Quantiti)"}"#,
    ///     &Limits::default())?;
    /// let problems = Custom::read(tree.root(), None, Definitions::of(Release::R4), &[]).unwrap_err();
    /// assert_eq!(problems[0].expression, "SearchParameter.expression");
    /// assert_eq!(problems[0].text, "column 26: there is no type Quantiti; did you mean Quantity?");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read(
        resource: Value<'_>,
        id: Option<&str>,
        definitions: &'static Definitions,
        others: &[Self],
    ) -> Result<Option<Self>, Vec<Problem>> {
        let is = |name: &str, text: &str| {
            resource.get(name).and_then(Value::as_str).is_some_and(|found| found == text)
        };
        if !is("resourceType", "SearchParameter") || !is("status", "active") {
            return Ok(None);
        }
        let others = others.iter().filter(|other| id.is_none() || other.id.as_deref() != id).collect();
        let elements = Elements { resource, problems: Vec::new() };
        let mut reader = Reader { elements, id, definitions, others };
        let read = reader.read();
        if reader.elements.problems.is_empty() { Ok(read) } else { Err(reader.elements.problems) }
    }

    /// Reads all SearchParameter resources of a store, as they are stored. One may need another that comes later.
    /// Wrong ones are left out, and told with their ids: they can be there where two were written at once, or where an
    /// older version of this code let them in.
    #[must_use]
    pub fn read_all(
        bodies: &[String],
        definitions: &'static Definitions,
    ) -> (Vec<Self>, Vec<(String, Problem)>) {
        let parse = |body: &String| Tree::parse(body.as_bytes(), &Limits::default()).ok();
        let mut waiting: Vec<Tree> = bodies.iter().filter_map(parse).collect();
        let mut customs: Vec<Self> = Vec::new();
        loop {
            let (before, mut problems) = (customs.len(), Vec::new());
            waiting.retain(|tree| {
                let id = tree.root().get("id").and_then(Value::as_str).unwrap_or_default();
                let read = Self::read(tree.root(), Some(&id), definitions, &customs);
                let is_wrong = read.is_err();
                match read {
                    Ok(custom) => customs.extend(custom),
                    Err(why) => problems.extend(why.into_iter().map(|problem| (id.to_string(), problem))),
                }
                is_wrong
            });
            if customs.len() == before {
                return (customs, problems);
            }
        }
    }
}

pub(super) struct Reader<'t, 'o> {
    pub(super) elements: Elements<'t>,
    id: Option<&'o str>,
    pub(super) definitions: &'static Definitions,
    /// Without those of the same id.
    pub(super) others: Vec<&'o Custom>,
}

impl<'t> Reader<'t, '_> {
    /// `None` where there is nothing to be indexed, or where problems were found.
    fn read(&mut self) -> Option<Custom> {
        let resource = self.elements.resource;
        let url = self.elements.required(resource, "url", URL);
        if let Some(url) = &url
            && self.others.iter().any(|other| other.url == without_version(&url.text))
        {
            let text = "another search parameter of the store has this URL";
            self.elements.say(&url.place, IssueType::Duplicate, text);
        }
        let url = url.map(|url| without_version(&url.text).to_owned());
        let ty = self.ty();
        if url
            .as_deref()
            .and_then(|url| standard(self.definitions, url))
            .is_some_and(|it| repeats(resource, it))
        {
            self.elements.problems.clear();
            return None;
        }
        let code = self.code(url.as_deref());
        let (names, bases) = self.bases();
        if let (Some(code), Some(url)) = (&code, &url) {
            self.clashes(code, url, &bases);
        }
        let targets = self.targets(ty);
        let expression = self.elements.required(resource, "expression", EXPRESSION);
        let types = match &expression {
            Some(expression) if !names.is_empty() => {
                self.elements.found(expression, &names, self.definitions)
            }
            _ => None,
        };
        if let (Some(expression), Some(sort)) = (&expression, ty.and_then(plain_sort)) {
            self.elements.fits(expression, &types, sort, self.definitions);
        }
        let components = self.components(ty, &types);
        let [comparators, modifiers, chain] = self.use_of(ty);
        self.refuse_the_rest();
        Some(Custom {
            id: self.id.map(str::to_owned),
            url: url?,
            code: code?.text.into_owned(),
            ty: ty?,
            bases,
            targets,
            expression: expression?.text.into_owned(),
            components,
            multiple_or: self.elements.boolean("multipleOr"),
            multiple_and: self.elements.boolean("multipleAnd"),
            comparators,
            modifiers,
            chain,
        })
    }

    fn ty(&mut self) -> Option<SearchParameterType> {
        let text = self.elements.required(self.elements.resource, "type", CODE)?;
        let ty = SearchParameterType::from_code(&text.text);
        if ty.is_none() {
            let known = SearchParameterType::ALL.iter().map(|ty| ty.code());
            let meant = meant(&text.text, known);
            let told = format!("there is no type of search parameter {:?}{meant}", text.text);
            self.elements.say(&text.place, IssueType::CodeInvalid, told);
        } else if ty == Some(SearchParameterType::Special)
            && self
                .elements
                .resource
                .get("url")
                .and_then(Value::as_str)
                .is_none_or(|url| standard(self.definitions, without_version(&url)).is_none())
        {
            let told = "how a parameter of the type special is searched, only a specification can say";
            self.elements.say(&text.place, IssueType::NotSupported, told);
        }
        ty
    }

    /// Its name, which has to be one that stands in a URL without escapes, modifiers and chains.
    fn code(&mut self, url: Option<&str>) -> Option<Text<'t>> {
        let code = self.elements.required(self.elements.resource, "code", CODE)?;
        let plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_');
        let begins = |char: char| char.is_ascii_alphanumeric();
        let is_standard =
            url.and_then(|url| standard(self.definitions, url)).is_some_and(|it| it.code == code.text);
        if !(is_standard || code.text.starts_with(begins) && code.text.chars().all(plain)) {
            let text = "a code is made of letters, digits, - and _, and begins with a letter or digit";
            self.elements.say(&code.place, IssueType::Value, text);
        }
        Some(code)
    }

    /// The types that it is for: as they are named, and those that a store can hold.
    fn bases(&mut self) -> (Vec<&'static str>, Vec<ResourceType>) {
        if self.elements.resource.get("base").is_none() {
            let place = Place::missing(self.elements.resource, "base");
            self.elements.say(&place, IssueType::Required, "base is missing");
        }
        let names = self.types("base");
        let types = concrete(&names, self.definitions);
        (names, types)
    }

    fn targets(&mut self, ty: Option<SearchParameterType>) -> Vec<ResourceType> {
        let names = self.types("target");
        if let (false, Some(ty)) = (names.is_empty(), ty)
            && ty != SearchParameterType::Reference
            && let Some(target) = self.elements.resource.get("target")
        {
            self.elements.say(
                &Place::of(target),
                IssueType::Invariant,
                "only parameters of the type reference have targets",
            );
        }
        if names.contains(&"Resource") { Vec::new() } else { concrete(&names, self.definitions) }
    }

    /// The resource types that a list names.
    fn types(&mut self, list: &str) -> Vec<&'static str> {
        let mut types = Vec::new();
        for name in self.elements.texts(list) {
            match self.definitions.ty(&name.text).filter(|ty| ty.kind == TypeKind::Resource) {
                Some(ty) => types.push(ty.name),
                None => {
                    let release = self.definitions.release();
                    let known = self.definitions.resource_types().map(ResourceType::name);
                    let meant = meant(&name.text, known);
                    let text = format!("{release} has no resource type {:?}{meant}", name.text);
                    self.elements.say(&name.place, IssueType::CodeInvalid, text);
                }
            }
        }
        types
    }

    /// Two parameters of one type can't have the same code.
    fn clashes(&mut self, code: &Text<'_>, url: &str, bases: &[ResourceType]) {
        let standard = self.definitions.search_parameters().iter().find(|other| {
            other.code == code.text
                && other.url != url
                && concrete(&other.base, self.definitions).iter().any(|base| bases.contains(base))
        });
        let clashes =
            |other: &&&Custom| other.code == code.text && other.bases.iter().any(|base| bases.contains(base));
        let other = standard.map(|other| other.url);
        let other = other.or_else(|| Some(self.others.iter().find(clashes)?.url.as_str()));
        if let Some(other) = other {
            let text = format!("{} is the code of {other} already", code.text);
            self.elements.say(&code.place, IssueType::Duplicate, text);
        }
        if self.others.len() >= Custom::MOST {
            let text = format!("there are {} search parameters already, which is the most", Custom::MOST);
            self.elements.say(&code.place, IssueType::TooCostly, text);
        }
    }

    /// Comparators, modifiers and chains.
    fn use_of(&mut self, ty: Option<SearchParameterType>) -> [Vec<String>; 3] {
        use SearchParameterType as Type;
        let comparators = self.elements.codes("comparator", "search-comparator", self.definitions);
        let ordered = matches!(ty, None | Some(Type::Number | Type::Date | Type::Quantity | Type::Special));
        if let (Some(first), false) = (comparators.first(), ordered) {
            let text = "only parameters of the types number, date and quantity have comparators";
            self.elements.say(&first.place.clone(), IssueType::Invariant, text);
        }
        let modifiers = self.elements.codes("modifier", "search-modifier-code", self.definitions);
        let chain = self.elements.texts("chain");
        if let (Some(first), false) = (chain.first(), matches!(ty, None | Some(Type::Reference))) {
            let text = "only parameters of the type reference are chained";
            self.elements.say(&first.place.clone(), IssueType::Invariant, text);
        }
        [owned(&comparators), owned(&modifiers), owned(&chain)]
    }

    /// What would change what is found, and is not done.
    fn refuse_the_rest(&mut self) {
        let normal = "only normal use is done";
        self.elements.refuse("xpathUsage", Some("normal"), normal);
        self.elements.refuse("processingMode", Some("normal"), normal);
        self.elements.refuse("constraint", None, "constraints of search parameters are not done");
    }
}

pub(super) fn without_version(url: &str) -> &str {
    url.split('|').next().unwrap_or(url)
}

pub(super) fn standard(definitions: &'static Definitions, url: &str) -> Option<&'static SearchParameter> {
    let all = definitions.search_parameters();
    all.binary_search_by(|parameter| parameter.url.cmp(url)).ok().and_then(|at| all.get(at))
}

/// Whether a resource says what a parameter of the release says.
fn repeats(resource: Value<'_>, standard: &SearchParameter) -> bool {
    let text = |name| resource.get(name).and_then(Value::as_str);
    text("code").as_deref() == Some(standard.code)
        && text("type").as_deref() == Some(standard.ty.code())
        && text("expression").as_deref() == standard.expression
}

fn meant<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    nearest(name, known).map(|name| format!("; did you mean {name}?")).unwrap_or_default()
}

/// The types of these names, and those based on them, in the order of their numbers.
fn concrete(names: &[&str], definitions: &'static Definitions) -> Vec<ResourceType> {
    let is_one = |ty: &ResourceType| {
        let definition = definitions.resource(*ty);
        definition.is_some_and(|ty| names.iter().any(|name| ty.is_a(definitions, name)))
    };
    let mut types: Vec<ResourceType> = definitions.resource_types().filter(is_one).collect();
    types.sort_unstable();
    types
}
