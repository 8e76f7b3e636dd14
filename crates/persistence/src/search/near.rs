//! Distances on the sphere: [`rushlight_search::query::metres`], by a function of ours on SQLite, which has no
//! trigonometry, and by PostgreSQL's own.

use crate::either::AnySql;
use crate::error::StoreError;
use diesel::SqliteConnection;
use diesel::sql_types::Double;
use rushlight_search::query::{EARTH, metres};

diesel::define_sql_function! {
    /// The distance between two places, each a latitude and a longitude in degrees, in metres.
    fn metres_between(latitude: Double, longitude: Double, there: Double, beside: Double) -> Double;
}

/// Makes the function known to a connection of SQLite.
pub(crate) fn install(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    metres_between_utils::register_impl(connection, |a: f64, b: f64, c: f64, d: f64| metres([a, b], [c, d]))?;
    Ok(())
}

/// Appends that the place in two columns is not farther from another one than so many metres.
pub(crate) fn within<'a, ST>(
    sql: AnySql<'a, ST>,
    [lat, lon]: [&str; 2],
    [latitude, longitude]: [f64; 2],
    distance: f64,
    postgres: bool,
) -> AnySql<'a, ST> {
    if !postgres {
        let sql = sql.put(format_args!("metres_between({lat}, {lon}, ")).bind::<Double, _>(latitude);
        let sql = sql.text(", ").bind::<Double, _>(longitude).text(") <= ");
        return sql.bind::<Double, _>(distance);
    }
    let sql = sql.put(format_args!("{} * asin(least(1.0, sqrt(power(sin((radians(", 2.0 * EARTH));
    let sql = sql
        .bind::<Double, _>(latitude)
        .put(format_args!(") - radians({lat})) / 2.0), 2.0) + cos(radians({lat})) * cos(radians("));
    let sql = sql.bind::<Double, _>(latitude).text(")) * power(sin((radians(");
    let sql = sql.bind::<Double, _>(longitude).put(format_args!(") - radians({lon})) / 2.0), 2.0)))) <= "));
    sql.bind::<Double, _>(distance)
}
