//! Places: <https://hl7.org/fhir/R4/location.html#positional>.

use super::super::fault::{Fault, Result, listed, quoted};
use super::super::rows::{Meant, Shape};
use super::super::text::{plain, split};
use crate::query::Op;
use crate::table::TableId;

/// What is near, where nobody says how far it may be, in kilometres.
const NEAR: &str = "10";

/// Units of length, with their metres.
const UNITS: [(&str, f64); 12] = [
    ("km", 1000.0),
    ("m", 1.0),
    ("cm", 0.01),
    ("mm", 0.001),
    ("[mi_i]", 1609.344),
    ("[mi_us]", 6_336_000.0 / 3937.0),
    ("mi", 1609.344),
    ("[nmi_i]", 1852.0),
    ("[ft_i]", 0.3048),
    ("ft", 0.3048),
    ("[yd_i]", 0.9144),
    ("[in_i]", 0.0254),
];

/// `latitude|longitude[|distance[|units]]`; without units, kilometres.
pub(in super::super) fn near(text: &str) -> Result<Meant> {
    let parts: Vec<&str> = split(text, '|').collect();
    let (latitude, longitude, distance, unit) = match parts[..] {
        [latitude, longitude] => (latitude, longitude, "", ""),
        [latitude, longitude, distance] => (latitude, longitude, distance, ""),
        [latitude, longitude, distance, unit] => (latitude, longitude, distance, unit),
        _ => {
            let text = "a place is latitude|longitude, latitude|longitude|distance or latitude|longitude|distance|units";
            return Err(Fault::value(text));
        }
    };
    let (distance, unit) = if distance.is_empty() { (NEAR, "km") } else { (distance, unit) };
    let unit = plain(if unit.is_empty() { "km" } else { unit })?;
    let Some((_, metres)) = UNITS.iter().find(|(known, _)| *known == unit) else {
        let known = listed(UNITS.map(|(known, _)| known));
        return Err(Fault::value(format!("{} is no unit of distance: they are {known}", quoted(&unit))));
    };
    let latitude = degrees(latitude, 90.0, "latitude")?;
    let longitude = degrees(longitude, 180.0, "longitude")?;
    let Some(length) = number(distance).filter(|length| *length >= 0.0) else {
        return Err(Fault::value(format!("{} is not a distance", quoted(distance))));
    };
    let op = Op::Near { latitude, longitude, distance: length * metres };
    let words = format!("is within {distance} {unit} of {latitude}°, {longitude}°");
    Ok(Meant::one(Shape::of(TableId::POSITION).and(0, op), words))
}

fn degrees(text: &str, most: f64, what: &str) -> Result<f64> {
    number(text).filter(|degrees| degrees.abs() <= most).ok_or_else(|| {
        Fault::value(format!("{} is not a {what}: degrees from -{most} to {most}", quoted(text)))
    })
}

fn number(text: &str) -> Option<f64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    text.parse().ok().filter(|number: &f64| is_number && number.is_finite())
}
