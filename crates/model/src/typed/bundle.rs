//! Bundle: <https://hl7.org/fhir/R4/bundle.html>.

use super::datatypes::*;
use super::elements::*;
use super::resource::Resource;
use super::table::*;

resource! {
    /// Resources together.
    ///
    /// ```
    /// use rushlight_model::typed::{
    ///     Bundle, BundleEntry, BundleEntryRequest, BundleType, HttpVerb, Observation, Patient, Resource,
    /// };
    ///
    /// let patient = "urn:uuid:0190b6a4-7f3e-7c51-9d2a-5e8f1c3b7a60";
    /// let create = |url| BundleEntryRequest::new().method(HttpVerb::Post).url(url);
    /// let bundle = Bundle::new()
    ///     .type_(BundleType::Transaction)
    ///     .entry(BundleEntry::new().full_url(patient).resource(Patient::new().active(true)).request(create("Patient")))
    ///     .entry(BundleEntry::new().resource(Observation::new().subject(patient)).request(create("Observation")));
    ///
    /// let read = Bundle::from_json(bundle.to_json().as_bytes())?;
    /// let patients = read.entry.iter().filter(|entry| matches!(entry.resource, Some(Resource::Patient(_))));
    /// assert_eq!(patients.count(), 1);
    /// # Ok::<(), rushlight_model::typed::ReadError>(())
    /// ```
    Bundle {
        /// Names the Bundle for good.
        identifier: one(Identifier) = "identifier",
        /// What it is for.
        type_: primitive(BundleType) = "type",
        /// When it was put together.
        timestamp: primitive(Instant) = "timestamp",
        /// How many a search found, on all pages.
        total: primitive(u32) = "total",
        /// Links to itself and other pages.
        link: many(BundleLink) = "link",
        /// The resources, or what to do with them.
        entry: many(BundleEntry) = "entry",
        /// Who vouches for it.
        signature: one(Box<Signature>) = "signature",
    }
}

backbone! {
    /// A link of a [`Bundle`] or an entry.
    BundleLink {
        /// `self`, `next`, `previous` and so on.
        relation: primitive(String) = "relation",
        /// Where to.
        url: primitive(String) = "url",
    }
}

backbone! {
    /// An entry of a [`Bundle`].
    BundleEntry {
        /// Links that belong to it.
        link: many(BundleLink) = "link",
        /// The resource's URL, or a URN until it has one.
        full_url: primitive(String) = "fullUrl",
        /// The resource.
        resource: one(Resource) = "resource",
        /// How a search came to it.
        search: one(BundleEntrySearch) = "search",
        /// What a transaction, batch or history does or did.
        request: one(BundleEntryRequest) = "request",
        /// What came of it.
        response: one(BundleEntryResponse) = "response",
    }
}

backbone! {
    /// How a search came to an entry.
    BundleEntrySearch {
        /// `match`, `include` or `outcome`.
        mode: primitive(String) = "mode",
        /// How well it fits, from 0 to 1.
        score: primitive(Decimal) = "score",
    }
}

backbone! {
    /// What a transaction, batch or history does or did.
    BundleEntryRequest {
        /// The method.
        method: primitive(HttpVerb) = "method",
        /// The URL after the server's base.
        url: primitive(String) = "url",
        /// As the header If-None-Match.
        if_none_match: primitive(String) = "ifNoneMatch",
        /// As the header If-Modified-Since.
        if_modified_since: primitive(Instant) = "ifModifiedSince",
        /// As the header If-Match.
        if_match: primitive(String) = "ifMatch",
        /// As the header If-None-Exist: create only if this search finds nothing.
        if_none_exist: primitive(String) = "ifNoneExist",
    }
}

backbone! {
    /// What came of a request.
    BundleEntryResponse {
        /// The status of HTTP, with or without its words.
        status: primitive(String) = "status",
        /// Where the resource is now.
        location: primitive(String) = "location",
        /// Its version, as a header has it: `W/"1"`.
        etag: primitive(String) = "etag",
        /// When it changed.
        last_modified: primitive(Instant) = "lastModified",
        /// An OperationOutcome, with hints or with what went wrong.
        outcome: one(Resource) = "outcome",
    }
}
