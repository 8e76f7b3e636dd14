//! How children grow: the middle of the ordinary, by age in years from 0 to 18.

/// Length or height in millimetres: girls, boys.
pub(crate) static HEIGHT: [[i64; 19]; 2] = [
    [
        495, 745, 862, 952, 1025, 1090, 1150, 1210, 1272, 1332, 1385, 1442, 1512, 1572, 1602, 1618, 1624,
        1628, 1630,
    ],
    [
        500, 760, 878, 962, 1035, 1100, 1160, 1220, 1278, 1335, 1388, 1435, 1492, 1562, 1640, 1700, 1735,
        1752, 1760,
    ],
];

/// Body mass index in tenths.
pub(crate) static BODY_MASS_INDEX: [i64; 19] =
    [135, 168, 164, 158, 154, 153, 153, 155, 158, 162, 166, 172, 178, 185, 191, 198, 204, 209, 213];
