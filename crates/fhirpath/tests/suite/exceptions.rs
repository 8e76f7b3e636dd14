//! Cases that speak against the specification.

/// Cases that don't pass, and why.
pub const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "testPlusDate19",
        "expects that 0.1 's' added to milliseconds changes nothing. N1, Date/Time Arithmetic, + (addition): only \
         for precisions above seconds is the decimal portion ignored; seconds and milliseconds are one precision",
    ),
    (
        "HighBoundaryDateTimeMillisecond1",
        "expects 08:00:59.999 as the last moment of T08. FHIRPath, highBoundary: the greatest possible value of the \
         input to the precision; an hour that has no minutes may be 08:59",
    ),
    ("HighBoundaryDateTimeMillisecond3", "the same expression as HighBoundaryDateTimeMillisecond1"),
];
