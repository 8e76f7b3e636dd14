//! Index entries of a plausible number, kind and spread, until search parameters are evaluated.
//!
//! What an index costs depends on how many rows a resource has and how they scatter over pages, not on what
//! they mean. Every resource gets 20 rows; all of their values follow from a hash of its type and text.

mod words;

use std::borrow::Cow;

use rushlight_model::ResourceType;

use crate::entry::{Entry, Scalar};
use crate::table::TableId;
use words::{CODES, PROFILES, SYLLABLES};

/// Entries per resource.
const ROWS: usize = 20;

/// Parameters that a type can have.
const PARAMS_PER_TYPE: i32 = 64;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// 2017-01-01T00:00:00Z: the ten years in which everything happens begin here.
const FIRST_DAY: i64 = 1_483_228_800_000_000;

/// The index entries of a resource: sorted, without duplicates, the same whenever they are asked for.
///
/// `body` is the compact text as it is stored.
///
/// ```
/// use rushlight_model::ResourceType;
/// use rushlight_search::extract;
///
/// let patient = ResourceType::from_name("Patient").ok_or("unknown")?;
/// let entries = extract(patient, br#"{"resourceType":"Patient","id":"p1"}"#);
/// assert_eq!(entries.len(), 20);
/// assert!(entries.is_sorted());
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn extract(ty: ResourceType, body: &[u8]) -> Vec<Entry> {
    let mut draw = Draw(hash(body) ^ u64::from(ty.number()).wrapping_mul(GOLDEN));
    let mut rows =
        Rows { first: i32::from(ty.number()) * PARAMS_PER_TYPE, entries: Vec::with_capacity(ROWS) };
    tokens(&mut rows, &mut draw);
    references(&mut rows, &mut draw);
    dates(&mut rows, &mut draw);
    strings(&mut rows, &mut draw);
    quantities(&mut rows, &mut draw);
    rows.add(TableId::URI, vec![text(pick(&PROFILES, draw.below(10)))]);
    debug_assert!(rows.entries.is_sorted(), "the rows are made in their order");
    rows.entries
}

/// Entries in the making; each takes the next parameter number, so they come out in order.
struct Rows {
    first: i32,
    entries: Vec<Entry>,
}

impl Rows {
    fn add(&mut self, table: TableId, values: Vec<Scalar>) {
        let at = i32::try_from(self.entries.len()).unwrap_or(PARAMS_PER_TYPE - 1);
        self.entries.push(Entry { table, param: self.first + at, values });
    }
}

fn tokens(rows: &mut Rows, draw: &mut Draw) {
    for (codes, system) in [(5, 1), (2, 2), (20, 3), (12, 4)] {
        let code = pick(&CODES, draw.below(codes));
        rows.add(TableId::TOKEN, vec![text(code), Scalar::Int(system)]);
    }
    for system in [5, 6] {
        // About 300 codes; the first few take most of the draws.
        let rank = draw.below(300) * draw.below(300) * draw.below(300) / (300 * 300);
        rows.add(TableId::TOKEN, vec![number("", 10_000 + rank * 37), Scalar::Int(system)]);
    }
    rows.add(TableId::TOKEN, vec![number("", 200_000_000 + draw.below(5_000) * 7_919), Scalar::Int(7)]);
    rows.add(TableId::TOKEN, vec![number("MRN", draw.next() >> 1), Scalar::Int(8)]);
}

fn references(rows: &mut Rows, draw: &mut Draw) {
    for (targets, salt, target_type) in [(50_000, 1, 103), (50_000, 1, 103), (500_000, 2, 44), (500, 3, 107)]
    {
        // The key of a UUID: see `Id::to_key`.
        let mut target = Draw((draw.below(targets) << 8) | salt);
        let mut key = Vec::with_capacity(17);
        key.push(0);
        key.extend_from_slice(&target.next().to_be_bytes());
        key.extend_from_slice(&target.next().to_be_bytes());
        rows.add(TableId::REFERENCE, vec![Scalar::Bytes(key), Scalar::Int(target_type)]);
    }
}

