//! A blocking client that takes every status as an answer.

use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use ureq::tls::TlsConfig;

/// A client of one server.
#[derive(Clone)]
pub struct Client {
    http: ureq::Agent,
    /// The server's base URL.
    pub base: String,
}

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub text: String,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Fails unless the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The `versionId` in the entity tag.
    pub fn version(&self) -> i64 {
        self.header("etag").trim_start_matches("W/\"").trim_end_matches('"').parse().unwrap()
    }
}

impl Client {
    /// With the certificates that it trusts and shows.
    pub fn new(base: &str, tls: TlsConfig) -> Self {
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(120)))
            .max_idle_connections(64)
            .max_idle_connections_per_host(64)
            .build();
        Self { http: config.into(), base: base.to_owned() }
    }

    /// One request, in FHIR JSON where the headers say nothing else; an error where no answer came.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, String> {
        let has = |name: &str| headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        let mut all = headers.to_vec();
        if !body.is_empty() && !has("content-type") {
            all.push(("Content-Type", "application/fhir+json"));
        }
        self.send_as_is(method, path, &all, body)
    }

    /// One request with these headers; an error where no answer came.
    pub fn send_as_is(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, String> {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.to_vec()).map_err(|error| error.to_string())?;
        let mut response = self.http.run(request).map_err(|error| error.to_string())?;
        let mut headers = BTreeMap::<String, String>::new();
        for (name, value) in response.headers() {
            let value = String::from_utf8_lossy(value.as_bytes());
            // A header that is there again continues the first.
            let all = headers.entry(name.as_str().to_owned()).or_default();
            all.push_str(if all.is_empty() { "" } else { ", " });
            all.push_str(&value);
        }
        let status = response.status().as_u16();
        let bytes = response
            .body_mut()
            .with_config()
            .limit(1 << 30)
            .read_to_vec()
            .map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Answer { status, headers, text, bytes })
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"").unwrap()
    }

    #[track_caller]
    pub fn post(&self, path: &str, body: &str) -> Answer {
        self.send("POST", path, &[], body.as_bytes()).unwrap()
    }

    #[track_caller]
    pub fn put(&self, path: &str, body: &str) -> Answer {
        self.send("PUT", path, &[], body.as_bytes()).unwrap()
    }

    #[track_caller]
    pub fn put_if(&self, path: &str, version: i64, body: &str) -> Answer {
        self.send("PUT", path, &[("If-Match", &format!("W/\"{version}\""))], body.as_bytes()).unwrap()
    }

    #[track_caller]
    pub fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], b"").unwrap()
    }

    /// Follows `next` to the end: all entries, in order.
    pub fn pages(&self, path: &str) -> Vec<Value> {
        let mut entries = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(path) = next {
            let bundle = self.get(&path).expect(200).json();
            entries.extend(bundle["entry"].as_array().into_iter().flatten().cloned());
            next = link(&bundle, "next");
        }
        entries
    }
}

/// A link of a Bundle.
pub fn link(bundle: &Value, relation: &str) -> Option<String> {
    let links = bundle["link"].as_array()?;
    links.iter().find(|link| link["relation"] == relation)?["url"].as_str().map(str::to_owned)
}
