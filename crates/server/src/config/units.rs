//! Sizes and times, with their units.

use super::shape::{Given, Shape, quoted};
use std::time::Duration;

/// Bytes within bounds: `4096`, `64KiB`, `1MiB`.
pub struct Size(pub usize, pub usize);

/// A time within bounds, in seconds: `500ms`, `30s`, `5m`, `1h`.
pub struct Time(pub u64, pub u64);

/// A number and the unit behind it, in units of the last and smallest.
fn with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let (_, factor) = units.iter().find(|(name, _)| *name == unit.trim_start())?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

/// The shortest writing, in the largest unit that loses nothing.
fn in_units(number: u64, units: &[(&str, u64)]) -> String {
    let largest = units.iter().find(|(_, factor)| number >= *factor && number.is_multiple_of(*factor));
    let (name, factor) = largest.copied().unwrap_or(("", 1));
    format!("{}{name}", number / factor)
}

const BYTES: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("", 1)];
const MILLISECONDS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// A size as people write it.
pub fn size(bytes: usize) -> String {
    in_units(bytes as u64, &BYTES)
}

fn time(milliseconds: u64) -> String {
    in_units(milliseconds, &MILLISECONDS)
}

impl Shape for Size {
    type Value = usize;

    fn expects(&self) -> String {
        format!("a size from {} to {}, as in 64KiB, 8MiB or 4096", size(self.0), size(self.1))
    }

    fn read(&self, given: &Given) -> Option<usize> {
        let bytes = match given {
            Given::Integer(number) => u64::try_from(*number).ok()?,
            _ => with_unit(given.text()?, &BYTES)?,
        };
        usize::try_from(bytes).ok().filter(|bytes| (self.0..=self.1).contains(bytes))
    }

    fn show(&self, value: &usize) -> Option<String> {
        Some(quoted(&size(*value)))
    }
}

impl Shape for Time {
    type Value = Duration;

    fn expects(&self) -> String {
        let (least, most) = (time(self.0 * 1000), time(self.1 * 1000));
        format!("a time from {least} to {most}, as in 500ms, 30s, 5m or 1h")
    }

    fn read(&self, given: &Given) -> Option<Duration> {
        let milliseconds = with_unit(given.text()?, &MILLISECONDS)?;
        (self.0 * 1000..=self.1 * 1000).contains(&milliseconds).then(|| Duration::from_millis(milliseconds))
    }

    fn show(&self, value: &Duration) -> Option<String> {
        let milliseconds = u64::try_from(value.as_millis()).unwrap_or(u64::MAX);
        Some(quoted(&time(milliseconds)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_have_units() {
        let sizes = Size(1, 1 << 30);
        for (text, bytes) in [("1", 1), ("64KiB", 64 << 10), ("64 KiB", 64 << 10), ("1GiB", 1 << 30)] {
            assert_eq!(sizes.read(&Given::String(text)), Some(bytes), "{text}");
            assert_eq!(sizes.read(&Given::Text(text)), Some(bytes), "{text}");
        }
        for text in ["", "0", "KiB", "64kb", "64MB", "-1", "1.5MiB", "2GiB", "99999999999999999999", "1é"] {
            assert_eq!(sizes.read(&Given::Text(text)), None, "{text}");
        }
        let times = Time(1, 3600);
        for (text, milliseconds) in [("1s", 1000), ("1500ms", 1500), ("2m", 120_000), ("1h", 3_600_000)] {
            assert_eq!(times.read(&Given::String(text)), Some(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["30", "s", "0s", "999ms", "61m", "1 day"] {
            assert_eq!(times.read(&Given::Text(text)), None, "{text}");
        }
        assert_eq!(times.read(&Given::Integer(30)), None, "a number says no unit");
        assert_eq!([size(4096), size(1000), size(3 << 20)], ["4KiB", "1000", "3MiB"]);
        assert_eq!([time(1500), time(90_000), time(7_200_000)], ["1500ms", "90s", "2h"]);
    }
}