fn dates(rows: &mut Rows, draw: &mut Draw) {
    let period = |low: i64, length: i64| vec![Scalar::Int(low), Scalar::Int(low + length - 1)];
    let ten_years = 3_652 * 86_400_000;
    let moment = FIRST_DAY + draw.signed(ten_years) * 1_000;
    rows.add(TableId::DATE, period(moment, 1_000));
    let recent = FIRST_DAY + (3_652 - draw.signed(60)) * MICROS_PER_DAY;
    rows.add(TableId::DATE, period(recent, MICROS_PER_DAY));
    let month = FIRST_DAY + draw.signed(120) * 30 * MICROS_PER_DAY;
    rows.add(TableId::DATE, period(month, 30 * MICROS_PER_DAY));
}

fn strings(rows: &mut Rows, draw: &mut Draw) {
    for _ in 0..2 {
        let (mut normal, mut exact) = (String::with_capacity(12), String::with_capacity(16));
        // 28 × 28 × 26: about 20,000 names.
        for (at, count) in [28, 28, 26].into_iter().enumerate() {
            let (plain, accented) = pick(&SYLLABLES, draw.below(count));
            normal.push_str(plain);
            if at == 0 {
                exact.extend(accented.chars().take(1).flat_map(char::to_uppercase));
                exact.extend(accented.chars().skip(1));
            } else {
                exact.push_str(accented);
            }
        }
        rows.add(TableId::STRING, vec![Scalar::Text(Cow::Owned(normal)), Scalar::Text(Cow::Owned(exact))]);
    }
}

fn quantities(rows: &mut Rows, draw: &mut Draw) {
    for (least, steps, unit) in [(360, 40, 1), (400, 2_000, 2)] {
        // Tenths, and half a tenth to either side: what a value with one decimal stands for.
        let value = f64::from(least + u32::try_from(draw.below(steps)).unwrap_or_default()) / 10.0;
        rows.add(
            TableId::QUANTITY,
            vec![Scalar::Real(value - 0.05), Scalar::Real(value + 0.05), Scalar::Int(unit)],
        );
    }
}

fn text(text: &'static str) -> Scalar {
    Scalar::Text(Cow::Borrowed(text))
}

fn number(before: &str, value: u64) -> Scalar {
    let mut digits = [0; 20];
    let mut rest = value;
    let mut from = digits.len();
    for (at, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
        from = at;
        if rest == 0 {
            break;
        }
    }
    let mut text = String::with_capacity(before.len() + digits.len() - from);
    text.push_str(before);
    text.extend(digits.iter().skip(from).map(|digit| char::from(*digit)));
    Scalar::Text(Cow::Owned(text))
}

/// The row of this number; the first if there is none.
fn pick<T: Copy + Default>(rows: &[T], at: u64) -> T {
    usize::try_from(at).ok().and_then(|at| rows.get(at)).copied().unwrap_or_default()
}

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// Numbers that look random and follow from a seed (splitmix64).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number below `end`, which must fit 32 bits.
    fn below(&mut self, end: u64) -> u64 {
        ((self.next() >> 32) * (end & 0xFFFF_FFFF)) >> 32
    }

    /// A number below `end`, as dates need it.
    fn signed(&mut self, end: i64) -> i64 {
        i64::try_from(self.next() >> 1).unwrap_or_default() % end
    }
}

fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// FNV-1a over eight bytes at a time, mixed at the end; the same on every machine.
fn hash(bytes: &[u8]) -> u64 {
    const PRIME: u64 = 0x0000_0100_0000_01B3;
    let step = |state: u64, word: u64| (state ^ word).wrapping_mul(PRIME).rotate_left(29);
    let (words, rest) = bytes.as_chunks::<8>();
    let state =
        words.iter().fold(0xCBF2_9CE4_8422_2325, |state, word| step(state, u64::from_le_bytes(*word)));
    let state = rest.iter().fold(state, |state, byte| step(state, u64::from(*byte)));
    mix(state ^ bytes.len() as u64)
}

#[cfg(test)]
mod tests;
