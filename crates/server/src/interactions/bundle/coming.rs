//! Versions that a transaction is about to write, where its own references name them.
//!
//! A PUT's version is one more than the current one. So that is read first, and the PUT is made to depend on it:
//! where another writer comes between, the transaction is planned anew.

use crate::checks::Planned;
use crate::context::Context;
use crate::error::Error;
use openssl::sha::sha256;
use rushlight_model::bundle::{Condition, PlannedEntry, PlannedOp};
use rushlight_model::{Id, ResourceType};
use rushlight_persistence::{Read, Refusal};
use std::cell::RefCell;
use std::collections::HashMap;

type Key = (ResourceType, Id);

/// What is known of them.
#[derive(Debug, Default)]
pub struct Coming {
    known: HashMap<Key, Known>,
    asked: RefCell<Vec<Key>>,
}

#[derive(Debug)]
struct Known {
    /// The current version and the digest of its body; `None` where there is no resource.
    current: Option<(i64, [u8; 32])>,
    /// The version that the PUT will leave current.
    coming: i64,
}

impl Coming {
    /// The version that a PUT of this resource will leave current; noted as asked for where it is not known.
    pub fn version(&self, ty: ResourceType, id: &Id) -> Option<i64> {
        let key = (ty, id.clone());
        let known = self.known.get(&key).map(|known| known.coming);
        if known.is_none() {
            self.asked.borrow_mut().push(key);
        }
        known
    }

    /// Looks up what was asked for, and corrects what turned out otherwise; whether to plan again.
    pub async fn learn(&mut self, context: &Context, planned: Option<&Planned>) -> Result<bool, Error> {
        let asked = std::mem::take(self.asked.get_mut());
        for (ty, id) in &asked {
            if self.known.contains_key(&(*ty, id.clone())) {
                continue;
            }
            let wanted = id.clone();
            let ty = *ty;
            let current = match context.read(move |store, access| store.read(access, ty, &wanted)).await? {
                Read::Found(version) => Some((version.version, sha256(version.body.as_bytes()))),
                Read::Missing => None,
                Read::Gone { .. } => {
                    return Err(Error::NotSupported {
                        what: "a reference to the next version of a deleted resource",
                    });
                }
            };
            let coming = current.as_ref().map_or(1, |(version, _)| version + 1);
            self.known.insert((ty, id.clone()), Known { current, coming });
        }
        let unchanged = match planned {
            Some(Planned::Transaction(entries)) => self.correct(entries),
            _ => false,
        };
        Ok(!asked.is_empty() || unchanged)
    }

    /// A PUT that changes nothing leaves the current version; whether there was one that was not known.
    fn correct(&mut self, entries: &[PlannedEntry]) -> bool {
        let mut corrected = false;
        for entry in entries {
            let PlannedOp::Put { ty, id, body, .. } = &entry.op else { continue };
            let Some(known) = self.known.get_mut(&(*ty, id.clone())) else { continue };
            if let Some((version, digest)) = &known.current
                && known.coming != *version
                && *digest == sha256(body.text().as_bytes())
            {
                known.coming = *version;
                corrected = true;
            }
        }
        corrected
    }

    /// Makes the PUTs depend on what was read of them.
    pub fn bind(&self, entries: &mut [PlannedEntry]) {
        for entry in entries {
            let PlannedOp::Put { ty, id, condition: condition @ Condition::None, .. } = &mut entry.op else {
                continue;
            };
            if let Some(known) = self.known.get(&(*ty, id.clone())) {
                *condition = known
                    .current
                    .as_ref()
                    .map_or(Condition::Absent, |(version, _)| Condition::Version(*version));
            }
        }
    }

    /// Whether a refusal may be due to [`Self::bind`], so that planning anew helps.
    pub fn explains(&self, why: &Refusal) -> bool {
        match why {
            Refusal::VersionMismatch { ty, id, .. } | Refusal::Exists { ty, id, .. } => {
                self.known.contains_key(&(*ty, id.clone()))
            }
            _ => false,
        }
    }
}
