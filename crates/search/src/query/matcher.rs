//! Conditions, evaluated on one resource in memory.

use std::cmp::Ordering;

use rushlight_model::{Id, ResourceType};

use super::condition::{ColumnTest, Condition, Link, Op, RowTest, Scalar, Within};
use crate::contained;
use crate::entries::{Entries, Entry};
use crate::key::Value;
use crate::table::TableId;
use crate::values::{is_here, kept};

/// A resource, as conditions see it.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Its type.
    pub ty: ResourceType,
    /// Its id.
    pub id: &'a Id,
    /// `meta.lastUpdated`, in microseconds since 1970.
    pub last_updated: i64,
    /// Its entries, finished.
    pub entries: &'a Entries,
}

/// A resource that a candidate contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inner {
    /// Its place among those that the candidate is searched by, from 1 on.
    pub ordinal: u32,
    /// Its type.
    pub ty: ResourceType,
    /// Its id within the candidate.
    pub id: Id,
}

impl Candidate<'_> {
    /// The resources that it contains, in their order.
    #[must_use]
    pub fn contained(&self) -> Vec<Inner> {
        let of_table = self.entries.iter().filter(|entry| entry.table == TableId::CONTAINED);
        let mut all: Vec<Inner> = of_table.filter_map(inner).collect();
        all.sort_unstable_by_key(|inner| inner.ordinal);
        all
    }
}

/// The contained resource that an entry of [`TableId::CONTAINED`] tells of.
fn inner(entry: Entry<'_>) -> Option<Inner> {
    let mut values = entry.values();
    let (Value::Bytes(target), Value::Int(ty), Value::Int(ordinal)) =
        (values.next()?, values.next()?, values.next()?)
    else {
        return None;
    };
    Some(Inner {
        ordinal: u32::try_from(ordinal).ok()?,
        ty: ResourceType::from_number(u16::try_from(ty).ok()?)?,
        id: Id::new(contained::id_of(&target)?).ok()?,
    })
}

/// What a condition is asked of: a candidate, or what it contains.
#[derive(Clone, Copy)]
struct Subject<'a> {
    candidate: Candidate<'a>,
    inner: Option<&'a Inner>,
}

impl<'a> Subject<'a> {
    fn ty(self) -> ResourceType {
        self.inner.map_or(self.candidate.ty, |inner| inner.ty)
    }

    fn id(self) -> &'a Id {
        self.inner.map_or(self.candidate.id, |inner| &inner.id)
    }

    fn entries(self) -> impl Iterator<Item = Entry<'a>> {
        let ordinal = self.inner.map_or(0, |inner| inner.ordinal);
        self.candidate.entries.iter().filter(move |entry| entry.ordinal == ordinal)
    }

    /// What its references of some units have as target and type.
    fn references(self, units: &[i32]) -> impl Iterator<Item = (Value<'a>, i64)> {
        self.entries()
            .filter(|entry| entry.table == TableId::REFERENCE && units.contains(&entry.unit()))
            .filter_map(|entry| {
                let mut values = entry.values();
                match (values.next()?, values.next()?) {
                    (target, Value::Int(ty)) => Some((target, ty)),
                    _ => None,
                }
            })
    }
}

/// What is known of resources other than the one that is looked at.
pub trait Elsewhere {
    /// Whether the resource of this type and id, if there is one, meets a condition.
    fn leads_to(&self, ty: ResourceType, id: &Id, condition: &Condition) -> bool;

    /// Whether a resource that meets a link's condition refers to this one by one of its units.
    fn is_referred_to(&self, ty: ResourceType, id: &Id, link: &Link) -> bool;
}

/// Nothing is known: no chain leads anywhere.
impl Elsewhere for () {
    fn leads_to(&self, _: ResourceType, _: &Id, _: &Condition) -> bool {
        false
    }

    fn is_referred_to(&self, _: ResourceType, _: &Id, _: &Link) -> bool {
        false
    }
}

/// The radius of the sphere that distances are measured on, in metres: the Earth's mean one.
pub const EARTH: f64 = 6_371_008.8;

impl Condition {
    /// Whether it holds of a resource.
    ///
    /// ```
    /// use rushlight_model::definitions::Release;
    /// use rushlight_model::{Id, ResourceType};
    /// use rushlight_search::query::{Candidate, Condition, Op, RowTest, Scalar};
    /// use rushlight_search::{Registry, TableId};
    ///
    /// let registry = Registry::standard(Release::R4);
    /// let patient = ResourceType::from_name("Patient").ok_or("unknown")?;
    /// let unit = registry.parameter(patient, "gender").ok_or("none")?.units()[0].number;
    /// let female = RowTest::any(TableId::TOKEN, vec![unit]).and(0, Op::Is(Scalar::Text("female".to_owned())));
    /// let entries = registry.extract_text(br#"{"resourceType":"Patient","id":"p1","gender":"female"}"#);
    /// let id = Id::new("p1")?;
    /// let candidate = Candidate { ty: patient, id: &id, last_updated: 0, entries: &entries };
    /// assert!(Condition::Row(female).matches(candidate, &()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn matches(&self, candidate: Candidate<'_>, elsewhere: &impl Elsewhere) -> bool {
        self.holds(Subject { candidate, inner: None }, elsewhere)
    }

    /// Whether it holds of a resource that a candidate contains: one of [`Candidate::contained`].
    pub fn matches_inner(&self, candidate: Candidate<'_>, inner: &Inner, elsewhere: &impl Elsewhere) -> bool {
        self.holds(Subject { candidate, inner: Some(inner) }, elsewhere)
    }

    fn holds(&self, subject: Subject<'_>, elsewhere: &impl Elsewhere) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(subject, elsewhere)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(subject, elsewhere)),
            Self::Not(part) => !part.holds(subject, elsewhere),
            Self::Types(types) => types.contains(&subject.ty()),
            Self::Ids(ids) => ids.contains(subject.id()),
            Self::Updated { from, to } => (*from..=*to).contains(&subject.candidate.last_updated),
            Self::Row(test) => subject.entries().any(|entry| test.passes(entry)),
            Self::Chain(link) => chained(link, subject, elsewhere),
            Self::Has(link) => referred(link, subject, elsewhere),
            Self::Contained(within) => contains(within, subject, elsewhere),
        }
    }
}

