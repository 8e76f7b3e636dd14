//! CapabilityStatement: <https://hl7.org/fhir/R4/capabilitystatement.html>.

use super::datatypes::*;
use super::elements::*;
use super::resource::Resource;
use super::table::*;

domain_resource! {
    /// What a server or client can do.
    ///
    /// ```
    /// use rushlight_model::typed::{
    ///     CapabilityStatement, CapabilityStatementRest, CapabilityStatementRestResource,
    ///     CapabilityStatementRestResourceInteraction, CapabilityStatementRestResourceSearchParam, DateTime,
    /// };
    ///
    /// let interaction = |code| CapabilityStatementRestResourceInteraction::new().code(code);
    /// let birth_date = CapabilityStatementRestResourceSearchParam::new().name("birthdate").type_("date");
    /// let statement = CapabilityStatement::new()
    ///     .status("active")
    ///     .date(DateTime::new("2026-11-24")?)
    ///     .kind("instance")
    ///     .fhir_version("4.0.1")
    ///     .format("json")
    ///     .rest(
    ///         CapabilityStatementRest::new().mode("server").resource(
    ///             CapabilityStatementRestResource::new()
    ///                 .type_("Patient")
    ///                 .interaction(interaction("read"))
    ///                 .interaction(interaction("search-type"))
    ///                 .search_param(birth_date),
    ///         ),
    ///     );
    ///
    /// let read = CapabilityStatement::from_json(statement.to_json().as_bytes())?;
    /// let patient = read.rest[0].resource.iter().find(|resource| resource.type_.as_str() == Some("Patient"));
    /// let reads = |code| patient.is_some_and(|resource| resource.interaction.contains(&interaction(code)));
    /// assert!(reads("read") && !reads("delete"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    CapabilityStatement {
        /// Names the statement for good.
        url: primitive(String) = "url",
        /// Its version.
        version: primitive(String) = "version",
        /// Its name for programs.
        name: primitive(String) = "name",
        /// Its name for people.
        title: primitive(String) = "title",
        /// `draft`, `active`, `retired` or `unknown`.
        status: primitive(String) = "status",
        /// Whether it is only a trial.
        experimental: primitive(bool) = "experimental",
        /// When it last changed.
        date: primitive(DateTime) = "date",
        /// Who publishes it.
        publisher: primitive(String) = "publisher",
        /// How to reach the publisher.
        contact: many(ContactDetail) = "contact",
        /// What it is, in words.
        description: primitive(String) = "description",
        /// The context that it is for.
        use_context: many(UsageContext) = "useContext",
        /// The countries that it is for.
        jurisdiction: many(CodeableConcept) = "jurisdiction",
        /// Why it is there.
        purpose: primitive(String) = "purpose",
        /// Who may use it how.
        copyright: primitive(String) = "copyright",
        /// `instance`, `capability` or `requirements`.
        kind: primitive(String) = "kind",
        /// Statements that this one fulfils.
        instantiates: primitives(String) = "instantiates",
        /// Statements that this one adds to.
        imports: primitives(String) = "imports",
        /// The software.
        software: one(CapabilityStatementSoftware) = "software",
        /// The installation.
        implementation: one(CapabilityStatementImplementation) = "implementation",
        /// The version of FHIR.
        fhir_version: primitive(String) = "fhirVersion",
        /// Formats: `json`, `xml` or media types.
        format: primitives(String) = "format",
        /// Formats of patches.
        patch_format: primitives(String) = "patchFormat",
        /// Implementation guides that are followed.
        implementation_guide: primitives(String) = "implementationGuide",
        /// What can be done over HTTP.
        rest: many(CapabilityStatementRest) = "rest",
        /// What can be done by messages.
        messaging: many(CapabilityStatementMessaging) = "messaging",
        /// What can be done with documents.
        document: many(CapabilityStatementDocument) = "document",
    }
}

backbone! {
    /// The software that a statement is about.
    CapabilityStatementSoftware {
        /// Its name.
        name: primitive(String) = "name",
        /// Its version.
        version: primitive(String) = "version",
        /// When that version came out.
        release_date: primitive(DateTime) = "releaseDate",
    }
}

backbone! {
    /// The installation that a statement is about.
    CapabilityStatementImplementation {
        /// What it is.
        description: primitive(String) = "description",
        /// The base URL.
        url: primitive(String) = "url",
        /// Who runs it.
        custodian: one(Reference) = "custodian",
    }
}

backbone! {
    /// What can be done over HTTP.
    CapabilityStatementRest {
        /// `client` or `server`.
        mode: primitive(String) = "mode",
        /// More about it, in words.
        documentation: primitive(String) = "documentation",
        /// How it is protected.
        security: one(CapabilityStatementRestSecurity) = "security",
        /// What can be done with which type.
        resource: many(CapabilityStatementRestResource) = "resource",
        /// What can be done with the whole system.
        interaction: many(CapabilityStatementRestInteraction) = "interaction",
        /// Search parameters for all types.
        search_param: many(CapabilityStatementRestResourceSearchParam) = "searchParam",
        /// Operations on the whole system.
        operation: many(CapabilityStatementRestResourceOperation) = "operation",
        /// Compartments that can be searched.
        compartment: primitives(String) = "compartment",
    }
}

