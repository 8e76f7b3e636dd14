//! Parameters: <https://hl7.org/fhir/R4/parameters.html>.

use super::elements::*;
use super::resource::Resource;
use super::table::*;

resource! {
    /// What goes into an operation, and what comes out.
    ///
    /// ```
    /// use rushlight_model::typed::{AnyValue, Coding, Parameters, ParametersParameter};
    ///
    /// let asked = Parameters::new()
    ///     .parameter(ParametersParameter::new().name("url").value(AnyValue::Uri("http://example.org/vs".into())))
    ///     .parameter(ParametersParameter::new().name("coding").value(Coding::new().code("a")))
    ///     .parameter(ParametersParameter::new().name("abstract").value(false));
    /// assert!(asked.to_json().contains(r#"{"name":"url","valueUri":"http://example.org/vs"}"#));
    ///
    /// let answer = Parameters::from_json(
    ///     br#"{"resourceType": "Parameters", "parameter": [{"name": "result", "valueBoolean": true}]}"#,
    /// )?;
    /// let result = answer.parameter.iter().find(|parameter| parameter.name.as_str() == Some("result"));
    /// assert_eq!(result.and_then(|result| result.value.clone()), Some(AnyValue::from(true)));
    /// # Ok::<(), rushlight_model::typed::ReadError>(())
    /// ```
    Parameters {
        /// The parameters.
        parameter: many(ParametersParameter) = "parameter",
    }
}

backbone! {
    /// A parameter of [`Parameters`], or a part of one.
    ///
    /// A value of a type that [`AnyValue`] does not have is in `other_members`, under its JSON name.
    ParametersParameter {
        /// Which parameter it is.
        name: primitive(String) = "name",
        /// Its value, if that is a datatype.
        value: choice(AnyValue) = "value",
        /// Its value, if that is a resource.
        resource: one(Resource) = "resource",
        /// What it consists of, otherwise.
        part: many(ParametersParameter) = "part",
    }
}
