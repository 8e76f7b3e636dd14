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

diesel::table! {
    /// Who did what.
    audit (chain, number) {
        chain -> BigInt,
        number -> BigInt,
        at -> BigInt,
        actor -> Nullable<Text>,
        request -> Text,
        interaction -> Text,
        outcome -> Text,
        first_seq -> Nullable<BigInt>,
        last_seq -> Nullable<BigInt>,
        content -> Nullable<Binary>,
        detail -> Nullable<Text>,
        hash -> Binary,
    }
}

diesel::table! {
    /// Where each chain of the audit has come to.
    audit_chain (chain) {
        chain -> BigInt,
        number -> BigInt,
        hash -> Binary,
    }
}

diesel::table! {
    /// What is indexed.
    unit (number) {
        number -> Integer,
        key -> Text,
        retired -> Bool,
    }
}

diesel::table! {
    /// Work that goes on for long.
    job (id) {
        id -> BigInt,
        kind -> Text,
        parameters -> Text,
        state -> SmallInt,
        done -> BigInt,
        total -> BigInt,
        place -> Text,
        message -> Text,
        owner -> Nullable<Text>,
        token -> BigInt,
        expires -> BigInt,
        cancel -> Bool,
        created -> BigInt,
        started -> Nullable<BigInt>,
        ended -> Nullable<BigInt>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(resource, version);