backbone! {
    /// How an interface is protected.
    CapabilityStatementRestSecurity {
        /// Whether web pages of other origins may ask.
        cors: primitive(bool) = "cors",
        /// OAuth, SMART-on-FHIR and so on.
        service: many(CodeableConcept) = "service",
        /// More about it, in words.
        description: primitive(String) = "description",
    }
}

backbone! {
    /// What can be done with a type of resource.
    CapabilityStatementRestResource {
        /// The type.
        type_: primitive(String) = "type",
        /// The profile that all of them follow.
        profile: primitive(String) = "profile",
        /// Profiles that some of them follow.
        supported_profile: primitives(String) = "supportedProfile",
        /// More about it, in words.
        documentation: primitive(String) = "documentation",
        /// What can be done.
        interaction: many(CapabilityStatementRestResourceInteraction) = "interaction",
        /// `no-version`, `versioned` or `versioned-update`.
        versioning: primitive(String) = "versioning",
        /// Whether old versions can be read.
        read_history: primitive(bool) = "readHistory",
        /// Whether an update can create.
        update_create: primitive(bool) = "updateCreate",
        /// Whether a create can be conditional.
        conditional_create: primitive(bool) = "conditionalCreate",
        /// `not-supported`, `modified-since`, `not-match` or `full-support`.
        conditional_read: primitive(String) = "conditionalRead",
        /// Whether an update can be conditional.
        conditional_update: primitive(bool) = "conditionalUpdate",
        /// `not-supported`, `single` or `multiple`.
        conditional_delete: primitive(String) = "conditionalDelete",
        /// `literal`, `logical`, `resolves`, `enforced` or `local`.
        reference_policy: primitives(String) = "referencePolicy",
        /// Values that `_include` can have.
        search_include: primitives(String) = "searchInclude",
        /// Values that `_revinclude` can have.
        search_rev_include: primitives(String) = "searchRevInclude",
        /// Search parameters.
        search_param: many(CapabilityStatementRestResourceSearchParam) = "searchParam",
        /// Operations.
        operation: many(CapabilityStatementRestResourceOperation) = "operation",
    }
}

backbone! {
    /// Something that can be done with a type.
    CapabilityStatementRestResourceInteraction {
        /// `read`, `vread`, `update`, `patch`, `delete`, `history-instance`, `history-type`, `create` or `search-type`.
        code: primitive(String) = "code",
        /// More about it, in words.
        documentation: primitive(String) = "documentation",
    }
}

backbone! {
    /// A search parameter.
    CapabilityStatementRestResourceSearchParam {
        /// Its name in a URL.
        name: primitive(String) = "name",
        /// Its definition's URL.
        definition: primitive(String) = "definition",
        /// `number`, `date`, `string`, `token`, `reference`, `composite`, `quantity`, `uri` or `special`.
        type_: primitive(String) = "type",
        /// More about it, in words.
        documentation: primitive(String) = "documentation",
    }
}

backbone! {
    /// An operation.
    CapabilityStatementRestResourceOperation {
        /// Its name in a URL, without the `$`.
        name: primitive(String) = "name",
        /// Its definition's URL.
        definition: primitive(String) = "definition",
        /// More about it, in words.
        documentation: primitive(String) = "documentation",
    }
}

backbone! {
    /// Something that can be done with the whole system.
    CapabilityStatementRestInteraction {
        /// `transaction`, `batch`, `search-system` or `history-system`.
        code: primitive(String) = "code",
        /// More about it, in words.
        documentation: primitive(String) = "documentation",
    }
}

backbone! {
    /// What can be done by messages.
    CapabilityStatementMessaging {
        /// Where messages go.
        endpoint: many(CapabilityStatementMessagingEndpoint) = "endpoint",
        /// Minutes for which answers are kept.
        reliable_cache: primitive(u32) = "reliableCache",
        /// More about it, in words.
        documentation: primitive(String) = "documentation",
        /// Messages that are understood or sent.
        supported_message: many(CapabilityStatementMessagingSupportedMessage) = "supportedMessage",
    }
}

backbone! {
    /// Where messages go.
    CapabilityStatementMessagingEndpoint {
        /// How they are carried.
        protocol: one(Coding) = "protocol",
        /// The address.
        address: primitive(String) = "address",
    }
}

backbone! {
    /// A message that is understood or sent.
    CapabilityStatementMessagingSupportedMessage {
        /// `sender` or `receiver`.
        mode: primitive(String) = "mode",
        /// Its definition's URL.
        definition: primitive(String) = "definition",
    }
}

backbone! {
    /// What can be done with a kind of document.
    CapabilityStatementDocument {
        /// `producer` or `consumer`.
        mode: primitive(String) = "mode",
        /// More about it, in words.
        documentation: primitive(String) = "documentation",
        /// The profile of the documents.
        profile: primitive(String) = "profile",
    }
}
