//! Index entries in words that people read: what a parameter has of a resource.

use rushlight_model::{Id, format_instant};
use rushlight_search::key::Value;
use rushlight_search::{Entry, Registry};

/// An entry: the parameters that it is of, and its values by the names of their columns.
pub fn told(registry: &Registry, entry: Entry<'_>) -> String {
    let of_unit = registry.units().iter().find(|unit| unit.number == entry.unit());
    let parameters = of_unit.map_or(&[][..], |unit| registry.parameters(unit.resource));
    let used = parameters.iter().filter(|one| one.units().iter().any(|unit| unit.number == entry.unit()));
    let mut out = used.map(|one| one.code.to_string()).collect::<Vec<_>>().join(", ");
    out.push(':');
    if entry.is_bare() {
        return out + " an element without a value to compare with";
    }
    let columns = entry.table().map_or(&[][..], |table| table.columns);
    for (column, value) in columns.iter().zip(entry.values()) {
        if let Some(value) = shown(column.name, &value) {
            out.push_str(&format!(" {} {value}", column.name));
        }
    }
    out
}

/// A value, if it says anything. Systems and units are known by their hashes alone.
fn shown(column: &str, value: &Value<'_>) -> Option<String> {
    const YEAR_1: i64 = -62_135_596_800_000_000;
    const YEAR_9999: i64 = 253_402_300_799_999_999;
    let name = column.trim_end_matches(|c: char| c.is_ascii_digit());
    match (name, value) {
        ("flags", _) => None,
        ("target_type" | "version", _) => None,
        ("low", Value::Int(time)) if *time < YEAR_1 => Some("open".to_owned()),
        ("high", Value::Int(time)) if *time > YEAR_9999 => Some("open".to_owned()),
        ("low" | "high", Value::Int(time)) => Some(format_instant(*time)),
        ("low" | "high", Value::Bytes(bytes)) => Some(number(bytes)),
        ("target", Value::Bytes(bytes)) => Some(match Id::from_key(bytes) {
            Ok(id) => id.to_string(),
            Err(_) => String::from_utf8_lossy(bytes.get(1..).unwrap_or_default()).into_owned(),
        }),
        ("system" | "unit" | "code" | "exact", Value::Int(0)) => None,
        ("system" | "unit" | "code" | "exact", Value::Int(hash)) => Some(format!("#{hash:016x}")),
        (_, Value::Text(text)) => Some(format!("“{}”", String::from_utf8_lossy(text))),
        (_, value) => Some(value.to_string()),
    }
}

/// A number that is written as bytes: [`rushlight_search::Number`] says how.
fn number(bytes: &[u8]) -> String {
    let Some((first, digits)) = bytes.split_first_chunk::<2>() else { return "?".to_owned() };
    let lead = i64::from(u16::from_be_bytes(*first));
    let (negative, magnitude) = match lead {
        0 => return "-∞".to_owned(),
        0xFFFF => return "∞".to_owned(),
        0x8000 => return "0".to_owned(),
        lead if lead > 0x8000 => (false, lead - 0xC000),
        lead => (true, 0x4000 - lead),
    };
    let digits = if negative { digits.strip_suffix(&[0xFF]).unwrap_or(digits) } else { digits };
    let pairs = digits.iter().map(|byte| if negative { 255 - byte } else { *byte });
    let digits: String = pairs.map(|byte| format!("{:02}", byte.saturating_sub(1))).collect();
    let digits = digits.trim_end_matches('0');
    let sign = if negative { "-" } else { "" };
    match usize::try_from(magnitude) {
        Ok(whole) if whole <= 20 => {
            let padded = format!("{digits:0<whole$}");
            let (before, after) = padded.split_at_checked(whole).unwrap_or((&padded, ""));
            let before = if before.is_empty() { "0" } else { before };
            let point = if after.is_empty() { "" } else { "." };
            format!("{sign}{before}{point}{after}")
        }
        _ => format!("{sign}0.{digits}e{magnitude}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_model::definitions::Release;
    use rushlight_search::Number;

    #[test]
    fn numbers_are_read_as_they_were_written() {
        for text in ["1.5", "-10", "0", "12.5", "-9.99", "100", "0.5", "20000000000000000000", "1234.5678"] {
            assert_eq!(number(Number::parse(text).unwrap().as_bytes()), text);
        }
        assert_eq!(number(Number::parse("0.0012").unwrap().as_bytes()), "0.12e-2");
        assert_eq!(number(Number::parse("-1e30").unwrap().as_bytes()), "-0.1e31");
        assert_eq!(
            (number(Number::least().as_bytes()), number(Number::greatest().as_bytes())),
            ("-∞".to_owned(), "∞".to_owned())
        );
    }

    #[test]
    fn entries_are_told_in_words() {
        let registry = Registry::standard(Release::R4);
        let entries = registry.extract_text(
            br#"{"resourceType":"Observation","status":"final","effectiveDateTime":"2020-02","subject":{"reference":"Patient/p"},"valueQuantity":{"value":5.4},"focus":[{"display":"x"}]}"#,
        );
        let all: Vec<String> = entries.iter().map(|entry| told(&registry, entry)).collect();
        let all = all.join("\n");
        for expected in [
            "status: code “final” system #",
            "date: low 2020-02-01T00:00:00.000000Z high 2020-02-29T23:59:59.999999Z",
            "patient, subject: target p",
            "combo-value-quantity, value-quantity: low 5.4 high 5.4",
            "focus: an element without a value",
        ] {
            assert!(all.contains(expected), "{expected}: {all}");
        }
    }
}
