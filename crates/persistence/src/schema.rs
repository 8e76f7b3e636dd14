//! The tables that both stores share, as diesel sees them.

diesel::table! {
    /// What the store knows of itself.
    store (key) {
        key -> Text,
        value -> Text,
    }
}

diesel::table! {
    /// The current version of each resource.
    resource (ty, id) {
        #[sql_name = "type"]
        ty -> SmallInt,
        id -> Binary,
        rid -> BigInt,
        seq -> BigInt,
        version -> BigInt,
        deleted -> Bool,
    }
}

diesel::table! {
    /// Every version ever written.
    version (seq) {
        seq -> BigInt,
        rid -> BigInt,
        /// `meta.versionId`.
        #[sql_name = "version"]
        number -> BigInt,
        #[sql_name = "type"]
        ty -> SmallInt,
        id -> Binary,
        last_updated -> BigInt,
        deleted -> Bool,
        splice -> Integer,
        actor -> Nullable<Text>,
        body -> Text,
        made -> SmallInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(resource, version);