fn chained(link: &Link, subject: Subject<'_>, elsewhere: &impl Elsewhere) -> bool {
    let candidate = subject.candidate;
    let leads = |target: &[u8]| match contained::id_of(target) {
        // The container is named by what it contains only.
        Some("") => {
            subject.inner.is_some()
                && candidate.ty == link.other
                && link.condition.matches(candidate, elsewhere)
        }
        Some(id) => candidate
            .contained()
            .iter()
            .filter(|inner| inner.ty == link.other && inner.id.as_str() == id)
            .any(|inner| link.condition.matches_inner(candidate, inner, elsewhere)),
        None => {
            let id = Some(target).filter(|target| is_here(target)).and_then(|key| Id::from_key(key).ok());
            id.is_some_and(|id| elsewhere.leads_to(link.other, &id, &link.condition))
        }
    };
    let to = i64::from(link.other.number());
    subject.references(&link.units).any(|(target, ty)| ty == to && leads(bytes(&target)))
}

fn referred(link: &Link, subject: Subject<'_>, elsewhere: &impl Elsewhere) -> bool {
    let (candidate, ty) = (subject.candidate, i64::from(subject.ty().number()));
    let Some(inner) = subject.inner else {
        return elsewhere.is_referred_to(candidate.ty, candidate.id, link);
    };
    let own = contained::target(&inner.id);
    candidate.ty == link.other
        && Subject { candidate, inner: None }
            .references(&link.units)
            .any(|(target, to)| to == ty && bytes(&target) == own)
        && link.condition.matches(candidate, elsewhere)
}

fn contains(within: &Within, subject: Subject<'_>, elsewhere: &impl Elsewhere) -> bool {
    let candidate = subject.candidate;
    let all = if subject.inner.is_some() { Vec::new() } else { candidate.contained() };
    all.iter()
        .filter(|inner| within.types.contains(&inner.ty))
        .any(|inner| within.condition.matches_inner(candidate, inner, elsewhere))
}

impl RowTest {
    /// Whether an entry passes, whoever's it is.
    #[must_use]
    pub fn passes(&self, entry: Entry<'_>) -> bool {
        if entry.table != self.table || !self.units.contains(&entry.unit()) {
            return false;
        }
        if self.tests.is_empty() {
            return true;
        }
        let values: Vec<Value<'_>> = entry.values().collect();
        self.tests.iter().all(|test| test.passes(&values))
    }
}

impl ColumnTest {
    fn passes(&self, values: &[Value<'_>]) -> bool {
        let Some(value) = values.get(self.column) else { return false };
        let is = |order: fn(Ordering) -> bool, operand: &Scalar| {
            compare(value, &operand.value()).is_some_and(order)
        };
        match &self.op {
            Op::Is(operand) => is(Ordering::is_eq, operand),
            Op::OneOf(operands) => operands.iter().any(|operand| is(Ordering::is_eq, operand)),
            Op::IsNot(operand) => is(Ordering::is_ne, operand),
            Op::Below(operand) => is(Ordering::is_lt, operand),
            Op::AtMost(operand) => is(Ordering::is_le, operand),
            Op::Above(operand) => is(Ordering::is_gt, operand),
            Op::AtLeast(operand) => is(Ordering::is_ge, operand),
            Op::Begins(text) => bytes(value).starts_with(text.as_bytes()),
            Op::Contains(text) => {
                let (own, text) = (bytes(value), text.as_bytes());
                text.is_empty() || kept(own).windows(text.len()).any(|window| window == text)
            }
            Op::UpTo(column) => {
                values.get(*column).and_then(|other| compare(value, other)).is_some_and(Ordering::is_le)
            }
            Op::Near { latitude, longitude, distance } => match (value, values.get(self.column + 1)) {
                (Value::Real(here), Some(Value::Real(there))) => {
                    metres([*here, *there], [*latitude, *longitude]) <= *distance
                }
                _ => false,
            },
        }
    }
}

/// The distance between two places on the sphere: the haversine formula.
#[must_use]
pub fn metres(a: [f64; 2], b: [f64; 2]) -> f64 {
    let ([lat1, lon1], [lat2, lon2]) = (a.map(f64::to_radians), b.map(f64::to_radians));
    let half = |from: f64, to: f64| ((to - from) / 2.0).sin().powi(2);
    let h = half(lat1, lat2) + lat1.cos() * lat2.cos() * half(lon1, lon2);
    2.0 * EARTH * h.sqrt().min(1.0).asin()
}

fn bytes<'v>(value: &'v Value<'_>) -> &'v [u8] {
    match value {
        Value::Text(bytes) | Value::Bytes(bytes) => bytes,
        Value::Int(_) | Value::Real(_) => &[],
    }
}

/// The order of two values of the same kind.
fn compare(a: &Value<'_>, b: &Value<'_>) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Real(a), Value::Real(b)) => a.partial_cmp(b),
        (Value::Text(a), Value::Text(b)) | (Value::Bytes(a), Value::Bytes(b)) => Some(a.cmp(b)),
        _ => None,
    }
}
