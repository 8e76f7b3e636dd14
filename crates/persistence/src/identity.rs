//! What a store says of itself, made when it is first opened.

use crate::connection::AnyConnection;
use crate::either::AnySql;
use crate::error::StoreError;
use crate::options::StoreOptions;
use crate::schema;
use crate::units::Wanted;
use diesel::prelude::*;
use diesel::sql_types::Text;
use rushlight_model::definitions::Release;
use rushlight_search::Words;

/// The value of a key of the store's own, which is `fresh` if whoever opens it first finds none.
fn kept(connection: &mut AnyConnection, name: &'static str, fresh: &str) -> Result<String, StoreError> {
    use schema::store::dsl::{key, store, value};
    // Two processes may open a new store at once: the first row stays.
    AnySql::<'_, ()>::new("INSERT INTO store (key, value) VALUES (")
        .bind::<Text, _>(name)
        .text(", ")
        .bind::<Text, _>(fresh.to_owned())
        .text(") ON CONFLICT (key) DO NOTHING")
        .execute(connection)?;
    Ok(store.filter(key.eq(name)).select(value).first(connection)?)
}

/// Which words are indexed: those that are asked for, and otherwise those that were before.
fn words(connection: &mut AnyConnection, asked: Option<Words>) -> Result<Words, StoreError> {
    use schema::store::dsl::{key, store, value};
    const KEY: &str = "words";
    let stored = kept(connection, KEY, asked.unwrap_or_default().name())?;
    if let Some(asked) = asked
        && stored != asked.name()
    {
        diesel::update(store.filter(key.eq(KEY))).set(value.eq(asked.name())).execute(connection)?;
        return Ok(asked);
    }
    Words::from_name(&stored).ok_or_else(|| StoreError::Damaged("the store's words are unknown".to_owned()))
}

/// What a store says of itself.
pub(crate) struct Identity {
    pub(crate) secret: [u8; 32],
    pub(crate) wanted: Wanted,
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to memory does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Identity {
    /// Reads it, or makes it in a new store.
    pub(crate) fn load(connection: &mut AnyConnection, options: &StoreOptions) -> Result<Self, StoreError> {
        let asked = options.release;
        let mut fresh = [0_u8; 32];
        openssl::rand::rand_bytes(&mut fresh).map_err(|error| StoreError::Open(error.to_string()))?;
        let text = hex(&fresh);
        let stored = kept(connection, "secret", &text)?;
        let damaged = || StoreError::Damaged("the store's secret is not 64 hexadecimal digits".to_owned());
        let bytes: Vec<u8> = (0..32)
            .map(|at| stored.get(at * 2..at * 2 + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
            .collect::<Option<_>>()
            .ok_or_else(damaged)?;
        let secret = bytes.try_into().map_err(|_| damaged())?;
        let asked_or_first = asked.unwrap_or(Release::R4);
        let stored = kept(connection, "fhir-version", asked_or_first.short())?;
        match Release::from_short(&stored) {
            Some(release) if asked.is_none_or(|asked| asked == release) => {
                let words = words(connection, options.words)?;
                Ok(Self { secret, wanted: Wanted { release, words } })
            }
            _ => Err(StoreError::OtherRelease { stored, asked: asked_or_first.short() }),
        }
    }
}
