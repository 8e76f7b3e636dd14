//! What an examination of the audit is given and tells.

use crate::audit::chain::Hash;
use std::fmt;
use std::str::FromStr;

/// The last row of a chain: kept elsewhere, it shows later whether the chain was written anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditHead {
    /// The chain.
    pub chain: i64,
    /// The number of the row within it.
    pub number: i64,
    /// The row's hash, a SHA-256.
    pub hash: [u8; 32],
}

impl fmt::Display for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:", self.chain, self.number)?;
        self.hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for AuditHead {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str =
            "not a head as rushlight audit head prints it: CHAIN:NUMBER:64 hexadecimal digits";
        let mut parts = text.splitn(3, ':');
        let mut next = || parts.next().ok_or(WRONG);
        let (chain, number, hex) = (next()?, next()?, next()?);
        let byte = |at: usize| hex.get(at * 2..at * 2 + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let bytes: Option<Vec<u8>> = (0..32).map(byte).collect();
        match (chain.parse(), number.parse(), bytes.map(Hash::try_from)) {
            (Ok(chain), Ok(number), Some(Ok(hash))) if hex.len() == 64 => Ok(Self { chain, number, hash }),
            _ => Err(WRONG),
        }
    }
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditFault {
    /// A row, or its place, is not what its hash says.
    Changed {
        /// The chain.
        chain: i64,
        /// The row.
        number: i64,
    },
    /// The versions that a row vouches for are not what they were.
    Versions {
        /// The chain.
        chain: i64,
        /// The row.
        number: i64,
        /// The first of them.
        first: i64,
        /// The last.
        last: i64,
    },
    /// Rows are missing.
    Removed {
        /// The chain.
        chain: i64,
        /// The first that is missing.
        first: i64,
        /// The last.
        last: i64,
    },
    /// A chain does not end where its head says.
    End {
        /// The chain.
        chain: i64,
        /// The last row by its head.
        head: i64,
        /// The last row that is there.
        last: i64,
    },
    /// Rows of a chain that has no head.
    Headless {
        /// The chain.
        chain: i64,
    },
    /// Versions that no row vouches for.
    Uncovered {
        /// None before this number,
        first: i64,
        /// none after this one.
        last: i64,
        /// How many.
        versions: i64,
    },
    /// A row vouches for versions for which another does.
    Overlap {
        /// The first of them.
        first: i64,
        /// The last.
        last: i64,
    },
    /// More versions are said to be older than the audit than there are.
    Excused {
        /// The greatest of their numbers.
        excused: i64,
        /// The greatest number of any version.
        upto: i64,
    },
    /// Rows or versions with numbers that are never given out: nothing vouches for them.
    Stray {
        /// The table.
        table: &'static str,
        /// How many.
        rows: i64,
    },
    /// A head that was kept is not in its chain.
    Expected(AuditHead),
}

impl fmt::Display for AuditFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { chain, number } => {
                write!(f, "chain {chain}, row {number}: it was changed or stands in another's place")
            }
            Self::Versions { chain, number, first, last } => write!(
                f,
                "chain {chain}, row {number}: the versions that it wrote, with the numbers {first} to {last}, were \
                 changed, removed or added to"
            ),
            Self::Removed { chain, first, last } => {
                write!(f, "chain {chain}, rows {first} to {last}: they were removed")
            }
            Self::End { chain, head, last } => {
                write!(f, "chain {chain}: it ends with row {last}, but its head says {head}")
            }
            Self::Headless { chain } => write!(f, "chain {chain}: its head was removed"),
            Self::Uncovered { first, last, versions } => {
                write!(f, "{versions} versions with numbers from {first} to {last} were written by no row")
            }
            Self::Overlap { first, last } => {
                write!(f, "the versions {first} to {last} were written by more than one row")
            }
            Self::Excused { excused, upto } => write!(
                f,
                "the audit is said to begin after the version {excused}, but there is none after {upto}"
            ),
            Self::Stray { table, rows } => {
                write!(f, "{rows} rows of the table {table} have numbers that are never given out")
            }
            Self::Expected(head) => write!(f, "the head {head} is not in its chain"),
        }
    }
}

/// What an examination tells while it goes on.
#[derive(Clone, Debug)]
pub enum AuditWatch {
    /// So many further rows were looked at.
    Rows(u64),
    /// Something is wrong.
    Fault(AuditFault),
}

/// How much was examined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuditTally {
    /// Chains.
    pub chains: u64,
    /// Rows.
    pub rows: u64,
    /// Versions that rows vouch for.
    pub versions: u64,
    /// Versions up to this number are older than the audit; nothing vouches for them.
    pub excused: i64,
    /// Faults.
    pub faults: u64,
}
