//! Compressed bodies: `Accept-Encoding` and `Content-Encoding`, RFC 9110, sections 8.4 and 12.5.3.

use super::list::{Word, split};
use crate::context::one_header;
use crate::error::Error;
use actix_web::http::header::{ACCEPT_ENCODING, HeaderMap};
use flate2::Compression;
use std::io::{self, Read, Write};

/// A way to compress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// RFC 8878.
    Zstd,
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
    /// RFC 1950. Read only.
    Deflate,
}

impl Coding {
    /// Those that are written. What takes least time goes first, where a client wants several equally.
    pub const WRITTEN: [Self; 3] = [Self::Zstd, Self::Gzip, Self::Brotli];

    /// Those that are read, as `Accept-Encoding` lists them.
    pub const READ: &'static str = "gzip, deflate, br, zstd";

    /// Its name in headers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Deflate => "deflate",
        }
    }

    fn named(name: &str) -> Option<Self> {
        let all = [Self::Zstd, Self::Gzip, Self::Brotli, Self::Deflate];
        let name = if name.eq_ignore_ascii_case("x-gzip") { "gzip" } else { name };
        all.into_iter().find(|coding| coding.name().eq_ignore_ascii_case(name))
    }

    /// The coding of a request's body, if it has one.
    ///
    /// # Errors
    /// 415 for another, or for several one upon the other.
    pub fn of_body(headers: &HeaderMap) -> Result<Option<Self>, Error> {
        let mut found = None;
        for name in split(one_header(headers, "Content-Encoding")?.unwrap_or_default(), ',') {
            let identity = name.eq_ignore_ascii_case("identity");
            match Self::named(name) {
                Some(coding) if found.is_none() => found = Some(coding),
                None if identity => {}
                _ => return Err(Error::UnsupportedEncoding),
            }
        }
        Ok(found)
    }

    /// Compresses.
    pub fn pack(self, body: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Zstd => zstd::bulk::compress(body, 1),
            Self::Gzip => {
                let mut writer = flate2::write::GzEncoder::new(Vec::new(), Compression::fast());
                writer.write_all(body)?;
                writer.finish()
            }
            Self::Deflate => {
                let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), Compression::fast());
                writer.write_all(body)?;
                writer.finish()
            }
            Self::Brotli => {
                let mut writer = brotli::CompressorWriter::new(Vec::new(), 4096, 4, 20);
                writer.write_all(body)?;
                Ok(writer.into_inner())
            }
        }
    }

    /// Unpacks a whole body, which may have at most so many bytes then.
    ///
    /// # Errors
    /// What is not so compressed, or is not whole. `Ok(None)` where there is more.
    pub fn unpack(self, body: &[u8], most: usize) -> io::Result<Option<Vec<u8>>> {
        // RFC 9659 bounds the memory that a zstd frame may ask for: 2^23 bytes.
        let reader: Box<dyn Read + '_> = match self {
            Self::Gzip => Box::new(flate2::read::MultiGzDecoder::new(body)),
            Self::Deflate => Box::new(flate2::read::ZlibDecoder::new(body)),
            Self::Brotli => Box::new(brotli::Decompressor::new(body, 4096)),
            Self::Zstd => {
                let mut reader = zstd::stream::read::Decoder::with_buffer(body)?;
                reader.window_log_max(23)?;
                Box::new(reader)
            }
        };
        let mut out = Vec::with_capacity(body.len().saturating_mul(4).min(most));
        let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
        reader.take(limit).read_to_end(&mut out)?;
        Ok((out.len() <= most).then_some(out))
    }
}

/// What a client takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The coding that it wants most, if it wants one more than none.
    pub coding: Option<Coding>,
    /// Whether it takes a body as it is.
    pub plain: bool,
}

impl Wanted {
    /// Reads `Accept-Encoding`. What can't be read counts as not wanted: a body as it is suits everybody.
    pub fn of(headers: &HeaderMap) -> Self {
        let words = || {
            let texts = headers.get_all(ACCEPT_ENCODING).filter_map(|value| value.to_str().ok());
            texts.flat_map(|text| split(text, ',')).map(Word::new)
        };
        let weight = |fits: &dyn Fn(&str) -> bool| {
            words().find(|word| fits(word.word)).map(|word| word.quality().unwrap_or(0))
        };
        let rest = weight(&|name| name == "*");
        let of = |coding: Coding| weight(&|name| Coding::named(name) == Some(coding)).or(rest).unwrap_or(0);
        let named = weight(&|name| name.eq_ignore_ascii_case("identity"));
        let plain = named.or(rest.filter(|weight| *weight == 0));
        let mut best = (None, named.unwrap_or(0));
        for coding in Coding::WRITTEN {
            let weight = of(coding);
            if weight > 0 && (weight > best.1 || (best.0.is_none() && weight == best.1)) {
                best = (Some(coding), weight);
            }
        }
        Self { coding: best.0, plain: plain != Some(0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn what_is_wanted_most_and_costs_least() {
        use Coding::{Brotli, Gzip, Zstd};
        for (text, coding, plain) in [
            ("", None, true),
            ("gzip", Some(Gzip), true),
            ("x-gzip", Some(Gzip), true),
            ("gzip, deflate, br", Some(Gzip), true),
            ("gzip, deflate, br, zstd", Some(Zstd), true),
            ("br;q=1.0, gzip;q=0.8, *;q=0.1", Some(Brotli), true),
            ("gzip;q=0", None, true),
            ("gzip;q=0, *", Some(Zstd), true),
            ("*", Some(Zstd), true),
            ("*;q=0", None, false),
            ("identity;q=0, br;q=0.1", Some(Brotli), false),
            ("identity, gzip;q=0.5", None, true),
            ("identity;q=0.5, gzip", Some(Gzip), true),
            ("gzip, *;q=0", Some(Gzip), false),
            ("deflate", None, true),
            ("gzip;q=x", None, true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_str(text).unwrap());
            assert_eq!(Wanted::of(&headers), Wanted { coding, plain }, "{text}");
        }
    }

    #[test]
    fn what_is_packed_is_unpacked_within_bounds_or_not_at_all() {
        let body = b"{\"resourceType\":\"Patient\"} ".repeat(10_000);
        for coding in [Coding::Zstd, Coding::Gzip, Coding::Brotli, Coding::Deflate] {
            let packed = coding.pack(&body).unwrap();
            assert!(packed.len() * 20 < body.len(), "{coding:?}");
            assert_eq!(coding.unpack(&packed, body.len()).unwrap().as_ref(), Some(&body), "{coding:?}");
            assert_eq!(coding.unpack(&packed, body.len() - 1).unwrap(), None, "{coding:?}");
            for cut in 0..packed.len() {
                assert!(coding.unpack(&packed[..cut], body.len()).is_err(), "{coding:?} cut at {cut}");
            }
            assert!(coding.unpack(&body, body.len()).is_err(), "{coding:?}");
        }
    }
}
